"""Annealing of an assignment: units flip between neighbouring grids, neighbouring grids are merged and cut anew (compiled)."""

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
    draw,
    grid_energy,
    miss,
    size_energy,
)
from gis_service.partition.trees import Tree, cut, gather, grow, make_tree, release

_MOST_PIECES = 4


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
        totals[g, HOUSEHOLDS] += problem.households[u]
        totals[g, RESIDENTS] += problem.residents[u]
        totals[g, AREA] += problem.area_m2[u]
        totals[g, PERIMETER] += problem.perimeter_m[u]
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
    return Grids(
        labels,
        totals,
        units,
        free,
        np.array([count]),
        np.zeros(n, np.int64),
        np.zeros(1, np.int64),
        np.empty(n, np.int64),
    )


@njit(cache=True)
def stays_connected(u: int, problem: Problem, grids: Grids) -> bool:
    """Tell whether the grid of ``u`` stays one piece without ``u``; the search ends when it has met all its neighbours."""
    labels, mark, queue = grids.labels, grids.mark, grids.queue
    a = labels[u]
    grids.stamp[0] += 1
    seen = grids.stamp[0]
    wanted, first = 0, -1
    for e in range(problem.start[u], problem.start[u + 1]):
        v = problem.neighbour[e]
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
        for e in range(problem.start[w], problem.start[w + 1]):
            v = problem.neighbour[e]
            if labels[v] == a and mark[v] != seen:
                if mark[v] == -seen:
                    met += 1
                mark[v] = seen
                queue[found] = v
                found += 1
    return met == wanted


@njit(cache=True)
def _energy(grids: Grids, g: int, problem: Problem) -> float:
    t = grids.totals[g]
    return grid_energy(t[HOUSEHOLDS], t[RESIDENTS], t[AREA], t[PERIMETER], t[PRICE], problem)


@njit(cache=True)
def flip(u: int, b: int, temperature: float, problem: Problem, grids: Grids, state: NDArray[np.uint64]) -> bool:
    """Move ``u`` to the neighbouring grid ``b`` if the Metropolis rule accepts and its own grid stays one piece."""
    a = grids.labels[u]
    lost_m = gained_m = lost_price = gained_price = 0.0
    for e in range(problem.start[u], problem.start[u + 1]):
        g = grids.labels[problem.neighbour[e]]
        if g == a:
            lost_m += problem.border_m[e]
            lost_price += problem.price[e]
        elif g == b:
            gained_m += problem.border_m[e]
            gained_price += problem.price[e]
    ta, tb = grids.totals[a], grids.totals[b]
    households, residents, area = problem.households[u], problem.residents[u], problem.area_m2[u]
    perimeter_a = ta[PERIMETER] - problem.perimeter_m[u] + 2.0 * lost_m
    perimeter_b = tb[PERIMETER] + problem.perimeter_m[u] - 2.0 * gained_m
    change = (
        grid_energy(
            tb[HOUSEHOLDS] + households,
            tb[RESIDENTS] + residents,
            tb[AREA] + area,
            perimeter_b,
            tb[PRICE] + gained_price,
            problem,
        )
        - _energy(grids, b, problem)
        - _energy(grids, a, problem)
    )
    last = grids.units[a] == 1
    if not last:
        change += grid_energy(
            ta[HOUSEHOLDS] - households,
            ta[RESIDENTS] - residents,
            ta[AREA] - area,
            perimeter_a,
            ta[PRICE] - lost_price,
            problem,
        )
    if change >= 0.0 and (temperature <= 0.0 or draw(state) >= exp(-change / temperature)):
        return False
    if not last and not stays_connected(u, problem, grids):
        return False
    grids.labels[u] = b
    tb[HOUSEHOLDS] += households
    tb[RESIDENTS] += residents
    tb[AREA] += area
    tb[PERIMETER] = perimeter_b
    tb[PRICE] += gained_price
    grids.units[b] += 1
    if last:
        _free(grids, a)
    else:
        ta[HOUSEHOLDS] -= households
        ta[RESIDENTS] -= residents
        ta[AREA] -= area
        ta[PERIMETER] = perimeter_a
        ta[PRICE] -= lost_price
        grids.units[a] -= 1
    return True


@njit(cache=True)
def _free(grids: Grids, g: int) -> None:
    grids.totals[g] = 0.0
    grids.units[g] = 0
    grids.free[grids.free_count[0]] = g
    grids.free_count[0] += 1


@njit(cache=True)
def _third_grid(u: int, b: int, problem: Problem, grids: Grids, state: NDArray[np.uint64]) -> int:
    """Return a random grid that touches the grid of ``u`` and is neither that nor ``b``; -1 where none does."""
    labels, mark, queue = grids.labels, grids.mark, grids.queue
    a = labels[u]
    grids.stamp[0] += 1
    seen = grids.stamp[0]
    mark[u] = seen
    queue[0] = u
    done, found, met, chosen = 0, 1, 0, -1
    while done < found:
        w = queue[done]
        done += 1
        for e in range(problem.start[w], problem.start[w + 1]):
            v = problem.neighbour[e]
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
def _how_many(households: float, residents: float, old: int, problem: Problem, state: NDArray[np.uint64]) -> int:
    """Return into how many grids to cut: the cheapest of one fewer, as many and one more; at times a random one."""
    fewest = max(1, old - 1)
    if draw(state) < 0.1:
        return fewest + int(draw(state) * (old + 2 - fewest))
    best, count = np.inf, old
    for k in range(fewest, old + 2):
        energy = k * (size_energy(households / k, residents / k, problem) + 1.2)
        if energy < best:
            best, count = energy, k
    return count


