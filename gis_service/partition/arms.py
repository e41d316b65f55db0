"""Arms: narrow land along lines that leads away from the rest of its land, such as medians, banks and verges."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.geo.compactness import polsby_popper
from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray, group_sums
from gis_service.partition.absorption import OPEN_LAND_M2, OPEN_LAND_WIDTH_M, is_leftover
from gis_service.partition.linework import ON_LINE_M
from gis_service.partition.noding import Point
from gis_service.partition.straight_cuts import (
    Cut,
    CutAcross,
    Rings,
    cut_where,
    cuts_between,
    faces_between,
    points_of,
    rings_of,
    with_ends,
)

ARM_M2 = OPEN_LAND_M2 / 2
"""Smaller arms stay where they are [m², exclusive]."""
SLENDER = 2.0
"""An arm is so many times as long as the longest cut that takes it off, judged by its area [inclusive]."""
ON_LINES = 0.5
"""Along so much of the outline of an arm run lines that are known, not made up [share, inclusive]."""
PLUMP = 0.5
"""Land of a greater measure of Polsby and Popper is not looked at [exclusive]."""
SHARP = float(np.sin(np.radians(30.0)))
"""A cut may begin where the outline turns inwards by 30° or more (its sine)."""
_BESIDE_M = 1e-6


@dataclass(frozen=True)
class _Faces:
    """What cuts divide a polygon into.

    Parameters
    ----------
    polygon
        The faces.
    beside
        The two faces beside each cut (n, 2).
    held
        Faces with a building, or a wall of one.
    narrow
        Faces that are leftover land by themselves and hold no building.
    """

    polygon: GeometryArray
    beside: IndexArray
    held: NDArray[np.bool_]
    narrow: NDArray[np.bool_]


def cut_arms(
    polygons: GeometryArray, chosen: NDArray[np.bool_], buildings: GeometryArray, lines: GeometryArray
) -> CutAcross:
    """Return a coverage in which the arms of chosen polygons are pieces of their own.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage, coordinates on the grid of ``geo.crs.RESOLUTION_M``.
    chosen
        Those that may be cut.
    buildings
        Shapes that no cut touches.
    lines
        Lines that are known: roads, walls, water, outlines of estates, the border of the land.

    Returns
    -------
    CutAcross
        A valid coverage of the same land, but for the roundings of new vertices. Arms have `ARM_M2` or more, are at
        most `absorption.OPEN_LAND_WIDTH_M` wide where they are cut off and `SLENDER` times as long, hold no building,
        and are leftover land by themselves, piece by piece: they are cut across where borders of others meet them.
    """
    rows = np.flatnonzero(chosen & (shapely.area(polygons) >= OPEN_LAND_M2))
    rows = rows[polsby_popper(polygons[rows]) <= PLUMP]
    standing, known = shapely.STRtree(buildings), shapely.STRtree(lines)

    def find(_: int, polygon: shapely.Polygon, meeting: set[Point]) -> list[Cut]:
        near_by = buildings[np.sort(standing.query(polygon, predicate="intersects"))]
        rings = rings_of(shapely.orient_polygons(polygon))
        inwards = _turns_inwards(rings)
        starts = [number for number, point in enumerate(points_of(rings)) if inwards[number] or point in meeting]
        cuts = [
            cut
            for cut in cuts_between(polygon, rings, starts, 0.0, OPEN_LAND_WIDTH_M)
            if not shapely.intersects(near_by, cut.line).any()
        ]
        return _beside_arms(polygon, cuts, near_by, known) if cuts else []

    return cut_where(polygons, rows.tolist(), find)


def _turns_inwards(rings: Rings) -> NDArray[np.bool_]:
    """Return at which points of rings with the land on their left the outline turns sharply into the land."""
    before = np.empty(len(rings.xy), np.int64)
    before[rings.after] = np.arange(len(rings.xy))
    arriving, leaving = rings.xy - rings.xy[before], rings.xy[rings.after] - rings.xy
    across = arriving[:, 0] * leaving[:, 1] - arriving[:, 1] * leaving[:, 0]
    inwards: NDArray[np.bool_] = across <= -SHARP * np.hypot(*arriving.T) * np.hypot(*leaving.T)
    return inwards


def _beside_arms(
    polygon: shapely.Polygon, cuts: list[Cut], buildings: GeometryArray, known: shapely.STRtree
) -> list[Cut]:
    """Return those of some cuts that have an arm on a side at least."""
    faces = _faces(polygon, cuts, buildings)
    one, other = faces.beside.T
    alike = faces.narrow[one] == faces.narrow[other]
    size = len(faces.polygon)
    joined = coo_array((np.ones(int(alike.sum())), (one[alike], other[alike])), shape=(size, size))
    count, stretch = connected_components(joined, directed=False)
    ends = np.flatnonzero(~alike)
    narrow = stretch[np.where(faces.narrow[one[ends]], one[ends], other[ends])]
    wide = stretch[np.where(faces.narrow[one[ends]], other[ends], one[ends])]
    longest_m = np.zeros(count)
    np.maximum.at(longest_m, narrow, shapely.length([cuts[end].line for end in ends.tolist()]))
    area_m2 = group_sums(stretch, shapely.area(faces.polygon), count)
    arm = (longest_m > 0.0) & (area_m2 >= np.maximum(ARM_M2, SLENDER * longest_m**2))
    arm &= _share_on_lines(faces.polygon, stretch, count, known) >= ON_LINES
    # Between two stretches with buildings lies no arm: both may be those of one building.
    lived_in = np.flatnonzero(np.bincount(stretch, faces.held) > 0)
    leads_to = np.unique(np.column_stack((narrow, wide))[np.isin(wide, lived_in)], axis=0)
    arm &= np.bincount(leads_to[:, 0], minlength=count) <= 1
    kept = (one != other) & (faces.narrow & arm[stretch])[faces.beside].any(axis=1)
    return [cut for cut, wanted in zip(cuts, kept.tolist(), strict=True) if wanted]


def _faces(polygon: shapely.Polygon, cuts: list[Cut], buildings: GeometryArray) -> _Faces:
    """Return what cuts divide a polygon into; one that divides nothing, as to a hole, has one face on both sides."""
    faces = np.array(faces_between(with_ends(polygon, cuts), cuts), dtype=object)
    tree = shapely.STRtree(faces)
    middles = shapely.line_interpolate_point([cut.line for cut in cuts], 0.5, normalized=True)
    cut, face = tree.query(middles, predicate="dwithin", distance=_BESIDE_M)
    order = np.lexsort((face, cut))
    first = np.searchsorted(cut[order], np.arange(len(cuts)))
    last = np.searchsorted(cut[order], np.arange(len(cuts)), side="right") - 1
    held = np.zeros(len(faces), dtype=bool)
    held[tree.query(buildings, predicate="intersects")[1]] = True
    return _Faces(
        polygon=faces,
        beside=face[order][np.column_stack((first, last))],
        held=held,
        narrow=~held & is_leftover(shapely.area(faces), shapely.length(faces)),
    )


def _share_on_lines(faces: GeometryArray, group: IndexArray, count: int, lines: shapely.STRtree) -> FloatArray:
    """Return the share of the outlines of groups of faces that runs along lines."""
    rings, face = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end, owner = xy[:-1][same], xy[1:][same], group[face[ring[1:][same]]]
    length_m = np.hypot(*(end - start).T)
    on_line = np.zeros(len(length_m), dtype=bool)
    on_line[lines.query(shapely.points((start + end) / 2), predicate="dwithin", distance=ON_LINE_M)[0]] = True
    return group_sums(owner, length_m * on_line, count) / group_sums(owner, length_m, count)
