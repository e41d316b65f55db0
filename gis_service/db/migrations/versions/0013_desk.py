"""Drafts of plans, the journal of what was done to them, and the days on which approved plans are in force."""

import importlib

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

GUARD = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$
"""

# Of each community the plan in force today, or else the newest proposal, or else what was or will be in force.
SHOWN = """
CREATE VIEW plan_shown AS
SELECT DISTINCT ON (plan.region_id) plan.*
FROM plan
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
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number people know it by"),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Community"),
        sa.Column("title", sa.Text(), nullable=False, comment="What it is called"),
        sa.Column(
            "state",
            sa.Text(),
            server_default="draft",
            nullable=False,
            comment="draft, submitted, approved or withdrawn",
        ),
        sa.Column("rules", JSONB(), nullable=False, comment="Rules it is judged by"),
        sa.Column(
            "base",
            JSONB(),
            nullable=False,
            comment="What it began with: origin, and labels, grids and next key over units of this community",
        ),
        sa.Column("now", JSONB(), nullable=False, comment="Labels, grids and next key after the steps done"),
        sa.Column(
            "done",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="Journal entries of the steps done, in their order",
        ),
        sa.Column(
            "undone",
            sa.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="Journal entries of steps that can be done again, the next one last",
        ),
        sa.Column(
            "revision",
            sa.Integer(),
            nullable=False,
            comment="Counted up by everything done; a write names the one it saw",
        ),
        sa.Column("plan_id", sa.BigInteger(), comment="The plan it became; NULL: not approved"),
        sa.Column("account_id", sa.BigInteger(), comment="Whose it is; NULL: a program's"),
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False, comment="When it was begun"),
        sa.Column(
            "changed_at", moment, server_default=sa.func.now(), nullable=False, comment="When something was last done"
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'withdrawn')", name=op.f("ck_draft_state_known")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_draft_revision_not_negative")),
        sa.CheckConstraint("(state = 'approved') = (plan_id IS NOT NULL)", name=op.f("ck_draft_plan_iff_approved")),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_draft_region_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_draft_plan_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_draft_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        comment="Plans in the making; each is its base and the steps done to it",
    )
    for column in ("region_id", "plan_id", "account_id"):
        op.create_index(f"ix_draft_{column}", "draft", [column])
    op.create_table(
        "journal",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("draft", sa.BigInteger(), nullable=False, comment="Number of the draft, which may be gone"),
        sa.Column("city", sa.Text(), nullable=False, comment="Name of the city"),
        sa.Column("community", sa.Text(), nullable=False, comment="Code of the community"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="Revision of the draft after it"),
        sa.Column(
            "action", sa.Text(), nullable=False, comment="begin, do, undo, redo, submit, return, approve or withdraw"
        ),
        sa.Column("record", JSONB(), nullable=False, comment="The operation, or what was decided"),
        sa.Column("back", JSONB(), nullable=False, comment="What takes the operation back: the state before it"),
        sa.Column("digest", sa.Text(), nullable=False, comment="SHA-256 of labels and grids after it"),
        sa.Column("who", sa.Text(), nullable=False, comment="Login and post of who did it, as they were then"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why, possibly empty"),
        sa.Column("at", moment, server_default=sa.func.clock_timestamp(), nullable=False, comment="When"),
        sa.Column("effective", sa.Date(), comment="First day an approved plan is in force; NULL: not approved"),
        sa.CheckConstraint(
            "action IN ('begin', 'do', 'undo', 'redo', 'submit', 'return', 'approve', 'withdraw')",
            name=op.f("ck_journal_action_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("draft", "revision", name=op.f("uq_journal_draft_revision")),
        comment="Everything done to drafts; rows are added, never changed, and outlive what they tell of",
    )
    op.create_index("ix_journal_city_community", "journal", ["city", "community"])
    op.execute(GUARD)
    op.execute(
        "CREATE TRIGGER journal_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.add_column("plan", sa.Column("effective_from", sa.Date(), comment="First day in force; NULL: never approved"))
    op.add_column("plan", sa.Column("effective_to", sa.Date(), comment="First day no longer in force; NULL: none set"))
    op.create_check_constraint(op.f("ck_plan_days"), "plan", "effective_to IS NULL OR effective_from < effective_to")
    op.execute(
        "ALTER TABLE plan ADD CONSTRAINT ex_plan_in_force EXCLUDE USING gist "
        "(region_id WITH =, daterange(effective_from, effective_to) WITH &&) WHERE (effective_from IS NOT NULL)"
    )
    op.execute(SHOWN)
    _show_plans_of("SELECT shown.* FROM public.plan_shown AS shown")


def _show_plans_of(chosen: str | None) -> None:
    """Let readers of schema api see the plans that ``chosen`` selects; None: as they did before."""
    before = importlib.import_module("gis_service.db.migrations.versions.0002_api_views")
    for view in ("grid", "building"):
        query = before.VIEWS[view][1]
        op.execute(
            f"CREATE OR REPLACE VIEW api.{view} AS {query if chosen is None else query.replace(before.NEWEST_PLAN, chosen)}"
        )


def downgrade() -> None:
    _show_plans_of(None)
    op.execute("DROP VIEW plan_shown")
    op.execute("ALTER TABLE plan DROP CONSTRAINT ex_plan_in_force")
    op.drop_constraint(op.f("ck_plan_days"), "plan")
    op.drop_column("plan", "effective_to")
    op.drop_column("plan", "effective_from")
    for table in ("journal", "draft"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
