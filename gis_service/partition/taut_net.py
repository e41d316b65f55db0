"""The borders of a coverage while they are drawn taut, and what stands in their way (compiled)."""

from math import atan2, hypot
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, IndexArray

NONE = -1
KEPT_SHARE = 0.5
"""Share of their distance from a border that vertices of other borders keep at least when it moves."""
APART_M = 1.0
"""This distance is enough in any case [m]."""
REACH_M = 3.0
"""No distance to keep is longer [m]."""
_SAME_M = 1e-4
_SLACK_M2 = 1e-6
_ROUNDING = 0.99
_CELL_M = 20.0


class Net(NamedTuple):
    """Vertices of a coverage, joined by its borders, and corners of buildings.

    Parameters
    ----------
    xy
        Places [m] of the vertices, then of the corners.
    keep_m
        Distance each keeps from borders that move [m]; what vertices keep depends on where they were.
    heir
        For every vertex the one it has become, itself while it stays, `NONE` when it is left out.
    degree, joined, beside, moved_m
        For every vertex how many it is joined with, which, the polygon to the left on the way there, and by how
        much in all that border may have moved [m].
    cell_m, columns, head, following
        Vertices and corners by the square cell they lie in: first of each cell, and next of each.
    """

    xy: FloatArray
    keep_m: FloatArray
    heir: IndexArray
    degree: IndexArray
    joined: IndexArray
    beside: IndexArray
    moved_m: FloatArray
    cell_m: float
    columns: int
    head: IndexArray
    following: IndexArray


def make_net(
    xy: FloatArray,
    start: IndexArray,
    half_edge: IndexArray,
    left: IndexArray,
    corners: FloatArray,
    keep_m: FloatArray,
    most: int,
) -> Net:
    """Return a net; for the parameters see `gis_service.partition.taut_strings.straighten`.

    Parameters
    ----------
    xy, start, half_edge, left, corners, keep_m
        Vertices and corners, with places relative to the lower left of all.
    most
        So many others a vertex may come to be joined with at least.
    """
    degree = np.diff(start)
    shape = (len(xy), max(most, int(degree.max(initial=0))))
    row = np.repeat(np.arange(len(xy)), degree)
    place = np.arange(len(half_edge)) - start[row]
    joined, beside = np.full(shape, NONE), np.full(shape, NONE)
    joined[row, place], beside[row, place] = half_edge, left
    points = np.vstack((xy, corners))
    width_m, height_m = points.max(axis=0)
    cell_m = max(_CELL_M, float(np.sqrt(width_m * height_m / (4 * len(points)))))
    columns = int(width_m / cell_m) + 1
    cell = (points[:, 1] / cell_m).astype(np.int64) * columns + (points[:, 0] / cell_m).astype(np.int64)
    head = np.full(columns * (int(height_m / cell_m) + 1), NONE)
    return Net(
        xy=points,
        keep_m=np.concatenate((np.zeros(len(xy)), keep_m)),
        heir=np.arange(len(xy)),
        degree=degree,
        joined=joined,
        beside=beside,
        moved_m=np.zeros(shape),
        cell_m=cell_m,
        columns=columns,
        head=head,
        following=_chained(head, cell),
    )


@njit(cache=True)
def _chained(head: IndexArray, cell: IndexArray) -> IndexArray:
    following = np.full(len(cell), NONE)
    for item in range(len(cell)):
        following[item] = head[cell[item]]
        head[cell[item]] = item
    return following


@njit(cache=True)
def put(net: Net, v: int, x: float, y: float) -> None:
    """Move a vertex to another place."""
    cell = int(net.xy[v, 1] / net.cell_m) * net.columns + int(net.xy[v, 0] / net.cell_m)
    before = net.head[cell]
    if before == v:
        net.head[cell] = net.following[v]
    else:
        while net.following[before] != v:
            before = net.following[before]
        net.following[before] = net.following[v]
    net.xy[v, 0], net.xy[v, 1] = x, y
    cell = int(y / net.cell_m) * net.columns + int(x / net.cell_m)
    net.following[v] = net.head[cell]
    net.head[cell] = v


