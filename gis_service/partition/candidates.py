"""What grids may become in a repair, and what each way costs: the columns of a set partitioning."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from gis_service.geo.coverage import group_sums
from gis_service.partition.all_sets import AllSets, all_sets
from gis_service.partition.connected_sets import MOST_UNITS
from gis_service.partition.energy import Problem
from gis_service.partition.misses import assessed, giants
from gis_service.partition.part_problems import restrict
from gis_service.partition.variants import Variants, variants_of

CHANGES = (3, 2, 2, 1)
"""Units that may leave a grid, and join it, by the steps from it to a grid out of range; further away none."""
MISS_PRICE = 80.0
"""Price of a grid out of range, in units of energy: more than it costs to move the households of five grids."""
MOST_VARIANTS = 20_000
"""Sets that one grid may become; where there are more, fewer units may leave and join it."""
MOST_LISTED = 30_000
"""Sets looked at where all that may be a grid are listed; where there are more, each grid's own variants are taken."""
_NAMELESS = -1


@dataclass(frozen=True)
class Before:
    """Grids as they are before a repair, unit by unit.

    Parameters
    ----------
    grid
        Grid of each unit, from 0 without gaps.
    was
        Grid each unit had before that, negative where none.
    price
        What it costs that a unit leaves that grid, in units of energy.
    per_grid
        Credit for each grid, by ``misses.credit``.
    """

    grid: NDArray[np.int64]
    was: NDArray[np.int64]
    price: NDArray[np.float64]
    per_grid: float


@dataclass(frozen=True)
class Candidates:
    """Sets of units to choose from.

    Parameters
    ----------
    unit, start
        The units of set ``i`` are ``unit[start[i]:start[i + 1]]``.
    holds
        Units (rows) and sets (columns): 1 where the set holds the unit.
    named
        Names (rows) and sets (columns): 1 where the set keeps the name of that old grid.
    cost
        Cost of each set.
    known
        True for the grids as they are.
    broken
        True for those of them that are out of range, though no unit is above the maximum by itself.
    """

    unit: NDArray[np.int64]
    start: NDArray[np.int64]
    holds: csc_array
    named: csc_array
    cost: NDArray[np.float64]
    known: NDArray[np.bool_]
    broken: NDArray[np.bool_]


@dataclass(frozen=True)
class _Columns:
    """Some sets: their units one after the other, how many each has, what it costs as a grid, and the name it keeps."""

    unit: NDArray[np.int64]
    size: NDArray[np.int64]
    energy: NDArray[np.float64]
    name: NDArray[np.int64]
    known: bool = False
    broken: bool = False


def listed_candidates(part: Problem, before: Before, chosen: NDArray[np.bool_]) -> Candidates | None:
    """Return some grids as they are and all connected sets in range of their units, with any name of these and none.

    Parameters
    ----------
    part, before
        As for :func:`varied_candidates`.
    chosen
        True for the units of those grids.

    Returns
    -------
    Candidates or None
        None where there are more than `MOST_LISTED` such sets, or too many units within reach of one.
    """
    units = np.flatnonzero(chosen)
    listed = all_sets(restrict(part, units), MOST_LISTED)
    if listed is None:
        return None
    columns = [_named(listed, units, before), *_as_they_are(part, before, chosen)]
    return _gathered(columns, before, chosen)


def varied_candidates(part: Problem, before: Before, steps: NDArray[np.int64]) -> Candidates:
    """Return the grids near those out of range as they are, and what they become when few units leave or join them.

    A grid out of range may also part in two.

    Parameters
    ----------
    part
        Units of a community, few enough of each grid.
    before
        The grids.
    steps
        Steps from a grid out of range of each grid; ``len(CHANGES)`` for those that stay as they are.
    """
    near = steps[before.grid] < len(CHANGES)
    columns = [
        _changed(part, np.flatnonzero(before.grid == grid), before, near, int(steps[grid]))
        for grid in np.flatnonzero(steps < len(CHANGES))
    ]
    return _gathered([*columns, *_as_they_are(part, before, near)], before, near)


