"""Marching squares: the pieces of the border of what lies within a cut-off, from samples in blocks."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.lattice import CORNERS, SAMPLE_M, SHIFT_X, SHIFT_Y, SIDE, Survey

EDGE_M = 0.01
"""No sample may be nearer to the cut-off than this [m], or outlines would touch themselves there."""
TOLD_M = SAMPLE_M
"""How far a sample lies within or beyond is told up to this only [m]: between two samples on different streets the
outline then runs half-way."""

# Sides of a square of samples: south, east, north, west. From which side to which the outline runs, within on its left,
# by the corners within (1 south-west, 2 south-east, 4 north-east, 8 north-west); where two opposite corners lie within
# they are apart, or, last two rows, joined through the middle. -1: nothing runs there.
_FROM = np.array([[-1, -1], [0, -1], [1, -1], [1, -1], [2, -1], [0, 2], [2, -1], [2, -1], [3, -1], [0, -1], [1, 3],
                  [1, -1], [3, -1], [0, -1], [3, -1], [-1, -1], [0, 2], [3, 1]])  # fmt: skip
_TO = np.array([[-1, -1], [3, -1], [0, -1], [3, -1], [1, -1], [3, 1], [0, -1], [3, -1], [2, -1], [2, -1], [0, 2],
                [2, -1], [1, -1], [1, -1], [0, -1], [-1, -1], [1, 3], [0, 2]])  # fmt: skip
_NONE, _RISING, _FALLING, _ALL, _RISING_JOINED, _FALLING_JOINED = 0, 5, 10, 15, 16, 17
_EAST, _NORTH = 1, 2

# The sides of a block are numbered by its samples, two for each: that to the east (even), then that to the north. For
# each of them: the block beyond it, in rows and columns (none where it lies inside), and its number there.
_SIDES = np.arange(2 * CORNERS * CORNERS)
SIDE_ROW, SIDE_COLUMN, UPRIGHT = _SIDES // 2 // CORNERS, _SIDES // 2 % CORNERS, _SIDES % 2 == 1
NORTHWARD = np.where(UPRIGHT, 0, (SIDE_ROW == SIDE) * 1 - (SIDE_ROW == 0))
EASTWARD = np.where(UPRIGHT, (SIDE_COLUMN == SIDE) * 1 - (SIDE_COLUMN == 0), 0)
BEYOND = _SIDES - 2 * SIDE * (CORNERS * NORTHWARD + EASTWARD)


class Steps(NamedTuple):
    """Pieces of outlines, block by block.

    Parameters
    ----------
    row, column
        Place of each block.
    first
        Pieces of block i are ``first[i]`` to ``first[i + 1]`` - 1.
    begin, end
        The sides of the block that each leads from and to.
    xy
        Where it begins [m].
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    first: NDArray[np.int64]
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    xy: NDArray[np.float64]


@njit(cache=True, nogil=True)
def _within(walk_m: float, cutoff_m: float) -> bool:
    """Return whether a sample counts as within the cut-off [m]."""
    return walk_m - cutoff_m < EDGE_M


@njit(cache=True, nogil=True)
def _told(walk_m: float, cutoff_m: float) -> float:
    """Return how far a sample lies beyond the cut-off [m]; negative: within."""
    value = min(max(walk_m - cutoff_m, -TOLD_M), TOLD_M)
    return min(value, -EDGE_M) if _within(walk_m, cutoff_m) else value


@njit(cache=True, nogil=True)
def _crossed(walk_m: NDArray[np.float64], cutoff_m: float) -> tuple[NDArray[np.int64], int]:
    """Return the blocks that the outline crosses, and of how many pieces it is at most."""
    crossed, count, most = np.empty(len(walk_m), np.int64), 0, 0
    for block in range(len(walk_m)):
        within = 0
        for sample_m in walk_m[block]:
            within += _within(sample_m, cutoff_m)
        beyond = len(walk_m[block]) - within
        if within > 0 and beyond > 0:
            crossed[count] = block
            count += 1
            # Around a sample run four pieces at most: count those of the rarer kind.
            most += 4 * min(within, beyond)
    return crossed[:count], most


@njit(cache=True, nogil=True)
def steps_of(survey: Survey, cutoff_m: float) -> Steps:
    """Return the pieces of the outline."""
    crossed, most = _crossed(survey.walk_m, cutoff_m)
    rows, columns = survey.row[crossed], survey.column[crossed]
    first, used = np.zeros(len(crossed) + 1, np.int64), 0
    begin, end, xy = np.empty(most, np.int64), np.empty(most, np.int64), np.empty((most, 2))
    told_m = np.empty(CORNERS * CORNERS)
    for block in range(len(crossed)):
        for k in range(CORNERS * CORNERS):
            told_m[k] = _told(survey.walk_m[crossed[block], k], cutoff_m)
        used = _walk_around(told_m, rows[block] * SIDE, columns[block] * SIDE, begin, end, xy, used)
        first[block + 1] = used
    return Steps(rows, columns, first, begin[:used], end[:used], xy[:used])


@njit(cache=True, nogil=True)
def _walk_around(
    told_m: NDArray[np.float64],
    first_row: int,
    first_column: int,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    xy: NDArray[np.float64],
    used: int,
) -> int:
    """Write the pieces in a block behind those used, and return how many are used then.

    Parameters
    ----------
    told_m
        How far each sample of the block lies beyond [m].
    first_row, first_column
        Place of its first sample on the lattice.
    begins, ends, xy, used
        The pieces, and how many are written.
    """
    for r in range(SIDE):
        for c in range(SIDE):
            k = r * CORNERS + c
            south_west, south_east = told_m[k], told_m[k + 1]
            north_west, north_east = told_m[k + CORNERS], told_m[k + CORNERS + 1]
            case = (south_west < 0.0) + 2 * (south_east < 0.0) + 4 * (north_east < 0.0) + 8 * (north_west < 0.0)
            if case in (_NONE, _ALL):
                continue
            if case in (_RISING, _FALLING) and south_west + south_east + north_west + north_east < 0.0:
                case = _RISING_JOINED if case == _RISING else _FALLING_JOINED
            sides = (2 * k, 2 * k + 3, 2 * k + 2 * CORNERS, 2 * k + 1)
            for part in range(2):
                begin = _FROM[case, part]
                if begin < 0:
                    break
                # From the sample at the western or southern end of the side where the piece begins to the other.
                row, column, upright = r + (begin == _NORTH), c + (begin == _EAST), begin % 2
                k = row * CORNERS + column
                here_m, there_m = told_m[k], told_m[k + (CORNERS if upright else 1)]
                share = here_m / (here_m - there_m)
                x, y = first_column + column + 0.0, first_row + row + 0.0
                xy[used, 0] = SHIFT_X + (x if upright else x + share) * SAMPLE_M
                xy[used, 1] = SHIFT_Y + (y + share if upright else y) * SAMPLE_M
                begins[used], ends[used] = sides[begin], sides[_TO[case, part]]
                used += 1
    return used
