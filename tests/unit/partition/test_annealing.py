"""Moves of the annealing: what they keep about grids and flips is what a fresh count gives."""

import numpy as np
import pytest

from gis_service.partition.energy import grid_energy
from gis_service.partition.flips import make_flips, try_flips
from gis_service.partition.grid_totals import make_grids
from gis_service.partition.misses import credit
from gis_service.partition.recuts import try_recuts
from gis_service.partition.search import search
from gis_service.partition.trees import cut, grow, make_tree, release
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import is_connected, lattice
from tests.unit.partition.problems import problem_of

HOUSEHOLDS = Rules(basis="households")
ROOM = 40


def town(seed):
    cells = lattice(9, 8)
    return problem_of(cells, np.random.default_rng(seed).integers(0, 160, len(cells)), HOUSEHOLDS)


def energy_of(problem, labels):
    return make_grids(problem, labels, ROOM).cost.sum()


@pytest.mark.parametrize("temperature", [0.02, 0.5])
def test_moves_keep_the_totals_of_every_grid_and_what_flips_would_change(temperature):
    problem = town(3)
    grids = make_grids(problem, search(problem, 15, 3), ROOM)
    flips, tree, state = make_flips(problem), make_tree(problem), np.array([5], np.uint64)
    before = grids.labels.copy()
    for _ in range(20):
        try_flips(200, temperature, 1.2, problem, grids, flips, state)
        try_recuts(20, temperature, 1.2, problem, grids, tree, flips.unit, state)
    assert (grids.labels != before).any()
    try_flips(2000, 1e-9, 1.2, problem, grids, flips, state)
    fresh = make_grids(problem, grids.labels, ROOM)
    np.testing.assert_allclose(grids.totals, fresh.totals, atol=1e-6)
    np.testing.assert_allclose(grids.cost, fresh.cost, atol=1e-9)
    np.testing.assert_array_equal(grids.units, fresh.units)
    assert sorted(grids.free[: grids.free_count[0]]) == sorted(np.flatnonzero(fresh.units == 0))
    assert all(is_connected(problem, np.flatnonzero(grids.labels == g)) for g in np.unique(grids.labels))
    known = 0
    for pair, unit in enumerate(flips.unit):
        own, other = grids.labels[unit], grids.labels[problem.neighbour[pair]]
        up_to_date = flips.left[unit] >= grids.changed[own] and flips.entered[pair] >= grids.changed[other]
        if own == other or not up_to_date or np.isinf(flips.leaving[unit]):
            continue
        known += 1
        flipped = grids.labels.copy()
        flipped[unit] = other
        change = energy_of(problem, flipped) - energy_of(problem, grids.labels) + 1.2 * (fresh.units[own] == 1)
        assert flips.leaving[unit] + flips.entering[pair] == pytest.approx(change, abs=1e-9)
    assert known > 20


def test_a_tree_spans_the_merged_grids_and_its_cut_gives_two_connected_pieces():
    problem, labels = town(1), np.repeat(np.arange(8), 9)
    tree, state, totals = make_tree(problem), np.array([1], np.uint64), np.zeros((2, 5))
    for root in (0, 13, 26):
        grow(tree, problem, labels, root, 0, 1, 2, state)
        assert tree.size.tolist() == [27, 42]
        assert sorted(tree.unit[:27]) == list(range(27))
        assert tree.parent[0] == -1
        assert all(0 <= tree.parent[i] < i for i in range(1, 27))
        assert cut(tree, problem, 0, 2, 1, totals, 0.0, state) == 1
        for piece in (0, 1):
            units = tree.unit[:27][tree.piece[:27] == piece]
            alone = np.full(72, 1)
            alone[units] = 0
            assert is_connected(problem, units)
            np.testing.assert_allclose(totals[piece], make_grids(problem, alone, 2).totals[0], atol=1e-6)
        release(tree)
        assert (tree.node == -1).all()


def test_the_credit_keeps_the_number_of_grids_near_the_mean_and_not_at_the_fewest():
    problem = problem_of(lattice(24, 4), np.full(96, 50), HOUSEHOLDS)
    with_credit, without = search(problem, 12, 1), search(problem, 12, 1, 0.0)
    assert int(without.max()) + 1 < int(with_credit.max()) + 1
    assert abs(int(with_credit.max()) + 1 - 12) <= 1
    assert credit(problem) == pytest.approx(1.2)
    # A square of four units by two costs more for its shape than one of three by three for its size.
    assert grid_energy(450.0, 2.0**40, 9e4, 1200.0, 0.0, problem.size) < grid_energy(
        400.0, 2.0**40, 8e4, 1200.0, 0.0, problem.size
    )
