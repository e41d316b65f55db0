"""Tell siting runs that the map may show from those asked for on a page."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "siting_run",
        sa.Column(
            "on_map",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="False: asked for on a page to be weighed there; the map never shows it",
        ),
    )
    # Jobs noted the runs they made or found; what a program had made before stays on the map.
    op.execute(
        """
        UPDATE siting_run SET on_map = FALSE
        FROM job
        WHERE job.kind = 'site' AND job.result ->> 'run' = CAST(siting_run.id AS text)
            AND siting_run.created_at >= job.created_at
        """
    )


def downgrade() -> None:
    op.drop_column("siting_run", "on_map")
