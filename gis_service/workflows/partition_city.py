"""Propose a plan for every community of a city: load, partition, check, store."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd

from gis_service import __version__
from gis_service.audit.plans import audit_plan
from gis_service.db import cities, given_grids, plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.partition.community import CommunityInput
from gis_service.partition.propose import alternatives, mend, propose
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.plan.priorities import WISHES, Wish, soft_order
from gis_service.plan.rules import Rules
from gis_service.workflows.community_inputs import community_extents, community_inputs
from gis_service.workflows.past_codes import RETIRED
from gis_service.workflows.plans_made import (
    CommunityPlan,
    PlanMade,
    account_of,
    community_plan,
    current_plans,
    plan_made,
)
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.workers import run_tasks

DEFAULT_PLAN = "proposal"
TODAY = "today"
"""Start from the grids that exist today; no plan has this name."""
PARTITIONING = Text("划分社区", "partition communities")


@dataclass(frozen=True)
class Start:
    """What a plan starts from.

    Parameters
    ----------
    plan
        Name of a stored plan, or `TODAY` for the grids that exist today.
    locked
        Codes of its grids that must stay as they are.
    """

    plan: str
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Partitioned:
    """What a partition of a city made.

    Parameters
    ----------
    city
        The city.
    communities
        Codes of the communities partitioned, sorted.
    plans
        The plan asked for, then its alternatives.
    reused
        True: the plans were there already, made from these data by these rules, and nothing was written.
    """

    city: City
    communities: tuple[str, ...]
    plans: tuple[PlanMade, ...]
    reused: bool = False


@dataclass(frozen=True)
class _Task:
    community: CommunityInput
    units: plans.StoredUnits | None
    seed: int
    several: bool
    grids: gpd.GeoDataFrame | None
    locked: frozenset[str]


def partition_city(
    conn: Connection,
    city_name: str,
    *,
    rules: Rules,
    communities: Sequence[str] = (),
    plan: str = DEFAULT_PLAN,
    start: Start | None = None,
    several: bool = False,
    seed: int = 1,
    workers: int = 1,
    scheduler: str | None = None,
    unless_current: bool = False,
    report: Report = silent,
) -> Partitioned:
    """Propose and store plans for communities of a city.

    Parameters
    ----------
    conn
        Open transaction; the caller commits.
    city_name
        Slug of the city.
    rules
        Rules every grid should meet.
    communities
        Codes of the communities; empty means every community with a polygon.
    plan
        Name of the plan; one of that name is replaced.
    start
        Grids to start from and move as few households as possible; None: from nothing.
    several
        Make two alternatives too, each with another soft rule first; see :func:`plan_names`. Not with a start.
    seed
        Seed of the engine; together with the community's code it decides the result, whatever `workers` and
        `scheduler` are.
    workers
        Processes to use, at least 1.
    scheduler
        Address of a Dask scheduler to use in their place; None: none.
    unless_current
        Keep plans of those names that were made by the same rules, seed and software for the same communities. Without
        a meaning where there is a start.
    report
        Told how many communities are done.

    Returns
    -------
    Partitioned
        What was stored.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city, or no such plan to start from.
    InputError
        A community or a locked grid is unknown, the city has no community with a polygon, or there are no grids to
        start from.
    AssertionError
        A produced plan does not pass its own audit; nothing may be stored then.
    """
    if plan == TODAY:
        raise InputError(
            Text(
                f"“{TODAY}”指今天的现有网格，不能用作方案名称，请换一个名称",
                f"{TODAY!r} stands for the grids that exist today; give the plan another name",
            )
        )
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    extents = community_extents(conn, city, communities)
    codes = tuple(extents["code"])
    wanted = plan_names(plan, rules) if several else {plan: rules}
    if unless_current and start is None and (kept := current_plans(conn, city, wanted, codes, seed)) is not None:
        return Partitioned(city, codes, kept, reused=True)
    begun = None if start is None else _start_grids(conn, city, start, codes)
    made: dict[str, dict[str, CommunityPlan]] = {name: {} for name in wanted}
    report(PARTITIONING, 0, len(codes))
    cut: set[str] = set()

    def tasks() -> Iterator[_Task]:
        followed = None if start is None or start.plan == TODAY else start.plan
        for community in community_inputs(conn, city, extents, rules, followed):
            units = plans.load_units(conn, city, community.code)
            if units is not None:
                cut.add(community.code)
            grids = None if begun is None else begun[begun["community_code"] == community.code].reset_index(drop=True)
            locked = frozenset() if start is None else start.locked
            yield _Task(community, units, _community_seed(seed, community.code), several, grids, locked)

    solved = run_tasks(_solve, tasks(), workers=workers, scheduler=scheduler)
    for done, (code, proposals) in enumerate(solved, start=1):
        if code not in cut:
            plans.save_units(conn, city, code, proposals[0].units, proposals[0].unit_buildings)
        # The plan asked for is saved last, so that it is the newest: what maps and exports show unless asked otherwise.
        for name, proposed in reversed(list(zip(wanted, proposals, strict=True))):
            _save(conn, city, code, name, proposed, seed, start)
            made[name][code] = community_plan(proposed)
        report(PARTITIONING, done, len(codes))
    return Partitioned(city, codes, tuple(plan_made(name, wanted[name], each) for name, each in made.items()))


def plan_names(plan: str, rules: Rules) -> dict[str, Rules]:
    """Return the names of a plan and its two alternatives, with the rules of each.

    Parameters
    ----------
    plan, rules
        The plan asked for. Alternatives are called after it and what they put first: ``proposal-compactness``.
    """
    own: Wish = next(rule for rule in rules.soft_order if rule in WISHES)
    return {plan: rules} | {
        f"{plan}-{wish}": replace(rules, soft_order=soft_order(wish)) for wish in WISHES if wish != own
    }


def _community_seed(seed: int, code: str) -> int:
    """Return a seed of 31 bits that depends on nothing but the run's seed and the community."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{code}".encode()).digest()[:4], "big") >> 1


