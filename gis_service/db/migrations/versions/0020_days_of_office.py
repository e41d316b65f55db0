"""Plans come into force when the day begins in the office, whatever zone the clock of a session is set to."""

import importlib

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TODAY = "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'Asia/Shanghai' AS date)"


def upgrade() -> None:
    op.execute(_shown().replace("CURRENT_DATE", TODAY))


def downgrade() -> None:
    op.execute(_shown())


def _shown() -> str:
    shown: str = importlib.import_module("gis_service.db.migrations.versions.0016_tentative_plans").SHOWN
    return shown