@njit(cache=True)
def recut(
    u: int,
    b: int,
    c: int,
    temperature: float,
    problem: Problem,
    grids: Grids,
    tree: Tree,
    pieces: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> bool:
    """Merge the grid of ``u`` with ``b`` and ``c`` (-1: none), and cut a random spanning tree of them anew.

    The number of grids may change by one. The Metropolis rule decides.
    """
    a = grids.labels[u]
    old = np.array([a, b, c])
    olds = 2 if c < 0 else 3
    households = residents = change = 0.0
    for g in old[:olds]:
        households += grids.totals[g, HOUSEHOLDS]
        residents += grids.totals[g, RESIDENTS]
        change -= _energy(grids, g, problem)
    news = _how_many(households, residents, olds, problem, state)
    if news - olds > grids.free_count[0]:
        return False
    gather(tree, problem, grids.labels, u, a, b, c)
    grow(tree, state)
    meant = np.zeros(_MOST_PIECES, np.int64)
    meant[0] = news
    made = 1
    whole = True
    if news == 1:
        _join(tree, problem, pieces)
    piece = 0
    while whole and piece < made:
        while meant[piece] > 1:
            k = cut(tree, problem, piece, meant[piece], made, pieces)
            if k == 0:
                whole = False
                break
            meant[made] = k
            meant[piece] -= k
            made += 1
        piece += 1
    accepted = False
    if whole:
        for p in range(made):
            t = pieces[p]
            change += grid_energy(t[HOUSEHOLDS], t[RESIDENTS], t[AREA], t[PERIMETER], t[PRICE], problem)
        accepted = change < 0.0 or (temperature > 0.0 and draw(state) < exp(-change / temperature))
    if accepted:
        _replace(grids, tree, old[:olds], pieces, made)
    release(tree)
    return accepted


@njit(cache=True)
def _join(tree: Tree, problem: Problem, pieces: NDArray[np.float64]) -> None:
    """Write the totals of the whole tree into the first row of ``pieces``."""
    pieces[0] = 0.0
    for i in range(tree.size[0]):
        u = tree.unit[i]
        pieces[0, HOUSEHOLDS] += problem.households[u]
        pieces[0, RESIDENTS] += problem.residents[u]
        pieces[0, AREA] += problem.area_m2[u]
        pieces[0, PERIMETER] += problem.perimeter_m[u]
    for p in range(tree.size[1]):
        pieces[0, PERIMETER] -= 2.0 * tree.border_m[p]
        pieces[0, PRICE] += tree.price[p]


@njit(cache=True)
def _replace(grids: Grids, tree: Tree, old: NDArray[np.int64], pieces: NDArray[np.float64], made: int) -> None:
    label = np.empty(_MOST_PIECES, np.int64)
    for p in range(made):
        if p < len(old):
            label[p] = old[p]
        else:
            grids.free_count[0] -= 1
            label[p] = grids.free[grids.free_count[0]]
        grids.totals[label[p]] = pieces[p]
        grids.units[label[p]] = 0
    for p in range(made, len(old)):
        _free(grids, old[p])
    for i in range(tree.size[0]):
        g = label[tree.piece[i]]
        grids.labels[tree.unit[i]] = g
        grids.units[g] += 1


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
    n = len(labels)
    state = np.array([np.uint64(seed)])
    grids = make_grids(problem, labels, most)
    tree = make_tree(n, len(problem.neighbour) // 2 + 1)
    pieces = np.empty((_MOST_PIECES, 5))
    steps = flips + recuts
    share = recuts / steps
    for step in range(steps):
        temperature = hot * (cold / hot) ** (step / steps)
        u = int(draw(state) * n)
        degree = problem.start[u + 1] - problem.start[u]
        if degree == 0:
            continue
        b = labels[problem.neighbour[problem.start[u] + int(draw(state) * degree)]]
        if b == labels[u]:
            continue
        if draw(state) >= share:
            flip(u, b, temperature, problem, grids, state)
        else:
            c = _third_grid(u, b, problem, grids, state) if draw(state) < 0.5 else -1
            recut(u, b, c, temperature, problem, grids, tree, pieces, state)


@njit(cache=True)
def mend(problem: Problem, labels: NDArray[np.int64], most: int, tries: int, seed: int) -> None:
    """Re-cut every grid out of range with random neighbours ``tries`` times, in place, taking improvements only."""
    n = len(labels)
    state = np.array([np.uint64(seed)])
    grids = make_grids(problem, labels, most)
    tree = make_tree(n, len(problem.neighbour) // 2 + 1)
    pieces = np.empty((_MOST_PIECES, 5))
    for _ in range(tries):
        for u in range(n):
            t = grids.totals[labels[u]]
            if miss(t[HOUSEHOLDS], t[RESIDENTS], problem) == 0.0:
                continue
            b = _third_grid(u, -1, problem, grids, state)
            if b >= 0:
                c = _third_grid(u, b, problem, grids, state) if draw(state) < 0.7 else -1
                recut(u, b, c, 0.0, problem, grids, tree, pieces, state)
