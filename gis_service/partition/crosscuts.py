"""Long land without buildings cut across where the borders of its neighbours meet it."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray
from gis_service.geo.crs import round_coordinates
from gis_service.partition.absorption import width_m
from gis_service.partition.border_network import border_network
from gis_service.partition.noding import Chains, Point, with_vertices

MOST_M = 150.0
"""No cut is longer [m, inclusive]: land wider than this is no strip beside others but a place of its own."""
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


@dataclass(frozen=True)
class _Rings:
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


def cut_across(polygons: GeometryArray, chosen: NDArray[np.bool_], least_m2: FloatArray) -> CutAcross:
    """Return a coverage in which chosen polygons are cut across.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage, coordinates on the grid of ``geo.crs.RESOLUTION_M``.
    chosen
        Those that may be cut.
    least_m2
        How large their pieces are to be, about [m²].

    Returns
    -------
    CutAcross
        A valid coverage of the same land, but for the roundings of new vertices. Cuts begin where borders of others
        meet the outline of a polygon and go straight to the nearest place across, at most `MOST_M` away; where pieces
        would become too small the shortest cuts are kept, and none where pieces would not be a coverage. The widest
        land is cut first, and land beside it where those cuts end. Land nowhere so narrow stays as it is.
    """
    rows = np.flatnonzero(chosen)
    none = CutAcross(polygons, np.arange(len(polygons)))
    if not len(rows):
        return none
    width = width_m(shapely.area(polygons), shapely.length(polygons))
    waiting = rows[np.argsort(-width[rows], kind="stable")].tolist()
    network = border_network(polygons)
    meeting = {(x, y) for x, y in network.xy[np.diff(network.start) >= _MEETING].tolist()}
    halves: dict[tuple[Point, Point], Point] = {}
    cuts: dict[int, list[tuple[Point, Point]]] = {}
    known = -1
    # Where cuts end, borders meet: land beside them may be cut there too.
    while len(cuts) > known:
        known = len(cuts)
        for row in waiting:
            found = _cuts(with_vertices(polygons[row], _chains(halves)), meeting, float(least_m2[row]))
            if found:
                cuts[row] = [(start, end) for start, end, _ in found]
                for _, end, segment in found:
                    _halve(halves, segment, end)
                meeting.update(end for _, end, _ in found)
        waiting = [row for row in waiting if row not in cuts]
    if not cuts:
        return none
    return _parted(polygons, cuts, _chains(halves))


def _parted(polygons: GeometryArray, cuts: dict[int, list[tuple[Point, Point]]], chains: Chains) -> CutAcross:
    """Return the coverage with new vertices and with what lies between cuts as pieces of their own."""
    with_ends = polygons.copy()
    ends = shapely.points(np.array([end for segment in chains for end in segment]).reshape(-1, 2))
    for row in np.unique(shapely.STRtree(polygons).query(ends, predicate="intersects")[1]).tolist():
        with_ends[row] = with_vertices(polygons[row], chains)
    more: list[shapely.Polygon] = []
    origin = list(range(len(polygons)))
    for row, lines in cuts.items():
        faces = _faces(with_ends[row], lines)
        # Where a hole touches the outline at the very place a cut begins, no piece has a border of its own there.
        if not shapely.coverage_is_valid(np.array(faces, dtype=object)):
            continue
        first, *others = faces
        with_ends[row] = first
        more += others
        origin += [row] * len(others)
    added = np.empty(len(more), dtype=object)
    added[:] = more
    return CutAcross(np.concatenate((with_ends, added)), np.array(origin, dtype=np.int64))


def _faces(polygon: shapely.Polygon, cuts: list[tuple[Point, Point]]) -> list[shapely.Polygon]:
    """Return the pieces of a polygon between cuts that end at its vertices, the largest first."""
    rings = _rings(polygon)
    segments = np.concatenate((np.stack((rings.xy, rings.xy[rings.after]), axis=1), np.array(cuts)))
    faces = shapely.get_parts(shapely.polygonize(np.asarray(shapely.linestrings(segments), dtype=object)))
    shapely.prepare(polygon)
    own = faces[shapely.contains(polygon, shapely.point_on_surface(faces))]
    bounds = shapely.bounds(own)
    ordered: list[shapely.Polygon] = own[np.lexsort((bounds[:, 0], -bounds[:, 3], -shapely.area(own)))].tolist()
    return ordered


def _cuts(
    polygon: shapely.Polygon, meeting: set[Point], least_m2: float
) -> list[tuple[Point, Point, tuple[Point, Point]]]:
    """Return the cuts to make: where each begins and ends, and the segment it ends on; shortest first, far apart."""
    rings = _rings(polygon)
    points: list[Point] = [(x, y) for x, y in rings.xy.tolist()]
    starts = [number for number, point in enumerate(points) if point in meeting]
    candidates = []
    for start in starts:
        end = _across(polygon, rings, start, starts, least_m2)
        if end is not None:
            segment, place = end
            there: Point = (float(place[0]), float(place[1]))
            length_m = float(np.hypot(*(place - rings.xy[start])))
            candidates.append((length_m, points[start], there, (points[segment], points[rings.after[segment]])))
    kept: list[tuple[Point, Point, tuple[Point, Point]]] = []
    lines: list[shapely.LineString] = []
    for length_m, begin, there, ends in sorted(candidates):
        line = shapely.LineString([begin, there])
        free = all(line.distance(other) >= _room_m(length_m, least_m2) for other in lines)
        if free and _divides(line, with_vertices(polygon, {} if there in ends else {ends: (there,)})):
            lines.append(line)
            kept.append((begin, there, ends))
    return kept


def _divides(line: shapely.LineString, polygon: shapely.Polygon) -> bool:
    """Tell whether a straight line between two vertices of a polygon lies in it and meets its outline nowhere else."""
    met = shapely.intersection(line, polygon.boundary)
    at_ends = shapely.get_dimensions(met) == 0 and shapely.get_num_geometries(met) <= len(line.coords)
    return bool(at_ends and shapely.covers(polygon, line))


def _across(
    polygon: shapely.Polygon, rings: _Rings, start: int, meeting: list[int], least_m2: float
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
    far = _far_enough(rings, start, place, along_m, least_m2)
    met = np.array(meeting)
    met_far = _far_enough(rings, start, xy[met], rings.along_m[met], least_m2, rings.ring[met])
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
    rings: _Rings,
    start: int,
    place: FloatArray,
    along_m: FloatArray,
    least_m2: float,
    ring: IndexArray | None = None,
) -> FloatArray:
    """Return how far away places are [m]; infinite where a cut to them would be too long or cut off too little."""
    distance_m = np.hypot(*(place - rings.xy[start]).T)
    apart_m = np.abs(along_m - rings.along_m[start])
    around_m = np.minimum(apart_m, rings.length_m[start] - apart_m)
    around_m[(rings.ring if ring is None else ring) != rings.ring[start]] = np.inf
    allowed = (distance_m > ON_VERTEX_M) & (distance_m <= MOST_M)
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


def _rings(polygon: shapely.Polygon) -> _Rings:
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
    return _Rings(xy[kept], ring[kept].astype(np.int64), after.astype(np.int64), way_m[kept], length_m[kept])


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
