"""Every connected set in range, as one finds by trying all sets."""

from itertools import combinations

import numpy as np
import pytest

from gis_service.partition.all_sets import all_sets
from gis_service.partition.misses import assessed
from gis_service.partition.part_problems import restrict
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import is_connected, lattice
from tests.unit.partition.problems import problem_of


def listed(found):
    return [tuple(found.unit[found.start[i] : found.start[i + 1]].tolist()) for i in range(len(found.energy))]


@pytest.mark.parametrize("basis", ["households", "residents", "either"])
@pytest.mark.parametrize("unknown", [(), (3, 8)])
def test_all_connected_sets_in_range_are_found_once(basis, unknown):
    rng = np.random.default_rng(3)
    households, residents = rng.integers(0, 180, 12), rng.integers(0, 600, 12)
    residents[list(unknown)] = -1
    problem = problem_of(lattice(4, 3), households, Rules(basis=basis), residents=residents)
    sets = listed(all_sets(problem, 100_000))
    assert len(sets) == len(set(sets))
    tried = [each for size in range(1, 13) for each in combinations(range(12), size)]
    fitting = {
        each
        for each in tried
        if is_connected(problem, np.array(each))
        and assessed(restrict(problem, np.array(each)), np.zeros(len(each), np.int64), 0.0)[0] == 0
    }
    assert set(sets) == fitting
    assert len(fitting) > 5


def test_the_part_may_have_more_units_than_a_machine_word_has_bits():
    problem = problem_of(lattice(100, 1), [150] * 100, Rules(basis="households"))
    found = all_sets(problem, 1_000)
    assert sorted(listed(found)) == sorted([(u, u + 1) for u in range(99)] + [(u, u + 1, u + 2) for u in range(98)])
    alone = assessed(restrict(problem, np.array([4, 5])), np.zeros(2, np.int64), 0.0)[1]
    assert found.energy[listed(found).index((4, 5))] == pytest.approx(alone)


def test_none_is_returned_where_there_are_too_many():
    towers = problem_of(lattice(100, 1), [150] * 100, Rules(basis="households"))
    assert all_sets(towers, 50) is None
    meadows = problem_of(lattice(70, 1), [0] * 70, Rules(basis="households"))
    assert all_sets(meadows, 1_000_000) is None
