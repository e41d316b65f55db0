"""Where the nearest public facilities of a place are: a city's index, loaded once, and answers from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from gis_service.db import facilities, network, reach_runs, regions
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.errors import NoNetworkError, Text
from gis_service.geo.datum import Datum, from_wgs84, to_wgs84
from gis_service.ingest.coordinates import Window, window_of
from gis_service.reach.costs import walking_network
from gis_service.reach.one_point import MOST_NEAREST, Answer, NearestIndex, Walk, nearest_index, query
from gis_service.reach.profile import MAX_SPEED_M_PER_S, MIN_SPEED_M_PER_S, PACES
from gis_service.reach.rules import COSTS, ReachRules
from gis_service.reach.snapping import snap
from gis_service.workflows.kinds import KIND_NAMES
from gis_service.workflows.station_hours import is_open

__all__ = [
    "DATUM_NAMES", "MAX_SPEED_M_PER_S", "MIN_SPEED_M_PER_S", "MOST_NEAREST", "PACES", "WHY", "NearestPlaces",
    "Question", "ReachRules", "answer", "load_nearest_places", "load_rules", "metric_position",
]  # fmt: skip

DATUM_NAMES = (Datum.WGS84.value, Datum.GCJ02.value)
TRANSFORMERS_KEPT = 32
PACES_KEPT = 4
"""Indexes of a city held in memory where waits make the quickest way depend on the pace."""
FARTHEST_STRAIGHT_M = 20_000.0
"""Where no walk can be told, facilities farther away as the crow flies [m] help nobody."""
WHY = MappingProxyType(
    {
        "no_network": Text(
            "这座城市还没有步行路网，算不出步行距离；以下是直线距离，实际要走的路更长",
            "this city has no walking network, so walks are not known; distances are straight lines, walks are longer",
        ),
        "off_network": Text(
            "您的位置附近没有步行道路，算不出步行距离；如有结果，只是直线距离",
            "there is no street near this place, so walks are not known; distances, if any, are straight lines",
        ),
        "no_path": Text(
            "从您的位置没有步行路线通到设施；以下只是直线距离",
            "no way on foot leads from this place to a facility; distances are straight lines",
        ),
        "outside_city": Text(
            "这个位置在这座城市之外很远；请检查城市是否选对，或经度、纬度是否填反",
            "this place lies far outside the city: check the city, or whether longitude and latitude are swapped",
        ),
        "hours_unknown": Text(
            "开放时间不明，请先打电话核实", "nobody can tell whether these are open then: please call first"
        ),
        "no_facility": Text("这座城市没有这类设施", "this city has no facility of these kinds"),
        "none_open": Text("这个时间没有开放的设施", "no facility is open then"),
    }
)
"""What people are told where there is no walk, by status or, where there is one, reason."""
PRIVATE_LEVEL = 4
"""Facilities of this level are private homes and in no answer."""


@dataclass(frozen=True)
class Question:
    """Where somebody stands and what is looked for; nothing of it is kept.

    Parameters
    ----------
    lon, lat
        Where, in degrees of `datum`.
    k
        How many facilities, 1 … ``MOST_NEAREST``.
    kinds
        Kinds that count; None: those of a check that is not told otherwise.
    speed_m_per_s
        Walking speed [m/s], from `MIN_SPEED_M_PER_S` to `MAX_SPEED_M_PER_S`.
    at
        Only facilities open at this local time count; None: all.
    unknown_open
        Facilities whose hours are not known count as open then.
    datum
        One of `DATUM_NAMES`; the paths of the answer are in the same.
    functions
        Only facilities that offer all of these count.
    """

    lon: float
    lat: float
    k: int = 3
    kinds: tuple[str, ...] | None = None
    speed_m_per_s: float = PACES["standard"]
    at: datetime | None = None
    unknown_open: bool = False
    datum: str = Datum.WGS84.value
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class NearestPlaces:
    """The public facilities of a city, and the streets over which they are reached.

    Parameters
    ----------
    facilities
        Sorted by id.
    rules
        What counts besides lengths: what counts in the run that the city's map shows.
    streets
        Nodes and edges of the walking network; None: the city has none.
    metric_crs
        The city's.
    window
        Where the city and its surroundings lie; None: the city has no regions.
    """

    facilities: gpd.GeoDataFrame
    rules: ReachRules
    streets: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] | None
    metric_crs: str
    window: Window | None

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds one may ask for: those the service knows and those of the city."""
        return frozenset(KIND_NAMES) | frozenset(self.facilities["kind"])

    @cached_property
    def facility_xy(self) -> NDArray[np.float64]:
        """Return where the facilities stand [m], shape (n, 2)."""
        return shapely.get_coordinates(self.facilities.geometry.to_numpy())

    def index(self, speed_m_per_s: float) -> NearestIndex | None:
        """Return the index for a pace [m/s]; None: the city has no streets."""
        # Waits weigh more for who walks faster; without any the quickest way is the same at every pace.
        waits = self.rules.crossing_s or self.rules.signal_s
        return None if self.streets is None else self._index_at(speed_m_per_s if waits else PACES["standard"])

    @cached_property
    def _index_at(self) -> Callable[[float], NearestIndex]:
        """Return a function that gives the index for a pace; it remembers those used last."""
        return lru_cache(PACES_KEPT)(self._make_index)

    def _make_index(self, speed_m_per_s: float) -> NearestIndex:
        assert self.streets is not None  # noqa: S101 asked by `index` only
        network = walking_network(*self.streets, replace(self.rules, speed_m_per_s=speed_m_per_s))
        return nearest_index(network, snap(network, self.facility_xy, max_gap_m=self.rules.max_gap_m), self.facility_xy)


