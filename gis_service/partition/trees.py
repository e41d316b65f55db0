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
    Problem,
    draw,
    shape_energy,
    size_energy,
)

_TOTALS = 5
_INSIDE_M, _INSIDE_PRICE, _ALL_M, _ALL_PRICE = range(_TOTALS, _TOTALS + 4)


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
    left, right, border_m, price
        Adjacencies between nodes, whether or not the tree uses them.
    parent, depth, order
        Parent (-1: root) and depth of each node; nodes from the root outwards.
    piece
        Piece each node has been cut into.
    sums
        Per node: the five totals of its subtree, then border and price inside the subtree, then border and price of
        all adjacencies of its nodes (inside counted twice).
    head, following, to, lottery
        Working room.
    """

    size: NDArray[np.int64]
    unit: NDArray[np.int64]
    node: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
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
        np.empty(pairs, np.int64),
        np.empty(pairs, np.int64),
        np.empty(pairs),
        np.empty(pairs),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty(units, np.int64),
        np.empty((units, _TOTALS + 4)),
        np.empty(units, np.int64),
        np.empty(2 * units, np.int64),
        np.empty(2 * units, np.int64),
        np.empty(pairs),
    )


@njit(cache=True)
def gather(tree: Tree, problem: Problem, labels: NDArray[np.int64], root: int, a: int, b: int, c: int) -> None:
    """Fill the nodes with the units labelled ``a``, ``b`` or ``c`` that are connected with ``root`` through such."""
    tree.unit[0] = root
    tree.node[root] = 0
    done, found, pairs = 0, 1, 0
    while done < found:
        u = tree.unit[done]
        for e in range(problem.start[u], problem.start[u + 1]):
            v = problem.neighbour[e]
            if labels[v] != a and labels[v] != b and labels[v] != c:
                continue
            if tree.node[v] < 0:
                tree.node[v] = found
                tree.unit[found] = v
                found += 1
            if tree.node[v] > done:
                tree.left[pairs] = done
                tree.right[pairs] = tree.node[v]
                tree.border_m[pairs] = problem.border_m[e]
                tree.price[pairs] = problem.price[e]
                pairs += 1
        done += 1
    tree.size[0] = found
    tree.size[1] = pairs


@njit(cache=True)
def release(tree: Tree) -> None:
    """Forget the nodes."""
    for i in range(tree.size[0]):
        tree.node[tree.unit[i]] = -1


@njit(cache=True)
def grow(tree: Tree, state: NDArray[np.uint64]) -> None:
    """Draw a random spanning tree by Kruskal's method; long borders that cost nothing are likelier in it."""
    nodes, pairs = tree.size[0], tree.size[1]
    for p in range(pairs):
        tree.lottery[p] = draw(state) / sqrt(
            (1.0 + tree.border_m[p]) * (0.02 + max(0.0, 1.0 + 8.0 * tree.price[p])) ** -2
        )
    root = tree.depth
    for i in range(nodes):
        root[i] = i
        tree.head[i] = -1
        tree.piece[i] = 0
    links = 0
    for p in np.argsort(tree.lottery[:pairs]):
        i, j = tree.left[p], tree.right[p]
        x, y = i, j
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        while root[y] != y:
            root[y] = root[root[y]]
            y = root[y]
        if x == y:
            continue
        root[x] = y
        tree.to[links], tree.following[links], tree.head[i] = j, tree.head[i], links
        tree.to[links + 1], tree.following[links + 1], tree.head[j] = i, tree.head[j], links + 1
        links += 2
        if links == 2 * nodes - 2:
            break
    tree.parent[0], tree.depth[0], tree.order[0] = -1, 0, 0
    done, found = 0, 1
    while done < found:
        i = tree.order[done]
        done += 1
        link = tree.head[i]
        while link >= 0:
            j = tree.to[link]
            if j != tree.parent[i]:
                tree.parent[j], tree.depth[j], tree.order[found] = i, tree.depth[i] + 1, j
                found += 1
            link = tree.following[link]


