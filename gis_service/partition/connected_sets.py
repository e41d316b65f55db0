"""Every connected set of units that may be a grid, with what it would cost (compiled)."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import (
    HOUSEHOLDS,
    PERIMETER,
    PRICE,
    RESIDENTS,
    UNKNOWN,
    Problem,
    grid_energy,
)
from gis_service.partition.misses import capped_sizes, misses_of, too_large

MOST_UNITS = 64
"""Sets are the bits of one machine word."""
_ONE = np.uint64(1)


class ConnectedSets(NamedTuple):
    """Connected sets of the units of one part of a community.

    Parameters
    ----------
    mask
        Bit ``u`` is set where unit ``u`` belongs to the set; uint64.
    energy
        What the set costs as a grid, by ``energy.grid_energy`` less ``misses.credit``.
    missed
        Misses it is worth as a grid, by ``misses.misses_of``; 0 where it is in range.
    complete
        False: there are more sets than were asked for, and these are only some.
    """

    mask: NDArray[np.uint64]
    energy: NDArray[np.float64]
    missed: NDArray[np.int64]
    complete: bool


def sets_in_range(problem: Problem, per_grid: float, most: int) -> ConnectedSets:
    """Return the connected sets of units that are in range as a grid.

    Parameters
    ----------
    problem
        Part of a community, of at most `MOST_UNITS` units.
    per_grid
        Credit for each grid, by ``misses.credit``.
    most
        Sets to look at, at most.
    """
    counted = np.ascontiguousarray(problem.weight[:, :2])
    mask, energy, missed, complete = _enumerate(problem, per_grid, counted, 0.0, 0.0, 0, most, len(counted))
    return ConnectedSets(mask, energy, missed, complete)


def sets_with_first(problem: Problem, most: int) -> ConnectedSets:
    """Return those connected sets in range, without a credit, that hold the first unit.

    Parameters
    ----------
    problem, most
        As for `sets_in_range`.
    """
    counted = np.ascontiguousarray(problem.weight[:, :2])
    mask, energy, missed, complete = _enumerate(problem, 0.0, counted, 0.0, 0.0, 0, most, 1)
    return ConnectedSets(mask, energy, missed, complete)


def admissible_sets(problem: Problem, per_grid: float, most: int, *, worth: int = 1) -> ConnectedSets:
    """Return the connected sets of units that are worth a few misses at most as a grid, in range or not.

    A grid that exceeds the maximum by the minimum is worth two misses, by twice the minimum three. A unit above the
    maximum counts as the maximum there, so it may keep company that no grid in range could take. Every set left out
    is worth more, and so is every assignment with such a grid.

    Parameters
    ----------
    problem, per_grid, most
        As for `sets_in_range`.
    worth
        Misses a set may be worth, at least 1 (inclusive).
    """
    size = problem.size
    counted = capped_sizes(problem.weight, size)
    more_households, more_residents = worth * size.households_min - 1.0, worth * size.residents_min - 1.0
    mask, energy, missed, complete = _enumerate(
        problem, per_grid, counted, more_households, more_residents, worth, most, len(counted)
    )
    return ConnectedSets(mask, energy, missed, complete)


@njit(cache=True)
def _enumerate(
    problem: Problem,
    per_grid: float,
    counted: NDArray[np.float64],
    more_households: float,
    more_residents: float,
    most_misses: int,
    most: int,
    lowest_units: int,
) -> tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.int64], bool]:
    """Grow sets from the first units as the lowest; a frontier unit joins or stays out for good: each is met once."""
    start, neighbour, border_m, price, weight, size = problem
    n = len(weight)
    adjacent = _adjacent(start, neighbour)
    all_known = bool((weight[:, RESIDENTS] < UNKNOWN).all())
    masks, energies, missed = np.empty(most, np.uint64), np.empty(most), np.empty(most, np.int64)
    found = looked = 0
    depth = n * n + 1
    members, closed, frontier = np.empty(depth, np.uint64), np.empty(depth, np.uint64), np.empty(depth, np.uint64)
    totals, tested = np.empty((depth, 5)), np.empty((depth, 2))
    for lowest in range(lowest_units):
        if too_large(counted[lowest, 0], counted[lowest, 1], size, all_known, more_households, more_residents):
            continue
        members[0] = _ONE << np.uint64(lowest)
        closed[0] = (members[0] - _ONE) | members[0]
        frontier[0] = adjacent[lowest]
        totals[0, :4], totals[0, PRICE] = weight[lowest], 0.0
        tested[0] = counted[lowest]
        height = 1
        while height > 0:
            height -= 1
            inside, out, border = members[height], closed[height], frontier[height]
            total, test = totals[height].copy(), tested[height].copy()
            looked += 1
            if looked > most:
                return masks[:found].copy(), energies[:found].copy(), missed[:found].copy(), False
            worth = misses_of(total[HOUSEHOLDS], total[RESIDENTS], test[0], test[1], size)
            if worth <= most_misses:
                masks[found], missed[found] = inside, worth
                energies[found] = grid_energy(total[0], total[1], total[2], total[3], total[4], size) - per_grid
                found += 1
            for v in range(lowest + 1, n):
                bit = _ONE << np.uint64(v)
                if border & ~out & bit == 0:
                    continue
                out |= bit
                tested[height] = test + counted[v]
                if too_large(tested[height, 0], tested[height, 1], size, all_known, more_households, more_residents):
                    continue
                members[height], closed[height], frontier[height] = inside | bit, out, border | adjacent[v]
                shared_m, shared_price = _shared(v, inside, start, neighbour, border_m, price)
                totals[height, :4] = total[:4] + weight[v]
                totals[height, PERIMETER] -= 2.0 * shared_m
                totals[height, PRICE] = total[PRICE] + shared_price
                height += 1
    return masks[:found].copy(), energies[:found].copy(), missed[:found].copy(), True


@njit(cache=True)
def _adjacent(start: NDArray[np.int64], neighbour: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the neighbours of each unit as bits."""
    adjacent = np.zeros(len(start) - 1, np.uint64)
    for u in range(len(adjacent)):
        for e in range(start[u], start[u + 1]):
            adjacent[u] |= _ONE << np.uint64(neighbour[e])
    return adjacent


@njit(cache=True)
def _shared(
    v: int,
    inside: np.uint64,
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    border_m: NDArray[np.float64],
    price: NDArray[np.float64],
) -> tuple[float, float]:
    """Return border [m] and price that a unit shares with a set."""
    shared_m = shared_price = 0.0
    for e in range(start[v], start[v + 1]):
        if inside >> np.uint64(neighbour[e]) & _ONE:
            shared_m += border_m[e]
            shared_price += price[e]
    return shared_m, shared_price
