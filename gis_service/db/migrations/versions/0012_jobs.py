"""Long work that a process of its own does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "job",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="What is to be done"),
        sa.Column("parameters", JSONB(), nullable=False, comment="What it is to be done with"),
        sa.Column("account_id", sa.BigInteger(), comment="Who asked; NULL: a program"),
        sa.Column(
            "state",
            sa.Text(),
            server_default="waiting",
            nullable=False,
            comment="waiting, running, done, failed or cancelled",
        ),
        sa.Column(
            "step",
            JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="What is being done: zh, en, done and total (0: unknown)",
        ),
        sa.Column("result", JSONB(), comment="What came of it; NULL until done"),
        sa.Column("fault", JSONB(), comment="Why it failed: zh and en; NULL: it has not"),
        sa.Column(
            "attempts", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="How often it was begun"
        ),
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False, comment="When it was asked for"),
        sa.Column("begun_at", moment, comment="When it was last begun; NULL: never"),
        sa.Column("ended_at", moment, comment="When it ended; NULL: it has not"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state_known")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_job_attempts_not_negative")),
        sa.CheckConstraint("(state = 'done') = (result IS NOT NULL)", name=op.f("ck_job_result_iff_done")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_job_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        comment="Long work, done by a process of its own and repeated when that process dies",
    )
    op.create_index("ix_job_account_id", "job", ["account_id"])
    op.create_index("ix_job_open", "job", ["id"], postgresql_where=sa.text("state IN ('waiting', 'running')"))


def downgrade() -> None:
    op.drop_table("job")
