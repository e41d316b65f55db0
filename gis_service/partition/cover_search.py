"""A search for the cheapest choice of sets that holds every unit exactly once (compiled)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ONE = np.uint64(1)


@njit(cache=True)
def choose(
    mask: NDArray[np.uint64],
    reduced: NDArray[np.float64],
    missed: NDArray[np.int64],
    units: int,
    below: float,
    most_missed: int,
    most_looks: int,
) -> tuple[NDArray[np.int64], float, bool]:
    """Return the sets that hold each unit once with the smallest sum of reduced costs, by depth-first search.

    Each step fills the unit for which the fewest sets are left (Knuth's Algorithm X, 2000), cheapest set first, and
    turns back where the sum is no longer below the best one known.

    Parameters
    ----------
    mask
        The sets: bit ``u`` is set where unit ``u`` belongs to one.
    reduced
        Reduced cost of each, not negative, ascending.
    missed
        Grids out of range that each set counts for.
    units
        Number of units, 1 to 64.
    below
        Only sums below this are wanted (exclusive).
    most_missed
        The chosen sets may count for so many grids out of range (inclusive).
    most_looks
        The search ends after looking at so many sets.

    Returns
    -------
    chosen
        Numbers of the sets; empty where no choice was found.
    total
        Sum of their reduced costs; ``below`` where none was found.
    complete
        True: the search was finished.
    """
    everything = np.uint64(0)
    for u in range(units):
        everything |= _ONE << np.uint64(u)
    left = np.empty((units + 1, len(mask)), np.int32)
    left_count, position = np.empty(units + 1, np.int64), np.zeros(units + 1, np.int64)
    unit, taken = np.zeros(units + 1, np.int64), np.zeros(units + 1, np.int64)
    covered, spent = np.zeros(units + 1, np.uint64), np.zeros(units + 1)
    spent_misses, ways = np.zeros(units + 1, np.int64), np.empty(units, np.int64)
    best, total = taken[:0].copy(), below
    left[0] = np.arange(len(mask))
    left_count[0] = len(mask)
    depth, looked, entered = 0, 0, True
    while depth >= 0:
        if entered:
            looked += left_count[depth]
            if looked > most_looks:
                return best, total, False
            if covered[depth] == everything:
                best, total = taken[:depth].copy(), spent[depth]
                depth -= 1
                entered = False
                continue
            unit[depth], fewest = _scarcest(mask, left[depth], left_count[depth], covered[depth], units, ways)
            position[depth] = 0 if fewest > 0 else left_count[depth]
        chosen = -1
        while position[depth] < left_count[depth]:
            c = left[depth, position[depth]]
            position[depth] += 1
            if spent[depth] + reduced[c] >= total:
                break
            if mask[c] >> np.uint64(unit[depth]) & _ONE:
                chosen = c
                break
        if chosen < 0:
            depth -= 1
            entered = False
            continue
        taken[depth] = chosen
        covered[depth + 1] = covered[depth] | mask[chosen]
        spent[depth + 1] = spent[depth] + reduced[chosen]
        spent_misses[depth + 1] = spent_misses[depth] + missed[chosen]
        left_count[depth + 1] = _keep(
            mask,
            reduced,
            missed,
            left[depth, : left_count[depth]],
            left[depth + 1],
            mask[chosen],
            total - spent[depth + 1],
            most_missed - spent_misses[depth + 1],
        )
        depth += 1
        entered = True
    return best, total, True


@njit(cache=True)
def _keep(
    mask: NDArray[np.uint64],
    reduced: NDArray[np.float64],
    missed: NDArray[np.int64],
    before: NDArray[np.int32],
    after: NDArray[np.int32],
    held: np.uint64,
    below: float,
    most_missed: int,
) -> int:
    """Write the sets of ``before`` that are apart from ``held`` and within the limits to ``after``; return how many."""
    count = 0
    for c in before:
        if reduced[c] >= below:
            break
        if mask[c] & held == 0 and missed[c] <= most_missed:
            after[count] = c
            count += 1
    return count


@njit(cache=True)
def _scarcest(
    mask: NDArray[np.uint64],
    left: NDArray[np.int32],
    count: int,
    covered: np.uint64,
    units: int,
    ways: NDArray[np.int64],
) -> tuple[int, int]:
    """Return the uncovered unit that the fewest sets hold, and how many do."""
    ways[:] = 0
    for i in range(count):
        m = mask[left[i]]
        for u in range(units):
            if m >> np.uint64(u) & _ONE:
                ways[u] += 1
    scarcest, fewest = -1, count + 1
    for u in range(units):
        if not covered >> np.uint64(u) & _ONE and ways[u] < fewest:
            scarcest, fewest = u, ways[u]
    return scarcest, fewest
