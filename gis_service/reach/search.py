"""Compiled shortest-walk searches over compressed sparse rows."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

QUEUED, REACHED = 0, 1
"""Where the two lengths stand in the counters of a search."""


class Rows(NamedTuple):
    """Arcs of both directions: those of node ``i`` are ``start[i] … start[i + 1] - 1``, along `edge` to `neighbour`."""

    start: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    edge: NDArray[np.int64]
    length_m: NDArray[np.float64]


class Edges(NamedTuple):
    """End nodes and walking length [m] of every edge."""

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    length_m: NDArray[np.float64]


class Spots(NamedTuple):
    """Points on edges: edge (-1: none), walk from its first node [m] and walk off the edge [m]."""

    edge: NDArray[np.int64]
    offset_m: NDArray[np.float64]
    gap_m: NDArray[np.float64]


class Sources(NamedTuple):
    """Facilities on edges, sorted by edge: as `Spots`, and the number of each facility."""

    edge: NDArray[np.int64]
    offset_m: NDArray[np.float64]
    gap_m: NDArray[np.float64]
    owner: NDArray[np.int64]


class Field(NamedTuple):
    """Walk [m] and facility of every node or spot; inf and -1 where there is none."""

    walk_m: NDArray[np.float64]
    owner: NDArray[np.int64]


class Queue(NamedTuple):
    """Walks waiting to be carried on: a binary heap by walk [m], then owner; outdated entries stay until their turn."""

    walk_m: NDArray[np.float64]
    owner: NDArray[np.int64]
    node: NDArray[np.int64]


class Search(NamedTuple):
    """A search under way.

    Parameters
    ----------
    field
        Walk and facility of every node so far.
    queue
        Walks waiting.
    touched
        The nodes reached so far.
    counters
        Lengths of `queue` and `touched`, at `QUEUED` and `REACHED`.
    """

    field: Field
    queue: Queue
    touched: NDArray[np.int64]
    counters: NDArray[np.int64]


def empty_field(size: int) -> Field:
    """Return a field in which nothing is reached."""
    return Field(np.full(size, np.inf), np.full(size, -1, np.int64))


def new_search(rows: Rows, sources: Sources) -> Search:
    """Return a search that has not begun, with room for searches from some or all of the sources."""
    node_count = len(rows.start) - 1
    # Every arc is offered once, when its node is settled, and every source twice.
    room = len(rows.neighbour) + 2 * len(sources.edge)
    return Search(
        field=empty_field(node_count),
        queue=Queue(np.empty(room), np.empty(room, np.int64), np.empty(room, np.int64)),
        touched=np.empty(node_count, np.int64),
        counters=np.zeros(2, np.int64),
    )


@njit(cache=True, nogil=True)
def sparse_rows(node_count: int, edges: Edges) -> Rows:
    """Return the arcs of the edges sorted by node, through counting; a loop gives two arcs, which no walk will use."""
    start = np.zeros(node_count + 1, np.int64)
    for edge in range(len(edges.u)):
        start[edges.u[edge] + 1] += 1
        start[edges.v[edge] + 1] += 1
    for node in range(node_count):
        start[node + 1] += start[node]
    free = start[:-1].copy()
    neighbour = np.empty(start[-1], np.int64)
    along = np.empty(start[-1], np.int64)
    length_m = np.empty(start[-1], np.float64)
    for edge in range(len(edges.u)):
        for node, other in ((edges.u[edge], edges.v[edge]), (edges.v[edge], edges.u[edge])):
            arc = free[node]
            neighbour[arc], along[arc], length_m[arc] = other, edge, edges.length_m[edge]
            free[node] += 1
    return Rows(start, neighbour, along, length_m)


@njit(cache=True, nogil=True)
def _put(queue: Queue, slot: int, walk_m: float, owner: int, node: int) -> None:
    """Write an entry of the queue."""
    queue.walk_m[slot], queue.owner[slot], queue.node[slot] = walk_m, owner, node


@njit(cache=True, nogil=True)
def _move(queue: Queue, slot: int, other: int) -> None:
    """Copy the entry at `other` to `slot`."""
    _put(queue, slot, queue.walk_m[other], queue.owner[other], queue.node[other])


@njit(cache=True, nogil=True)
def _offer(search: Search, node: int, walk_m: float, owner: int) -> None:
    """Keep a walk to a node, and queue it, if it is shorter than the one known, or equal and of a lower owner."""
    field, queue = search.field, search.queue
    known_m = field.walk_m[node]
    if walk_m > known_m or (walk_m == known_m and owner >= field.owner[node]):
        return
    if known_m == np.inf:
        search.touched[search.counters[REACHED]] = node
        search.counters[REACHED] += 1
    field.walk_m[node], field.owner[node] = walk_m, owner
    slot = search.counters[QUEUED]
    search.counters[QUEUED] += 1
    while slot > 0:
        parent = (slot - 1) >> 1
        if queue.walk_m[parent] < walk_m or (queue.walk_m[parent] == walk_m and queue.owner[parent] <= owner):
            break
        _move(queue, slot, parent)
        slot = parent
    _put(queue, slot, walk_m, owner, node)


@njit(cache=True, nogil=True)
def _drop_first(search: Search) -> None:
    """Take the first entry off the queue."""
    queue = search.queue
    search.counters[QUEUED] -= 1
    size = search.counters[QUEUED]
    walk_m, owner, node = queue.walk_m[size], queue.owner[size], queue.node[size]
    slot = 0
    while True:
        child = 2 * slot + 1
        if child >= size:
            break
        twin = child + 1
        if twin < size and (
            queue.walk_m[twin] < queue.walk_m[child]
            or (queue.walk_m[twin] == queue.walk_m[child] and queue.owner[twin] < queue.owner[child])
        ):
            child = twin
        if queue.walk_m[child] > walk_m or (queue.walk_m[child] == walk_m and queue.owner[child] >= owner):
            break
        _move(queue, slot, child)
        slot = child
    _put(queue, slot, walk_m, owner, node)


@njit(cache=True, nogil=True)
def spread(search: Search, rows: Rows, edges: Edges, sources: Sources, limit_m: float) -> None:
    """Spread walks from the facilities over the network, in place.

    Dijkstra (1959) from both ends of every facility's edge at once. Walks are carried on in the order of length, then
    owner, so that each node is settled once and belongs to the lowest owner of equal walks.

    Parameters
    ----------
    search
        A search that has not begun; its field is the result.
    rows, edges
        The network.
    sources
        The facilities.
    limit_m
        Longest walk [m], inclusive; nodes beyond stay unreached.
    """
    for i in range(len(sources.edge)):
        edge = sources.edge[i]
        to_u_m = sources.gap_m[i] + sources.offset_m[i]
        to_v_m = sources.gap_m[i] + (edges.length_m[edge] - sources.offset_m[i])
        if to_u_m <= limit_m:
            _offer(search, edges.u[edge], to_u_m, sources.owner[i])
        if to_v_m <= limit_m:
            _offer(search, edges.v[edge], to_v_m, sources.owner[i])
    while search.counters[QUEUED] > 0:
        walked_m, owner, node = search.queue.walk_m[0], search.queue.owner[0], search.queue.node[0]
        _drop_first(search)
        if walked_m != search.field.walk_m[node] or owner != search.field.owner[node]:
            continue
        for arc in range(rows.start[node], rows.start[node + 1]):
            walk_m = walked_m + rows.length_m[arc]
            if walk_m <= limit_m:
                _offer(search, rows.neighbour[arc], walk_m, owner)


@njit(cache=True, nogil=True)
def begin_again(search: Search) -> None:
    """Make a finished search new, touching only what it reached."""
    for i in range(search.counters[REACHED]):
        search.field.walk_m[search.touched[i]] = np.inf
        search.field.owner[search.touched[i]] = -1
    search.counters[REACHED] = 0


@njit(cache=True, nogil=True)
def walks_to_spots(spots: Spots, edges: Edges, nodes: Field, sources: Sources) -> Field:
    """Return the shortest walk to each spot: over an end of its edge, or along it from a facility on the same edge.

    Parameters
    ----------
    spots
        Where people are.
    edges, nodes
        The network's edges and the walk to each node, from `spread`.
    sources
        The facilities.

    Returns
    -------
    Field
        Walk to each spot with both gaps, and its facility: the lowest owner of equal walks.
    """
    walk_m = np.full(len(spots.edge), np.inf)
    owner = np.full(len(spots.edge), -1, np.int64)
    for i in range(len(spots.edge)):
        edge = spots.edge[i]
        if edge < 0:
            continue
        u, v = edges.u[edge], edges.v[edge]
        best, whose = nodes.walk_m[u] + spots.offset_m[i], nodes.owner[u]
        other = nodes.walk_m[v] + (edges.length_m[edge] - spots.offset_m[i])
        if other < best or (other == best and nodes.owner[v] < whose):
            best, whose = other, nodes.owner[v]
        k = np.searchsorted(sources.edge, edge)
        while k < len(sources.edge) and sources.edge[k] == edge:
            along = sources.gap_m[k] + abs(sources.offset_m[k] - spots.offset_m[i])
            if along < best or (along == best and sources.owner[k] < whose):
                best, whose = along, sources.owner[k]
            k += 1
        if best < np.inf:
            walk_m[i] = best + spots.gap_m[i]
            owner[i] = whose
    return Field(walk_m, owner)
