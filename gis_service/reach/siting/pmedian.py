"""The p-median: the choice of N more facilities with the shortest walks in sum."""

import numpy as np

from gis_service.errors import InputError, Text
from gis_service.reach.siting.answers import answer, answer_served
from gis_service.reach.siting.capacitated import most_served
from gis_service.reach.siting.demand import walking_demand
from gis_service.reach.siting.most_gain import most_gain
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.serving import serve_most
from gis_service.reach.siting.watch import Progress, start_watch


def p_median(
    problem: SitingProblem,
    *,
    count: int,
    longest_m: float,
    cutoff_m: float,
    time_limit_s: float | None = None,
    enough_gap: float = 0.0,
    progress: Progress | None = None,
) -> Siting:
    """Return the choice of at most `count` candidates that minimises the household-metres walked.

    ``min over S, |S| <= N, of sum_i w_i min(longest, existing_i, min_{j in S} d_ij)`` (Hakimi 1964; ReVelle and Swain
    1970). Walks beyond `longest_m`, and missing ones, count as `longest_m`, so that people without any way weigh
    something finite; pairs at `longest_m` or beyond save nothing and need not be stored.

    Parameters
    ----------
    problem
        Demand and candidates; with capacities, a site serves those who save most, and who does not fit keeps walking
        as before.
    count
        How many candidates may be opened, >= 0.
    longest_m
        Longest walk that counts [m], > 0.
    cutoff_m
        Walk within which households are reported as covered [m], inclusive.
    time_limit_s
        When to stop with the best known [s]; None: not before it is done.
    enough_gap
        Relative gap at which to stop, >= 0.
    progress
        Told the best objective and its bound.

    Returns
    -------
    Siting
        Objective, bound and `before` in household-metres, each site's gain in household-metres saved. A site that saves
        nothing is not opened.

    Raises
    ------
    InputError
        `count` is negative or `longest_m` is not a positive number.
    """
    if count < 0 or not (np.isfinite(longest_m) and longest_m > 0.0):
        raise InputError(
            Text(
                f"新增数量为 {count}、最长步行距离为 {longest_m} 米：数量不能为负，距离必须大于 0",
                f"{count} sites and a longest walk of {longest_m} m: the number must be >= 0, the walk > 0",
            )
        )
    before = float(np.sort(problem.households * np.minimum(problem.existing_walk_m, longest_m)).sum())
    demand = walking_demand(problem, longest_m)
    watch = start_watch(time_limit_s, enough_gap, progress).measuring(before, -1.0)
    if problem.capacity is None:
        choice = most_gain(demand.gains, count, step=demand.step, watch=watch)
        return answer(problem, demand, choice, watch, cutoff_m=cutoff_m, before=before)
    capacity = problem.capacity[demand.candidate]
    cost = np.ones(len(capacity))
    known = serve_most(demand, capacity, count=count, cost=cost, budget=np.inf)
    served = most_served(demand, capacity, count=count, cost=cost, budget=np.inf, known=known, watch=watch)
    value = (before - served.gain(demand), before - served.bound, before)
    return answer_served(problem, demand, served, value, cutoff_m=cutoff_m)