@njit(cache=True)
def _sum_subtrees(tree: Tree, problem: Problem, piece: int) -> int:
    """Fill ``sums`` for the nodes of ``piece``; return its topmost node.

    An adjacency lies inside exactly the subtrees of the lowest common ancestor of its ends and of that node's
    ancestors, so one walk per adjacency gives the borders of all possible cuts.
    """
    for i in range(tree.size[0]):
        if tree.piece[i] == piece:
            u = tree.unit[i]
            sums = tree.sums[i]
            sums[HOUSEHOLDS] = problem.households[u]
            sums[RESIDENTS] = problem.residents[u]
            sums[AREA] = problem.area_m2[u]
            sums[PERIMETER] = problem.perimeter_m[u]
            sums[_INSIDE_M] = sums[_INSIDE_PRICE] = sums[_ALL_M] = sums[_ALL_PRICE] = 0.0
    for p in range(tree.size[1]):
        i, j = tree.left[p], tree.right[p]
        if tree.piece[i] != piece or tree.piece[j] != piece:
            continue
        tree.sums[i, _ALL_M] += tree.border_m[p]
        tree.sums[j, _ALL_M] += tree.border_m[p]
        tree.sums[i, _ALL_PRICE] += tree.price[p]
        tree.sums[j, _ALL_PRICE] += tree.price[p]
        while i != j:
            if tree.depth[i] >= tree.depth[j]:
                i = tree.parent[i]
            else:
                j = tree.parent[j]
        tree.sums[i, _INSIDE_M] += tree.border_m[p]
        tree.sums[i, _INSIDE_PRICE] += tree.price[p]
    top = -1
    for r in range(tree.size[0] - 1, -1, -1):
        i = tree.order[r]
        if tree.piece[i] == piece:
            top = i
            above = tree.parent[i]
            if above >= 0 and tree.piece[above] == piece:
                for t in range(_TOTALS + 4):
                    if t != PRICE:
                        tree.sums[above, t] += tree.sums[i, t]
    return top


@njit(cache=True)
def cut(
    tree: Tree,
    problem: Problem,
    piece: int,
    count: int,
    new: int,
    totals: NDArray[np.float64],
) -> int:
    """Cut ``piece``, meant for ``count`` grids, in two along the best edge of the tree.

    Parameters
    ----------
    piece, new
        The piece to cut, and the number of the piece made of what lies below the edge.
    totals
        Rows ``piece`` and ``new`` receive the totals of the two.

    Returns
    -------
    int
        For how many grids ``new`` is meant; 0 when the piece has one unit only, and cannot be cut.
    """
    top = _sum_subtrees(tree, problem, piece)
    whole = tree.sums[top]
    perimeter_m = whole[PERIMETER] - 2.0 * whole[_INSIDE_M]
    best, best_node, best_count = np.inf, -1, 0
    for i in range(tree.size[0]):
        if tree.piece[i] != piece or i == top:
            continue
        below = tree.sums[i]
        h, r, area = below[HOUSEHOLDS], below[RESIDENTS], below[AREA]
        h2, r2, area2 = whole[HOUSEHOLDS] - h, whole[RESIDENTS] - r, whole[AREA] - area
        below_m = below[PERIMETER] - 2.0 * below[_INSIDE_M]
        crossing_m = below[_ALL_M] - 2.0 * below[_INSIDE_M]
        crossing_price = below[_ALL_PRICE] - 2.0 * below[_INSIDE_PRICE]
        shape = (
            shape_energy(area, below_m) + shape_energy(area2, perimeter_m + 2.0 * crossing_m - below_m) - crossing_price
        )
        share = h / whole[HOUSEHOLDS] if whole[HOUSEHOLDS] > 0.0 else area / whole[AREA]
        guess = int(share * count)
        for k in range(max(1, guess), min(count - 1, guess + 1) + 1):
            rest = count - k
            energy = k * size_energy(h / k, r / k, problem) + rest * size_energy(h2 / rest, r2 / rest, problem) + shape
            if energy < best:
                best, best_node, best_count = energy, i, k
    if best_node < 0:
        return 0
    below = tree.sums[best_node]
    below_m = below[PERIMETER] - 2.0 * below[_INSIDE_M]
    crossing_m = below[_ALL_M] - 2.0 * below[_INSIDE_M]
    for t in (HOUSEHOLDS, RESIDENTS, AREA):
        totals[new, t] = below[t]
        totals[piece, t] = whole[t] - below[t]
    totals[new, PERIMETER] = below_m
    totals[piece, PERIMETER] = perimeter_m + 2.0 * crossing_m - below_m
    totals[new, PRICE] = below[_INSIDE_PRICE]
    totals[piece, PRICE] = whole[_INSIDE_PRICE] - below[_ALL_PRICE] + below[_INSIDE_PRICE]
    tree.piece[best_node] = new
    for r in range(tree.size[0]):
        i = tree.order[r]
        above = tree.parent[i]
        if above >= 0 and tree.piece[i] == piece and tree.piece[above] == new:
            tree.piece[i] = new
    return best_count