@njit(cache=True)
def blocked(
    net: Net, a: FloatArray, v: FloatArray, b: FloatArray, spared: tuple[int, int, int], reach_m: float
) -> bool:
    """Tell whether anything stands in the triangle a, v, b or too near to its side from a to b.

    Parameters
    ----------
    net
        Vertices and corners.
    a, v, b
        Corners of the triangle.
    spared
        Vertices that do not count: those the triangle was made from.
    reach_m
        Distances to keep are looked for this far around [m]; 0: only what is inside counts.
    """
    low_x, high_x = min(a[0], v[0], b[0]) - reach_m, max(a[0], v[0], b[0]) + reach_m
    low_y, high_y = min(a[1], v[1], b[1]) - reach_m, max(a[1], v[1], b[1]) + reach_m
    last_row = len(net.head) // net.columns - 1
    for row in range(max(0, int(low_y / net.cell_m)), min(last_row, int(high_y / net.cell_m)) + 1):
        for column in range(max(0, int(low_x / net.cell_m)), min(net.columns - 1, int(high_x / net.cell_m)) + 1):
            item = net.head[row * net.columns + column]
            while item != NONE:
                if _counts(net, item, spared) and _in_the_way(net, item, a, v, b, reach_m > 0.0):
                    return True
                item = net.following[item]
    return False


@njit(cache=True)
def _counts(net: Net, item: int, spared: tuple[int, int, int]) -> bool:
    if item >= len(net.heir):
        return True
    return net.heir[item] == item and item != spared[0] and item != spared[1] and item != spared[2]


@njit(cache=True)
def _in_the_way(net: Net, item: int, a: FloatArray, v: FloatArray, b: FloatArray, near: bool) -> bool:
    x, y = net.xy[item, 0], net.xy[item, 1]
    to_ends_m = min(hypot(x - a[0], y - a[1]), hypot(x - b[0], y - b[1]))
    corner = item >= len(net.heir)
    if corner and to_ends_m < _SAME_M:  # a border that ends at a wall
        return False
    if _within(x, y, a, v, b):
        return True
    if not near:
        return False
    keep_m = net.keep_m[item]
    if not corner:
        keep_m = min(APART_M, KEPT_SHARE * min(apart(x, y, a, v), apart(x, y, v, b)))
    return bool(apart(x, y, a, b) < min(keep_m, _ROUNDING * to_ends_m))


@njit(cache=True)
def _within(x: float, y: float, a: FloatArray, v: FloatArray, b: FloatArray) -> bool:
    """Tell whether a point lies in a closed triangle, whichever way round its corners are given."""
    first = (v[0] - a[0]) * (y - a[1]) - (v[1] - a[1]) * (x - a[0])
    second = (b[0] - v[0]) * (y - v[1]) - (b[1] - v[1]) * (x - v[0])
    third = (a[0] - b[0]) * (y - b[1]) - (a[1] - b[1]) * (x - b[0])
    return bool(min(first, second, third) >= -_SLACK_M2 or max(first, second, third) <= _SLACK_M2)


@njit(cache=True)
def apart(x: float, y: float, a: FloatArray, b: FloatArray) -> float:
    """Return the distance [m] of a point from the straight line between two points."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    along = 0.0
    if square > 0.0:
        along = min(max(((x - a[0]) * dx + (y - a[1]) * dy) / square, 0.0), 1.0)
    return hypot(x - a[0] - along * dx, y - a[1] - along * dy)


@njit(cache=True)
def height(xy: FloatArray, a: int, v: int, b: int) -> float:
    """Return the distance [m] of vertex v from the straight line between vertices a and b."""
    return apart(xy[v, 0], xy[v, 1], xy[a], xy[b])


@njit(cache=True)
def distance(xy: FloatArray, a: int, b: int) -> float:
    """Return the distance [m] between two vertices."""
    return hypot(xy[a, 0] - xy[b, 0], xy[a, 1] - xy[b, 1])


@njit(cache=True)
def spanned(xy: FloatArray, a: int, v: int, b: int) -> float:
    """Return twice the area of the triangle of three vertices [m²]."""
    twice_m2: float = abs((xy[v, 0] - xy[a, 0]) * (xy[b, 1] - xy[v, 1]) - (xy[v, 1] - xy[a, 1]) * (xy[b, 0] - xy[v, 0]))
    return twice_m2


@njit(cache=True)
def turn(xy: FloatArray, a: int, v: int, b: int) -> float:
    """Return by how much one turns on the way from a over v to b [radians, 0 … π]."""
    along = (xy[v, 0] - xy[a, 0]) * (xy[b, 0] - xy[v, 0]) + (xy[v, 1] - xy[a, 1]) * (xy[b, 1] - xy[v, 1])
    return atan2(spanned(xy, a, v, b), along)


@njit(cache=True)
def straightest(net: Net, v: int) -> tuple[int, int]:
    """Return which two of the borders of a vertex go on most nearly straight, as places in its row."""
    best, first, second = np.inf, 0, 1
    for i in range(net.degree[v]):
        for j in range(i):
            bent = turn(net.xy, net.joined[v, i], v, net.joined[v, j])
            if bent < best:
                best, first, second = bent, j, i
    return first, second


Flags = NDArray[np.bool_]
"""One truth value a vertex."""
