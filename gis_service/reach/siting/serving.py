"""What candidates can serve together under their capacities, and cheap choices that serve enough."""

from dataclasses import replace

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
    start = np.r_[0, np.cumsum(np.bincount(pairs.candidate, minlength=candidates))].astype(np.int64)
    flow = np.zeros(len(order))
    flow[order] = _greedy_flow(start, pairs.row[order], demand.weight, rooms(demand, capacity), cost, target)
    return _serving(flow, demand, candidates)


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


def _serving(flow: NDArray[np.float64], demand: Demand, candidates: int) -> Served:
    busy = np.bincount(demand.pairs.candidate, weights=flow, minlength=candidates) > 0.0
    return Served(busy, flow, 0.0, stopped=False)


@njit(cache=True, nogil=True)
def _greedy_flow(
    start: NDArray[np.int64],
    row: NDArray[np.int64],
    weight: NDArray[np.float64],
    room: NDArray[np.float64],
    cost: NDArray[np.float64],
    target: float,
) -> NDArray[np.float64]:
    """Return the households served, by candidate and in the order in which its rows are given."""
    left, flow, total = weight.copy(), np.zeros(len(row)), 0.0
    rate, counted_at = np.full(len(cost), np.inf), np.full(len(cost), -1)
    for k in range(len(cost)):
        if total >= target:
            break
        # What a candidate adds only shrinks, so an old rate that is beaten needs no new count.
        while True:
            j = int(np.argmax(rate))
            if counted_at[j] == k or rate[j] <= 0.0:
                break
            counted_at[j] = k
            rate[j] = min(room[j], left[row[start[j] : start[j + 1]]].sum()) / cost[j]
        if rate[j] <= 0.0:
            break
        rate[j], free = 0.0, room[j]
        for q in range(start[j], start[j + 1]):
            flow[q] = min(free, left[row[q]])
            left[row[q]] -= flow[q]
            free -= flow[q]
            total += flow[q]
    return flow
