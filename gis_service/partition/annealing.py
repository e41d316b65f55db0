"""Annealing of an assignment: units flip between neighbouring grids; grids are merged and cut anew (compiled)."""

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
    miss,
    size_energy,
)
from gis_service.partition.trees import Tree, cut, gather, grow, make_tree, release

_MOST_PIECES = 4
_TYPICAL_SHAPE = 1.2
_STEPS_PER_TEMPERATURE = 128
_MEND_NOISE = 1.0
_RANDOM_COUNTS, _OF_THREE = 0.1, 0.5
"""Shares of recuts into a random number of grids, and of recuts of three grids rather than two."""


class Grids(NamedTuple):
    """The grids of an assignment while it changes.

    Parameters
    ----------
    labels
        Grid of each unit.
    totals
        Households, residents, area, perimeter and price of what each grid encloses.
    units
        Units of each grid; 0: the label is free.
    free, free_count
        Stack of free labels, and its height.
    mark, stamp, queue
        Working room of searches over units.
    """

    labels: NDArray[np.int64]
    totals: NDArray[np.float64]
    units: NDArray[np.int64]
    free: NDArray[np.int64]
    free_count: NDArray[np.int64]
    mark: NDArray[np.int64]
    stamp: NDArray[np.int64]
    queue: NDArray[np.int64]


@njit(cache=True)
def make_grids(problem: Problem, labels: NDArray[np.int64], most: int) -> Grids:
    """Return the grids of ``labels``, with room for ``most`` of them."""
    n = len(labels)
    totals = np.zeros((most, 5))
    units = np.zeros(most, np.int64)
    for u in range(n):
        g = labels[u]
        units[g] += 1
        for t in range(4):
            totals[g, t] += problem.weight[u, t]
        for e in range(problem.start[u], problem.start[u + 1]):
            if labels[problem.neighbour[e]] == g:
                totals[g, PERIMETER] -= problem.border_m[e]
                totals[g, PRICE] += 0.5 * problem.price[e]
    free = np.empty(most, np.int64)
    count = 0
    for g in range(most - 1, -1, -1):
        if units[g] == 0:
            free[count] = g
            count += 1
    mark, queue = np.zeros(n, np.int64), np.empty(n, np.int64)
    return Grids(labels, totals, units, free, np.array([count]), mark, np.zeros(1, np.int64), queue)


@njit(cache=True)
def _free(g: int, totals: NDArray[np.float64], units: NDArray[np.int64], grids: Grids) -> None:
    totals[g] = 0.0
    units[g] = 0
    grids.free[grids.free_count[0]] = g
    grids.free_count[0] += 1


