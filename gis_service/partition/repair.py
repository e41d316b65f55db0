"""Repair of existing grids: the size rule is met again while as few households as possible change their grid."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.bundling import bundled, contracted
from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.energy import HOUSEHOLDS, Problem
from gis_service.partition.exact import Optimum, solve_exactly
from gis_service.partition.feasibility import parts_of
from gis_service.partition.misses import assessed, credit, giants
from gis_service.partition.part_problems import part_problem
from gis_service.partition.polish import broken_grids, grids_around
from gis_service.partition.polishing import restrict
from gis_service.plan.rules import Rules

CHANGE_PRICE = 15.0
"""Price of moving as many households as a grid has on average; the shape of a grid is worth about 1."""
WINDOWS = (8, 5, 3, 2)
"""Grids solved together: the one out of range and its nearest neighbours; fewer where so many are too many."""
BUNDLES_PER_GRID, FEWEST_BUNDLES = 5, 24
"""Units solved together: so many for each grid, but never fewer than that; of more, neighbours of one grid are one."""
UNIT_WEIGHT = 10.0
"""A unit that moves counts as so many households more, so that empty land does not move without need."""
MOST_SETS = 200_000
MOST_ROUNDS = 3


@dataclass(frozen=True, order=True)
class Transfer:
    """Households that go from one grid to another.

    Parameters
    ----------
    old, new
        Labels of the grids; ``old`` equals ``new`` for what stays, and is negative for units that had no grid.
    households, units
        How many [count].
    """

    old: int
    new: int
    households: int
    units: int


@dataclass(frozen=True)
class Repair:
    """A repaired assignment.

    Parameters
    ----------
    labels
        Grid of every unit. Grids keep their label; new ones are numbered from the largest known on.
    moved_units
        True for units that had a grid and go to another.
    moved_households
        Households of those [count].
    transfers
        Who goes where, those who stay included, sorted.
    """

    labels: NDArray[np.int64]
    moved_units: NDArray[np.bool_]
    moved_households: int
    transfers: tuple[Transfer, ...]


def repair(
    graph: UnitGraph,
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    *,
    area_m2: NDArray[np.float64],
    perimeter_m: NDArray[np.float64],
    old: NDArray[np.int64],
    locked: NDArray[np.bool_] | None = None,
    change_price: float = CHANGE_PRICE,
) -> Repair:
    """Return grids that meet the size rule again, near the old ones.

    Grids in range stay as they are unless one beside them is out of range. Each grid that is and the grids
    around it are solved exactly (:func:`gis_service.partition.exact.solve_exactly`), with a price for households that
    move. Grids in several pieces keep the piece with the most households.

    Parameters
    ----------
    graph, households, residents, rules, area_m2, perimeter_m
        As for :func:`gis_service.partition.engine.solve`.
    old
        Label of the grid each unit had, not negative; -1 where it had none.
    locked
        True for units whose grid must not change; None: none.
    change_price
        Price of moving as many households as a grid has on average, in units of energy.

    Returns
    -------
    Repair
        The same for the same input. Where all grids are in range and in one piece, nothing moves.
    """
    fixed = np.zeros(len(old), bool) if locked is None else np.isin(old, old[locked & (old >= 0)])
    given = np.where(fixed, old, -1)
    labels = _in_pieces(graph, old)
    part = parts_of(graph, households, residents, rules, given)
    for number in range(int(part.max(initial=-1)) + 1):
        units = np.flatnonzero(part == number)
        problem = part_problem(graph, units, households, residents, rules, area_m2=area_m2, perimeter_m=perimeter_m)
        mended = _mended(problem, np.unique(labels[units], return_inverse=True)[1], old[units], change_price)
        labels[units] = int(labels.max()) + 1 + mended
    labels = _named(labels, old, households, fixed)
    moved = (labels != old) & (old >= 0)
    return Repair(labels, moved, int(households[moved].sum()), _transfers(old, labels, households))


def _in_pieces(graph: UnitGraph, old: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a label for every connected piece of a grid, and for every unit that had none."""
    n = len(old)
    left = np.repeat(np.arange(n), np.diff(graph.start))
    same = (old[left] == old[graph.neighbour]) & (old[left] >= 0)
    pieces: NDArray[np.int64] = connected_components(
        coo_array((np.ones(int(same.sum())), (left[same], graph.neighbour[same])), shape=(n, n)), directed=False
    )[1].astype(np.int64)
    return pieces


