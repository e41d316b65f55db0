import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from gis_service.reach.siting.exact import choice_programme
from gis_service.reach.siting.gains import Pairs, merged_rows, sorted_gains
from gis_service.reach.siting.highs import solve
from gis_service.reach.siting.most_gain import most_gain
from gis_service.reach.siting.watch import start_watch


def random_gains(seed, rows, candidates, share, *, whole):
    rng = np.random.default_rng(seed)
    row, candidate = np.nonzero(rng.random((rows, candidates)) < share)
    weight = rng.integers(1, 9, rows).astype(float)
    value = np.ones(len(row)) if whole else rng.integers(1, 50, len(row)).astype(float)
    return sorted_gains(Pairs(row, candidate, value * weight[row]), candidates)


def plain_optimum(gains, count):
    """Return the optimum of the textbook programme with one variable per pair."""
    size, candidates, rows = len(gains.gain), len(gains.column_start) - 1, len(gains.start) - 1
    row, pair = np.repeat(np.arange(rows), np.diff(gains.start)), np.arange(size)
    value = np.r_[np.ones(size), np.ones(size), -np.ones(size), np.ones(candidates)]
    line = np.r_[row, rows + pair, rows + pair, np.full(candidates, rows + size)]
    column = np.r_[candidates + pair, candidates + pair, gains.candidate, np.arange(candidates)]
    matrix = coo_array((value, (line, column)), shape=(rows + size + 1, candidates + size)).tocsr()
    limit = np.r_[np.ones(rows), np.zeros(size), count]
    found = milp(
        np.r_[np.zeros(candidates), -gains.gain],
        integrality=np.r_[np.ones(candidates), np.zeros(size)],
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, limit),
        options={"mip_rel_gap": 0.0},
    )
    return -found.fun


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_the_optimum_is_that_of_the_textbook_programme(seed, whole):
    gains = random_gains(seed, 60, 24, 0.15, whole=whole)
    told = []
    watch = start_watch(None, 0.0, lambda best, bound: told.append((best, bound)))
    found = most_gain(gains, 6, step=1.0, watch=watch)
    expected = plain_optimum(gains, 6)
    assert found.value == pytest.approx(expected, rel=1e-9)
    assert found.bound == found.value
    assert found.is_open.sum() <= 6
    assert all(best <= expected + 1e-6 and bound >= expected - 1e-6 for best, bound in told)
    assert [best for best, _ in told] == sorted(best for best, _ in told)
    assert [bound for _, bound in told] == sorted((bound for _, bound in told), reverse=True)


def test_rows_share_the_sets_of_nearest_candidates_they_have_in_common():
    # Both rows have candidate 0 nearest and 1 next; sets {0}, {0, 1} and {0, 1, 2} are enough for them.
    pairs = Pairs(np.array([0, 0, 1, 1, 1]), np.array([0, 1, 0, 1, 2]), np.array([9.0, 4.0, 8.0, 6.0, 1.0]))
    programme = choice_programme(sorted_gains(pairs, 3), 1)
    assert len(programme.cost) == 3 + 3
    assert sorted(-programme.cost[3:]) == [1.0, 2.0 + 5.0, 4.0 + 5.0]
    found = solve(programme, start_watch(None, 0.0, None), 0.0)
    assert found.bound == pytest.approx(-17.0)


def test_equal_rows_are_merged_whatever_their_order():
    pairs = Pairs(np.array([0, 1, 1, 2, 3]), np.array([5, 5, 6, 5, 5]), np.array([1.0, 1.0, 1.0, 1.0, 2.0]))
    merged, weight, trait = merged_rows(pairs, np.array([2.0, 3.0, 4.0, 7.0]), np.zeros(4))
    assert sorted(weight) == [3.0, 6.0, 7.0]
    assert len(merged.row) == 4
    assert trait.tolist() == [0.0, 0.0, 0.0]
    _, weight, trait = merged_rows(pairs, np.array([2.0, 3.0, 4.0, 7.0]), np.array([1.0, 0.0, 2.0, 0.0]))
    assert sorted(weight) == [2.0, 3.0, 4.0, 7.0]
    assert sorted(trait) == [0.0, 0.0, 1.0, 2.0]
