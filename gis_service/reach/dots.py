"""On which side of outlines small discs lie, told from the few pieces of an outline that pass at their height."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.lattice import SAMPLE_M
from gis_service.reach.outline import Rings

__all__ = ["BEYOND", "CROSSED", "WITHIN", "sides_of"]

BEYOND, CROSSED, WITHIN = -1, 0, 1
_SPARE_M = 1e-6


@njit(cache=True, nogil=True)
def sides_of(rings: Rings, bands: int, xy: NDArray[np.float64], radius_m: float) -> NDArray[np.int8]:
    """Return on which side of the outlines of each cut-off some discs lie.

    Parameters
    ----------
    rings
        Outlines from `gis_service.reach.outline.rings_of`.
    bands
        Number of cut-offs.
    xy, radius_m
        Middles of the discs, shape (k, 2), and their radius [m].

    Returns
    -------
    numpy.ndarray
        `WITHIN` and `BEYOND`: the whole disc lies inside or outside; `CROSSED`: an outline comes nearer to its middle
        than the radius, or so near that rounding decides. Shape (bands, k).
    """
    side = np.full((bands, len(xy)), BEYOND, np.int8)
    first = 0
    while first < len(rings.band):
        last = first
        while last < len(rings.band) and rings.band[last] == rings.band[first]:
            last += 1
        _tell(rings.xy, rings.start[first : last + 1], xy, radius_m + _SPARE_M, side[rings.band[first]])
        first = last
    return side


@njit(cache=True, nogil=True)
def _tell(
    vertices: NDArray[np.float64],
    start: NDArray[np.int64],
    xy: NDArray[np.float64],
    radius_m: float,
    side: NDArray[np.int8],
) -> None:
    """Write on which side of some rings discs lie, in place."""
    south, north = vertices[start[0] : start[-1], 1].min(), vertices[start[0] : start[-1], 1].max()
    strips = int((north - south) / SAMPLE_M) + 1
    following = _following(start)
    begin, listed = _by_strip(vertices, start[0], following, south, strips)
    for k in range(len(xy)):
        x, y = xy[k]
        if y < south - radius_m or y > north + radius_m:
            continue
        low = max(int((y - radius_m - south) / SAMPLE_M), 0)
        high = min(int((y + radius_m - south) / SAMPLE_M), strips - 1)
        here, inside, crossed = min(max(int((y - south) / SAMPLE_M), 0), strips - 1), False, False
        for strip in range(low, high + 1):
            for place in range(begin[strip], begin[strip + 1]):
                i = listed[place]
                j = following[i - start[0]]
                ax, ay, bx, by = vertices[i, 0], vertices[i, 1], vertices[j, 0], vertices[j, 1]
                if strip == here and (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
                    inside = not inside
                crossed |= _within(x - ax, y - ay, bx - ax, by - ay, radius_m)
        side[k] = CROSSED if crossed else (WITHIN if inside else BEYOND)


@njit(cache=True, nogil=True)
def _following(start: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the vertex after each one, that after the last of a ring its first."""
    following = np.arange(start[0] + 1, start[-1] + 1)
    for ring in range(len(start) - 1):
        following[start[ring + 1] - 1 - start[0]] = start[ring]
    return following


@njit(cache=True, nogil=True)
def _by_strip(
    vertices: NDArray[np.float64], first: int, following: NDArray[np.int64], south: float, strips: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pieces of rings that come into each strip from west to east: where those of each begin, and which."""
    low, high = np.empty(len(following), np.int64), np.empty(len(following), np.int64)
    begin = np.zeros(strips + 2, np.int64)
    for piece in range(len(following)):
        y, to_y = vertices[first + piece, 1], vertices[following[piece], 1]
        low[piece], high[piece] = int((min(y, to_y) - south) / SAMPLE_M), int((max(y, to_y) - south) / SAMPLE_M)
        for strip in range(low[piece], high[piece] + 1):
            begin[strip + 2] += 1
    begin = np.cumsum(begin)
    listed = np.empty(begin[-1], np.int64)
    for piece in range(len(following)):
        for strip in range(low[piece], high[piece] + 1):
            listed[begin[strip + 1]] = first + piece
            begin[strip + 1] += 1
    return begin[:-1], listed


@njit(cache=True, nogil=True, inline="always")
def _within(px: float, py: float, dx: float, dy: float, radius_m: float) -> bool:
    """Return whether a place, told from the first end of a straight piece, is within a distance of the piece [m]."""
    square_m2 = dx * dx + dy * dy
    share = min(max((px * dx + py * dy) / square_m2, 0.0), 1.0) if square_m2 > 0.0 else 0.0
    px, py = px - share * dx, py - share * dy
    return bool(px * px + py * py <= radius_m * radius_m)
