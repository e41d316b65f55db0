"""Lines drawn with fewer vertices, for the ground around streets: their lengths and their ends stay as they are."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.street_grid import Drawn

__all__ = ["THINNED_M", "thinned"]

THINNED_M = 1.0
"""Lines of the ground run so far beside those drawn at most [m]: a quarter of the distance between samples."""


def thinned(drawn: Drawn, most_m: float) -> Drawn:
    """Return lines without the vertices that tell little of their shape.

    Vertices are left out as Ramer (1972) and Douglas and Peucker (1973) do; a line drawn the other way round keeps the
    same ones. Places between two vertices that are kept are told by proportion of the metres along the line.

    Parameters
    ----------
    drawn
        Lines of two vertices or more.
    most_m
        How far a vertex left out may lie off the straight piece that goes on in its place [m], inclusive.

    Returns
    -------
    Drawn
        The same lines, from the same first to the same last vertices, with the metres along them as they were.
    """
    kept = _kept(drawn.start, drawn.xy, most_m * most_m)
    before = np.concatenate([[0], np.cumsum(kept)])
    return Drawn(before[drawn.start], drawn.xy[kept], drawn.along_m[kept])


@njit(cache=True, nogil=True)
def _kept(start: NDArray[np.int64], xy: NDArray[np.float64], most_m2: float) -> NDArray[np.bool_]:
    """Return whether each vertex is kept."""
    kept = np.zeros(len(xy), np.bool_)
    # Every stretch waiting is taken apart at a vertex of its own, so that never more wait than there are vertices.
    waiting = np.empty((len(xy) + 1, 2), np.int64)
    for line in range(len(start) - 1):
        first, last = start[line], start[line + 1] - 1
        kept[first], kept[last] = True, True
        waiting[0, 0], waiting[0, 1], count = first, last, 1
        while count > 0:
            count -= 1
            begin, end = waiting[count, 0], waiting[count, 1]
            middle = _farthest(xy, begin, end, most_m2)
            if middle >= 0:
                kept[middle] = True
                waiting[count, 0], waiting[count, 1] = begin, middle
                waiting[count + 1, 0], waiting[count + 1, 1] = middle, end
                count += 2
    return kept


@njit(cache=True, nogil=True)
def _farthest(xy: NDArray[np.float64], begin: int, end: int, most_m2: float) -> int:
    """Return the vertex between two that is farthest off the straight piece between these; -1: all are near enough."""
    # From the same end and with the same choice among equals in either direction.
    x, y, to_x, to_y = xy[begin, 0], xy[begin, 1], xy[end, 0], xy[end, 1]
    if _goes_before(to_x, to_y, x, y):
        x, y, to_x, to_y = to_x, to_y, x, y
    dx, dy = to_x - x, to_y - y
    square_m2 = dx * dx + dy * dy
    farthest, farthest_m2 = -1, most_m2
    for i in range(begin + 1, end):
        px, py = xy[i, 0] - x, xy[i, 1] - y
        share = min(max((px * dx + py * dy) / square_m2, 0.0), 1.0) if square_m2 > 0.0 else 0.0
        px, py = px - share * dx, py - share * dy
        away_m2 = px * px + py * py
        first = farthest >= 0 and _goes_before(xy[i, 0], xy[i, 1], xy[farthest, 0], xy[farthest, 1])
        if away_m2 > farthest_m2 or (away_m2 == farthest_m2 and first):
            farthest, farthest_m2 = i, away_m2
    return farthest


@njit(cache=True, nogil=True, inline="always")
def _goes_before(x: float, y: float, other_x: float, other_y: float) -> bool:
    """Return whether a place lies west of another, or south of it in the same meridian."""
    return bool(x < other_x or (x == other_x and y < other_y))
