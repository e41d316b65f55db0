"""A proof of how many grids must be out of range where land without people makes too many divisions to list."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.connected_sets import MOST_UNITS, admissible_sets
from gis_service.partition.covering import cheapest_cover
from gis_service.partition.energy import HOUSEHOLDS, RESIDENTS, Problem
from gis_service.partition.exact import MOST_ADMISSIBLE_SETS

_ROUNDING = 1e-6


def least_misses(problem: Problem) -> int:
    """Return a number of misses that no assignment can have fewer than.

    Only units with people are divided; land without people may serve any number of grids as the way between their
    units. Every assignment is one of this looser problem too, with as many misses or fewer, so its optimum is a lower
    bound (a relaxation). It has far fewer connected sets, as empty units do not multiply them.

    Parameters
    ----------
    problem
        A connected part of a community.

    Returns
    -------
    int
        By ``misses.assessed``; 0 where nothing is proven: more than 64 units hold people, or too many sets.
    """
    peopled = _peopled(problem)
    count = int(peopled.sum())
    if not 0 < count <= MOST_UNITS:
        return 0
    looser, least = _without_empty_land(problem, peopled), 0
    for worth in range(1, count + 1):
        sets = admissible_sets(looser, 0.0, MOST_ADMISSIBLE_SETS, worth=worth)
        if not sets.complete:
            break
        bound = cheapest_cover(sets.mask, sets.missed.astype(np.float64), count).bound
        fewest = int(np.ceil(max(bound, 0.0) - _ROUNDING))
        # An assignment with a set that was not listed has more misses than those listed are worth.
        least = max(least, min(fewest, worth + 1))
        if fewest <= worth + 1:
            break
    return least


def _peopled(problem: Problem) -> NDArray[np.bool_]:
    """Tell which units hold people; unknown residents count where residents decide: their grid is judged otherwise."""
    known: NDArray[np.bool_] = (problem.weight[:, HOUSEHOLDS] > 0) | (
        problem.size.by_residents & (problem.weight[:, RESIDENTS] > 0)
    )
    return known


def _without_empty_land(problem: Problem, peopled: NDArray[np.bool_]) -> Problem:
    """Return the problem of the units with people; those that touch the same connected empty land are neighbours."""
    n = len(problem.weight)
    left, right = np.repeat(np.arange(n), np.diff(problem.start)), problem.neighbour
    inner = ~peopled[left] & ~peopled[right]
    land = connected_components(
        coo_array((np.ones(int(inner.sum())), (left[inner], right[inner])), shape=(n, n)), directed=False
    )[1]
    units = np.flatnonzero(peopled)
    way = np.where(peopled[right], right, n + land[right])
    met = coo_array((np.ones(len(left)), (left, way)), shape=(n, 2 * n)).tocsr()[units].toarray() > 0.0
    by_land = met[:, n:].astype(np.float64)
    near = met[:, units] | (by_land @ by_land.T > 0.0)
    np.fill_diagonal(near, val=False)
    one, other = np.nonzero(near)
    return problem._replace(
        start=np.searchsorted(one, np.arange(len(units) + 1)).astype(np.int64),
        neighbour=other.astype(np.int64),
        border_m=np.zeros(len(one)),
        price=np.zeros(len(one)),
        weight=problem.weight[units],
    )
