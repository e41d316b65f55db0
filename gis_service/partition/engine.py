"""The partition engine: units of a community in, a grid for each of them out."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.annealing import assess
from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.energy import HOUSEHOLDS, RESIDENTS, UNKNOWN, Problem, Size, miss
from gis_service.partition.feasibility import may_fit, most_grids, parts_of, target_count, total_residents
from gis_service.partition.polishing import polish
from gis_service.partition.search import search
from gis_service.plan.rules import Rules

SMALL, ATTEMPTS = 100, 3
"""Parts of up to so many units are tried so often while more grids are out of range than must be."""
STRADDLE_PRICE = 2.0
"""Price of enclosing a river, railway or expressway as long as the side of a square grid; less than a size missed."""
FOLLOW_PRICE = 0.2
"""Price of enclosing as much of any line: a third of what a border costs, so that borders prefer to run there."""
OFF_LINE_PRICE = 0.5
"""Price of a border as long without a line, where there are lines: as much again as any border costs by its length."""
BRIDGE_PRICE = 0.5
"""Price of a grid that reaches across a bridge."""
SPREAD = 0.6
"""Weight of the squared relative distance of a grid's size from the mean."""
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
        Counts of each unit; residents are negative where unknown, and then households alone decide.
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
        only where the search found no way; ``feasibility.may_fit`` tells where none exists.
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
    return _in_order(labels, given)


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
    n = len(units)
    total, people = int(households[units].sum()), total_residents(residents[units])
    if n == 1 or most_grids(total, people, rules) == 1:
        return np.zeros(n, np.int64)
    known = residents[units] >= 0
    count = min(target_count(total, people, rules), n)
    size = _size(rules, total / count, float(residents[units][known].sum()) / count)
    weight = np.column_stack(
        (households[units], np.where(known, residents[units], UNKNOWN), area_m2[units], perimeter_m[units])
    ).astype(np.float64)
    problem = _problem(graph, units, weight, size, float(np.sqrt(area_m2[units].sum() / count)))
    giant = _giants(weight, size)
    if n > SMALL:
        labels = search(problem, count, seed % _SEEDS)
        return polish(problem, labels, _broken(labels, problem, giant), seed % _SEEDS)
    forced = max(int(giant.sum()), int(not may_fit(total, people, rules)))
    tries: list[tuple[tuple[int, float], int, NDArray[np.int64]]] = []
    for attempt in range(ATTEMPTS):
        labels = search(problem, count, (seed + attempt * _STRIDE) % _SEEDS)
        tries.append((assess(problem, labels), attempt, labels))
        if tries[-1][0][0] <= forced:
            break
    return min(tries)[2]


def _size(rules: Rules, mean_households: float, mean_residents: float) -> Size:
    return Size(
        float(rules.households_min),
        float(rules.households_max),
        float(rules.residents_min),
        float(rules.residents_max),
        rules.basis != "residents",
        rules.basis != "households",
        mean_households,
        mean_residents,
        SPREAD,
    )


def _giants(weight: NDArray[np.float64], size: Size) -> NDArray[np.bool_]:
    """Tell which units are above the maximum by themselves: their grids must be out of range."""
    over_households = weight[:, HOUSEHOLDS] > size.households_max
    over_residents = weight[:, RESIDENTS] > size.residents_max
    both: NDArray[np.bool_] = (over_households | (not size.by_households)) & (over_residents | (not size.by_residents))
    return np.where(weight[:, RESIDENTS] >= UNKNOWN, over_households, both)


def _broken(labels: NDArray[np.int64], problem: Problem, giant: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return one unit of each grid that is out of range though it holds no giant."""
    households = np.bincount(labels, problem.weight[:, HOUSEHOLDS])
    residents = np.bincount(labels, problem.weight[:, RESIDENTS])
    missed = [miss(h, r, problem.size) > 0.0 for h, r in zip(households, residents, strict=True)]
    first = np.unique(labels, return_index=True)[1]
    chosen: NDArray[np.int64] = first[np.array(missed) & (np.bincount(labels, giant) == 0)]
    return chosen


def _problem(
    graph: UnitGraph, units: NDArray[np.int64], weight: NDArray[np.float64], size: Size, side_m: float
) -> Problem:
    """Return the part as the kernels see it; ``side_m`` is the side of a square grid of average area."""
    new = np.full(len(graph.start) - 1, -1, np.int64)
    new[units] = np.arange(len(units))
    left = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    kept = (new[left] >= 0) & (new[graph.neighbour] >= 0)
    metres = STRADDLE_PRICE * graph.barrier_m[kept] + FOLLOW_PRICE * graph.follow_m[kept]
    if np.any(graph.follow_m[kept] > 0):
        # What is saved by enclosing a border without a line is a price of drawing one there, but for a constant.
        metres -= OFF_LINE_PRICE * (graph.length_m - graph.follow_m)[kept]
    return Problem(
        np.searchsorted(new[left[kept]], np.arange(len(units) + 1)).astype(np.int64),
        new[graph.neighbour[kept]],
        np.ascontiguousarray(graph.length_m[kept]),
        metres / side_m + BRIDGE_PRICE * graph.bridge[kept],
        weight,
        size,
    )


def _in_order(labels: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the labels with new grids numbered by their first unit, after the given ones."""
    free = given < 0
    names, first = np.unique(labels[free], return_index=True)
    rank = np.empty(len(names), np.int64)
    rank[np.argsort(first)] = np.arange(len(names))
    ordered = labels.copy()
    ordered[free] = int(given.max(initial=-1)) + 1 + rank[np.searchsorted(names, labels[free])]
    return ordered
