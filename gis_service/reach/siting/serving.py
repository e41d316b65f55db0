"""What candidates can serve together under their capacities, and cheap choices that serve enough."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array

from gis_service.reach.siting.capacitated import SERVED, Served, rooms
from gis_service.reach.siting.demand import Demand
from gis_service.reach.siting.highs import Programme, solve
from gis_service.reach.siting.watch import start_watch


def serve_greedily(demand: Demand, capacity: NDArray[np.float64], cost: NDArray[np.float64], target: float) -> Served:
    """Return the candidates that serve most more households per cost, one after the other until the target is reached.

    A full candidate takes those first whom the fewest others reach. The target may be missed though all together could
    reach it: nobody once served is sent elsewhere. The bound is 0.
    """
    pairs, candidates = demand.pairs, len(cost)
    choices = np.bincount(pairs.row, minlength=len(demand.weight))
    order = np.lexsort((pairs.row, choices[pairs.row], pairs.candidate))
    row, room, flow = pairs.row[order], rooms(demand, capacity), np.zeros(len(order))
    start, each = _starts(demand, candidates), np.ones(len(order))
    flow[order] = _filled(start, row, each, demand.weight, room, cost, cost, candidates, np.inf, target)
    return _serving(flow, demand, candidates)


def serve_most(
    demand: Demand, capacity: NDArray[np.float64], *, count: int, cost: NDArray[np.float64], budget: float
) -> Served:
    """Return the candidates that gain most more, one after the other as long as count and budget last.

    Each serves first whom it gains most for; nobody once served is sent elsewhere. Where the budget binds, gain per
    cost counts. The bound is what all people gain at their best candidates, or what the best candidates gain where each
    has all people to itself and the last is opened by a fraction, whichever is less.
    """
    pairs, candidates = demand.pairs, len(cost)
    order = np.lexsort((pairs.row, -pairs.value, pairs.candidate))
    start = _starts(demand, candidates)
    room, price = rooms(demand, capacity), np.ones(candidates) if np.isinf(budget) else cost
    row, value, flow = pairs.row[order], pairs.value[order], np.zeros(len(order))
    flow[order] = _filled(start, row, value, demand.weight, room, price, cost, count, budget, np.inf)
    alone = np.array([_gain_alone(row[a:b], value[a:b], demand.weight, room[j])
                      for j, (a, b) in enumerate(pairwise(start))])  # fmt: skip
    everybody = float(demand.gains.gain[demand.gains.start[:-1]].sum())
    bound = min(everybody, float(np.sort(alone)[::-1][:count].sum()), _by_fractions(alone, cost, budget))
    return replace(_serving(flow, demand, candidates), bound=bound)


def _by_fractions(gain: NDArray[np.float64], cost: NDArray[np.float64], budget: float) -> float:
    """Return what candidates gain that cost no more than the budget, the last opened by a fraction (Dantzig 1957)."""
    order = np.argsort(-gain / cost, kind="stable")
    before = np.cumsum(cost[order]) - cost[order]
    return float(np.clip((budget - before) / cost[order], 0.0, 1.0) @ gain[order])


def served_by_all(demand: Demand, capacity: NDArray[np.float64]) -> Served:
    """Return whom all candidates together serve, as many as can be: a transport problem without anything to choose.

    It is solved to its end whatever the time limit of the search, for nothing less proves what cannot be. The bound
    is 0.
    """
    pairs, rows, candidates = demand.pairs, len(demand.weight), len(capacity)
    size = len(pairs.row)
    each = np.arange(size)
    matrix = coo_array(
        (np.ones(2 * size), (np.r_[pairs.row, rows + pairs.candidate], np.r_[each, each])),
        shape=(rows + candidates, size),
    )
    programme = Programme(
        cost=-np.ones(size),
        most=demand.weight[pairs.row],
        whole=np.zeros(size, bool),
        matrix=matrix,
        lower=np.full(rows + candidates, -np.inf),
        upper=np.r_[demand.weight, rooms(demand, capacity)],
    )
    flow = solve(programme, start_watch(None, 0.0, None), 0.0).x
    assert flow is not None  # noqa: S101 nobody served keeps to all constraints, everybody bounds them
    return _serving(np.where(flow > SERVED, flow, 0.0), demand, candidates)


def trimmed(served: Served, demand: Demand, cost: NDArray[np.float64], target: float) -> Served:
    """Return the choice without the candidates, those that serve least per cost first, that the target can spare."""
    serves = np.bincount(demand.pairs.candidate, weights=served.flow, minlength=len(cost))
    spare, is_open = float(serves.sum()) - target, served.is_open.copy()
    for j in np.argsort(serves / cost, kind="stable"):
        if is_open[j] and serves[j] <= spare:
            spare -= serves[j]
            is_open[j] = False
    return replace(served, is_open=is_open, flow=np.where(is_open[demand.pairs.candidate], served.flow, 0.0))


def least_cost_bound(demand: Demand, capacity: NDArray[np.float64], cost: NDArray[np.float64], target: float) -> float:
    """Return a cost below which no choice serves the target: that of the cheapest room, opened by fractions.

    Whole costs add up to whole ones, so the bound is rounded up (Dantzig 1957).
    """
    room = rooms(demand, capacity)
    order = np.flatnonzero(room > 0.0)
    order = order[np.argsort(cost[order] / room[order], kind="stable")]
    before = np.cumsum(room[order]) - room[order]
    part = np.clip((target - before) / room[order], 0.0, 1.0)
    bound = float(part @ cost[order])
    return float(np.ceil(bound - 1e-6)) if np.all(cost == np.round(cost)) else bound


def _starts(demand: Demand, candidates: int) -> NDArray[np.int64]:
    """Return where the pairs of each candidate begin once they are sorted by candidate, and where the last end."""
    start: NDArray[np.int64] = np.r_[0, np.cumsum(np.bincount(demand.pairs.candidate, minlength=candidates))]
    return start.astype(np.int64)


def _serving(flow: NDArray[np.float64], demand: Demand, candidates: int) -> Served:
    busy = np.bincount(demand.pairs.candidate, weights=flow, minlength=candidates) > 0.0
    return Served(busy, flow, 0.0, stopped=False)


@njit(cache=True, nogil=True)
def _gain_alone(row: NDArray[np.int64], value: NDArray[np.float64], left: NDArray[np.float64], room: float) -> float:
    """Return what one candidate gains for those left, given in the order in which they are served."""
    gain = 0.0
    for q in range(len(row)):
        served = min(room, left[row[q]])
        gain += served * value[q]
        room -= served
    return gain


@njit(cache=True, nogil=True)
def _filled(
    start: NDArray[np.int64],
    row: NDArray[np.int64],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    room: NDArray[np.float64],
    price: NDArray[np.float64],
    cost: NDArray[np.float64],
    count: int,
    budget: float,
    target: float,
) -> NDArray[np.float64]:
    """Return the households served, by candidate and in the order in which its rows are given.

    Candidates that gain most per price are opened one after the other and filled, until count or budget is used, the
    target [households] is served, or nothing gains anything.
    """
    left, flow, spent, total = weight.copy(), np.zeros(len(row)), 0.0, 0.0
    rate, counted_at = np.full(len(cost), np.inf), np.full(len(cost), -1)
    for k in range(min(count, len(cost))):
        if total >= target:
            break
        # What a candidate gains only shrinks, so an old rate that is beaten needs no new count.
        while True:
            j = int(np.argmax(rate))
            if counted_at[j] == k or rate[j] <= 0.0:
                break
            counted_at[j] = k
            here = slice(start[j], start[j + 1])
            affordable = spent + cost[j] <= budget
            rate[j] = _gain_alone(row[here], value[here], left, room[j]) / price[j] if affordable else 0.0
        if rate[j] <= 0.0:
            break
        rate[j], free = 0.0, room[j]
        spent += cost[j]
        for q in range(start[j], start[j + 1]):
            flow[q] = min(free, left[row[q]])
            left[row[q]] -= flow[q]
            free -= flow[q]
            total += flow[q]
    return flow
