"""Check who reaches a facility in time: load, compute, store or carry away."""

from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from gis_service import __version__
from gis_service.db import buildings, cities, estates, facilities, network, plans, reach_runs, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.reach_runs import StoredRun
from gis_service.db.statistics import refresh_statistics
from gis_service.errors import InputError, Text
from gis_service.reach.check import ReachResult, ReachRules, check_reach
from gis_service.reach.comparison import Comparison, compare
from gis_service.reach.costs import walking_network
from gis_service.reach.imagined_paths import with_imagined
from gis_service.reach.nearest_table import nearest_table
from gis_service.workflows.imagine import edits_of, imagined_facilities, imagined_paths, require_counted, require_near
from gis_service.workflows.input_hash import frames_hash
from gis_service.workflows.kinds import listed_kinds, require_kinds
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.scenario import AS_IT_IS, Scenario
from gis_service.workflows.station_hours import is_open

CHECKING = Text("计算步行时间与服务圈", "compute walks and service circles")


@dataclass(frozen=True)
class ReachChecked:
    """One check of a city.

    Parameters
    ----------
    city
        The city.
    rules
        Parameters in force.
    facilities
        Facilities that counted.
    buildings
        All buildings of the city, for exports.
    result
        Walks, circles, gaps and coverage.
    run_id
        Where it was stored; None for a what-if, which never is.
    reused
        True: an equal run (same inputs, rules and software) was stored already and is given back.
    scenario
        What was imagined.
    comparison
        What changes with the facilities and paths imagined; None where none are.
    nearest
        The nearest facilities of every building, see `nearest_table`; None where they were not asked for.
    hours_unknown
        Where a time was asked about: ids of the facilities of which nobody can tell whether they are open:
        hours unknown, or that do not tell whether they hold on a public holiday or a weekend worked for one.
    """

    city: City
    rules: ReachRules
    facilities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    result: ReachResult
    run_id: int | None
    reused: bool = False
    scenario: Scenario = AS_IT_IS
    comparison: Comparison | None = None
    nearest: pd.DataFrame | None = None
    hours_unknown: tuple[str, ...] = ()


def check_city_reach(
    conn: Connection,
    city_name: str,
    *,
    rules: ReachRules,
    scenario: Scenario = AS_IT_IS,
    nearest: int = 0,
    unless_current: bool = False,
    report: Report = silent,
) -> ReachChecked:
    """Compute who reaches a facility of the rules' kinds within their cut-off.

    Parameters
    ----------
    conn
        Open transaction; the caller commits.
    city_name
        Slug of the city.
    rules
        Minutes, speed, kinds and limits. Facilities that the public may not enter never count.
    scenario
        What is imagined; where anything is, nothing is stored.
    nearest
        How many nearest facilities of every building to tell; 0: none.
    unless_current
        Give back a stored run of the same inputs, rules and software.
    report
        Told about progress.

    Returns
    -------
    ReachChecked
        The result, and the run's key where it was stored. Where nothing is open at the time of the scenario, ``status``
        of buildings is none_open instead of no_path, and the summary tells ``none_open`` and ``households_none_open``;
        where of some nobody can tell, hours_unknown stands for none_open in all of these, and no_facility where the
        scenario closes everything.

    Raises
    ------
    UnknownCityError
        No such city.
    NoNetworkError
        The city has no walking network.
    InputError
        A kind is not known, no facility counts, a facility to close or to move is unknown or does not count, a place
        lies far from the city, or a path is at fault.
    """
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    inputs = _load(conn, city)
    require_near(scenario, inputs.regions, city.metric_crs)
    today, hours_unknown = _facilities(conn, city, rules, scenario)
    counted = imagined_facilities(today, rules, scenario, city.metric_crs)
    comparison = None
    if scenario.changes:
        comparison, inputs = _imagine(inputs, today, rules, scenario, city.metric_crs)
    hashes = _hashes(inputs, counted)
    input_hash = frames_hash({"rules": rules.as_dict(), "inputs": hashes}, [])
    told = None
    if nearest:
        told = nearest_table(inputs.nodes, inputs.edges, inputs.buildings, counted, rules, nearest)
    if unless_current and not scenario.imagined:
        stored = reach_runs.load_run(conn, city, input_hash=input_hash)
        if stored is not None and stored.software_version == __version__:
            return ReachChecked(
                city, rules, counted, inputs.buildings, stored.result, stored.id, reused=True, nearest=told
            )
    report(CHECKING, 0, 1)
    result = _check(inputs, counted, rules, hashes)
    if counted.empty:
        not_open = "hours_unknown" if hours_unknown else "none_open"
        result = _nobody_serves(result, not_open if today.empty else "no_facility")
    report(CHECKING, 1, 1)
    run_id = None
    if not scenario.imagined:
        run_id = reach_runs.save_run(
            conn, city, result, rules=rules, input_hash=input_hash, software_version=__version__
        )
        refresh_statistics(conn, "walks")
    return ReachChecked(
        city,
        rules,
        counted,
        inputs.buildings,
        result,
        run_id,
        scenario=scenario,
        comparison=comparison,
        nearest=told,
        hours_unknown=hours_unknown,
    )


