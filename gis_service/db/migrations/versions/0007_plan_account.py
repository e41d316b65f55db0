"""Keep with every plan what it started from, what it is worth and why its grids are as they are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "plan",
        sa.Column(
            "account",
            postgresql.JSONB(),
            nullable=False,
            server_default=sa.text("'{}'::jsonb"),
            comment="What it started from, households moved, what it is worth by each soft rule, why each grid is so",
        ),
    )


def downgrade() -> None:
    op.drop_column("plan", "account")
