"""Say where to open the next facilities of a city: load, compute, store or find again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd

from gis_service import __version__
from gis_service.db import buildings, cities, facilities, network, regions, siting_runs
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.siting_runs import StoredSiting
from gis_service.errors import InputError, Text
from gis_service.ingest.candidates import read_candidates
from gis_service.ingest.notes import ImportNote
from gis_service.reach.siting.result import SitingResult
from gis_service.reach.siting.rules import SitingRules
from gis_service.reach.siting.site import site
from gis_service.workflows.input_hash import frames_hash, walking_hash
from gis_service.workflows.kinds import require_kinds
from gis_service.workflows.progress import Report, silent

SITING = Text("计算候选点步行距离并求解选址", "compute walks to candidates and choose sites")


@dataclass(frozen=True)
class Sited:
    """One siting run of a city.

    Parameters
    ----------
    city
        The city.
    facilities
        Facilities that stay.
    buildings, regions
        All of the city, for exports.
    run
        Rules, result, hashes and when it was made.
    notes
        What reading the candidates' file repaired or noticed.
    reused
        True: an equal run (same inputs, rules and software) was stored already and is given back.
    """

    city: City
    facilities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame
    run: StoredSiting
    notes: tuple[ImportNote, ...] = ()
    reused: bool = False


@dataclass(frozen=True)
class _Inputs:
    """Everything that decides a siting run but its candidates and rules."""

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    regions: gpd.GeoDataFrame


def site_facilities(
    conn: Connection,
    city_name: str,
    *,
    rules: SitingRules,
    candidates: Path | None = None,
    candidates_crs: str | None = None,
    unless_current: bool = False,
    save: bool = True,
    on_map: bool = True,
    report: Report = silent,
) -> Sited:
    """Choose where to open facilities beside the public ones of the rules' kinds, and store the run.

    Parameters
    ----------
    conn
        Open transaction; the caller commits.
    city_name
        Slug of the city.
    rules
        The question.
    candidates, candidates_crs
        File of candidate sites, see :func:`gis_service.ingest.candidates.read_candidates`; None: street corners near
        people are taken.
    unless_current
        Give back a stored run of the same inputs, rules and software.
    save
        Store the run; False: an experiment, of which nothing is kept.
    on_map
        Let the map show the run; False: it is to be weighed where it was asked for.
    report
        Told about progress, the best known objective and its bound among it.

    Returns
    -------
    Sited
        The run.

    Raises
    ------
    UnknownCityError
        No such city.
    NoNetworkError
        The city has no walking network.
    InputError
        The candidates' file is at fault or tells no costs where there is a budget, a kind is not known, nobody is there
        to be served, or the share to cover cannot be reached.
    """
    cities.lock_name(conn, city_name)
    city = cities.load_city(conn, city_name)
    inputs = _load(conn, city, rules)
    given: gpd.GeoDataFrame | None = None
    notes: tuple[ImportNote, ...] = ()
    if candidates is not None:
        given, notes = read_candidates(candidates, inputs.regions, city.metric_crs, crs=candidates_crs)
        _refuse_open(candidates.name, given, inputs.facilities)
    _require_affordable(given, rules)
    input_hash = _input_hash(inputs, given, rules)
    if unless_current:
        stored = siting_runs.load_siting(conn, city, input_hash=input_hash)
        if stored is not None and stored.software_version == __version__ and (stored.on_map or not on_map):
            return Sited(city, inputs.facilities, inputs.buildings, inputs.regions, stored, notes, reused=True)
    report(SITING, 0, 1)
    result = _site(inputs, given, rules, _progress(report, rules))
    report(SITING, 1, 1)
    run = StoredSiting(
        id=None,
        rules=rules,
        result=result,
        given=given is not None,
        on_map=on_map,
        input_hash=input_hash,
        candidates_hash=candidates_hash(result.candidates),
        data_date=city.data_date,
        software_version=__version__,
        created_at=datetime.now(UTC),
    )
    if save:
        run = siting_runs.save_siting(conn, city, run)
    return Sited(city, inputs.facilities, inputs.buildings, inputs.regions, run, notes)


def _refuse_open(file: str, given: gpd.GeoDataFrame, stay: gpd.GeoDataFrame) -> None:
    """Refuse candidates that are open already: what a site brings would be told of a facility that stays."""
    twice = sorted(set(given["id"]) & set(stay["id"]))
    if twice:
        raise InputError(
            Text(
                f"{file}：候选点 {'、'.join(twice)} 与现有同类设施的编号相同；已开放的请从文件中删去，否则请改编号",
                f"{file}: {', '.join(twice)} are ids of facilities of these kinds; leave out what is open already, or "
                "give the candidates other ids",
            )
        )


def _require_affordable(given: gpd.GeoDataFrame | None, rules: SitingRules) -> None:
    """Refuse a budget where nothing is known to cost anything, and one that buys nothing."""
    if rules.budget is None:
        return
    if given is None or "cost" not in given:
        raise InputError(
            Text(
                "有预算（--budget）时要有造价：请给出带 cost（造价）列的候选点文件（--candidates），或去掉预算",
                "a budget (--budget) needs costs: give candidates with a column cost (--candidates), or leave it out",
            )
        )
    if rules.budget < given["cost"].min():
        budget, least = f"{rules.budget:,.10g}", f"{given['cost'].min():,.10g}"
        raise InputError(
            Text(
                f"预算 {budget} 不够开设任何一处：最便宜的候选点造价 {least}，请提高预算",
                f"a budget of {budget} buys nothing: the cheapest candidate costs {least}; raise it",
            )
        )


def replay_siting(conn: Connection, city_name: str, run_id: int) -> tuple[StoredSiting, SitingResult]:
    """Return a stored run and what its question gives when it is computed once more from the store.

    Parameters
    ----------
    conn
        Open transaction; nothing is written.
    city_name
        Slug of the city.
    run_id
        Key of the run.

    Returns
    -------
    stored : StoredSiting
        The run as stored.
    result : SitingResult
        Equal to that of `stored` where data and software are the same and no time limit ended the search.

    Raises
    ------
    UnknownCityError
        No such city.
    InputError
        No such run, or the city's data are not those of the run any more.
    """
    city = cities.load_city(conn, city_name)
    stored = siting_runs.load_siting(conn, city, run_id)
    if stored is None:
        raise InputError(
            Text(f"城市 {city.name} 没有编号为 {run_id} 的选址结果", f"city {city.name} has no siting run {run_id}")
        )
    inputs = _load(conn, city, stored.rules)
    given = None
    if stored.given:
        given = stored.result.candidates[["id", "name", "cost", "capacity", "geometry"]].dropna(axis=1, how="all")
    if _input_hash(inputs, given, stored.rules) != stored.input_hash:
        raise InputError(
            Text(
                f"选址结果 {run_id} 所用的数据已经变了，无法复算；请重新运行选址",
                f"the data of siting run {run_id} have changed since; run the siting again",
            )
        )
    return stored, _site(inputs, given, stored.rules, None)


def candidates_hash(candidates: gpd.GeoDataFrame) -> str:
    """Return the SHA-256 [hex] over the candidates: ids, places, costs and capacities."""
    return frames_hash({}, [(candidates, ["id", "cost", "capacity"])])


def result_hash(result: SitingResult) -> str:
    """Return the SHA-256 [hex] over everything that a result says, to the last bit."""
    frames = (result.candidates, result.assignment, result.gaps, result.coverage)
    return frames_hash(
        result.summary, [(frame, [name for name in frame.columns if name != "geometry"]) for frame in frames]
    )


def _load(conn: Connection, city: City, rules: SitingRules) -> _Inputs:
    nodes, edges = network.load_network(conn, city)
    of_city = buildings.load_buildings(conn, city)
    known = facilities.load_facilities(conn, city)
    require_kinds(rules.reach.kinds, known["kind"])
    if not ((of_city["households"] > 0) & of_city["community_code"].notna()).any():
        raise InputError(
            Text(
                f"城市 {city.name} 的社区里没有有住户的楼栋，无法选址；请先导入带户数的楼栋",
                f"no community of city {city.name} has a building with households; import buildings with households",
            )
        )
    # A private home (level 4) or a place closed to the public serves nobody's 15-minute circle.
    stay = known[known["kind"].isin(rules.reach.kinds) & known["public"]].sort_values("id", ignore_index=True)
    return _Inputs(nodes, edges, of_city, stay, regions.load_regions(conn, city))


def _input_hash(inputs: _Inputs, given: gpd.GeoDataFrame | None, rules: SitingRules) -> str:
    more = [(inputs.regions, ["code", "level", "parent_code"])]
    if given is not None:
        columns = [name for name in ("id", "name", "cost", "capacity") if name in given]
        more.append((given, columns))
    return walking_hash(rules.as_dict(), inputs.nodes, inputs.edges, inputs.buildings, inputs.facilities, more)


def _site(
    inputs: _Inputs,
    given: gpd.GeoDataFrame | None,
    rules: SitingRules,
    progress: Callable[[float, float], None] | None,
) -> SitingResult:
    return site(inputs.nodes, inputs.edges, inputs.buildings, inputs.facilities, inputs.regions, given, rules, progress)


def _progress(report: Report, rules: SitingRules) -> Callable[[float, float], None]:
    """Return what tells best and bound, each pair once."""
    what = Text("造价或数量", "cost or number") if rules.share is not None else Text("覆盖户数", "households covered")
    if rules.aim == "walk":
        what = Text("步行总量（户·米）", "household-metres walked")
    told: list[tuple[float, float]] = []

    def tell(best: float, bound: float) -> None:
        if (best, bound) in told[-1:]:
            return
        told.append((best, bound))
        report(
            Text(
                f"求解中：{what.zh}目前最好 {best:,.0f}，理论界 {bound:,.0f}",
                f"solving: {what.en}, best so far {best:,.0f}, bound {bound:,.0f}",
            ),
            1,
            1,
        )

    return tell