def load_rules(conn: Connection, city: City) -> ReachRules:
    """Return by what rules the people of a city are answered: what counts in the run that its map shows."""
    shown = reach_runs.load_rules(conn, city) or ReachRules()
    return ReachRules(**{name: getattr(shown, name) for name in COSTS})


def load_nearest_places(conn: Connection, city: City, rules: ReachRules) -> NearestPlaces:
    """Return the facilities and streets of a city, ready to be asked.

    Raises
    ------
    InputError
        Slopes are to count and no height is known.
    """
    try:
        streets = network.load_network(conn, city)
    except NoNetworkError:
        streets = None
    known = facilities.load_facilities(conn, city)
    private = known["level"].eq(PRIVATE_LEVEL).fillna(value=False).astype(bool)
    public = known[known["public"] & ~private].reset_index(drop=True)
    window = window_of(regions.load_regions(conn, city).geometry.to_numpy(), city.metric_crs)
    places = NearestPlaces(public, rules, streets, city.metric_crs, window)
    places.index(PACES["standard"])
    return places


def metric_position(places: NearestPlaces, lon: float, lat: float, datum: str) -> tuple[float, float] | None:
    """Return a position [degrees of `datum`] in the city's metric CRS [m]; None: it lies outside what that can show."""
    on_wgs84 = to_wgs84(np.array([lon]), np.array([lat]), Datum(datum))
    x, y = _transformer("EPSG:4326", places.metric_crs).transform(on_wgs84[0][0], on_wgs84[1][0])
    return (float(x), float(y)) if np.isfinite([x, y]).all() else None