def replay_reach(conn: Connection, city_name: str, run_id: int) -> tuple[StoredRun, ReachResult]:
    """Return a stored run and what its inputs and rules give when it is computed once more from the store.

    Parameters
    ----------
    conn
        Open transaction.
    city_name, run_id
        The run.

    Raises
    ------
    InputError
        There is no such run, or its inputs have changed since.
    """
    city = cities.load_city(conn, city_name)
    stored = reach_runs.load_run(conn, city, run_id)
    if stored is None:
        raise InputError(
            Text(f"城市 {city_name} 没有编号为 {run_id} 的可达性结果", f"city {city_name} has no reach run {run_id}")
        )
    inputs = _load(conn, city)
    counted, _ = _facilities(conn, city, stored.rules, AS_IT_IS)
    hashes = _hashes(inputs, counted)
    given = stored.result.summary.get("inputs", {})  # runs of earlier versions kept none
    changed = sorted(name for name, value in hashes.items() if given.get(name) != value)
    if changed:
        names = ", ".join(changed)
        raise InputError(
            Text(
                f"可达性结果 {run_id} 所用的数据已经变了（{names}），无法复算；请重新检查",
                f"the data of reach run {run_id} have changed since ({names}); run the check again",
            )
        )
    return stored, _check(inputs, counted, stored.rules, hashes)


@dataclass(frozen=True)
class _Inputs:
    """What a check reads of a city, besides its facilities."""

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    grid_codes: pd.DataFrame


def _load(conn: Connection, city: City) -> _Inputs:
    nodes, edges = network.load_network(conn, city)
    of_plans = plans.load_assignment(conn, city, plans.load_plans(conn, city)).buildings
    return _Inputs(
        nodes,
        edges,
        buildings.load_buildings(conn, city),
        regions.load_regions(conn, city),
        estates.load_estates(conn, city),
        of_plans.rename(columns={"building_id": "id"})[["id", "grid_code"]],
    )


