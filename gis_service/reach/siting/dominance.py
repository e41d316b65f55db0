"""Leave out candidates that another one beats, and demand that is covered whenever other demand is."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.siting.gains import Gains, Pairs, sorted_gains


@njit(cache=True, nogil=True)
def _contains(start: NDArray[np.int64], item: NDArray[np.int64], inner: int, outer: int) -> bool:
    """Return whether the sorted items of set `inner` are all in set `outer`."""
    q, last = start[outer], start[outer + 1]
    for k in range(start[inner], start[inner + 1]):
        while q < last and item[q] < item[k]:
            q += 1
        if q == last or item[q] != item[k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _rarest(start: NDArray[np.int64], item: NDArray[np.int64], item_start: NDArray[np.int64], one: int) -> int:
    """Return the item of a set that is in the fewest sets."""
    rare = int(item[start[one]])
    for q in range(start[one], start[one + 1]):
        if item_start[item[q] + 1] - item_start[item[q]] < item_start[rare + 1] - item_start[rare]:
            rare = int(item[q])
    return rare


@njit(cache=True, nogil=True)
def _beaten(gains: Gains, cost: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return the candidates that cover nothing, or nothing that another one at no more cost does not cover."""
    beaten = np.zeros(len(cost), np.bool_)
    for j in range(len(cost)):
        size = gains.column_start[j + 1] - gains.column_start[j]
        if size == 0:
            beaten[j] = True
            continue
        row = _rarest(gains.column_start, gains.column_row, gains.start, j)
        for q in range(gains.start[row], gains.start[row + 1]):
            k = gains.candidate[q]
            other = gains.column_start[k + 1] - gains.column_start[k]
            if k == j or other < size or cost[k] > cost[j] or (other == size and cost[k] == cost[j] and k > j):
                continue
            if _contains(gains.column_start, gains.column_row, j, k):
                beaten[j] = True
                break
    return beaten


@njit(cache=True, nogil=True)
def _implied(gains: Gains) -> NDArray[np.bool_]:
    """Return the rows that any choice covers which covers the other rows."""
    implied = np.zeros(len(gains.start) - 1, np.bool_)
    for i in range(len(implied)):
        size = gains.start[i + 1] - gains.start[i]
        j = _rarest(gains.start, gains.candidate, gains.column_start, i)
        for q in range(gains.column_start[j], gains.column_start[j + 1]):
            k = gains.column_row[q]
            other = gains.start[k + 1] - gains.start[k]
            if k == i or other < size or (other == size and k < i):
                continue
            if not implied[k] and _contains(gains.start, gains.candidate, i, k):
                implied[k] = True
    return implied


def without_beaten(gains: Gains, cost: NDArray[np.float64]) -> tuple[Gains, NDArray[np.int64]]:
    """Return covering gains without candidates that cover no more than another one at no more cost, and who is left.

    Among candidates that are equal in both, the first stays. Every gain of a row must be the same.
    """
    left = ~_beaten(gains, cost)
    return kept(gains, np.ones(len(gains.start) - 1, bool), left), np.flatnonzero(left)


def kept(gains: Gains, rows: NDArray[np.bool_], candidates: NDArray[np.bool_]) -> Gains:
    """Return the gains of some rows and candidates, numbered anew in the same order."""
    row = np.repeat(np.arange(len(gains.start) - 1), np.diff(gains.start))
    left = rows[row] & candidates[gains.candidate]
    number = np.cumsum(candidates) - 1
    return sorted_gains(Pairs(row[left], number[gains.candidate[left]], gains.gain[left]), int(candidates.sum()))


def reduced_cover(gains: Gains, cost: NDArray[np.float64]) -> tuple[Gains, NDArray[np.int64], NDArray[np.int64]]:
    """Return what is left of a set covering problem after all reductions, and what they decided.

    Candidates that alone can cover a row are opened, beaten candidates and implied rows are left out, until nothing
    changes (Toregas and ReVelle 1973). At least one choice of least cost survives.

    Parameters
    ----------
    gains
        Rows to cover, every gain 1.
    cost
        Cost of each candidate, > 0.

    Returns
    -------
    Gains
        What is left to cover.
    numpy.ndarray
        The candidates it is left to, as numbered before.
    numpy.ndarray
        The candidates that are open in any case, as numbered before.
    """
    candidate, needed = np.arange(len(cost)), np.zeros(0, np.int64)
    while True:
        size = np.diff(gains.start)
        only = np.unique(gains.candidate[gains.start[:-1][size == 1]])
        needed = np.r_[needed, candidate[only]]
        rows = np.ones(len(size), bool)
        for j in only:
            rows[gains.column_row[gains.column_start[j] : gains.column_start[j + 1]]] = False
        fewer = kept(gains, rows, np.ones(len(candidate), bool))
        fewer, left = without_beaten(fewer, cost[candidate])
        candidate = candidate[left]
        fewer = kept(fewer, ~_implied(fewer), np.ones(len(candidate), bool))
        if len(fewer.gain) == len(gains.gain):
            return fewer, candidate, needed
        gains = fewer
