"""Plans that the desk makes, proposed or approved: what they are called, and when proposals are forgotten."""

import re
from datetime import UTC, datetime, timedelta
from typing import cast

from gis_service.db import drafts, plans
from gis_service.db.cities import City
from gis_service.db.drafts import DraftRecord
from gis_service.db.engine import Connection
from gis_service.db.plan_history import delete_plans, load_plans_of
from gis_service.db.plans import PlanRecord
from gis_service.errors import Text
from gis_service.plan.priorities import SOFT_RULES, WISHES, Wish

PROPOSAL = re.compile(rf"proposal-(?P<job>\d+)-(?P<wish>{'|'.join(WISHES)})")
"""What proposals are called; no other plan may have such a name."""
APPROVED = re.compile(r"approved-(?P<draft>\d+)")
"""What approved drafts are called as plans."""
KEPT_APART = re.compile(r"draft:(?P<draft>\d{1,18}):(?P<revision>\d{1,9})")
"""Origin of drafts that were begun to keep what was done to another at a revision that was no longer its last."""
KEPT = timedelta(days=30)
"""Proposals are kept this long at least; the same request makes them again."""
OPEN = ("draft", "submitted")
"""States of drafts that may still become plans."""


def proposal_name(job: int, wish: Wish) -> str:
    """Return the name of the plan that a job makes for a wish."""
    return f"proposal-{job}-{wish}"


def approved_name(draft: int) -> str:
    """Return the name of the plan that an approved draft becomes."""
    return f"approved-{draft}"


def kept_apart(draft: int, revision: int) -> str:
    """Return the origin of a draft that keeps apart what was done to another from a revision on."""
    return f"draft:{draft}:{revision}"


def kept_from(origin: str) -> tuple[int, int] | None:
    """Return the draft and its revision that a draft of this origin was kept apart from; None: from none."""
    kept = KEPT_APART.fullmatch(origin)
    return None if kept is None else (int(kept["draft"]), int(kept["revision"]))


def approved_plan(conn: Connection, city: City, draft: DraftRecord) -> PlanRecord:
    """Return the plan that an approved draft became."""
    named = plans.load_plans(conn, city, approved_name(draft.id))
    return next(record for record in named if record.id == draft.plan_id)


def desk_title(name: str) -> Text | None:
    """Return what people call a plan that the desk made, or the draft one was kept apart from; None for others."""
    if proposed := PROPOSAL.fullmatch(name):
        job, first = proposed["job"], SOFT_RULES[cast("Wish", proposed["wish"])]
        return Text(f"自动方案 {job}（先顾{first.zh}）", f"proposal {job} ({first.en} put first)")
    if approved := APPROVED.fullmatch(name):
        return Text(f"批准方案（草案 {approved['draft']}）", f"approved plan (draft {approved['draft']})")
    if kept := kept_from(name):
        number, revision = kept
        return Text(f"草案 {number} 第 {revision} 版", f"draft {number} at revision {revision}")
    return None


def forget_old_proposals(conn: Connection, city: City, community: str) -> list[str]:
    """Delete the proposals of a community that nobody works from any more, and return their names.

    Those are older than `KEPT`, and no open draft began with them. Drafts hold what they began with themselves, so that
    none of them loses anything.

    Parameters
    ----------
    conn, city, community
        Transaction, city and code of the community.
    """
    begun = {draft.base["origin"] for draft in drafts.load_drafts(conn, city, community) if draft.state in OPEN}
    before = datetime.now(UTC) - KEPT
    old = [
        record
        for record in load_plans_of(conn, city, community)
        if PROPOSAL.fullmatch(record.name) and record.created_at < before and record.name not in begun
    ]
    delete_plans(conn, [record.id for record in old])
    return [record.name for record in old]
