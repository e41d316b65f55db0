"""Maximal covering: the N more facilities, or those a budget buys, that cover most households."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gis_service.errors import InputError, Text
from gis_service.reach.siting.answers import answer, answer_served
from gis_service.reach.siting.capacitated import most_served
from gis_service.reach.siting.choice import Choice
from gis_service.reach.siting.demand import Demand, covered_households, covering_demand
from gis_service.reach.siting.dominance import without_beaten
from gis_service.reach.siting.exact import choice_programme
from gis_service.reach.siting.gains import Gains
from gis_service.reach.siting.highs import solve
from gis_service.reach.siting.interchange import choose_greedily, total_gain
from gis_service.reach.siting.most_gain import most_gain
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.serving import serve_most
from gis_service.reach.siting.watch import Progress, Watch, start_watch


def maximal_cover(
    problem: SitingProblem,
    *,
    cutoff_m: float,
    count: int,
    budget: float | None = None,
    time_limit_s: float | None = None,
    enough_gap: float = 0.0,
    progress: Progress | None = None,
) -> Siting:
    """Return the choice of at most `count` candidates within the budget with which most households are covered.

    ``max sum_i w_i z_i`` with ``z_i <= sum_{j: d_ij <= R} y_j`` and ``sum_j y_j <= N`` (Church and ReVelle 1974).

    Parameters
    ----------
    problem
        Demand and candidates; with capacities, a site covers no more households than it can serve.
    cutoff_m
        Longest walk that covers [m], inclusive.
    count
        How many candidates may be opened, >= 0.
    budget
        What they may cost together, >= 0; None: anything.
    time_limit_s
        When to stop with the best known [s]; None: not before it is done.
    enough_gap
        Relative gap at which to stop, >= 0.
    progress
        Told the best objective and its bound.

    Returns
    -------
    Siting
        Objective, bound, `before` and gains in households. A site that covers nobody more is not opened.

    Raises
    ------
    InputError
        `count` or `budget` is negative.
    """
    if count < 0 or (budget is not None and not budget >= 0.0):
        raise InputError(
            Text(
                f"新增数量 {count} 与预算 {budget} 不能为负",
                f"{count} sites within a budget of {budget}: neither may be negative",
            )
        )
    before = covered_households(problem, cutoff_m, np.zeros(0, np.int64))
    watch = start_watch(time_limit_s, enough_gap, progress).measuring(before, 1.0)
    demand = covering_demand(problem, cutoff_m)
    cost = problem.costs[demand.candidate]
    if problem.capacity is not None:
        capacity, most = problem.capacity[demand.candidate], np.inf if budget is None else budget
        known = serve_most(demand, capacity, count=count, cost=cost, budget=most)
        served = most_served(demand, capacity, count=count, cost=cost, budget=most, known=known, watch=watch)
        value = (before + served.gain(demand), before + served.bound, before)
        return answer_served(problem, demand, served, value, cutoff_m=cutoff_m)
    choice = _choose(demand, cost, count, budget, watch)
    return answer(problem, demand, choice, watch, cutoff_m=cutoff_m, before=before)


def _choose(demand: Demand, cost: NDArray[np.float64], count: int, budget: float | None, watch: Watch) -> Choice:
    gains, candidate = without_beaten(demand.gains, np.ones(len(cost)) if budget is None else cost)
    if budget is None:
        best = most_gain(gains, count, step=demand.step, watch=watch)
    else:
        best = _within_budget(gains, count, cost[candidate], budget, demand.step, watch)
    is_open = np.zeros(len(cost), bool)
    is_open[candidate[best.is_open]] = True
    return replace(best, is_open=is_open)


def _within_budget(
    gains: Gains, count: int, cost: NDArray[np.float64], budget: float, step: float, watch: Watch
) -> Choice:
    """Return what HiGHS makes of the greedy choice by households per cost."""
    is_open = np.zeros(len(cost), bool)
    is_open[choose_greedily(gains, cost, count, budget, np.inf)] = True
    best = Choice(is_open, total_gain(gains, is_open), float(gains.gain[gains.start[:-1]].sum()))
    watch.tell(best.value, best.bound)
    gap = watch.relative_gap(best.value, best.bound, best.bound)
    found = solve(choice_programme(gains, count, cost=cost, budget=budget), watch, gap)
    if found.x is not None:
        is_open = found.x[: len(cost)] > 0.5  # noqa: PLR2004 rounds to whole
        best = best.improved(is_open, total_gain(gains, is_open))
    best = replace(best.bounded(-found.bound, step), stopped=found.stopped)
    watch.tell(best.value, best.bound)
    return best
