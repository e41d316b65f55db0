"""Repair of existing grids: the size rule is met again while as few households as possible change their grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.numbering import by_first_member, numbered
from gis_service.partition.oversized import cut_up
from gis_service.partition.part_problems import part_problem
from gis_service.partition.parts import parts_of
from gis_service.partition.rearranging import rearrange
from gis_service.partition.second_attempts import tried_nearby
from gis_service.partition.windows import give_back, mend_exactly
from gis_service.plan.arithmetic import total_residents
from gis_service.plan.rules import UNTESTED, Rules, judge

CHANGE_PRICE = 15.0
"""Price of moving as many households as a grid has on average; the shape of a grid is worth about 1."""


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
    begin: NDArray[np.int64] | None = None,
    locked: NDArray[np.bool_] | None = None,
    change_price: float = CHANGE_PRICE,
    seed: int = 1,
) -> Repair:
    """Return grids that meet the size rule again, near the old ones.

    Grids with the people of three or more are cut up by the engine, each by itself
    (:func:`gis_service.partition.oversized.cut_up`). Grids in range stay as they are unless one within three steps is
    out of range, or nothing nearer mends one. They choose together what few units go where
    (:func:`gis_service.partition.rearranging.rearrange`), with a price for households that move. Each grid still out of
    range is then solved exactly with the grids around it, or else those few are divided anew whoever moves, and what
    that proves needless goes back. Grids in several pieces keep the piece with the most households. Grids in one piece
    where nobody lives have no size to test: they stay, unless fewer others are out of range where their land serves
    these.

    Parameters
    ----------
    graph, households, residents, rules, area_m2, perimeter_m
        As for :func:`gis_service.partition.engine.solve`.
    old
        Label of the grid each unit had, not negative; -1 where it had none.
    begin
        ``old`` with a grid for every unit: where to look first for those that had none; None: each by itself.
    locked
        True for units whose grid must not change; None: none.
    change_price
        Price of moving as many households as a grid has on average, in units of energy.
    seed
        Seed of the random numbers for grids that are cut up, not negative.

    Returns
    -------
    Repair
        The same for the same input. Where all grids are in range or empty, and in one piece, nothing moves.
    """

    def repaired(fixed: NDArray[np.bool_]) -> NDArray[np.int64]:
        labels = cut_up(
            graph,
            _in_pieces(graph, old if begin is None else begin),
            households,
            residents,
            rules,
            area_m2=area_m2,
            perimeter_m=perimeter_m,
            fixed=fixed,
            seed=seed,
        )
        part = parts_of(graph, households, residents, rules, np.where(fixed, old, -1))
        for number in range(int(part.max(initial=-1)) + 1):
            units = np.flatnonzero(part == number)
            problem = part_problem(graph, units, households, residents, rules, area_m2=area_m2, perimeter_m=perimeter_m)
            now = numbered(labels[units])
            arranged = rearrange(problem, now, old=old[units], change_price=change_price)
            mended = mend_exactly(problem, arranged, old=old[units], change_price=change_price)
            mended = tried_nearby(problem, mended, seed)
            if mended is not arranged:
                mended = give_back(problem, mended, old=old[units], change_price=change_price)
            labels[units] = int(labels.max()) + 1 + mended
        return _named(labels, old, households, fixed)

    fixed = np.zeros(len(old), bool) if locked is None else np.isin(old, old[locked & (old >= 0)])
    empty = _empty_grids(graph, old, households, residents) & ~fixed
    labels = repaired(fixed | empty)
    if empty.any() and (left := _out_of_range(labels, households, residents, rules)) > 0:
        over_empty_land = repaired(fixed)
        if _out_of_range(over_empty_land, households, residents, rules) < left:
            labels = over_empty_land
    moved = (labels != old) & (old >= 0)
    return Repair(labels, moved, int(households[moved].sum()), _transfers(old, labels, households))


def _empty_grids(
    graph: UnitGraph, old: NDArray[np.int64], households: NDArray[np.int64], residents: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell which units are of a grid in one piece where nobody lives, as far as is known."""
    lived_in = np.isin(old, old[(households > 0) | (residents > 0)])
    pieces = np.unique(np.column_stack((old, _in_pieces(graph, old))), axis=0)[:, 0]
    labels, count = np.unique(pieces, return_counts=True)
    found: NDArray[np.bool_] = (old >= 0) & ~lived_in & np.isin(old, labels[count == 1])
    return found


def _out_of_range(
    labels: NDArray[np.int64], households: NDArray[np.int64], residents: NDArray[np.int64], rules: Rules
) -> int:
    """Return how many grids fail the size test; those where nobody lives have none."""
    grids = (labels == label for label in np.unique(labels))
    verdicts = (judge(int(households[g].sum()), total_residents(residents[g]), "base", rules).status for g in grids)
    return sum(status != "normal" and status not in UNTESTED for status in verdicts)


def _in_pieces(graph: UnitGraph, old: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a label for every connected piece of a grid, and for every unit that had none."""
    n = len(old)
    left = np.repeat(np.arange(n), np.diff(graph.start))
    same = (old[left] == old[graph.neighbour]) & (old[left] >= 0)
    pieces: NDArray[np.int64] = connected_components(
        coo_array((np.ones(int(same.sum())), (left[same], graph.neighbour[same])), shape=(n, n)), directed=False
    )[1].astype(np.int64)
    return pieces


def _named(
    labels: NDArray[np.int64], old: NDArray[np.int64], households: NDArray[np.int64], fixed: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the labels with the old name of each grid that keeps one: as many households as can be keep theirs."""
    named = np.where(fixed, old, -1)
    free = np.flatnonzero(~fixed)
    grid = by_first_member(labels[free])
    grids = int(grid.max(initial=-1)) + 1
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


def _transfers(old: NDArray[np.int64], new: NDArray[np.int64], households: NDArray[np.int64]) -> tuple[Transfer, ...]:
    pairs, pair = np.unique(np.column_stack((old, new)), axis=0, return_inverse=True)
    people, units = np.bincount(pair, households), np.bincount(pair)
    return tuple(Transfer(int(o), int(n), int(h), int(u)) for (o, n), h, u in zip(pairs, people, units, strict=True))