def _hashes(inputs: _Inputs, counted: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the SHA-256 [hex] of everything that decides the result, by what it is."""
    frames: dict[str, tuple[tuple[pd.DataFrame, list[str]], ...]] = {
        "network": ((inputs.nodes, ["node"]), (inputs.edges, _columns(inputs.edges))),
        "buildings": ((inputs.buildings, _columns(inputs.buildings)),),
        "regions": ((inputs.regions, ["code", "name", "level", "parent_code"]),),
        "estates": ((inputs.estates[["name", "geometry"]], ["name"]),),
        "grids": ((inputs.grid_codes, ["id", "grid_code"]),),
        "facilities": ((counted, ["id", "name", "kind", "area_m2"]),),
    }
    return {name: frames_hash({}, parts) for name, parts in frames.items()}


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [name for name in frame.columns if name != "geometry"]


def _check(inputs: _Inputs, counted: gpd.GeoDataFrame, rules: ReachRules, hashes: dict[str, str]) -> ReachResult:
    """Return the result, with the hashes of its inputs in the summary."""
    result = check_reach(
        inputs.nodes,
        inputs.edges,
        inputs.buildings,
        counted,
        inputs.regions,
        rules,
        estates=inputs.estates,
        grid_codes=inputs.grid_codes,
    )
    return replace(result, summary=result.summary | {"inputs": hashes})


def _nobody_serves(result: ReachResult, why: str) -> ReachResult:
    """Return a result in which who has no walk has none because there is nothing to walk to, not for want of a path."""
    statuses = result.buildings["status"].replace("no_path", why)
    households = result.summary["households_no_path"]
    return replace(
        result,
        buildings=result.buildings.assign(status=statuses),
        gaps=result.gaps.assign(households_no_path=pd.array([0] * len(result.gaps), dtype="Int64")),
        summary=result.summary | {why: True, "households_no_path": 0, f"households_{why}": households},
    )


def _imagine(
    inputs: _Inputs, today: gpd.GeoDataFrame, rules: ReachRules, scenario: Scenario, metric_crs: str
) -> tuple[Comparison, _Inputs]:
    """Return what a scenario changes for people, and the inputs with its paths."""
    network = walking_network(inputs.nodes, inputs.edges, rules)
    paths = imagined_paths(network, inputs.regions, scenario, metric_crs)
    comparison = compare(
        network,
        inputs.buildings,
        today,
        edits_of(today, scenario, paths, metric_crs),
        rules,
        edges=inputs.edges,
        regions=inputs.regions,
        estates=inputs.estates,
    )
    nodes, edges = with_imagined(inputs.nodes, inputs.edges, paths)
    return comparison, replace(inputs, nodes=nodes, edges=edges)


def _facilities(
    conn: Connection, city: City, rules: ReachRules, scenario: Scenario
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the facilities that count as things are, and the ids of those whose hours nobody can tell."""
    known = facilities.load_facilities(conn, city)
    unknown = sorted({*scenario.without, *(facility for facility, _ in scenario.move)} - set(known["id"]))
    if unknown:
        raise InputError(
            Text(
                f"城市 {city.name} 没有编号为 {'、'.join(unknown)} 的设施",
                f"city {city.name} has no facility {', '.join(unknown)}",
            )
        )
    require_kinds(rules.kinds, known["kind"])
    # A private home (level 4) or a place closed to the public serves nobody's 15-minute circle.
    of_kinds = known[known["kind"].isin(rules.kinds) & known["public"]].sort_values("id", ignore_index=True)
    if of_kinds.empty and not scenario.add:
        zh, en = listed_kinds(known["kind"].unique())
        raise InputError(
            Text(
                f"城市 {city.name} 没有 {'、'.join(rules.kinds)} 类的公开设施；现有类别：{zh or '无'}，可用 --kind 选",
                f"city {city.name} has no public facility of kind {', '.join(rules.kinds)}; "
                f"it has: {en or 'none'}; choose with --kind",
            )
        )
    require_counted(scenario, of_kinds, rules)
    if scenario.at is None:
        return of_kinds, ()
    hours = [is_open(hours, scenario.at) for hours in of_kinds["hours"]]
    opened = pd.Series(hours, index=of_kinds.index, dtype="boolean")
    unknown_hours = tuple(sorted(of_kinds.loc[opened.isna() & ~of_kinds["id"].isin(scenario.without), "id"]))
    counted = of_kinds[opened.fillna(scenario.unknown_open).astype(bool)]
    return counted.reset_index(drop=True), unknown_hours
