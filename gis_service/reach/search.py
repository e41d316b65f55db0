"""Compiled shortest-walk searches over compressed sparse rows.

People walk *to* the facility: every search starts at the facilities and follows the arcs against the walk, so that a
street that is quicker downhill, or closed one way, counts in the direction in which it is walked.
"""

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

QUANTUM_M = 2.0**-20
"""Walking lengths are whole multiples of this [m], about a micrometre.

Sums of such lengths are exact in float64 up to 8 billion metres, so a walk does not depend on the order in which its
pieces are added, and two walks of equal length compare equal.
"""
REACHED = 0
"""Where the number of nodes reached stands in the counters of a search."""


class Rows(NamedTuple):
    """Arcs: those of node ``i`` are ``start[i] … start[i + 1] - 1``, each the walk *from* `neighbour` along `edge`."""

    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    edge: NDArray[np.int32]
    length_m: NDArray[np.float64]


class Edges(NamedTuple):
    """Streets.

    Parameters
    ----------
    u, v
        End nodes.
    length_m
        Length of the street [m]; places on it are told in these metres from `u`.
    to_u_m, to_v_m
        What walking the whole street towards u and towards v counts [m]: its length, or the length of level street
        that takes as long; inf: it cannot be walked that way.
    """

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    length_m: NDArray[np.float64]
    to_u_m: NDArray[np.float64]
    to_v_m: NDArray[np.float64]


class Spots(NamedTuple):
    """Points on edges: edge (-1: none), metres from its first node and walk off the edge [m]."""

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


class Starts(NamedTuple):
    """Walks to begin with: node, walk from there [m] and facility."""

    node: NDArray[np.int64]
    walk_m: NDArray[np.float64]
    owner: NDArray[np.int64]


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
        Length of `touched`, at `REACHED`.
    """

    field: Field
    queue: Queue
    touched: NDArray[np.int64]
    counters: NDArray[np.int64]


def empty_field(size: int) -> Field:
    """Return a field in which nothing is reached."""
    return Field(np.full(size, np.inf), np.full(size, -1, np.int64))


def new_search(rows: Rows, sources: Sources, *, spare: int = 0) -> Search:
    """Return a search that has not begun, with room to start from some or all of the sources and `spare` nodes."""
    node_count = len(rows.start) - 1
    # Every arc is offered once, when its node is settled, and every source twice.
    room = len(rows.neighbour) + 2 * len(sources.edge) + spare
    return Search(
        field=empty_field(node_count),
        queue=new_queue(room, rows.length_m),
        touched=np.empty(node_count, np.int64),
        counters=np.zeros(1, np.int64),
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
    neighbour = np.empty(start[-1], np.int32)
    along = np.empty(start[-1], np.int32)
    length_m = np.empty(start[-1], np.float64)
    for edge in range(len(edges.u)):
        u, v = edges.u[edge], edges.v[edge]
        for node, other, walk_m in ((u, v, edges.to_u_m[edge]), (v, u, edges.to_v_m[edge])):
            arc = free[node]
            neighbour[arc], along[arc], length_m[arc] = other, edge, walk_m
            free[node] += 1
    return Rows(start, neighbour, along, length_m)


@njit(cache=True, nogil=True)
def part(piece_m: float, length_m: float, whole_m: float) -> float:
    """Return what walking a piece of a street counts [m], a multiple of `QUANTUM_M`.

    Parameters
    ----------
    piece_m, length_m
        Length of the piece and of the street [m].
    whole_m
        What walking the whole street counts [m].
    """
    if whole_m == length_m or piece_m == 0.0:
        return piece_m
    return float(np.rint(piece_m / length_m * whole_m / QUANTUM_M) * QUANTUM_M)


@njit(cache=True, nogil=True)
def stretch(from_m: float, to_m: float, length_m: float, to_u_m: float, to_v_m: float) -> float:
    """Return what walking counts [m] from one place on a street to another [m from u], see `Edges`."""
    if to_m >= from_m:
        return part(to_m - from_m, length_m, to_v_m)
    return part(from_m - to_m, length_m, to_u_m)


@njit(cache=True, nogil=True)
def along(edges: Edges, edge: int, from_m: float, to_m: float) -> float:
    """Return what walking along an edge counts [m], from one place on it to another [m from u]."""
    return stretch(from_m, to_m, edges.length_m[edge], edges.to_u_m[edge], edges.to_v_m[edge])


@njit(cache=True, nogil=True)
def first_on_edge(sorted_edge: NDArray[np.int64], edge: int) -> int:
    """Return the place of the first entry that is not below an edge."""
    low, high = 0, len(sorted_edge)
    while low < high:
        middle = (low + high) >> 1
        if sorted_edge[middle] < edge:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def starts_of(edges: Edges, sources: Sources) -> Starts:
    """Return the walk to every facility from both ends of its edge."""
    count = len(sources.edge)
    starts = Starts(np.empty(2 * count, np.int64), np.empty(2 * count), np.empty(2 * count, np.int64))
    for i in range(count):
        edge, to_m = sources.edge[i], sources.offset_m[i]
        starts.node[2 * i], starts.node[2 * i + 1] = edges.u[edge], edges.v[edge]
        starts.walk_m[2 * i] = sources.gap_m[i] + along(edges, edge, 0.0, to_m)
        starts.walk_m[2 * i + 1] = sources.gap_m[i] + along(edges, edge, edges.length_m[edge], to_m)
        starts.owner[2 * i] = starts.owner[2 * i + 1] = sources.owner[i]
    return starts


@njit(cache=True, nogil=True)
def _file_starts(search: Search, starts: Starts, limit_m: float) -> int:
    """Keep and queue the walks to begin with that are better than those known; return how many were queued."""
    known_m, owners = search.field
    queue = search.queue
    used = 0
    for i in range(len(starts.node)):
        node, walk_m, owner = starts.node[i], starts.walk_m[i], starts.owner[i]
        if walk_m > limit_m or walk_m > known_m[node] or (walk_m == known_m[node] and owner >= owners[node]):
            continue
        known_m[node], owners[node] = walk_m, owner
        queue.walk_m[used], queue.key[used] = walk_m, (owner << PLACE_BITS) | node
        file_entry(queue.following, queue.head, used, int(walk_m * queue.buckets_per_m))
        used += 1
    return used


@njit(cache=True, nogil=True)
def carry_on(search: Search, rows: Rows, starts: Starts, limit_m: float) -> None:
    """Carry walks on until none can be made better, in place.

    Dijkstra (1959) on a field that may already hold walks: only what becomes shorter, or equal and of a lower owner,
    changes. Walks are carried on in the order of length, then owner, so that each node is settled once.

    Parameters
    ----------
    search
        Its field is changed; the nodes whose walk or owner changes are added to `touched`, each once.
    rows
        The network.
    starts
        Walks to begin with.
    limit_m
        Longest walk [m], inclusive.
    """
    known_m, owners = search.field
    heap_walk_m, heap_key, queued_m, key, following, head, buckets_per_m = search.queue
    (start, neighbour, _, length_m), touched = rows, search.touched
    used = _file_starts(search, starts, limit_m)
    waiting, reached = used, search.counters[REACHED]
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
        walked_m, owner, node = heap_walk_m[0], heap_key[0] >> PLACE_BITS, heap_key[0] & PLACE_MASK
        heap_drop(heap_walk_m, heap_key, size)
        if walked_m != known_m[node] or owner != owners[node]:
            continue
        touched[reached] = node
        reached += 1
        for arc in range(start[node], start[node + 1]):
            other, walk_m = neighbour[arc], walked_m + length_m[arc]
            if walk_m > limit_m or walk_m > known_m[other] or (walk_m == known_m[other] and owner >= owners[other]):
                continue
            known_m[other], owners[other] = walk_m, owner
            later = int(walk_m * buckets_per_m)
            if later == turn:
                heap_push(heap_walk_m, heap_key, size, walk_m, (owner << PLACE_BITS) | other)
                size += 1
            else:
                queued_m[used], key[used] = walk_m, (owner << PLACE_BITS) | other
                file_entry(following, head, used, later)
                used += 1
                waiting += 1
    search.counters[REACHED] = reached


@njit(cache=True, nogil=True)
def spread(search: Search, rows: Rows, edges: Edges, sources: Sources, limit_m: float) -> None:
    """Spread walks from the facilities over the network, in place.

    From both ends of every facility's edge at once (see `carry_on`); each node belongs to the lowest owner of equal
    walks.

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
    carry_on(search, rows, starts_of(edges, sources), limit_m)


