"""Propose a plan for every community of a city: load, partition, check, store."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import cast

import geopandas as gpd
from shapely import MultiPolygon

from gis_service import __version__
from gis_service.audit.plans import audit_plan
from gis_service.db import barriers, buildings, cities, estates, given_grids, plans, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.partition.community import CommunityInput, clipped
from gis_service.partition.propose import ProposedPlan, propose
from gis_service.plan.findings import Finding
from gis_service.plan.rules import STATUS_LABELS, Rules, Status
from gis_service.workflows.past_codes import RETIRED, load_pasts
from gis_service.workflows.progress import Report, silent

DEFAULT_PLAN = "proposal"
PARTITIONING = Text("划分社区", "partition communities")


@dataclass(frozen=True)
class Partitioned:
    """What a partition of a city made.

    Parameters
    ----------
    city
        The city.
    plan
        Name of the plan in every community.
    rules
        Rules in force.
    communities
        Codes of the communities partitioned, sorted.
    statuses
        Grids by status.
    findings
        Violated soft rules and impossible sizes, with their community's code.
    reused
        True: the plan was there already, made from these data by these rules, and nothing was written.
    """

    city: City
    plan: str
    rules: Rules
    communities: tuple[str, ...]
    statuses: dict[Status, int]
    findings: tuple[Finding, ...]
    reused: bool = False


def partition_city(
    conn: Connection,
    city_name: str,
    *,
    rules: Rules,
    communities: Sequence[str] = (),
    plan: str = DEFAULT_PLAN,
    seed: int = 1,
    workers: int = 1,
    unless_current: bool = False,
    report: Report = silent,
) -> Partitioned:
    """Propose and store a plan for communities of a city.

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
    seed
        Seed of the engine; together with the community's code it decides the result, whatever `workers` is.
    workers
        Processes to use, at least 1.
    unless_current
        Keep a plan of that name that was made by the same rules, seed and software for the same communities.
    report
        Told how many communities are done.

    Returns
    -------
    Partitioned
        What was stored.

    Raises
    ------
    UnknownCityError
        No such city.
    InputError
        A community is unknown, or the city has no community with a polygon.
    AssertionError
        A produced plan does not pass its own audit; nothing may be stored then.
    """
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    extents = _community_extents(conn, city, communities)
    codes = tuple(extents["code"])
    if unless_current and (kept := _current(conn, city, plan, codes, rules, seed)) is not None:
        return kept
    inputs = _inputs(conn, city, extents, rules, plan)
    stored_units = {code: plans.load_units(conn, city, code) for code in codes}
    statuses: Counter[str] = Counter()
    findings: list[Finding] = []
    report(PARTITIONING, 0, len(codes))
    tasks = ((community, stored_units[community.code], _community_seed(seed, community.code)) for community in inputs)
    for done, (community, proposed) in enumerate(_solve_all(tasks, workers), start=1):
        if stored_units[community.code] is None:
            plans.save_units(conn, city, community.code, proposed.units, proposed.unit_buildings)
        plans.save_plan(
            conn,
            city,
            community.code,
            name=plan,
            rules=rules.as_dict(),
            findings={
                "findings": [finding.as_dict() for finding in sorted(proposed.findings)],
                RETIRED: list(proposed.retired),
            },
            seed=seed,
            software_version=__version__,
            labels=proposed.labels,
            grids=proposed.grids,
        )
        statuses.update(proposed.grids["status"])
        findings += proposed.findings
        report(PARTITIONING, done, len(codes))
    return Partitioned(city, plan, rules, codes, _counted(statuses), tuple(sorted(findings)))


def _community_extents(conn: Connection, city: City, wanted: Sequence[str]) -> gpd.GeoDataFrame:
    extents = regions.load_regions(conn, city, level="community")
    unknown = sorted(set(wanted) - set(extents["code"]))
    if unknown:
        raise InputError(
            Text(
                f"城市 {city.name} 没有社区 {'、'.join(unknown)}，请核对社区代码",
                f"city {city.name} has no community {', '.join(unknown)}; check the codes",
            )
        )
    if wanted:
        extents = extents[extents["code"].isin(wanted)]
    extents = extents[extents.geometry.notna()].sort_values("code", ignore_index=True)
    if extents.empty:
        raise InputError(
            Text(
                f"城市 {city.name} 没有带边界的社区，无法划分网格；请在 regions 文件中给出社区面",
                f"city {city.name} has no community with a polygon, so there is nothing to partition; "
                "give community polygons in the regions file",
            )
        )
    return extents


def _inputs(conn: Connection, city: City, extents: gpd.GeoDataFrame, rules: Rules, plan: str) -> list[CommunityInput]:
    of_city = buildings.load_buildings(conn, city)
    lines = barriers.load_barriers(conn, city)
    outlines = estates.load_estates(conn, city)
    given = given_grids.load_given_grids(conn, city)
    special = given[given["kind"] == "special"]
    pasts = load_pasts(conn, city, given, tuple(extents["code"]), plan)
    return [
        clipped(
            CommunityInput(
                code=code,
                name=name,
                geometry=cast("MultiPolygon", geometry),  # the store holds regions as nothing else
                buildings=of_city[of_city["community_code"] == code].reset_index(drop=True),
                barriers=lines,
                estates=outlines,
                special=special[special["community_code"] == code].reset_index(drop=True),
                rules=rules,
                past=pasts[code],
            )
        )
        for code, name, geometry in zip(extents["code"], extents["name"], extents.geometry, strict=True)
    ]


def _community_seed(seed: int, code: str) -> int:
    """Return a seed of 31 bits that depends on nothing but the run's seed and the community."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{code}".encode()).digest()[:4], "big") >> 1


def _solve_all(
    tasks: Iterator[tuple[CommunityInput, plans.StoredUnits | None, int]], workers: int
) -> Iterator[tuple[CommunityInput, ProposedPlan]]:
    if workers == 1:
        yield from map(_solve, tasks)
        return
    # "spawn": the parent holds a database connection, which a forked child must not share.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            for future in as_completed([pool.submit(_solve, task) for task in tasks]):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)  # after a fault or Ctrl-C the communities still waiting are not begun


def _solve(task: tuple[CommunityInput, plans.StoredUnits | None, int]) -> tuple[CommunityInput, ProposedPlan]:
    community, units, seed = task
    proposed = propose(community, units, seed=seed)
    _check(community, proposed)
    return community, proposed


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
            community.rules,
            community_code=community.code,
            special=community.special,
        )
        if finding.severity == "fault"
    ]
    if faults:
        listed = "; ".join(f"{finding.subject}: {finding.en}" for finding in faults[:3])
        raise AssertionError(f"the plan proposed for community {community.code} breaks hard rules: {listed}")


def _current(
    conn: Connection, city: City, plan: str, codes: tuple[str, ...], rules: Rules, seed: int
) -> Partitioned | None:
    records = [record for record in plans.load_plans(conn, city) if record.name == plan]
    same = all((r.rules, r.seed, r.software_version) == (rules.as_dict(), seed, __version__) for r in records)
    if not same or {record.community_code for record in records} != set(codes):
        return None
    grids = plans.load_grids(conn, city, records)
    findings = tuple(sorted(Finding.from_dict(entry) for r in records for entry in r.findings["findings"]))
    return Partitioned(city, plan, rules, codes, _counted(Counter(grids["status"])), findings, reused=True)


def _counted(statuses: Counter[str]) -> dict[Status, int]:
    """Return the grids of each status that occurs."""
    return {status: statuses[status] for status in STATUS_LABELS if statuses[status]}
