"""What is kept and told of plans that were made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import add
from typing import Any

from gis_service import __version__
from gis_service.db import plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import UnknownPlanError
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.quality import Quality
from gis_service.plan.findings import Finding
from gis_service.plan.rules import STATUS_LABELS, Rules, Status


@dataclass(frozen=True)
class CommunityPlan:
    """The sums of one community's plan: the units and grids of a whole country would not fit into memory.

    Parameters
    ----------
    statuses
        Status of each grid.
    quality, households_moved, findings
        As in `ProposedPlan`.
    """

    statuses: tuple[Status, ...]
    quality: Quality
    households_moved: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class PlanMade:
    """A plan of one name over the communities of a city.

    Parameters
    ----------
    name
        Name of the plan in every community.
    rules
        Rules in force.
    statuses
        Grids by status.
    quality
        What it is worth by each soft rule.
    households_moved
        Households that change grid against its start [count]; None where it started from nothing.
    findings
        Violated soft rules and impossible sizes, with their community's code, sorted.
    """

    name: str
    rules: Rules
    statuses: dict[Status, int]
    quality: Quality
    households_moved: int | None
    findings: tuple[Finding, ...]


def community_plan(proposed: ProposedPlan) -> CommunityPlan:
    """Return the sums of a community's plan."""
    return CommunityPlan(
        tuple(proposed.grids["status"]), proposed.quality, proposed.households_moved, proposed.findings
    )


def plan_made(name: str, rules: Rules, of_community: Mapping[str, CommunityPlan]) -> PlanMade:
    """Return the plan that those of the communities make together, by code: in whatever order they came, it is one."""
    communities = [of_community[code] for code in sorted(of_community)]
    statuses = Counter(status for each in communities for status in each.statuses)
    moved = [each.households_moved for each in communities if each.households_moved is not None]
    return PlanMade(
        name=name,
        rules=rules,
        statuses={status: statuses[status] for status in STATUS_LABELS if statuses[status]},
        quality=reduce(add, (each.quality for each in communities), Quality()),
        households_moved=sum(moved) if moved else None,
        findings=tuple(sorted(finding for each in communities for finding in each.findings)),
    )


def account_of(proposed: ProposedPlan, start: str, locked: Iterable[str]) -> dict[str, Any]:
    """Return what is stored of how a plan came about, as plain values.

    Parameters
    ----------
    proposed
        The plan.
    start, locked
        Name of the plan it started from, empty for none, and the codes of the grids that had to stay.
    """
    return {
        "start": start,
        "locked": sorted(locked),
        "households_moved": proposed.households_moved,
        "quality": {field.name: getattr(proposed.quality, field.name) for field in fields(Quality)},
        "explanations": [explanation.as_dict() for explanation in proposed.explanations],
    }


def current_plans(
    conn: Connection, city: City, wanted: Mapping[str, Rules], codes: Sequence[str], seed: int
) -> tuple[PlanMade, ...] | None:
    """Return the stored plans of some names if all of them are what would be made anew, else None.

    Parameters
    ----------
    conn, city
        Transaction and city.
    wanted
        Names of the plans, with the rules of each.
    codes
        The communities they are for.
    seed
        Seed of the engine.
    """
    kept = []
    for name, rules in wanted.items():
        try:
            records = plans.load_plans(conn, city, name)
        except UnknownPlanError:
            return None
        made_by = (rules.as_dict(), seed, __version__, "")
        same = all((r.rules, r.seed, r.software_version, r.account.get("start")) == made_by for r in records)
        if not same or {record.community_code for record in records} != set(codes):
            return None
        grids = plans.load_grids(conn, city, records)
        kept.append(
            PlanMade(
                name=name,
                rules=rules,
                statuses={s: int((grids["status"] == s).sum()) for s in STATUS_LABELS if (grids["status"] == s).any()},
                quality=reduce(add, (Quality(**record.account["quality"]) for record in records), Quality()),
                households_moved=None,
                findings=tuple(sorted(Finding.from_dict(entry) for r in records for entry in r.findings["findings"])),
            )
        )
    return tuple(kept)
