"""Lines that cut land into faces: clipping, noding, and what kind of line two faces share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_service.errors import CoverageError, Text
from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray, group_sums, shared_edges
from gis_service.geo.crs import RESOLUTION_M
from gis_service.partition.contiguity import near

OVERSHOOT_M = 1e-3
"""Lines run this far beyond the area they are clipped to, lest rounding leave them short of its border [m]."""
MOST_NODINGS = 12
"""So often lines are noded at most; two or three times are usual."""
ON_LINE_M = 1e-3
"""A border segment whose midpoint is this close to a barrier was made by it [m]."""


@dataclass(frozen=True)
class Borders:
    """Neighbouring faces and the kinds of line they share; one row a pair.

    Parameters
    ----------
    left, right
        Positions of the two faces, ``left < right``.
    plain_m, walkable_m, hard_m
        Length of the shared border [m] that is no barrier, that is a road or wall, and that is a river, railway or
        expressway.
    """

    left: IndexArray
    right: IndexArray
    plain_m: FloatArray
    walkable_m: FloatArray
    hard_m: FloatArray

    def between(self, group: IndexArray) -> Self:
        """Return the borders between groups of faces; ``group`` holds the group of every face."""
        ends = np.sort(np.column_stack((group[self.left], group[self.right])), axis=1)
        apart = ends[:, 0] != ends[:, 1]
        pairs, row = np.unique(ends[apart], axis=0, return_inverse=True)
        return type(self)(
            pairs[:, 0],
            pairs[:, 1],
            group_sums(row, self.plain_m[apart], len(pairs)),
            group_sums(row, self.walkable_m[apart], len(pairs)),
            group_sums(row, self.hard_m[apart], len(pairs)),
        )

    def without(self, left_out: NDArray[np.bool_]) -> Self:
        """Return the other borders."""
        kept = ~left_out
        return type(self)(
            self.left[kept], self.right[kept], self.plain_m[kept], self.walkable_m[kept], self.hard_m[kept]
        )


def clip(lines: GeometryArray, area: BaseGeometry) -> GeometryArray:
    """Return the parts of lines inside an area and `OVERSHOOT_M` beyond its border.

    Parameters
    ----------
    lines
        Lines of any kind, in metres.
    area
        Polygon or MultiPolygon.

    Returns
    -------
    array of geometry
        One for every line that meets the area.
    """
    wide = shapely.buffer(area, OVERSHOOT_M, join_style="mitre")
    shapely.prepare(wide)
    lines = lines[shapely.intersects(wide, lines)]
    inside = shapely.contains_properly(wide, lines)
    clipped: GeometryArray = lines.copy()
    clipped[~inside] = shapely.intersection(lines[~inside], wide)
    return clipped


def faces_of(lines: Iterable[BaseGeometry], area: shapely.Polygon) -> GeometryArray:
    """Return the faces into which lines cut an area.

    Parameters
    ----------
    lines
        Lines, the border of the area among them; they may cross and overlap. Ends that enclose nothing are ignored.
    area
        Polygon in metres.

    Returns
    -------
    array of Polygon
        A valid coverage, from north to south and west to east, with all coordinates on the grid of
        ``geo.crs.RESOLUTION_M``. The border of the area gets new vertices, each within that resolution of it.

    Raises
    ------
    CoverageError
        The faces do not tile the area.
    """
    return enclosed(noded(np.array(list(lines), dtype=object)), area)


def enclosed(lines: GeometryArray, area: shapely.Polygon) -> GeometryArray:
    """Return the faces that lines enclose in an area, as :func:`faces_of` does, of lines that meet at ends only."""
    faces = shapely.get_parts(shapely.polygonize(lines))
    shapely.prepare(area)
    faces = faces[shapely.intersects(area, inner_points(faces))]
    missing_m2 = abs(float(shapely.area(faces).sum()) - area.area)
    if missing_m2 > area.length * RESOLUTION_M:
        raise CoverageError(
            Text(f"切分后的面积与社区相差 {missing_m2:.6f} 平方米", f"the faces miss the area by {missing_m2:.6f} m²")
        )
    bounds = shapely.bounds(faces)
    ordered: GeometryArray = faces[np.lexsort((*bounds.T, -bounds[:, 3]))]
    return ordered


def noded(lines: GeometryArray) -> GeometryArray:
    """Return lines cut where they meet, on the grid of the resolution.

    Rounding moves crossings, and a moved one may come to lie on a line that ran beside it: so once is not enough where
    lines nearly coincide, and faces would touch without sharing a border.

    Raises
    ------
    CoverageError
        They still change after `MOST_NODINGS` times.
    """
    cut: GeometryArray = shapely.get_parts(shapely.unary_union(lines, grid_size=RESOLUTION_M))
    for _ in range(MOST_NODINGS):
        before, cut = cut, shapely.get_parts(shapely.unary_union(cut, grid_size=RESOLUTION_M))
        if len(cut) == len(before) and set(shapely.to_wkb(shapely.normalize(cut))) == set(
            shapely.to_wkb(shapely.normalize(before))
        ):
            return cut
    raise CoverageError(
        Text(
            f"线条过于贴近，{MOST_NODINGS} 次求交仍不稳定，请清理几乎重合的道路、围墙线",
            f"lines nearly coincide: they still change after being noded {MOST_NODINGS} times; clean roads and walls",
        )
    )


def inner_points(faces: GeometryArray) -> GeometryArray:
    """Return a point well inside every face.

    Parameters
    ----------
    faces
        Polygons in metres.

    Returns
    -------
    array of Point
        The usual point on the surface; where that falls in a neck thinner than `ON_LINE_M`, as it may where two lines
        nearly coincide, the centre of the largest circle in the face.
    """
    points: GeometryArray = shapely.point_on_surface(faces)
    narrow = shapely.distance(points, shapely.boundary(faces)) < ON_LINE_M
    points[narrow] = shapely.get_point(shapely.maximum_inscribed_circle(faces[narrow]), 0)
    return points


def borders_of(faces: GeometryArray, walkable: GeometryArray, hard: GeometryArray) -> Borders:
    """Return the borders between the faces of a coverage by the kind of line.

    Parameters
    ----------
    faces
        Polygons of a valid coverage.
    walkable, hard
        Lines of roads and walls; lines of rivers, railways and expressways. Where both coincide the line is hard.
    """
    edges = shared_edges(faces)
    length_m = edges.segments.lengths_m()
    midpoints = edges.segments.midpoints()
    on_hard = near(midpoints, hard, ON_LINE_M)
    on_walkable = near(midpoints, walkable, ON_LINE_M) & ~on_hard
    return Borders(
        edges.left,
        edges.right,
        plain_m=edges.sums(length_m * ~(on_hard | on_walkable)),
        walkable_m=edges.sums(length_m * on_walkable),
        hard_m=edges.sums(length_m * on_hard),
    )