def _as_they_are(part: Problem, before: Before, chosen: NDArray[np.bool_]) -> Iterator[_Columns]:
    """Yield each grid with its name and without."""
    large = giants(part)
    for grid in np.unique(before.grid[chosen]):
        own = np.flatnonzero(before.grid == grid)
        missed, energy = assessed(restrict(part, own), np.zeros(len(own), np.int64), 0.0)
        yield _Columns(
            unit=np.tile(own, 2),
            size=np.array([len(own), len(own)]),
            energy=np.full(2, energy + MISS_PRICE * missed),
            name=np.array([_name(before.was[own], before.price[own]), _NAMELESS]),
            known=True,
            broken=missed > 0 and not large[own].any(),
        )


def _gathered(columns: list[_Columns], before: Before, chosen: NDArray[np.bool_]) -> Candidates:
    unit, size, energy, name = (
        np.concatenate([getattr(each, field) for each in columns]) for field in ("unit", "size", "energy", "name")
    )
    counts = [len(each.name) for each in columns]
    start = np.concatenate(([0], np.cumsum(size)))
    column = np.repeat(np.arange(len(name)), size)
    leaving = (before.was[unit] != name[column]) | (name[column] == _NAMELESS)
    row = np.cumsum(chosen) - 1
    with_name = np.flatnonzero(name != _NAMELESS)
    kept, keeping = np.unique(name[with_name], return_inverse=True)
    return Candidates(
        unit,
        start,
        holds=csc_array((np.ones(len(unit)), row[unit], start), shape=(int(chosen.sum()), len(name))),
        named=csc_array((np.ones(len(keeping)), (keeping, with_name)), shape=(len(kept), len(name))),
        cost=energy - before.per_grid + group_sums(column[leaving], before.price[unit[leaving]], len(name)),
        known=np.repeat([each.known for each in columns], counts),
        broken=np.repeat([each.broken for each in columns], counts),
    )


def _changed(part: Problem, own: NDArray[np.int64], before: Before, near: NDArray[np.bool_], steps: int) -> _Columns:
    """Return what a grid becomes when few units leave and join it; what parts from it has no name."""
    found = _variants(part, own, near, steps)
    name = np.where(found.parted, _NAMELESS, _name(before.was[own], before.price[own]))
    return _Columns(found.unit, np.diff(found.start), found.energy, name)


def _named(listed: AllSets, chosen: NDArray[np.int64], before: Before) -> _Columns:
    """Return sets of some chosen units, each with every old grid of its units for its name, and with none."""
    count, sizes, unit = len(listed.energy), np.diff(listed.start), chosen[listed.unit]
    pairs = np.unique(np.column_stack((np.repeat(np.arange(count), sizes), before.was[unit])), axis=0)
    pairs = pairs[pairs[:, 1] >= 0]
    which = np.concatenate((pairs[:, 0], np.arange(count)))
    size = sizes[which]
    place = np.arange(int(size.sum())) + np.repeat(listed.start[which] - (np.cumsum(size) - size), size)
    return _Columns(unit[place], size, listed.energy[which], np.concatenate((pairs[:, 1], np.full(count, _NAMELESS))))


def _name(was: NDArray[np.int64], price: NDArray[np.float64]) -> int:
    """Return the old grid from which most of a grid comes, -1 where all of it had none."""
    names, inverse = np.unique(was, return_inverse=True)
    share = np.where(names < 0, -1.0, group_sums(inverse, price, len(names)))
    return int(names[share.argmax()]) if share.max() >= 0.0 else _NAMELESS


def _variants(part: Problem, own: NDArray[np.int64], near: NDArray[np.bool_], steps: int) -> Variants:
    """Return what a grid may become, fewer units changing where there are too many ways."""
    bundles = own if len(own) <= MOST_UNITS else own[:0]  # Of more old grids than bits: it stays as it is.
    for changes in range(CHANGES[steps], 0, -1):
        found = variants_of(part, bundles, near, changes, steps == 0, MOST_VARIANTS)
        if found.complete:
            break
    return found
