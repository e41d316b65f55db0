"""Grids solved anew, exactly, with those around them: out of range, moved without need, or dearer than they must be."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.bundling import bundled, contracted
from gis_service.partition.energy import HOUSEHOLDS, Problem
from gis_service.partition.exact import Optimum, solve_exactly
from gis_service.partition.misses import assessed, broken_grids, credit, giants
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import restrict

WINDOWS = (12, 8, 5, 3, 2)
"""Grids solved together: the one out of range and its nearest neighbours; fewer where so many are too many."""
BUNDLES_PER_GRID, FEWEST_BUNDLES, MOST_BUNDLES = 5, 24, 56
"""Units solved together: so many for each grid, but never fewer than that; of more, neighbours of one grid are one."""
COARSE_BUNDLES = 14
"""Units solved together where the others had too many connected sets to look at."""
SETTLED, SETTLED_SETS = 3, 20_000
"""Grids solved together where none of them has to be mended, and sets looked at then."""
UNIT_WEIGHT = 10.0
"""A unit that moves counts as so many households more, so that empty land does not move without need."""
MOST_SETS = 200_000
MOST_ROUNDS = 3
_BRIDGE_M = 1e-6
_LESS = 1e-9


def mend_exactly(
    problem: Problem,
    labels: NDArray[np.int64],
    *,
    old: NDArray[np.int64] | None = None,
    change_price: float = 0.0,
) -> NDArray[np.int64]:
    """Return labels with fewer grids out of range, where the grids around one can be cut better.

    Each grid out of range is solved exactly with the grids around it, and what has fewer misses is taken: the cheapest
    of that, by energy and by the households that leave their old grid.

    Parameters
    ----------
    problem
        A connected part of a community.
    labels
        Grid of each unit, from 0 without gaps; every grid is connected.
    old
        Grid each unit had, negative where none; None: ``labels``.
    change_price
        Price of moving as many households as a grid has on average, in units of energy.

    Returns
    -------
    array of int64
        Labels from 0 without gaps, of which no grid that was in range and far from those that were not has changed;
        ``labels`` themselves where nothing is better. The same for the same input.
    """
    old = labels if old is None else old
    large, per_grid = giants(problem), credit(problem)
    in_vain: dict[bytes, bool] = {}
    for _ in range(MOST_ROUNDS):
        before = labels
        for unit in broken_grids(problem, labels):
            for count in WINDOWS:
                units = np.flatnonzero(np.isin(labels, grids_around(problem, labels, labels[unit], count)))
                now = numbered(labels[units])
                here = restrict(problem, units)
                missed = assessed(here, now, per_grid)[0]
                if missed <= large[units].sum():
                    break
                window = units.tobytes() + now.tobytes()
                if window not in in_vain:
                    own = labels[units] == labels[unit]
                    new, found, in_vain[window] = _mended(here, now, old[units], own, per_grid, change_price)
                    if found.missed < missed:
                        labels = labels.copy()
                        labels[units] = int(labels.max()) + 1 + new
                        labels = numbered(labels)
                if in_vain[window]:
                    break
        if labels is before:
            break
    return labels


def give_back(
    problem: Problem, labels: NDArray[np.int64], *, old: NDArray[np.int64], change_price: float
) -> NDArray[np.int64]:
    """Return labels with no more grids out of range from which fewer households have left their old grid.

    What :func:`mend_exactly` moves for one grid may not be needed any more once its neighbours have been mended. Each
    grid that holds units of several old ones is therefore solved exactly once more, with the grids around it.

    Parameters
    ----------
    problem, labels, old, change_price
        As for :func:`mend_exactly`.

    Returns
    -------
    array of int64
        Labels from 0 without gaps; ``labels`` themselves where every grid is of one old one. The same for the same
        input.
    """
    per_grid = credit(problem)
    for unit in _mixed_grids(labels, old):
        grid = labels[unit]
        if len(np.unique(old[labels == grid])) == 1:
            continue
        units = np.flatnonzero(np.isin(labels, grids_around(problem, labels, grid, WINDOWS[0])))
        now, before, people = numbered(labels[units]), old[units], problem.weight[units, HOUSEHOLDS]
        new, _ = _solved_anew(restrict(problem, units), now, before, per_grid, change_price)
        if _staying(new, before, people) > _staying(now, before, people):
            labels = labels.copy()
            labels[units] = int(labels.max()) + 1 + new
            labels = numbered(labels)
    return labels


def settle(problem: Problem, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return labels of smaller energy with exactly as many grids out of range.

    Each grid is solved exactly with those nearest to it, and what costs less is taken.

    Parameters
    ----------
    problem, labels
        As for :func:`mend_exactly`.

    Returns
    -------
    array of int64
        Labels from 0 without gaps; ``labels`` themselves where nothing is better. The same for the same input.
    """
    per_grid = credit(problem)
    for unit in np.unique(labels, return_index=True)[1]:
        units = np.flatnonzero(np.isin(labels, grids_around(problem, labels, labels[unit], SETTLED)))
        here, now = restrict(problem, units), numbered(labels[units])
        missed, energy = assessed(here, now, per_grid)
        new, _ = _solved_anew(here, now, now, per_grid, 0.0, most_sets=SETTLED_SETS)
        new_missed, new_energy = assessed(here, new, per_grid)
        if new_missed == missed and new_energy < energy - _LESS:
            labels = labels.copy()
            labels[units] = int(labels.max()) + 1 + new
            labels = numbered(labels)
    return labels


