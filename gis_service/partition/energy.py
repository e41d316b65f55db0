"""What a grid costs: distance from the size range, spread, compactness and the borders it encloses (compiled)."""

from math import pi, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

UNKNOWN = float(2**40)
"""Residents of a unit whose residents are unknown: large enough to mark every grid that holds it."""

_KNOWN_BELOW = float(2**30)

HOUSEHOLDS, RESIDENTS, AREA, PERIMETER, PRICE = range(5)
"""Columns of a grid's totals."""

_OUT_OF_RANGE = 3.0
_PER_TARGET_MISSED = 12.0


class Problem(NamedTuple):
    """One piece of a community, as the compiled kernels see it.

    Parameters
    ----------
    start, neighbour
        Units in compressed sparse rows: the neighbours of ``u`` are ``neighbour[start[u]:start[u + 1]]``.
    border_m
        Shared border [m] of each such pair.
    price
        Price of each such pair when both lie in one grid, symmetric.
    households, residents
        Counts of each unit; residents are ``UNKNOWN`` where unknown.
    area_m2, perimeter_m
        Of each unit.
    households_min, households_max, residents_min, residents_max
        Ranges of the rules, inclusive.
    by_households, by_residents
        Which tests count; one that passes is enough.
    mean
        Households (residents, where only they count) of a grid if all were equal.
    spread
        Weight of the squared relative distance from the mean.
    """

    start: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    border_m: NDArray[np.float64]
    price: NDArray[np.float64]
    households: NDArray[np.float64]
    residents: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    perimeter_m: NDArray[np.float64]
    households_min: float
    households_max: float
    residents_min: float
    residents_max: float
    by_households: bool
    by_residents: bool
    mean: float
    spread: float


@njit(cache=True)
def miss(households: float, residents: float, problem: Problem) -> float:
    """Return how far a grid is out of range, relative to the middle of the range; 0 when it is in range."""
    nearest = np.inf
    if problem.by_households or residents >= _KNOWN_BELOW:
        gap = max(problem.households_min - households, households - problem.households_max, 0.0)
        nearest = 2.0 * gap / (problem.households_min + problem.households_max)
    if problem.by_residents and residents < _KNOWN_BELOW:
        gap = max(problem.residents_min - residents, residents - problem.residents_max, 0.0)
        nearest = min(nearest, 2.0 * gap / (problem.residents_min + problem.residents_max))
    return nearest


@njit(cache=True)
def size_energy(households: float, residents: float, problem: Problem) -> float:
    """Return the price of a grid's size: squared relative distance from the mean, and a step and slope out of range."""
    if problem.by_households or residents >= _KNOWN_BELOW:
        deviation = 2.0 * (households - problem.mean) / (problem.households_min + problem.households_max)
    else:
        deviation = 2.0 * (residents - problem.mean) / (problem.residents_min + problem.residents_max)
    energy = problem.spread * deviation * deviation
    missed = miss(households, residents, problem)
    if missed > 0.0:
        energy += _OUT_OF_RANGE + _PER_TARGET_MISSED * missed
    return energy


@njit(cache=True)
def shape_energy(area_m2: float, perimeter_m: float) -> float:
    """Return the perimeter over that of a circle of the same area: 1 for a circle, 1.13 for a square.

    This is the inverse square root of the measure of Polsby and Popper (1991).
    """
    return perimeter_m / sqrt(4.0 * pi * max(area_m2, 1e-9))


@njit(cache=True)
def grid_energy(
    households: float, residents: float, area_m2: float, perimeter_m: float, price: float, problem: Problem
) -> float:
    """Return the price of a grid with these totals."""
    return size_energy(households, residents, problem) + shape_energy(area_m2, perimeter_m) + price


@njit(cache=True)
def draw(state: NDArray[np.uint64]) -> float:
    """Return the next number of [0, 1) of the splitmix64 generator (Steele, Lea and Flood 2014) in ``state[0]``."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
