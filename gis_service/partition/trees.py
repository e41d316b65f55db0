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
        Unit of each node; node 0 is the root.
    node
        Node of each unit of the problem, -1 outside the tree.
    ends, border_m, price
        Adjacencies between nodes, whether or not the tree uses them.
    parent, depth, order
        Parent (-1: root) and depth of each node; nodes from the root outwards.
    piece
        Piece each node has been cut into.
    sums
        Per node: the four weights of its subtree; border inside the subtree, border of all adjacencies of its nodes
        (inside counted twice), the same two for the price, and the number of units.
    head, following, to, lottery
        Working room.
    """

    size: NDArray[np.int64]
    unit: NDArray[np.int64]
    node: NDArray[np.int64]
    ends: NDArray[np.int64]
    border_m: NDArray[np.float64]
    price: NDArray[np.float64]
    parent: NDArray[np.int64]
    depth: NDArray[np.int64]
    order: NDArray[np.int64]
    piece: NDArray[np.int64]
    sums: NDArray[np.float64]
    head: NDArray[np.int64]
    following: NDArray[np.int64]
    to: NDArray[np.int64]
    lottery: NDArray[np.float64]


@njit(cache=True)
def make_tree(units: int, pairs: int) -> Tree:
    """Return an empty tree with room for ``units`` units and ``pairs`` adjacencies."""
    return Tree(
        np.zeros(2, np.int64),
        np.empty(units, np.int64),
        np.full(units, -1, np.int64),
        np.empty((pairs, 2), np.int64),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty((units, _SUMS)),
        np.empty(units, np.int64),
        np.empty(2 * units, np.int64),
        np.empty(2 * units, np.int64),
        np.empty(pairs),
    )


@njit(cache=True)
def gather(tree: Tree, problem: Problem, labels: NDArray[np.int64], root: int, a: int, b: int, c: int) -> None:
    """Fill the nodes with the units labelled ``a``, ``b`` or ``c`` that are connected with ``root`` through such."""
    unit, node, ends, border_m, price = tree.unit, tree.node, tree.ends, tree.border_m, tree.price
    start, neighbour, all_border_m, all_price = problem.start, problem.neighbour, problem.border_m, problem.price
    unit[0] = root
    node[root] = 0
    done, found, pairs = 0, 1, 0
    while done < found:
        u = unit[done]
        for e in range(start[u], start[u + 1]):
            v = neighbour[e]
            g = labels[v]
            if g not in (a, b, c):
                continue
            if node[v] < 0:
                node[v] = found
                unit[found] = v
                found += 1
            if node[v] > done:
                ends[pairs, 0] = done
                ends[pairs, 1] = node[v]
                border_m[pairs] = all_border_m[e]
                price[pairs] = all_price[e]
                pairs += 1
        done += 1
    tree.size[0] = found
    tree.size[1] = pairs


@njit(cache=True)
def release(tree: Tree) -> None:
    """Forget the nodes."""
    unit, node = tree.unit, tree.node
    for i in range(tree.size[0]):
        node[unit[i]] = -1


@njit(cache=True)
def _root(root: NDArray[np.int64], i: int) -> int:
    """Return the representative of the set of ``i``, halving the path to it."""
    while root[i] != i:
        root[i] = root[root[i]]
        i = root[i]
    return i


@njit(cache=True)
def grow(tree: Tree, state: NDArray[np.uint64]) -> None:
    """Draw a random spanning tree by Kruskal's method; long borders that cost nothing are likelier in it."""
    nodes, pairs = tree.size[0], tree.size[1]
    ends, border_m, price, lottery = tree.ends, tree.border_m, tree.price, tree.lottery
    piece, head, following, to = tree.piece, tree.head, tree.following, tree.to
    for p in range(pairs):
        lottery[p] = draw(state) * (1.0 + 8.0 * max(price[p], 0.0)) / sqrt(1.0 + border_m[p])
    root = tree.depth
    for i in range(nodes):
        root[i] = i
        head[i] = -1
        piece[i] = 0
    links = 0
    for p in np.argsort(lottery[:pairs]):
        i, j = ends[p, 0], ends[p, 1]
        x, y = _root(root, i), _root(root, j)
        if x == y:
            continue
        root[x] = y
        to[links], following[links], head[i] = j, head[i], links
        to[links + 1], following[links + 1], head[j] = i, head[j], links + 1
        links += 2
        if links == 2 * nodes - 2:
            break
    _hang(tree)


@njit(cache=True)
def _hang(tree: Tree) -> None:
    """Hang the tree up at node 0: parents, depths and the order from the root outwards."""
    parent, depth, order = tree.parent, tree.depth, tree.order
    head, following, to = tree.head, tree.following, tree.to
    parent[0], depth[0], order[0] = -1, 0, 0
    done, found = 0, 1
    while done < found:
        i = order[done]
        done += 1
        link = head[i]
        while link >= 0:
            j = to[link]
            if j != parent[i]:
                parent[j], depth[j], order[found] = i, depth[i] + 1, j
                found += 1
            link = following[link]


