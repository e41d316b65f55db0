"""The lattice on which ground is sampled, and what a survey of it finds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

SAMPLE_M = 4.0
"""Between two samples of the lattice, from west to east and from south to north [m]."""
SIDE = 4
"""Squares between samples along a side of the smallest block."""
CORNERS = SIDE + 1
"""Samples along a side of the smallest block; neighbours share those of their common side."""
SAMPLES = CORNERS * CORNERS
BLOCK_M = SIDE * SAMPLE_M
LEVELS = 3
"""So many times the largest blocks are halved."""
ROOT_M = BLOCK_M * 2**LEVELS

# Samples are shifted by irrational shares of a length, so that none is exactly as near to two streets side by side that
# are drawn on round coordinates; the order of edges then cannot matter. As multiples of a power of 2 they can be added
# exactly: a sample lies at the same place to the last bit in every block.
_SHIFTED_M = 256.0
SHIFT_X, SHIFT_Y = (round(share * _SHIFTED_M * 2.0**20) / 2.0**20 for share in (0.3819660112501051, 0.7320508075688773))
_PLACE_BITS = 32


class Survey(NamedTuple):
    """Smallest blocks through which a border runs: place on the lattice and walks [m] of each sample.

    Samples of a block are in rows from the south, shape (blocks, `SAMPLES`); inf: nothing is within reach. Walks
    are those to the facility whose borders these are, and to the nearest of all; `of_all` tells whether a border of the
    ground within reach of any runs through the block, too.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    walk_m: NDArray[np.float64]
    least_m: NDArray[np.float64]
    of_all: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def room_for(blocks: int) -> Survey:
    """Return room for some blocks."""
    place, walks_m = np.empty((2, blocks), np.int64), np.empty((2, blocks, SAMPLES))
    return Survey(place[0], place[1], walks_m[0], walks_m[1], np.empty(blocks, np.bool_))


@njit(cache=True, nogil=True)
def with_more_room(found: Survey) -> Survey:
    """Return a copy of a survey with room for twice as many blocks."""
    count, more = len(found.row), room_for(2 * len(found.row))
    more.row[:count], more.column[:count], more.of_all[:count] = found.row, found.column, found.of_all
    more.walk_m[:count], more.least_m[:count] = found.walk_m, found.least_m
    return more


def nowhere() -> Survey:
    """Return a survey of no ground."""
    walk_m = np.empty((0, SAMPLES))
    return Survey(np.empty(0, np.int64), np.empty(0, np.int64), walk_m, walk_m, np.empty(0, np.bool_))


def to_nearest(ground: Survey) -> Survey:
    """Return those blocks of a survey through which borders of the nearest of all facilities run, with its walks."""
    here = ground.of_all
    walk_m = ground.least_m[here]
    return Survey(ground.row[here], ground.column[here], walk_m, walk_m, here[here])


def together(surveys: Sequence[Survey]) -> Survey:
    """Return the blocks of some surveys from `to_nearest`, each once, from south to north, then from west to east.

    Where the border of the ground within reach of any facility runs, there runs that of one of them.
    """
    row, column = (np.concatenate([getattr(ground, axis) for ground in surveys]) for axis in ("row", "column"))
    place = (row << _PLACE_BITS) + column
    _, first = np.unique(place, return_index=True)
    walk_m = np.concatenate([ground.walk_m for ground in surveys])[first]
    return Survey(row[first], column[first], walk_m, walk_m, np.ones(len(first), np.bool_))