def _mended(
    problem: Problem, labels: NDArray[np.int64], old: NDArray[np.int64], change_price: float
) -> NDArray[np.int64]:
    """Return labels of one part with fewer grids out of range."""
    labels = labels.astype(np.int64)
    large, per_grid = giants(problem), credit(problem)
    for _ in range(MOST_ROUNDS):
        before = labels
        for unit in broken_grids(problem, labels):
            for count in WINDOWS:
                units = np.flatnonzero(np.isin(labels, grids_around(problem, labels, labels[unit], count)))
                now = _numbered(labels[units])
                here = restrict(problem, units)
                missed = assessed(here, now, per_grid)[0]
                if missed <= large[units].sum():
                    break
                new, found = _solved_anew(here, now, old[units], per_grid, change_price)
                if found.missed < missed:
                    labels = labels.copy()
                    labels[units] = int(labels.max()) + 1 + new
                    labels = _numbered(labels)
                if found.least_missed == found.missed:
                    break
        if labels is before:
            break
    return labels


def _numbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    numbered: NDArray[np.int64] = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return numbered


def _solved_anew(
    problem: Problem, labels: NDArray[np.int64], old: NDArray[np.int64], per_grid: float, change_price: float
) -> tuple[NDArray[np.int64], Optimum]:
    """Return labels of some whole grids, and the optimum of their bundles from which these are."""
    names, was = np.unique(old, return_inverse=True)
    most = max(FEWEST_BUNDLES, BUNDLES_PER_GRID * (int(labels.max()) + 1))
    bundle = bundled(problem, labels * len(names) + was, most)
    first = np.unique(bundle, return_index=True)[1]
    part = contracted(problem, bundle)
    weight = part.weight[:, HOUSEHOLDS] + UNIT_WEIGHT * np.bincount(bundle)
    leaving = _Leaving(weight, np.where(names[was[first]] < 0, -1, was[first]), len(names))
    price = change_price / max(problem.size.mean_households, 1.0)
    found = solve_exactly(
        part, labels[first], per_grid=per_grid, surcharge=lambda mask: price * leaving.count(mask), most_sets=MOST_SETS
    )
    return found.labels[bundle], found


@dataclass(frozen=True)
class _Leaving:
    weight: NDArray[np.float64]
    old: NDArray[np.int64]
    names: int

    def count(self, mask: NDArray[np.uint64]) -> NDArray[np.float64]:
        """Return the households of each set that leave their grid.

        Who comes from a grid stays in it where the set holds more than half of its households here: so no two sets
        have the same name.
        """
        return _leaving(mask, self.weight, self.old, self.names)


@njit(cache=True)
def _leaving(
    mask: NDArray[np.uint64], weight: NDArray[np.float64], old: NDArray[np.int64], names: int
) -> NDArray[np.float64]:
    leaving, all_of = np.empty(len(mask)), np.zeros(names)
    for u in range(len(old)):
        if old[u] >= 0:
            all_of[old[u]] += weight[u]
    for i in range(len(mask)):
        from_grid, total = np.zeros(names), 0.0
        for u in range(len(old)):
            if mask[i] >> np.uint64(u) & np.uint64(1) and old[u] >= 0:
                from_grid[old[u]] += weight[u]
                total += weight[u]
        most = from_grid.argmax()
        leaving[i] = total - (from_grid[most] if 2.0 * from_grid[most] > all_of[most] else 0.0)
    return leaving


def _named(
    labels: NDArray[np.int64], old: NDArray[np.int64], households: NDArray[np.int64], fixed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the labels with the old name of each grid that keeps one: as many households as can be keep theirs."""
    named = np.where(fixed, old, -1)
    free = np.flatnonzero(~fixed)
    grids, grid = _by_first_unit(labels[free])
    with_old = old[free] >= 0
    names, name = np.unique(old[free][with_old], return_inverse=True)
    # A unit weighs a little by itself, so that grids without households keep their name too.
    weight = households[free][with_old] + 1.0 / (len(old) + 1.0)
    overlap = coo_array((weight, (grid[with_old], name)), shape=(grids, len(names))).toarray()
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    kept = overlap[rows, columns] > 0.0
    new_name = np.full(grids, -1, np.int64)
    new_name[rows[kept]] = names[columns[kept]]
    without = np.flatnonzero(new_name < 0)
    new_name[without] = int(old.max(initial=-1)) + 1 + np.arange(len(without))
    named[free] = new_name[grid]
    return named


def _by_first_unit(labels: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """Return the number of grids and the grid of each unit, numbered from 0 by their first unit."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return len(first), np.argsort(np.argsort(first))[inverse].astype(np.int64)


def _transfers(old: NDArray[np.int64], new: NDArray[np.int64], households: NDArray[np.int64]) -> tuple[Transfer, ...]:
    pairs, pair = np.unique(np.column_stack((old, new)), axis=0, return_inverse=True)
    people, units = np.bincount(pair, households), np.bincount(pair)
    return tuple(Transfer(int(o), int(n), int(h), int(u)) for (o, n), h, u in zip(pairs, people, units, strict=True))
