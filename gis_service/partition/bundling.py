"""Neighbouring units of one grid taken together, so that few enough are left to be solved exactly."""

from heapq import heapify, heappop, heappush

import numpy as np
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
    return numbered(_merge(problem, grid, most))


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


def _merge(problem: Problem, grid: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return the first unit of the bundle of each unit."""
    n = len(grid)
    shared_m: list[dict[int, float]] = [{} for _ in range(n)]
    left = np.repeat(np.arange(n), np.diff(problem.start))
    inner = grid[left] == grid[problem.neighbour]
    for u, v, length_m in zip(
        left[inner].tolist(), problem.neighbour[inner].tolist(), problem.border_m[inner].tolist(), strict=True
    ):
        shared_m[u][v] = length_m
    households, into = problem.weight[:, HOUSEHOLDS].tolist(), list(range(n))
    # Bundles go by their first unit. Those that have grown or gone since they were queued are passed over.
    queue = [(people, u) for u, people in enumerate(households)]
    heapify(queue)
    while n > most and queue:
        people, smallest = heappop(queue)
        beside = shared_m[smallest]
        if people != households[smallest] or not beside:
            continue
        other = min(beside, key=lambda v: (-beside[v], v))
        kept, gone = min(smallest, other), max(smallest, other)
        for v, length_m in shared_m[gone].items():
            del shared_m[v][gone]
            if v != kept:
                shared_m[kept][v] = shared_m[v][kept] = shared_m[kept].get(v, 0.0) + length_m
        shared_m[gone] = {}
        households[kept] += households[gone]
        heappush(queue, (households[kept], kept))
        into[gone] = kept
        n -= 1
    for u, first in enumerate(into):
        into[u] = into[first]
    return np.array(into, np.int64)
