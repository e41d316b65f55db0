"""Where the nearest public facilities of a place are: a city's index, loaded once, and answers from it."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import get_ident
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from gis_service.db import facilities, network
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.geo.datum import Datum, from_wgs84, to_wgs84
from gis_service.reach.network import build_network
from gis_service.reach.one_point import MOST_NEAREST, NearestIndex, nearest_index, query
from gis_service.reach.opening_hours import open_at
from gis_service.reach.rules import PACES, ReachRules
from gis_service.reach.snapping import snap
from gis_service.workflows.kinds import KIND_NAMES

__all__ = ["DATUM_NAMES", "MOST_NEAREST", "PACE_NAMES", "NearestPlaces", "Question", "answer", "load_nearest_places"]

DATUM_NAMES = (Datum.WGS84.value, Datum.GCJ02.value)
PACE_NAMES = tuple(PACES)
TRANSFORMERS_KEPT = 128
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
    pace
        One of `PACE_NAMES`.
    at
        Only facilities open at this local time count; None: all.
    unknown_open
        Facilities whose hours are not known count as open then.
    datum
        One of `DATUM_NAMES`; the paths of the answer are in the same.
    """

    lon: float
    lat: float
    k: int = 3
    kinds: tuple[str, ...] | None = None
    pace: str = "standard"
    at: datetime | None = None
    unknown_open: bool = False
    datum: str = Datum.WGS84.value


@dataclass(frozen=True, eq=False)
class NearestPlaces:
    """The public facilities of a city and the index over them, sorted by id."""

    facilities: gpd.GeoDataFrame
    index: NearestIndex
    metric_crs: str

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds one may ask for: those the service knows and those of the city."""
        return frozenset(KIND_NAMES) | frozenset(self.facilities["kind"])


def load_nearest_places(conn: Connection, city: City) -> NearestPlaces:
    """Return the index of a city.

    Raises
    ------
    NoNetworkError
        The city has no walking network.
    """
    rules = ReachRules()
    nodes, edges = network.load_network(conn, city)
    known = facilities.load_facilities(conn, city)
    private = known["level"].eq(PRIVATE_LEVEL).fillna(value=False).astype(bool)
    public = known[known["public"] & ~private].reset_index(drop=True)
    streets = build_network(nodes, edges, min_component_m=rules.min_component_m)
    xy = shapely.get_coordinates(public.geometry.to_numpy())
    index = nearest_index(streets, snap(streets, xy, max_gap_m=rules.max_gap_m), xy)
    return NearestPlaces(public, index, city.metric_crs)


def answer(places: NearestPlaces, question: Question) -> dict[str, Any]:
    """Return the nearest facilities as plain values for JSON.

    Returns
    -------
    dict
        ``status`` (ok; no_network: too far from any street; no_path: nothing can be reached; no_facility: there is none
        of these kinds; none_open: none of them is open then, as far as is known) and ``results``, nearest
        first: ``facility_id``, ``name``, ``kind``, ``address``, ``hours``, ``walk_m``, ``walk_s``, ``open`` (null: not
        known, or no time was asked about) and ``path`` (pairs of longitude and latitude [degrees]).
    """
    table = places.facilities
    kinds = ReachRules().kinds if question.kinds is None else question.kinds
    allowed = table["kind"].isin(kinds).to_numpy(np.bool_)
    if not allowed.any():
        return {"status": "no_facility", "results": []}
    opened = [None if question.at is None else open_at(hours, question.at) for hours in table["hours"]]
    if question.at is not None:
        allowed = allowed & np.array([question.unknown_open if each is None else each for each in opened], np.bool_)
        if not allowed.any():
            return {"status": "none_open", "results": []}
    lon, lat = to_wgs84(np.array([question.lon]), np.array([question.lat]), Datum(question.datum))
    x, y = _transformer("EPSG:4326", places.metric_crs, get_ident()).transform(lon[0], lat[0])
    if not np.isfinite([x, y]).all():
        return {"status": "no_network", "results": []}
    found = query(places.index, x, y, question.k, allowed=allowed, max_gap_m=ReachRules().max_gap_m)
    results = []
    for walk in found.walks:
        row = table.iloc[walk.facility]
        results.append(
            {
                **{name: row[name] for name in ("name", "kind", "address", "hours")},
                "facility_id": row["id"],
                "walk_m": round(walk.walk_m, 1),
                "walk_s": round(walk.walk_m / PACES[question.pace], 1),
                "open": opened[walk.facility],
                "path": _degrees(walk.path_xy, places.metric_crs, Datum(question.datum)),
            }
        )
    return {"status": found.status, "results": results}


def _degrees(path_xy: NDArray[np.float64], metric_crs: str, datum: Datum) -> list[list[float]]:
    """Return a path as pairs of longitude and latitude [degrees], to about a decimetre."""
    lon, lat = _transformer(metric_crs, "EPSG:4326", get_ident()).transform(path_xy[:, 0], path_xy[:, 1])
    lon, lat = from_wgs84(np.asarray(lon, np.float64), np.asarray(lat, np.float64), datum)
    pairs: list[list[float]] = np.round(np.column_stack([lon, lat]), 6).tolist()
    return pairs


@lru_cache(TRANSFORMERS_KEPT)
def _transformer(source: str, target: str, thread: int) -> Transformer:
    """Return a transformer of a thread's own, which takes a tenth of a second to make."""
    del thread  # only tells them apart: two threads may not use one at the same time
    return Transformer.from_crs(source, target, always_xy=True)
