"""Repair of many grids at once: all near one out of range choose together what few units go where."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from gis_service.partition.bundling import bundled, contracted
from gis_service.partition.candidates import CHANGES, Before, Candidates, listed_candidates, varied_candidates
from gis_service.partition.energy import HOUSEHOLDS, Problem
from gis_service.partition.misses import assessed, broken_grids, credit, giants
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import restrict
from gis_service.partition.windows import UNIT_WEIGHT

BUNDLES_PER_GRID = 8
"""Units of each grid that are told apart, at most; of more, neighbours are one."""
COLUMNS_AT_FIRST, COLUMNS_A_ROUND, MOST_COLUMNS = 8_000, 3_000, 40_000
"""Sets the linear programme begins with and takes in as long as they improve it, and sets chosen among in the end."""
GAP = 4.0
"""Sets whose reduced cost is above this are not chosen, in units of energy."""
WIDE_GAP, FEW_COLUMNS = 30.0, 4_000
"""The same where a grid would stay out of range, if there are no more than so many below it."""
MOST_NODES = 300
"""Nodes of the search for whole numbers: a limit that does not depend on the machine."""
_TOLERANCE = 1e-6
_MIP_GAP = 1e-4


def rearrange(
    problem: Problem, labels: NDArray[np.int64], *, old: NDArray[np.int64], change_price: float
) -> NDArray[np.int64]:
    """Return labels with fewer grids out of range, from which few households have left their old grid.

    All grids within three steps of one out of range choose together, by set partitioning (Garfinkel and Nemhauser
    1970). Where all connected sets in range of their units can be listed, they choose among these, and with them the
    whole part where a grid would stay out of range otherwise; elsewhere among the sets they become when up to three
    units leave and join each, a grid out of range parting in two as well. HiGHS solves the linear relaxation by column
    generation (Gilmore and Gomory 1961), then the choice among the most promising sets.

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
        Labels from 0 without gaps; ``labels`` themselves where no fewer would be out of range. The same for the same
        input.
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
    before = Before(grid, was, price, credit(problem))
    sets, chosen = _solved(part, before, steps)
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


def _solved(part: Problem, before: Before, steps: NDArray[np.int64]) -> tuple[Candidates, NDArray[np.int64] | None]:
    """Return sets and the choice among them, None where the search found none."""
    near = steps[before.grid] < len(CHANGES)
    sets = listed_candidates(part, before, near)
    if sets is None:
        sets = varied_candidates(part, before, steps)
        return sets, _cheapest(sets, GAP)
    chosen = _cheapest(sets, GAP)
    if chosen is not None and not sets.broken[chosen].any():
        return sets, chosen
    everywhere = listed_candidates(part, before, np.ones_like(near))
    if everywhere is not None and (found := _cheapest(everywhere, WIDE_GAP)) is not None:
        return everywhere, found
    return sets, chosen


def _cheapest(sets: Candidates, gap: float) -> NDArray[np.int64] | None:
    """Return the sets that hold each unit once, keep no name twice and cost the least, as far as the search goes."""
    reduced = _reduced_costs(sets)
    order = np.argsort(np.where(sets.known, -np.inf, reduced), kind="stable")
    columns = np.sort(order[: max(MOST_COLUMNS, int(sets.known.sum()))])
    near = sets.known[columns] | (reduced[columns] < gap)
    if gap > GAP and near.sum() > FEW_COLUMNS:
        near = sets.known[columns] | (reduced[columns] < GAP)
    return _best_of(sets, columns[near])


def _best_of(sets: Candidates, columns: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return the cheapest choice among some of the sets, None where the search found none."""
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


def _reduced_costs(sets: Candidates) -> NDArray[np.float64]:
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
