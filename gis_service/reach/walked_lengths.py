"""How long the quickest walks are on the ground, where walks count more or less than their length."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.k_nearest import Labels
from gis_service.reach.search import Edges, Rows, Sources, Spots, along, first_on_edge


def node_lengths(nodes: Labels, rows: Rows, edges: Edges, targets: Sources) -> NDArray[np.float64]:
    """Return the length of every label's walk, and make its way to set out that of the shortest, in place.

    Of several walks that are equally quick the shortest counts, so that lengths do not depend on the order of rows.

    Parameters
    ----------
    nodes
        The k nearest facilities of every node with the walks as they count; `way` is rewritten.
    rows, edges
        The network.
    targets
        The facilities `nodes` was made with.

    Returns
    -------
    numpy.ndarray
        Lengths [m] from the node on, the facility's gap included, shape (n, k); inf: there is no label.
    """
    order = np.argsort(nodes.walk_m, axis=None, kind="stable")
    return _node_lengths(nodes, rows, edges, targets, order[: np.count_nonzero(nodes.walk_m < np.inf)])


@njit(cache=True, nogil=True)
def _place_of(nodes: Labels, node: int, owner: int, walk_m: float) -> int:
    """Return the place of a walk among the labels of a node; -1: it has no such label."""
    for place in range(nodes.owner.shape[1]):
        if nodes.owner[node, place] == owner and nodes.walk_m[node, place] == walk_m:
            return place
    return -1


@njit(cache=True, nogil=True)
def _node_lengths(
    nodes: Labels, rows: Rows, edges: Edges, targets: Sources, order: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the lengths, see `node_lengths`; `order` holds the places of the labels, ascending by walk."""
    (walks_m, owners, ways), k = nodes, nodes.owner.shape[1]
    length_m = np.full(walks_m.shape, np.inf)
    for i in range(len(targets.edge)):
        edge, to_m = targets.edge[i], targets.offset_m[i]
        for towards_v in range(2):
            node = edges.u[edge] if towards_v else edges.v[edge]
            from_m = 0.0 if towards_v else edges.length_m[edge]
            walk_m = targets.gap_m[i] + along(edges, edge, from_m, to_m)
            place = _place_of(nodes, node, targets.owner[i], walk_m)
            if place >= 0 and targets.gap_m[i] + abs(to_m - from_m) < length_m[node, place]:
                length_m[node, place] = targets.gap_m[i] + abs(to_m - from_m)
                ways[node, place] = ~(2 * edge + towards_v)
    again = True
    while again:
        again = False
        for label in order:
            node, here = label // k, label % k
            for arc in range(rows.start[node], rows.start[node + 1]):
                other, edge = rows.neighbour[arc], rows.edge[arc]
                place = _place_of(nodes, other, owners[node, here], walks_m[node, here] + rows.length_m[arc])
                if place >= 0 and length_m[node, here] + edges.length_m[edge] < length_m[other, place]:
                    length_m[other, place] = length_m[node, here] + edges.length_m[edge]
                    ways[other, place] = 2 * edge + (edges.u[edge] == other)
                    # What counts nothing may lead back to a label that had its turn.
                    again |= rows.length_m[arc] == 0.0
    return length_m


@njit(cache=True, nogil=True)
def spot_lengths(
    found: Labels, spots: Spots, edges: Edges, nodes: Labels, node_length_m: NDArray[np.float64], targets: Sources
) -> NDArray[np.float64]:
    """Return the length on the ground of the walk to every facility that was found, and mend its way, in place.

    Parameters
    ----------
    found
        The k nearest of every spot with the walks as they count, its gap not included; `way` is rewritten.
    spots
        Where people are.
    edges, nodes, targets
        The network's edges, the labels of its nodes and the facilities.
    node_length_m
        Lengths of the labels' walks, see `node_lengths`.

    Returns
    -------
    numpy.ndarray
        Lengths [m] without the spots' gaps, shape (spots, k); inf: there is no walk.
    """
    length_m = np.full(found.walk_m.shape, np.inf)
    for i in range(len(spots.edge)):
        edge, at_m = spots.edge[i], spots.offset_m[i]
        if edge < 0:
            continue
        for towards_v in range(2):
            node = edges.v[edge] if towards_v else edges.u[edge]
            end_m = edges.length_m[edge] if towards_v else 0.0
            there_m = along(edges, edge, at_m, end_m)
            for k in range(nodes.owner.shape[1]):
                if nodes.owner[node, k] < 0:
                    break
                place = _place_of(found, i, nodes.owner[node, k], there_m + nodes.walk_m[node, k])
                whole_m = abs(end_m - at_m) + node_length_m[node, k]
                if place >= 0 and whole_m < length_m[i, place]:
                    length_m[i, place], found.way[i, place] = whole_m, 2 * edge + towards_v
        k = first_on_edge(targets.edge, edge)
        while k < len(targets.edge) and targets.edge[k] == edge:
            to_m = targets.offset_m[k]
            walk_m = targets.gap_m[k] + along(edges, edge, at_m, to_m)
            place = _place_of(found, i, targets.owner[k], walk_m)
            whole_m = abs(to_m - at_m) + targets.gap_m[k]
            if place >= 0 and whole_m < length_m[i, place]:
                length_m[i, place], found.way[i, place] = whole_m, ~(2 * edge + (to_m >= at_m))
            k += 1
    return length_m
