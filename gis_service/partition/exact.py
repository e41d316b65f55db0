"""Small parts of a community solved to a proven optimum: connected sets of units, chosen by set partitioning."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.connected_sets import MOST_UNITS, ConnectedSets, admissible_sets, sets_in_range
from gis_service.partition.covering import cheapest_cover
from gis_service.partition.energy import Problem
from gis_service.partition.misses import assessed, credit, giants

MOST_SETS = 1_000_000
"""Connected sets looked at, at most; where there are more, the part is not solved exactly."""
MOST_ADMISSIBLE_SETS = 300_000
"""The same where grids out of range are looked at too."""
_SAME = 1e-9

Surcharge: TypeAlias = Callable[[NDArray[np.uint64]], NDArray[np.float64]]
"""Cost of each set beyond its energy; sets are bits of units."""


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


def solve_exactly(
    problem: Problem,
    labels: NDArray[np.int64],
    *,
    per_grid: float | None = None,
    surcharge: Surcharge | None = None,
    most_sets: int = MOST_SETS,
    only_fewer: bool = False,
) -> Optimum:
    """Return the assignment with the fewest misses and, among those, of the smallest energy.

    Grids hang together in the graph. All connected sets that may be a grid are listed, and the best of them that hold
    each unit once are chosen (set partitioning), as in Garfinkel and Nemhauser (1970): first among the sets in range;
    only if these cannot hold all units, among those worth as many misses as the best assignment known
    (`connected_sets.admissible_sets`).

    Parameters
    ----------
    problem
        A connected part of a community.
    labels
        An assignment known, connected, from 0 without gaps; the result is never worse.
    per_grid
        Credit for each grid, by ``misses.credit`` of the larger part this is cut from; None: of this part.
    surcharge
        What grids cost besides, from their units as bits.
    most_sets
        Connected sets looked at, at most.
    only_fewer
        Look no further where no assignment with fewer misses is found: a smaller energy is not wanted then.

    Returns
    -------
    Optimum
        With ``labels`` themselves and ``proven`` False where the part has more than 64 units, or more connected sets
        than are looked at.
    """
    costs = _Costs(problem, credit(problem) if per_grid is None else per_grid, surcharge)
    large = int(giants(problem).sum())
    if len(labels) > MOST_UNITS:
        missed, energy = assessed(problem, labels, costs.per_grid)
        return Optimum(labels, missed, large, energy, -np.inf, proven=False)
    known = _known(costs, labels, large)
    if large == 0:
        sets = sets_in_range(problem, costs.per_grid, most_sets)
        if not sets.complete:
            return known
        below = known.energy - _SAME if known.missed == 0 else np.inf
        cover = cheapest_cover(sets.mask, _energies(costs, sets), len(labels), below=below)
        if cover.chosen is not None:
            found = _known(costs, _labels(sets.mask[cover.chosen], len(labels)), 0)
            return replace(found, least_energy=cover.bound, proven=cover.proven)
        if known.missed == 0:
            return replace(known, least_energy=min(known.energy, cover.bound), proven=cover.proven)
        if not cover.proven:
            return known
    least = replace(known, least_missed=max(1, large))
    return _with_misses(costs, least, min(most_sets, MOST_ADMISSIBLE_SETS), only_fewer)


def _with_misses(costs: "_Costs", known: Optimum, most_sets: int, only_fewer: bool) -> Optimum:
    """Return the best assignment where at least ``known.least_missed`` misses cannot be avoided."""
    sets = admissible_sets(costs.problem, costs.per_grid, most_sets)
    if not sets.complete:
        return known
    best, worth = _fewest_missed(costs, known, sets, 1), 1
    # A set worth more misses than are known betters nothing; one worth as many may cost less than several grids do.
    while worth < best.missed - only_fewer:
        more = admissible_sets(costs.problem, costs.per_grid, most_sets, worth=worth + 1)
        if not more.complete:
            break
        sets, worth = more, worth + 1
        best = _fewest_missed(costs, best, sets, worth)
    if only_fewer and best.missed == known.missed:
        return replace(known, least_missed=best.least_missed)
    cover = cheapest_cover(
        sets.mask,
        _energies(costs, sets),
        len(known.labels),
        below=best.energy - _SAME,
        missed=sets.missed,
        most_missed=best.missed,
    )
    least = best.least_missed
    if cover.chosen is not None:
        best = _known(costs, _labels(sets.mask[cover.chosen], len(known.labels)), least)
    if worth < best.missed:
        return replace(best, least_missed=least)
    proven = cover.proven and least == best.missed
    return replace(best, least_missed=least, least_energy=min(best.energy, cover.bound), proven=proven)


def _fewest_missed(costs: "_Costs", known: Optimum, sets: ConnectedSets, worth: int) -> Optimum:
    """Return an assignment of fewer misses to the sets worth so many at most, or the known one, with what is proven."""
    least, n = known.least_missed, len(known.labels)
    if known.missed == least:
        return known
    cover = cheapest_cover(sets.mask, sets.missed.astype(np.float64), n, below=known.missed - 0.5)
    best = known if cover.chosen is None else _known(costs, _labels(sets.mask[cover.chosen], n), least)
    bound = best.missed if cover.proven else int(np.ceil(max(cover.bound, 0.0) - _SAME))
    # An assignment with a set that was not listed has more misses than those listed are worth.
    return replace(best, least_missed=max(least, min(bound, worth + 1)))


@dataclass(frozen=True)
class _Costs:
    problem: Problem
    per_grid: float
    surcharge: Surcharge | None


def _energies(costs: _Costs, sets: ConnectedSets) -> NDArray[np.float64]:
    return sets.energy if costs.surcharge is None else sets.energy + costs.surcharge(sets.mask)


def _known(costs: _Costs, labels: NDArray[np.int64], least_missed: int) -> Optimum:
    missed, energy = assessed(costs.problem, labels, costs.per_grid)
    if costs.surcharge is not None:
        energy += float(costs.surcharge(masks_of(labels)).sum())
    return Optimum(labels, missed, least_missed, energy, -np.inf, proven=False)


def masks_of(labels: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return the units of each grid as bits; labels run from 0 without gaps, over at most 64 units."""
    masks = np.zeros(int(labels.max()) + 1, np.uint64)
    np.bitwise_or.at(masks, labels, np.uint64(1) << np.arange(len(labels), dtype=np.uint64))
    return masks


def _labels(masks: NDArray[np.uint64], units: int) -> NDArray[np.int64]:
    """Return the assignment to sets that hold each unit once; grids are numbered by their first unit."""
    held = masks[:, None] >> np.arange(units, dtype=np.uint64) & np.uint64(1)
    order = np.argsort(held.argmax(axis=1))
    labels: NDArray[np.int64] = held[order].argmax(axis=0).astype(np.int64)
    return labels
