"""The ground around streets: how far people walk from the samples of a fine lattice, looked at only near borders.

A square of ground is taken apart into four as long as the border of a circle may run through it: as long as the walks
from its nearest streets, and the ways off them, leave room on both sides of a cut-off.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.pieces import (
    ALL,
    CLOSED_M,
    OWN,
    ROUNDING_M,
    Pieces,
    Scratch,
    Streets,
    Walks,
    any_within,
    gather,
    pieces_of,
    walk_at,
)

SAMPLE_M = 4.0
"""Between two samples of the lattice, from west to east and from south to north [m]."""
SIDE = 4
"""Squares between samples along a side of the smallest block."""
CORNERS = SIDE + 1
"""Samples along a side of the smallest block; neighbours share those of their common side."""
BLOCK_M = SIDE * SAMPLE_M
LEVELS = 4
"""So many times the largest blocks are halved."""
ROOT_M = BLOCK_M * 2**LEVELS

# Samples are shifted by irrational shares of a block, so that none is exactly as near to two streets side by side that
# are drawn on round coordinates; the order of edges then cannot matter. As multiples of a power of 2 they can be added
# exactly: a sample lies at the same place to the last bit in every block.
SHIFT_X, SHIFT_Y = (round(share * ROOT_M * 2.0**20) / 2.0**20 for share in (0.3819660112501051, 0.7320508075688773))
_ROUNDED_M = 1.5 * SAMPLE_M
_EQUAL_M2 = 1e-9
_PLACE_BITS = 32
_EAST_M = np.tile(SAMPLE_M * np.arange(CORNERS), CORNERS)
_NORTH_M = np.repeat(SAMPLE_M * np.arange(CORNERS), CORNERS)


class Survey(NamedTuple):
    """Smallest blocks through which a border runs: place on the lattice and walks [m] of each sample.

    Samples of a block are in rows from the south, shape (blocks, `CORNERS` ** 2); inf: nothing is within reach. Walks
    are those to the facility whose borders these are, and to the nearest of all.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    walk_m: NDArray[np.float64]
    least_m: NDArray[np.float64]


class _Best(NamedTuple):
    """Of each sample of a block: the nearest piece so far, where on it, 0 … 1, and the square of the distance [m²]."""

    piece: NDArray[np.int64]
    at: NDArray[np.float64]
    away_m2: NDArray[np.float64]


@njit(cache=True, nogil=True, inline="always")
def _look(
    line: NDArray[np.float64],
    walk_m: NDArray[np.float64],
    near: NDArray[np.int64],
    first: int,
    last: int,
    row: int,
    column: int,
    max_gap_m: float,
    best: _Best,
    walks_m: NDArray[np.float64],
    block: int,
) -> None:
    """Write the walks of the samples of a block, the first of which is at a row and column of the lattice."""
    piece, at, away_m2 = best
    size = CORNERS * CORNERS
    west, south = SHIFT_X + column * SAMPLE_M, SHIFT_Y + row * SAMPLE_M
    for s in range(size):
        away_m2[s] = np.inf
        piece[s] = near[first]
    for j in range(first, last):
        k = near[j]
        x0, y0, dx, dy, per_m2 = line[k, 0], line[k, 1], line[k, 2], line[k, 3], line[k, 5]
        for s in range(size):
            px, py = (west + _EAST_M[s]) - x0, (south + _NORTH_M[s]) - y0
            share = min(max((px * dx + py * dy) * per_m2, 0.0), 1.0)
            px, py = px - share * dx, py - share * dy
            square_m2 = px * px + py * py
            # What is nearer by rounding only does not go before the piece that counts first.
            nearer = square_m2 < away_m2[s] - _EQUAL_M2
            away_m2[s] = square_m2 if nearer else away_m2[s]
            at[s] = share if nearer else at[s]
            piece[s] = k if nearer else piece[s]
    for s in range(size):
        gap_m = away_m2[s] ** 0.5
        # Beside a street the walk off it has a kink, which straight lines between samples would cut off by half their
        # distance where the walk ends: there it is rounded.
        off_m = gap_m * gap_m / _ROUNDED_M if gap_m < _ROUNDED_M else gap_m
        near_enough = gap_m <= max_gap_m
        walks_m[block, 0, s] = walk_at(walk_m, piece[s], at[s], OWN) + off_m if near_enough else np.inf
        walks_m[block, 1, s] = walk_at(walk_m, piece[s], at[s], ALL) + off_m if near_enough else np.inf


