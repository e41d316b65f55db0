"""A compiled priority queue for shortest walks: a calendar whose bucket in turn is a small binary heap.

Compiled searches keep its counters in local variables and hand its arrays on one by one: arrays reached through a
tuple are counted at every step, which would take longer than the search.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

BUCKETS = 4096
"""Buckets of the calendar, a power of two; an entry further ahead waits for a later lap."""
BUCKETS_PER_ARC = 512
"""An arc of mean length spans so many buckets: those in turn then hold few entries."""
PLACE_BITS = 32
"""A key is the owner above so many bits of the node or arc."""
PLACE_MASK = (1 << PLACE_BITS) - 1
NONE = -1


class Queue(NamedTuple):
    """Walks waiting to be carried on, the shortest first, of equal ones that of the lowest owner.

    Entries are sorted into buckets by walk (Brown 1988) and only those of the bucket in turn are put in order, so that
    almost every entry costs a few steps whatever the size of the city. Outdated entries stay until their turn.

    Parameters
    ----------
    heap_walk_m, heap_key
        Binary heap of the bucket in turn: walk [m], and the owner above the node or arc in one number.
    walk_m, key, following
        Entries of later buckets, each with the next entry of its bucket.
    head
        First entry of each bucket; all `NONE` between searches.
    buckets_per_m
        Inverse width of a bucket [1/m].
    """

    heap_walk_m: NDArray[np.float64]
    heap_key: NDArray[np.int64]
    walk_m: NDArray[np.float64]
    key: NDArray[np.int64]
    following: NDArray[np.int32]
    head: NDArray[np.int32]
    buckets_per_m: float


def new_queue(room: int, arc_length_m: NDArray[np.float64]) -> Queue:
    """Return an empty queue.

    Parameters
    ----------
    room
        Most entries that one search will ever add.
    arc_length_m
        Lengths of the arcs to be walked [m]; they only set the width of the buckets.
    """
    mean_m = _mean_length(arc_length_m)
    return Queue(
        heap_walk_m=np.empty(room),
        heap_key=np.empty(room, np.int64),
        walk_m=np.empty(room),
        key=np.empty(room, np.int64),
        following=np.empty(room, np.int32),
        head=np.full(BUCKETS, NONE, np.int32),
        buckets_per_m=BUCKETS_PER_ARC / mean_m if mean_m > 0.0 else 1.0,
    )


def another_queue(queue: Queue) -> Queue:
    """Return an empty queue like one between searches, with as much room."""
    return Queue(
        heap_walk_m=np.empty_like(queue.heap_walk_m),
        heap_key=np.empty_like(queue.heap_key),
        walk_m=np.empty_like(queue.walk_m),
        key=np.empty_like(queue.key),
        following=np.empty_like(queue.following),
        head=queue.head.copy(),
        buckets_per_m=queue.buckets_per_m,
    )


@njit(cache=True, nogil=True)
def _mean_length(length_m: NDArray[np.float64]) -> float:
    """Return the mean of the finite lengths; 0 where there is none."""
    total_m, count = 0.0, 0
    for length in length_m:
        if length < np.inf:
            total_m += length
            count += 1
    return total_m / count if count else 0.0


@njit(cache=True, nogil=True)
def heap_push(
    heap_walk_m: NDArray[np.float64], heap_key: NDArray[np.int64], size: int, walk_m: float, key: int
) -> None:
    """Put an entry on a heap of `size` entries."""
    slot = size
    while slot > 0:
        parent = (slot - 1) >> 1
        if heap_walk_m[parent] < walk_m or (heap_walk_m[parent] == walk_m and heap_key[parent] <= key):
            break
        heap_walk_m[slot], heap_key[slot] = heap_walk_m[parent], heap_key[parent]
        slot = parent
    heap_walk_m[slot], heap_key[slot] = walk_m, key


@njit(cache=True, nogil=True)
def heap_drop(heap_walk_m: NDArray[np.float64], heap_key: NDArray[np.int64], size: int) -> None:
    """Take the first entry off a heap, of which `size` entries remain."""
    walk_m, key = heap_walk_m[size], heap_key[size]
    slot = 0
    while True:
        child = 2 * slot + 1
        if child >= size:
            break
        twin = child + 1
        if twin < size and (
            heap_walk_m[twin] < heap_walk_m[child]
            or (heap_walk_m[twin] == heap_walk_m[child] and heap_key[twin] < heap_key[child])
        ):
            child = twin
        if heap_walk_m[child] > walk_m or (heap_walk_m[child] == walk_m and heap_key[child] >= key):
            break
        heap_walk_m[slot], heap_key[slot] = heap_walk_m[child], heap_key[child]
        slot = child
    heap_walk_m[slot], heap_key[slot] = walk_m, key


@njit(cache=True, nogil=True)
def file_entry(
    following: NDArray[np.int32],
    head: NDArray[np.int32],
    place: int,
    turn: int,
) -> None:
    """Hang the entry at `place`, whose walk and key stand there, into the bucket of its turn."""
    bucket = turn & (BUCKETS - 1)
    following[place] = head[bucket]
    head[bucket] = place


@njit(cache=True, nogil=True)
def open_bucket(
    heap_walk_m: NDArray[np.float64],
    heap_key: NDArray[np.int64],
    walk_m: NDArray[np.float64],
    key: NDArray[np.int64],
    following: NDArray[np.int32],
    head: NDArray[np.int32],
    buckets_per_m: float,
    turn: int,
) -> int:
    """Move the entries of a turn onto the empty heap and return how many; those of later laps stay."""
    bucket = turn & (BUCKETS - 1)
    place = head[bucket]
    head[bucket] = NONE
    size = 0
    while place != NONE:
        after = following[place]
        if np.int64(walk_m[place] * buckets_per_m) == turn:
            heap_push(heap_walk_m, heap_key, size, walk_m[place], key[place])
            size += 1
        else:
            following[place] = head[bucket]
            head[bucket] = place
        place = after
    return size


@njit(cache=True, nogil=True)
def first_turn(
    walk_m: NDArray[np.float64], following: NDArray[np.int32], head: NDArray[np.int32], buckets_per_m: float
) -> int:
    """Return the earliest turn of the entries that wait, of which there is one."""
    first_m = np.inf
    for bucket in range(BUCKETS):
        place = head[bucket]
        while place != NONE:
            first_m = min(first_m, walk_m[place])
            place = following[place]
    return int(first_m * buckets_per_m)