@njit(cache=True)
def _add_borders(tree: Tree, chosen: int) -> None:
    """Add the adjacencies inside piece ``chosen`` to ``sums``.

    One lies inside exactly the subtrees of the lowest common ancestor of its ends and of that node's ancestors, so one
    walk per adjacency gives the borders of all possible cuts.
    """
    ends, border_m, price = tree.ends, tree.border_m, tree.price
    parent, depth, piece, sums = tree.parent, tree.depth, tree.piece, tree.sums
    for p in range(tree.size[1]):
        i, j = ends[p, 0], ends[p, 1]
        if piece[i] != chosen or piece[j] != chosen:
            continue
        for k in (i, j):
            sums[k, _ALL_M] += border_m[p]
            sums[k, _ALL_PRICE] += price[p]
        while i != j:
            if depth[i] >= depth[j]:
                i = parent[i]
            else:
                j = parent[j]
        sums[i, _INSIDE_M] += border_m[p]
        sums[i, _INSIDE_PRICE] += price[p]


@njit(cache=True)
def _sum_subtrees(tree: Tree, weight: NDArray[np.float64], chosen: int) -> int:
    """Fill ``sums`` for the nodes of piece ``chosen``; return its topmost node."""
    unit, parent, order, piece, sums = tree.unit, tree.parent, tree.order, tree.piece, tree.sums
    for i in range(tree.size[0]):
        for t in range(4):
            sums[i, t] = weight[unit[i], t]
        for t in range(4, _SUMS):
            sums[i, t] = 0.0
        sums[i, _UNITS] = 1.0
    _add_borders(tree, chosen)
    top = -1
    for r in range(tree.size[0] - 1, -1, -1):
        i = order[r]
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
    order, parent, piece, sums, size = tree.order, tree.parent, tree.piece, tree.sums, problem.size
    top = _sum_subtrees(tree, problem.weight, chosen)
    households, residents, area = sums[top, HOUSEHOLDS], sums[top, RESIDENTS], sums[top, AREA]
    perimeter_m = sums[top, PERIMETER] - 2.0 * sums[top, _INSIDE_M]
    lead = HOUSEHOLDS if size.by_households or residents >= UNKNOWN else RESIDENTS
    best, best_node, best_count = np.inf, -1, 0
    for i in range(tree.size[0]):
        if piece[i] != chosen or i == top:
            continue
        h, r, a = sums[i, HOUSEHOLDS], sums[i, RESIDENTS], sums[i, AREA]
        below_m = sums[i, PERIMETER] - 2.0 * sums[i, _INSIDE_M]
        crossing_m = sums[i, _ALL_M] - 2.0 * sums[i, _INSIDE_M]
        other_m = perimeter_m + 2.0 * crossing_m - below_m
        chance = noise * draw(state)
        saved = sums[i, _ALL_PRICE] - 2.0 * sums[i, _INSIDE_PRICE]
        shape = shape_energy(a, below_m) + shape_energy(area - a, other_m) - saved
        guess = int((sums[i, lead] / sums[top, lead] if sums[top, lead] > 0.0 else a / area) * count)
        fewest = max(1, guess, count - int(sums[top, _UNITS] - sums[i, _UNITS]))
        for k in range(fewest, min(count - 1, guess + 1, int(sums[i, _UNITS])) + 1):
            rest = count - k
            energy = chance + shape + k * size_energy(h / k, r / k, size) + _HALVES * (k / count - 0.5) ** 2
            energy += rest * size_energy((households - h) / rest, (residents - r) / rest, size)
            if energy < best:
                best, best_node, best_count = energy, i, k
    if best_node < 0:
        return 0
    for t in (HOUSEHOLDS, RESIDENTS, AREA):
        totals[new, t] = sums[best_node, t]
        totals[chosen, t] = sums[top, t] - sums[best_node, t]
    below_m = sums[best_node, PERIMETER] - 2.0 * sums[best_node, _INSIDE_M]
    crossing_m = sums[best_node, _ALL_M] - 2.0 * sums[best_node, _INSIDE_M]
    totals[new, PERIMETER] = below_m
    totals[chosen, PERIMETER] = perimeter_m + 2.0 * crossing_m - below_m
    totals[new, PRICE] = sums[best_node, _INSIDE_PRICE]
    totals[chosen, PRICE] = sums[top, _INSIDE_PRICE] - sums[best_node, _ALL_PRICE] + sums[best_node, _INSIDE_PRICE]
    piece[best_node] = new
    for r in range(tree.size[0]):
        i = order[r]
        if piece[i] == chosen and parent[i] >= 0 and piece[parent[i]] == new:
            piece[i] = new
    return best_count
