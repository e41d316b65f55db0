"""First choices under capacities: worked out by hand, and never worse off for a short time limit."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from gis_service.errors import InputError
from gis_service.reach.siting.cover import set_cover
from gis_service.reach.siting.demand import covering_demand
from gis_service.reach.siting.problem import SitingProblem
from gis_service.reach.siting.serving import least_cost_bound, serve_greedily, served_by_all, trimmed


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
