"""The pieces into which a drawn line divides units, with every building whole in one of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.errors import CoverageError, Text
from gis_service.geo.coverage import (
    FloatArray,
    GeometryArray,
    IndexArray,
    SharedEdges,
    border_segments,
    dissolve,
    group_sums,
    shared_edges,
)
from gis_service.partition.contiguity import near
from gis_service.partition.cut_faces import faces_within
from gis_service.partition.footprints import OVERLAP_M2
from gis_service.partition.ground import NOBODY, first_around, holders, is_sliver
from gis_service.partition.linework import ON_LINE_M, clip, inner_points
from gis_service.partition.obstacles import Obstacles
from gis_service.plan.codes import reading_order


@dataclass(frozen=True)
class CutUnit:
    """A unit that a line divides.

    Parameters
    ----------
    unit
        Its position.
    polygons
        Its pieces, two at least, in reading order.
    """

    unit: int
    polygons: GeometryArray

    @property
    def outline(self) -> shapely.Polygon:
        """The unit with the vertices its pieces have on its border."""
        united: shapely.Polygon = dissolve(self.polygons, np.zeros(len(self.polygons), np.int64))[0]
        return united

    def home(self, footprints: GeometryArray) -> IndexArray:
        """Return the piece that holds each footprint; the nearest where a footprint stands outside the unit."""
        home = holders(footprints, self.polygons)
        for stray in np.flatnonzero(home == NOBODY):
            home[stray] = int(np.argmin(shapely.distance(self.polygons, footprints[stray])))
        return home


@dataclass(frozen=True)
class _Faces:
    polygons: GeometryArray
    unit: IndexArray
    edges: SharedEdges
    inner: IndexArray
    """Rows of ``edges`` between faces of one unit."""


def cut_by_line(
    polygons: GeometryArray,
    touched: IndexArray,
    line: shapely.LineString,
    area: shapely.Polygon,
    obstacles: Obstacles,
) -> Iterator[CutUnit]:
    """Yield the units that a line divides.

    Parameters
    ----------
    polygons
        Every unit.
    touched
        Positions of those that may be cut and make up ``area``.
    line
        The drawn line.
    area
        A polygon.
    obstacles
        The buildings of those units.

    Notes
    -----
    The line, the borders and the rooms of the buildings in its way are noded together, so that two units it crosses
    have the crossing on their common border in common. A room goes, whole, to the piece along which it has the longest
    outline: then the cut takes the shorter way around.
    """
    here = np.isin(obstacles.unit_of, touched)
    rooms = obstacles.room[here & obstacles.crossed]
    lines = np.concatenate((clip(np.array([line], dtype=object), area), shapely.boundary(rooms)))
    face = faces_within(lines, border_segments(polygons[touched]), area)
    unit = touched[first_around(inner_points(face), polygons[touched], np.arange(len(touched)))]
    edges = shared_edges(face)
    faces = _Faces(face, unit, edges, np.flatnonzero(unit[edges.left] == unit[edges.right]))
    side = _with_rooms(faces, _sides(faces, line), rooms)
    piece = _components(faces, side)
    piece = _without_slivers(faces, piece, obstacles.footprint[here])
    for at in touched.tolist():
        own = piece[unit == at]
        numbers, label = np.unique(own, return_inverse=True)
        if len(numbers) > 1:
            parts = shapely.normalize(dissolve(face[unit == at], label.astype(np.int64)))
            cut = CutUnit(at, parts[reading_order(parts)])
            _check(cut, obstacles.footprint[obstacles.unit_of == at])
            yield cut


def _sides(faces: _Faces, line: shapely.LineString) -> IndexArray:
    """Return the side of the line each face is on: what hangs together inside a unit without crossing the line."""
    segments = faces.edges.segments
    off = ~near(segments.midpoints(), np.array([line], dtype=object), ON_LINE_M)
    off_m = faces.edges.sums(segments.lengths_m() * off)
    return _joined(faces, faces.inner[off_m[faces.inner] > 0.0])


def _with_rooms(faces: _Faces, side: IndexArray, rooms: GeometryArray) -> IndexArray:
    """Return the sides with every room whole on one of them."""
    room = first_around(inner_points(faces.polygons), rooms, np.arange(len(rooms)))
    edges = faces.edges
    left, right, length_m = edges.left[faces.inner], edges.right[faces.inner], edges.length_m[faces.inner]
    side = side.copy()
    outside = side.copy()
    for number in range(len(rooms)):
        inside = room == number
        if not inside.any():
            continue
        out = np.concatenate((right[inside[left] & ~inside[right]], left[inside[right] & ~inside[left]]))
        along_m = np.concatenate((length_m[inside[left] & ~inside[right]], length_m[inside[right] & ~inside[left]]))
        # A room that fills its unit has no way around it; it stays in one piece all the same.
        side[inside] = int(np.bincount(outside[out], along_m).argmax()) if len(out) else outside[inside].min()
    return side


def _components(faces: _Faces, side: IndexArray) -> IndexArray:
    """Return the connected piece of each face: same unit, same side."""
    edges = faces.edges
    same = side[edges.left[faces.inner]] == side[edges.right[faces.inner]]
    return _joined(faces, faces.inner[same])


def _joined(faces: _Faces, rows: IndexArray) -> IndexArray:
    n = len(faces.polygons)
    pairs = (faces.edges.left[rows], faces.edges.right[rows])
    component: IndexArray = connected_components(coo_array((np.ones(len(rows)), pairs), shape=(n, n)), directed=False)[
        1
    ].astype(np.int64)
    return component


def _without_slivers(faces: _Faces, piece: IndexArray, footprints: GeometryArray) -> IndexArray:
    """Return the pieces with slivers that hold no building joined to the piece of their unit beside them."""
    piece = piece.copy()
    held = np.zeros(len(faces.polygons), dtype=bool)
    holder = holders(footprints, faces.polygons)
    held[holder[holder != NOBODY]] = True
    while True:
        area_m2, perimeter_m, beside_m = _extents(faces, piece)
        lived_in = np.bincount(piece, held, len(area_m2)) > 0
        loose = is_sliver(area_m2, perimeter_m) & ~lived_in & (area_m2 > 0.0) & (beside_m.max(axis=1, initial=0.0) > 0)
        if not loose.any():
            return piece
        smallest = int(np.where(loose, area_m2, np.inf).argmin())
        piece[piece == smallest] = int(beside_m[smallest].argmax())


def _extents(faces: _Faces, piece: IndexArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return area [m²] and perimeter [m] of each piece, and the border with every other piece of its unit [m]."""
    count = int(piece.max()) + 1
    edges = faces.edges
    area_m2 = group_sums(piece, shapely.area(faces.polygons), count)
    within = piece[edges.left] == piece[edges.right]
    inner_m = group_sums(piece[edges.left[within]], edges.length_m[within], count)
    perimeter_m = group_sums(piece, shapely.length(faces.polygons), count) - 2.0 * inner_m
    beside_m = np.zeros((count, count))
    rows = faces.inner[~within[faces.inner]]
    for one, other in ((edges.left, edges.right), (edges.right, edges.left)):
        np.add.at(beside_m, (piece[one[rows]], piece[other[rows]]), edges.length_m[rows])
    return area_m2, perimeter_m, beside_m


def _check(cut: CutUnit, footprints: GeometryArray) -> None:
    """Refuse pieces that would divide a building; only an outline that cuts itself can make the rooms fail."""
    shared_m2 = shapely.area(shapely.intersection(footprints[:, None], cut.polygons[None, :]))
    if (np.sort(shared_m2, axis=1)[:, :-1] > OVERLAP_M2).any():
        raise CoverageError(
            Text(
                "切线无法绕开其中一栋楼，未切分；请换一处画线",
                "the line finds no way around one of the buildings and nothing was cut; draw it elsewhere",
            )
        )
