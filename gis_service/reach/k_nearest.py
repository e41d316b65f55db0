"""The k nearest facilities on foot of every node or point, all different, exactly."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.calendar_queue import (
    BUCKETS,
    NONE,
    PLACE_BITS,
    PLACE_MASK,
    Queue,
    file_entry,
    first_turn,
    heap_drop,
    heap_push,
    new_queue,
    open_bucket,
)
from gis_service.reach.search import Edges, Rows, Sources, Spots, Starts, along, first_on_edge, starts_of


class Labels(NamedTuple):
    """The k nearest facilities of every node or spot, nearest first, of equal walks the lowest owner first.

    Parameters
    ----------
    walk_m
        Walks [m], shape (n, k); inf: there are no more.
    owner
        Facilities; -1: there are no more.
    way
        Which way to set out: ``2 * edge + 1`` from u to v, ``2 * edge`` from v to u, and ``~`` of that where the
        facility stands on that edge.
    """

    walk_m: NDArray[np.float64]
    owner: NDArray[np.int32]
    way: NDArray[np.int32]


def no_labels(size: int, k: int) -> Labels:
    """Return labels of `size` nodes or spots that reach nothing."""
    return Labels(np.full((size, k), np.inf), np.full((size, k), -1, np.int32), np.zeros((size, k), np.int32))


def k_labels(rows: Rows, edges: Edges, targets: Sources, k: int) -> Labels:
    """Return the k nearest facilities of every node.

    Parameters
    ----------
    rows, edges
        The network.
    targets
        The facilities.
    k
        How many, >= 1.
    """
    # Every label is carried on once, over every arc of its node.
    queue = new_queue(k * len(rows.neighbour) + 2 * len(targets.edge), rows.length_m)
    labels = no_labels(len(rows.start) - 1, k)
    _spread(labels, queue, rows, edges, targets)
    return labels


@njit(cache=True, nogil=True)
def insert(
    walks_m: NDArray[np.float64],
    owners: NDArray[np.int32],
    ways: NDArray[np.int32],
    node: int,
    walk_m: float,
    owner: int,
    way: int,
) -> bool:
    """Put a walk in its place among the labels of a node; return whether it is better than what was there.

    A facility has one label: a shorter walk to it replaces the longer one.
    """
    last = walks_m.shape[1] - 1
    if walk_m > walks_m[node, last] or (walk_m == walks_m[node, last] and owner >= owners[node, last]):
        return False
    for place in range(last):
        if owners[node, place] == owner:
            if walk_m >= walks_m[node, place]:
                return False
            last = place
            break
    while last > 0 and (
        walk_m < walks_m[node, last - 1] or (walk_m == walks_m[node, last - 1] and owner < owners[node, last - 1])
    ):
        walks_m[node, last], owners[node, last] = walks_m[node, last - 1], owners[node, last - 1]
        ways[node, last] = ways[node, last - 1]
        last -= 1
    walks_m[node, last], owners[node, last], ways[node, last] = walk_m, owner, way
    return True


@njit(cache=True, nogil=True, inline="always")
def _wants(owners: NDArray[np.int32], count: NDArray[np.int8], node: int, owner: int) -> bool:
    """Return whether a node has room for one more facility and does not have this one yet."""
    wanted = count[node] < owners.shape[1]
    for place in range(count[node]):
        wanted &= owners[node, place] != owner
    return bool(wanted)


@njit(cache=True, nogil=True)
def _way(
    by: int, node: int, along_edge: NDArray[np.int32], u: NDArray[np.int64], target_edge: NDArray[np.int64]
) -> int:
    """Return the way to set out (see `Labels`) from a node reached by an arc or, above those, a start."""
    if by < len(along_edge):
        return int(2 * along_edge[by] + (u[along_edge[by]] == node))
    start = by - len(along_edge)
    return int(~(2 * target_edge[start // 2] + 1 - start % 2))


@njit(cache=True, nogil=True)
def _file_starts(queue: Queue, starts: Starts, first: int) -> int:
    """Queue walks to begin with under numbers from `first` on; return how many."""
    for i in range(len(starts.node)):
        queue.walk_m[i], queue.key[i] = starts.walk_m[i], (starts.owner[i] << PLACE_BITS) | (first + i)
        if starts.walk_m[i] < np.inf:
            file_entry(queue.following, queue.head, i, int(starts.walk_m[i] * queue.buckets_per_m))
    return int(np.count_nonzero(starts.walk_m < np.inf))


@njit(cache=True, nogil=True)
def _spread(labels: Labels, queue: Queue, rows: Rows, edges: Edges, targets: Sources) -> None:
    """Spread walks from the facilities until every node has its k nearest, in place.

    Dijkstra (1959) with up to k labels of different facilities at a node, carried on in the order of walk and owner. A
    facility among the k nearest of a node is among the k nearest of every node on the way, so no other walk matters.
    An entry of the queue names the arc by which it came, or, above those, the start.
    """
    (walks_m, owners, ways), (start, neighbour, along_edge, length_m), u = labels, rows, edges.u
    heap_walk_m, heap_key, queued_m, key, following, head, buckets_per_m = queue
    starts = starts_of(edges, targets)
    count = np.zeros(len(walks_m), np.int8)
    waiting, used = _file_starts(queue, starts, len(neighbour)), len(starts.node)
    size, turn, idle = 0, -1, 0
    while True:
        while size == 0 and waiting > 0:
            turn, idle = turn + 1, idle + 1
            if idle > BUCKETS:
                turn = first_turn(queued_m, following, head, buckets_per_m)
            if head[turn & (BUCKETS - 1)] != NONE:
                size = open_bucket(heap_walk_m, heap_key, queued_m, key, following, head, buckets_per_m, turn)
                waiting -= size
        if size == 0:
            break
        idle, size = 0, size - 1
        walked_m, owner, by = heap_walk_m[0], heap_key[0] >> PLACE_BITS, heap_key[0] & PLACE_MASK
        heap_drop(heap_walk_m, heap_key, size)
        node = int(neighbour[by]) if by < len(neighbour) else int(starts.node[by - len(neighbour)])
        if not _wants(owners, count, node, owner):
            continue
        place = count[node]
        walks_m[node, place], owners[node, place] = walked_m, owner
        ways[node, place] = _way(by, node, along_edge, u, targets.edge)
        count[node] += 1
        for arc in range(start[node], start[node + 1]):
            walk_m = walked_m + length_m[arc]
            if walk_m == np.inf or not _wants(owners, count, neighbour[arc], owner):
                continue
            later = int(walk_m * buckets_per_m)
            if later == turn:
                heap_push(heap_walk_m, heap_key, size, walk_m, (owner << PLACE_BITS) | arc)
                size += 1
            else:
                queued_m[used], key[used] = walk_m, (owner << PLACE_BITS) | arc
                file_entry(following, head, used, later)
                used += 1
                waiting += 1


@njit(cache=True, nogil=True)
def label_spot(found: Labels, place: int, i: int, spots: Spots, edges: Edges, nodes: Labels, targets: Sources) -> None:
    """Label row `place` of `found` with the k nearest of spot `i`, without its gap."""
    edge, at_m = spots.edge[i], spots.offset_m[i]
    for towards_v in range(2):
        node = edges.v[edge] if towards_v else edges.u[edge]
        there_m = along(edges, edge, at_m, edges.length_m[edge] if towards_v else 0.0)
        for k in range(nodes.walk_m.shape[1]):
            walk_m, owner = there_m + nodes.walk_m[node, k], nodes.owner[node, k]
            insert(found.walk_m, found.owner, found.way, place, walk_m, owner, 2 * edge + towards_v)
    k = first_on_edge(targets.edge, edge)
    while k < len(targets.edge) and targets.edge[k] == edge:
        to_m = targets.offset_m[k]
        walk_m = targets.gap_m[k] + along(edges, edge, at_m, to_m)
        insert(found.walk_m, found.owner, found.way, place, walk_m, targets.owner[k], ~(2 * edge + (to_m >= at_m)))
        k += 1


@njit(cache=True, nogil=True)
def labels_of_spots(spots: Spots, edges: Edges, nodes: Labels, targets: Sources) -> Labels:
    """Return the k nearest facilities of every spot, with its gap: over the ends of its edge, or along it.

    Parameters
    ----------
    spots
        Where people are.
    edges, nodes
        The network's edges and the labels of its nodes.
    targets
        The facilities `nodes` was made with.
    """
    shape = (len(spots.edge), nodes.walk_m.shape[1])
    found = Labels(np.full(shape, np.inf), np.full(shape, -1, np.int32), np.zeros(shape, np.int32))
    for i in range(len(spots.edge)):
        if spots.edge[i] >= 0:
            label_spot(found, i, i, spots, edges, nodes, targets)
            found.walk_m[i] += spots.gap_m[i]
    return found
