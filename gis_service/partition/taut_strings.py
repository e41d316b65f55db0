"""Borders drawn taut: bends taken out and meeting points moved in the free space around them (compiled)."""

from heapq import heapify, heappop, heappush
from math import atan2, hypot
from typing import NamedTuple

import numpy as np
from numba import njit

from gis_service.geo.coverage import FloatArray, IndexArray
from gis_service.partition.fermat import fermat_point
from gis_service.partition.taut_merges import CROSSING, FORK, MOST_M, merge_short, place_of
from gis_service.partition.taut_net import (
    APART_M,
    NONE,
    REACH_M,
    Flags,
    Net,
    blocked,
    distance,
    height,
    make_net,
    put,
    spanned,
    straightest,
)

STRAIGHT_M = 0.05
"""A meeting point this close to the straight line through it is not moved any more [m, inclusive]."""
THIRD_WEIGHT = 0.6
"""Of the borders that meet in threes, that which is not one of the two that go on most nearly straight counts so much:
grids are made of units, and often only those two part grids."""
MEETING_SHARE = 0.15
"""Where three borders meet, they are moved by this share of their mean length at most [inclusive]. Where borders are
short, units are small, and most such points come to lie inside a grid or where its border goes straight on."""
GAIN_M = 0.05
"""A step of a meeting point makes its borders shorter by this in all, as they count, or is not taken [m, inclusive]."""
_VISITS = 40
_BEND = 2
_HALVINGS = 4
_ROUNDING = 1.0 - 1e-9
_PARALLEL, _ROUNDING_M2 = 1e-9, 1e-6


class _Queue(NamedTuple):
    """Vertices to look at, how often each was queued and visited, and how many borders may meet there at most."""

    entries: list[tuple[float, int, int]]
    queued: IndexArray
    visits: IndexArray
    held: Flags
    most: int


def straighten(
    xy: FloatArray,
    start: IndexArray,
    half_edge: IndexArray,
    left: IndexArray,
    held: Flags,
    slides: Flags,
    kin: IndexArray,
    corners: FloatArray,
    keep_m: FloatArray,
) -> tuple[FloatArray, IndexArray]:
    """Return the vertices of a coverage after its borders have been drawn taut.

    Parameters
    ----------
    xy
        Vertices (n, 2) [m].
    start, half_edge, left
        Edges as compressed sparse rows, each from both ends: ``half_edge[start[v]:start[v + 1]]`` are the vertices
        that ``v`` is joined with, ``left`` the polygon to the left on the way there, -1 where there is none.
    held
        Vertices that stay.
    slides
        Those of them that may go on to the next one along the straight line they lie on, if that is near and its third
        border leaves to the other side.
    kin
        Group of every polygon, negative for none; neighbours of one group stay neighbours.
    corners, keep_m
        Points (m, 2) that no border may sweep over, and the distance each keeps from borders that move [m], at most
        `gis_service.partition.taut_net.REACH_M`.

    Returns
    -------
    xy
        Vertices, some moved.
    heir
        For every vertex the one it has become, itself where it stays, -1 where it is left out.

    Notes
    -----
    In the order of the area they span, bends are left out (Visvalingam and Whyatt 1993), and points where three or four
    borders meet go to the place from which these are shortest in all: for three see `fermat_point` (one of them counts
    `THIRD_WEIGHT`), for four it is where the straight lines through opposite ones cross. Where the whole way is not
    free, a point where three meet goes half of it, a quarter or an eighth, and in all no farther than `MEETING_SHARE`
    of the mean length of its borders. A step is taken only if the triangles it sweeps hold no corner and no other
    vertex: then no border crosses another and none reaches a footprint, for whatever crossed a new border would have to
    end inside. Borders never move by more than `MOST_M` in all. Points a short way apart become one before they move.
    """
    low = np.vstack((xy, corners)).min(axis=0)
    net = make_net(xy - low, start, half_edge, left, corners - low, keep_m, CROSSING)
    before = net.xy[: len(xy)].copy()
    _straighten(net, held, slides, kin)
    moved = np.any(net.xy[: len(xy)] != before, axis=1)
    return np.where(moved[:, None], net.xy[: len(xy)] + low, xy), net.heir


