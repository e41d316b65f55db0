"""Second attempts where grids are out of range: their surroundings are solved anew as a problem of their own."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.energy import Problem
from gis_service.partition.misses import assessed, broken_grids, credit, giants
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import restrict
from gis_service.partition.search import search
from gis_service.partition.windows import grids_around

HOPS = 2
"""Grids this many steps from one that is out of range are solved anew with it."""
NEIGHBOURHOODS = (2, 3, 5, 8)
"""Or so many grids, the one out of range and those nearest to it, where as much as can be is to stay as it is."""


def tried_again(problem: Problem, labels: NDArray[np.int64], broken: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
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
        old = numbered(labels[units])
        new = search(part, int(old.max()) + 1, seed, per_grid)
        if assessed(part, new, per_grid) < assessed(part, old, per_grid):
            labels[units] = int(labels.max()) + 1 + new
            labels = numbered(labels)
    return labels


def tried_nearby(problem: Problem, labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return labels with fewer grids out of range where solving the nearest grids anew, as few as will do, finds a way.

    Parameters
    ----------
    problem, labels, seed
        As for :func:`tried_again`.

    Returns
    -------
    array of int64
        Labels from 0 without gaps; ``labels`` themselves where nothing is better.
    """
    per_grid, large = credit(problem), giants(problem)
    for unit in broken_grids(problem, labels):
        for count in NEIGHBOURHOODS:
            units = np.flatnonzero(np.isin(labels, grids_around(problem, labels, labels[unit], count)))
            part, old = restrict(problem, units), numbered(labels[units])
            missed = assessed(part, old, per_grid)[0]
            if missed <= large[units].sum():
                break
            new = search(part, int(old.max()) + 1, seed, per_grid)
            if assessed(part, new, per_grid)[0] < missed:
                labels = labels.copy()
                labels[units] = int(labels.max()) + 1 + new
                labels = numbered(labels)
                break
    return labels


def _around(problem: Problem, labels: NDArray[np.int64], grid: int) -> NDArray[np.int64]:
    left = labels[np.repeat(np.arange(len(labels)), np.diff(problem.start))]
    right = labels[problem.neighbour]
    around = np.array([grid])
    for _ in range(HOPS):
        around = np.union1d(around, right[np.isin(left, around)])
    return around
