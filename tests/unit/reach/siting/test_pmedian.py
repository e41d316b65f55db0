import numpy as np
import pytest

from gis_service.errors import InputError
from gis_service.reach.siting.pmedian import p_median


def test_one_site_goes_to_the_weighted_median(line_town):
    problem = line_town([0, 100, 400], [0, 100, 400], households=[1, 1, 3])
    found = p_median(problem, count=1, longest_m=1000.0, cutoff_m=100.0)
    assert found.chosen.tolist() == [2]
    assert found.objective == 400.0 + 300.0
    assert found.before == 5 * 1000.0
    assert found.gain.tolist() == [5000.0 - 700.0]
    assert found.bound == found.objective
    assert (found.covered_before, found.covered_after) == (0.0, 3.0)


def test_a_site_beside_a_facility_that_stays_saves_little_and_is_not_chosen(line_town):
    problem = line_town([0, 100, 1000], [10, 990], households=[5, 5, 4], existing=[50])
    found = p_median(problem, count=1, longest_m=2000.0, cutoff_m=100.0)
    assert found.chosen.tolist() == [1]
    assert found.objective == 5 * 50 + 5 * 50 + 4 * 10


def test_walks_beyond_the_longest_that_counts_save_nothing(line_town):
    problem = line_town([0, 5000], [4000, 4900], limit_m=800.0)
    found = p_median(problem, count=2, longest_m=800.0, cutoff_m=100.0)
    assert found.chosen.tolist() == [1]
    assert found.objective == 800.0 + 100.0


def test_who_does_not_fit_keeps_walking_as_before(line_town):
    problem = line_town([0], [0, 100], households=[10], existing=[500], capacity=[4, np.inf])
    found = p_median(problem, count=1, longest_m=1000.0, cutoff_m=100.0)
    assert found.chosen.tolist() == [1]
    assert found.objective == pytest.approx(1000.0)
    both = p_median(problem, count=2, longest_m=1000.0, cutoff_m=100.0)
    assert both.objective == pytest.approx(600.0)
    assert both.covered_after == pytest.approx(10.0)
    assert both.gain.sum() == pytest.approx(both.before - both.objective)


def test_a_search_may_stop_at_a_gap(line_town):
    rng = np.random.default_rng(3)
    problem = line_town(rng.uniform(0, 9000, 300).round(), rng.uniform(0, 9000, 60).round(), limit_m=900.0)
    near = p_median(problem, count=7, longest_m=900.0, cutoff_m=500.0, enough_gap=0.05)
    best = p_median(problem, count=7, longest_m=900.0, cutoff_m=500.0)
    assert best.proved_optimal
    assert near.gap <= 0.05
    assert near.bound <= best.objective <= near.objective
    assert not near.stopped_by_limit


@pytest.mark.parametrize("wrong", [{"count": -1}, {"longest_m": 0.0}, {"longest_m": np.inf}])
def test_numbers_that_mean_nothing_are_refused(line_town, wrong):
    with pytest.raises(InputError, match="最长步行距离"):
        p_median(line_town([0], [0]), **({"count": 1, "longest_m": 9.0, "cutoff_m": 5.0} | wrong))
