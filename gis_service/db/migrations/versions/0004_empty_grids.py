"""Tell base grids without households from those that are too small."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WITHOUT = ("normal", "small", "large", "conflict", "special")
BEFORE = "normal, small, large, conflict or special, by the plan's rules"
AFTER = "normal, small, large, conflict, special or empty, by the plan's rules"


def upgrade() -> None:
    _allow(*WITHOUT, "empty")
    op.execute("UPDATE grid SET status = 'empty' WHERE kind = 'base' AND households = 0 AND coalesce(residents, 0) = 0")
    _comment(AFTER)


def downgrade() -> None:
    # Nobody is fewer than any minimum, so without this status such a grid is too small whatever the rules.
    op.execute("UPDATE grid SET status = 'small' WHERE status = 'empty'")
    _allow(*WITHOUT)
    _comment(BEFORE)


def _allow(*statuses: str) -> None:
    listed = ", ".join(f"'{status}'" for status in statuses)
    op.drop_constraint(op.f("ck_grid_status_known"), "grid", type_="check")
    op.create_check_constraint(op.f("ck_grid_status_known"), "grid", f"status IN ({listed})")


def _comment(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    for column in ("grid.status", "api.grid.status"):
        op.execute(f"COMMENT ON COLUMN {column} IS {quoted}")
