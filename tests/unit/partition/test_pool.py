"""Whatever was found for one wish serves the others: no plan leaves a grid out of range that another brought in."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gis_service.partition.groundwork import Groundwork, groundwork_of
from gis_service.partition.pool import Runs, assigned, avoidable, pool, reassessed
from gis_service.partition.refinement import PartBound, Refined, problem_of_part
from gis_service.partition.windows import settle
from gis_service.plan.priorities import WISHES, soft_order
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import lattice
from tests.unit.partition.problems import problem_of
from tests.unit.partition.test_alternatives import stored
from tests.unit.partition.test_propose import community_of

RULES = Rules(basis="households")
CELLS = lattice(4, 2)
HALVES, LOPSIDED, ROWS = (np.array(each) for each in ([0, 0, 1, 1] * 2, [0, 0, 0, 1] * 2, [0] * 4 + [1] * 4))


@dataclass
class Found:
    """Runs whose results are given by wish and attempt; an unlisted one must not be asked for."""

    ground: Groundwork
    of: dict

    def solved(self, rules, attempt):
        return self.of[rules.soft_order[2], attempt]

    def refined(self, rules, attempt):
        labels = self.of[rules.soft_order[2], attempt]
        units = np.arange(len(CELLS))
        unproven = PartBound(units, 0, 99, 0, "none", 0.0, -np.inf, np.inf, proven=False, found=99)
        return Refined(labels, (reassessed(self.ground, rules, unproven, labels),))


@pytest.fixture(scope="module")
def ground():
    return groundwork_of(community_of(CELLS, [100] * 8, rules=RULES), stored(CELLS, [100] * 8))


def wishing(wish):
    return replace(RULES, soft_order=soft_order(wish))


def test_a_wish_takes_what_was_found_for_another_where_that_has_fewer_grids_out_of_range(ground):
    found = Found(ground, {("lines", 0): LOPSIDED, ("compactness", 0): HALVES, ("balance", 0): LOPSIDED})
    for wish in WISHES:
        result = assigned(found, wishing(wish))
        assert [bound.missed for bound in result.bounds] == [0]
        assert result.labels.tolist() == HALVES.tolist()


def test_a_division_without_avoidable_misses_stays_and_nothing_else_is_tried(ground):
    assert assigned(Found(ground, {("lines", 0): ROWS}), wishing("lines")).labels.tolist() == ROWS.tolist()


def test_other_seeds_are_tried_where_all_wishes_leave_grids_out_of_range(ground):
    bad = {(wish, attempt): LOPSIDED for wish in WISHES for attempt in range(3)}
    found = Found(ground, {**bad, ("balance", 1): HALVES})
    assert len(pool(found, RULES)) == 4
    assert assigned(found, wishing("lines")).labels.tolist() == HALVES.tolist()
    hopeless = assigned(Found(ground, bad), wishing("lines"))
    assert [avoidable(bound) for bound in hopeless.bounds] == [True]


def test_the_pool_does_not_depend_on_what_goes_first(ground):
    runs = Runs(ground, 5)
    pools = [[one.labels.tolist() for one in pool(runs, wishing(wish))] for wish in WISHES]
    assert pools[0] == pools[1] == pools[2]


def test_settling_makes_shapes_better_and_leaves_the_grids_out_of_range_as_many():
    problem = problem_of(CELLS, [100] * 8, RULES)
    assert settle(problem, ROWS).tolist() == HALVES.tolist()
    tight = problem_of(CELLS, [600, 10, 10, 10, 10, 10, 10, 10], RULES)
    settled = settle(tight, np.array([0, 0, 0, 1, 0, 0, 1, 1]))
    assert len(np.unique(settled)) == 2


def test_emphasis_makes_the_wish_count_more_beside_the_others(ground):
    def spread(wish, emphasis):
        return problem_of_part(ground.bundles, np.arange(8), wishing(wish), emphasis=emphasis).size.spread

    assert spread("balance", 4.0) == pytest.approx(4 * spread("balance", 1.0))
    assert spread("compactness", 4.0) == pytest.approx(spread("compactness", 1.0) / 4)
    assert spread("lines", 4.0) == pytest.approx(spread("lines", 1.0))
