"""Refuse private homes that are public, and let nobody sign in as the reader role itself."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

READER = "gis_service_reader"


def upgrade() -> None:
    op.execute("UPDATE facility SET public = false WHERE level = 4 AND public")
    op.create_check_constraint(
        op.f("ck_facility_home_not_public"), "facility", "level IS DISTINCT FROM 4 OR NOT public"
    )
    op.execute("COMMENT ON COLUMN region.valid_to IS 'First day no longer so; NULL: in force on the data date'")
    # A role that can sign in without a password lets anybody in where the server trusts the network; people get roles
    # of their own that are members. The owner of the tables is one, so that it can look through the reader's eyes.
    # Roles belong to the whole server: another database's upgrade may do the same just now, or we may not at all,
    # which `reader_faults` tells.
    op.execute(
        f"""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}' AND rolcanlogin) THEN
                ALTER ROLE {READER} NOLOGIN;
            END IF;
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}')
                AND NOT pg_has_role(current_user, '{READER}', 'MEMBER') THEN
                EXECUTE format('GRANT {READER} TO %I', current_user);
            END IF;
        EXCEPTION
            WHEN insufficient_privilege OR unique_violation OR internal_error THEN NULL;
        END
        $$
        """
    )


def downgrade() -> None:
    # The role stays as it is, and homes that were public by mistake do not become so again.
    op.execute("COMMENT ON COLUMN region.valid_to IS 'First day on which it no longer did; NULL: still does'")
    op.drop_constraint(op.f("ck_facility_home_not_public"), "facility", type_="check")
