"""The ground around streets: how far people walk from the samples of a fine lattice, looked at only near borders.

A square of ground is taken apart into four as long as the border of a circle may run through it: as long as the walks
from its nearest streets, and the ways off them, leave room on both sides of a cut-off.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.lattice import (
    BLOCK_M,
    CORNERS,
    LEVELS,
    ROOT_M,
    SAMPLE_M,
    SAMPLES,
    SHIFT_X,
    SHIFT_Y,
    SIDE,
    Survey,
    room_for,
    with_more_room,
)
from gis_service.reach.laying import lay_out
from gis_service.reach.nearness import ROUNDING_M, corner_distances, may_be_nearest
from gis_service.reach.pieces import (
    ALL,
    ASIDE,
    CLOSED_M,
    OWN,
    SLANT,
    Pieces,
    Scratch,
    Streets,
    Walks,
    any_within,
    begin_survey,
    gather,
    walk_at,
)

_ROUNDED_M = 1.5 * SAMPLE_M
_EQUAL_M2 = 1e-9
# With some to spare, so that whole vectors are computed.
_LANES = 32
_EAST_M, _NORTH_M = np.zeros((2, _LANES))
_EAST_M[:SAMPLES] = np.tile(SAMPLE_M * np.arange(CORNERS), CORNERS)
_NORTH_M[:SAMPLES] = np.repeat(SAMPLE_M * np.arange(CORNERS), CORNERS)


class _Best(NamedTuple):
    """Of each sample of a block: the nearest piece so far, where on it, 0 … 1, and the square of the distance [m²]."""

    piece: NDArray[np.int64]
    at: NDArray[np.float64]
    away_m2: NDArray[np.float64]


@njit(cache=True, nogil=True, inline="always")
def _look(
    line: NDArray[np.float64],
    near: NDArray[np.int64],
    first: int,
    last: int,
    row: int,
    column: int,
    best: _Best,
) -> None:
    """Find the nearest piece of each sample of a block, the first of which is at a row and column of the lattice."""
    piece, at, away_m2 = best
    west, south = SHIFT_X + column * SAMPLE_M, SHIFT_Y + row * SAMPLE_M
    for s in range(_LANES):
        away_m2[s] = np.inf
        piece[s] = near[first]
    for j in range(first, last):
        k = near[j]
        x0, y0, dx, dy, per_m2 = line[k, 0], line[k, 1], line[k, 2], line[k, 3], line[k, 4]
        for s in range(_LANES):
            px, py = (west + _EAST_M[s]) - x0, (south + _NORTH_M[s]) - y0
            share = min(max((px * dx + py * dy) * per_m2, 0.0), 1.0)
            px, py = px - share * dx, py - share * dy
            square_m2 = px * px + py * py
            # What is nearer by rounding only does not go before the piece that counts first.
            nearer = square_m2 < away_m2[s] - _EQUAL_M2
            away_m2[s] = square_m2 if nearer else away_m2[s]
            at[s] = share if nearer else at[s]
            piece[s] = k if nearer else piece[s]


@njit(cache=True, nogil=True, inline="always")
def _off(best: _Best, max_gap_m: float) -> None:
    """Turn the squared distances of the samples of a block into the walks off the street [m]; inf: too far."""
    off_m = best.away_m2
    for s in range(_LANES):
        gap_m = off_m[s] ** 0.5
        # Beside a street the walk off it has a kink, which straight lines between samples would cut off by half their
        # distance where the walk ends: there it is rounded.
        rounded_m = gap_m * gap_m / _ROUNDED_M if gap_m < _ROUNDED_M else gap_m
        off_m[s] = rounded_m if gap_m <= max_gap_m else np.inf


@njit(cache=True, nogil=True, inline="always")
def _walks(
    walk_m: NDArray[np.float64], best: _Best, search: int, block: int, told_m: NDArray[np.float64]
) -> tuple[float, float]:
    """Write the walks of a search from the samples of a block, and return the shortest and the longest [m]."""
    piece, at, off_m = best
    low_m, high_m = np.inf, 0.0
    for s in range(SAMPLES):
        told_m[block, s] = walk_at(walk_m, piece[s], at[s], search) + off_m[s]
        low_m, high_m = min(low_m, told_m[block, s]), max(high_m, told_m[block, s])
    return low_m, high_m


@njit(cache=True, nogil=True, inline="always")
def _in_turn(near: NDArray[np.int64], first: int, last: int, turn: NDArray[np.int64]) -> None:
    """Put pieces from one place to before another in the order in which they count, parts of one as they are."""
    for j in range(first + 1, last):
        k, piece = j, near[j]
        while k > first and turn[near[k - 1]] > turn[piece]:
            near[k] = near[k - 1]
            k -= 1
        near[k] = piece


@njit(cache=True, nogil=True, inline="always")
def _quarters(
    line: NDArray[np.float64],
    pieces: NDArray[np.int64],
    west: float,
    south: float,
    side_m: float,
    at: NDArray[np.float64],
    away_m2: NDArray[np.float64],
) -> tuple[float, float, float, float]:
    """Write where on some pieces the middles of four squares are nearest to them, and how far [m²]; return the least.

    The squares are two by two, the first in the south-west, the last in the north-east.
    """
    x0, y0 = west + 0.5 * side_m, south + 0.5 * side_m
    x1, y1 = x0 + side_m, y0 + side_m
    least0 = least1 = least2 = least3 = np.inf
    for k in range(len(pieces)):
        i = pieces[k]
        dx, dy, per_m2 = line[i, 2], line[i, 3], line[i, 4]
        px0, px1, py0, py1 = x0 - line[i, 0], x1 - line[i, 0], y0 - line[i, 1], y1 - line[i, 1]
        east0, east1, north0, north1 = px0 * dx, px1 * dx, py0 * dy, py1 * dy
        at0, at1 = min(max((east0 + north0) * per_m2, 0.0), 1.0), min(max((east1 + north0) * per_m2, 0.0), 1.0)
        at2, at3 = min(max((east0 + north1) * per_m2, 0.0), 1.0), min(max((east1 + north1) * per_m2, 0.0), 1.0)
        away0 = (px0 - at0 * dx) ** 2 + (py0 - at0 * dy) ** 2
        away1 = (px1 - at1 * dx) ** 2 + (py0 - at1 * dy) ** 2
        away2 = (px0 - at2 * dx) ** 2 + (py1 - at2 * dy) ** 2
        away3 = (px1 - at3 * dx) ** 2 + (py1 - at3 * dy) ** 2
        at[0, k], at[1, k], at[2, k], at[3, k] = at0, at1, at2, at3
        away_m2[0, k], away_m2[1, k], away_m2[2, k], away_m2[3, k] = away0, away1, away2, away3
        least0, least1, least2, least3 = min(least0, away0), min(least1, away1), min(least2, away2), min(least3, away3)
    return least0, least1, least2, least3


@njit(cache=True, nogil=True, inline="always")
def _sift(
    line: NDArray[np.float64],
    near: NDArray[np.int64],
    place: tuple[int, int, int],
    square: tuple[float, float, float],
    at: NDArray[np.float64],
    away_m2: NDArray[np.float64],
    kept_from: NDArray[np.int64],
    part: int,
    least_m2: float,
) -> int:
    """Write those pieces near a square that may be nearest to any of its ground behind the others, and return how many.

    Parameters
    ----------
    line, near
        The pieces, and lists of some of them.
    place
        Where in the lists those begin that are near the square, how many these are, and where those kept begin.
    square
        Middle of the square and half a side [m].
    at, away_m2
        Where on each of them the middles of four squares are nearest to it, and how far [m²].
    kept_from
        Room for which of them each one kept is.
    part, least_m2
        Which of the four the square is, and how far the nearest of them is [m²].
    """
    (first, count, top), (x, y, half_m), nearest, kept = place, square, 0, 0
    most_m2 = (least_m2**0.5 + 2.0 * (half_m * 2.0**0.5) + ROUNDING_M) ** 2
    for k in range(count):
        # Without branches, which would be mispredicted half of the time.
        kept_from[kept] = k
        kept += away_m2[part, k] <= most_m2
    while away_m2[part, kept_from[nearest]] > least_m2:
        nearest += 1
    i, found, kept = near[first + kept_from[nearest]], kept, 0
    dx, dy, per_m2 = line[i, 2], line[i, 3], line[i, 4]
    corners_m = corner_distances(x - line[i, 0], y - line[i, 1], dx, dy, per_m2, half_m)
    for j in range(found):
        k = kept_from[j]
        i = near[first + k]
        kept_from[kept], near[top + kept] = k, i
        off_x, off_y = x - line[i, 0] - at[part, k] * line[i, 2], y - line[i, 1] - at[part, k] * line[i, 3]
        kept += may_be_nearest(corners_m, off_x, off_y, away_m2[part, k] ** 0.5, half_m)
    return kept


@njit(cache=True, nogil=True)
def _descend(
    pieces: Pieces,
    listed: NDArray[np.int64],
    root: tuple[int, int],
    max_gap_m: float,
    cutoffs_m: NDArray[np.float64],
    found: Survey,
    used: int,
) -> int:
    """Write the blocks of a root that a border crosses behind those used, and return how many are used then."""
    (line, walk_m, turn), (rows, columns, own_m, all_m, of_all) = pieces, found
    size = len(listed)
    near = np.empty((4 * LEVELS + 1) * size, np.int64)
    near[:size] = listed
    at, away_m2, kept_from = np.empty((4, size)), np.empty((4, size)), np.empty(size + 1, np.int64)
    best = _Best(np.empty(_LANES, np.int64), np.empty(_LANES), np.empty(_LANES))
    # Blocks waiting, the last first: level (0: smallest), row, column, first piece and number of pieces.
    stack = np.empty((3 * LEVELS + 4, 5), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 4] = LEVELS, root[0], root[1], 0, size
    waiting = 1
    while waiting > 0:
        waiting -= 1
        level, first, count = stack[waiting, 0] - 1, stack[waiting, 3], stack[waiting, 4]
        top, side_m = first + count, BLOCK_M * 2**level
        half_m, radius_m, south, west = 0.5 * side_m, side_m / 2.0**0.5, 2 * stack[waiting, 1], 2 * stack[waiting, 2]
        x, y = SHIFT_X + west * side_m, SHIFT_Y + south * side_m
        least_m2 = _quarters(line, near[first:top], x, y, side_m, at, away_m2)
        for part in range(4):
            row, column, nearest_m = south + part // 2, west + part % 2, least_m2[part] ** 0.5
            if nearest_m > max_gap_m + radius_m:
                continue
            x, y = SHIFT_X + (column + 0.5) * side_m, SHIFT_Y + (row + 0.5) * side_m
            kept = _sift(line, near, (first, count, top), (x, y, half_m), at, away_m2, kept_from, part, least_m2[part])
            low_m, high_m = np.inf, np.inf if nearest_m + radius_m > max_gap_m else 0.0
            for place in range(kept):
                k, i = kept_from[place], near[top + place]
                here_m, gap_m = walk_at(walk_m, i, at[part, k], OWN), away_m2[part, k] ** 0.5
                aside_m, slant_m = half_m * walk_m[i, ASIDE], half_m * walk_m[i, SLANT]
                high_m = max(high_m, here_m + min(gap_m + slant_m, nearest_m + radius_m + aside_m))
                lower_m = here_m + max(gap_m - slant_m, -aside_m)
                if max(walk_m[i, 2], walk_m[i, 3]) == CLOSED_M:
                    # The end of a street closed one way may be far nearer than the rest of it.
                    end = 0 if walk_m[i, 2] == CLOSED_M else 1
                    lower_m, high_m = min(lower_m, walk_m[i, end] + max(gap_m - radius_m, 0.0)), np.inf
                low_m = min(low_m, lower_m)
            if not _crosses(low_m - _ROUNDED_M / 4.0, high_m, cutoffs_m):
                continue
            if level > 0:
                stack[waiting, 0], stack[waiting, 1], stack[waiting, 2] = level, row, column
                stack[waiting, 3], stack[waiting, 4] = top, kept
                waiting, top = waiting + 1, top + kept
                continue
            rows[used], columns[used] = row, column
            _in_turn(near, top, top + kept, turn)
            _look(line, near, top, top + kept, row * SIDE, column * SIDE, best)
            _off(best, max_gap_m)
            low_m, high_m = _walks(walk_m, best, OWN, used, own_m)
            if _crosses(low_m, high_m, cutoffs_m):
                low_m, high_m = _walks(walk_m, best, ALL, used, all_m)
                of_all[used] = _crosses(low_m, high_m, cutoffs_m)
                used += 1
    return used


@njit(cache=True, nogil=True)
def survey(
    streets: Streets,
    scratch: Scratch,
    roots: NDArray[np.int64],
    own: Walks,
    everybody: Walks,
    cutoffs_m: NDArray[np.float64],
) -> Survey:
    """Return the walks of the samples of all blocks through which the border of a cut-off runs.

    Parameters
    ----------
    streets, scratch
        Streets and room for them.
    roots
        Rows and columns of the largest blocks that hold all ground within, each once; shape (k, 2).
    own
        The search of which the borders are; right up to the longest cut-off and `SAMPLE_M`.
    everybody
        A search from more facilities, those of `own` among them.
    cutoffs_m
        Longest walks [m], inclusive.
    """
    most_m, found, used = cutoffs_m.max() + SAMPLE_M, room_for(4**LEVELS), 0
    begin_survey(scratch)
    for k in range(len(roots)):
        row, column = roots[k]
        x, y = SHIFT_X + (column + 0.5) * ROOT_M, SHIFT_Y + (row + 0.5) * ROOT_M
        near = lay_out(streets, scratch, gather(streets, scratch, x, y, 0.5 * ROOT_M), own, everybody)
        if not any_within(scratch.pieces.walk_m, near, most_m):
            continue
        if used + 4**LEVELS > len(found.row):
            found = with_more_room(found)
        used = _descend(scratch.pieces, near, (row, column), streets.max_gap_m, cutoffs_m, found, used)
    return Survey(found.row[:used], found.column[:used], found.walk_m[:used], found.least_m[:used], found.of_all[:used])


@njit(cache=True, nogil=True)
def _crosses(least_m: float, most_m: float, cutoffs_m: NDArray[np.float64]) -> bool:
    """Return whether a cut-off lies between two walks [m], or so near to one that rounding decides."""
    crosses = False
    for cutoff_m in cutoffs_m:
        crosses |= least_m - ROUNDING_M <= cutoff_m < most_m + ROUNDING_M
    return crosses
