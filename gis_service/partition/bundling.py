"""Neighbouring units of one grid taken together, so that few enough are left to be solved exactly."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.geo.coverage import group_sums
from gis_service.partition.energy import HOUSEHOLDS, PERIMETER, Problem
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import restrict


def bundled(
    problem: Problem, grid: NDArray[np.int64], most: int, together: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return the bundle of each unit: the smallest joins its neighbour of the same grid, until few are left.

    Parameters
    ----------
    problem
        Some units and their neighbourhood.
    grid
        Units of different grids stay apart.
    most
        Bundles wanted at most; there are more where the grids are as many.
    together
        True for units that are as few bundles as can be before the others are looked at, which are then told apart the
        better; None: none.

    Returns
    -------
    array of int64
        Bundles numbered from 0 by their first unit. Each hangs together. The one with the fewest households joins the
        neighbour with which it shares the longest border, the first among equals.
    """
    if together is not None and together.any():
        chosen = np.flatnonzero(together)
        within = bundled(restrict(problem, chosen), grid[chosen], 1)
        grain = np.arange(len(grid))
        grain[chosen] = chosen[np.unique(within, return_index=True)[1]][within]
        grain = numbered(grain)
        first = np.unique(grain, return_index=True)[1]
        return bundled(contracted(problem, grain), grid[first], most)[grain]
    first = _merge(problem.start, problem.neighbour, problem.border_m, problem.weight[:, HOUSEHOLDS].copy(), grid, most)
    return numbered(first)


def contracted(problem: Problem, bundle: NDArray[np.int64]) -> Problem:
    """Return the problem of the bundles; its energies differ from those of the units by a constant.

    Parameters
    ----------
    problem, bundle
        The units, and the bundle of each, from 0 without gaps.
    """
    count = int(bundle.max()) + 1
    left = bundle[np.repeat(np.arange(len(bundle)), np.diff(problem.start))]
    right = bundle[problem.neighbour]
    inner = left == right
    weight = np.column_stack([group_sums(bundle, problem.weight[:, column], count) for column in range(4)])
    weight[:, PERIMETER] -= group_sums(left[inner], problem.border_m[inner], count)
    pairs, edge = np.unique(left[~inner] * count + right[~inner], return_inverse=True)
    return problem._replace(
        start=np.searchsorted(pairs // count, np.arange(count + 1)).astype(np.int64),
        neighbour=(pairs % count).astype(np.int64),
        border_m=group_sums(edge, problem.border_m[~inner], len(pairs)),
        price=group_sums(edge, problem.price[~inner], len(pairs)),
        weight=weight,
    )


@njit(cache=True)
def _merge(
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    households: NDArray[np.float64],
    grid: NDArray[np.int64],
    most: int,
) -> NDArray[np.int64]:
    """Return the first unit of the bundle of each unit."""
    n = len(grid)
    shared_m = np.full((n, n), -1.0)
    for u in range(n):
        for e in range(start[u], start[u + 1]):
            if grid[neighbour[e]] == grid[u]:
                shared_m[u, neighbour[e]] = border_m[e]
    first, alive, left = np.arange(n), np.ones(n, np.bool_), n
    while left > most:
        smallest = -1
        for u in range(n):
            if alive[u] and (smallest < 0 or households[u] < households[smallest]) and shared_m[u].max() >= 0.0:
                smallest = u
        if smallest < 0:
            break
        other = shared_m[smallest].argmax()
        a, b = min(smallest, other), max(smallest, other)
        households[a] += households[b]
        _join(shared_m, a, b)
        alive[b] = False
        left -= 1
        first[first == b] = a
    return first


@njit(cache=True)
def _join(shared_m: NDArray[np.float64], a: int, b: int) -> None:
    """Give the borders of ``b`` to ``a``."""
    for v in range(len(shared_m)):
        if shared_m[b, v] >= 0.0:
            shared_m[a, v] = shared_m[v, a] = max(shared_m[a, v], 0.0) + shared_m[b, v]
        shared_m[b, v] = shared_m[v, b] = -1.0
    shared_m[a, a] = -1.0