@njit(cache=True, nogil=True)
def _descend(  # noqa: C901, PLR0915 one compiled loop: calls would cost more than its work
    pieces: Pieces,
    root: tuple[int, int],
    max_gap_m: float,
    cutoffs_m: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    walks_m: NDArray[np.float64],
    used: int,
) -> int:
    """Write the blocks of a root that a border crosses behind those used, and return how many are used then."""
    line, walk_m, rate = pieces
    size = len(rate)
    near = np.empty((4 * LEVELS + 1) * size, np.int64)
    near[:size] = np.arange(size)
    at, away_m2, kept_from = np.empty(size), np.empty(size), np.empty(size + 1, np.int64)
    best = _Best(np.empty(CORNERS * CORNERS, np.int64), np.empty(CORNERS * CORNERS), np.empty(CORNERS * CORNERS))
    # Blocks waiting, the last first: level (0: smallest), row, column, first piece and number of pieces.
    stack = np.empty((3 * LEVELS + 4, 5), np.int64)
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 4] = LEVELS, root[0], root[1], 0, size
    waiting = 1
    while waiting > 0:
        waiting -= 1
        level, first, count = stack[waiting, 0] - 1, stack[waiting, 3], stack[waiting, 4]
        top, side_m = first + count, BLOCK_M * 2**level
        radius_m, south, west = side_m / 2.0**0.5, 2 * stack[waiting, 1], 2 * stack[waiting, 2]
        for part in range(4):
            row, column = south + part // 2, west + part % 2
            x, y = SHIFT_X + (column + 0.5) * side_m, SHIFT_Y + (row + 0.5) * side_m
            best_m2 = np.inf
            for k in range(count):
                # Without branches, which would be mispredicted half of the time.
                i = near[first + k]
                px, py = x - line[i, 0], y - line[i, 1]
                share = min(max((px * line[i, 2] + py * line[i, 3]) * line[i, 5], 0.0), 1.0)
                px, py = px - share * line[i, 2], py - share * line[i, 3]
                at[k], away_m2[k] = share, px * px + py * py
                best_m2 = min(best_m2, away_m2[k])
            nearest_m = best_m2**0.5
            if nearest_m > max_gap_m + radius_m:
                continue
            most_m2, kept = (nearest_m + 2.0 * radius_m + ROUNDING_M) ** 2, 0
            for k in range(count):
                kept_from[kept] = k
                kept += away_m2[k] <= most_m2
            low_m, high_m = np.inf, np.inf if nearest_m + radius_m > max_gap_m else 0.0
            for place in range(kept):
                k = kept_from[place]
                i = near[first + k]
                near[top + place] = i
                # Along a piece and off it together walks grow by the square root of 2 at most, where its rate is 1.
                here_m, gap_m, aside_m = walk_at(walk_m, i, at[k], OWN), away_m2[k] ** 0.5, radius_m * rate[i]
                slant_m = radius_m * line[i, 6]
                high_m = max(high_m, here_m + min(gap_m + slant_m, nearest_m + radius_m + aside_m))
                lower_m = here_m + max(gap_m - slant_m, -aside_m)
                # Where a street is closed one way its end may be far nearer than the rest of it.
                for end in range(2):
                    if walk_m[i, 2 + end] == CLOSED_M:
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
            _look(line, walk_m, near, top, top + kept, row * SIDE, column * SIDE, max_gap_m, best, walks_m, used)
            low_m, high_m = walks_m[used, 0, 0], walks_m[used, 0, 0]
            for k in range(1, CORNERS * CORNERS):
                low_m, high_m = min(low_m, walks_m[used, 0, k]), max(high_m, walks_m[used, 0, k])
            used += int(_crosses(low_m, high_m, cutoffs_m))
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
    room, most_m = 4**LEVELS, cutoffs_m.max() + SAMPLE_M
    rows, columns = np.empty(room, np.int64), np.empty(room, np.int64)
    walks_m, used = np.empty((room, 2, CORNERS * CORNERS)), 0
    for k in range(len(roots)):
        row, column = roots[k]
        x, y = SHIFT_X + (column + 0.5) * ROOT_M, SHIFT_Y + (row + 0.5) * ROOT_M
        near = scratch.piece[: gather(streets, scratch, x, y, ROOT_M / 2.0**0.5)]
        if not any_within(streets, near, own, most_m):
            continue
        if used + room > len(rows):
            rows, columns = np.concatenate((rows, rows)), np.concatenate((columns, columns))
            walks_m = np.concatenate((walks_m, walks_m))
        pieces = pieces_of(streets, near, own, everybody)
        used = _descend(pieces, (row, column), streets.max_gap_m, cutoffs_m, rows, columns, walks_m, used)
    return Survey(rows[:used], columns[:used], walks_m[:used, 0].copy(), walks_m[:used, 1].copy())


def nowhere() -> Survey:
    """Return a survey of no ground."""
    walk_m = np.empty((0, CORNERS * CORNERS))
    return Survey(np.empty(0, np.int64), np.empty(0, np.int64), walk_m, walk_m)


@njit(cache=True, nogil=True)
def to_nearest(ground: Survey, cutoffs_m: NDArray[np.float64]) -> Survey:
    """Return those blocks of a survey through which borders of the nearest of all facilities run, with its walks."""
    here = np.zeros(len(ground.row), np.bool_)
    for block in range(len(here)):
        here[block] = _crosses(ground.least_m[block].min(), ground.least_m[block].max(), cutoffs_m)
    walk_m = ground.least_m[here]
    return Survey(ground.row[here], ground.column[here], walk_m, walk_m)


@njit(cache=True, nogil=True)
def _crosses(least_m: float, most_m: float, cutoffs_m: NDArray[np.float64]) -> bool:
    """Return whether a cut-off lies between two walks [m], or so near to one that rounding decides."""
    crosses = False
    for cutoff_m in cutoffs_m:
        crosses |= least_m - ROUNDING_M <= cutoff_m < most_m + ROUNDING_M
    return crosses


def together(surveys: Sequence[Survey]) -> Survey:
    """Return the blocks of some surveys from `to_nearest`, each once, from south to north, then from west to east.

    Where the border of the ground within reach of any facility runs, there runs that of one of them.
    """
    row, column = (np.concatenate([getattr(ground, axis) for ground in surveys]) for axis in ("row", "column"))
    place = (row << _PLACE_BITS) + column
    _, first = np.unique(place, return_index=True)
    walk_m = np.concatenate([ground.walk_m for ground in surveys])[first]
    return Survey(row[first], column[first], walk_m, walk_m)
