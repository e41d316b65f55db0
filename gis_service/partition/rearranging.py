"""Repair of many grids at once: each keeps nearly all of its units, and all choose together what few go where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from gis_service.geo.coverage import group_sums
from gis_service.partition.bundling import bundled, contracted
from gis_service.partition.connected_sets import MOST_UNITS
from gis_service.partition.energy import HOUSEHOLDS, Problem
from gis_service.partition.misses import assessed, broken_grids, credit, giants
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import restrict
from gis_service.partition.variants import Variants, variants_of
from gis_service.partition.windows import UNIT_WEIGHT

CHANGES = (3, 2, 2, 1)
"""Units that may leave a grid, and join it, by the steps from it to a grid out of range; further away none."""
MISS_PRICE = 80.0
"""Price of a grid out of range, in units of energy: more than it costs to move the households of five grids."""
BUNDLES_PER_GRID = 8
"""Units of each grid that are told apart, at most; of more, neighbours are one."""
MOST_VARIANTS = 20_000
"""Sets that one grid may become; where there are more, fewer units may leave and join it."""
COLUMNS_AT_FIRST, COLUMNS_A_ROUND, MOST_COLUMNS = 8_000, 3_000, 40_000
"""Sets the linear programme begins with and takes in as long as they improve it, and sets chosen among in the end."""
GAP = 4.0
"""Sets whose reduced cost is above this are not chosen, in units of energy."""
MOST_NODES = 300
"""Nodes of the search for whole numbers: a limit that does not depend on the machine."""
_TOLERANCE = 1e-6
_MIP_GAP = 1e-4
_NAMELESS = -1


@dataclass(frozen=True)
class _Sets:
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
    """

    unit: NDArray[np.int64]
    start: NDArray[np.int64]
    holds: csc_array
    named: csc_array
    cost: NDArray[np.float64]
    known: NDArray[np.bool_]


def rearrange(
    problem: Problem, labels: NDArray[np.int64], *, old: NDArray[np.int64], change_price: float
) -> NDArray[np.int64]:
    """Return labels with fewer grids out of range, or as many, from which few households have left their old grid.

    All grids near those out of range choose together, by set partitioning (Garfinkel and Nemhauser 1970), among the
    sets they become when up to three units leave and join each; a grid out of range may also part in two. HiGHS solves
    the linear relaxation by column generation (Gilmore and Gomory 1961), then the choice among the most promising sets.

    Parameters
    ----------
    problem
        A connected part of a community.
    labels
        Grid of each unit, from 0 without gaps; every grid is connected.
    old
        Grid each unit had, negative where none.
    change_price
        Price of moving as many households as a grid has on average, in units of energy.

    Returns
    -------
    array of int64
        Labels from 0 without gaps, of which no grid further than `CHANGES` tells from one out of range has changed;
        ``labels`` themselves where no fewer would be out of range. The same for the same input.
    """
    hopeless = np.isin(labels, labels[giants(problem)])
    broken = broken_grids(problem, labels)
    broken = broken[~hopeless[broken]]
    if len(broken) == 0:
        return labels
    bundle = _bundles(problem, labels, old)
    first = np.unique(bundle, return_index=True)[1]
    part, grid, was = contracted(problem, bundle), labels[first], old[first]
    steps = _steps(part, grid, labels[broken])
    weight = part.weight[:, HOUSEHOLDS] + UNIT_WEIGHT * np.bincount(bundle)
    price = np.where(was >= 0, weight, 0.0) * change_price / max(problem.size.mean_households, 1.0)
    sets = _sets(part, grid, was, steps, price, credit(problem))
    chosen = _chosen(sets)
    if chosen is None:
        return labels
    new = grid.copy()
    for number, column in enumerate(chosen):
        new[sets.unit[sets.start[column] : sets.start[column + 1]]] = len(new) + number
    dense = numbered(new[bundle])
    return dense if assessed(problem, dense, 0.0)[0] < assessed(problem, labels, 0.0)[0] else labels


