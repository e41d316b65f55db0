"""Repair of many grids at once, and the sets it chooses among, by trying everything."""

from itertools import combinations

import numpy as np
import pytest

from gis_service.partition import rearranging
from gis_service.partition.misses import assessed
from gis_service.partition.part_problems import restrict
from gis_service.partition.rearranging import rearrange
from gis_service.partition.variants import variants_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import count_misses, is_connected, lattice
from tests.unit.partition.problems import problem_of

HOUSEHOLDS = Rules(basis="households")


def sets_of(found):
    return {
        (frozenset(found.unit[found.start[i] : found.start[i + 1]].tolist()), bool(found.parted[i]))
        for i in range(len(found.energy))
    }


def by_trying(problem, own, near, changes, *, parting):
    """Return every connected set in range that keeps, or parts from, the units of a grid, as ``variants_of`` tells."""
    n, own, found = len(near), set(own), set()
    for size in range(1, n + 1):
        for chosen in combinations(range(n), size):
            units = set(chosen)
            weight = problem.weight[list(chosen), 0].sum()
            if not (300 <= weight <= 500 and is_connected(problem, np.array(chosen))):
                continue
            joining, leaving = units - own, own - units
            kept = len(units & own) > 0 and all(near[u] for u in joining) and len(joining) <= changes
            if kept and len(leaving) <= (len(own) if parting and not joining else changes):
                found.add((frozenset(units), False))
            if parting and units < own:
                found.add((frozenset(units), True))
    return found


@pytest.mark.parametrize("parting", [False, True])
@pytest.mark.parametrize("changes", [1, 2, 3])
def test_the_sets_a_grid_may_become_are_those_found_by_trying(changes, parting):
    cells = lattice(4, 3)
    problem = problem_of(cells, np.random.default_rng(changes).integers(30, 160, 12), HOUSEHOLDS)
    near = np.array([cell != (3, 1) for cell in cells])
    own = [0, 1, 4, 5, 8]
    found = variants_of(problem, np.array(own), near, changes, parting, 100_000)
    assert found.complete
    # Two steps from the grid lie all others: who joins hangs together with it.
    assert sets_of(found) == by_trying(problem, own, near, changes, parting=parting)
    assert len(found.energy) == len(sets_of(found)) > 5
    for i, energy in enumerate(found.energy):
        units = np.sort(found.unit[found.start[i] : found.start[i + 1]])
        alone = assessed(restrict(problem, units), np.zeros(len(units), np.int64), 0.0)
        assert alone == (0, pytest.approx(energy))


def test_where_there_are_more_sets_than_wanted_that_is_told():
    problem = problem_of(lattice(4, 3), np.full(12, 100), HOUSEHOLDS)
    found = variants_of(problem, np.arange(4), np.ones(12, bool), changes=3, parting=False, most=7)
    assert len(found.energy) == 7
    assert not found.complete


def test_what_a_grid_has_too_much_goes_on_from_grid_to_grid():
    households = [100, 100, 100, 100, 100, 40, 100, 120, 120, 120, 40, 100, 120, 120, 120, 40, 120, 120, 120, 40]
    old = np.repeat(np.arange(4), [6, 5, 5, 4])
    problem = problem_of(lattice(20, 1), households, HOUSEHOLDS)
    found = rearrange(problem, old, old=old, change_price=15.0)
    assert found.tolist() == np.repeat(np.arange(4), 5).tolist()


def test_a_grid_with_households_for_two_parts_in_two():
    problem = problem_of(lattice(8, 1), np.full(8, 100), HOUSEHOLDS)
    found = rearrange(problem, np.zeros(8, np.int64), old=np.zeros(8, np.int64), change_price=15.0)
    assert set(np.bincount(found)) <= {3, 4, 5}
    assert np.count_nonzero(np.diff(found)) == 1


def test_nothing_changes_where_no_fewer_grids_would_be_out_of_range():
    old = np.array([0, 0, 0, 1, 1])
    valid = problem_of(lattice(5, 1), [120, 120, 120, 200, 200], HOUSEHOLDS)
    assert rearrange(valid, old, old=old, change_price=15.0) is old
    giant = problem_of(lattice(5, 1), [120, 120, 120, 10, 600], HOUSEHOLDS)
    assert rearrange(giant, old, old=old, change_price=15.0) is old
    hopeless = problem_of(lattice(5, 1), [100, 100, 100, 100, 150], HOUSEHOLDS)
    assert rearrange(hopeless, old, old=old, change_price=15.0) is old


def test_the_cheapest_of_several_ways_moves_the_fewest_households():
    old = np.array([0, 0, 0, 1, 1, 1, 1])
    problem = problem_of(lattice(7, 1), [150, 110, 30, 90, 120, 120, 140], HOUSEHOLDS)
    found = rearrange(problem, old, old=old, change_price=15.0)
    assert found.tolist() == [0, 0, 0, 0, 1, 1, 1]


def test_grids_of_many_small_units_are_rearranged_in_bundles(monkeypatch):
    cells = lattice(24, 8)
    households = np.full(len(cells), 25)
    old = np.array([c // 4 + 6 * (r // 4) for c, r in cells])
    grown = np.where(np.isin(old, [0, 5, 9]), 35, households)
    assert count_misses(old, grown, None, HOUSEHOLDS) == 3
    problem = problem_of(cells, grown, HOUSEHOLDS)
    found = rearrange(problem, old, old=old, change_price=15.0)
    assert count_misses(found, grown, None, HOUSEHOLDS) == 0
    assert all(is_connected(problem, np.flatnonzero(found == g)) for g in np.unique(found))
    monkeypatch.setattr(rearranging, "COLUMNS_AT_FIRST", 30)
    monkeypatch.setattr(rearranging, "COLUMNS_A_ROUND", 40)
    assert rearrange(problem, old, old=old, change_price=15.0).tolist() == found.tolist()


def test_all_grids_of_a_part_hand_on_where_fewer_steps_would_not_do():
    households = [120, 120, *[60, 250] * 6, 60, 300]
    old = np.repeat(np.arange(8), 2)
    problem = problem_of(lattice(16, 1), households, HOUSEHOLDS)
    assert count_misses(old, households, None, HOUSEHOLDS) == 1  # 240 households, and no grid has 60 to spare
    found = rearrange(problem, old, old=old, change_price=15.0)
    assert np.bincount(found, households).tolist() == [300, *[310] * 6, 300]
    assert (np.array(households)[found != old] == 60).all()