@njit(cache=True)
def _straighten(net: Net, held: Flags, slides: Flags, kin: IndexArray) -> None:
    bends = _queue_of(net, held, _BEND)
    _work_off(net, bends)
    merge_short(net, held, slides, kin)  # before they would go apart
    _work_off(net, _queue_of(net, held, CROSSING))


@njit(cache=True)
def _queue_of(net: Net, held: Flags, most: int) -> _Queue:
    """Return a queue of all vertices where up to so many borders meet."""
    count = len(held)
    queue = _Queue([(0.0, NONE, 0)], np.zeros(count, np.int64), np.zeros(count, np.int64), held, most)
    for v in range(count):
        _enqueue(net, queue, v)
    heapify(queue.entries)
    return queue


@njit(cache=True)
def _enqueue(net: Net, queue: _Queue, v: int) -> None:
    if queue.held[v] or net.heir[v] != v or net.degree[v] > queue.most or queue.visits[v] >= _VISITS:
        return
    first, second = straightest(net, v)
    queue.queued[v] += 1
    heappush(queue.entries, (spanned(net.xy, net.joined[v, first], v, net.joined[v, second]), v, queue.queued[v]))


@njit(cache=True)
def _work_off(net: Net, queue: _Queue) -> None:
    """Take steps until none is left."""
    around = np.empty(net.joined.shape[1], np.int64)
    while len(queue.entries):
        _, v, number = heappop(queue.entries)
        if v == NONE or net.heir[v] != v or queue.queued[v] != number:
            continue
        queue.visits[v] += 1
        count = net.degree[v]
        around[:count] = net.joined[v, :count]
        if count == _BEND:
            done = _leave_out(net, v)
        elif count == FORK:
            done = _shorten_fork(net, v)
        else:
            done = _straighten_crossing(net, v)
        if done:
            _enqueue(net, queue, v)
            for k in range(count):
                _enqueue(net, queue, around[k])


@njit(cache=True)
def _leave_out(net: Net, v: int) -> bool:
    """Leave out a bend; return whether that was possible."""
    a, b = net.joined[v, 0], net.joined[v, 1]
    off_m = height(net.xy, a, v, b) + max(net.moved_m[v, 0], net.moved_m[v, 1])
    if off_m > MOST_M or place_of(net, a, b) != NONE:
        return False
    if blocked(net, net.xy[a], net.xy[v], net.xy[b], (a, v, b), REACH_M):
        return False
    for end, other in ((a, b), (b, a)):
        k = place_of(net, end, v)
        net.joined[end, k] = other
        net.moved_m[end, k] = off_m
    net.heir[v] = NONE
    return True


@njit(cache=True)
def _shorten_fork(net: Net, v: int) -> bool:
    """Move a point where three borders meet towards the place from which these are shortest, as far as it may go."""
    xy = net.xy
    first, second = straightest(net, v)
    a, b, third = net.joined[v, first], net.joined[v, second], net.joined[v, FORK - first - second]
    best_x, best_y = fermat_point(xy[a], xy[b], xy[third], THIRD_WEIGHT)
    way_x, way_y = best_x - xy[v, 0], best_y - xy[v, 1]
    off_m = hypot(way_x, way_y)
    mean_m = (distance(xy, v, a) + distance(xy, v, b) + distance(xy, v, third)) / FORK
    left_m = min(MOST_M, MEETING_SHARE * mean_m) - net.moved_m[v, :FORK].max()
    if off_m <= STRAIGHT_M or left_m <= 0.0:
        return False
    now_m = _ways_m(xy, (a, b, third), xy[v, 0], xy[v, 1])
    share = min(1.0, _ROUNDING * left_m / off_m)
    for _ in range(_HALVINGS):
        x, y = xy[v, 0] + share * way_x, xy[v, 1] + share * way_y
        if now_m - _ways_m(xy, (a, b, third), x, y) < GAIN_M:  # nearer places gain even less: the sum is convex
            return False
        if _move(net, v, x, y):
            return True
        share *= 0.5
    return False


