"""Keep the time of the way back of every walk; in runs made before slopes could count it is that of the way there."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

COMMENT = "Quickest way back from that facility [s]; NULL: no path"
WALK = "Length on the ground [m] of the quickest walk, both access legs included; NULL: no path"
WALK_BEFORE = "Walk [m] along the network, both access legs included; NULL: no path"


def upgrade() -> None:
    op.add_column("reach_building", sa.Column("walk_back_s", sa.Double(), comment=COMMENT))
    op.execute("UPDATE reach_building SET walk_back_s = walk_s")
    op.create_check_constraint(op.f("ck_reach_building_walk_back_not_negative"), "reach_building", "walk_back_s >= 0")
    op.alter_column("reach_building", "walk_m", comment=WALK)


def downgrade() -> None:
    op.alter_column("reach_building", "walk_m", comment=WALK_BEFORE)
    op.drop_column("reach_building", "walk_back_s")
