"""Annealing of an assignment: units flip between neighbouring grids; grids are merged and cut anew (compiled)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import Problem
from gis_service.partition.flips import make_flips, try_flips
from gis_service.partition.grid_totals import make_grids
from gis_service.partition.recuts import try_recuts
from gis_service.partition.trees import make_tree

_FLIPS_PER_ROUND = 1000
"""Flips and re-cuts take turns, and the temperature falls, after so many flips."""


@njit(cache=True)
def anneal(
    problem: Problem,
    labels: NDArray[np.int64],
    most: int,
    flips: int,
    recuts: int,
    hot: float,
    cold: float,
    per_grid: float,
    seed: int,
) -> None:
    """Improve ``labels`` in place by flips and re-cuts while the temperature falls from ``hot`` to ``cold``.

    Parameters
    ----------
    problem
        The piece of the community.
    labels
        Grid of each unit, below ``most``; every grid is connected, before and after.
    most
        Grids there may be at most.
    flips, recuts
        Moves to try of each kind; those across a pair of units in one grid count too.
    hot, cold
        First and last temperature, in units of energy; the fall is geometric.
    per_grid
        Credit for each grid, by ``misses.credit``: without it the fewest grids the range allows would be cheapest.
    seed
        Seed of the random numbers.
    """
    if len(problem.neighbour) == 0:
        return
    grids, tree, known = make_grids(problem, labels, most), make_tree(problem), make_flips(problem)
    state = np.array([np.uint64(seed)])
    rounds = 1 + flips // _FLIPS_PER_ROUND
    for r in range(rounds):
        temperature = hot * (cold / hot) ** (r / rounds)
        tries = flips * (r + 1) // rounds - flips * r // rounds
        try_flips(tries, temperature, per_grid, problem, grids, known, state)
        tries = recuts * (r + 1) // rounds - recuts * r // rounds
        try_recuts(tries, temperature, per_grid, problem, grids, tree, known.unit, state)
