"""Keep of every gap the mean and the longest walk of its people; its missing minutes are those of the mean."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (
    ("mean_walk_m", sa.Double(), "Mean walk of its households [m]; NULL: none has a path, or an earlier version's run"),
    ("farthest_walk_m", sa.Double(), "Longest walk of its buildings [m]; NULL as above"),
    ("households_no_path", sa.Integer(), "Households without any path [count]; NULL: an earlier version's run"),
)
NAMED = "Community with most people in it; NULL: none"
NAMED_BEFORE = "Community of its largest building; NULL: none"
MISSING = "Minutes its mean walk is too long, in earlier versions its shortest; NULL: no path"
MISSING_BEFORE = "Minutes its shortest walk is too long; NULL: no path"


def upgrade() -> None:
    for name, kind, comment in COLUMNS:
        op.add_column("gap", sa.Column(name, kind, comment=comment))
    op.create_check_constraint(op.f("ck_gap_households_no_path_not_negative"), "gap", "households_no_path >= 0")
    op.alter_column("gap", "community_code", comment=NAMED)
    op.alter_column("gap", "missing_min", comment=MISSING)


def downgrade() -> None:
    op.alter_column("gap", "missing_min", comment=MISSING_BEFORE)
    op.alter_column("gap", "community_code", comment=NAMED_BEFORE)
    for name, _, _ in COLUMNS:
        op.drop_column("gap", name)
