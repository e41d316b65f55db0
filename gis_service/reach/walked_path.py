"""The line one walks: from a point over its street, along the labels of the nodes, to a facility."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.k_nearest import Labels
from gis_service.reach.search import QUANTUM_M, Edges
from gis_service.reach.street_grid import Drawn


class Legs(NamedTuple):
    """Pieces of edges in the order in which they are walked: edge, and where on its drawing one joins and leaves it."""

    edge: NDArray[np.int64]
    join: NDArray[np.float64]
    leave: NDArray[np.float64]


@njit(cache=True, nogil=True)
def legs_to(
    edges: Edges, nodes: Labels, facility_fraction: NDArray[np.float64], owner: int, way: int, fraction: float
) -> Legs:
    """Return the legs of the walk to a facility.

    Parameters
    ----------
    edges, nodes
        The network's edges and the labels of its nodes.
    facility_fraction
        Where every facility stands on its edge, 0 … 1.
    owner
        The facility.
    way, fraction
        Which way to set out (see `Labels`), from where on that edge, 0 … 1.
    """
    count = _follow(edges, nodes, owner, way, np.empty(0, np.int64))
    ways = np.empty(count, np.int64)
    _follow(edges, nodes, owner, way, ways)
    legs = Legs(np.empty(count, np.int64), np.empty(count), np.empty(count))
    for i in range(count):
        code = ways[i] if ways[i] >= 0 else ~ways[i]
        legs.edge[i] = code >> 1
        legs.join[i] = fraction if i == 0 else 1.0 - (code & 1)
        legs.leave[i] = facility_fraction[owner] if ways[i] < 0 else 1.0 * (code & 1)
    return legs


@njit(cache=True, nogil=True)
def _follow(edges: Edges, nodes: Labels, owner: int, way: int, ways: NDArray[np.int64]) -> int:
    """Return the number of ways to a facility, and write them where there is room."""
    (_, owners, way_on), u, v = nodes, edges.u, edges.v
    count = 0
    while True:
        if len(ways):
            ways[count] = way
        count += 1
        if way < 0:
            return count
        node = v[way >> 1] if way & 1 else u[way >> 1]
        place = 0
        while owners[node, place] != owner:
            place += 1
        way = int(way_on[node, place])


@njit(cache=True, nogil=True)
def length_of(edges: Edges, legs: Legs) -> float:
    """Return the length of some legs [m], a multiple of `QUANTUM_M`."""
    total_m = 0.0
    for i in range(len(legs.edge)):
        length_m = edges.length_m[legs.edge[i]]
        join_m = np.rint(legs.join[i] * length_m / QUANTUM_M) * QUANTUM_M
        leave_m = np.rint(legs.leave[i] * length_m / QUANTUM_M) * QUANTUM_M
        total_m += abs(leave_m - join_m)
    return total_m


@njit(cache=True, nogil=True)
def line_of(
    drawn: Drawn, legs: Legs, begin_x: float, begin_y: float, end_x: float, end_y: float
) -> NDArray[np.float64]:
    """Return the vertices [m] of a walk, shape (m, 2).

    Parameters
    ----------
    drawn
        Vertices of the network's edges.
    legs
        What is walked along the streets.
    begin_x, begin_y, end_x, end_y
        Where the walk begins and ends, off the street [m].

    Returns
    -------
    numpy.ndarray
        Vertices that differ from the one before, at least one.
    """
    room = 3
    for edge in legs.edge:
        room += drawn.start[edge + 1] - drawn.start[edge] + 2
    line = np.empty((room, 2))
    line[0, 0], line[0, 1] = begin_x, begin_y
    used = 1
    start, xy, along_m = drawn
    for i in range(len(legs.edge)):
        edge = legs.edge[i]
        used = _draw(xy, along_m, start[edge], start[edge + 1] - 1, legs.join[i], legs.leave[i], line, used)
    return line[: _draw_to(line, used, end_x, end_y)].copy()


@njit(cache=True, nogil=True)
def _draw(
    xy: NDArray[np.float64],
    along_m: NDArray[np.float64],
    first: int,
    last: int,
    join: float,
    leave: float,
    line: NDArray[np.float64],
    used: int,
) -> int:
    """Write a piece of the edge of vertices `first` … `last`; return how many vertices the line has then."""
    join_m, leave_m = join * along_m[last], leave * along_m[last]
    low_m, high_m = min(join_m, leave_m), max(join_m, leave_m)
    used = _draw_to(line, used, *_place(xy, along_m, first, last, join_m))
    for k in range(1, last - first):
        i = first + k if leave_m >= join_m else last - k
        if low_m < along_m[i] < high_m:
            used = _draw_to(line, used, xy[i, 0], xy[i, 1])
    return _draw_to(line, used, *_place(xy, along_m, first, last, leave_m))


@njit(cache=True, nogil=True)
def _place(
    xy: NDArray[np.float64], along_m: NDArray[np.float64], first: int, last: int, at_m: float
) -> tuple[float, float]:
    """Return the place at a distance [m] along the line of vertices `first` … `last`."""
    if at_m >= along_m[last]:
        return xy[last, 0], xy[last, 1]
    i = first
    while along_m[i + 1] <= at_m:
        i += 1
    share = (at_m - along_m[i]) / (along_m[i + 1] - along_m[i])
    return xy[i, 0] + share * (xy[i + 1, 0] - xy[i, 0]), xy[i, 1] + share * (xy[i + 1, 1] - xy[i, 1])


@njit(cache=True, nogil=True)
def _draw_to(line: NDArray[np.float64], used: int, x: float, y: float) -> int:
    """Add a vertex unless the line is there already; return how many it has then."""
    differs = line[used - 1, 0] != x or line[used - 1, 1] != y
    line[used, 0], line[used, 1] = x, y
    return used + 1 if differs else used
