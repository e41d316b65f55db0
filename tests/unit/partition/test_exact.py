"""The exact solver against everything that is possible on small communities."""

import numpy as np
import pytest
from scipy.optimize import linprog

from gis_service.partition.connected_sets import admissible_sets, sets_in_range
from gis_service.partition.covering import cheapest_cover
from gis_service.partition.exact import solve_exactly
from gis_service.partition.misses import assessed, credit, giants
from gis_service.partition.relaxation import least_misses
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import lattice, solve_cells
from tests.unit.partition.problems import best_by_trying, connected_worth, problem_of, random_problem, star

HOUSEHOLDS = Rules(basis="households")


@pytest.mark.parametrize("basis", ["households", "either", "residents"])
def test_the_sets_found_are_all_connected_sets_that_may_be_a_grid(basis):
    for seed in range(12):
        problem, _ = random_problem(seed, Rules(basis=basis))
        every = connected_worth(problem)
        for most in (1, 2, 3):
            wide = admissible_sets(problem, credit(problem), 10_000, worth=most)
            assert wide.complete
            listed = dict(zip(wide.mask.tolist(), zip(wide.missed, wide.energy, strict=True), strict=True))
            wanted = {mask: worth for mask, worth in every.items() if worth[0] <= most}
            assert len(listed) == len(wide.mask)
            assert set(listed) == set(wanted)
            assert all(listed[mask] == pytest.approx(wanted[mask]) for mask in wanted)
        narrow = sets_in_range(problem, credit(problem), 10_000)
        assert sorted(narrow.mask.tolist()) == sorted(mask for mask, (missed, _) in every.items() if missed == 0)


@pytest.mark.parametrize("basis", ["households", "either", "residents"])
def test_the_optimum_is_that_of_trying_everything(basis):
    results = []
    for seed in range(40):
        problem, labels = random_problem(seed, Rules(basis=basis))
        found = solve_exactly(problem, labels)
        assert found.proven
        assert (found.missed, found.energy) == pytest.approx(best_by_trying(problem))
        assert (found.missed, found.energy) == pytest.approx(assessed(problem, found.labels, credit(problem)))
        assert (found.least_missed, found.least_energy) == pytest.approx((found.missed, found.energy), abs=1e-6)
        results.append(found.missed)
    assert min(results) == 0
    assert max(results) > 1


def test_two_buildings_above_the_maximum_are_two_misses_even_in_one_grid():
    problem = problem_of(lattice(3, 1), [600, 20, 700], HOUSEHOLDS)
    assert giants(problem).tolist() == [True, False, True]
    assert assessed(problem, np.zeros(3, np.int64), 0.0)[0] == 2
    found = solve_exactly(problem, np.zeros(3, np.int64))
    assert found.missed == found.least_missed == 2
    assert found.labels.tolist() == [0, 0, 1]


def test_one_grid_far_too_large_may_be_better_than_many_too_small():
    # All fourteen leaves hang on the middle: as grids of their own they are fourteen misses, in one grid four.
    problem = star(14, 100)
    assert assessed(problem, np.zeros(15, np.int64), 0.0)[0] == 4
    apart = solve_exactly(problem, np.arange(15))
    assert (apart.missed, apart.least_missed, apart.proven) == (4, 4, True)
    assert least_misses(problem) == 4
    few = solve_exactly(problem, np.arange(15), most_sets=10_000)
    assert few.least_missed == 2
    assert not few.proven


def test_a_total_no_number_of_grids_fits_is_one_proven_miss():
    found = solve_exactly(problem_of(lattice(4, 1), [140] * 4, HOUSEHOLDS), np.array([0, 0, 1, 1]))
    assert (found.missed, found.least_missed, found.proven) == (1, 1, True)
    assert found.labels.tolist() == [0, 0, 0, 0]


def test_a_known_optimum_is_returned_as_it_is():
    problem = problem_of(lattice(8, 4), [50] * 32, HOUSEHOLDS)
    first = solve_exactly(problem, solve_cells(lattice(8, 4), [50] * 32, HOUSEHOLDS))
    again = solve_exactly(problem, first.labels)
    assert (again.labels == first.labels).all()
    assert again.proven


def test_where_there_are_too_many_units_or_sets_nothing_is_claimed():
    cells = lattice(13, 5)
    labels = solve_cells(cells, [50] * 65, HOUSEHOLDS)
    found = solve_exactly(problem_of(cells, [50] * 65, HOUSEHOLDS), labels)
    assert not found.proven
    assert found.labels is labels
    assert found.least_energy == -np.inf
    labels = solve_cells(lattice(4, 4), [60] * 16, HOUSEHOLDS)
    assert not solve_exactly(problem_of(lattice(4, 4), [60] * 16, HOUSEHOLDS), labels, most_sets=50).proven


def test_a_cover_found_by_column_generation_is_the_one_found_at_once(monkeypatch):
    problem = problem_of(lattice(5, 5), np.random.default_rng(5).integers(30, 130, 25), HOUSEHOLDS)
    sets = sets_in_range(problem, credit(problem), 100_000)
    at_once = cheapest_cover(sets.mask, sets.energy, 25)
    monkeypatch.setattr("gis_service.partition.covering.COLUMNS_AT_FIRST", 40)
    monkeypatch.setattr("gis_service.partition.covering.COLUMNS_A_ROUND", 15)
    generated = cheapest_cover(sets.mask, sets.energy, 25)
    assert at_once.proven
    assert generated.proven
    assert generated.chosen.tolist() == at_once.chosen.tolist()
    assert generated.bound == pytest.approx(at_once.bound)


def test_duals_that_are_off_by_a_rounding_do_not_keep_the_relaxation_going(monkeypatch):
    def rough(*given, **more):
        solved = linprog(*given, **more)
        solved.eqlin.marginals = solved.eqlin.marginals + 2e-7
        return solved

    monkeypatch.setattr("gis_service.partition.covering.linprog", rough)
    found = cheapest_cover(np.array([0b01, 0b10, 0b11], np.uint64), np.array([1.0, 1.0, 3.0]), 2)
    assert found.chosen.tolist() == [0, 1]
    assert found.bound == pytest.approx(2.0)


def test_a_relaxation_that_is_not_solved_proves_nothing(monkeypatch):
    def lost(*given, **more):
        solved = linprog(*given, **more)
        solved.status = 4
        return solved

    problem = problem_of(lattice(4, 1), [140, 140, 140, 140], HOUSEHOLDS)
    monkeypatch.setattr("gis_service.partition.covering.linprog", lost)
    cover = cheapest_cover(np.array([0b01, 0b10], np.uint64), np.ones(2), 2)
    assert (cover.chosen, cover.bound, cover.proven) == (None, -np.inf, False)
    found = solve_exactly(problem, np.array([0, 0, 0, 1]))
    assert found.labels.tolist() == [0, 0, 0, 1]
    assert (found.least_missed, found.proven) == (0, False)
    assert least_misses(problem) == 0


def test_no_cover_is_proven_where_the_sets_overlap_or_leave_a_unit_out():
    mask = np.array([0b011, 0b110, 0b101], np.uint64)
    overlapping = cheapest_cover(mask, np.ones(3), 3)
    assert (overlapping.chosen, overlapping.bound, overlapping.proven) == (None, np.inf, True)
    short = cheapest_cover(mask[:1], np.ones(1), 3)
    assert (short.chosen, short.bound, short.proven) == (None, np.inf, True)
    assert cheapest_cover(mask[:0], np.ones(0), 1).proven
