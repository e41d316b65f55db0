"""The land a draft stands on: the units of one community and their borders, as plain arrays that recuts refine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray

UNKNOWN = -1
"""Residents of a unit that are not known."""
LEAK_M = 5.0
"""Neighbours with less border than this off rivers, railways and expressways lie on two sides of one [m, exclusive]."""


@dataclass(frozen=True, eq=False)
class Borders:
    """Which units are neighbours, one row a pair, sorted by (left, right).

    Parameters
    ----------
    left, right
        Positions of the two units, ``left < right``.
    length_m
        Length of the shared border [m]; 0 where the units do not touch and the row only bridges parts that lie apart.
    barrier_m
        Length of it along a river, railway or expressway [m].
    follow_m
        Length of it along any barrier, roads and walls included [m].
    """

    left: IndexArray
    right: IndexArray
    length_m: FloatArray
    barrier_m: FloatArray
    follow_m: FloatArray

    @property
    def touching(self) -> NDArray[np.bool_]:
        """True where the two units share a border; False for bridges."""
        return self.length_m > 0.0

    @property
    def open(self) -> NDArray[np.bool_]:
        """True where both units lie on one side of rivers, railways and expressways: see :func:`open_borders`."""
        return open_borders(self.length_m, self.barrier_m)


def open_borders(length_m: FloatArray, barrier_m: FloatArray) -> NDArray[np.bool_]:
    """Return the borders that lead around rivers, railways and expressways, or meet none.

    Parameters
    ----------
    length_m
        Length of each border [m]; 0 for bridges.
    barrier_m
        Length of it along a river, railway or expressway [m].

    Returns
    -------
    ndarray of bool
        True where none runs along the border, bridges included, or `LEAK_M` or more of the border is off them.
    """
    passable: NDArray[np.bool_] = (barrier_m == 0.0) | (length_m - barrier_m >= LEAK_M)
    return passable


@dataclass(frozen=True)
class LandUnit:
    """One unit as operations name and carry it.

    Parameters
    ----------
    code, kind, special, estate_id
        As in the units frame.
    households
        Households [count].
    residents
        Residents [count]; None: unknown.
    polygon
        Its extent in the metric CRS.
    """

    code: str
    kind: str
    special: str | None
    estate_id: str | None
    households: int
    residents: int | None
    polygon: shapely.Polygon

    def as_dict(self) -> dict[str, Any]:
        """Return the unit as plain values for JSON; the polygon as hexadecimal WKB, bit for bit."""
        return {**self.__dict__, "polygon": shapely.to_wkb(self.polygon, hex=True)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "LandUnit":
        """Return the unit that ``as_dict`` wrote.

        Raises
        ------
        TypeError
            A value is not of its type.
        """
        unit = cls(**{**values, "polygon": _polygon(values["polygon"])})
        texts = (unit.code, unit.kind, unit.special or "", unit.estate_id or "")
        counts = (unit.households, 0 if unit.residents is None else unit.residents)
        if not all(isinstance(text, str) for text in texts) or not all(type(c) is int and c >= 0 for c in counts):
            raise TypeError(values)
        return unit


@dataclass(frozen=True)
class Border:
    """The border two units share, by their codes; lengths as in :class:`Borders`."""

    one: str
    other: str
    length_m: float
    barrier_m: float
    follow_m: float


@dataclass(frozen=True)
class Recut:
    """Units that take the place of others on the same land.

    Parameters
    ----------
    leave
        Codes of the units that go.
    come
        The units that take their place.
    reshaped
        Neighbours that get or lose vertices where borders meet theirs; their land stays the same.
    borders
        Every border of a unit that comes.
    """

    leave: tuple[str, ...]
    come: tuple[LandUnit, ...]
    reshaped: tuple[tuple[str, shapely.Polygon], ...]
    borders: tuple[Border, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the recut as plain values for JSON."""
        return {
            "leave": list(self.leave),
            "come": [unit.as_dict() for unit in self.come],
            "reshaped": {code: shapely.to_wkb(polygon, hex=True) for code, polygon in self.reshaped},
            "borders": [list(border.__dict__.values()) for border in self.borders],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Recut":
        """Return the recut that ``as_dict`` wrote."""
        return cls(
            leave=tuple(values["leave"]),
            come=tuple(LandUnit.from_dict(unit) for unit in values["come"]),
            reshaped=tuple((code, _polygon(polygon)) for code, polygon in values["reshaped"].items()),
            borders=tuple(_border(*border) for border in values["borders"]),
        )


@dataclass(frozen=True, eq=False)
class Land:
    """The units of one community that a draft assigns; they tile it and are a valid coverage.

    Parameters
    ----------
    code, kind, special, estate_id
        As in the units frame, by position; sorted by code. A piece of a unit has its code, a full stop and a number.
    households
        Households of each unit [count].
    residents
        Residents of each unit [count]; `UNKNOWN` where not known.
    polygon
        Extent of each unit in the metric CRS.
    borders
        Who is whose neighbour.
    """

    code: NDArray[np.object_]
    kind: NDArray[np.object_]
    special: NDArray[np.object_]
    estate_id: NDArray[np.object_]
    households: NDArray[np.int64]
    residents: NDArray[np.int64]
    polygon: GeometryArray
    borders: Borders

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.code)

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Position of each unit by its code."""
        return {code: number for number, code in enumerate(self.code.tolist())}

    @cached_property
    def given_special(self) -> NDArray[np.bool_]:
        """True for units of a special grid that was given with the data."""
        return np.array([name is not None for name in self.special.tolist()], dtype=bool)

    @cached_property
    def area_m2(self) -> FloatArray:
        """Area of each unit [m²]."""
        area: FloatArray = shapely.area(self.polygon)
        return area

    @cached_property
    def perimeter_m(self) -> FloatArray:
        """Perimeter of each unit [m]."""
        perimeter: FloatArray = shapely.length(self.polygon)
        return perimeter

    def unit(self, code: str) -> LandUnit:
        """Return a unit of that code, which must be there."""
        at = self.position[code]
        return LandUnit(
            code,
            self.kind[at],
            self.special[at],
            self.estate_id[at],
            int(self.households[at]),
            known(self.residents[at]),
            self.polygon[at],
        )


def known(residents: int) -> int | None:
    """Return residents [count], None where they are `UNKNOWN`."""
    return None if residents < 0 else int(residents)


def land_of(units: gpd.GeoDataFrame, borders: Borders) -> Land:
    """Return the land a draft starts from.

    Parameters
    ----------
    units
        The units frame of one community, sorted by code; ``unit`` is the position.
    borders
        Their borders, by position.
    """
    return Land(
        code=units["code"].to_numpy(dtype=object),
        kind=units["kind"].to_numpy(dtype=object),
        special=_texts(units["special"]),
        estate_id=_texts(units["estate_id"]),
        households=units["households"].to_numpy(np.int64),
        residents=units["residents"].fillna(UNKNOWN).to_numpy(np.int64),
        polygon=units.geometry.to_numpy(),
        borders=borders,
    )


def recut_land(land: Land, recut: Recut) -> Land:
    """Return the land after a recut; units stay sorted by code, borders by position.

    Parameters
    ----------
    land
        Has all units of ``recut.leave`` and ``recut.reshaped`` and none of ``recut.come``.
    recut
        What changes.
    """
    gone = set(recut.leave)
    reshaped = dict(recut.reshaped)
    stay = [code for code in land.code.tolist() if code not in gone]
    come = {unit.code: unit for unit in recut.come}
    units = [come[code] if code in come else land.unit(code) for code in sorted([*stay, *come])]
    units_polygon = [reshaped.get(unit.code, unit.polygon) for unit in units]
    position = {unit.code: number for number, unit in enumerate(units)}
    return Land(
        code=_objects(unit.code for unit in units),
        kind=_objects(unit.kind for unit in units),
        special=_objects(unit.special for unit in units),
        estate_id=_objects(unit.estate_id for unit in units),
        households=np.array([unit.households for unit in units], dtype=np.int64),
        residents=np.array([UNKNOWN if u.residents is None else u.residents for u in units], dtype=np.int64),
        polygon=_objects(units_polygon),
        borders=_recut_borders(land, recut, gone, position),
    )


def _recut_borders(land: Land, recut: Recut, gone: set[str], position: Mapping[str, int]) -> Borders:
    """Return the borders of those that stay, and those that come with the recut."""
    old = land.borders
    place = np.array([-1 if code in gone else position[code] for code in land.code.tolist()], dtype=np.int64)
    left, right = place[old.left], place[old.right]
    kept = (left >= 0) & (right >= 0)
    new = np.array([(position[b.one], position[b.other]) for b in recut.borders], dtype=np.int64).reshape(-1, 2)
    metres = np.array([(b.length_m, b.barrier_m, b.follow_m) for b in recut.borders]).reshape(-1, 3)
    ends = np.vstack((np.column_stack((left, right))[kept], np.sort(new, axis=1)))
    values = np.vstack((np.column_stack((old.length_m, old.barrier_m, old.follow_m))[kept], metres))
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    ends, values = ends[order], values[order]
    return Borders(ends[:, 0], ends[:, 1], *(np.ascontiguousarray(column) for column in values.T))


def borders_of_units(land: Land, codes: Iterable[str]) -> tuple[Border, ...]:
    """Return every border of the units of these codes, in the order of the land."""
    wanted = np.zeros(len(land), dtype=bool)
    wanted[[land.position[code] for code in codes]] = True
    borders = land.borders
    rows = np.flatnonzero(wanted[borders.left] | wanted[borders.right])
    return tuple(
        Border(
            str(land.code[borders.left[row]]),
            str(land.code[borders.right[row]]),
            float(borders.length_m[row]),
            float(borders.barrier_m[row]),
            float(borders.follow_m[row]),
        )
        for row in rows
    )


def _polygon(wkb: Any) -> shapely.Polygon:
    polygon = shapely.from_wkb(wkb)
    if not isinstance(polygon, shapely.Polygon):
        raise TypeError(wkb)
    return polygon


def _border(one: str, other: str, *metres: float) -> Border:
    if not all(type(length) is float and 0.0 <= length < np.inf for length in metres):
        raise TypeError(metres)
    return Border(one, other, *metres)


def _texts(column: "pd.Series[str]") -> NDArray[np.object_]:
    """Return texts as an array, None where missing."""
    texts: NDArray[np.object_] = column.astype(object).where(column.notna(), None).to_numpy(dtype=object)
    return texts


def _objects(values: Iterable[Any]) -> NDArray[np.object_]:
    """Return values as an array of objects, one element each."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
