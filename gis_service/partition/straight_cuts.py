"""Straight cuts through polygons of a coverage, from where borders meet to the nearest place across."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import shapely

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray
from gis_service.geo.crs import round_coordinates
from gis_service.partition.border_network import border_network
from gis_service.partition.noding import Chains, Point, with_vertices

SQUARENESS = 0.5
"""Pieces are at least this long, as a share of the length of their cuts."""
ON_VERTEX_M = 1.0
"""A cut that ends this near to a vertex of the border goes there [m, inclusive]."""
TO_MEETING = 1.25
"""A cut may be so many times as long as the shortest to end where borders meet on the other side too [inclusive]."""
FREE_SHARE = 0.2
"""A cut keeps from the outline, as a share of the way to its nearer end, so that it leaves it at an angle."""
_INNER = (0.02, 0.5, 0.98)
_MEETING = 3


@dataclass(frozen=True)
class CutAcross:
    """Land after long pieces have been cut across.

    Parameters
    ----------
    polygon
        First what the old pieces have become, in their order, then what was cut off them.
    origin
        For every piece the row of the old one it is part of.
    """

    polygon: GeometryArray
    origin: IndexArray


class Cut(NamedTuple):
    """A straight cut: where it begins, where it ends, and the segment it ends on, or at an end of which."""

    begin: Point
    end: Point
    segment: tuple[Point, Point]

    @property
    def line(self) -> shapely.LineString:
        """The cut as a line."""
        return shapely.LineString([self.begin, self.end])


Finder: TypeAlias = Callable[[int, shapely.Polygon, set[Point]], list[Cut]]
"""Called with the row of a polygon, the polygon with the ends of all cuts beside it, and where borders meet."""


@dataclass(frozen=True)
class Rings:
    """The rings of a polygon as points, the closing ones left out; segment ``i`` runs from point ``i`` to ``after[i]``.

    Parameters
    ----------
    xy
        Points (n, 2) [m].
    ring, after
        Ring of each point, and the next point of it.
    along_m, length_m
        Way along the ring to each point, and length of that ring [m].
    """

    xy: FloatArray
    ring: IndexArray
    after: IndexArray
    along_m: FloatArray
    length_m: FloatArray


def cut_where(polygons: GeometryArray, waiting: list[int], find: Finder) -> CutAcross:
    """Return a coverage in which polygons are cut where ``find`` says.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage, coordinates on the grid of ``geo.crs.RESOLUTION_M``.
    waiting
        Rows of those that may be cut, in the order in which they are looked at; those not cut are looked at again when
        others have been.
    find
        Where to cut; ends of cuts are places where borders meet, too.

    Returns
    -------
    CutAcross
        A valid coverage of the same land, but for the roundings of new vertices. A polygon stays whole where its
        pieces would not be a coverage.
    """
    none = CutAcross(polygons, np.arange(len(polygons)))
    if not waiting:
        return none
    network = border_network(polygons)
    meeting = {(x, y) for x, y in network.xy[np.diff(network.start) >= _MEETING].tolist()}
    halves: dict[tuple[Point, Point], Point] = {}
    cuts: dict[int, list[Cut]] = {}
    known = -1
    # Where cuts end, borders meet: land beside them may be cut there too.
    while len(cuts) > known:
        known = len(cuts)
        for row in waiting:
            found = find(row, with_vertices(polygons[row], _chains(halves)), meeting)
            if found:
                cuts[row] = found
                for cut in found:
                    _halve(halves, cut.segment, cut.end)
                meeting.update(cut.end for cut in found)
        waiting = [row for row in waiting if row not in cuts]
    if not cuts:
        return none
    return _parted(polygons, cuts, _chains(halves))


def _parted(polygons: GeometryArray, cuts: dict[int, list[Cut]], chains: Chains) -> CutAcross:
    """Return the coverage with new vertices and with what lies between cuts as pieces of their own."""
    changed = polygons.copy()
    ends = shapely.points(np.array([end for segment in chains for end in segment]).reshape(-1, 2))
    for row in np.unique(shapely.STRtree(polygons).query(ends, predicate="intersects")[1]).tolist():
        changed[row] = with_vertices(polygons[row], chains)
    more: list[shapely.Polygon] = []
    origin = list(range(len(polygons)))
    for row, own in cuts.items():
        faces = faces_between(changed[row], own)
        # Where a hole touches the outline at the very place a cut begins, no piece has a border of its own there.
        if not shapely.coverage_is_valid(np.array(faces, dtype=object)):
            continue
        first, *others = faces
        changed[row] = first
        more += others
        origin += [row] * len(others)
    added = np.empty(len(more), dtype=object)
    added[:] = more
    return CutAcross(np.concatenate((changed, added)), np.array(origin, dtype=np.int64))


def with_ends(polygon: shapely.Polygon, cuts: list[Cut]) -> shapely.Polygon:
    """Return a polygon with the ends of its cuts as vertices."""
    halves: dict[tuple[Point, Point], Point] = {}
    for cut in cuts:
        _halve(halves, cut.segment, cut.end)
    return with_vertices(polygon, _chains(halves))


def faces_between(polygon: shapely.Polygon, cuts: list[Cut]) -> list[shapely.Polygon]:
    """Return the pieces of a polygon between cuts that begin and end at its vertices, the largest first."""
    rings = rings_of(polygon)
    segments = np.concatenate(
        (np.stack((rings.xy, rings.xy[rings.after]), axis=1), np.array([cut[:2] for cut in cuts]))
    )
    faces = shapely.get_parts(shapely.polygonize(np.asarray(shapely.linestrings(segments), dtype=object)))
    shapely.prepare(polygon)
    own = faces[shapely.contains(polygon, shapely.point_on_surface(faces))]
    bounds = shapely.bounds(own)
    ordered: list[shapely.Polygon] = own[np.lexsort((bounds[:, 0], -bounds[:, 3], -shapely.area(own)))].tolist()
    return ordered


def cuts_between(
    polygon: shapely.Polygon, rings: Rings, starts: list[int], least_m2: float, most_m: float
) -> list[Cut]:
    """Return the cuts that begin at some vertices, the shortest first, far apart from each other.

    Parameters
    ----------
    polygon, rings
        The land and its rings.
    starts
        Vertices where cuts may begin, and rather end than elsewhere.
    least_m2
        How large the pieces are to be, about [m²].
    most_m
        No cut is longer [m, inclusive].
    """
    points = points_of(rings)
    candidates = []
    for start in starts:
        end = _across(polygon, rings, start, starts, least_m2, most_m)
        if end is not None:
            segment, place = end
            there: Point = (float(place[0]), float(place[1]))
            length_m = float(np.hypot(*(place - rings.xy[start])))
            candidates.append((length_m, points[start], there, (points[segment], points[rings.after[segment]])))
    kept: list[Cut] = []
    lines: list[shapely.LineString] = []
    for length_m, begin, there, ends in sorted(candidates):
        line = shapely.LineString([begin, there])
        free = all(line.distance(other) >= _room_m(length_m, least_m2) for other in lines)
        if free and _divides(line, with_vertices(polygon, {} if there in ends else {ends: (there,)})):
            lines.append(line)
            kept.append(Cut(begin, there, ends))
    return kept


def points_of(rings: Rings) -> list[Point]:
    """Return the points of rings."""
    return [(x, y) for x, y in rings.xy.tolist()]


def _divides(line: shapely.LineString, polygon: shapely.Polygon) -> bool:
    """Tell whether a straight line between two vertices of a polygon lies in it and meets its outline nowhere else."""
    met = shapely.intersection(line, polygon.boundary)
    at_ends = shapely.get_dimensions(met) == 0 and shapely.get_num_geometries(met) <= len(line.coords)
    return bool(at_ends and shapely.covers(polygon, line))


def _across(
    polygon: shapely.Polygon, rings: Rings, start: int, meeting: list[int], least_m2: float, most_m: float
) -> tuple[int, FloatArray] | None:
    """Return where the shortest cut from a vertex ends: the segment and the place on it; None where there is none."""
    xy, here = rings.xy, rings.xy[start]
    way = xy[rings.after] - xy
    share = np.clip(((here - xy) * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-12), 0.0, 1.0)
    place = xy + share[:, None] * way
    step_m = np.hypot(*way.T)
    along_m = rings.along_m + share * step_m
    # To the ends of segments, lest places that nearly coincide become two vertices.
    low, high = share * step_m <= ON_VERTEX_M, (1.0 - share) * step_m <= ON_VERTEX_M
    place[low], along_m[low] = xy[low], rings.along_m[low]
    place[high & ~low] = xy[rings.after[high & ~low]]
    far = _far_enough(rings, start, place, along_m, least_m2, most_m)
    met = np.array(meeting)
    met_far = _far_enough(rings, start, xy[met], rings.along_m[met], least_m2, most_m, rings.ring[met])
    order = np.argsort(far, kind="stable")
    for segment in order[: int(np.isfinite(far).sum())][:4].tolist():
        if not _inside(polygon, here, place[segment]):
            continue
        nearest = int(np.argmin(met_far))
        if met_far[nearest] <= TO_MEETING * far[segment] and _inside(polygon, here, xy[met[nearest]]):
            return int(met[nearest]), xy[met[nearest]]
        rounded = round_coordinates(np.asarray(shapely.points(place[segment][None]), dtype=object))
        return segment, shapely.get_coordinates(rounded)[0]
    return None


def _far_enough(
    rings: Rings,
    start: int,
    place: FloatArray,
    along_m: FloatArray,
    least_m2: float,
    most_m: float,
    ring: IndexArray | None = None,
) -> FloatArray:
    """Return how far away places are [m]; infinite where a cut to them would be too long or cut off too little."""
    distance_m = np.hypot(*(place - rings.xy[start]).T)
    apart_m = np.abs(along_m - rings.along_m[start])
    around_m = np.minimum(apart_m, rings.length_m[start] - apart_m)
    around_m[(rings.ring if ring is None else ring) != rings.ring[start]] = np.inf
    allowed = (distance_m > ON_VERTEX_M) & (distance_m <= most_m)
    allowed &= around_m >= distance_m + 2.0 * _room_m(np.maximum(distance_m, 1e-9), least_m2)
    result: FloatArray = np.where(allowed, distance_m, np.inf)
    return result


def _room_m(length_m: FloatArray | float, least_m2: float) -> FloatArray:
    """Return how long the land beside a cut of some length [m] must be [m]."""
    room_m: FloatArray = np.maximum(SQUARENESS * np.asarray(length_m), least_m2 / np.asarray(length_m))
    return room_m


def _inside(polygon: shapely.Polygon, start: FloatArray, end: FloatArray) -> bool:
    """Tell whether the straight way between two places on the outline leads through the polygon, not along its edge."""
    inner = np.array([start + share * (end - start) for share in _INNER])
    if not shapely.contains_properly(polygon, shapely.LineString(inner)):
        return False
    room_m = shapely.distance(shapely.points(inner), polygon.boundary)
    to_end_m = np.minimum(np.hypot(*(inner - start).T), np.hypot(*(inner - end).T))
    return bool((room_m >= FREE_SHARE * to_end_m).all())


def rings_of(polygon: shapely.Polygon) -> Rings:
    """Return the rings of a polygon."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(polygon), return_index=True)
    last = np.append(ring[1:] != ring[:-1], True)
    step_m = np.append(np.hypot(*np.diff(xy, axis=0).T), 0.0)
    first = np.flatnonzero(np.append(True, last[:-1]))
    way_m = np.concatenate(([0.0], np.cumsum(step_m)[:-1]))
    way_m -= way_m[first][ring]
    length_m = way_m[last][ring]
    kept = ~last
    number = np.cumsum(kept) - 1
    after = np.append(np.arange(1, len(xy)), 0)[kept]
    closing = last[after]
    after = np.where(closing, number[first[ring[kept]]], number[after])
    return Rings(xy[kept], ring[kept].astype(np.int64), after.astype(np.int64), way_m[kept], length_m[kept])


def _halve(halves: dict[tuple[Point, Point], Point], segment: tuple[Point, Point], place: Point) -> None:
    """Note a vertex on a segment, or on that part of it on which it lies."""
    a, b = segment
    if place in (a, b):
        return
    while (a, b) in halves:
        middle = halves[a, b]
        if place == middle:
            return
        before = (place[0] - a[0]) ** 2 + (place[1] - a[1]) ** 2 < (middle[0] - a[0]) ** 2 + (middle[1] - a[1]) ** 2
        a, b = (a, middle) if before else (middle, b)
    halves[a, b] = halves[b, a] = place


def _chains(halves: dict[tuple[Point, Point], Point]) -> Chains:
    """Return all vertices on every segment that has some."""

    def between(a: Point, b: Point) -> tuple[Point, ...]:
        middle = halves.get((a, b))
        return () if middle is None else (*between(a, middle), middle, *between(middle, b))

    return {(a, b): between(a, b) for a, b in halves}
