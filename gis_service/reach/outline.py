"""Outlines of what lies within a cut-off: pieces of its border linked to rings, and rings to polygons."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.lattice import SIDE, Survey
from gis_service.reach.squares import BEYOND, EASTWARD, NORTHWARD, SIDE_COLUMN, SIDE_ROW, UPRIGHT, Steps, steps_of

_NOTHING = shapely.MultiPolygon()
_SCATTER = np.uint64(0x9E3779B97F4A7C15)
_PLACE_BITS = 32


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


def polygons_of(drawn: Sequence[Rings], bands: int) -> NDArray[np.object_]:
    """Return the ground inside outlines.

    Parameters
    ----------
    drawn
        Outlines from `rings_of`.
    bands
        Number of cut-offs.

    Returns
    -------
    numpy.ndarray
        MultiPolygons, valid, those of each survey in a row, one for each cut-off; shape (len(drawn), bands).
    """
    ground = np.full(len(drawn) * bands, _NOTHING, dtype=object)
    counts = np.array([len(rings.around) for rings in drawn])
    total = int(counts.sum())
    if total == 0:
        return ground.reshape(len(drawn), bands)
    number, before = np.arange(total), np.repeat(np.cumsum(counts) - counts, counts)
    vertices = np.concatenate([np.diff(rings.start) for rings in drawn])
    around = np.concatenate([rings.around for rings in drawn]) + before
    band = np.concatenate([rings.band for rings in drawn]) + bands * np.repeat(np.arange(len(drawn)), counts)
    xy = np.concatenate([rings.xy for rings in drawn])
    rings = np.asarray(shapely.linearrings(xy, indices=np.repeat(number, vertices)), dtype=object)
    hole = around != number
    # Each shell is followed by its holes.
    order = np.lexsort((hole, around))
    shell = np.cumsum(~hole) - 1
    polygons = np.asarray(shapely.polygons(rings[order], indices=shell[around[order]]), dtype=object)
    shapely.multipolygons(polygons, indices=band[~hole], out=ground)
    return ground.reshape(len(drawn), bands)


@njit(cache=True, nogil=True)
def rings_of(survey: Survey, cutoffs_m: NDArray[np.float64]) -> Rings:
    """Return the outlines of the ground within each cut-off.

    Where all walks are shorter, or the cut-off is longer, the ground inside holds all that this one holds.

    Parameters
    ----------
    survey
        Walks at the samples of all blocks through which the borders run.
    cutoffs_m
        Longest walks [m], inclusive.
    """
    all_xy, all_start = np.empty((0, 2)), np.zeros(1, np.int64)
    all_around, all_band = np.empty(0, np.int64), np.empty(0, np.int64)
    for band in range(len(cutoffs_m)):
        steps = steps_of(survey, cutoffs_m[band])
        table = _table(steps.row, steps.column)
        ring, order, start = _linked(_following(steps, table))
        xy = steps.xy[order]
        around = _around(steps, table, ring, order, xy, start)
        all_start = np.concatenate((all_start, start[1:] + len(all_xy)))
        all_xy = np.concatenate((all_xy, xy))
        all_band = np.concatenate((all_band, np.full(len(around), band)))
        all_around = np.concatenate((all_around, around + len(all_around)))
    return Rings(all_xy, all_start, all_around, all_band)


@njit(cache=True, nogil=True)
def _following(steps: Steps, table: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the step that begins where each ends."""
    row, column, first, begin, end, _ = steps
    following = np.empty(len(begin), np.int64)
    for block in range(len(row)):
        for step in range(first[block], first[block + 1]):
            side, there = end[step], block
            if NORTHWARD[side] != 0 or EASTWARD[side] != 0:
                there = _block(table, row, column, row[block] + NORTHWARD[side], column[block] + EASTWARD[side])
                side = BEYOND[side]
            found = -1
            if there >= 0:
                for other in range(first[there], first[there + 1]):
                    if begin[other] == side:
                        found = other
            if found < 0:
                raise ValueError("the border leaves the blocks surveyed")
            following[step] = found
    return following


