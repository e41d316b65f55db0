"""What the public is told: the nearest stations of a place in minutes, everything about one station, where one is."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from gis_service.db.barriers import load_barriers
from gis_service.db.buildings import load_buildings
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.estates import load_estates
from gis_service.db.plans import load_grids_of
from gis_service.db.regions import load_regions
from gis_service.errors import Text
from gis_service.geo.crs import STORED_CRS
from gis_service.geo.datum import Datum, to_wgs84
from gis_service.workflows.functions import BARRIER_FREE, Function, function_named
from gis_service.workflows.gazetteer import Gazetteer
from gis_service.workflows.handover import MapLink, map_links
from gis_service.workflows.kinds import kind_name
from gis_service.workflows.named_places import build_gazetteer
from gis_service.workflows.nearest_places import (
    PACES,
    WHY,
    NearestPlaces,
    Question,
    ReachRules,
    answer,
    metric_position,
)
from gis_service.workflows.station_hours import Opening, opening_at, opening_words
from gis_service.workflows.whereabouts import Surroundings, Whereabouts

__all__ = ["PACES", "Listed", "Listing", "Locator", "Question", "ReachRules", "Station", "load_locator"]

STANDARD, ELDERLY = "standard", "elderly"
WITHIN_MIN = ReachRules().minutes
"""A longer walk than this [min] is told to be one."""
SERVICE_CENTRE = "service_centre"
FAR = Text(
    "这个位置离这座城市很远。请看看城市对不对，或写上这座城市的小区、道路或地点的名称。",
    "This place is far from the city. Check the city, or give an estate, road or place of it.",
)
"""Who asks on the public's page typed no degrees that might be swapped, as `WHY` supposes."""


@dataclass(frozen=True)
class Station:
    """What everybody may know of a facility, at a moment.

    Parameters
    ----------
    id, name, kind, kind_name, address, hours, phone
        As in the data; None: not known.
    community
        Name of the community around it.
    functions
        What it offers, besides being free of steps.
    barrier_free
        It is said to be free of steps.
    opening, opening_words
        Whether it is open, and how that is said.
    lon, lat
        Where it is [degrees, WGS 84].
    """

    id: str
    name: str
    kind: str
    kind_name: Text
    address: str | None
    hours: str | None
    phone: str | None
    community: str | None
    functions: tuple[Function, ...]
    barrier_free: bool
    opening: Opening
    opening_words: Text
    lon: float
    lat: float

    @property
    def map_links(self) -> tuple[MapLink, ...]:
        """Return links that hand over to map services."""
        return map_links(self.name, self.lon, self.lat)


@dataclass(frozen=True)
class Listed:
    """A station and the walk to it.

    Parameters
    ----------
    station
        The station.
    minutes
        Walking time at each pace of `PACES`, rounded up [min]; empty: no walk can be told.
    walk_m, straight_m
        Length of the walk, and as the crow flies, to ten metres [m]; None: no walk can be told.
    path
        Pairs of longitude and latitude [degrees, WGS 84]; None: no walk can be told.
    """

    station: Station
    minutes: Mapping[str, int]
    walk_m: int | None
    straight_m: int
    path: list[list[float]] | None


@dataclass(frozen=True)
class Listing:
    """The nearest stations of a place.

    Parameters
    ----------
    listed
        The quickest to reach first.
    why
        What people are told where no walk or no station is known; None: all is well.
    within
        The first is within `WITHIN_MIN` at the pace asked for.
    where
        What is around the place.
    contact
        Who answers the telephone for the community: see `Locator.contact`.
    """

    listed: tuple[Listed, ...]
    why: Text | None
    within: bool
    where: Surroundings
    contact: Station | None


