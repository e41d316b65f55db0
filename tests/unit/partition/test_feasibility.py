"""Which parts are solved by themselves, and what arithmetic says about their totals."""

import numpy as np
import pytest

from gis_service.partition.feasibility import LOCKED, most_grids, parts_of, target_count
from gis_service.plan.arithmetic import may_fit
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import graph_of, lattice

HOUSEHOLDS = Rules(basis="households")
RESIDENTS = Rules(basis="residents")
EITHER = Rules()


def parts(cells, households, *, locked=None, rules=HOUSEHOLDS):
    unknown = np.full(len(cells), -1, dtype=np.int64)
    free = unknown if locked is None else np.asarray(locked, dtype=np.int64)
    return parts_of(graph_of(cells), np.asarray(households, dtype=np.int64), unknown, rules, free).tolist()


def test_only_totals_below_300_and_from_501_to_599_cannot_fit_by_households():
    impossible = [total for total in range(1, 3000) if not may_fit(total, None, HOUSEHOLDS)]
    assert impossible == [*range(1, 300), *range(501, 600)]


@pytest.mark.parametrize(
    ("households", "residents", "rules", "fits"),
    [
        (550, 1400, EITHER, True),  # one grid by residents
        (250, 900, EITHER, False),
        (599, 1999, EITHER, True),  # 300 households and 999 people; 299 households and 1000 people
        (550, 999, EITHER, False),
        (550, 1400, HOUSEHOLDS, False),
        (400, 900, RESIDENTS, False),
        (400, None, RESIDENTS, True),
    ],
)
def test_what_fits_depends_on_the_basis(households, residents, rules, fits):
    assert may_fit(households, residents, rules) is fits


@pytest.mark.parametrize(
    ("households", "residents", "rules", "most"),
    [
        (299, None, EITHER, 1),
        (600, None, HOUSEHOLDS, 2),
        (600, 3000, RESIDENTS, 3),
        (599, 1999, EITHER, 2),
        (0, 0, EITHER, 1),
    ],
)
def test_most_grids_counts_how_often_a_minimum_can_be_reached(households, residents, rules, most):
    assert most_grids(households, residents, rules) == most


@pytest.mark.parametrize(
    ("households", "residents", "rules", "count"),
    [
        (4000, None, EITHER, 10),
        (1000, None, HOUSEHOLDS, 3),  # 333 each is nearer to 400 than 500 each
        (2772, 4200, RESIDENTS, 3),
        (2772, 4200, HOUSEHOLDS, 7),
        (550, 1400, EITHER, 1),
        (550, None, EITHER, 1),
        (0, 0, EITHER, 1),
    ],
)
def test_the_target_is_the_number_whose_mean_is_nearest_the_middle_of_the_range(households, residents, rules, count):
    assert target_count(households, residents, rules) == count


def test_a_connected_community_is_one_part():
    assert parts(lattice(3, 2), [100] * 6) == [0] * 6


def test_islands_that_fit_alone_stay_alone():
    cells = [(0, 0), (1, 0), (5, 0), (6, 0)]
    assert parts(cells, [200, 200, 200, 200]) == [0, 0, 1, 1]


def test_an_island_that_cannot_stand_alone_joins_across_the_bridge():
    cells = [(0, 0), (1, 0), (5, 0), (9, 0), (10, 0)]
    assert parts(cells, [200, 200, 60, 200, 240]) == [0, 0, 0, 1, 1]


def test_an_island_joins_the_side_with_which_it_fits():
    cells = [(0, 0), (1, 0), (5, 0), (9, 0), (10, 0)]
    assert parts(cells, [250, 220, 60, 200, 200]) == [0, 0, 1, 1, 1]  # 470 + 60 = 530 would fit no number of grids


def test_an_island_without_households_joins():
    assert parts([(0, 0), (1, 0), (5, 0)], [200, 200, 0]) == [0, 0, 0]


def test_special_land_separates_and_belongs_to_no_part():
    cells = lattice(3, 1)
    assert parts(cells, [400, 0, 80], locked=[-1, 0, -1]) == [0, LOCKED, 1]


def test_a_community_of_special_land_only_has_no_part():
    assert parts(lattice(2, 1), [0, 0], locked=[0, 0]) == [LOCKED, LOCKED]


def test_a_target_sets_the_number_of_grids():
    assert target_count(3600, None, Rules()) == 9
    assert target_count(3600, None, Rules(target_households=330)) == 11
    assert target_count(3600, None, Rules(target_households=500)) == 8
    assert target_count(500, None, Rules(target_households=300)) == 1
