"""One run of the heuristic: a seed by bisection, annealing, mending and greedy smoothing."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.annealing import anneal
from gis_service.partition.energy import Problem
from gis_service.partition.misses import credit
from gis_service.partition.numbering import numbered
from gis_service.partition.recuts import recut_broken
from gis_service.partition.seeding import bisect

HOT, COLD = 0.15, 0.02
"""First and last temperature of the annealing, in units of energy."""
FLIPS_PER_UNIT, RECUTS_PER_GRID = 1200, 120
FINAL_FLIPS_PER_UNIT = 20
MEND_ROUNDS = 30


def search(problem: Problem, count: int, seed: int, per_grid: float | None = None) -> NDArray[np.int64]:
    """Return a grid for every unit of one connected piece of a community.

    Parameters
    ----------
    problem
        The piece.
    count
        Grids to begin with; the search may end with more or fewer.
    seed
        Seed of the random numbers, 0 to 2**63 - 1.
    per_grid
        Credit for each grid, by ``misses.credit`` of the larger piece this is cut from; None: of this piece.

    Returns
    -------
    array of int64
        Labels from 0 without gaps; every grid is connected.
    """
    each = credit(problem) if per_grid is None else per_grid
    labels = bisect(problem, count, seed)
    n = len(labels)
    most = max(int(labels.max()) + 1, count) * 11 // 10 + 8
    anneal(problem, labels, most, FLIPS_PER_UNIT * (n + 20), RECUTS_PER_GRID * (count + 10), HOT, COLD, each, seed)
    recut_broken(problem, labels, most, MEND_ROUNDS, each, seed)
    anneal(problem, labels, most, FINAL_FLIPS_PER_UNIT * n, 0, COLD / 10.0, COLD / 1000.0, each, seed)
    return numbered(labels)
