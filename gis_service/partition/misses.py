"""How many grids of an assignment are out of range, so counted that merging bad grids into one does not help."""

from math import pi, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import AREA, HOUSEHOLDS, RESIDENTS, UNKNOWN, Problem, Size, grid_energy, miss
from gis_service.partition.grid_totals import make_grids

TYPICAL_SHAPE = 1.2
"""``energy.shape_energy`` of a grid as grids are, between a square and a bar of two squares."""


@njit(cache=True)
def misses_of(households: float, residents: float, capped_h: float, capped_r: float, size: Size) -> int:
    """Return how many misses one grid is worth.

    Parameters
    ----------
    households, residents
        Totals of the grid; residents from ``energy.UNKNOWN`` on are unknown.
    capped_h, capped_r
        The same with every unit counted as the maximum at most.
    size
        The size rule.

    Returns
    -------
    int
        0 in range, 1 out of range, and 1 more for each time that the capped total exceeds the maximum by the minimum.
    """
    if miss(households, residents, size) == 0.0:
        return 0
    surplus = np.inf
    if size.by_households or residents >= UNKNOWN:
        surplus = max(0.0, (capped_h - size.households_max) // size.households_min)
    if size.by_residents and residents < UNKNOWN:
        surplus = min(surplus, max(0.0, (capped_r - size.residents_max) // size.residents_min))
    return 1 + int(surplus)


@njit(cache=True)
def capped_sizes(weight: NDArray[np.float64], size: Size) -> NDArray[np.float64]:
    """Return households and residents of each unit, the maximum at most; unknown residents stay so."""
    capped = weight[:, :2].copy()
    for u in range(len(weight)):
        capped[u, HOUSEHOLDS] = min(capped[u, HOUSEHOLDS], size.households_max)
        if capped[u, RESIDENTS] < UNKNOWN:
            capped[u, RESIDENTS] = min(capped[u, RESIDENTS], size.residents_max)
    return capped


@njit(cache=True)
def assessed(problem: Problem, labels: NDArray[np.int64], per_grid: float) -> tuple[int, float]:
    """Return the misses of an assignment, and what its grids cost beyond their number.

    Parameters
    ----------
    problem
        Part of a community.
    labels
        Grid of each unit, from 0 without gaps.
    per_grid
        Credit for each grid, by `credit` of the whole part.

    Returns
    -------
    missed
        Sum of `misses_of`.
    energy
        Sum of ``energy.grid_energy``, less the credits.
    """
    totals = make_grids(problem, labels, int(labels.max()) + 1).totals
    each = capped_sizes(problem.weight, problem.size)
    capped = np.zeros((len(totals), 2))
    for u in range(len(labels)):
        capped[labels[u]] += each[u]
    missed, energy = 0, -per_grid * len(totals)
    for g in range(len(totals)):
        households, residents = totals[g, HOUSEHOLDS], totals[g, RESIDENTS]
        missed += misses_of(households, residents, capped[g, HOUSEHOLDS], capped[g, RESIDENTS], problem.size)
        energy += grid_energy(households, residents, totals[g, 2], totals[g, 3], totals[g, 4], problem.size)
    return missed, energy


def broken_grids(problem: Problem, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first unit of each grid that is out of range."""
    households = np.bincount(labels, problem.weight[:, HOUSEHOLDS])
    residents = np.bincount(labels, problem.weight[:, RESIDENTS])
    missed = [miss(h, r, problem.size) > 0.0 for h, r in zip(households, residents, strict=True)]
    first: NDArray[np.int64] = np.unique(labels, return_index=True)[1][np.array(missed)]
    return first


@njit(cache=True)
def credit(problem: Problem) -> float:
    """Return what one more grid costs where all grids are of typical shape and keep it, by the energy.

    Each grid costs its shape, and the borders drawn cost their price, so the energy alone would always have the fewest
    grids that the range allows. The sum of shapes grows with the number of grids and that of borders with its square
    root, hence half of the typical price of a grid's borders counts.
    """
    weight, size = problem.weight, problem.size
    grids = max(1.0, np.rint(weight[:, HOUSEHOLDS].sum() / max(1.0, size.mean_households)))
    circle_m = sqrt(4.0 * pi * weight[:, AREA].sum() / grids)
    border_m = problem.border_m.sum()
    price_per_m = np.maximum(-problem.price, 0.0).sum() / border_m if border_m > 0.0 else 0.0
    return TYPICAL_SHAPE * (1.0 + 0.25 * circle_m * price_per_m)


@njit(cache=True)
def giants(problem: Problem) -> NDArray[np.bool_]:
    """Tell which units are above the maximum by themselves, so that their grids must be out of range."""
    size, weight = problem.size, problem.weight
    all_known = bool((weight[:, RESIDENTS] < UNKNOWN).all())
    found = np.zeros(len(weight), np.bool_)
    for u in range(len(weight)):
        found[u] = too_large(weight[u, HOUSEHOLDS], weight[u, RESIDENTS], size, all_known, 0.0, 0.0)
    return found


@njit(cache=True)
def too_large(
    households: float, residents: float, size: Size, all_known: bool, more_households: float, more_residents: float
) -> bool:
    """Tell whether nothing that is added can bring a set of units back within the maxima.

    Parameters
    ----------
    households, residents
        Totals of the set.
    size
        The size rule.
    all_known
        The residents of all units of the part are known; where some are not, households may come to decide.
    more_households, more_residents
        By so much the maxima are widened.
    """
    by_households = size.by_households or not all_known
    return (not by_households or households > size.households_max + more_households) and (
        not size.by_residents or residents > size.residents_max + more_residents
    )