def _mended(
    problem: Problem,
    labels: NDArray[np.int64],
    old: NDArray[np.int64],
    grid: NDArray[np.bool_],
    per_grid: float,
    change_price: float,
) -> tuple[NDArray[np.int64], Optimum, bool]:
    """Return labels of some whole grids, the optimum they come from, and whether no choice of their bundles is better.

    A small ``grid`` of very many units can be told apart in too many ways; as one, it can still grow.
    """
    missed = assessed(problem, labels, per_grid)[0]
    new, found = _solved_anew(problem, labels, old, per_grid, change_price, only_fewer=True)
    in_vain = found.least_missed == found.missed
    if found.missed == missed and not in_vain:
        new, found = _solved_anew(
            problem, labels, old, per_grid, change_price, most_bundles=COARSE_BUNDLES, only_fewer=True
        )
    if found.missed == missed and problem.weight[grid, HOUSEHOLDS].sum() < problem.size.households_min:
        new, found = _solved_anew(problem, labels, old, per_grid, change_price, together=grid, only_fewer=True)
    return new, found, in_vain


def _staying(labels: NDArray[np.int64], old: NDArray[np.int64], people: NDArray[np.float64]) -> float:
    """Return the households of the largest share that each grid has from one old grid."""
    shared = np.zeros((int(labels.max()) + 1, int(old.max()) + 2))
    np.add.at(shared, (labels, old), people)
    return float(shared[:, :-1].max(axis=1).sum())


def _mixed_grids(labels: NDArray[np.int64], old: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first unit of each grid that holds units of several old grids."""
    pairs = np.unique(np.column_stack((labels, old)), axis=0)
    first: NDArray[np.int64] = np.unique(labels, return_index=True)[1][np.bincount(pairs[:, 0]) > 1]
    return first


def _solved_anew(
    problem: Problem,
    labels: NDArray[np.int64],
    old: NDArray[np.int64],
    per_grid: float,
    change_price: float,
    *,
    most_bundles: int = MOST_BUNDLES,
    most_sets: int = MOST_SETS,
    together: NDArray[np.bool_] | None = None,
    only_fewer: bool = False,
) -> tuple[NDArray[np.int64], Optimum]:
    """Return labels of some whole grids, and the optimum of their bundles from which these are."""
    names, was = np.unique(old, return_inverse=True)
    wanted = max(FEWEST_BUNDLES, BUNDLES_PER_GRID * (int(labels.max()) + 1))
    bundle = bundled(problem, labels * len(names) + was, min(wanted, most_bundles), together)
    first = np.unique(bundle, return_index=True)[1]
    part = contracted(problem, bundle)
    weight = part.weight[:, HOUSEHOLDS] + UNIT_WEIGHT * np.bincount(bundle)
    leaving = _Leaving(weight, np.where(names[was[first]] < 0, -1, was[first]), len(names))
    price = change_price / max(problem.size.mean_households, 1.0)
    found = solve_exactly(
        part,
        labels[first],
        per_grid=per_grid,
        surcharge=lambda mask: price * leaving.count(mask),
        most_sets=most_sets,
        only_fewer=only_fewer,
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


def grids_around(problem: Problem, labels: NDArray[np.int64], grid: int, count: int) -> NDArray[np.int64]:
    """Return a grid and the ``count`` - 1 grids nearest to it, fewer where there are no more."""
    return np.array([grid, *islice(_nearest_grids(problem, labels, grid), count - 1)])


def _nearest_grids(problem: Problem, labels: NDArray[np.int64], grid: int) -> Iterator[int]:
    """Yield the other grids, each time the one with the longest border to those before, the first among equals."""
    left = labels[np.repeat(np.arange(len(labels)), np.diff(problem.start))]
    right = labels[problem.neighbour]
    inside = np.arange(int(labels.max()) + 1) == grid
    while True:
        outward = inside[left] & ~inside[right]
        if not outward.any():
            return
        touched = np.bincount(right[outward], problem.border_m[outward] + _BRIDGE_M, len(inside))
        nearest = int(touched.argmax())
        inside[nearest] = True
        yield nearest
