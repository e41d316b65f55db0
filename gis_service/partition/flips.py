"""Flips of single units to a neighbouring grid; what a grid would gain is worked out once a change (compiled)."""

from math import exp
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import (
    AREA,
    HOUSEHOLDS,
    PERIMETER,
    PRICE,
    RESIDENTS,
    Problem,
    Size,
    draw,
    grid_energy,
)
from gis_service.partition.grid_totals import Grids, cost_of, free_label


class Flips(NamedTuple):
    """What flips would change.

    Nearly all flips are refused, and few of the grids around a unit change until it is tried again. The change of the
    grid left and that of the grid entered add up and are kept apart, for each holds as long as that grid is the same.

    Parameters
    ----------
    unit
        The unit of each pair.
    left, leaving
        When the change of its grid was last worked out if each unit leaves it, and that change.
    entered, entering
        The same for the grid of the neighbour of each pair, if the unit enters that.
    """

    unit: NDArray[np.int64]
    left: NDArray[np.int64]
    leaving: NDArray[np.float64]
    entered: NDArray[np.int64]
    entering: NDArray[np.float64]


@njit(cache=True)
def make_flips(problem: Problem) -> Flips:
    """Return the flips of a problem, of which nothing is known yet."""
    units, pairs = len(problem.weight), len(problem.neighbour)
    unit = np.empty(pairs, np.int64)
    for u in range(units):
        unit[problem.start[u] : problem.start[u + 1]] = u
    return Flips(unit, np.full(units, -1, np.int64), np.empty(units), np.full(pairs, -1, np.int64), np.empty(pairs))


@njit(cache=True)
def try_flips(
    tries: int,
    temperature: float,
    per_grid: float,
    problem: Problem,
    grids: Grids,
    flips: Flips,
    state: NDArray[np.uint64],
) -> None:
    """Try to flip units across random pairs of neighbours; the Metropolis rule decides.

    Parameters
    ----------
    tries
        Pairs to draw; where both lie in one grid, nothing happens.
    temperature
        In units of energy.
    per_grid
        Credit for each grid: an energy lost where one vanishes.
    problem, grids, flips, state
        The grids are in one piece each and stay so.
    """
    start, neighbour, border_m, price = problem.start, problem.neighbour, problem.border_m, problem.price
    weight, size = problem.weight, problem.size
    labels, totals, cost, units = grids.labels, grids.totals, grids.cost, grids.units
    changed, clock, mark, stamp, queue = grids.changed, grids.clock, grids.mark, grids.stamp, grids.queue
    unit, left, leaving, entered, entering = flips
    for _ in range(tries):
        pair = int(draw(state) * len(neighbour))
        u = unit[pair]
        a, b = labels[u], labels[neighbour[pair]]
        if a == b:
            continue
        if left[u] < changed[a]:
            left[u] = clock[0]
            if units[a] == 1:
                leaving[u] = per_grid - cost[a]
            else:
                leaving[u] = (
                    _with(u, a, -1.0, start, neighbour, border_m, price, labels, weight, totals, size) - cost[a]
                )
        if entered[pair] < changed[b]:
            entered[pair] = clock[0]
            entering[pair] = _with(u, b, 1.0, start, neighbour, border_m, price, labels, weight, totals, size) - cost[b]
        change = leaving[u] + entering[pair]
        if change > 0.0 and draw(state) >= exp(-change / temperature):
            continue
        if units[a] > 1 and not _stays_connected(u, start, neighbour, labels, mark, stamp, queue):
            leaving[u] = np.inf
            continue
        _move(u, a, -1.0, start, neighbour, border_m, price, labels, weight, totals)
        _move(u, b, 1.0, start, neighbour, border_m, price, labels, weight, totals)
        labels[u] = b
        units[a] -= 1
        units[b] += 1
        clock[0] += 1
        changed[a] = changed[b] = clock[0]
        cost[b] = cost_of(totals, b, size)
        if units[a] == 0:
            free_label(grids, a)
        else:
            cost[a] = cost_of(totals, a, size)


@njit(cache=True, inline="always")
def _shared(
    u: int,
    g: int,
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    price: NDArray[np.float64],
    labels: NDArray[np.int64],
) -> tuple[float, float]:
    """Return border and price that ``u`` shares with the other units of ``g``."""
    shared_m = shared_price = 0.0
    for e in range(start[u], start[u + 1]):
        if labels[neighbour[e]] == g:
            shared_m += border_m[e]
            shared_price += price[e]
    return shared_m, shared_price


@njit(cache=True, inline="always")
def _with(
    u: int,
    g: int,
    sign: float,
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    price: NDArray[np.float64],
    labels: NDArray[np.int64],
    weight: NDArray[np.float64],
    totals: NDArray[np.float64],
    size: Size,
) -> float:
    """Return the energy of ``g`` with ``u`` (``sign`` 1) or without it (-1)."""
    shared_m, shared_price = _shared(u, g, start, neighbour, border_m, price, labels)
    return grid_energy(
        totals[g, HOUSEHOLDS] + sign * weight[u, HOUSEHOLDS],
        totals[g, RESIDENTS] + sign * weight[u, RESIDENTS],
        totals[g, AREA] + sign * weight[u, AREA],
        totals[g, PERIMETER] + sign * (weight[u, PERIMETER] - 2.0 * shared_m),
        totals[g, PRICE] + sign * shared_price,
        size,
    )


@njit(cache=True)
def _move(
    u: int,
    g: int,
    sign: float,
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    price: NDArray[np.float64],
    labels: NDArray[np.int64],
    weight: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    """Put ``u`` into the totals of ``g`` (``sign`` 1) or take it out of them (-1)."""
    shared_m, shared_price = _shared(u, g, start, neighbour, border_m, price, labels)
    for t in (HOUSEHOLDS, RESIDENTS, AREA):
        totals[g, t] += sign * weight[u, t]
    totals[g, PERIMETER] += sign * (weight[u, PERIMETER] - 2.0 * shared_m)
    totals[g, PRICE] += sign * shared_price


@njit(cache=True)
def _stays_connected(
    u: int,
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    labels: NDArray[np.int64],
    mark: NDArray[np.int64],
    stamp: NDArray[np.int64],
    queue: NDArray[np.int64],
) -> bool:
    """Tell whether the grid of ``u`` stays one piece without it; the search ends when all its neighbours are met."""
    a = labels[u]
    stamp[0] += 1
    seen = stamp[0]
    wanted, first = 0, -1
    for e in range(start[u], start[u + 1]):
        v = neighbour[e]
        if labels[v] == a:
            wanted += 1
            first = v
            mark[v] = -seen
    if wanted == 0:
        return False
    mark[u] = mark[first] = seen
    queue[0] = first
    done, found, met = 0, 1, 1
    while done < found and met < wanted:
        w = queue[done]
        done += 1
        for e in range(start[w], start[w + 1]):
            v = neighbour[e]
            if labels[v] == a and mark[v] != seen:
                if mark[v] == -seen:
                    met += 1
                mark[v] = seen
                queue[found] = v
                found += 1
    return met == wanted
