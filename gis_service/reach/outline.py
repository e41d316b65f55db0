"""Outlines of what lies within a cut-off, from samples in blocks: marching squares that follow the border only."""

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.ground import CORNERS, SAMPLE_M, SHIFT_X, SHIFT_Y, SIDE, Survey

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
_RISING, _FALLING, _RISING_JOINED, _FALLING_JOINED = 5, 10, 16, 17
_EAST, _NORTH = 1, 2
_NOTHING = shapely.MultiPolygon()
_SCATTER = np.uint64(0x9E3779B97F4A7C15)


class Rings(NamedTuple):
    """Closed outlines, their first vertices not repeated.

    Parameters
    ----------
    xy
        Vertices [m]; shape (n, 2).
    start
        Those of ring i are ``start[i]`` to ``start[i + 1]``.
    around
        The ring that each lies in where it is a hole, itself where it is none.
    band
        The cut-off that each belongs to, ascending.
    """

    xy: NDArray[np.float64]
    start: NDArray[np.int64]
    around: NDArray[np.int64]
    band: NDArray[np.int64]


class _Steps(NamedTuple):
    """Pieces of outlines: the sides of squares they lead from and to, and where they begin [m].

    Sides are numbered row by row, two for each sample: that to the east (even), then that to the north.
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    xy: NDArray[np.float64]


def outlines(survey: Survey, cutoffs_m: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return the ground within each cut-off.

    Parameters
    ----------
    survey
        Walks at the samples of all blocks through which the borders run.
    cutoffs_m
        Longest walks [m], inclusive.

    Returns
    -------
    numpy.ndarray
        MultiPolygons, valid. Where all walks are shorter, or the cut-off is longer, one holds all this one holds.
    """
    xy, start, around, band = _rings(survey, cutoffs_m)
    ground = np.full(len(cutoffs_m), _NOTHING, dtype=object)
    if len(around) == 0:
        return ground
    number = np.arange(len(around))
    rings = np.asarray(shapely.linearrings(xy, indices=np.repeat(number, np.diff(start))), dtype=object)
    hole = around != number
    # Each shell is followed by its holes.
    order = np.lexsort((hole, around))
    shell = np.cumsum(~hole) - 1
    polygons = np.asarray(shapely.polygons(rings[order], indices=shell[around[order]]), dtype=object)
    shapely.multipolygons(polygons, indices=band[~hole], out=ground)
    return ground


@njit(cache=True, nogil=True)
def _rings(survey: Survey, cutoffs_m: NDArray[np.float64]) -> Rings:
    """Return the outlines of the ground within each cut-off."""
    all_xy, all_start = np.empty((0, 2)), np.zeros(1, np.int64)
    all_around, all_band = np.empty(0, np.int64), np.empty(0, np.int64)
    for band in range(len(cutoffs_m)):
        steps, columns = _steps(survey, cutoffs_m[band])
        table = _table(steps.begin)
        ring, order, start = _linked(steps, table)
        xy = steps.xy[order]
        around = _around(steps.begin[order], ring, table, steps.begin, xy, start, columns)
        all_start = np.concatenate((all_start, start[1:] + len(all_xy)))
        all_xy = np.concatenate((all_xy, xy))
        all_band = np.concatenate((all_band, np.full(len(around), band)))
        all_around = np.concatenate((all_around, around + len(all_around)))
    return Rings(all_xy, all_start, all_around, all_band)


