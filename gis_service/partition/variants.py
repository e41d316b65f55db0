"""What a grid becomes when a few units leave it and a few join it: connected sets in range (compiled)."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.connected_sets import MOST_UNITS
from gis_service.partition.energy import AREA, HOUSEHOLDS, PERIMETER, PRICE, RESIDENTS, Problem, Size, grid_energy, miss

MOST_LEAVING = 12
"""Units that may leave a grid are its first so many; grids are bundled to fewer before."""
_ONE = np.uint64(1)


class Variants(NamedTuple):
    """Sets of units that a grid may become.

    Parameters
    ----------
    start, unit
        The units of set ``i`` are ``unit[start[i]:start[i + 1]]``.
    energy
        What each set costs as a grid, by ``energy.grid_energy``.
    parted
        True for a set that leaves the grid as one of its own, false for what stays with whom it takes in.
    complete
        False: there are more sets than were asked for, and these are only some.
    """

    start: NDArray[np.int64]
    unit: NDArray[np.int64]
    energy: NDArray[np.float64]
    parted: NDArray[np.bool_]
    complete: bool


@njit(cache=True)
def variants_of(
    problem: Problem, grid: NDArray[np.int64], near: NDArray[np.bool_], changes: int, parting: bool, most: int
) -> Variants:
    """Return the connected sets in range that a grid may become.

    Parameters
    ----------
    problem
        Part of a community.
    grid
        Units of the grid, at most `connected_sets.MOST_UNITS`.
    near
        True for units that may join it.
    changes
        So many units at most may leave, and so many, no further away than that, may join.
    parting
        Whether the grid may also part in two, whatever leaves being a set of its own.
    most
        Sets wanted, at most.
    """
    unit = _surroundings(problem, grid, near, changes)
    adjacent, inside = _adjacent(problem, unit), len(grid)
    found, parted = np.empty(most, np.uint64), np.zeros(most, np.bool_)
    count = 0
    whole = (_ONE << np.uint64(inside)) - _ONE if inside < MOST_UNITS else ~np.uint64(0)
    for leaving in range((1 << min(inside, MOST_LEAVING)) - (inside <= MOST_LEAVING)):
        left = np.uint64(leaving)
        few = _bits(left) <= changes
        if parting and leaving > 0 and count < most and _fits(problem, unit, adjacent, left):
            found[count], parted[count] = left, True
            count += 1
        if few or parting:
            count = _join(problem, unit, adjacent, whole, whole & ~left, changes if few else 0, found, count)
        if count == most:
            break
    return _listed(problem, unit, found[:count], parted[:count], count < most)


@njit(cache=True)
def _surroundings(problem: Problem, grid: NDArray[np.int64], near: NDArray[np.bool_], steps: int) -> NDArray[np.int64]:
    """Return the units of a grid, then those within some steps that may join it, as many as fit a machine word."""
    start, neighbour = problem.start, problem.neighbour
    unit = np.empty(MOST_UNITS, np.int64)
    count = len(grid)
    unit[:count] = grid
    first = 0
    for _ in range(steps):
        last = count
        for i in range(first, last):
            for e in range(start[unit[i]], start[unit[i] + 1]):
                v = neighbour[e]
                if near[v] and count < MOST_UNITS and _place(unit[:count], v) < 0:
                    unit[count] = v
                    count += 1
        first = last
    return unit[:count]


@njit(cache=True)
def _adjacent(problem: Problem, unit: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the neighbours of each unit among all, as bits."""
    adjacent = np.zeros(len(unit), np.uint64)
    for i in range(len(unit)):
        for e in range(problem.start[unit[i]], problem.start[unit[i] + 1]):
            place = _place(unit, problem.neighbour[e])
            if place >= 0:
                adjacent[i] |= _ONE << np.uint64(place)
    return adjacent


