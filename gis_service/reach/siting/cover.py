"""Location set covering: everybody who can be covered, or a share, at the least cost."""

from dataclasses import replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from gis_service.errors import InputError, Text
from gis_service.reach.siting.answers import answer, answer_served
from gis_service.reach.siting.capacitated import least_cost_serving
from gis_service.reach.siting.choice import Choice
from gis_service.reach.siting.demand import Demand, covered_households, covering_demand
from gis_service.reach.siting.dominance import reduced_cover, without_beaten
from gis_service.reach.siting.gains import Gains, sorted_gains
from gis_service.reach.siting.highs import Programme, solve
from gis_service.reach.siting.interchange import choose_greedily, total_gain, without_needless
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.serving import least_cost_bound, serve_greedily, served_by_all, trimmed
from gis_service.reach.siting.watch import Progress, Watch, start_watch

ROUNDING = 1e-9
"""A share counts as reached when so small a share of the households is missing."""


def set_cover(
    problem: SitingProblem,
    *,
    cutoff_m: float,
    share: float | None = None,
    time_limit_s: float | None = None,
    enough_gap: float = 0.0,
    progress: Progress | None = None,
) -> Siting:
    """Return the cheapest candidates, or the fewest, with which everybody who can be covered is, or a share of all.

    ``min sum_j c_j y_j`` with ``sum_{j: d_ij <= R} y_j >= 1`` for every demand point i that some candidate covers
    (Toregas, Swain, ReVelle and Bergman 1971); for a share, with ``z_i <= sum_j y_j`` and ``sum_i w_i z_i >= share``.

    Parameters
    ----------
    problem
        Demand and candidates; with capacities, as many households as the candidates can serve at all, or the share.
    cutoff_m
        Longest walk that covers [m], inclusive.
    share
        Share of all households to cover, those covered already included, 0 … 1; None: everybody who can be.
    time_limit_s
        When to stop with the best known [s]; None: not before it is done.
    enough_gap
        Relative gap at which to stop, >= 0.
    progress
        Told the best objective and its bound.

    Returns
    -------
    Siting
        Objective and bound are costs, `before` is 0; gains are households.

    Raises
    ------
    InputError
        `share` is out of its range, or more than all candidates together can cover.
    """
    if share is not None and not 0.0 <= share <= 1.0:
        raise InputError(
            Text(f"覆盖率为 {share}，必须在 0 与 1 之间", f"the share to cover is {share}; it must be between 0 and 1")
        )
    watch = start_watch(time_limit_s, enough_gap, progress).measuring(0.0, -1.0)
    demand = covering_demand(problem, cutoff_m)
    if problem.capacity is not None:
        return _with_capacities(problem, problem.capacity, demand, cutoff_m, share, watch)
    wanted = _wanted(problem, cutoff_m, share, float(demand.weight.sum()))
    cost = problem.costs[demand.candidate]
    if wanted == demand.weight.sum():
        choice = _cover_all(demand, cost, watch)
    else:
        choice = _cover_some(demand, cost, wanted, watch)
    return answer(problem, demand, choice, watch, cutoff_m=cutoff_m, before=0.0)


def _wanted(problem: SitingProblem, cutoff_m: float, share: float | None, most: float) -> float:
    """Return how many households beyond those covered now are to be covered, at most as many as can be."""
    if share is None:
        return most
    total = float(np.sort(problem.households).sum())
    covered = covered_households(problem, cutoff_m, np.zeros(0, np.int64))
    wanted = share * total - covered
    if wanted > most + ROUNDING * total:
        raise _unreachable(share, (covered + most) / total, wanted - most, candidates=len(problem.candidate_ids))
    wanted = max(0.0, wanted - ROUNDING * total)
    return min(most, wanted)


def _unreachable(share: float, possible: float, missing: float, *, candidates: int) -> InputError:
    """Return the refusal of a share when so many households are missing for it."""
    if not candidates:
        return InputError(
            Text(
                f"覆盖率 {share:.1%} 无法达到：没有任何候选点，"
                "请减小候选点间距（--spacing）或给出候选点文件（--candidates）",
                f"{share:.1%} cannot be reached: there is no candidate; "
                "lower the spacing (--spacing) or give a file of candidates (--candidates)",
            )
        )
    # Rounded down, lest what is not enough reads like what is wanted.
    at_most, households = floor(possible * 1000 + 1e-6) / 1000, max(1, ceil(missing - 1e-6))
    return InputError(
        Text(
            f"覆盖率 {share:.1%} 无法达到：候选点全部启用也只能覆盖 {at_most:.1%} 的户数，还差 {households} 户，"
            "请降低目标或增加候选点",
            f"{share:.1%} cannot be reached: all candidates together cover {at_most:.1%} of the households, "
            f"{households} too few; lower the share or add candidates",
        )
    )


