"""What a grid costs: distance from the size range, spread, compactness and the borders it encloses (compiled).

Kernels pass NumPy arrays to inner functions one by one: numba counts references for every array of a tuple at every
call, which made flips fourteen times slower. Tuples of plain numbers, such as ``Size``, cost nothing. Numba's cache
does not notice changes in called functions of other modules: after editing a kernel, delete ``__pycache__/*.nb[ic]``.
"""

from math import pi, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

UNKNOWN = float(2**40)
"""Residents of a unit whose residents are unknown: large enough to mark every grid that holds it."""
_KNOWN_BELOW = float(2**30)

HOUSEHOLDS, RESIDENTS, AREA, PERIMETER, PRICE = range(5)
"""Columns of a grid's totals; a unit has the first four."""

_OUT_OF_RANGE = 3.0
_PER_TARGET_MISSED = 12.0


class Size(NamedTuple):
    """The size rule as the kernels see it.

    Parameters
    ----------
    households_min, households_max, residents_min, residents_max
        Ranges of the rules, inclusive.
    by_households, by_residents
        Which tests count; one that passes is enough.
    mean_households, mean_residents
        Of a grid if all were equal.
    spread
        Weight of the squared relative distance from the mean.
    """

    households_min: float
    households_max: float
    residents_min: float
    residents_max: float
    by_households: bool
    by_residents: bool
    mean_households: float
    mean_residents: float
    spread: float


class Problem(NamedTuple):
    """One piece of a community as the kernels see it.

    Parameters
    ----------
    start, neighbour
        Units in compressed sparse rows: the neighbours of ``u`` are ``neighbour[start[u]:start[u + 1]]``.
    border_m
        Shared border [m] of each such pair.
    price
        Price of each such pair when both lie in one grid, symmetric.
    weight
        One row a unit: households, residents (``UNKNOWN`` where unknown), area [m²], perimeter [m].
    size
        The size rule.
    """

    start: NDArray[np.int64]
    neighbour: NDArray[np.int64]
    border_m: NDArray[np.float64]
    price: NDArray[np.float64]
    weight: NDArray[np.float64]
    size: Size


@njit(cache=True)
def miss(households: float, residents: float, size: Size) -> float:
    """Return how far a grid is out of range, relative to the middle of the range; 0 when it is in range."""
    nearest = np.inf
    if size.by_households or residents >= _KNOWN_BELOW:
        gap = max(size.households_min - households, households - size.households_max, 0.0)
        nearest = gap * (2.0 / (size.households_min + size.households_max))
    if size.by_residents and residents < _KNOWN_BELOW:
        gap = max(size.residents_min - residents, residents - size.residents_max, 0.0)
        nearest = min(nearest, gap * (2.0 / (size.residents_min + size.residents_max)))
    return nearest


@njit(cache=True)
def size_energy(households: float, residents: float, size: Size) -> float:
    """Return the price of a grid's size: squared relative distance from the mean; a step and a slope out of range."""
    if size.by_households or residents >= _KNOWN_BELOW:
        deviation = (households - size.mean_households) * (2.0 / (size.households_min + size.households_max))
    else:
        deviation = (residents - size.mean_residents) * (2.0 / (size.residents_min + size.residents_max))
    energy = size.spread * deviation * deviation
    missed = miss(households, residents, size)
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
    households: float, residents: float, area_m2: float, perimeter_m: float, price: float, size: Size
) -> float:
    """Return the price of a grid with these totals."""
    return size_energy(households, residents, size) + shape_energy(area_m2, perimeter_m) + price


@njit(cache=True)
def draw(state: NDArray[np.uint64]) -> float:
    """Return the next number of [0, 1) of the splitmix64 generator (Steele, Lea and Flood 2014) in ``state[0]``."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53
