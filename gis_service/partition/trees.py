"""Random spanning trees over some grids' units, and the best cut of a tree into two (compiled)."""

from math import sqrt
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
    UNKNOWN,
    Problem,
    draw,
    shape_energy,
    size_energy,
)

_INSIDE_M, _ALL_M, _INSIDE_PRICE, _ALL_PRICE, _UNITS = range(4, 9)
_SUMS = 9
_HALVES = 20.0
"""Price of cutting off few of many grids; halves keep the recursion flat."""


class Tree(NamedTuple):
    """A spanning tree over ``size[0]`` units and ``size[1]`` adjacencies, with room for every unit of the problem.

    Parameters
    ----------
    size
        Units and adjacencies in use.
    unit
        Unit of each node; node 0 is the root, and every other node comes after its parent.
    node
        Node of each unit of the problem; `_OUTSIDE` the tree.
    ends, border_m, price
        Adjacencies between nodes, whether or not the tree uses them.
    parent
        Parent of each node; -1: the root.
    piece
        Piece each node has been cut into.
    sums
        Per node: the four weights of its subtree; border inside the subtree, border of all adjacencies of its nodes
        (inside counted twice), the same two for the price, and the number of units.
    lot
        Per pair of the problem: how unlikely it is in a tree.
    waiting, link, key
        Units beside a growing tree; of each unit of the problem the node it would hang on, and how soon.
    """

    size: NDArray[np.int64]
    unit: NDArray[np.int64]
    node: NDArray[np.int64]
    ends: NDArray[np.int64]
    border_m: NDArray[np.float64]
    price: NDArray[np.float64]
    parent: NDArray[np.int64]
    piece: NDArray[np.int64]
    sums: NDArray[np.float64]
    lot: NDArray[np.float64]
    waiting: NDArray[np.int64]
    link: NDArray[np.int64]
    key: NDArray[np.float64]


_OUTSIDE, _WAITING = -1, -2


@njit(cache=True)
def make_tree(problem: Problem) -> Tree:
    """Return an empty tree with room for all units of a problem."""
    units, pairs = len(problem.weight), len(problem.neighbour) // 2 + 1
    lot = np.empty(len(problem.neighbour))
    for e in range(len(lot)):
        lot[e] = (1.0 + 8.0 * max(problem.price[e], 0.0)) / sqrt(1.0 + problem.border_m[e])
    return Tree(
        np.zeros(2, np.int64),
        np.empty(units, np.int64),
        np.full(units, _OUTSIDE, np.int64),
        np.empty((pairs, 2), np.int64),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty((units, _SUMS)),
        lot,
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty(units),
    )


@njit(cache=True)
def grow(
    tree: Tree,
    problem: Problem,
    labels: NDArray[np.int64],
    root: int,
    a: int,
    b: int,
    c: int,
    state: NDArray[np.uint64],
) -> None:
    """Draw a random spanning tree of the units labelled ``a``, ``b`` or ``c`` that hang together with ``root``.

    Prim's method over random lengths; long borders that cost nothing are likelier in the tree.
    """
    unit, node, ends, border_m, price = tree.unit, tree.node, tree.ends, tree.border_m, tree.price
    parent, piece = tree.parent, tree.piece
    lot, waiting, link, key = tree.lot, tree.waiting, tree.link, tree.key
    start, neighbour, all_border_m, all_price = problem.start, problem.neighbour, problem.border_m, problem.price
    nodes, pairs, height = 0, 0, 0
    u, above = root, -1
    while True:
        unit[nodes], node[u], parent[nodes], piece[nodes] = u, nodes, above, 0
        for e in range(start[u], start[u + 1]):
            v = neighbour[e]
            g = labels[v]
            if g not in (a, b, c):
                continue
            j = node[v]
            if j >= 0:
                ends[pairs, 0] = j
                ends[pairs, 1] = nodes
                border_m[pairs] = all_border_m[e]
                price[pairs] = all_price[e]
                pairs += 1
                continue
            length = draw(state) * lot[e]
            if j == _OUTSIDE:
                node[v] = _WAITING
                waiting[height] = v
                height += 1
            elif length >= key[v]:
                continue
            key[v] = length
            link[v] = nodes
        nodes += 1
        if height == 0:
            break
        nearest = 0
        for i in range(1, height):
            if key[waiting[i]] < key[waiting[nearest]]:
                nearest = i
        u = waiting[nearest]
        above = link[u]
        height -= 1
        waiting[nearest] = waiting[height]
    tree.size[0] = nodes
    tree.size[1] = pairs


@njit(cache=True)
def release(tree: Tree) -> None:
    """Forget the nodes."""
    unit, node = tree.unit, tree.node
    for i in range(tree.size[0]):
        node[unit[i]] = _OUTSIDE


@njit(cache=True)
def _add_borders(tree: Tree, chosen: int) -> None:
    """Add the adjacencies inside piece ``chosen`` to ``sums``.

    One lies inside exactly the subtrees of the lowest common ancestor of its ends and of that node's ancestors, so one
    walk per adjacency gives the borders of all possible cuts.
    """
    ends, border_m, price = tree.ends, tree.border_m, tree.price
    parent, piece, sums = tree.parent, tree.piece, tree.sums
    for p in range(tree.size[1]):
        i, j = ends[p, 0], ends[p, 1]
        if piece[i] != chosen or piece[j] != chosen:
            continue
        metres, paid = border_m[p], price[p]
        sums[i, _ALL_M] += metres
        sums[i, _ALL_PRICE] += paid
        sums[j, _ALL_M] += metres
        sums[j, _ALL_PRICE] += paid
        while i != j:
            if i > j:
                i = parent[i]
            else:
                j = parent[j]
        sums[i, _INSIDE_M] += metres
        sums[i, _INSIDE_PRICE] += paid


