"""Neighbourhoods of grids solved exactly: where grids are out of range, and wherever they could be better."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.energy import HOUSEHOLDS, RESIDENTS, Problem, miss
from gis_service.partition.exact import MOST_SETS, solve_exactly
from gis_service.partition.misses import assessed, credit, giants
from gis_service.partition.polishing import restrict

WINDOW_UNITS = 48
"""Neighbourhoods of a grid out of range have so many units at most."""
SWEEP_UNITS = 36
"""The same for the other neighbourhoods, of which there are many."""
SWEEP_SETS = 20_000
"""Connected sets looked at in each of those."""
MOST_ROUNDS = 3
_BRIDGE_M = 1e-6


def mend_exactly(problem: Problem, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return labels with fewer grids out of range, where the grids around one can be cut better.

    Parameters
    ----------
    problem
        A connected part of a community.
    labels
        Grid of each unit, from 0 without gaps; every grid is connected.

    Returns
    -------
    array of int64
        Labels from 0 without gaps; never worse (fewer misses, then less energy), and the same for the same input.
    """
    large, per_grid = giants(problem), credit(problem)
    for _ in range(MOST_ROUNDS):
        before = labels
        for unit in broken_grids(problem, labels):
            units = window(problem, labels, unit, WINDOW_UNITS)
            if assessed(restrict(problem, units), _numbered(labels[units]), per_grid)[0] > large[units].sum():
                labels = _improved(problem, labels, units, per_grid, MOST_SETS)
        if labels is before:
            break
    return labels


def sweep(problem: Problem, labels: NDArray[np.int64], passes: int) -> NDArray[np.int64]:
    """Return labels of less energy: some neighbouring grids at a time are solved anew, ``passes`` times each.

    Parameters
    ----------
    problem, labels
        As for `mend_exactly`.
    passes
        How often every unit is solved anew.

    Returns
    -------
    array of int64
        As for `mend_exactly`.
    """
    per_grid = credit(problem)
    times = np.zeros(len(labels), np.int64)
    for wanted in range(1, passes + 1):
        for unit in range(len(labels)):
            if times[unit] < wanted:
                units = window(problem, labels, unit, SWEEP_UNITS)
                times[units] += 1
                labels = _improved(problem, labels, units, per_grid, SWEEP_SETS)
    return labels


def window(problem: Problem, labels: NDArray[np.int64], unit: int, most: int) -> NDArray[np.int64]:
    """Return the units of the grid of ``unit`` and of the grids nearest to it, as long as they are ``most`` at most."""
    counts = np.bincount(labels)
    inside = labels == labels[unit]
    for grid in _nearest_grids(problem, labels, labels[unit]):
        if inside.sum() + counts[grid] > most:
            break
        inside |= labels == grid
    return np.flatnonzero(inside)


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


def broken_grids(problem: Problem, labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first unit of each grid that is out of range."""
    households = np.bincount(labels, problem.weight[:, HOUSEHOLDS])
    residents = np.bincount(labels, problem.weight[:, RESIDENTS])
    missed = [miss(h, r, problem.size) > 0.0 for h, r in zip(households, residents, strict=True)]
    first: NDArray[np.int64] = np.unique(labels, return_index=True)[1][np.array(missed)]
    return first


def _improved(
    problem: Problem, labels: NDArray[np.int64], units: NDArray[np.int64], per_grid: float, most_sets: int
) -> NDArray[np.int64]:
    """Return the labels with those of whole grids solved anew; the array itself where that is no better."""
    old = _numbered(labels[units])
    new = solve_exactly(restrict(problem, units), old, per_grid=per_grid, most_sets=most_sets).labels
    if new is old:
        return labels
    changed = labels.copy()
    changed[units] = int(labels.max()) + 1 + new
    return _numbered(changed)


def _numbered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the labels from 0 without gaps, in their order."""
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
