"""Two or three neighbouring grids merged and cut anew along a random spanning tree (compiled)."""

from math import exp

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import HOUSEHOLDS, PERIMETER, PRICE, RESIDENTS, Problem, Size, draw, miss, size_energy
from gis_service.partition.grid_totals import Grids, cost_of, free_label, make_grids
from gis_service.partition.misses import TYPICAL_SHAPE
from gis_service.partition.trees import Tree, cut, grow, make_tree, release

_MOST_PIECES = 4
_MEND_NOISE = 1.0
_RANDOM_COUNTS, _OF_THREE = 0.1, 0.5
"""Shares of recuts into a random number of grids, and of recuts of three grids rather than two."""


@njit(cache=True)
def try_recuts(
    tries: int,
    temperature: float,
    per_grid: float,
    problem: Problem,
    grids: Grids,
    tree: Tree,
    unit: NDArray[np.int64],
    state: NDArray[np.uint64],
) -> None:
    """Try to cut the grids of random pairs of neighbours anew, half of them with a third; the Metropolis rule decides.

    Parameters
    ----------
    tries, temperature, per_grid, problem, grids, state
        As for :func:`gis_service.partition.flips.try_flips`.
    tree
        Working room.
    unit
        The unit of each pair.
    """
    labels, neighbour = grids.labels, problem.neighbour
    pieces = np.empty((_MOST_PIECES, 5))
    for _ in range(tries):
        pair = int(draw(state) * len(neighbour))
        u = unit[pair]
        b = labels[neighbour[pair]]
        if labels[u] != b:
            c = _third_grid(u, b, problem, grids, state) if draw(state) < _OF_THREE else -1
            _recut(u, b, c, temperature, temperature, per_grid, problem, grids, tree, pieces, state)


@njit(cache=True)
def recut_broken(
    problem: Problem, labels: NDArray[np.int64], most: int, tries: int, per_grid: float, seed: int
) -> None:
    """Re-cut every grid out of range with random neighbours ``tries`` times, in place, taking improvements only."""
    state = np.array([np.uint64(seed)])
    grids = make_grids(problem, labels, most)
    tree = make_tree(problem)
    pieces = np.empty((_MOST_PIECES, 5))
    for _ in range(tries):
        for u in range(len(labels)):
            g = labels[u]
            if miss(grids.totals[g, HOUSEHOLDS], grids.totals[g, RESIDENTS], problem.size) == 0.0:
                continue
            b = _third_grid(u, -1, problem, grids, state)
            if b >= 0:
                c = _third_grid(u, b, problem, grids, state)
                _recut(u, b, c, 0.0, _MEND_NOISE, per_grid, problem, grids, tree, pieces, state)


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
def _how_many(
    households: float, residents: float, old: int, size: Size, per_grid: float, state: NDArray[np.uint64]
) -> int:
    """Return into how many grids to cut: the cheapest of one fewer, as many and one more; at times a random one."""
    fewest = max(1, old - 1)
    if draw(state) < _RANDOM_COUNTS:
        return fewest + int(draw(state) * (old + 2 - fewest))
    best, count = np.inf, old
    for k in range(fewest, old + 2):
        energy = k * (size_energy(households / k, residents / k, size) + TYPICAL_SHAPE - per_grid)
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
def _recut(
    u: int,
    b: int,
    c: int,
    temperature: float,
    noise: float,
    per_grid: float,
    problem: Problem,
    grids: Grids,
    tree: Tree,
    pieces: NDArray[np.float64],
    state: NDArray[np.uint64],
) -> None:
    """Merge the grid of ``u`` with ``b`` and ``c`` (-1: none), and cut a random spanning tree of them anew.

    The number of grids may change by one. The Metropolis rule decides; ``noise`` varies the cuts tried.
    """
    labels, totals, cost, size = grids.labels, grids.totals, grids.cost, problem.size
    old = (labels[u], b, c)
    olds = 2 if c < 0 else 3
    households = residents = change = 0.0
    for o in range(olds):
        households += totals[old[o], HOUSEHOLDS]
        residents += totals[old[o], RESIDENTS]
        change -= cost[old[o]]
    count = _how_many(households, residents, olds, size, per_grid, state)
    if count - olds > grids.free_count[0]:
        return
    change -= per_grid * (count - olds)
    grow(tree, problem, labels, u, old[0], b, c if c >= 0 else b, state)
    if _cut_up(tree, problem, count, pieces, noise, state):
        for p in range(count):
            change += cost_of(pieces, p, size)
        if change < 0.0 or (temperature > 0.0 and draw(state) < exp(-change / temperature)):
            _take(old, olds, count, grids, tree, pieces, size)
    release(tree)


@njit(cache=True)
def _take(
    old: tuple[int, int, int],
    olds: int,
    count: int,
    grids: Grids,
    tree: Tree,
    pieces: NDArray[np.float64],
    size: Size,
) -> None:
    """Put the pieces of the tree in the place of the old grids."""
    grids.clock[0] += 1
    new = np.empty(_MOST_PIECES, np.int64)
    for p in range(max(count, olds)):
        if p < olds:
            new[p] = old[p]
        else:
            grids.free_count[0] -= 1
            new[p] = grids.free[grids.free_count[0]]
        grids.changed[new[p]] = grids.clock[0]
        if p >= count:
            free_label(grids, new[p])
            continue
        grids.totals[new[p]] = pieces[p]
        grids.cost[new[p]] = cost_of(pieces, p, size)
        grids.units[new[p]] = 0
    for i in range(tree.size[0]):
        g = new[tree.piece[i]]
        grids.labels[tree.unit[i]] = g
        grids.units[g] += 1
