import numpy as np
import pytest

from gis_service.errors import InputError
from gis_service.reach.siting.maximal import maximal_cover


def test_the_site_with_most_people_comes_first(line_town):
    problem = line_town([0, 1000, 2000], [0, 1000, 2000], households=[10, 70, 20])
    found = maximal_cover(problem, cutoff_m=100.0, count=2)
    assert found.chosen.tolist() == [1, 2]
    assert found.gain.tolist() == [70.0, 20.0]
    assert (found.before, found.objective, found.bound) == (0.0, 90.0, 90.0)


def test_greedy_choice_is_not_enough_and_the_best_pair_is_found(line_town):
    # The site in the middle covers most alone, yet the two beside it cover everybody.
    problem = line_town([0, 100, 200, 300], [50, 150, 250], households=[4, 5, 5, 4])
    found = maximal_cover(problem, cutoff_m=60.0, count=2)
    assert sorted(found.chosen) == [0, 2]
    assert found.objective == 18.0


def test_people_who_are_covered_already_count_but_do_not_draw_sites(line_town):
    problem = line_town([0, 1000], [0, 1000], households=[70, 20], existing=[50])
    found = maximal_cover(problem, cutoff_m=100.0, count=1)
    assert found.chosen.tolist() == [1]
    assert (found.covered_before, found.covered_after, found.objective) == (70.0, 90.0, 90.0)


def test_sites_that_cover_nobody_more_are_not_opened(line_town):
    problem = line_town([0], [0, 10, 20])
    assert len(maximal_cover(problem, cutoff_m=100.0, count=3).chosen) == 1
    assert len(maximal_cover(problem, cutoff_m=100.0, count=0).chosen) == 0


def test_covering_everybody_is_proved_best_without_a_search(line_town):
    rng = np.random.default_rng(4)
    homes = np.sort(rng.choice(6000, 300, replace=False)).tolist()
    problem = line_town(homes, homes[::3], households=rng.integers(1, 90, 300).tolist())
    told = []
    found = maximal_cover(
        problem, cutoff_m=300.0, count=25, time_limit_s=1e-9, progress=lambda *pair: told.append(pair)
    )
    assert found.objective == problem.households.sum()
    assert (found.proved_optimal, found.stopped_by_limit) == (True, False)
    assert told[-1] == (found.objective, found.objective)


def test_a_budget_buys_two_cheap_sites_rather_than_a_dear_one(line_town):
    problem = line_town([0, 1000, 2000], [0, 1000, 2000], households=[40, 70, 40], cost=[2, 4, 2])
    assert maximal_cover(problem, cutoff_m=100.0, count=3, budget=4.0).objective == 80.0
    assert maximal_cover(problem, cutoff_m=100.0, count=1, budget=4.0).objective == 70.0
    assert maximal_cover(problem, cutoff_m=100.0, count=3, budget=1.0).objective == 0.0


def test_a_full_site_covers_no_more_than_it_can_serve(line_town):
    problem = line_town([0, 1000], [0, 1000], households=[50, 30], capacity=[20, np.inf])
    found = maximal_cover(problem, cutoff_m=100.0, count=1)
    assert found.chosen.tolist() == [1]
    assert found.objective == pytest.approx(30.0)
    assert maximal_cover(problem, cutoff_m=100.0, count=2).objective == pytest.approx(50.0)


@pytest.mark.parametrize("wrong", [{"count": -1}, {"count": 1, "budget": -2.0}, {"count": 1, "budget": np.nan}])
def test_negative_numbers_are_refused(line_town, wrong):
    with pytest.raises(InputError, match="不能为负"):
        maximal_cover(line_town([0], [0]), cutoff_m=100.0, **wrong)
