"""Choices among candidates that can serve so many households and no more."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, vstack

from gis_service.reach.siting.choice import ROUNDING
from gis_service.reach.siting.demand import Demand
from gis_service.reach.siting.highs import Programme, solve
from gis_service.reach.siting.watch import Watch

SERVED = 1e-6
"""Fewer households than this are none: HiGHS keeps constraints up to such an error."""
MOST_PAIRS = 3_000_000
"""Beyond so many pairs of people and candidates, at 1.6 kB each, HiGHS is not asked: the known choice stands."""


@dataclass(frozen=True)
class Served:
    """The best choice known under capacities, and who is served where.

    Parameters
    ----------
    is_open
        Whether each candidate is chosen; one that serves nobody is not.
    flow
        Households served, for each pair of the demand.
    bound
        What no choice can beat: gain, or cost.
    stopped
        Whether the time limit ended the search.
    """

    is_open: NDArray[np.bool_]
    flow: NDArray[np.float64]
    bound: float
    stopped: bool

    def gain(self, demand: Demand) -> float:
        """Return what the served households gain."""
        return float(self.flow @ demand.pairs.value)

    def by_contribution(self, demand: Demand) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the chosen candidates, those whose households gain most first, and what they gain."""
        gain = np.zeros(len(self.is_open))
        np.add.at(gain, demand.pairs.candidate, self.flow * demand.pairs.value)
        opened = np.flatnonzero(self.is_open)
        order = opened[np.argsort(-gain[opened], kind="stable")]
        return order, gain[order]

    def newly_covered(self, demand: Demand, cutoff_m: float) -> NDArray[np.float64]:
        """Return the households that each candidate serves within the cut-off [m] (inclusive), and nothing does today.

        In covering that is everybody it serves.
        """
        pairs, now_m = demand.pairs, demand.walk_m[demand.pairs.row]
        newly = (now_m > cutoff_m) & (now_m - pairs.value <= cutoff_m) | (now_m == 0.0)
        households = np.zeros(len(self.is_open))
        np.add.at(households, pairs.candidate[newly], self.flow[newly])
        return households


def most_served(
    demand: Demand,
    capacity: NDArray[np.float64],
    *,
    count: int,
    cost: NDArray[np.float64],
    budget: float,
    known: Served,
    watch: Watch,
) -> Served:
    """Return the choice within count, budget and capacities whose served households gain most, or the known one.

    The capacitated maximal covering of Current and Storbeck (1988) where a household gains 1, the capacitated p-median
    where it gains metres; a demand point may be shared among sites, and who does not fit gains nothing.
    """
    gain = known.gain(demand)
    if known.bound <= gain + ROUNDING * gain:
        known = replace(known, bound=gain)
    watch.tell(gain, known.bound)
    if watch.is_enough(gain, known.bound) or len(demand.pairs.row) > MOST_PAIRS:
        return known
    programme = _programme(demand, capacity)
    limits = np.vstack([np.ones(len(cost)), cost])
    programme = _with(programme, limits, np.full(2, -np.inf), np.array([float(count), budget]))
    lost = np.r_[np.zeros(len(cost)), -demand.pairs.value]
    answer = solve(replace(programme, cost=lost), watch, watch.relative_gap(gain, known.bound, known.bound))
    found = _served(replace(known, stopped=answer.stopped), answer.x, demand, min(known.bound, -answer.bound))
    if found.gain(demand) < gain:
        found = replace(found, is_open=known.is_open, flow=known.flow)
    # What is known to be gained cannot be beyond the bound, whatever HiGHS makes of the last household.
    found = replace(found, bound=max(found.bound, found.gain(demand)))
    watch.tell(found.gain(demand), found.bound)
    return found


def least_cost_serving(
    demand: Demand,
    capacity: NDArray[np.float64],
    *,
    cost: NDArray[np.float64],
    target: float,
    known: Served,
    watch: Watch,
) -> Served:
    """Return the choice of least cost that serves at least `target` households; the known one does."""
    size = len(demand.pairs.row)
    if size > MOST_PAIRS:
        return known
    programme = _programme(demand, capacity)
    whole = np.r_[np.zeros(len(cost)), np.ones(size)][None, :]
    programme = _with(programme, whole, np.array([target]), np.array([np.inf]))
    answer = solve(replace(programme, cost=np.r_[cost, np.zeros(size)]), watch, watch.enough_gap)
    found = _served(replace(known, stopped=answer.stopped), answer.x, demand, known.bound)
    if cost[found.is_open].sum() > cost[known.is_open].sum():
        found = replace(found, is_open=known.is_open, flow=known.flow)
    # What is known to serve the target cannot be beyond the bound, whatever HiGHS makes of the last household.
    return replace(found, bound=min(max(known.bound, answer.bound), float(cost[found.is_open].sum())))


def rooms(demand: Demand, capacity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the households that each candidate can serve: its capacity, or all it reaches."""
    reached = np.bincount(demand.pairs.candidate, weights=demand.weight[demand.pairs.row], minlength=len(capacity))
    return np.minimum(capacity, reached)


def _served(known: Served, x: NDArray[np.float64] | None, demand: Demand, bound: float) -> Served:
    """Return what a solution says, or what is known where there is none."""
    if x is None:
        return replace(known, bound=bound)
    flow = np.where(x[len(known.is_open) :] > SERVED, x[len(known.is_open) :], 0.0)
    busy = np.bincount(demand.pairs.candidate, weights=flow, minlength=len(known.is_open)) > 0.0
    return Served(busy, flow, bound, known.stopped)


def _programme(demand: Demand, capacity: NDArray[np.float64]) -> Programme:
    """Return openings and flows that keep to demand and capacities, without an objective."""
    pairs, rows, candidates = demand.pairs, len(demand.weight), len(capacity)
    size = len(pairs.row)
    households = demand.weight[pairs.row]
    room = rooms(demand, capacity)
    pair, flow = np.arange(size), candidates + np.arange(size)
    entries = (
        (np.ones(size), pairs.row, flow),
        (np.ones(size), rows + pairs.candidate, flow),
        (-room, rows + np.arange(candidates), np.arange(candidates)),
        (np.ones(size), rows + candidates + pair, flow),
        (-np.minimum(households, room[pairs.candidate]), rows + candidates + pair, pairs.candidate),
    )
    value, line, column = (np.concatenate(part) for part in zip(*entries, strict=True))
    lines = rows + candidates + size
    return Programme(
        cost=np.zeros(candidates + size),
        most=np.r_[np.ones(candidates), households],
        whole=np.arange(candidates + size) < candidates,
        matrix=coo_array((value, (line, column)), shape=(lines, candidates + size)),
        lower=np.full(lines, -np.inf),
        upper=np.r_[demand.weight, np.zeros(candidates + size)],
    )


def _with(
    programme: Programme, amounts: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> Programme:
    """Return the programme with more constraints, over its first variables."""
    variables = programme.matrix.shape[1]
    wide = np.zeros((len(amounts), variables))
    wide[:, : amounts.shape[1]] = amounts
    return replace(
        programme,
        matrix=vstack([programme.matrix, coo_array(wide)]),
        lower=np.r_[programme.lower, lower],
        upper=np.r_[programme.upper, upper],
    )
