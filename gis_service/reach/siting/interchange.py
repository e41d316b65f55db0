"""Greedy choice and vertex interchange on gains."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.siting.gains import Gains


@njit(cache=True, nogil=True)
def total_gain(gains: Gains, is_open: NDArray[np.bool_]) -> float:
    """Return the sum over rows of the largest gain from an open candidate."""
    total = 0.0
    for row in range(len(gains.start) - 1):
        for q in range(gains.start[row], gains.start[row + 1]):
            if is_open[gains.candidate[q]]:
                total += gains.gain[q]
                break
    return total


@njit(cache=True, nogil=True)
def _added(gains: Gains, best: NDArray[np.float64], j: int) -> float:
    """Return what a candidate adds to the best gains of the rows."""
    added = 0.0
    for q in range(gains.column_start[j], gains.column_start[j + 1]):
        added += max(0.0, gains.column_gain[q] - best[gains.column_row[q]])
    return added


@njit(cache=True, nogil=True)
def choose_greedily(
    gains: Gains, cost: NDArray[np.float64], count: int, budget: float, target: float
) -> NDArray[np.int64]:
    """Return candidates in the order in which each adds most per cost to those before it.

    Gains are submodular, so that a candidate's last known addition bounds its present one: only the front runner is
    counted anew (lazy evaluation, Minoux 1978).

    Parameters
    ----------
    gains
        Gains of the rows.
    cost
        Cost of each candidate, > 0.
    count, budget
        How many may be chosen, and for how much together.
    target
        Gain at which to stop. It also ends when nothing adds anything.
    """
    best = np.zeros(len(gains.start) - 1)
    rate, counted_at = np.full(len(cost), np.inf), np.full(len(cost), -1)
    chosen, total, left = np.empty(min(count, len(cost)), np.int64), 0.0, budget
    for k in range(len(chosen)):
        while True:
            j = int(np.argmax(rate))
            if counted_at[j] == k or rate[j] <= 0.0:
                break
            counted_at[j] = k
            rate[j] = _added(gains, best, j) / cost[j] if cost[j] <= left else 0.0
        if rate[j] <= 0.0 or total >= target:
            return chosen[:k]
        chosen[k], rate[j], left = j, 0.0, left - cost[j]
        total += _added(gains, best, j)
        for q in range(gains.column_start[j], gains.column_start[j + 1]):
            best[gains.column_row[q]] = max(best[gains.column_row[q]], gains.column_gain[q])
    return chosen


@njit(cache=True, nogil=True)
def without_needless(gains: Gains, order: NDArray[np.int64], spare: float) -> NDArray[np.int64]:
    """Return the candidates of `order` without those, the last first, that can go while at most `spare` is lost in all.

    Every gain of a row must be the same.
    """
    uses = np.zeros(len(gains.start) - 1, np.int64)
    for j in order:
        for q in range(gains.column_start[j], gains.column_start[j + 1]):
            uses[gains.column_row[q]] += 1
    needed = np.ones(len(order), np.bool_)
    for k in range(len(order) - 1, -1, -1):
        column = range(gains.column_start[order[k]], gains.column_start[order[k] + 1])
        loss = 0.0
        for q in column:
            if uses[gains.column_row[q]] == 1:
                loss += gains.column_gain[q]
        if loss <= spare:
            spare -= loss
            needed[k] = False
            for q in column:
                uses[gains.column_row[q]] -= 1
    return order[needed]


@njit(cache=True, nogil=True)
def _two_best(
    gains: Gains,
    is_open: NDArray[np.bool_],
    best: NDArray[np.float64],
    second: NDArray[np.float64],
    owner: NDArray[np.int64],
) -> None:
    """Write the largest and second largest gain of each row from open candidates, and whose the largest is."""
    for i in range(len(best)):
        best[i], second[i], owner[i] = 0.0, 0.0, -1
        for q in range(gains.start[i], gains.start[i + 1]):
            if not is_open[gains.candidate[q]]:
                continue
            if owner[i] >= 0:
                second[i] = gains.gain[q]
                break
            best[i], owner[i] = gains.gain[q], gains.candidate[q]


@njit(cache=True, nogil=True)
def _best_swap(
    gains: Gains,
    is_open: NDArray[np.bool_],
    best: NDArray[np.float64],
    second: NDArray[np.float64],
    owner: NDArray[np.int64],
    least: float,
) -> tuple[int, int]:
    """Return the closed and the open candidate whose swap adds most, if more than `least`; else -1, -1."""
    loss, back, back_of = np.zeros(len(is_open)), np.zeros(len(is_open)), np.full(len(is_open), -1)
    for i in range(len(best)):
        if owner[i] >= 0:
            loss[owner[i]] += best[i] - second[i]
    opened = np.flatnonzero(is_open)
    entering, leaving = -1, -1
    for j in np.flatnonzero(~is_open):
        add = 0.0
        for q in range(gains.column_start[j], gains.column_start[j + 1]):
            i, k, gain = gains.column_row[q], owner[gains.column_row[q]], gains.column_gain[q]
            add += max(0.0, gain - best[i])
            if k >= 0 and gain > second[i]:
                # What the owner's leaving costs this row is given back as far as the newcomer makes up for it.
                back[k] = (back[k] if back_of[k] == j else 0.0) + min(gain, best[i]) - second[i]
                back_of[k] = j
        if add == 0.0:
            continue
        for k in opened:
            change = add - loss[k] + (back[k] if back_of[k] == j else 0.0)
            if change > least:
                least, entering, leaving = change, int(j), int(k)
    return entering, leaving


@njit(cache=True, nogil=True)
def interchange(gains: Gains, is_open: NDArray[np.bool_], moves: int, least: float) -> int:
    """Swap an open and a closed candidate while that adds more than `least`, the best swap first, in place.

    The vertex interchange of Teitz and Bart (1968), all swaps judged together from the best and second best open
    candidate of each row after Resende and Werneck (2007).

    Returns
    -------
    int
        Swaps made, at most `moves`; fewer means that no swap adds anything.
    """
    rows = len(gains.start) - 1
    best, second, owner = np.zeros(rows), np.zeros(rows), np.full(rows, -1)
    for move in range(moves):
        _two_best(gains, is_open, best, second, owner)
        swap = _best_swap(gains, is_open, best, second, owner, least)
        if swap[0] < 0:
            return move
        is_open[swap[0]], is_open[swap[1]] = True, False
    return moves