@njit(cache=True)
def stays_connected(
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


@njit(cache=True)
def _energy(totals: NDArray[np.float64], g: int, size: Size) -> float:
    return grid_energy(
        totals[g, HOUSEHOLDS], totals[g, RESIDENTS], totals[g, AREA], totals[g, PERIMETER], totals[g, PRICE], size
    )


@njit(cache=True)
def _borders(
    u: int,
    b: int,
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    price: NDArray[np.float64],
    labels: NDArray[np.int64],
) -> tuple[float, float, float, float]:
    """Return border and price that ``u`` shares with the rest of its grid, then those it shares with ``b``."""
    a = labels[u]
    own_m = own_price = other_m = other_price = 0.0
    for e in range(start[u], start[u + 1]):
        g = labels[neighbour[e]]
        if g == a:
            own_m += border_m[e]
            own_price += price[e]
        elif g == b:
            other_m += border_m[e]
            other_price += price[e]
    return own_m, own_price, other_m, other_price


@njit(cache=True)
def _shift(
    u: int,
    a: int,
    b: int,
    sign: float,
    borders: tuple[float, float, float, float],
    weight: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> None:
    """Take ``u`` out of the totals of ``a`` and into those of ``b`` (``sign`` 1), or back (-1)."""
    own_m, own_price, other_m, other_price = borders
    for t in (HOUSEHOLDS, RESIDENTS, AREA):
        totals[a, t] -= sign * weight[u, t]
        totals[b, t] += sign * weight[u, t]
    totals[a, PERIMETER] += sign * (2.0 * own_m - weight[u, PERIMETER])
    totals[b, PERIMETER] += sign * (weight[u, PERIMETER] - 2.0 * other_m)
    totals[a, PRICE] -= sign * own_price
    totals[b, PRICE] += sign * other_price


@njit(cache=True)
def _third_grid(u: int, b: int, problem: Problem, grids: Grids, state: NDArray[np.uint64]) -> int:
    """Return a random grid that touches the grid of ``u`` and is neither that nor ``b``; -1 where none does."""
    labels, mark, queue = grids.labels, grids.mark, grids.queue
    start, neighbour = problem.start, problem.neighbour
    a = labels[u]
    grids.stamp[0] += 1
    seen = grids.stamp[0]
    mark[u] = seen
    queue[0] = u
    done, found, met, chosen = 0, 1, 0, -1
    while done < found:
        w = queue[done]
        done += 1
        for e in range(start[w], start[w + 1]):
            v = neighbour[e]
            if labels[v] == a:
                if mark[v] != seen:
                    mark[v] = seen
                    queue[found] = v
                    found += 1
            elif labels[v] != b:
                met += 1
                if draw(state) * met < 1.0:
                    chosen = labels[v]
    return chosen


@njit(cache=True)
def _how_many(households: float, residents: float, old: int, size: Size, state: NDArray[np.uint64]) -> int:
    """Return into how many grids to cut: the cheapest of one fewer, as many and one more; at times a random one."""
    fewest = max(1, old - 1)
    if draw(state) < _RANDOM_COUNTS:
        return fewest + int(draw(state) * (old + 2 - fewest))
    best, count = np.inf, old
    for k in range(fewest, old + 2):
        energy = k * (size_energy(households / k, residents / k, size) + _TYPICAL_SHAPE)
        if energy < best:
            best, count = energy, k
    return count


@njit(cache=True)
def _cut_up(
    tree: Tree, problem: Problem, count: int, pieces: NDArray[np.float64], noise: float, state: NDArray[np.uint64]
) -> bool:
    """Cut the tree into ``count`` pieces, whose totals go into ``pieces``; False where it has too few units."""
    if count == 1:
        pieces[0] = 0.0
        for i in range(tree.size[0]):
            for t in range(4):
                pieces[0, t] += problem.weight[tree.unit[i], t]
        for p in range(tree.size[1]):
            pieces[0, PERIMETER] -= 2.0 * tree.border_m[p]
            pieces[0, PRICE] += tree.price[p]
    meant = np.ones(_MOST_PIECES, np.int64)
    meant[0] = count
    made, piece = 1, 0
    while piece < made:
        if meant[piece] == 1:
            piece += 1
            continue
        k = cut(tree, problem, piece, meant[piece], made, pieces, noise, state)
        if k == 0:
            return False
        meant[made] = k
        meant[piece] -= k
        made += 1
    return True


@njit(cache=True)
def recut(
    u: int,
    b: int,
    c: int,
    temperature: float,
    noise: float,
    problem: Problem,
    grids: Grids,
    tree: Tree,
    pieces: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Merge the grid of ``u`` with ``b`` and ``c`` (-1: none), and cut a random spanning tree of them anew.

    The number of grids may change by one. The Metropolis rule decides; ``noise`` varies the cuts tried.
    """
    labels, totals, units, size = grids.labels, grids.totals, grids.units, problem.size
    old = (labels[u], b, c)
    olds = 2 if c < 0 else 3
    households = residents = change = 0.0
    for o in range(olds):
        households += totals[old[o], HOUSEHOLDS]
        residents += totals[old[o], RESIDENTS]
        change -= _energy(totals, old[o], size)
    count = _how_many(households, residents, olds, size, state)
    if count - olds > grids.free_count[0]:
        return
    gather(tree, problem, labels, u, old[0], b, c)
    grow(tree, state)
    if _cut_up(tree, problem, count, pieces, noise, state):
        for p in range(count):
            change += _energy(pieces, p, size)
        if change < 0.0 or (temperature > 0.0 and draw(state) < exp(-change / temperature)):
            new = np.empty(_MOST_PIECES, np.int64)
            for p in range(max(count, olds)):
                if p >= count:
                    _free(old[p], totals, units, grids)
                    continue
                if p < olds:
                    new[p] = old[p]
                else:
                    grids.free_count[0] -= 1
                    new[p] = grids.free[grids.free_count[0]]
                totals[new[p]] = pieces[p]
                units[new[p]] = 0
            for i in range(tree.size[0]):
                g = new[tree.piece[i]]
                labels[tree.unit[i]] = g
                units[g] += 1
    release(tree)


@njit(cache=True)
def assess(problem: Problem, labels: NDArray[np.int64]) -> tuple[int, float]:
    """Return how many grids of an assignment are out of range, and what all of them cost together."""
    totals = make_grids(problem, labels, int(labels.max()) + 1).totals
    missed, energy = 0, 0.0
    for g in range(len(totals)):
        missed += miss(totals[g, HOUSEHOLDS], totals[g, RESIDENTS], problem.size) > 0.0
        energy += _energy(totals, g, problem.size)
    return missed, energy


@njit(cache=True)
def anneal(
    problem: Problem,
    labels: NDArray[np.int64],
    most: int,
    flips: int,
    recuts: int,
    hot: float,
    cold: float,
    seed: int,
) -> None:
    """Improve ``labels`` in place by flips and re-cuts while the temperature falls from ``hot`` to ``cold``.

    Parameters
    ----------
    problem
        The piece of the community.
    labels
        Grid of each unit, below ``most``; every grid is connected, before and after.
    most
        Grids there may be at most.
    flips, recuts
        Moves to try of each kind.
    hot, cold
        First and last temperature, in units of energy; the fall is geometric.
    seed
        Seed of the random numbers.
    """
    start, neighbour, border_m, price = problem.start, problem.neighbour, problem.border_m, problem.price
    weight, size = problem.weight, problem.size
    grids = make_grids(problem, labels, most)
    totals, units, mark, stamp, queue = grids.totals, grids.units, grids.mark, grids.stamp, grids.queue
    tree = make_tree(len(labels), len(neighbour) // 2 + 1)
    pieces = np.empty((_MOST_PIECES, 5))
    state = np.array([np.uint64(seed)])
    steps = flips + recuts
    temperature = hot
    for step in range(steps):
        if step % _STEPS_PER_TEMPERATURE == 0:
            temperature = hot * (cold / hot) ** (step / steps)
        u = int(draw(state) * len(labels))
        degree = start[u + 1] - start[u]
        if degree == 0:
            continue
        a, b = labels[u], labels[neighbour[start[u] + int(draw(state) * degree)]]
        if a == b:
            continue
        if draw(state) * steps < recuts:
            c = _third_grid(u, b, problem, grids, state) if draw(state) < _OF_THREE else -1
            recut(u, b, c, temperature, temperature, problem, grids, tree, pieces, state)
            continue
        borders = _borders(u, b, start, neighbour, border_m, price, labels)
        before = _energy(totals, a, size) + _energy(totals, b, size)
        _shift(u, a, b, 1.0, borders, weight, totals)
        last = units[a] == 1
        change = _energy(totals, b, size) + (0.0 if last else _energy(totals, a, size)) - before
        if (change < 0.0 or draw(state) < exp(-change / temperature)) and (
            last or stays_connected(u, start, neighbour, labels, mark, stamp, queue)
        ):
            labels[u] = b
            units[a] -= 1
            units[b] += 1
            if last:
                _free(a, totals, units, grids)
        else:
            _shift(u, a, b, -1.0, borders, weight, totals)


@njit(cache=True)
def mend(problem: Problem, labels: NDArray[np.int64], most: int, tries: int, seed: int) -> None:
    """Re-cut every grid out of range with random neighbours ``tries`` times, in place, taking improvements only."""
    state = np.array([np.uint64(seed)])
    grids = make_grids(problem, labels, most)
    tree = make_tree(len(labels), len(problem.neighbour) // 2 + 1)
    pieces = np.empty((_MOST_PIECES, 5))
    for _ in range(tries):
        for u in range(len(labels)):
            g = labels[u]
            if miss(grids.totals[g, HOUSEHOLDS], grids.totals[g, RESIDENTS], problem.size) == 0.0:
                continue
            b = _third_grid(u, -1, problem, grids, state)
            if b >= 0:
                c = _third_grid(u, b, problem, grids, state)
                recut(u, b, c, 0.0, _MEND_NOISE, problem, grids, tree, pieces, state)