def _solve(task: _Task) -> tuple[str, list[ProposedPlan]]:
    community = task.community
    if task.grids is not None:
        proposals = [mend(community, task.grids, task.units, locked=task.locked, seed=task.seed)]
    elif task.several:
        proposals = list(alternatives(community, task.units, seed=task.seed).values())
    else:
        proposals = [propose(community, task.units, seed=task.seed)]
    for proposed in proposals:
        _check(community, proposed)
    return community.code, proposals


def _check(community: CommunityInput, proposed: ProposedPlan) -> None:
    """Refuse to store a plan that breaks a hard rule; the audit does not use the partition's own code."""
    grid_code = proposed.grids["code"].to_numpy()[proposed.labels]
    of_building = proposed.unit_buildings.assign(grid_code=grid_code[proposed.unit_buildings["unit"]])
    faults = [
        finding
        for finding in audit_plan(
            community.geometry,
            community.buildings,
            proposed.units.assign(grid_code=grid_code),
            proposed.grids,
            of_building[["building_id", "grid_code"]],
            proposed.rules,
            community_code=community.code,
            special=community.special,
        )
        if finding.severity == "fault"
    ]
    if faults:
        listed = "; ".join(f"{finding.subject}: {finding.en}" for finding in faults[:3])
        raise AssertionError(f"the plan proposed for community {community.code} breaks hard rules: {listed}")


def _start_grids(conn: Connection, city: City, start: Start, codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return the grids a plan starts from, of the communities asked for."""
    if start.plan == TODAY:
        grids = given_grids.load_given_grids(conn, city)
    else:
        grids = plans.load_grids(conn, city, plans.load_plans(conn, city, start.plan))
    here = grids[grids["community_code"].isin(codes)].reset_index(drop=True)
    if here.empty:
        raise InputError(
            Text(
                f"城市 {city.name} 的这些社区没有现有网格可以沿用，请在数据集中给出 plan 文件，或先划分一个方案",
                f"these communities of city {city.name} have no grids to start from; give a plan file in the dataset, "
                "or propose a plan first",
            )
        )
    unknown = sorted(start.locked - set(here["code"].dropna()))
    if unknown:
        raise InputError(
            Text(
                f"要锁定的网格 {'、'.join(unknown)} 不在“{start.plan}”里，请核对网格编码",
                f"the grids to lock {', '.join(unknown)} are not in {start.plan!r}; check their codes",
            )
        )
    return here


def _save(
    conn: Connection, city: City, code: str, name: str, proposed: ProposedPlan, seed: int, begun: Start | None
) -> None:
    plans.save_plan(
        conn,
        city,
        code,
        name=name,
        rules=proposed.rules.as_dict(),
        findings={
            "findings": [finding.as_dict() for finding in proposed.findings],
            RETIRED: list(proposed.retired),
        },
        account=account_of(proposed, "" if begun is None else begun.plan, () if begun is None else begun.locked),
        seed=seed,
        software_version=__version__,
        labels=proposed.labels,
        grids=proposed.grids,
    )