@njit(cache=True, nogil=True)
def _linked(following: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the ring of each step, the steps in the order of rings and along them, and where each ring begins."""
    count = len(following)
    ring, order, start = np.full(count, -1, np.int64), np.empty(count, np.int64), np.zeros(count + 1, np.int64)
    used, rings = 0, 0
    for first in range(count):
        if ring[first] >= 0:
            continue
        step = first
        while ring[step] < 0:
            ring[step], order[used] = rings, step
            used += 1
            step = following[step]
        rings += 1
        start[rings] = used
    return ring, order, start[: rings + 1]


@njit(cache=True, nogil=True)
def _around(
    steps: Steps,
    table: NDArray[np.int32],
    ring: NDArray[np.int64],
    order: NDArray[np.int64],
    xy: NDArray[np.float64],
    start: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the ring around each hole, and of every other ring itself."""
    around = np.arange(len(start) - 1)
    for number in range(len(around)):
        here = slice(start[number], start[number + 1])
        if _area(xy[here]) > 0.0:
            continue
        # The ground west of the westernmost crossing is within, as far as the next ring there.
        around[number] = ring[_next_west(steps, table, *_westernmost(steps, order[here]))]
    for number in range(len(around)):
        # Each further ring reaches farther west, so that this ends.
        while around[around[number]] != around[number]:
            around[number] = around[around[number]]
    return around


@njit(cache=True, nogil=True)
def _westernmost(steps: Steps, some: NDArray[np.int64]) -> tuple[int, int]:
    """Return the row of samples and the column of the westernmost side between two of a row where some steps begin."""
    row, west = 0, np.iinfo(np.int64).max
    for step in some:
        side, block = steps.begin[step], np.searchsorted(steps.first, step, side="right") - 1
        column = steps.column[block] * SIDE + SIDE_COLUMN[side]
        if not UPRIGHT[side] and column < west:
            row, west = steps.row[block] * SIDE + SIDE_ROW[side], column
    return row, west


@njit(cache=True, nogil=True)
def _next_west(steps: Steps, table: NDArray[np.int32], row: int, column: int) -> int:
    """Return the first step west of a side that begins between two samples of the same row."""
    block_column, first_column = column // SIDE, steps.column.min()
    while block_column >= first_column:
        found, nearest = -1, -1
        # A row of samples between two rows of blocks belongs to both.
        for block_row in range((row - 1) // SIDE, row // SIDE + 1):
            block = _block(table, steps.row, steps.column, block_row, block_column)
            if block < 0:
                continue
            for step in range(steps.first[block], steps.first[block + 1]):
                side = steps.begin[step]
                at = block_column * SIDE + SIDE_COLUMN[side]
                if UPRIGHT[side] or block_row * SIDE + SIDE_ROW[side] != row or at >= column:
                    continue
                if found < 0 or at > nearest:
                    found, nearest = step, at
        if found >= 0:
            return found
        block_column -= 1
    raise ValueError("a hole lies in nothing")


@njit(cache=True, nogil=True)
def _area(xy: NDArray[np.float64]) -> float:
    """Return twice the signed area [m²] of a ring: positive where the ground is inside it."""
    area_m2, x, y = 0.0, xy[0, 0], xy[0, 1]
    for i in range(1, len(xy)):
        area_m2 += (xy[i - 1, 0] - x) * (xy[i, 1] - y) - (xy[i, 0] - x) * (xy[i - 1, 1] - y)
    return area_m2


@njit(cache=True, nogil=True)
def _table(row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return a hash table of blocks by their places, see `_block`."""
    size = 2
    while size < 2 * len(row):
        size *= 2
    table = np.full(size, -1, np.int32)
    for block in range(len(row)):
        slot = _slot(row[block], column[block], size)
        while table[slot] >= 0:
            slot = (slot + 1) & (size - 1)
        table[slot] = block
    return table


@njit(cache=True, nogil=True)
def _slot(row: int, column: int, size: int) -> int:
    """Return where in a table of some size (a power of 2) to look first for a block."""
    return int((np.uint64((row << _PLACE_BITS) + column) * _SCATTER) >> np.uint64(_PLACE_BITS)) & (size - 1)


@njit(cache=True, nogil=True)
def _block(table: NDArray[np.int32], rows: NDArray[np.int64], columns: NDArray[np.int64], row: int, column: int) -> int:
    """Return the block at a place; -1: none."""
    slot = _slot(row, column, len(table))
    while table[slot] >= 0:
        if rows[table[slot]] == row and columns[table[slot]] == column:
            return int(table[slot])
        slot = (slot + 1) & (len(table) - 1)
    return -1