@njit(cache=True, nogil=True)
def begin_again(search: Search) -> None:
    """Make a finished search new, touching only what it reached."""
    for i in range(search.counters[REACHED]):
        search.field.walk_m[search.touched[i]] = np.inf
        search.field.owner[search.touched[i]] = -1
    search.counters[REACHED] = 0


@njit(cache=True, nogil=True)
def walks_to_spots(spots: Spots, edges: Edges, nodes: Field, sources: Sources) -> Field:
    """Return the shortest walk from each spot: over an end of its edge, or along it to a facility on the same edge.

    Parameters
    ----------
    spots
        Where people are.
    edges, nodes
        The network's edges and the walk from each node, from `spread`.
    sources
        The facilities.

    Returns
    -------
    Field
        Walk from each spot with both gaps, and its facility: the lowest owner of equal walks.
    """
    (spot_edge, spot_m, spot_gap_m), (node_m, node_owner) = spots, nodes
    (edge_u, edge_v, length_m, to_u_m, to_v_m), (source_edge, source_m, source_gap_m, source_owner) = edges, sources
    walk_m, owner = np.full(len(spot_edge), np.inf), np.full(len(spot_edge), -1, np.int64)
    for i in range(len(spot_edge)):
        edge, at_m = spot_edge[i], spot_m[i]
        if edge < 0:
            continue
        street = (length_m[edge], to_u_m[edge], to_v_m[edge])
        u, v = edge_u[edge], edge_v[edge]
        best, whose = node_m[u] + stretch(at_m, 0.0, *street), node_owner[u]
        other = node_m[v] + stretch(at_m, length_m[edge], *street)
        if other < best or (other == best and node_owner[v] < whose):
            best, whose = other, node_owner[v]
        k = first_on_edge(source_edge, edge)
        while k < len(source_edge) and source_edge[k] == edge:
            direct = source_gap_m[k] + stretch(at_m, source_m[k], *street)
            if direct < best or (direct == best and source_owner[k] < whose):
                best, whose = direct, source_owner[k]
            k += 1
        if best < np.inf:
            walk_m[i], owner[i] = best + spot_gap_m[i], whose
    return Field(walk_m, owner)
