"""Which parts of a community are solved by themselves."""

import numpy as np

from gis_service.partition.parts import LOCKED, parts_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import graph_of, lattice

HOUSEHOLDS = Rules(basis="households")


def parts(cells, households, *, locked=None, rules=HOUSEHOLDS):
    unknown = np.full(len(cells), -1, dtype=np.int64)
    free = unknown if locked is None else np.asarray(locked, dtype=np.int64)
    return parts_of(graph_of(cells), np.asarray(households, dtype=np.int64), unknown, rules, free).tolist()


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


def test_a_dormitory_without_households_stands_alone_by_its_residents():
    cells = [(0, 0), (5, 0), (6, 0)]
    people = np.array([1200, 0, 1000])
    found = parts_of(graph_of(cells), np.array([0, 400, 0]), people, Rules(), np.full(3, -1))
    assert found.tolist() == [0, 1, 1]