def _bundles(problem: Problem, labels: NDArray[np.int64], old: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bundle of each unit, numbered from 0: few enough of each grid, each of one old grid."""
    bundle = np.arange(len(labels))
    for grid in np.flatnonzero(np.bincount(labels) > BUNDLES_PER_GRID):
        units = np.flatnonzero(labels == grid)
        within = bundled(restrict(problem, units), old[units], BUNDLES_PER_GRID)
        bundle[units] = units[np.unique(within, return_index=True)[1]][within]
    return numbered(bundle)


def _steps(part: Problem, grid: NDArray[np.int64], broken: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many steps from a grid out of range each grid lies; ``len(CHANGES)`` where further."""
    left, right = grid[np.repeat(np.arange(len(grid)), np.diff(part.start))], grid[part.neighbour]
    steps = np.full(int(grid.max()) + 1, len(CHANGES))
    steps[broken] = 0
    for step in range(1, len(CHANGES)):
        beside = right[steps[left] == step - 1]
        steps[beside] = np.minimum(steps[beside], step)
    return steps


def _sets(
    part: Problem,
    grid: NDArray[np.int64],
    was: NDArray[np.int64],
    steps: NDArray[np.int64],
    price: NDArray[np.float64],
    per_grid: float,
) -> _Sets:
    """Return the grids near those out of range as they are, and what they may become."""
    near = steps[grid] < len(CHANGES)
    units, sizes, energies, names, known = [], [], [], [], []
    for one in np.flatnonzero(steps < len(CHANGES)):
        own = np.flatnonzero(grid == one)
        own_name = _name(was[own], price[own])
        missed, energy = assessed(restrict(part, own), np.zeros(len(own), np.int64), per_grid)
        found = _variants(part, own, near, int(steps[one]))
        count = len(found.energy)
        units += [own, own, found.unit]
        sizes.append(np.concatenate(([len(own), len(own)], np.diff(found.start))))
        energies.append(np.concatenate((np.full(2, energy + MISS_PRICE * missed), found.energy - per_grid)))
        names.append(np.concatenate(([own_name, _NAMELESS], np.where(found.parted, _NAMELESS, own_name))))
        known.append(np.repeat([True, False], [2, count]))
    unit, name = np.concatenate(units), np.concatenate(names)
    start = np.concatenate(([0], np.cumsum(np.concatenate(sizes))))
    column = np.repeat(np.arange(len(name)), np.diff(start))
    leaving = (was[unit] != name[column]) | (name[column] == _NAMELESS)
    row = np.cumsum(near) - 1
    with_name = np.flatnonzero(name != _NAMELESS)
    kept, keeping = np.unique(name[with_name], return_inverse=True)
    return _Sets(
        unit,
        start,
        holds=csc_array((np.ones(len(unit)), row[unit], start), shape=(int(near.sum()), len(name))),
        named=csc_array((np.ones(len(keeping)), (keeping, with_name)), shape=(len(kept), len(name))),
        cost=np.concatenate(energies) + group_sums(column[leaving], price[unit[leaving]], len(name)),
        known=np.concatenate(known),
    )


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


def _chosen(sets: _Sets) -> NDArray[np.int64] | None:
    """Return the sets that hold each unit once, keep no name twice and cost the least, as far as the search goes."""
    reduced = _reduced_costs(sets)
    order = np.argsort(np.where(sets.known, -np.inf, reduced), kind="stable")
    columns = np.sort(order[: max(MOST_COLUMNS, int(sets.known.sum()))])
    columns = columns[sets.known[columns] | (reduced[columns] < GAP)]
    found = milp(
        sets.cost[columns],
        integrality=np.ones(len(columns)),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(sets.holds[:, columns], 1.0, 1.0),
            LinearConstraint(sets.named[:, columns], 0.0, 1.0),
        ],
        options={"mip_rel_gap": _MIP_GAP, "node_limit": MOST_NODES},
    )
    if found.x is None:
        return None
    chosen: NDArray[np.int64] = columns[found.x > 0.5]  # noqa: PLR2004 the middle between out and in
    return chosen


def _reduced_costs(sets: _Sets) -> NDArray[np.float64]:
    """Return by how much each set makes the linear relaxation dearer; no choice with it costs less than that more."""
    active = sets.known.copy()
    active[np.argsort(sets.cost, kind="stable")[:COLUMNS_AT_FIRST]] = True
    while True:
        columns = np.flatnonzero(active)
        solved = linprog(
            sets.cost[columns],
            A_eq=sets.holds[:, columns],
            b_eq=np.ones(sets.holds.shape[0]),
            A_ub=sets.named[:, columns],
            b_ub=np.ones(sets.named.shape[0]),
            bounds=(0.0, None),
            method="highs",
        )
        reduced: NDArray[np.float64] = (
            sets.cost - sets.holds.T @ solved.eqlin.marginals - sets.named.T @ solved.ineqlin.marginals
        )
        better = np.flatnonzero((reduced < -_TOLERANCE) & ~active)
        if len(better) == 0:
            return reduced
        active[better[np.argsort(reduced[better], kind="stable")[:COLUMNS_A_ROUND]]] = True
