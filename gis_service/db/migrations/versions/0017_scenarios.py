"""Scenarios that officials keep, with the figures they had and what these rest on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEPT = ("scenario", "scenario_withdrawal")


def upgrade() -> None:
    op.create_table(
        "scenario",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number people know it by"),
        sa.Column("city", sa.Text(), nullable=False, comment="Name of the city"),
        sa.Column("name", sa.Text(), nullable=False, comment="What people call it"),
        sa.Column(
            "roots",
            sa.ARRAY(sa.Text()),
            nullable=False,
            comment="Codes of the regions whose people were counted; empty: the whole city",
        ),
        sa.Column(
            "content", postgresql.JSONB(), nullable=False, comment="Sites with their costs, and facilities closed"
        ),
        sa.Column(
            "gains", postgresql.JSONB(), nullable=False, comment="What it gained, as it was computed when it was kept"
        ),
        sa.Column("rules", postgresql.JSONB(), nullable=False, comment="Walking parameters in force"),
        sa.Column("reach_run", sa.BigInteger(), comment="Reach run they are those of; NULL: there was none"),
        sa.Column("data_date", sa.Date(), nullable=False, comment="The data describe this day"),
        sa.Column("dataset_hash", sa.Text(), nullable=False, comment="SHA-256 of the data it was computed from"),
        sa.Column("software_version", sa.Text(), nullable=False, comment="Version that computed it"),
        sa.Column("who", sa.Text(), nullable=False, comment="Login and post of who kept it, as they were then"),
        _at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        comment="Scenarios kept to be compared, with their figures; rows are added, never changed",
    )
    op.create_index("ix_scenario_city_id", "scenario", ["city", "id"])
    op.create_table(
        "scenario_withdrawal",
        sa.Column("scenario_id", sa.BigInteger(), nullable=False, autoincrement=False, comment="Scenario"),
        sa.Column("who", sa.Text(), nullable=False, comment="Login and post of who took it off, as they were then"),
        _at(),
        sa.ForeignKeyConstraint(
            ["scenario_id"], ["scenario.id"], name=op.f("fk_scenario_withdrawal_scenario_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("scenario_id", name=op.f("pk_scenario_withdrawal")),
        comment="Scenarios taken off the list; rows are added, never changed",
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("scenario_withdrawal")
    op.drop_table("scenario")


def _at() -> sa.Column[object]:
    return sa.Column(
        "at",
        sa.DateTime(timezone=True),
        server_default=sa.func.clock_timestamp(),
        nullable=False,
        comment="When",
    )
