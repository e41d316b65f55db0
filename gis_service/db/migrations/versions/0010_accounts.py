"""Accounts of staff, their roles in regions, and failed attempts to sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        _key(),
        sa.Column("login", sa.Text(), nullable=False, comment="Name typed to sign in, in small letters"),
        sa.Column("title", sa.Text(), nullable=False, comment="Post or office that people read beside what was done"),
        sa.Column("password_hash", sa.Text(), comment="argon2id; NULL: signs in with the office's own service"),
        sa.Column(
            "subject",
            sa.Text(),
            comment="Issuer and subject of the office's sign-in service; NULL: never signed in with it",
        ),
        sa.Column(
            "active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="False: may no longer sign in",
        ),
        sa.Column(
            "session_number",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Sessions of an earlier number are over: counted up by a new password or block",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When it was made",
        ),
        sa.CheckConstraint("login = lower(login) AND login <> ''", name=op.f("ck_account_login_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sa.UniqueConstraint("subject", name=op.f("uq_account_subject")),
        comment="Staff who may sign in; residents never have one",
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.BigInteger(), nullable=False, comment="Account"),
        sa.Column("role", sa.Text(), nullable=False, comment="planner, reviewer, auditor or administrator"),
        sa.Column("city", sa.Text(), nullable=False, comment="Name of the city; empty: every city"),
        sa.Column(
            "region_code",
            sa.Text(),
            nullable=False,
            comment="Code of the region, which includes what lies in it; empty: the whole city",
        ),
        sa.CheckConstraint(
            "role IN ('planner', 'reviewer', 'auditor', 'administrator')", name=op.f("ck_account_role_role_known")
        ),
        sa.CheckConstraint("city <> '' OR region_code = ''", name=op.f("ck_account_role_region_in_city")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_role_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "role", "city", "region_code", name=op.f("pk_account_role")),
        comment="Roles of accounts, each bound to a region; names and codes, so that a re-import keeps them",
    )
    op.create_table(
        "sign_in_failure",
        _key(),
        sa.Column("login_digest", sa.Text(), nullable=False, comment="SHA-256 of the name that was typed"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="When"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
        comment="Failed attempts to sign in; of the name only a digest, for people type passwords there",
    )
    op.create_index("ix_sign_in_failure_login_digest_at", "sign_in_failure", ["login_digest", "at"])


def downgrade() -> None:
    for table in ("sign_in_failure", "account_role", "account"):
        op.drop_table(table)


def _key() -> sa.Column:
    return sa.Column(
        "id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Surrogate key, never shown to people"
    )
