"""Small problems for the exact methods, and their optimum by trying everything."""

from functools import cache

import numpy as np

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.misses import assessed, credit
from gis_service.partition.part_problems import part_problem, restrict
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import SIDE_M, _subsets, graph_of, is_connected, solve_cells


def problem_of(cells, households, rules, *, residents=None, lines=()):
    people = np.full(len(cells), -1) if residents is None else np.asarray(residents)
    return part_problem(
        graph_of(cells, *lines),
        np.arange(len(cells)),
        np.asarray(households, dtype=np.int64),
        people.astype(np.int64),
        rules,
        area_m2=np.full(len(cells), SIDE_M**2),
        perimeter_m=np.full(len(cells), 4 * SIDE_M),
    )


def star(leaves, households):
    """Return the problem of a unit with one household and so many leaves around it that touch nothing else."""
    start = np.array([0, *range(leaves, 2 * leaves + 1)])
    neighbour = np.array([*range(1, leaves + 1), *[0] * leaves])
    graph = UnitGraph(
        start=start.astype(np.int32),
        neighbour=neighbour.astype(np.int32),
        length_m=np.full(2 * leaves, 100.0),
        barrier_m=np.zeros(2 * leaves),
        follow_m=np.zeros(2 * leaves),
        bridge=np.zeros(2 * leaves, np.bool_),
    )
    return part_problem(
        graph,
        np.arange(leaves + 1),
        np.array([1, *[households] * leaves]),
        np.full(leaves + 1, -1),
        Rules(basis="households"),
        area_m2=np.full(leaves + 1, 1e4),
        perimeter_m=np.array([100.0 * leaves, *[400.0] * leaves]),
    )


def connected_worth(problem):
    """Return bit mask → (misses, energy) of every connected set of units."""
    n, per_grid = len(problem.weight), credit(problem)
    found = {}
    for chosen in range(1, 1 << n):
        members = np.array([u for u in range(n) if chosen >> u & 1])
        if is_connected(problem, members):
            found[chosen] = assessed(restrict(problem, members), np.zeros(len(members), np.int64), per_grid)
    return found


def best_by_trying(problem):
    """Return the fewest misses, and the least energy with as few, over all partitions into connected sets."""
    found = connected_worth(problem)

    @cache
    def best(left):
        if left == 0:
            return 0, 0.0
        lowest = left & -left
        ways = (some | lowest for some in _subsets(left ^ lowest) if some | lowest in found)
        return min(tuple(np.add(found[chosen], best(left ^ chosen))) for chosen in ways)

    return best((1 << len(problem.weight)) - 1)


def random_problem(seed, rules):
    """Return a connected problem of up to nine square units, a heuristic assignment of it, and its inputs."""
    rng = np.random.default_rng(seed)
    columns, rows = ((3, 3), (4, 2), (3, 2), (5, 1))[rng.integers(4)]
    cells = [(c, r) for r in range(rows) for c in range(columns)]
    households = rng.integers(0, (150, 250, 350, 650)[rng.integers(4)], len(cells))
    residents = (households * rng.uniform(1.5, 6.0, len(cells))).astype(np.int64)
    residents[rng.random(len(cells)) < 0.1] = -1
    people = None if rules.basis == "households" else residents
    labels = solve_cells(cells, households, rules, residents=people, seed=seed % 7)
    return problem_of(cells, households, rules, residents=people), labels
