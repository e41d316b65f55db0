"""Keep of every street where it comes from, what carries it, its crossings and its slopes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECKS = {
    "crossings_not_negative": "crossings >= 0 AND signals >= 0",
    "slope_positive": "slope_to_u > 0 AND slope_to_v > 0",
    "origin_known": "origin IN ('streets', 'square', 'drawn')",
    "structure_known": "structure IN ('bridge', 'tunnel', 'covered', 'indoor')",
}


def upgrade() -> None:
    for column in _columns():
        op.add_column("network_edge", column)
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_network_edge_{name}"), "network_edge", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_network_edge_{name}"), "network_edge", type_="check")
    for column in _columns():
        op.drop_column("network_edge", column.name)


def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column(
            "origin",
            sa.Text(),
            server_default="streets",
            nullable=False,
            comment="streets (the file), square (straight across one) or drawn (by a planner)",
        ),
        sa.Column(
            "structure", sa.Text(), comment="bridge, tunnel, covered or indoor; NULL: under the open sky, or unknown"
        ),
        sa.Column(
            "crossings",
            sa.Double(),
            server_default="0",
            nullable=False,
            comment="Crossings without signals along it; those at its ends count half",
        ),
        sa.Column(
            "signals",
            sa.Double(),
            server_default="0",
            nullable=False,
            comment="Crossings with signals along it; those at its ends count half",
        ),
        sa.Column(
            "slope_to_u",
            sa.Double(),
            comment="Time of walking it towards u over that on level ground, by its slopes (Tobler); NULL: unknown",
        ),
        sa.Column("slope_to_v", sa.Double(), comment="The same towards v; NULL: unknown"),
    )
