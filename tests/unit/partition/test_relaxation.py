"""Misses proven although empty land makes too many divisions to list."""

import numpy as np
import pytest

from gis_service.partition.misses import assessed, credit
from gis_service.partition.relaxation import least_misses
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import lattice
from tests.unit.partition.problems import best_by_trying, problem_of, random_problem

HOUSEHOLDS = Rules(basis="households")


def test_two_units_too_many_for_one_grid_and_too_few_for_two_are_proven_across_empty_land():
    # 280 + 280 is above 500 and each alone below 300, whatever becomes of the 38 empty units between them.
    households = [280, *[0] * 38, 280]
    assert least_misses(problem_of(lattice(8, 5), households, HOUSEHOLDS)) == 1


def test_units_that_only_empty_land_joins_may_share_a_grid():
    households = [200, *[0] * 38, 200]
    assert least_misses(problem_of(lattice(8, 5), households, HOUSEHOLDS)) == 0


def test_units_apart_by_other_people_do_not_meet():
    # The ends together would be 500, but what lies between them has 300 households of its own.
    assert least_misses(problem_of(lattice(3, 1), [250, 300, 250], HOUSEHOLDS)) == 2


def test_nothing_is_said_of_more_units_than_can_be_listed():
    assert least_misses(problem_of(lattice(13, 5), [100] * 65, HOUSEHOLDS)) == 0


@pytest.mark.parametrize("basis", ["households", "either", "residents"])
@pytest.mark.parametrize("seed", range(6))
def test_no_assignment_has_fewer_misses(seed, basis):
    problem, labels = random_problem(seed, Rules(basis=basis))
    emptied = np.arange(len(labels)) % 3 == 1
    weight = problem.weight.copy()
    weight[emptied, :2] = 0.0
    sparse = problem._replace(weight=weight)
    assert least_misses(sparse) <= best_by_trying(sparse)[0] <= assessed(sparse, labels, credit(sparse))[0]
