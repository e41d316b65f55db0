"""First choices under capacities: worked out by hand, and never worse off for a short time limit."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from gis_service.errors import InputError
from gis_service.reach.siting.cover import set_cover
from gis_service.reach.siting.demand import covering_demand, walking_demand
from gis_service.reach.siting.maximal import maximal_cover
from gis_service.reach.siting.pmedian import p_median
from gis_service.reach.siting.problem import SitingProblem
from gis_service.reach.siting.serving import least_cost_bound, serve_greedily, serve_most, served_by_all, trimmed


@pytest.fixture
def crowded(line_town):
    """Two houses both sites reach, one house only the second does; each site has room for 10."""
    return line_town([0, 0, 200], [0, 100], households=[6, 4, 8], capacity=[10, 10], limit_m=100.0)


def test_all_together_serve_as_many_as_fit(crowded):
    demand = covering_demand(crowded, 100.0)
    served = served_by_all(demand, crowded.capacity)
    assert served.gain(demand) == pytest.approx(18.0)
    by_site = np.bincount(demand.pairs.candidate, weights=served.flow)
    assert (by_site <= 10.0 + 1e-6).all()


def test_the_site_with_most_takes_those_first_who_have_no_other(crowded):
    demand = covering_demand(crowded, 100.0)
    served = serve_greedily(demand, crowded.capacity, np.ones(2), 18.0)
    assert served.is_open.tolist() == [True, True]
    assert served.gain(demand) == 18.0


def test_greedy_serving_ends_with_the_target(crowded):
    demand = covering_demand(crowded, 100.0)
    served = serve_greedily(demand, crowded.capacity, np.ones(2), 9.0)
    assert served.is_open.sum() == 1


def test_what_the_target_can_spare_is_closed_the_least_for_its_cost_first(line_town):
    problem = line_town([0, 1000, 2000], [0, 1000, 2000], households=[5, 6, 7], capacity=[9, 9, 9], limit_m=100.0)
    demand = covering_demand(problem, 100.0)
    everything = served_by_all(demand, problem.capacity)
    assert trimmed(everything, demand, np.ones(3), 12.0).is_open.tolist() == [False, True, True]
    assert trimmed(everything, demand, np.array([1.0, 9.0, 1.0]), 12.0).is_open.tolist() == [True, False, True]
    assert trimmed(everything, demand, np.ones(3), 18.0).is_open.all()


def test_no_choice_costs_less_than_the_cheapest_room(line_town):
    problem = line_town([0, 1000], [0, 1000], households=[5, 20], capacity=[9, 10], limit_m=100.0)
    demand = covering_demand(problem, 100.0)
    # Rooms hold 5 (all there are) and 10: 12 households take the second and two fifths of the first.
    assert least_cost_bound(demand, problem.capacity, np.array([3.5, 2.0]), 12.0) == pytest.approx(2.0 + 0.4 * 3.5)
    assert least_cost_bound(demand, problem.capacity, np.array([3.0, 2.0]), 12.0) == 4.0
    assert least_cost_bound(demand, problem.capacity, np.ones(2), 0.0) == 0.0


@pytest.fixture(scope="module")
def city():
    """400 houses and 60 sites at random, each site with room for its share and nearly a third more."""
    random = np.random.default_rng(3)
    houses, sites = random.uniform(0, 3000, (400, 2)), random.uniform(0, 3000, (60, 2))
    households = random.integers(1, 200, 400).astype(float)
    walk_m = np.hypot(*(houses[:, None] - sites[None]).transpose(2, 0, 1))
    row, column = np.nonzero(walk_m <= 900)
    return SitingProblem(
        walk_m=csr_array((walk_m[row, column], (row, column)), shape=walk_m.shape),
        households=households,
        existing_walk_m=np.full(400, np.inf),
        candidate_ids=tuple(f"s{k}" for k in range(60)),
        capacity=np.full(60, 1.3 * households.sum() / 60),
    )


@pytest.mark.parametrize("limit_s", [0.0, 0.2])
def test_a_time_limit_makes_no_reachable_share_unreachable(city, limit_s):
    found = set_cover(city, cutoff_m=900.0, share=0.5, time_limit_s=limit_s)
    assert found.covered_after >= 0.5 * city.households.sum() - 1e-6
    # Each site serves 1.3 / 60 of all at most: 24 are needed, and nobody needs them all.
    assert found.objective <= 30.0
    assert found.bound >= 24.0


def test_a_share_beyond_all_rooms_is_refused_with_those_missing_even_when_no_time_is_left(line_town):
    problem = line_town([0, 1000], [0, 1000], households=[10, 10], capacity=[10, 7])
    with pytest.raises(InputError) as refused:
        set_cover(problem, cutoff_m=100.0, share=0.9, time_limit_s=0.0)
    assert "85.0%" in refused.value.text.zh
    assert "还差 1 户" in refused.value.text.zh


def test_sites_serve_those_first_who_gain_most_until_count_or_budget_is_used(line_town):
    problem = line_town([0, 60, 2000], [0, 2000], households=[5, 5, 3], existing=[300], capacity=[6, 9])
    demand = walking_demand(problem, 900.0)
    # The first site saves its five neighbours 300 m each and one of the others 240 - 60 m; the second saves 900 m each.
    served = serve_most(demand, problem.capacity, count=1, cost=np.ones(2), budget=np.inf)
    assert served.is_open.tolist() == [False, True]
    assert served.gain(demand) == pytest.approx(3 * 900.0)
    assert served.bound == pytest.approx(3 * 900.0)
    both = serve_most(demand, problem.capacity, count=2, cost=np.ones(2), budget=np.inf)
    assert both.gain(demand) == pytest.approx(5 * 300.0 + 180.0 + 3 * 900.0)
    assert both.bound == pytest.approx(both.gain(demand))
    # For the money the first one saves more: 1680 m for 1 against 2700 m for 2, of which half could be paid.
    cheap = serve_most(demand, problem.capacity, count=2, cost=np.array([1.0, 2.0]), budget=2.0)
    assert cheap.is_open.tolist() == [True, False]
    assert cheap.bound == pytest.approx(1680.0 + 1350.0)


@pytest.mark.parametrize("limit_s", [0.0, 0.05, 30.0])
@pytest.mark.parametrize("budget", [None, 11.5])
def test_without_time_the_best_cover_under_capacities_is_known_with_a_finite_gap(city, limit_s, budget):
    told = []
    found = maximal_cover(
        city, cutoff_m=900.0, count=20, budget=budget, time_limit_s=limit_s, progress=lambda *pair: told.append(pair)
    )
    whole = city.households.sum()
    # Twenty, or eleven, of sixty rooms with 1.3 / 60 of all households each.
    rooms = 20 if budget is None else 11
    assert 0.9 * rooms * 1.3 / 60 * whole <= found.objective <= found.bound + 1e-6
    assert found.bound <= (rooms + (budget is not None) * 0.5) * 1.3 / 60 * whole + 1e-6
    assert found.gap < 0.12
    assert len(found.chosen) <= rooms
    assert told[0][0] <= told[-1][0]


def test_more_pairs_than_fit_into_memory_leave_the_first_choice_with_its_bound(city, monkeypatch):
    monkeypatch.setattr("gis_service.reach.siting.capacitated.MOST_PAIRS", 0)
    monkeypatch.setattr("gis_service.reach.siting.capacitated.solve", lambda *_: pytest.fail("searched"))
    walked = p_median(city, count=20, longest_m=2700.0, cutoff_m=900.0)
    shared = set_cover(city, cutoff_m=900.0, share=0.5)
    assert 0.0 < walked.gap < 0.25
    assert shared.objective <= 30.0
    assert not walked.stopped_by_limit
    assert not shared.stopped_by_limit


def test_rooms_for_everybody_are_proved_best_without_a_search(line_town, monkeypatch):
    monkeypatch.setattr("gis_service.reach.siting.capacitated.solve", lambda *_: pytest.fail("searched"))
    people, rooms = [0.1, 1070.3, 2200.7, 3333.3], [0.4, 1000.9, 2300.2, 3350.6]
    problem = line_town(people, rooms, households=[3, 7, 5, 9], capacity=[99] * 4)
    found = p_median(problem, count=4, longest_m=900.0, cutoff_m=100.0)
    assert found.proved_optimal
    assert found.gap == 0.0


@pytest.mark.parametrize("limit_s", [0.0, 5.0])
def test_without_time_the_shortest_walks_under_capacities_are_known_with_a_finite_gap(city, limit_s):
    found = p_median(city, count=20, longest_m=2700.0, cutoff_m=900.0, time_limit_s=limit_s)
    assert len(found.chosen) == 20
    assert found.bound <= found.objective < found.before
    assert found.gap < 0.25
