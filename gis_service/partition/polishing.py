"""Second attempts where grids are out of range: their surroundings are solved anew as a problem of their own."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.energy import Problem
from gis_service.partition.misses import assessed, credit
from gis_service.partition.search import search

HOPS = 2
"""Grids this many steps from one that is out of range are solved anew with it."""


def polish(problem: Problem, labels: NDArray[np.int64], broken: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return labels with fewer grids out of range where solving their surroundings anew finds a way.

    Parameters
    ----------
    problem
        A connected piece of a community.
    labels
        Grid of each unit, from 0 without gaps.
    broken
        One unit of each grid that is out of range and need not be.
    seed
        Seed of the random numbers, not negative.

    Returns
    -------
    array of int64
        Labels from 0 without gaps.
    """
    labels, per_grid = labels.copy(), credit(problem)
    for unit in broken:
        units = np.flatnonzero(np.isin(labels, _around(problem, labels, labels[unit])))
        part = restrict(problem, units)
        old = np.unique(labels[units], return_inverse=True)[1].astype(np.int64)
        new = search(part, int(old.max()) + 1, seed, per_grid)
        if assessed(part, new, per_grid) < assessed(part, old, per_grid):
            labels[units] = int(labels.max()) + 1 + new
            labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return labels


def restrict(problem: Problem, units: NDArray[np.int64]) -> Problem:
    """Return the problem of some of the units alone; ``units`` ascend."""
    n = len(problem.weight)
    new = np.full(n, -1, np.int64)
    new[units] = np.arange(len(units))
    left = np.repeat(np.arange(n), np.diff(problem.start))
    kept = (new[left] >= 0) & (new[problem.neighbour] >= 0)
    return problem._replace(
        start=np.searchsorted(new[left[kept]], np.arange(len(units) + 1)).astype(np.int64),
        neighbour=new[problem.neighbour[kept]],
        border_m=problem.border_m[kept],
        price=problem.price[kept],
        weight=problem.weight[units],
    )


def _around(problem: Problem, labels: NDArray[np.int64], grid: int) -> NDArray[np.int64]:
    left = labels[np.repeat(np.arange(len(labels)), np.diff(problem.start))]
    right = labels[problem.neighbour]
    around = np.array([grid])
    for _ in range(HOPS):
        around = np.union1d(around, right[np.isin(left, around)])
    return around
