"""What is kept and told of plans that were made."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import reduce
from operator import add
from typing import Any

import geopandas as gpd
import shapely

from gis_service import __version__
from gis_service.db import plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.errors import UnknownPlanError
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.partition.quality import Quality
from gis_service.plan.findings import Finding
from gis_service.plan.priorities import WISHES, Wish
from gis_service.plan.rules import STATUS_LABELS, Rules, Status
from gis_service.workflows.obligations import Obligations


@dataclass(frozen=True)
class CommunityPlan:
    """The sums of one community's plan: the units and grids of a whole country would not fit into memory.

    Parameters
    ----------
    statuses
        Status of each grid.
    quality, households_moved, findings
        As in `ProposedPlan`.
    forced
        Grids that are proven to be out of range in every division, see :func:`forced_misses`.
    """

    statuses: tuple[Status, ...]
    quality: Quality
    forced: int
    households_moved: int | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Origin:
    """How a plan of one community came about, beside its rules and seed: enough to make it again.

    Parameters
    ----------
    start, start_hash
        Name of the plan that it started from and `hash_of_grids` of its grids; empty: it started from nothing.
    locked
        Codes of the grids that had to stay.
    alternative_to
        Wish that the plan asked for puts first, to which this one was to be an alternative; None: to none.
    followed
        Name of the stored plan whose codes and names it goes on with (not that of the grids of today); empty: of none.
    obligations
        What it kept to beside the rules.
    """

    start: str = ""
    start_hash: str = ""
    locked: frozenset[str] = frozenset()
    alternative_to: Wish | None = None
    followed: str = ""
    obligations: Obligations = field(default_factory=Obligations)


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
    forced
        So many of its grids out of range cannot be avoided, as is proven; None where that was not noted.
    households_moved
        Households that change grid against its start [count]; None where it started from nothing.
    findings
        Violated soft rules and impossible sizes, with their community's code, sorted.
    """

    name: str
    rules: Rules
    statuses: dict[Status, int]
    quality: Quality
    forced: int | None
    households_moved: int | None
    findings: tuple[Finding, ...]


def community_plan(proposed: ProposedPlan) -> CommunityPlan:
    """Return the sums of a community's plan."""
    return CommunityPlan(
        statuses=tuple(proposed.grids["status"]),
        quality=proposed.quality,
        forced=forced_misses(proposed),
        households_moved=proposed.households_moved,
        findings=proposed.findings,
    )


def forced_misses(proposed: ProposedPlan) -> int:
    """Return how many grids out of range of a plan are proven to be so in every division, locked ones among them.

    The search counts misses by parts, and a grid that merges several may count as more than one there; what is not
    proven is taken from the grids out of range, so that at most those are left that really are forced.
    """
    out_of_range = proposed.quality.grids - proposed.quality.in_range
    return max(0, out_of_range - sum(bound.missed - bound.forced for bound in proposed.bounds))


def forced_in(records: Sequence[PlanRecord]) -> int | None:
    """Return the forced misses of stored plans together; None where older software noted none for some."""
    noted = [record.account["forced"] for record in records if "forced" in record.account]
    return sum(noted) if len(noted) == len(records) else None


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
        forced=sum(each.forced for each in communities),
        households_moved=sum(moved) if moved else None,
        findings=tuple(sorted(finding for each in communities for finding in each.findings)),
    )


def account_of(proposed: ProposedPlan, origin: Origin) -> dict[str, Any]:
    """Return what is stored of how a plan came about and what it is worth, as plain values."""
    return {
        "start": origin.start,
        "start_hash": origin.start_hash,
        "locked": sorted(origin.locked),
        "alternative_to": origin.alternative_to,
        "followed": origin.followed,
        "options": asdict(origin.obligations),
        "households_moved": proposed.households_moved,
        "forced": forced_misses(proposed),
        "quality": {field.name: getattr(proposed.quality, field.name) for field in fields(Quality)},
        "explanations": [explanation.as_dict() for explanation in proposed.explanations],
    }


def origin_of(record: PlanRecord) -> Origin:
    """Return how a stored plan came about; plans of older software noted less of it."""
    account = record.account
    return Origin(
        start=account.get("start", ""),
        start_hash=account.get("start_hash", ""),
        locked=frozenset(account.get("locked", ())),
        alternative_to=next((wish for wish in WISHES if wish == account.get("alternative_to")), None),
        followed=account.get("followed", account.get("start", "")),
        obligations=Obligations(**account.get("options", {})),
    )


def hash_of_grids(grids: gpd.GeoDataFrame) -> str:
    """Return a SHA-256 [hex] of the codes, names, kinds and shapes of grids, whatever their order."""
    texts = zip(grids["code"], grids["name"], grids["kind"], shapely.to_wkb(grids.geometry.to_numpy()), strict=True)
    return hashlib.sha256("\n".join(sorted(map(repr, texts))).encode()).hexdigest()


def current_plans(
    conn: Connection,
    city: City,
    wanted: Mapping[str, Rules],
    origins: Mapping[str, Mapping[str, Origin]],
    seed: int,
) -> tuple[PlanMade, ...] | None:
    """Return the stored plans of some names if all of them are what would be made anew, else None.

    Parameters
    ----------
    conn, city
        Transaction and city.
    wanted
        Names of the plans, with the rules of each.
    origins
        By name and code of the community, how each plan would come about.
    seed
        Seed of the engine.
    """
    kept = []
    for name, rules in wanted.items():
        try:
            records = plans.load_plans(conn, city, name)
        except UnknownPlanError:
            return None
        made_by = (rules.as_dict(), seed, __version__)
        same = all((record.rules, record.seed, record.software_version) == made_by for record in records)
        if not same or {record.community_code: origin_of(record) for record in records} != origins[name]:
            return None
        grids = plans.load_grids(conn, city, records)
        kept.append(
            PlanMade(
                name=name,
                rules=rules,
                statuses={s: int((grids["status"] == s).sum()) for s in STATUS_LABELS if (grids["status"] == s).any()},
                quality=reduce(add, (Quality(**record.account["quality"]) for record in records), Quality()),
                forced=forced_in(records),
                households_moved=None,
                findings=tuple(sorted(Finding.from_dict(entry) for r in records for entry in r.findings["findings"])),
            )
        )
    return tuple(kept)
