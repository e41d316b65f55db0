"""Every connected set in range of a part of a community of any size, as long as they are not too many."""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.connected_sets import MOST_UNITS, sets_with_first
from gis_service.partition.energy import HOUSEHOLDS, RESIDENTS, UNKNOWN, Problem
from gis_service.partition.part_problems import restrict


class AllSets(NamedTuple):
    """Connected sets of units.

    Parameters
    ----------
    start, unit
        The units of set ``i`` are ``unit[start[i]:start[i + 1]]``, ascending.
    energy
        What each set costs as a grid, by ``energy.grid_energy``.
    """

    start: NDArray[np.int64]
    unit: NDArray[np.int64]
    energy: NDArray[np.float64]


def all_sets(problem: Problem, most: int) -> AllSets | None:
    """Return every connected set of units that is in range as a grid.

    A set is met once, from its lowest unit, among the units that any set in range can reach from there.

    Parameters
    ----------
    problem
        Part of a community, or several.
    most
        Sets to look at, at most.

    Returns
    -------
    AllSets or None
        None where there are more sets to look at, or more than 64 units within reach of one.
    """
    sizes, members, energies = [], [], []
    left = most
    for lowest in range(len(problem.weight)):
        near = _within_reach(problem, lowest)
        if len(near) > MOST_UNITS:
            return None
        found = sets_with_first(restrict(problem, near), left)
        if not found.complete:
            return None
        left -= len(found.mask)
        held = (found.mask[:, None] >> np.arange(len(near), dtype=np.uint64) & np.uint64(1)).astype(bool)
        sizes.append(held.sum(axis=1))
        members.append(near[np.nonzero(held)[1]])
        energies.append(found.energy)
    return AllSets(
        np.concatenate(([0], np.cumsum(np.concatenate(sizes)))), np.concatenate(members), np.concatenate(energies)
    )


def _within_reach(problem: Problem, lowest: int) -> NDArray[np.int64]:
    """Return a unit and those after it that a set in range may hold with it, ascending; more than 64 are not told."""
    size = problem.size
    reached = np.zeros(len(problem.weight), np.bool_)
    reached[lowest] = True
    # A set that holds a unit with unknown residents is judged by its households, whatever the basis.
    if size.by_households or (problem.weight[:, RESIDENTS] >= UNKNOWN).any():
        _reach(problem.start, problem.neighbour, problem.weight[:, HOUSEHOLDS], lowest, size.households_max, reached)
    if size.by_residents:
        _reach(problem.start, problem.neighbour, problem.weight[:, RESIDENTS], lowest, size.residents_max, reached)
    return np.flatnonzero(reached)


@njit(cache=True)
def _reach(
    start: NDArray[np.int64],
    neighbour: NDArray[np.int64],
    people: NDArray[np.float64],
    lowest: int,
    most: float,
    reached: NDArray[np.bool_],
) -> None:
    """Mark the units after ``lowest`` to which some way over such units has no more than ``most`` people."""
    best = {lowest: people[lowest]}
    queue = [(people[lowest], lowest)]
    count = 0
    while queue and count <= MOST_UNITS:
        total, u = heappop(queue)
        if total > best[u] or total > most:
            continue
        reached[u] = True
        count += 1
        for e in range(start[u], start[u + 1]):
            v = neighbour[e]
            more = total + people[v]
            if v > lowest and more <= most and (v not in best or more < best[v]):
                best[v] = more
                heappush(queue, (more, v))