@njit(cache=True)
def _sum_subtrees(tree: Tree, weight: NDArray[np.float64], chosen: int) -> int:
    """Fill ``sums`` for the nodes of piece ``chosen``; return its topmost node."""
    unit, parent, piece, sums = tree.unit, tree.parent, tree.piece, tree.sums
    nodes = tree.size[0]
    for i in range(nodes):
        u = unit[i]
        for t in range(4):
            sums[i, t] = weight[u, t]
        for t in range(4, _UNITS):
            sums[i, t] = 0.0
        sums[i, _UNITS] = 1.0
    _add_borders(tree, chosen)
    top = -1
    for i in range(nodes - 1, -1, -1):
        if piece[i] == chosen:
            top = i
            above = parent[i]
            if above >= 0 and piece[above] == chosen:
                for t in range(_SUMS):
                    sums[above, t] += sums[i, t]
    return top


@njit(cache=True)
def cut(
    tree: Tree,
    problem: Problem,
    chosen: int,
    count: int,
    new: int,
    totals: NDArray[np.float64],
    noise: float,
    state: NDArray[np.uint64],
) -> int:
    """Cut a piece, meant for ``count`` grids, in two along the best edge of the tree.

    Parameters
    ----------
    chosen, new
        The piece to cut, and the number of the piece made of what lies below the edge.
    totals
        Rows ``chosen`` and ``new`` receive the totals of the two.
    noise, state
        Every cut's price is raised by a random amount of up to ``noise``, so that the second-best has a chance.

    Returns
    -------
    int
        For how many grids ``new`` is meant; 0 when no edge leaves a unit for every grid.
    """
    piece, sums, size = tree.piece, tree.sums, problem.size
    top = _sum_subtrees(tree, problem.weight, chosen)
    households, residents, area = sums[top, HOUSEHOLDS], sums[top, RESIDENTS], sums[top, AREA]
    perimeter_m = sums[top, PERIMETER] - 2.0 * sums[top, _INSIDE_M]
    lead = HOUSEHOLDS if size.by_households or residents >= UNKNOWN else RESIDENTS
    best, best_node, best_count = np.inf, -1, 0
    for i in range(top + 1, tree.size[0]):
        if piece[i] != chosen:
            continue
        h, r, a = sums[i, HOUSEHOLDS], sums[i, RESIDENTS], sums[i, AREA]
        base = noise * draw(state) - sums[i, _ALL_PRICE] + 2.0 * sums[i, _INSIDE_PRICE]
        guess = int((sums[i, lead] / sums[top, lead] if sums[top, lead] > 0.0 else a / area) * count)
        fewest = max(1, guess, count - int(sums[top, _UNITS] - sums[i, _UNITS]))
        for k in range(fewest, min(count - 1, guess + 1, int(sums[i, _UNITS])) + 1):
            rest = count - k
            energy = base + k * size_energy(h / k, r / k, size) + _HALVES * (k / count - 0.5) ** 2
            energy += rest * size_energy((households - h) / rest, (residents - r) / rest, size)
            if energy >= best:
                continue
            below_m = sums[i, PERIMETER] - 2.0 * sums[i, _INSIDE_M]
            crossing_m = sums[i, _ALL_M] - 2.0 * sums[i, _INSIDE_M]
            other_m = perimeter_m + 2.0 * crossing_m - below_m
            energy += shape_energy(a, below_m) + shape_energy(area - a, other_m)
            if energy < best:
                best, best_node, best_count = energy, i, k
    if best_node < 0:
        return 0
    _cut_below(tree, best_node, top, chosen, new, totals)
    return best_count


@njit(cache=True)
def _cut_below(tree: Tree, node: int, top: int, chosen: int, new: int, totals: NDArray[np.float64]) -> None:
    """Make what lies below a node of piece ``chosen`` piece ``new``, and fill the totals of both."""
    parent, piece, sums = tree.parent, tree.piece, tree.sums
    perimeter_m = sums[top, PERIMETER] - 2.0 * sums[top, _INSIDE_M]
    for t in (HOUSEHOLDS, RESIDENTS, AREA):
        totals[new, t] = sums[node, t]
        totals[chosen, t] = sums[top, t] - sums[node, t]
    below_m = sums[node, PERIMETER] - 2.0 * sums[node, _INSIDE_M]
    crossing_m = sums[node, _ALL_M] - 2.0 * sums[node, _INSIDE_M]
    totals[new, PERIMETER] = below_m
    totals[chosen, PERIMETER] = perimeter_m + 2.0 * crossing_m - below_m
    totals[new, PRICE] = sums[node, _INSIDE_PRICE]
    totals[chosen, PRICE] = sums[top, _INSIDE_PRICE] - sums[node, _ALL_PRICE] + sums[node, _INSIDE_PRICE]
    piece[node] = new
    for i in range(node + 1, tree.size[0]):
        if piece[i] == chosen and piece[parent[i]] == new:
            piece[i] = new