@njit(cache=True)
def _ways_m(xy: FloatArray, ends: tuple[int, int, int], x: float, y: float) -> float:
    """Return the sum of the distances of a place from two vertices and of `THIRD_WEIGHT` of that from a third [m]."""
    a, b, third = ends
    to_third_m = hypot(xy[third, 0] - x, xy[third, 1] - y)
    return hypot(xy[a, 0] - x, xy[a, 1] - y) + hypot(xy[b, 0] - x, xy[b, 1] - y) + THIRD_WEIGHT * to_third_m


@njit(cache=True)
def _straighten_crossing(net: Net, v: int) -> bool:
    """Move a point where four borders meet to where the straight lines through opposite ones cross."""
    xy, around = net.xy, net.joined[v, :CROSSING]
    order = np.argsort(np.array([atan2(xy[u, 1] - xy[v, 1], xy[u, 0] - xy[v, 0]) for u in around]))
    a, b, c, d = around[order[0]], around[order[1]], around[order[2]], around[order[3]]
    if max(height(xy, a, v, c), height(xy, b, v, d)) <= STRAIGHT_M:
        return False
    r_x, r_y = xy[c, 0] - xy[a, 0], xy[c, 1] - xy[a, 1]
    s_x, s_y = xy[d, 0] - xy[b, 0], xy[d, 1] - xy[b, 1]
    across = r_x * s_y - r_y * s_x
    if abs(across) <= _PARALLEL:
        return False
    along_r = ((xy[b, 0] - xy[a, 0]) * s_y - (xy[b, 1] - xy[a, 1]) * s_x) / across
    along_s = ((xy[b, 0] - xy[a, 0]) * r_y - (xy[b, 1] - xy[a, 1]) * r_x) / across
    if min(along_r, along_s) <= 0.0 or max(along_r, along_s) >= 1.0:
        return False
    return _move(net, v, xy[a, 0] + along_r * r_x, xy[a, 1] + along_r * r_y)


@njit(cache=True)
def _move(net: Net, v: int, x: float, y: float) -> bool:
    """Move a vertex with all its borders; return whether that was possible."""
    off_m = hypot(x - net.xy[v, 0], y - net.xy[v, 1])
    to = np.array([x, y])
    if not _free_way(net, v, to):
        return False
    for k in range(net.degree[v]):
        a = net.joined[v, k]
        nearest_m = min(APART_M, 0.5 * distance(net.xy, a, v))
        if net.moved_m[v, k] + off_m > MOST_M or hypot(x - net.xy[a, 0], y - net.xy[a, 1]) < nearest_m:
            return False
        if blocked(net, net.xy[a], net.xy[v], to, (a, v, v), REACH_M):
            return False
    put(net, v, x, y)
    for k in range(net.degree[v]):
        a = net.joined[v, k]
        net.moved_m[v, k] += off_m
        net.moved_m[a, place_of(net, a, v)] = net.moved_m[v, k]
    return True


@njit(cache=True)
def _free_way(net: Net, v: int, to: FloatArray) -> bool:
    """Tell whether a place lies between two borders of a vertex, with nothing between their ends and the vertex."""
    xy = net.xy
    for i in range(net.degree[v]):
        for j in range(i):
            a, b = net.joined[v, i], net.joined[v, j]
            inside = _on_left(xy[a], xy[v], to) and _on_left(xy[v], xy[b], to) and _on_left(xy[b], xy[a], to)
            outside = _on_left(xy[v], xy[a], to) and _on_left(xy[b], xy[v], to) and _on_left(xy[a], xy[b], to)
            if (inside or outside) and not blocked(net, xy[a], xy[v], xy[b], (a, v, b), 0.0):
                return True
    return False


@njit(cache=True)
def _on_left(a: FloatArray, b: FloatArray, point: FloatArray) -> bool:
    """Tell whether a point lies to the left of the way from a to b or, but for rounding, on it."""
    return bool((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) >= -_ROUNDING_M2)
