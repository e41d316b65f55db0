"""Check who reaches a facility in time: load, compute, store or carry away."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import geopandas as gpd
import pandas as pd
import shapely

from gis_service import __version__
from gis_service.db import buildings, cities, facilities, network, reach_runs, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.geo.crs import to_metric
from gis_service.reach.check import ReachResult, ReachRules, check_reach
from gis_service.workflows.input_hash import walking_hash
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.provenance import scenario_text

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
        What was imagined; None where nothing was.
    """

    city: City
    rules: ReachRules
    facilities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    result: ReachResult
    run_id: int | None
    reused: bool = False
    scenario: Text | None = None


def check_city_reach(
    conn: Connection,
    city_name: str,
    *,
    rules: ReachRules,
    add: Sequence[tuple[float, float]] = (),
    without: Sequence[str] = (),
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
    add
        Longitude, latitude [degrees, WGS 84] of facilities to imagine.
    without
        Ids of facilities to imagine closed. With `add` or `without` nothing is stored.
    unless_current
        Give back a stored run of the same inputs, rules and software.
    report
        Told about progress.

    Returns
    -------
    ReachChecked
        The result, and the run's key where it was stored.

    Raises
    ------
    UnknownCityError
        No such city.
    NoNetworkError
        The city has no walking network.
    InputError
        No facility counts, a facility to close is unknown, or a place to add lies outside the city.
    """
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    nodes, edges = network.load_network(conn, city)
    of_city = buildings.load_buildings(conn, city)
    counted = _facilities(conn, city, rules, add, without)
    areas = regions.load_regions(conn, city)
    input_hash = walking_hash(asdict(rules), nodes, edges, of_city, counted)
    what_if = bool(add or without)
    if unless_current and not what_if:
        stored = reach_runs.load_run(conn, city, input_hash=input_hash)
        if stored is not None and stored.software_version == __version__:
            return ReachChecked(city, rules, counted, of_city, stored.result, stored.id, reused=True)
    report(CHECKING, 0, 1)
    result = check_reach(nodes, edges, of_city, counted, areas, rules)
    report(CHECKING, 1, 1)
    run_id = None
    if not what_if:
        run_id = reach_runs.save_run(
            conn, city, result, rules=rules, input_hash=input_hash, software_version=__version__
        )
    scenario = _scenario(add, without) if what_if else None
    return ReachChecked(city, rules, counted, of_city, result, run_id, scenario=scenario)


def _facilities(
    conn: Connection, city: City, rules: ReachRules, add: Sequence[tuple[float, float]], without: Sequence[str]
) -> gpd.GeoDataFrame:
    known = facilities.load_facilities(conn, city)
    unknown = sorted(set(without) - set(known["id"]))
    if unknown:
        raise InputError(
            Text(
                f"城市 {city.name} 没有编号为 {'、'.join(unknown)} 的设施",
                f"city {city.name} has no facility {', '.join(unknown)}",
            )
        )
    # A private home (level 4) or a place closed to the public serves nobody's 15-minute circle.
    of_kinds = known[known["kind"].isin(rules.kinds) & known["public"]]
    if of_kinds.empty and not add:
        kinds = "、".join(sorted(known["kind"].unique())) or "无"
        raise InputError(
            Text(
                f"城市 {city.name} 没有 {'、'.join(rules.kinds)} 类的公开设施；现有类别：{kinds}，可用 --kind 指定",
                f"city {city.name} has no public facility of kind {', '.join(rules.kinds)}; "
                f"it has: {kinds}; choose with --kind",
            )
        )
    # Closing the last one is a question worth asking; its answer is that nobody is covered.
    counted = of_kinds[~of_kinds["id"].isin(without)]
    if add:
        counted = pd.concat([counted, _imagined(city, known, rules, add)], ignore_index=True)
    return counted.sort_values("id", ignore_index=True)


def _scenario(add: Sequence[tuple[float, float]], without: Sequence[str]) -> Text:
    """Return what is imagined, in words that go wherever the result goes."""
    places = (f"added-{number} ({lon:.6f} E, {lat:.6f} N)" for number, (lon, lat) in enumerate(add, 1))
    en = [f"added {', '.join(places)}"] * bool(add) + [f"closed {', '.join(without)}"] * bool(without)
    return Text(scenario_text(add, without), f"what if, not the present state: {'; '.join(en)}")


def _imagined(
    city: City, known: gpd.GeoDataFrame, rules: ReachRules, add: Sequence[tuple[float, float]]
) -> gpd.GeoDataFrame:
    points = gpd.GeoDataFrame(
        {
            "id": [f"added-{number}" for number in range(1, len(add) + 1)],
            "name": [f"拟设点 {number}" for number in range(1, len(add) + 1)],
            "kind": rules.kinds[0],
            "public": True,
        },
        geometry=shapely.points(list(add)),
        crs="EPSG:4326",
    )
    return to_metric(points, city.metric_crs).reindex(columns=known.columns)