@njit(cache=True, nogil=True)
def _linked(steps: _Steps, table: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the ring of each step, the steps in the order of rings and along them, and where each ring begins."""
    count = len(steps.begin)
    ring, order, start = np.full(count, -1, np.int64), np.empty(count, np.int64), np.zeros(count + 1, np.int64)
    used, rings = 0, 0
    for first in range(count):
        if ring[first] >= 0:
            continue
        step = first
        while ring[step] < 0:
            ring[step], order[used] = rings, step
            used += 1
            step = _place(table, steps.begin, steps.end[step])
            if step < 0:
                raise ValueError("the border leaves the blocks surveyed")
        rings += 1
        start[rings] = used
    return ring, order, start[: rings + 1]


@njit(cache=True, nogil=True)
def _around(
    side: NDArray[np.int64],
    ring: NDArray[np.int64],
    table: NDArray[np.int32],
    begin: NDArray[np.int64],
    xy: NDArray[np.float64],
    start: NDArray[np.int64],
    columns: int,
) -> NDArray[np.int64]:
    """Return the ring around each hole, and of every other ring itself."""
    around = np.arange(len(start) - 1)
    for number in range(len(around)):
        here = slice(start[number], start[number + 1])
        if _area(xy[here]) > 0.0:
            continue
        # The ground west of the westernmost crossing is within, as far as the next ring there.
        west = -1
        for each in side[here]:
            if each % 2 == 0 and (west < 0 or (each // 2) % columns < (west // 2) % columns):
                west = each
        west -= 2
        while _place(table, begin, west) < 0:
            west -= 2
        around[number] = ring[_place(table, begin, west)]
    for number in range(len(around)):
        # Each further ring reaches farther west, so that this ends.
        while around[around[number]] != around[number]:
            around[number] = around[around[number]]
    return around


@njit(cache=True, nogil=True)
def _area(xy: NDArray[np.float64]) -> float:
    """Return twice the signed area [m²] of a ring: positive where the ground is inside it."""
    area_m2, x, y = 0.0, xy[0, 0], xy[0, 1]
    for i in range(1, len(xy)):
        area_m2 += (xy[i - 1, 0] - x) * (xy[i, 1] - y) - (xy[i, 0] - x) * (xy[i - 1, 1] - y)
    return area_m2


@njit(cache=True, nogil=True)
def _table(begin: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return a hash table of the steps by the side where they begin, see `_place`."""
    size = 2
    while size < 2 * len(begin):
        size *= 2
    table = np.full(size, -1, np.int32)
    for step in range(len(begin)):
        slot = _slot(begin[step], size)
        while table[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = step
    return table


@njit(cache=True, nogil=True)
def _slot(side: int, size: int) -> int:
    """Return where in a table of some size (a power of 2) to look first for a side."""
    return int((np.uint64(side) * _SCATTER) >> np.uint64(40)) & (size - 1)


@njit(cache=True, nogil=True)
def _place(table: NDArray[np.int32], begin: NDArray[np.int64], side: int) -> int:
    """Return the step that begins at a side; -1: none."""
    slot = _slot(side, len(table))
    while table[slot] >= 0:
        if begin[table[slot]] == side:
            return int(table[slot])
        slot = (slot + 1) & (len(table) - 1)
    return -1


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
def _steps(survey: Survey, cutoff_m: float) -> tuple[_Steps, int]:
    """Return the pieces of the outline, and how many samples there are in a row."""
    crossed, most = _crossed(survey.walk_m, cutoff_m)
    steps = _Steps(np.empty(most, np.int64), np.empty(most, np.int64), np.empty((most, 2)))
    if most == 0:
        return steps, 0
    rows, block_columns = survey.row[crossed] * SIDE, survey.column[crossed] * SIDE
    first_row, first_column = rows.min(), block_columns.min()
    columns = block_columns.max() + CORNERS - first_column
    told_m, used = np.empty(CORNERS * CORNERS), 0
    for i in range(len(crossed)):
        for k in range(CORNERS * CORNERS):
            told_m[k] = _told(survey.walk_m[crossed[i], k], cutoff_m)
        first_side = 2 * ((rows[i] - first_row) * columns + block_columns[i] - first_column)
        used = _walk_around(told_m, (rows[i], block_columns[i]), first_side, columns, steps, used)
    return _Steps(steps.begin[:used], steps.end[:used], steps.xy[:used]), columns


@njit(cache=True, nogil=True)
def _walk_around(
    told_m: NDArray[np.float64], corner: tuple[int, int], first_side: int, columns: int, steps: _Steps, used: int
) -> int:
    """Write the pieces in a block behind those used, and return how many are used then.

    Parameters
    ----------
    told_m
        How far each sample of the block lies beyond [m].
    corner, first_side
        Row and column of its first sample on the lattice, and the side that leads east from there.
    columns
        Samples in a row.
    steps, used
        The pieces, and how many are written.
    """
    for r in range(SIDE):
        for c in range(SIDE):
            k = r * CORNERS + c
            south_west, south_east = told_m[k], told_m[k + 1]
            north_west, north_east = told_m[k + CORNERS], told_m[k + CORNERS + 1]
            case = (south_west < 0.0) + 2 * (south_east < 0.0) + 4 * (north_east < 0.0) + 8 * (north_west < 0.0)
            if case in (_RISING, _FALLING) and south_west + south_east + north_west + north_east < 0.0:
                case = _RISING_JOINED if case == _RISING else _FALLING_JOINED
            south = first_side + 2 * (r * columns + c)
            sides = (south, south + 3, south + 2 * columns, south + 1)
            for part in range(2):
                begin = _FROM[case, part]
                if begin < 0:
                    continue
                # From the sample at the western or southern end of the side where the piece begins to the other.
                row, column, upright = r + (begin == _NORTH), c + (begin == _EAST), begin % 2
                k = row * CORNERS + column
                here_m, there_m = told_m[k], told_m[k + (CORNERS if upright else 1)]
                share = here_m / (here_m - there_m)
                x, y = corner[1] + column + 0.0, corner[0] + row + 0.0
                steps.xy[used, 0] = SHIFT_X + (x if upright else x + share) * SAMPLE_M
                steps.xy[used, 1] = SHIFT_Y + (y + share if upright else y) * SAMPLE_M
                steps.begin[used], steps.end[used] = sides[begin], sides[_TO[case, part]]
                used += 1
    return used
