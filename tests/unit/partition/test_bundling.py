"""Units taken together: as one would do it by hand, and what the bundles cost."""

import numpy as np
import pytest

from gis_service.partition.bundling import bundled, contracted
from gis_service.partition.energy import HOUSEHOLDS as COLUMN
from gis_service.partition.misses import assessed
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import lattice
from tests.unit.partition.problems import problem_of

HOUSEHOLDS = Rules(basis="households")


def bundled_slowly(problem, grid, most):
    """Return the units of each bundle: the smallest joins the neighbour with the longest border, again and again."""
    bundles = [{u} for u in range(len(grid))]

    def border_m(one, other):
        edges = ((u, e) for u in one for e in range(problem.start[u], problem.start[u + 1]))
        return sum(problem.border_m[e] for _, e in edges if problem.neighbour[e] in other)

    while len(bundles) > most:
        beside = {
            n: [
                m
                for m in range(len(bundles))
                if m != n and border_m(one, bundles[m]) > 0 and _grid(one, grid) == _grid(bundles[m], grid)
            ]
            for n, one in enumerate(bundles)
        }
        able = [n for n in beside if beside[n]]
        if not able:
            break
        smallest = min(able, key=lambda n: (sum(problem.weight[u, COLUMN] for u in bundles[n]), min(bundles[n])))
        other = max(beside[smallest], key=lambda m: (border_m(bundles[smallest], bundles[m]), -min(bundles[m])))
        bundles[other] |= bundles[smallest]
        del bundles[smallest]
    return sorted(map(sorted, bundles))


def _grid(bundle, grid):
    return grid[min(bundle)]


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_joins_its_neighbour_until_few_are_left(seed):
    rng = np.random.default_rng(seed)
    cells = lattice(5, 4)
    problem = problem_of(cells, rng.integers(0, 120, len(cells)), HOUSEHOLDS)
    grid = np.array([column // 3 for column, _ in cells])
    most = int(rng.integers(2, 12))
    found = bundled(problem, grid, most)
    assert [sorted(np.flatnonzero(found == one).tolist()) for one in range(found.max() + 1)] == bundled_slowly(
        problem, grid, most
    )


def test_bundles_cost_what_their_units_cost_but_for_what_they_enclose():
    rng = np.random.default_rng(3)
    cells = lattice(6, 4)
    problem = problem_of(cells, rng.integers(0, 120, len(cells)), HOUSEHOLDS, lines=[[(300, 0), (300, -400)]])
    bundle = bundled(problem, np.zeros(len(cells), np.int64), 7)
    part = contracted(problem, bundle)
    differences = []
    for _ in range(4):
        labels = np.unique(rng.integers(0, 3, 7), return_inverse=True)[1].astype(np.int64)
        (missed, energy), (same, other) = assessed(problem, labels[bundle], 0.0), assessed(part, labels, 0.0)
        assert missed == same
        differences.append(energy - other)
    assert differences == pytest.approx([differences[0]] * 4)


def test_units_taken_together_leave_the_others_apart():
    problem = problem_of(lattice(8, 1), [5, 5, 5, 5, 1, 1, 1, 1], HOUSEHOLDS)
    grid = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    chosen = np.array([True, True, False, False, True, True, False, False])
    assert bundled(problem, grid, 6, chosen).tolist() == [0, 0, 1, 2, 3, 3, 4, 5]
    assert bundled(problem, grid, 5, chosen).tolist() == [0, 0, 1, 2, 3, 3, 3, 4]
    assert bundled(problem, grid, 6, np.zeros(8, bool)).tolist() == bundled(problem, grid, 6).tolist()
