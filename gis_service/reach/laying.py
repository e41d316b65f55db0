"""Pieces of streets laid out for a survey: cut where facilities stand, with the walks of two searches to their ends."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.pieces import (
    ALL,
    ASIDE,
    BEFORE,
    CLOSED_M,
    LAID,
    OWN,
    SLANT,
    Pieces,
    Scratch,
    Streets,
    Walks,
)
from gis_service.reach.search import Edges, first_on_edge, stretch

_PIECE_BITS = 32


@njit(cache=True, nogil=True)
def lay_out(streets: Streets, scratch: Scratch, gathered: int, own: Walks, everybody: Walks) -> NDArray[np.int64]:
    """Return where in `Scratch.pieces` the pieces gathered are laid out with the walks of two searches.

    Each is laid out once in a survey, however often it is gathered.
    """
    # Arrays that are taken out of tuples are counted every time: not in the loop.
    drawn, edges, line_of, rank, has_stop = (
        streets.drawn,
        streets.edges,
        streets.grid.line,
        streets.grid.rank,
        streets.has_stop,
    )
    xy, own_m, all_m, (line, walk_m, turn) = drawn.xy, own.field.walk_m, everybody.field.walk_m, scratch.pieces
    piece, near, first_part = scratch.piece, scratch.near, scratch.first
    before, count, listed = scratch.counters[BEFORE], scratch.counters[LAID], 0
    edge_u, edge_v, edge_m, edge_to_u_m, edge_to_v_m = edges
    for k in range(gathered):
        i = piece[k]
        if first_part[i] < before:
            first_part[i], edge = before + count, line_of[i]
            if has_stop[edge]:
                count = _lay_parts(streets, scratch.pieces, own, everybody, i, count)
            else:
                street = (edge_m[edge], edge_to_u_m[edge], edge_to_v_m[edge])
                first_m, last_m = _along(drawn.start, drawn.along_m, edge_m, i, edge)
                u, v = edge_u[edge], edge_v[edge]
                for end, at_m in ((0, first_m), (1, last_m)):
                    to_u_m, to_v_m = stretch(at_m, 0.0, *street), stretch(at_m, street[0], *street)
                    walk_m[count, OWN + end] = min(own_m[u] + to_u_m, own_m[v] + to_v_m)
                    walk_m[count, ALL + end] = min(all_m[u] + to_u_m, all_m[v] + to_v_m)
                line[count, 0], line[count, 1] = xy[i, 0], xy[i, 1]
                line[count, 2], line[count, 3] = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1]
                _rate(line, walk_m, count, stretch(last_m, first_m, *street), stretch(first_m, last_m, *street))
                turn[count] = np.int64(rank[edge]) << _PIECE_BITS | i
                count += 1
        part = first_part[i] - before
        key = turn[part]
        while part < count and turn[part] == key:
            near[listed] = part
            listed, part = listed + 1, part + 1
    scratch.counters[LAID] = count
    return near[:listed]


@njit(cache=True, nogil=True)
def _lay_parts(streets: Streets, pieces: Pieces, own: Walks, everybody: Walks, i: int, count: int) -> int:
    """Lay the parts of a piece between facilities out behind those laid out, and return how many these are then."""
    edges, targets, edge = streets.edges, everybody.targets, streets.grid.line[i]
    street = (edges.length_m[edge], edges.to_u_m[edge], edges.to_v_m[edge])
    first_m, last_m = _along(streets.drawn.start, streets.drawn.along_m, edges.length_m, i, edge)
    (x, y), (to_x, to_y) = streets.drawn.xy[i], streets.drawn.xy[i + 1]
    from_m, begin, done = first_m, 0.0, False
    while not done:
        # The next facility on the piece, or its end.
        to_m, k = last_m, first_on_edge(targets.edge, edge)
        while k < len(targets.edge) and targets.edge[k] == edge:
            if from_m < targets.offset_m[k] < to_m:
                to_m = targets.offset_m[k]
            k += 1
        done = to_m == last_m
        end = 1.0 if done else (to_m - first_m) / (last_m - first_m)
        line, walk_m = pieces.line, pieces.walk_m
        line[count, 0], line[count, 1] = x + begin * (to_x - x), y + begin * (to_y - y)
        line[count, 2], line[count, 3] = (end - begin) * (to_x - x), (end - begin) * (to_y - y)
        walk_m[count, OWN], walk_m[count, OWN + 1] = (
            _walk_on(edge, from_m, edges, own),
            _walk_on(edge, to_m, edges, own),
        )
        walk_m[count, ALL] = _walk_on(edge, from_m, edges, everybody)
        walk_m[count, ALL + 1] = _walk_on(edge, to_m, edges, everybody)
        _rate(line, walk_m, count, stretch(to_m, from_m, *street), stretch(from_m, to_m, *street))
        pieces.turn[count] = np.int64(streets.grid.rank[edge]) << _PIECE_BITS | i
        count, from_m, begin = count + 1, to_m, end
    return count


@njit(cache=True, nogil=True, inline="always")
def _along(
    start: NDArray[np.int64], along_m: NDArray[np.float64], length_m: NDArray[np.float64], i: int, edge: int
) -> tuple[float, float]:
    """Return where a piece begins and ends on its street [m of its length]."""
    whole_m, last = length_m[edge], start[edge + 1] - 1
    drawn_m, first_m, last_m = along_m[last], 0.0, 0.0
    if drawn_m > 0.0:
        first_m, last_m = min(along_m[i] / drawn_m * whole_m, whole_m), min(along_m[i + 1] / drawn_m * whole_m, whole_m)
    return first_m, whole_m if i == last - 1 else last_m


@njit(cache=True, nogil=True, inline="always")
def _rate(
    line: NDArray[np.float64], walk_m: NDArray[np.float64], i: int, towards_first_m: float, towards_last_m: float
) -> None:
    """Write what walking a piece counts [m] and what follows from it and from how the piece is drawn."""
    walk_m[i, 2], walk_m[i, 3] = min(towards_first_m, CLOSED_M), min(towards_last_m, CLOSED_M)
    most_m = 0.0
    for way in range(2, 4):
        most_m = max(most_m, walk_m[i, way] if walk_m[i, way] < CLOSED_M else 0.0)
    square_m2 = line[i, 2] * line[i, 2] + line[i, 3] * line[i, 3]
    line[i, 4] = 1.0 / square_m2 if square_m2 > 0.0 else 0.0
    per_m = line[i, 4] ** 0.5
    # The gradient of a walk has two parts, the rate along the piece and 1 away from it; in a square what counts is by
    # how much it grows eastwards and northwards together.
    rate, east, north = most_m * per_m, line[i, 2] * per_m, line[i, 3] * per_m
    on_left = abs(rate * east - north) + abs(rate * north + east)
    on_right = abs(rate * east + north) + abs(rate * north - east)
    walk_m[i, ASIDE], walk_m[i, SLANT] = rate * (abs(east) + abs(north)), max(on_left, on_right, 2.0**0.5)


@njit(cache=True, nogil=True)
def _walk_on(edge: int, at_m: float, edges: Edges, walks: Walks) -> float:
    """Return the walk [m] from a place on an edge."""
    street, targets = (edges.length_m[edge], edges.to_u_m[edge], edges.to_v_m[edge]), walks.targets
    least_m = min(
        walks.field.walk_m[edges.u[edge]] + stretch(at_m, 0.0, *street),
        walks.field.walk_m[edges.v[edge]] + stretch(at_m, street[0], *street),
    )
    k = first_on_edge(targets.edge, edge)
    while k < len(targets.edge) and targets.edge[k] == edge:
        least_m = min(least_m, targets.gap_m[k] + stretch(at_m, targets.offset_m[k], *street))
        k += 1
    return float(least_m)