def answer(places: NearestPlaces, question: Question) -> dict[str, Any]:
    """Return the nearest facilities as plain values for JSON.

    Returns
    -------
    dict
        ``status`` (ok; no_network: the city has no streets; unreachable; no_facility: there is none of these kinds;
        none_open: none of them is open then; hours_unknown: none of them is known to be open then, the results are
        those of which nobody can tell), ``reason`` (of unreachable: outside_city: farther from it than anything of a
        city, off_network: too far from any street, or no_path: no way leads to any; of hours_unknown the same or
        no_network, where walks cannot be told; else null) and ``results``, the quickest to reach first:
        ``facility_id``, ``name``, ``kind``, ``address``, ``hours``, ``phone``, ``functions``, ``walk_m`` (metres
        walked), ``walk_s``,
        ``straight_m`` (as the crow flies), ``open`` (null: not known, or no time was asked about) and ``path`` (pairs
        of longitude and latitude [degrees]). Where nobody can tell a walk the results are the nearest as the crow
        flies, within `FARTHEST_STRAIGHT_M`, and ``walk_m``, ``walk_s`` and ``path`` are null.
    """
    table = places.facilities
    opened = [None if question.at is None else is_open(hours, question.at) for hours in table["hours"]]
    allowed, status = _allowed(table, question, opened)
    if not allowed.any():
        return _told(status, [])
    position = metric_position(places, question.lon, question.lat, question.datum)
    if position is None or not _in_surroundings(places, question):
        return _told("unreachable", [], reason="outside_city")
    x, y = position
    straight_m = np.hypot(*(places.facility_xy - (x, y)).T)
    index = places.index(question.speed_m_per_s)
    found = None if index is None else query(index, x, y, question.k, allowed=allowed, max_gap_m=places.rules.max_gap_m)
    if found is not None and found.status == "ok":
        walks: Iterable[tuple[int, Walk | None]] = ((walk.facility, walk) for walk in found.walks)
    else:
        near = np.flatnonzero(allowed & (straight_m <= FARTHEST_STRAIGHT_M))
        walks = ((int(i), None) for i in near[np.argsort(straight_m[near], kind="stable")][: question.k])
    results = []
    for facility, walk in walks:
        row = table.iloc[facility]
        results.append(
            {
                **{name: row[name] for name in ("name", "kind", "address", "hours", "phone")},
                "functions": list(row["functions"]),
                "facility_id": row["id"],
                "walk_m": None if walk is None else round(walk.length_m, 1),
                "walk_s": None if walk is None else round(walk.walk_m / question.speed_m_per_s, 1),
                "straight_m": round(float(straight_m[facility]), 1),
                "open": opened[facility],
                "path": None if walk is None else _degrees(walk.path_xy, places.metric_crs, Datum(question.datum)),
            }
        )
    why = _why_no_walk(found)
    if status == "hours_unknown":
        return _told(status, results, reason=why)
    if why == "no_network":
        return _told(why, results)
    return _told("ok" if why is None else "unreachable", results, reason=why)


def _why_no_walk(found: Answer | None) -> str | None:
    """Return why no walk can be told; None: there are walks."""
    if found is None:
        return "no_network"
    return {"ok": None, "no_network": "off_network", "no_path": "no_path"}[found.status]


def _in_surroundings(places: NearestPlaces, question: Question) -> bool:
    """Return whether somebody asks from the city or near it."""
    on_wgs84 = to_wgs84(np.array([question.lon]), np.array([question.lat]), Datum(question.datum))
    return places.window is None or bool(places.window.holds(on_wgs84[0], on_wgs84[1]).all())


def _allowed(table: gpd.GeoDataFrame, question: Question, opened: list[bool | None]) -> tuple[NDArray[np.bool_], str]:
    """Return which facilities are told, and whether that is ok or what is wrong with them, as a status."""
    kinds = ReachRules().kinds if question.kinds is None else question.kinds
    wanted = frozenset(question.functions)
    offers = [wanted.issubset(offered) for offered in table["functions"]]
    allowed = table["kind"].isin(kinds).to_numpy(np.bool_) & np.array(offers, np.bool_)
    if not allowed.any():
        return allowed, "no_facility"
    if question.at is None:
        return allowed, "ok"
    sure = allowed & np.array([question.unknown_open if each is None else each for each in opened], np.bool_)
    if sure.any():
        return sure, "ok"
    unknown = allowed & np.array([each is None for each in opened], np.bool_)
    return unknown, "hours_unknown" if unknown.any() else "none_open"


def _told(status: str, results: list[dict[str, Any]], *, reason: str | None = None) -> dict[str, Any]:
    return {"status": status, "reason": reason, "results": results}


def _degrees(path_xy: NDArray[np.float64], metric_crs: str, datum: Datum) -> list[list[float]]:
    """Return a path as pairs of longitude and latitude [degrees], to about a decimetre."""
    lon, lat = _transformer(metric_crs, "EPSG:4326").transform(path_xy[:, 0], path_xy[:, 1])
    lon, lat = from_wgs84(np.asarray(lon, np.float64), np.asarray(lat, np.float64), datum)
    pairs: list[list[float]] = np.round(np.column_stack([lon, lat]), 6).tolist()
    return pairs


@lru_cache(TRANSFORMERS_KEPT)
def _transformer(source: str, target: str) -> Transformer:
    """Return a transformer that any thread may use.

    Behind the scenes every thread makes its own of it: by steps that are written out that takes a third of a
    millisecond, from the names of two systems, whose steps are looked up each time, a tenth of a second.
    """
    found = Transformer.from_crs(source, target, always_xy=True)
    steps = found.definition
    # Where several ways lead from one to the other, PROJ chooses by the place and names none beforehand.
    return Transformer.from_pipeline(steps) if steps.startswith("proj=pipeline") else found
