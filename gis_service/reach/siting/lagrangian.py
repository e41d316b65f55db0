"""Lagrangian bound of the best choice of a given number of candidates, by subgradient steps."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.siting.gains import Gains

STEP_SHRINK = 0.7
PATIENCE = 10
WORTH_WAITING = 1e-5
INERTIA = 0.3
SMALLEST_STEP = 1e-3
STEP, STALLED, BOUND, LOWER, RELAXED = range(5)
"""Where step length, idle iterations, best bound, best value known and best value of a relaxed solution stand."""


class Descent(NamedTuple):
    """A subgradient descent under way.

    Parameters
    ----------
    multiplier, direction
        Price of each row now, and the smoothed subgradient.
    best_multiplier
        The prices that gave the best bound.
    best_open
        The candidates of the relaxed solution whose true value is largest.
    numbers
        See `STEP` and what follows it.
    """

    multiplier: NDArray[np.float64]
    direction: NDArray[np.float64]
    best_multiplier: NDArray[np.float64]
    best_open: NDArray[np.bool_]
    numbers: NDArray[np.float64]


def new_descent(multiplier: NDArray[np.float64], candidate_count: int, lower: float) -> Descent:
    """Return a descent that starts at the multipliers, knowing a choice worth `lower`."""
    return Descent(
        multiplier=multiplier.copy(),
        direction=np.zeros(len(multiplier)),
        best_multiplier=multiplier.copy(),
        best_open=np.zeros(candidate_count, bool),
        numbers=np.array([1.0, 0.0, np.inf, lower, 0.0]),
    )


@njit(cache=True, nogil=True)
def first_multipliers(gains: Gains, is_open: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean of the best and second best gain of each row from open candidates."""
    multiplier = np.zeros(len(gains.start) - 1)
    for i in range(len(multiplier)):
        found = 0
        for q in range(gains.start[i], gains.start[i + 1]):
            if is_open[gains.candidate[q]]:
                multiplier[i] += 0.5 * gains.gain[q]
                found += 1
                if found == 2:  # noqa: PLR2004 best and second best
                    break
    return multiplier


@njit(cache=True, nogil=True)
def worths(gains: Gains, multiplier: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what each candidate is worth at these prices: the sum over rows of gain less price, where positive."""
    worth = np.zeros(len(gains.column_start) - 1)
    for i in range(len(multiplier)):
        for q in range(gains.start[i], gains.start[i + 1]):
            surplus = gains.gain[q] - multiplier[i]
            if surplus <= 0.0:
                break
            worth[gains.candidate[q]] += surplus
    return worth


@njit(cache=True, nogil=True)
def _slope(
    gains: Gains, price: NDArray[np.float64], is_open: NDArray[np.bool_], direction: NDArray[np.float64]
) -> float:
    """Turn the direction in place towards the subgradient; return what the open candidates are truly worth."""
    value = 0.0
    for i in range(len(price)):
        uses, found = 0, False
        for q in range(gains.start[i], gains.start[i + 1]):
            if found and gains.gain[q] <= price[i]:
                break
            if is_open[gains.candidate[q]]:
                if not found:
                    value += gains.gain[q]
                found = True
                uses += gains.gain[q] > price[i]
        slope = 0.0 if uses == 0 and price[i] <= 0.0 else 1.0 - uses
        direction[i] = slope + INERTIA * direction[i]
    return value


@njit(cache=True, nogil=True)
def _note_bound(descent: Descent, bound: float) -> bool:
    """Keep a bound if it is the best, and step less far where bounds have stalled; return whether that is so."""
    numbers = descent.numbers
    numbers[STALLED] += 1
    if bound < numbers[BOUND]:
        if bound < numbers[BOUND] * (1.0 - WORTH_WAITING):
            numbers[STALLED] = 0
        numbers[BOUND] = bound
        descent.best_multiplier[:] = descent.multiplier
    if numbers[STALLED] < PATIENCE:
        return False
    numbers[STEP] *= STEP_SHRINK
    numbers[STALLED] = 0
    descent.multiplier[:] = descent.best_multiplier
    descent.direction[:] = 0.0
    return True


@njit(cache=True, nogil=True)
def descend(gains: Gains, count: int, descent: Descent, iterations: int) -> bool:
    """Take subgradient steps in place; return whether it has converged.

    Each row may use several open candidates at a price u >= 0, which gives the upper bound
    ``sum(u) + sum of the `count` largest of worth_j(u)`` (Cornuejols, Fisher and Nemhauser 1977). Steps follow Polyak
    (1969) with the best known choice as target, along the subgradient smoothed as of Camerini, Fratta and Maffioli
    (1975); they shrink when the bound stalls.
    """
    numbers, price, direction = descent.numbers, descent.multiplier, descent.direction
    is_open = np.zeros(len(descent.best_open), np.bool_)
    for _ in range(iterations):
        worth = worths(gains, price)
        order = np.argsort(-worth, kind="mergesort")[:count]
        bound = price.sum() + worth[order].sum()
        if _note_bound(descent, bound):
            if numbers[STEP] < SMALLEST_STEP:
                return True
            continue
        is_open[:] = False
        is_open[order] = True
        value = _slope(gains, price, is_open, direction)
        if value > numbers[RELAXED]:
            numbers[RELAXED] = value
            descent.best_open[:] = is_open
        numbers[LOWER] = max(numbers[LOWER], value)
        square = np.sum(direction * direction)
        if square == 0.0 or numbers[BOUND] <= numbers[LOWER]:
            return True
        step = numbers[STEP] * (bound - numbers[LOWER]) / square
        for i in range(len(price)):
            price[i] = min(max(0.0, price[i] - step * direction[i]), gains.gain[gains.start[i]])
    return False
