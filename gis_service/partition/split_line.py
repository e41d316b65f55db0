"""Units cut by a drawn line: the cut runs where the line runs, but around buildings, never through one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from gis_service.errors import InputError, Text
from gis_service.geo.coverage import IndexArray, pieces
from gis_service.geo.crs import round_coordinates
from gis_service.partition.cut_borders import borders_of_pieces
from gis_service.partition.line_pieces import CutUnit, cut_by_line
from gis_service.partition.noding import inserted_vertices, with_vertices
from gis_service.partition.obstacles import Obstacles, obstacles_of
from gis_service.plan.land import Land, LandUnit, Recut
from gis_service.plan.operations import SplitUnits


@dataclass(frozen=True)
class LineCut:
    """What a drawn line cuts.

    Parameters
    ----------
    operation
        The cut, to be applied to the draft.
    bent
        Ids of the buildings the cut bends around, sorted.
    """

    operation: SplitUnits
    bent: tuple[str, ...]

    @property
    def text(self) -> Text:
        """What was done, in one sentence."""
        units = "、".join(unit for unit, _ in self.operation.cuts)
        done = Text(f"已切分单元 {units}", f"cut units {units.replace('、', ', ')}")
        if not self.bent:
            return done
        first, count = self.bent[0], len(self.bent)
        return Text(
            f"{done.zh}；切线不穿过楼栋，已绕开 {count} 栋（{first} 等）",
            f"{done.en}; no building is cut, the line bends around {count} of them ({first} first)",
        )


def split_line(
    land: Land,
    line: shapely.LineString,
    buildings: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    *,
    units: Collection[str] | None = None,
    taken: Collection[str] = (),
) -> LineCut:
    """Return the cut of the units that a drawn line divides.

    Parameters
    ----------
    land
        The units of a draft.
    line
        As it was drawn, in their metric CRS. Parts outside the units and ends inside one cut nothing.
    buildings
        The buildings frame with ``unit``, the code of the unit each stands in; of the whole community or more.
    barriers
        The barriers frame: new borders along them are known as such.
    units
        Codes of the units that may be cut, those of one grid for instance; None: all.
    taken
        Codes that pieces must not get: those of all units the community ever had.

    Returns
    -------
    LineCut
        Pieces tile their unit, share every vertex with each other and with the neighbours, hold every building whole
        and are one polygon each. Slivers without buildings stay with the piece beside them. The pieces of unit ``u``
        are ``u.1``, ``u.2`` …, in reading order. The same for the same input, whatever the row order.

    Raises
    ------
    InputError
        The line has no length, or divides no unit.
    CoverageError
        The units are no valid coverage.
    """
    found = cut_units_by(land, line, buildings, barriers, units=units, taken=taken)
    if found is None:
        raise InputError(
            Text(
                "画的线没有切开任何单元；请让线从单元的一侧边界画到另一侧，并避免只贴着已有边界或楼栋",
                "the line divides no unit; draw it from one border of a unit to another, not along a border or a "
                "building only",
            )
        )
    return found


def cut_units_by(
    land: Land,
    line: shapely.LineString,
    buildings: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    *,
    units: Collection[str] | None = None,
    taken: Collection[str] = (),
) -> LineCut | None:
    """Return what :func:`split_line` does, but None where the line divides no unit."""
    drawn = _checked(line)
    allowed = np.ones(len(land), dtype=bool) if units is None else np.isin(land.code, list(units))
    touched = np.flatnonzero(allowed)[shapely.intersects(land.polygon[allowed], drawn)]
    if len(touched) == 0:
        return None
    here = buildings[buildings["unit"].isin(land.code[touched].tolist())].sort_values("id", ignore_index=True)
    unit = np.array([land.position[code] for code in here["unit"]], dtype=np.int64)
    obstacles = obstacles_of(here.geometry.to_numpy(), unit, land.polygon, drawn)
    cut = [
        one
        for area in pieces(shapely.coverage_union_all(land.polygon[touched]))
        for one in cut_by_line(land.polygon, _within(land, touched, area), drawn, area, obstacles)
    ]
    if not cut:
        return None
    cut.sort(key=lambda one: one.unit)
    ids = here["id"].to_numpy(dtype=object)
    bent = {str(ids[row]) for one in cut for row in _members(obstacles, one.unit)}
    return LineCut(_operation(land, cut, here, obstacles, barriers, taken), tuple(sorted(bent)))


def _checked(line: shapely.LineString) -> shapely.LineString:
    xy = shapely.get_coordinates(line)
    if not (np.isfinite(xy).all() and len(np.unique(xy, axis=0)) > 1):
        raise InputError(
            Text(
                "切分线至少需要两个不同的点；请重新画线", "the line needs two different points at least; draw it again"
            )
        )
    drawn: shapely.LineString = round_coordinates(np.array([line], dtype=object))[0]
    return drawn


def _within(land: Land, touched: IndexArray, area: shapely.Polygon) -> IndexArray:
    """Return those of the units that make up a connected area."""
    inner = shapely.point_on_surface(land.polygon[touched])
    return touched[shapely.intersects(area, inner)]


def _members(obstacles: Obstacles, unit: int) -> IndexArray:
    """Return the rows of the buildings of a unit that the line would cut."""
    crossed: IndexArray = np.flatnonzero(obstacles.crossed[obstacles.member] & (obstacles.unit == unit))
    return crossed


def _operation(
    land: Land,
    cut: Sequence[CutUnit],
    buildings: gpd.GeoDataFrame,
    obstacles: Obstacles,
    barriers: gpd.GeoDataFrame,
    taken: Collection[str],
) -> SplitUnits:
    barred = {*taken, *land.code.tolist()}
    counts = buildings[["households", "residents"]]
    come: list[LandUnit] = []
    cuts, inside = [], []
    for one in cut:
        parent = land.unit(str(land.code[one.unit]))
        codes = _codes(parent.code, len(one.polygons), barred)
        rows = np.flatnonzero(obstacles.unit == one.unit)
        home = one.home(obstacles.footprint[obstacles.member[rows]])
        for number, code in enumerate(codes):
            members = rows[home == number]
            people = counts["residents"].iloc[members]
            come.append(
                LandUnit(
                    code=code,
                    kind=_kind(len(np.unique(obstacles.member[members]))),
                    special=parent.special,
                    estate_id=parent.estate_id,
                    households=int(counts["households"].iloc[members].sum()),
                    residents=None if people.isna().any() else int(people.sum()),
                    polygon=one.polygons[number],
                )
            )
            inside.append((code, tuple(buildings["id"].iloc[members].astype(str))))
        cuts.append((parent.code, codes))
    leave = np.array([one.unit for one in cut], dtype=np.int64)
    reshaped = _reshaped(land, cut, leave)
    recut = Recut(
        leave=tuple(str(code) for code in land.code[leave]),
        come=tuple(come),
        reshaped=tuple((str(land.code[at]), polygon) for at, polygon in sorted(reshaped.items())),
        borders=borders_of_pieces(land, leave, come, reshaped, barriers),
    )
    return SplitUnits(tuple(cuts), tuple(inside), recut)


def _reshaped(land: Land, cut: Sequence[CutUnit], leave: IndexArray) -> dict[int, shapely.Polygon]:
    """Return the neighbours of cut units that need vertices where cuts end, with them."""
    chains = {}
    for one in cut:
        chains.update(inserted_vertices(land.polygon[one.unit], one.outline))
    borders = land.borders
    ends = np.column_stack((borders.left, borders.right))[borders.touching]
    beside = np.setdiff1d(ends[np.isin(ends, leave).any(axis=1)], leave)
    changed = {int(at): with_vertices(land.polygon[at], chains) for at in beside}
    return {at: polygon for at, polygon in changed.items() if polygon is not land.polygon[at]}


def _codes(parent: str, count: int, barred: set[str]) -> tuple[str, ...]:
    """Return the next free codes for the pieces of a unit, and bar them."""
    codes: list[str] = []
    number = 0
    while len(codes) < count:
        number += 1
        if f"{parent}.{number}" not in barred:
            codes.append(f"{parent}.{number}")
    barred.update(codes)
    return tuple(codes)


def _kind(clusters: int) -> str:
    return ("open", "cell", "block")[min(clusters, 2)]