def _cover_all(demand: Demand, cost: NDArray[np.float64], watch: Watch) -> Choice:
    rows = sorted_gains(demand.pairs, len(cost))
    left, candidate, needed = reduced_cover(rows, cost)
    fixed = float(cost[needed].sum())
    watch = watch.measuring(fixed, -1.0)
    best = _greedy(left, cost[candidate], float(len(left.start) - 1))
    watch.tell(best.value, best.bound)
    best = _settle(best, _cover_programme(left, cost[candidate], None), cost[candidate], watch)
    is_open = np.zeros(len(cost), bool)
    is_open[needed] = True
    is_open[candidate[best.is_open]] = True
    return replace(best, is_open=is_open, value=best.value - fixed, bound=best.bound - fixed)


def _cover_some(demand: Demand, cost: NDArray[np.float64], wanted: float, watch: Watch) -> Choice:
    gains, candidate = without_beaten(demand.gains, cost)
    best = _greedy(gains, cost[candidate], wanted)
    watch.tell(best.value, best.bound)
    best = _settle(best, _cover_programme(gains, cost[candidate], wanted), cost[candidate], watch)
    is_open = np.zeros(len(cost), bool)
    is_open[candidate[best.is_open]] = True
    return replace(best, is_open=is_open)


def _greedy(gains: Gains, cost: NDArray[np.float64], wanted: float) -> Choice:
    """Return a choice that gains what is wanted, from which nothing can be left out."""
    order = choose_greedily(gains, cost, len(cost), np.inf, wanted)
    is_open = np.zeros(len(cost), bool)
    is_open[order] = True
    spare = total_gain(gains, is_open) - wanted
    is_open[:] = False
    is_open[without_needless(gains, order, max(0.0, spare))] = True
    return Choice(is_open, -float(cost[is_open].sum()), 0.0)


def _settle(best: Choice, programme: Programme, cost: NDArray[np.float64], watch: Watch) -> Choice:
    """Return what HiGHS makes of a choice; value and bound are negative costs."""
    found = solve(programme, watch, watch.enough_gap)
    if found.x is not None:
        is_open = found.x[: len(cost)] > 0.5  # noqa: PLR2004 rounds to whole
        best = best.improved(is_open, -float(cost[is_open].sum()))
    step = float(np.all(cost == np.round(cost)))
    best = replace(best.bounded(-found.bound, step), stopped=found.stopped)
    watch.tell(best.value, best.bound)
    return best


def _cover_programme(gains: Gains, cost: NDArray[np.float64], wanted: float | None) -> Programme:
    """Return the programme that covers every row, or rows that gain what is wanted."""
    rows, candidates = len(gains.start) - 1, len(cost)
    row = np.repeat(np.arange(rows), np.diff(gains.start))
    matrix = coo_array((np.ones(len(row)), (row, gains.candidate)), shape=(rows, candidates))
    if wanted is None:
        return Programme(
            cost=cost,
            most=np.ones(candidates),
            whole=np.ones(candidates, bool),
            matrix=matrix,
            lower=np.ones(rows),
            upper=np.full(rows, np.inf),
        )
    weight = gains.gain[gains.start[:-1]]
    each = np.arange(rows)
    entries = (
        (matrix.data, matrix.coords[0], matrix.coords[1]),
        (-np.ones(rows), each, candidates + each),
        (weight, np.full(rows, rows), candidates + each),
    )
    value, line, column = (np.concatenate(part) for part in zip(*entries, strict=True))
    return Programme(
        cost=np.r_[cost, np.zeros(rows)],
        most=np.ones(candidates + rows),
        whole=np.arange(candidates + rows) < candidates,
        matrix=coo_array((value, (line, column)), shape=(rows + 1, candidates + rows)),
        lower=np.r_[np.zeros(rows), wanted],
        upper=np.full(rows + 1, np.inf),
    )


def _with_capacities(
    problem: SitingProblem,
    capacity: NDArray[np.float64],
    demand: Demand,
    cutoff_m: float,
    share: float | None,
    watch: Watch,
) -> Siting:
    capacity, cost = capacity[demand.candidate], problem.costs[demand.candidate]
    reached = float(demand.weight.sum())
    known, wanted = None, reached
    if share is not None:
        wanted = _wanted(problem, cutoff_m, share, reached)
        known = serve_greedily(demand, capacity, cost, wanted)
    if known is None or known.gain(demand) < wanted:
        known = served_by_all(demand, capacity)
        wanted = _wanted(problem, cutoff_m, share, known.gain(demand))
    known = trimmed(known, demand, cost, wanted)
    known = replace(known, bound=least_cost_bound(demand, capacity, cost, wanted))
    least = float(cost[known.is_open].sum())
    watch.tell(-least, -known.bound)
    served = known
    if not watch.is_enough(-least, -known.bound):
        served = least_cost_serving(demand, capacity, cost=cost, target=wanted, known=known, watch=watch)
    value = (float(cost[served.is_open].sum()), served.bound, 0.0)
    return answer_served(problem, demand, served, value, cutoff_m=cutoff_m)
