"""The grids of an assignment while it changes: what each holds and costs, and when it last changed (compiled)."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import (
    AREA,
    HOUSEHOLDS,
    PERIMETER,
    PRICE,
    RESIDENTS,
    Problem,
    Size,
    grid_energy,
)


class Grids(NamedTuple):
    """The grids of an assignment while it changes.

    Parameters
    ----------
    labels
        Grid of each unit.
    totals
        Households, residents, area, perimeter and price of what each grid encloses.
    cost
        Energy of each grid; 0 where the label is free.
    units
        Units of each grid; 0: the label is free.
    changed, clock
        When each grid last changed, and the time: the number of changes so far.
    free, free_count
        Stack of free labels, and its height.
    mark, stamp, queue
        Working room of searches over units.
    """

    labels: NDArray[np.int64]
    totals: NDArray[np.float64]
    cost: NDArray[np.float64]
    units: NDArray[np.int64]
    changed: NDArray[np.int64]
    clock: NDArray[np.int64]
    free: NDArray[np.int64]
    free_count: NDArray[np.int64]
    mark: NDArray[np.int64]
    stamp: NDArray[np.int64]
    queue: NDArray[np.int64]


@njit(cache=True)
def make_grids(problem: Problem, labels: NDArray[np.int64], most: int) -> Grids:
    """Return the grids of ``labels``, with room for ``most`` of them."""
    n = len(labels)
    totals, cost = np.zeros((most, 5)), np.zeros(most)
    units = np.zeros(most, np.int64)
    for u in range(n):
        g = labels[u]
        units[g] += 1
        for t in range(4):
            totals[g, t] += problem.weight[u, t]
        for e in range(problem.start[u], problem.start[u + 1]):
            if labels[problem.neighbour[e]] == g:
                totals[g, PERIMETER] -= problem.border_m[e]
                totals[g, PRICE] += 0.5 * problem.price[e]
    free = np.empty(most, np.int64)
    count = 0
    for g in range(most - 1, -1, -1):
        if units[g] == 0:
            free[count] = g
            count += 1
        else:
            cost[g] = cost_of(totals, g, problem.size)
    changed, clock = np.zeros(most, np.int64), np.zeros(1, np.int64)
    mark, stamp, queue = np.zeros(n, np.int64), np.zeros(1, np.int64), np.empty(n, np.int64)
    return Grids(labels, totals, cost, units, changed, clock, free, np.array([count]), mark, stamp, queue)


@njit(cache=True)
def cost_of(totals: NDArray[np.float64], g: int, size: Size) -> float:
    """Return the energy of row ``g`` of some totals."""
    return grid_energy(
        totals[g, HOUSEHOLDS], totals[g, RESIDENTS], totals[g, AREA], totals[g, PERIMETER], totals[g, PRICE], size
    )


@njit(cache=True)
def free_label(grids: Grids, g: int) -> None:
    """Take an empty grid off."""
    grids.totals[g] = 0.0
    grids.cost[g] = 0.0
    grids.units[g] = 0
    grids.free[grids.free_count[0]] = g
    grids.free_count[0] += 1
