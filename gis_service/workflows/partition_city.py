"""Propose a plan for every community of a city: load, partition, check, store."""

import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryFile

import geopandas as gpd

from gis_service import __version__
from gis_service.db import cities, given_grids, plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.db.statistics import refresh_statistics
from gis_service.db.units import load_units
from gis_service.errors import InputError, Text
from gis_service.partition.groundwork import UnitFrames
from gis_service.partition.proposed_plan import ProposedPlan
from gis_service.plan.priorities import WISHES, Wish, soft_order
from gis_service.plan.rules import Rules
from gis_service.workflows.community_inputs import community_extents, community_inputs
from gis_service.workflows.community_tasks import Left, Solved, Task, community_seed, solve
from gis_service.workflows.draft_bases import keep_units
from gis_service.workflows.past_codes import RETIRED, plans_followed
from gis_service.workflows.plan_names import NOTHING, TODAY, refuse_reserved
from gis_service.workflows.plans_made import (
    CommunityPlan,
    Origin,
    PlanMade,
    account_of,
    community_plan,
    current_plans,
    hash_of_grids,
    plan_made,
)
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.workers import run_tasks

DEFAULT_PLAN = "proposal"
PARTITIONING = Text("划分社区", "partition communities")
STORING = Text("保存方案", "store plans")


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
    left
        Communities asked for that were left as they were through our fault, sorted.
    """

    city: City
    communities: tuple[str, ...]
    plans: tuple[PlanMade, ...]
    reused: bool = False
    left: tuple[Left, ...] = ()


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
        Keep plans of those names that were made by the same rules, seed and software for the same communities, and go
        on with the same approved plan. Without a meaning where there is a start.
    report
        Told how many communities are done, then of how many the plans are stored.

    Returns
    -------
    Partitioned
        What was stored. A community for which we could not make a plan that passes its own audit is left as it was,
        with all it had before, and the others get theirs.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city, or no such plan to start from.
    InputError
        A community or a locked grid is unknown, the city has no community with a polygon, or there are no grids to
        start from. Nothing may be stored then.
    """
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    extents = community_extents(conn, city, communities)
    codes = tuple(extents["code"])
    wanted = plan_names(plan, rules) if several else {plan: rules}
    for name in wanted:
        refuse_reserved(name)
    begun = None if start is None else _start_grids(conn, city, start, codes)
    followed = plans_followed(conn, city, NOTHING if start is None else start.plan)
    other = {name: None if name == plan else first_wish(rules) for name in wanted}
    origins = {name: {code: _origin(start, begun, followed, code, other[name]) for code in codes} for name in wanted}
    if unless_current and start is None and (kept := current_plans(conn, city, wanted, origins, seed)) is not None:
        return Partitioned(city, codes, kept, reused=True)
    report(PARTITIONING, 0, len(codes))

    def tasks() -> Iterator[Task]:
        for community in community_inputs(conn, city, extents, rules, followed):
            units = load_units(conn, city, community.code)
            grids = None if begun is None else of_community(begun, community.code)
            locked = frozenset() if start is None else start.locked
            yield Task(community, units, community_seed(seed, community.code), several, grids, locked)

    def solved() -> Iterator[Solved]:
        for done, one in enumerate(run_tasks(solve, tasks(), workers=workers, scheduler=scheduler), start=1):
            report(PARTITIONING, done, len(codes))
            yield one

    # Stored at last: whoever begins a draft there meanwhile would wait for all that is still to be done otherwise.
    made: dict[str, dict[str, CommunityPlan]] = {name: {} for name in wanted}
    left: list[Left] = []
    for done, one in enumerate(_by_code(solved())):
        report(STORING, done, len(codes))
        code = one.community
        if one.left is not None:
            left.append(one.left)
            continue
        _keep_units(conn, city, code, one.proposals[0])
        # The plan asked for is saved last, so that it is the newest: what maps and exports show unless asked otherwise.
        for name, proposed in reversed(list(zip(wanted, one.proposals, strict=True))):
            _save(conn, city, code, name, proposed, seed, origins[name][code])
            made[name][code] = community_plan(proposed)
    refresh_statistics(conn, "plans")
    report(STORING, len(codes), len(codes))
    return Partitioned(
        city=city,
        communities=tuple(sorted(made[plan])),
        plans=tuple(plan_made(name, wanted[name], each) for name, each in made.items()),
        left=tuple(left),
    )


def plan_names(plan: str, rules: Rules) -> dict[str, Rules]:
    """Return the names of a plan and its two alternatives, with the rules of each.

    Parameters
    ----------
    plan, rules
        The plan asked for. Alternatives are called after it and what they put first: ``proposal-compactness``.
    """
    own = first_wish(rules)
    return {plan: rules} | {
        f"{plan}-{wish}": replace(rules, soft_order=soft_order(wish)) for wish in WISHES if wish != own
    }


def first_wish(rules: Rules) -> Wish:
    """Return the wish that goes first by some rules."""
    return next(rule for rule in rules.soft_order if rule in WISHES)


def load_start(conn: Connection, city: City, plan: str) -> gpd.GeoDataFrame:
    """Return the grids of a stored plan, or of `TODAY`, with ``community_code``.

    Raises
    ------
    UnknownPlanError
        No plan of that name.
    """
    if plan == TODAY:
        return given_grids.load_given_grids(conn, city)
    return plans.load_grids(conn, city, plans.load_plans(conn, city, plan))


def _start_grids(conn: Connection, city: City, start: Start, codes: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return the grids a plan starts from, of the communities asked for."""
    grids = load_start(conn, city, start.plan)
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


def of_community(begun: gpd.GeoDataFrame, code: str) -> gpd.GeoDataFrame:
    """Return the grids of one community to start from."""
    return begun[begun["community_code"] == code].reset_index(drop=True)


def _origin(
    start: Start | None,
    begun: gpd.GeoDataFrame | None,
    followed: Mapping[str, PlanRecord],
    code: str,
    alternative_to: Wish | None,
) -> Origin:
    origin = Origin(alternative_to=alternative_to, followed=followed[code].name if code in followed else "")
    if start is None or begun is None:
        return origin
    return replace(origin, start=start.plan, start_hash=hash_of_grids(of_community(begun, code)), locked=start.locked)


def _by_code(results: Iterator[Solved]) -> Iterator[Solved]:
    """Yield results by code of community once all are there; till then they wait in a file, not in memory."""
    with TemporaryFile() as file:
        places = {}
        for one in results:
            places[one.community] = file.tell()
            pickle.dump(one, file, pickle.HIGHEST_PROTOCOL)
        for _, place in sorted(places.items()):
            file.seek(place)
            yield pickle.load(file)  # noqa: S301 written above


def _keep_units(conn: Connection, city: City, code: str, cut: UnitFrames) -> None:
    """Store the units of a community, unless it had been cut before or a desk has cut it meanwhile, the same way."""
    keep_units(conn, city, code, lambda: cut)


def _save(
    conn: Connection, city: City, code: str, name: str, proposed: ProposedPlan, seed: int, origin: Origin
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
        account=account_of(proposed, origin),
        seed=seed,
        software_version=__version__,
        labels=proposed.labels,
        grids=proposed.grids,
    )
