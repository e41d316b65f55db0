"""Coverages: polygons that tile an area and share their borders vertex by vertex."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_service.errors import CoverageError, Text

Geometries: TypeAlias = NDArray[Any] | Sequence[BaseGeometry]
"""Shapely geometries, as an object array or a sequence."""
FloatArray: TypeAlias = NDArray[np.float64]
IndexArray: TypeAlias = NDArray[np.int64]
GeometryArray: TypeAlias = NDArray[Any]

AREAL = 2
"""What `shapely.get_dimensions` answers for polygons."""


@dataclass(frozen=True)
class SharedSegments:
    """Straight pieces of border, each shared by exactly two polygons of a coverage.

    Parameters
    ----------
    left, right
        Positions of the two polygons, ``left < right``. The words carry no direction.
    x0, y0, x1, y1
        End points, in the units of the coordinates; (x0, y0) comes before (x1, y1) in lexicographic order.
    """

    left: IndexArray
    right: IndexArray
    x0: FloatArray
    y0: FloatArray
    x1: FloatArray
    y1: FloatArray

    def lengths_m(self) -> FloatArray:
        """Return the length of every segment [m, where coordinates are metres]."""
        lengths: FloatArray = np.hypot(self.x1 - self.x0, self.y1 - self.y0)
        return lengths

    def midpoints(self) -> GeometryArray:
        """Return the midpoint of every segment."""
        middle = np.column_stack(((self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2))
        points: GeometryArray = np.asarray(shapely.points(middle), dtype=object)
        return points


@dataclass(frozen=True)
class SharedEdges:
    """Which polygons of a coverage are neighbours, and along which border.

    Parameters
    ----------
    left, right
        Positions of the two neighbours, ``left < right``, one row a pair, sorted by (left, right).
    length_m
        Length of their shared border [m], always positive: touching in points makes no neighbours.
    segments
        The border itself, sorted by (left, right) too.
    pair
        For every segment the row of its pair.
    """

    left: IndexArray
    right: IndexArray
    length_m: FloatArray
    segments: SharedSegments
    pair: IndexArray

    def sums(self, values: FloatArray) -> FloatArray:
        """Return per pair the sum of one value per segment."""
        return group_sums(self.pair, values, len(self.left))


def group_sums(group: IndexArray, values: FloatArray, count: int) -> FloatArray:
    """Return the sum of the values of every group 0 … count-1; a group without values sums to 0."""
    return np.bincount(group, weights=values, minlength=count).astype(np.float64)


def shared_edges(polygons: Geometries) -> SharedEdges:
    """Return the neighbours in a coverage and the border they share.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons of a valid coverage in a metric CRS: every vertex on a shared border belongs to both
        neighbours, bit for bit.

    Returns
    -------
    SharedEdges
        Pairs with a shared border of positive length. Borders that only nearly coincide are not shared.

    Raises
    ------
    CoverageError
        Polygons lie on the same side of a segment, so that they overlap.

    Notes
    -----
    Every segment of every ring is looked up by its end points, so cost is O(n log n) in the number of vertices and no
    geometry is ever intersected.
    """
    ends, owner, turned = _ring_segments(polygons)
    order = np.lexsort((owner, *ends.T))
    ends, owner, turned = ends[order], owner[order], turned[order]
    same = np.all(ends[1:] == ends[:-1], axis=1)
    if np.any(same[1:] & same[:-1]) or np.any(same & (turned[1:] == turned[:-1])):
        raise CoverageError(
            Text(
                "有两个面位于同一段边界的同一侧，即相互重叠",
                "two polygons lie on the same side of a stretch of border: they overlap",
            )
        )
    first = np.flatnonzero(same)
    by_pair = np.lexsort((owner[first + 1], owner[first]))
    first = first[by_pair]
    left, right = owner[first], owner[first + 1]
    segments = SharedSegments(left, right, *np.ascontiguousarray(ends[first].T))
    new = np.ones(len(left), dtype=bool)
    new[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    pair = np.cumsum(new) - 1
    length_m = group_sums(pair, segments.lengths_m(), int(new.sum()))
    return SharedEdges(left[new], right[new], length_m, segments, pair)


def dissolve(polygons: Geometries, labels: IndexArray) -> GeometryArray:
    """Return the union of the polygons of every label.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage.
    labels
        One label a polygon, whole numbers from 0 on; negative labels are left out.

    Returns
    -------
    array of Polygon or MultiPolygon
        Position is label. A label without polygons gives an empty polygon. Borders between polygons of one label
        vanish; the others keep all their vertices, so that the result is a valid coverage again.
    """
    polygons = np.asarray(polygons, dtype=object)
    count = int(labels.max(initial=-1)) + 1
    order = np.argsort(labels, kind="stable")
    bounds = np.searchsorted(labels[order], np.arange(count + 1))
    united = np.full(count, shapely.Polygon(), dtype=object)
    for label in range(count):
        members = polygons[order[bounds[label] : bounds[label + 1]]]
        if len(members) == 1:
            united[label] = members[0]
        elif len(members) > 1:
            united[label] = _unwrapped(shapely.coverage_union_all(members))
    return united


def simplified(polygons: Geometries, tolerance: float) -> GeometryArray:
    """Return polygons with fewer vertices that share their borders, to be looked at from afar.

    Polygons of different communities are drawn one by one, so a vertex of one side may be missing on the other: borders
    are matched first, or either side would be simplified by itself.

    Parameters
    ----------
    polygons
        Polygons that tile an area, as nearly as they do. Land claimed twice goes to whoever borders more of it; what
        would be left without land keeps its shape.
    tolerance
        About as far as a border may move, in the units of the coordinates [Visvalingam and Whyatt 1993, by area].

    Returns
    -------
    ndarray of Polygon or MultiPolygon
        In the order given. Outlines that nobody shares are simplified too.
    """
    given: GeometryArray = np.asarray(polygons, dtype=object)
    matched = shapely.coverage_clean(given)  # type: ignore[attr-defined]  # newer than the types
    kept = np.where(shapely.is_empty(matched), given, matched)
    fewer: GeometryArray = shapely.coverage_simplify(kept, tolerance)
    return fewer


def pieces(geometry: BaseGeometry) -> GeometryArray:
    """Return the polygons a geometry consists of.

    Parameters
    ----------
    geometry
        Polygon, MultiPolygon or any collection; lines and points in it are left out.

    Returns
    -------
    array of Polygon
        Largest first; pieces of equal area from north to south, then west to east. Empty for an empty geometry.
    """
    parts = shapely.get_parts(shapely.get_parts(geometry))
    parts = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]
    bounds = shapely.bounds(parts)
    order: IndexArray = np.lexsort((bounds[:, 0], -bounds[:, 3], -shapely.area(parts)))
    ordered: GeometryArray = parts[order]
    return ordered


def border_segments(polygons: Geometries) -> FloatArray:
    """Return both ends (n, 2, 2) of every segment of the rings of a coverage, those of two polygons once."""
    return np.unique(_ring_segments(polygons)[0], axis=0).reshape(-1, 2, 2)


def _ring_segments(polygons: Geometries) -> tuple[FloatArray, IndexArray, NDArray[np.bool_]]:
    """Return for every ring segment its end points (n, 4), its polygon, and whether its ends were swapped.

    The polygon lies to the left of a segment; then ends are swapped where the smaller one is not the first.
    """
    parts, owner_of_part = shapely.get_parts(np.asarray(polygons, dtype=object), return_index=True)
    rings, part_of_ring = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    points, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    joined = ring_of_point[1:] == ring_of_point[:-1]
    start, stop = points[:-1][joined], points[1:][joined]
    turned = (start[:, 0] > stop[:, 0]) | ((start[:, 0] == stop[:, 0]) & (start[:, 1] > stop[:, 1]))
    ends = np.where(turned[:, None], np.hstack((stop, start)), np.hstack((start, stop)))
    owner: IndexArray = owner_of_part[part_of_ring[ring_of_point[1:][joined]]].astype(np.int64)
    return ends, owner, turned


def _unwrapped(geometry: BaseGeometry) -> BaseGeometry:
    """Return the only polygon of a MultiPolygon of one."""
    parts = shapely.get_parts(geometry)
    return parts[0] if len(parts) == 1 else geometry
