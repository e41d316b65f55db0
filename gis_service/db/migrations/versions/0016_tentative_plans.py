"""Plans that were only asked for at the desk, which never stand for their community."""

import importlib

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Names that only the desk gives to what it proposes; no other plan could have one.
OF_DESK = "^proposal-[0-9]+-(lines|compactness|balance)$"
# As before, but for tentative plans: those are shown where somebody asks for them by name, and nowhere else.
SHOWN = """
CREATE OR REPLACE VIEW plan_shown AS
SELECT DISTINCT ON (plan.region_id) plan.*
FROM plan
WHERE NOT plan.tentative
ORDER BY
    plan.region_id,
    CASE
        WHEN plan.effective_from <= CURRENT_DATE AND (plan.effective_to IS NULL OR CURRENT_DATE < plan.effective_to) THEN 0
        WHEN plan.effective_from IS NULL THEN 1
        ELSE 2
    END,
    plan.created_at DESC,
    plan.id DESC
"""


def upgrade() -> None:
    op.add_column(
        "plan",
        sa.Column(
            "tentative",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Only asked for at the desk, to begin drafts with: never what maps and audits show",
        ),
    )
    op.execute(f"UPDATE plan SET tentative = TRUE WHERE effective_from IS NULL AND name ~ '{OF_DESK}'")
    op.create_check_constraint(op.f("ck_plan_decided"), "plan", "NOT tentative OR effective_from IS NULL")
    op.execute(SHOWN)


def downgrade() -> None:
    desk = importlib.import_module("gis_service.db.migrations.versions.0013_desk")
    desk._show_plans_of(None)  # noqa: SLF001 its views stand on the one that has to go
    op.execute("DROP VIEW plan_shown")
    op.drop_constraint(op.f("ck_plan_decided"), "plan")
    op.drop_column("plan", "tentative")
    op.execute(desk.SHOWN)
    desk._show_plans_of("SELECT shown.* FROM public.plan_shown AS shown")  # noqa: SLF001
