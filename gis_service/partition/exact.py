"""Small parts of a community solved to a proven optimum: connected sets of units, chosen by set partitioning."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.connected_sets import MOST_UNITS, ConnectedSets, admissible_sets, sets_in_range
from gis_service.partition.covering import cheapest_cover
from gis_service.partition.energy import Problem
from gis_service.partition.misses import assessed, giants

MOST_SETS_IN_RANGE, MOST_ADMISSIBLE_SETS = 1_000_000, 300_000
"""Connected sets looked at, at most; where there are more, the part is not solved exactly."""
_SAME = 1e-9


@dataclass(frozen=True)
class Optimum:
    """The best assignment found for a part of a community, and what is proven about it.

    Parameters
    ----------
    labels
        Grid of each unit, from 0 without gaps.
    missed
        Its misses, by ``misses.assessed``.
    least_missed
        No assignment has fewer.
    energy
        What its grids cost together.
    least_energy
        No assignment with as few misses costs less; minus infinity where nothing is proven.
    proven
        True: no assignment has fewer misses, and none with as few costs less.
    """

    labels: NDArray[np.int64]
    missed: int
    least_missed: int
    energy: float
    least_energy: float
    proven: bool


def solve_exactly(problem: Problem, labels: NDArray[np.int64]) -> Optimum:
    """Return the assignment with the fewest misses and, among those, of the smallest energy.

    Grids hang together in the graph. All connected sets that may be a grid are listed, and the best of them that hold
    each unit once are chosen (set partitioning), as in Garfinkel and Nemhauser (1970): first among the sets in range;
    only if these cannot hold all units, among the admissible ones (`connected_sets.admissible_sets`).

    Parameters
    ----------
    problem
        A connected part of a community.
    labels
        An assignment known, connected, from 0 without gaps; the result is never worse.

    Returns
    -------
    Optimum
        With ``labels`` themselves and ``proven`` False where the part has more than 64 units, or more connected sets
        than are looked at.
    """
    missed, energy = assessed(problem, labels)
    large = int(giants(problem).sum())
    known = Optimum(labels, missed, large, energy, -np.inf, proven=False)
    if len(labels) > MOST_UNITS:
        return known
    if large == 0:
        sets = sets_in_range(problem, MOST_SETS_IN_RANGE)
        if not sets.complete:
            return known
        cover = cheapest_cover(sets.mask, sets.energy, len(labels), below=energy - _SAME if missed == 0 else np.inf)
        if cover.chosen is not None:
            return _chosen(problem, sets, cover.chosen, 0, cover.bound, cover.proven)
        if missed == 0:
            return Optimum(labels, 0, 0, energy, energy if cover.proven else cover.bound, cover.proven)
        if not cover.proven:
            return known
    return _with_misses(problem, Optimum(labels, missed, max(1, large), energy, -np.inf, proven=False))


def _with_misses(problem: Problem, known: Optimum) -> Optimum:
    """Return the best assignment where at least ``known.least_missed`` misses cannot be avoided."""
    sets = admissible_sets(problem, MOST_ADMISSIBLE_SETS)
    if not sets.complete:
        return known
    best, least, n = known, known.least_missed, len(known.labels)
    if known.missed > least:
        cover = cheapest_cover(sets.mask, sets.missed.astype(np.float64), n, below=known.missed - 0.5)
        if cover.chosen is not None:
            best = _chosen(problem, sets, cover.chosen, least, -np.inf, proven=False)
        least = best.missed if cover.proven else max(least, int(np.ceil(cover.bound - _SAME)))
    cover = cheapest_cover(
        sets.mask, sets.energy, n, below=best.energy - _SAME, missed=sets.missed, most_missed=best.missed
    )
    proven = cover.proven and least == best.missed
    if cover.chosen is not None:
        return _chosen(problem, sets, cover.chosen, least, cover.bound, proven)
    bound = best.energy if cover.proven else cover.bound
    return Optimum(best.labels, best.missed, least, best.energy, bound, proven)


def _chosen(
    problem: Problem, sets: ConnectedSets, chosen: NDArray[np.int64], least: int, bound: float, proven: bool
) -> Optimum:
    """Return the assignment of some sets, whose grids are numbered by their first unit."""
    masks = sets.mask[chosen]
    held = masks[:, None] >> np.arange(len(problem.weight), dtype=np.uint64) & np.uint64(1)
    grid = held.argmax(axis=0)
    labels = np.unique(held.argmax(axis=1)[grid], return_inverse=True)[1].astype(np.int64)
    missed, energy = assessed(problem, labels)
    return Optimum(labels, missed, least, energy, bound, proven)
