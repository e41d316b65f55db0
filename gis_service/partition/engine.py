"""The partition engine: units of a community in, a grid for each of them out."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.misses import assessed, broken_grids, credit, giants
from gis_service.partition.numbering import after_given
from gis_service.partition.part_problems import part_problem
from gis_service.partition.parts import parts_of
from gis_service.partition.search import search
from gis_service.partition.second_attempts import tried_again
from gis_service.plan.arithmetic import may_fit, most_grids, target_count, totals_of
from gis_service.plan.rules import Rules

SMALL, ATTEMPTS = 100, 3
"""Parts of up to so many units are tried so often while more grids are out of range than must be."""
_SEEDS = 2**63
_STRIDE = 0x9E3779B97F4A7C15


def solve(
    graph: UnitGraph,
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    *,
    area_m2: NDArray[np.float64],
    perimeter_m: NDArray[np.float64],
    locked: NDArray[np.int64] | None = None,
    seed: int = 1,
) -> NDArray[np.int64]:
    """Return the grid of every unit of one community.

    Parameters
    ----------
    graph
        Neighbourhood of the units.
    households, residents
        Counts of each unit; residents are negative where unknown, and then households alone decide of its grid.
    rules
        The size rule; its basis chooses the test.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of each unit.
    locked
        Label of the given grid of each unit, negative where free; None: all are free.
    seed
        Seed of the random numbers, not negative.

    Returns
    -------
    array of int64
        A label for every unit: locked units keep theirs, new grids are numbered from the largest of these on (from 0
        where nothing is locked) in the order of their first unit. Every new grid hangs together in the graph without
        the locked units, across bridges only where a part of the community cannot stand alone. A grid is out of range
        only where the search found no way; ``plan.arithmetic.may_fit`` tells where none exists.
    """
    given = np.full(len(households), -1, np.int64) if locked is None else locked.astype(np.int64)
    part = parts_of(graph, households, residents, rules, given)
    labels = given.copy()
    free = int(given.max(initial=-1)) + 1
    for number in range(int(part.max(initial=-1)) + 1):
        units = np.flatnonzero(part == number)
        solved = _solve_part(graph, units, households, residents, rules, area_m2, perimeter_m, seed + number)
        labels[units] = free + solved
        free += int(solved.max()) + 1
    return after_given(labels, given)


def _solve_part(
    graph: UnitGraph,
    units: NDArray[np.int64],
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    area_m2: NDArray[np.float64],
    perimeter_m: NDArray[np.float64],
    seed: int,
) -> NDArray[np.int64]:
    """Return labels from 0 for the units of one connected part."""
    n, totals = len(units), totals_of(households[units], residents[units])
    if n == 1 or most_grids(totals, rules) == 1:
        return np.zeros(n, np.int64)
    count = min(target_count(totals, rules), n)
    problem = part_problem(graph, units, households, residents, rules, area_m2=area_m2, perimeter_m=perimeter_m)
    giant, per_grid = giants(problem), credit(problem)
    if n > SMALL:
        labels = search(problem, count, seed % _SEEDS)
        broken = broken_grids(problem, labels)
        needless = broken[np.bincount(labels, giant)[labels[broken]] == 0]
        return tried_again(problem, labels, needless, seed % _SEEDS)
    forced = max(int(giant.sum()), int(not may_fit(totals, rules)))
    tries: list[tuple[tuple[int, float], int, NDArray[np.int64]]] = []
    for attempt in range(ATTEMPTS):
        labels = search(problem, count, (seed + attempt * _STRIDE) % _SEEDS)
        tries.append((assessed(problem, labels, per_grid), attempt, labels))
        if tries[-1][0][0] <= forced:
            break
    return min(tries)[2]