@njit(cache=True)
def _place(unit: NDArray[np.int64], wanted: int) -> int:
    """Return where a unit stands among some, -1 where it does not."""
    for i in range(len(unit)):
        if unit[i] == wanted:
            return i
    return -1


@njit(cache=True)
def _bits(mask: np.uint64) -> int:
    count = 0
    while mask:
        mask &= mask - _ONE
        count += 1
    return count


@njit(cache=True)
def _join(
    problem: Problem,
    unit: NDArray[np.int64],
    adjacent: NDArray[np.uint64],
    whole: np.uint64,
    staying: np.uint64,
    joining: int,
    found: NDArray[np.uint64],
    count: int,
) -> int:
    """Add what fits of the units that stay and up to ``joining`` others; return the number of sets found so far.

    A unit beside the set joins it or stays out for good, so each set is met once.
    """
    room = MOST_UNITS * (joining + 1) + 1
    members, closed, more = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.int64)
    members[0], closed[0], more[0] = staying, whole, joining
    height = 1
    while height > 0:
        height -= 1
        inside, out, left = members[height], closed[height], more[height]
        if count == len(found):
            break
        if _fits(problem, unit, adjacent, inside):
            found[count] = inside
            count += 1
        if left == 0:
            continue
        beside = np.uint64(0)
        for i in range(len(unit)):
            if inside >> np.uint64(i) & _ONE:
                beside |= adjacent[i]
        beside &= ~(inside | out)
        for i in range(len(unit)):
            bit = _ONE << np.uint64(i)
            if beside & bit:
                out |= bit
                members[height], closed[height], more[height] = inside | bit, out, left - 1
                height += 1
    return count


@njit(cache=True)
def _fits(problem: Problem, unit: NDArray[np.int64], adjacent: NDArray[np.uint64], inside: np.uint64) -> bool:
    """Tell whether a set is in range and hangs together."""
    households = residents = 0.0
    for i in range(len(unit)):
        if inside >> np.uint64(i) & _ONE:
            households += problem.weight[unit[i], HOUSEHOLDS]
            residents += problem.weight[unit[i], RESIDENTS]
    if miss(households, residents, problem.size) > 0.0:
        return False
    met = inside & (~inside + _ONE)
    before = np.uint64(0)
    while met != before:
        before = met
        for i in range(len(unit)):
            if met >> np.uint64(i) & _ONE:
                met |= adjacent[i] & inside
    whole: bool = met == inside
    return whole


@njit(cache=True)
def _listed(
    problem: Problem, unit: NDArray[np.int64], found: NDArray[np.uint64], parted: NDArray[np.bool_], complete: bool
) -> Variants:
    start, energy = np.zeros(len(found) + 1, np.int64), np.empty(len(found))
    for i in range(len(found)):
        start[i + 1] = start[i] + _bits(found[i])
    member = np.empty(start[-1], np.int64)
    inside = np.zeros(len(problem.weight), np.bool_)
    for i in range(len(found)):
        k = start[i]
        for j in range(len(unit)):
            if found[i] >> np.uint64(j) & _ONE:
                member[k] = unit[j]
                k += 1
        energy[i] = set_energy(problem, member[start[i] : start[i + 1]], inside, problem.size)
    return Variants(start, member, energy, parted, complete)


@njit(cache=True)
def set_energy(problem: Problem, units: NDArray[np.int64], inside: NDArray[np.bool_], size: Size) -> float:
    """Return what some units cost as a grid; ``inside`` is room for a mark on every unit, all false."""
    totals = np.zeros(5)
    inside[units] = True
    for u in units:
        totals[:4] += problem.weight[u]
        for e in range(problem.start[u], problem.start[u + 1]):
            if inside[problem.neighbour[e]]:
                totals[PERIMETER] -= problem.border_m[e]
                totals[PRICE] += 0.5 * problem.price[e]
    inside[units] = False
    return grid_energy(totals[HOUSEHOLDS], totals[RESIDENTS], totals[AREA], totals[PERIMETER], totals[PRICE], size)
