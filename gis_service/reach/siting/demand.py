"""What a siting problem gives to decide: who gains what from which candidate, and what a choice amounts to."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from gis_service.reach.siting.gains import Gains, Pairs, merged_rows, sorted_gains
from gis_service.reach.siting.interchange import choose_greedily
from gis_service.reach.siting.problem import SitingProblem


@dataclass(frozen=True)
class Demand:
    """Demand that a candidate can serve better than what stays, alike points merged, candidates in the order of ids.

    Parameters
    ----------
    pairs
        What one household of each row gains from each candidate, > 0.
    weight
        Households of each row, > 0.
    walk_m
        Walk of each row to what stays [m], none longer than the longest that counts; 0 in covering.
    candidate
        Candidates in the order of their ids: those of `pairs` as numbered in the problem.
    """

    pairs: Pairs
    weight: NDArray[np.float64]
    walk_m: NDArray[np.float64]
    candidate: NDArray[np.int64]

    @cached_property
    def gains(self) -> Gains:
        """Return what whole rows gain."""
        return sorted_gains(
            self.pairs._replace(value=self.pairs.value * self.weight[self.pairs.row]), len(self.candidate)
        )

    @property
    def step(self) -> float:
        """Return 1 where all sums of gains are whole numbers, else 0."""
        return float(np.all(self.weight == np.round(self.weight)) and np.all(self.pairs.value == 1.0))


def covering_demand(problem: SitingProblem, cutoff_m: float) -> Demand:
    """Return the demand beyond the cut-off [m] (inclusive) that candidates would cover; a household gains 1."""
    walks = _walks(problem)
    covered = walks.value <= cutoff_m
    gain = Pairs(walks.row, walks.candidate, np.ones(len(walks.row)))
    outside = covered & (problem.existing_walk_m > cutoff_m)[walks.row]
    return _demand(problem, gain, outside, np.zeros(len(problem.households)))


def walking_demand(problem: SitingProblem, longest_m: float) -> Demand:
    """Return the metres that candidates save, where no walk counts as longer than `longest_m`."""
    walks = _walks(problem)
    now_m = np.minimum(problem.existing_walk_m, longest_m)
    saved_m = now_m[walks.row] - walks.value
    return _demand(problem, walks._replace(value=saved_m), saved_m > 0.0, now_m)


def covered_households(problem: SitingProblem, cutoff_m: float, chosen: NDArray[np.int64]) -> float:
    """Return the households within the cut-off [m] (inclusive) of what stays or of the chosen candidates."""
    return float(np.sort(problem.households[walk_with(problem, chosen) <= cutoff_m]).sum())


def newly_covered(problem: SitingProblem, chosen: NDArray[np.int64], cutoff_m: float) -> NDArray[np.float64]:
    """Return the households that each of `chosen` covers within the cut-off [m] (inclusive) and none before it does."""
    columns = csc_array(problem.walk_m)
    uncovered = problem.existing_walk_m > cutoff_m
    gained = np.zeros(len(chosen))
    for k, j in enumerate(chosen):
        column = slice(columns.indptr[j], columns.indptr[j + 1])
        near = columns.indices[column][columns.data[column] <= cutoff_m]
        near = near[uncovered[near]]
        gained[k] = np.sort(problem.households[near]).sum()
        uncovered[near] = False
    return gained


def walk_with(problem: SitingProblem, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the walk [m] from each demand point to what stays or to the nearest chosen candidate; inf: none."""
    walks = _walks(problem)
    is_open = np.zeros(len(problem.candidate_ids), bool)
    is_open[chosen] = True
    walk_m = problem.existing_walk_m.astype(np.float64)
    used = is_open[problem.by_id][walks.candidate]
    np.minimum.at(walk_m, walks.row[used], walks.value[used])
    return walk_m


def uncoverable_demand(problem: SitingProblem, cutoff_m: float) -> NDArray[np.int64]:
    """Return the demand points with households that lie beyond the cut-off [m] of everything, opened or not."""
    nearest_m = walk_with(problem, np.arange(len(problem.candidate_ids)))
    return np.flatnonzero((nearest_m > cutoff_m) & (problem.households > 0.0))


def by_contribution(demand: Demand, is_open: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return open candidates in the order of what each adds to those before it, and that; idle ones are left out."""
    opened = np.flatnonzero(is_open)
    gains = demand.gains
    used = is_open[gains.candidate]
    row = np.repeat(np.arange(len(gains.start) - 1), np.diff(gains.start))
    number = np.cumsum(is_open) - 1
    own = sorted_gains(Pairs(row[used], number[gains.candidate[used]], gains.gain[used]), len(opened))
    order = choose_greedily(own, np.ones(len(opened)), len(opened), np.inf, np.inf)
    best, added = np.zeros(len(own.start) - 1), np.zeros(len(order))
    for k, j in enumerate(order):
        column = slice(own.column_start[j], own.column_start[j + 1])
        rows = own.column_row[column]
        more = np.maximum(0.0, own.column_gain[column] - best[rows])
        best[rows] += more
        added[k] = more.sum()
    return opened[order], added


def _walks(problem: SitingProblem) -> Pairs:
    """Return the walks as pairs, candidates numbered in the order of their ids."""
    walk_m = csr_array(problem.walk_m)
    place = np.empty(len(problem.candidate_ids), np.int64)
    place[problem.by_id] = np.arange(len(place))
    row = np.repeat(np.arange(walk_m.shape[0]), np.diff(walk_m.indptr))
    return Pairs(row, place[walk_m.indices], walk_m.data.astype(np.float64))


def _demand(problem: SitingProblem, pairs: Pairs, kept: NDArray[np.bool_], now_m: NDArray[np.float64]) -> Demand:
    kept = kept & (problem.households > 0.0)[pairs.row]
    merged, weight, walk_m = merged_rows(
        Pairs(pairs.row[kept], pairs.candidate[kept], pairs.value[kept]), problem.households, now_m
    )
    return Demand(merged, weight, walk_m, problem.by_id)
