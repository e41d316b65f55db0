"""Repair of existing grids by hand-computable examples."""

import numpy as np

from gis_service.partition.repair import Transfer, repair
from gis_service.partition.windows import give_back
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import SIDE_M, count_misses, graph_of, lattice
from tests.unit.partition.problems import problem_of

HOUSEHOLDS = Rules(basis="households")


def repair_cells(cells, households, old, *, locked=None, residents=None, rules=HOUSEHOLDS):
    people = np.full(len(cells), -1) if residents is None else np.asarray(residents)
    return repair(
        graph_of(cells),
        np.asarray(households, dtype=np.int64),
        people.astype(np.int64),
        rules,
        area_m2=np.full(len(cells), SIDE_M**2),
        perimeter_m=np.full(len(cells), 4 * SIDE_M),
        old=np.asarray(old, dtype=np.int64),
        locked=None if locked is None else np.asarray(locked),
    )


def test_one_unit_moves_from_a_grid_too_large_to_its_neighbour():
    found = repair_cells(lattice(8, 1), [150, 150, 150, 100, 100, 100, 100, 50], [7, 7, 7, 7, 3, 3, 3, 3])
    assert found.labels.tolist() == [7, 7, 7, 3, 3, 3, 3, 3]
    assert found.moved_units.tolist() == [False] * 3 + [True] + [False] * 4
    assert found.moved_households == 100
    assert found.transfers == (Transfer(3, 3, 350, 4), Transfer(7, 3, 100, 1), Transfer(7, 7, 450, 3))


def test_a_move_that_is_not_needed_any_more_is_taken_back():
    households, old = np.full(8, 100), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    problem = problem_of(lattice(8, 1), households, HOUSEHOLDS)
    moved = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    assert give_back(problem, moved, old=old, change_price=15.0).tolist() == old.tolist()
    assert give_back(problem, old, old=old, change_price=15.0) is old


def test_a_grid_of_two_sizes_is_split_and_its_larger_half_keeps_the_name():
    found = repair_cells(lattice(6, 1), [130, 120, 120, 110, 110, 110], [4] * 6)
    assert found.labels.tolist() == [4, 4, 4, 5, 5, 5]
    assert found.moved_households == 330


def test_two_small_grids_are_merged_under_the_name_of_the_larger():
    found = repair_cells(lattice(4, 1), [100, 80, 110, 120], [1, 1, 2, 2])
    assert found.labels.tolist() == [2, 2, 2, 2]
    assert found.moved_households == 180


def test_a_grid_of_a_park_stays_unless_its_land_brings_others_into_range():
    park = repair_cells(lattice(3, 1), [400, 0, 400], [0, 1, 2])
    assert park.labels.tolist() == [0, 1, 2]
    mended = repair_cells(lattice(5, 1), [150, 150, 200, 0, 400], [0, 0, 1, 2, 3])
    assert mended.labels.tolist() == [0, 0, 0, 2, 3]
    between = repair_cells(lattice(5, 1), [150, 150, 150, 0, 200], [0, 0, 0, 1, 2])
    assert between.labels.tolist() == [0, 0, 2, 2, 2]
    in_two_pieces = repair_cells(lattice(3, 1), [0, 400, 0], [1, 0, 1])
    assert in_two_pieces.labels.tolist() == [0, 0, 0]


def test_a_unit_without_a_grid_joins_one_and_nobody_moves():
    found = repair_cells(lattice(4, 1), [150, 200, 60, 0], [0, 0, -1, -1])
    assert found.labels.tolist() == [0, 0, 0, 0]
    assert found.moved_households == 0
    assert not found.moved_units.any()


def test_a_grid_in_two_pieces_keeps_the_larger():
    found = repair_cells(lattice(5, 1), [40, 310, 0, 200, 150], [0, 1, 1, 0, 0])
    assert found.labels.tolist() == [1, 1, 1, 0, 0]
    assert found.moved_households == 40


def test_locked_grids_stay_even_where_they_are_too_large():
    old = [0, 0, 0, 1, 1, 1]
    free = repair_cells(lattice(6, 1), [200, 200, 120, 110, 110, 100], old)
    assert free.labels.tolist() == [0, 0, 1, 1, 1, 1]
    kept = repair_cells(lattice(6, 1), [200, 200, 120, 110, 110, 100], old, locked=[True] + [False] * 5)
    assert kept.labels.tolist() == old


def test_many_small_units_are_repaired_in_bundles():
    cells = lattice(16, 8)
    households = np.full(128, 25)
    old = np.array([c // 4 + 4 * (r // 4) for c, r in cells])
    assert count_misses(old, households, None, HOUSEHOLDS) == 0
    grown = households.copy()
    grown[(old == 0) | (old == 5)] = 35
    assert count_misses(old, grown, None, HOUSEHOLDS) == 2
    found = repair_cells(cells, grown, old)
    assert count_misses(found.labels, grown, None, HOUSEHOLDS) == 0
    assert 0 < found.moved_households <= 300


def test_the_basis_of_the_rules_decides():
    residents = [400, 400, 400, 500, 500, 400]
    rules = Rules(basis="residents")
    found = repair_cells(lattice(6, 1), [10] * 6, [0, 0, 0, 0, 1, 1], residents=residents, rules=rules)
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_grid_of_six_sizes_is_cut_up_and_its_neighbour_in_range_stays():
    """Sixty units of 40 households in one grid: 2,400 make five to eight grids, one of which keeps the name."""
    cells = lattice(13, 5)
    old = [5 if column < 12 else 8 for column, _ in cells]
    households = [40 if column < 12 else 80 for column, _ in cells]
    found = repair_cells(cells, households, old)
    sizes = np.bincount(found.labels, households).astype(int).tolist()
    assert count_misses(found.labels, households, None, HOUSEHOLDS) == 0
    assert sizes[8] == 400
    assert 2400 - found.moved_households == sizes[5] > 0


def test_a_building_above_the_maximum_is_not_cut_up():
    found = repair_cells(lattice(3, 1), [1600, 0, 0], [0, 0, 0])
    assert found.labels.tolist() == [0, 0, 0]
    assert found.moved_households == 0


def test_an_island_too_small_gets_what_it_lacks_even_where_much_of_its_neighbour_must_be_divided_anew():
    """A mainland of 630 households, an islet of 10 beside it and an island of 240 behind one large building."""
    mainland = [(c, r) for r in range(3) for c in range(7)]
    cells = [*mainland, (9, 1), (9, 0), (10, 0), (10, 1), (-2, 0)]
    households = [30] * 21 + [60] * 4 + [10]
    old = [0] * 21 + [1] * 4 + [2]
    found = repair_cells(cells, households, old)
    assert count_misses(found.labels, households, None, HOUSEHOLDS) == 0