@dataclass(frozen=True, eq=False)
class Locator:
    """Everything that answers the public of one city."""

    places: NearestPlaces
    gazetteer: Gazetteer
    whereabouts: Whereabouts

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """Return the kinds of the public facilities, those that count first, then by how many there are."""
        counts, counting = Counter(self.places.facilities["kind"]), ReachRules().kinds
        return tuple(sorted(counts, key=lambda kind: (kind not in counting, -counts[kind], kind)))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Return what the public facilities offer, the most frequent first."""
        counts = Counter(word for words in self.places.facilities["functions"] for word in words)
        return tuple(function_named(word) for word in sorted(counts, key=lambda word: (-counts[word], word)))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {code: number for number, code in enumerate(self.places.facilities["id"])}

    @cached_property
    def _degrees(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        points = self.places.facilities.geometry.to_crs(STORED_CRS)
        return np.column_stack([points.x, points.y])

    @cached_property
    def _around(self) -> tuple[Surroundings, ...]:
        return tuple(self.whereabouts.of(x, y) for x, y in self.places.facility_xy)

    def prepare(self) -> None:
        """Make what the first question would otherwise wait for."""
        self.whereabouts.prepare()
        _ = (self.kinds, self.functions, self._rows, self._degrees, self._around)
        _ = (self.gazetteer.spellings, self.gazetteer.slurred, self.gazetteer.by_key)

    def station(self, code: str, now: datetime) -> Station | None:
        """Return a public facility by its id; None: there is none, or the public may not know of it."""
        number = self._rows.get(code)
        return None if number is None else self._station(number, now)

    def where(self, lon: float, lat: float, datum: str = Datum.WGS84.value) -> Surroundings:
        """Return what is around a position [degrees of `datum`]."""
        position = metric_position(self.places, lon, lat, datum)
        return Surroundings() if position is None else self.whereabouts.of(*position)

    def contact(
        self, where: Surroundings, lon: float, lat: float, now: datetime, datum: str = Datum.WGS84.value
    ) -> Station | None:
        """Return the nearest service centre with a telephone of the community, or else of the street; None: neither."""
        table = self.places.facilities
        reachable = np.flatnonzero(table["kind"].eq(SERVICE_CENTRE) & table["phone"].notna())
        position = metric_position(self.places, lon, lat, datum)
        if where.community_code is None or position is None:
            return None
        around = [(number, self._around[number]) for number in reachable]
        own = [number for number, place in around if place.community_code == where.community_code]
        there = own or [number for number, place in around if where.street and place.street == where.street]
        if not there:
            return None
        apart_m = np.hypot(*(self.places.facility_xy[there] - position).T)
        return self._station(int(there[int(np.argmin(apart_m))]), now)

    def listing(self, question: Question, pace: str, now: datetime) -> Listing:
        """Return the nearest stations of a question's place, with their walking times at every pace.

        Parameters
        ----------
        question
            Its ``datum`` says what its position is in; the answer is in WGS 84. Its speed does not count.
        pace
            One of `PACES`; it decides the order and what is within reach.
        now
            The local time.
        """
        lon, lat = to_wgs84(np.array([question.lon]), np.array([question.lat]), Datum(question.datum))
        asked = replace(question, lon=float(lon[0]), lat=float(lat[0]), datum=Datum.WGS84.value)
        answers = {each: answer(self.places, replace(asked, speed_m_per_s=speed)) for each, speed in PACES.items()}
        seconds = {each: {row["facility_id"]: row["walk_s"] for row in one["results"]} for each, one in answers.items()}
        told = answers[pace]
        listed = tuple(self._listed(row, seconds, now) for row in told["results"])
        first_s = told["results"][0]["walk_s"] if told["results"] else None
        where = self.where(asked.lon, asked.lat)
        return Listing(
            listed,
            FAR if told["reason"] == "outside_city" else WHY.get(told["reason"] or told["status"]),
            within=first_s is not None and first_s <= WITHIN_MIN * 60.0,
            where=where,
            contact=self.contact(where, asked.lon, asked.lat, now),
        )

    def _listed(self, row: dict[str, Any], seconds: Mapping[str, Mapping[str, float | None]], now: datetime) -> Listed:
        code = row["facility_id"]
        walks_s = {pace: times.get(code) for pace, times in seconds.items()}
        return Listed(
            self._station(self._rows[code], now),
            {pace: max(1, math.ceil(walk_s / 60.0)) for pace, walk_s in walks_s.items() if walk_s is not None},
            None if row["walk_m"] is None else _tens(row["walk_m"]),
            _tens(row["straight_m"]),
            row["path"],
        )

    def _station(self, number: int, now: datetime) -> Station:
        row = self.places.facilities.iloc[number]
        opening = opening_at(row["hours"], now)
        lon, lat = self._degrees[number]
        return Station(
            **{name: row[name] for name in ("id", "name", "kind", "address", "hours", "phone")},
            kind_name=kind_name(row["kind"]),
            community=self._around[number].community,
            functions=tuple(function_named(word) for word in row["functions"] if word != BARRIER_FREE),
            barrier_free=BARRIER_FREE in row["functions"],
            opening=opening,
            opening_words=opening_words(opening, now, has_phone=row["phone"] is not None),
            lon=float(lon),
            lat=float(lat),
        )


def load_locator(
    conn: Connection, city: City, places: NearestPlaces, plans: tuple[int, ...], *, grid_phones: Mapping[str, str]
) -> Locator:
    """Return what answers the public of a city.

    Parameters
    ----------
    conn, city
        Transaction and city.
    places
        Its public facilities and streets.
    plans
        Keys of the plans whose grids may be named; none: grids are not published.
    grid_phones
        Office telephones of the grids' workers, by code of grid; empty: they are not published.
    """
    regions, estates = load_regions(conn, city), load_estates(conn, city)
    roads = load_barriers(conn, city).query("kind == 'road'") if places.streets is None else places.streets[1]
    gazetteer = build_gazetteer(regions, estates, load_buildings(conn, city), places.facilities, roads)
    published = load_grids_of(conn, city, plans) if plans else None
    if published is not None:
        published["phone"] = pd.Series([grid_phones.get(code) for code in published["code"]], dtype=object)
    locator = Locator(places, gazetteer, Whereabouts(regions, estates, roads, published))
    locator.prepare()
    return locator


def _tens(length_m: float) -> int:
    return round(length_m / 10.0) * 10
