"""What must hold of every siting answer, compared with all subsets of the candidates."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array

from gis_service.reach.siting.cover import set_cover
from gis_service.reach.siting.maximal import maximal_cover
from gis_service.reach.siting.pmedian import p_median
from gis_service.reach.siting.problem import SitingProblem
from gis_service.reach.siting.watch import start_watch

CUTOFF_M, LONGEST_M = 50.0, 90.0
quick = settings(deadline=None, max_examples=50)
seeds = st.integers(0, 2**32 - 1)
counts = st.integers(0, 4)


@st.composite
def problems(draw, *, costs=False, capacities=False, fractions=False):
    demand, candidates = draw(st.integers(0, 9)), draw(st.integers(0, 6))
    pairs = st.lists(st.sampled_from([0, 10, 30, 50, 51, 70, 90, 120, 999]), min_size=candidates, max_size=candidates)
    walks = np.array(draw(st.lists(pairs, min_size=demand, max_size=demand)), float).reshape(demand, candidates)
    weight = st.floats(0, 5, allow_subnormal=False) if fractions else st.integers(0, 9)
    households = np.array(draw(st.lists(weight, min_size=demand, max_size=demand)), float)
    near = st.sampled_from([5.0, 49.0, 50.0, 60.0, np.inf, np.inf, np.inf])
    existing = np.array(draw(st.lists(near, min_size=demand, max_size=demand)), float)
    amounts = st.lists(st.integers(1, 9), min_size=candidates, max_size=candidates)
    ids = draw(st.permutations([f"c{k}" for k in range(candidates)]))
    return SitingProblem(
        walk_m=stored(walks),
        households=households,
        existing_walk_m=existing,
        candidate_ids=tuple(ids),
        cost=np.array(draw(amounts), float) if costs else None,
        capacity=np.array(draw(amounts), float) if capacities else None,
    )


def stored(walks):
    """Return walks up to 120 m as a sparse matrix in which a walk of 0 m is stored."""
    row, column = np.nonzero(walks <= 120.0)
    start = np.r_[0, np.cumsum(np.bincount(row, minlength=len(walks)))]
    return csr_array((walks[row, column], column, start), shape=walks.shape)


def walks_with(problem, subset):
    """Return the walk of each demand point, counted pair by pair."""
    walks = problem.existing_walk_m.copy()
    matrix = problem.walk_m.tocoo()
    for i, j, walk_m in zip(*matrix.coords, matrix.data, strict=True):
        if j in subset:
            walks[i] = min(walks[i], walk_m)
    return walks


def subsets(problem, most=None):
    candidates = len(problem.candidate_ids)
    sizes = range(min(candidates, candidates if most is None else most) + 1)
    return [set(subset) for size in sizes for subset in combinations(range(candidates), size)]


def covered(problem, subset):
    return problem.households[walks_with(problem, subset) <= CUTOFF_M].sum()


def walked(problem, subset):
    return (problem.households * np.minimum(walks_with(problem, subset), LONGEST_M)).sum()


def priced(problem, subset):
    return sum(problem.costs[list(subset)])


@quick
@given(problems(costs=True))
def test_set_cover_is_the_cheapest_of_all_subsets(problem):
    found = set_cover(problem, cutoff_m=CUTOFF_M)
    coverable = covered(problem, set(range(len(problem.candidate_ids))))
    cheapest = min(priced(problem, subset) for subset in subsets(problem) if covered(problem, subset) == coverable)
    assert found.objective == found.bound == cheapest == priced(problem, found.chosen)
    assert covered(problem, set(found.chosen)) == coverable == found.covered_after
    lost = problem.households[found.uncoverable]
    assert lost.sum() + coverable == problem.households.sum()
    assert (lost > 0).all()


@quick
@given(problems(costs=True, fractions=True), st.floats(0, 1))
def test_a_share_is_covered_by_the_cheapest_of_all_subsets(problem, part):
    total = problem.households.sum()
    most = covered(problem, set(range(len(problem.candidate_ids))))
    share = part * most / total if total > 0 else 0.0
    found = set_cover(problem, cutoff_m=CUTOFF_M, share=min(share, 1.0))
    enough = share * total - 1e-6
    cheapest = min(priced(problem, subset) for subset in subsets(problem) if covered(problem, subset) >= enough)
    assert found.objective == found.bound == priced(problem, found.chosen)
    assert found.objective == cheapest
    assert found.covered_after >= enough


@quick
@given(problems(), counts)
def test_maximal_cover_is_the_best_of_all_subsets(problem, count):
    found = maximal_cover(problem, cutoff_m=CUTOFF_M, count=count)
    best = max(covered(problem, subset) for subset in subsets(problem, count))
    assert found.objective == found.bound == best == covered(problem, set(found.chosen)) == found.covered_after
    assert found.proved_optimal
    assert len(found.chosen) <= count
    assert found.before + found.gain.sum() == found.objective
    assert found.newly_covered.tolist() == found.gain.tolist()
    assert (np.diff(found.gain) <= 0).all()


@quick
@given(problems(costs=True), counts, st.integers(0, 20))
def test_maximal_cover_within_a_budget_is_the_best_of_all_affordable_subsets(problem, count, budget):
    found = maximal_cover(problem, cutoff_m=CUTOFF_M, count=count, budget=float(budget))
    best = max(covered(problem, subset) for subset in subsets(problem, count) if priced(problem, subset) <= budget)
    assert found.objective == found.bound == best
    assert priced(problem, found.chosen) <= budget


@quick
@given(problems(fractions=True), counts)
def test_p_median_is_the_best_of_all_subsets(problem, count):
    found = p_median(problem, count=count, longest_m=LONGEST_M, cutoff_m=CUTOFF_M)
    best = min(walked(problem, subset) for subset in subsets(problem, count))
    assert np.isclose(found.objective, best, rtol=1e-6, atol=1e-6)
    assert np.isclose(found.objective, walked(problem, set(found.chosen)), rtol=1e-9, atol=1e-9)
    assert found.bound <= found.objective
    assert found.bound <= best + 1e-6
    assert found.gap <= 1e-6 or best < 1e-6
    assert np.isclose(found.before - found.gain.sum(), found.objective, atol=1e-6)
    assert np.isclose(found.covered_after, covered(problem, set(found.chosen)))
    assert np.isclose(found.covered_before + found.newly_covered.sum(), found.covered_after)


@quick
@given(problems(), st.integers(0, 3))
def test_one_more_site_is_never_worse(problem, count):
    def answers(sites):
        cover = maximal_cover(problem, cutoff_m=CUTOFF_M, count=sites)
        median = p_median(problem, count=sites, longest_m=LONGEST_M, cutoff_m=CUTOFF_M)
        return cover.objective, median.objective

    (fewer_covered, longer), (more_covered, shorter) = answers(count), answers(count + 1)
    assert more_covered >= fewer_covered
    assert shorter <= longer


@quick
@given(problems(costs=True), counts, seeds)
def test_the_order_of_demand_and_candidates_changes_nothing(problem, count, seed):
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(problem.households)), rng.permutation(len(problem.candidate_ids))
    shuffled = SitingProblem(
        walk_m=csr_array(problem.walk_m[rows][:, columns]),
        households=problem.households[rows],
        existing_walk_m=problem.existing_walk_m[rows],
        candidate_ids=tuple(problem.candidate_ids[j] for j in columns),
        cost=problem.costs[columns],
    )
    for solve in (
        lambda given: set_cover(given, cutoff_m=CUTOFF_M),
        lambda given: maximal_cover(given, cutoff_m=CUTOFF_M, count=count),
        lambda given: maximal_cover(given, cutoff_m=CUTOFF_M, count=count, budget=7.0),
        lambda given: p_median(given, count=count, longest_m=LONGEST_M, cutoff_m=CUTOFF_M),
    ):
        first, again = solve(problem), solve(shuffled)
        assert [problem.candidate_ids[j] for j in first.chosen] == [shuffled.candidate_ids[j] for j in again.chosen]
        assert (first.objective, first.bound) == (again.objective, again.bound)
        assert first.gain.tolist() == again.gain.tolist()


@quick
@given(problems(fractions=True), counts)
def test_a_search_that_has_no_time_still_answers_with_a_true_bound(problem, count):
    cover = maximal_cover(problem, cutoff_m=CUTOFF_M, count=count, time_limit_s=0.0)
    most = max(covered(problem, subset) for subset in subsets(problem, count))
    assert cover.objective - 1e-9 <= most <= cover.bound + 1e-9
    assert cover.stopped_by_limit == (cover.objective != cover.bound)
    median = p_median(problem, count=count, longest_m=LONGEST_M, cutoff_m=CUTOFF_M, time_limit_s=0.0)
    shortest = min(walked(problem, subset) for subset in subsets(problem, count))
    assert median.bound - 1e-6 <= shortest <= median.objective + 1e-6
    cheapest = set_cover(problem, cutoff_m=CUTOFF_M, time_limit_s=0.0)
    proved = set_cover(problem, cutoff_m=CUTOFF_M)
    assert cheapest.bound <= proved.objective <= cheapest.objective
    assert cheapest.covered_after == proved.covered_after


@quick
@given(problems(costs=True), counts, st.sampled_from([0.02, 0.3, 2.0]))
def test_a_gap_that_is_enough_is_kept(problem, count, gap):
    for found in (
        set_cover(problem, cutoff_m=CUTOFF_M, enough_gap=gap),
        maximal_cover(problem, cutoff_m=CUTOFF_M, count=count, enough_gap=gap),
        maximal_cover(problem, cutoff_m=CUTOFF_M, count=count, budget=9.0, enough_gap=gap),
        p_median(problem, count=count, longest_m=LONGEST_M, cutoff_m=CUTOFF_M, enough_gap=gap),
    ):
        assert found.gap <= gap
        assert not found.stopped_by_limit


def served_at_most(problem, subset, gain):
    """Return the largest gain of households sent to open sites with room, by linear programming."""
    matrix = problem.walk_m.tocoo()
    pairs = [(i, j, gain(i, d)) for i, j, d in zip(*matrix.coords, matrix.data, strict=True) if j in subset]
    pairs = [(i, j, g) for i, j, g in pairs if g > 0]
    if not pairs:
        return 0.0
    limits = np.zeros((len(problem.households) + len(problem.candidate_ids), len(pairs)))
    for k, (i, j, _) in enumerate(pairs):
        limits[i, k] = limits[len(problem.households) + j, k] = 1.0
    room = np.r_[problem.households, problem.capacity]
    return -linprog([-g for _, _, g in pairs], A_ub=limits, b_ub=room).fun


@settings(deadline=None, max_examples=25)
@given(problems(costs=True, capacities=True), st.integers(0, 3))
def test_capacities_are_kept_and_the_best_of_all_subsets_is_found(problem, count):
    def newly(i, walk_m):
        return float(walk_m <= CUTOFF_M < problem.existing_walk_m[i])

    def saved(i, walk_m):
        return min(problem.existing_walk_m[i], LONGEST_M) - walk_m

    cover = maximal_cover(problem, cutoff_m=CUTOFF_M, count=count)
    best = max(served_at_most(problem, subset, newly) for subset in subsets(problem, count))
    assert np.isclose(cover.objective, cover.before + best, atol=1e-5)
    assert np.isclose(cover.bound, cover.objective, atol=1e-5)
    assert (cover.gain <= problem.capacity[cover.chosen] + 1e-5).all()
    median = p_median(problem, count=count, longest_m=LONGEST_M, cutoff_m=CUTOFF_M)
    best = max(served_at_most(problem, subset, saved) for subset in subsets(problem, count))
    assert np.isclose(median.objective, median.before - best, atol=1e-4)
    for found in (cover, median):
        assert (found.newly_covered <= problem.capacity[found.chosen] + 1e-5).all()
        assert np.isclose(found.covered_before + found.newly_covered.sum(), found.covered_after)
    assert np.isclose(cover.newly_covered, cover.gain).all()
    all_sites = set(range(len(problem.candidate_ids)))
    most = served_at_most(problem, all_sites, newly)
    cheapest = min(
        priced(problem, subset) for subset in subsets(problem) if served_at_most(problem, subset, newly) >= most - 1e-5
    )
    everybody = set_cover(problem, cutoff_m=CUTOFF_M)
    assert np.isclose(everybody.objective, cheapest)
    assert np.isclose(everybody.covered_after, everybody.covered_before + most, atol=1e-4)


def test_watch_measures_the_objective():
    told = []
    watch = start_watch(None, 0.1, lambda best, bound: told.append((best, bound))).measuring(100.0, -1.0)
    watch.tell(20.0, 25.0)
    assert told == [(80.0, 75.0)]
    assert watch.is_enough(20.0, 28.0)
    assert not watch.is_enough(20.0, 29.0)
