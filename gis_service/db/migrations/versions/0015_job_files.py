"""Files that jobs made, kept for a few days for whoever asked."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_file",
        sa.Column("job_id", sa.BigInteger(), nullable=False, comment="The job that made it"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name under which it is saved"),
        sa.Column("media_type", sa.Text(), nullable=False, comment="What kind of file it is, as browsers are told"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="The file"),
        sa.Column(
            "made_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
            comment="When it was made",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_file_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_file")),
        comment="Files that jobs made, each for who asked for it, for a few days",
    )
    op.create_index("ix_job_file_made_at", "job_file", ["made_at"])


def downgrade() -> None:
    op.drop_table("job_file")
