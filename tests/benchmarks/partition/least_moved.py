"""How many households have to change their grid at least, whatever repairs it: a lower bound, with its proof.

Where all connected sets in range of a community can be listed, HiGHS bounds the choice among them: each unit is held
once, each old name kept once, and whoever is not in the set that keeps the name of his grid moves. Only sets whose
reduced cost leaves room for less than the repair moved can be in a better choice. A unit above the maximum, whose grid
is out of range in any case, may take in any unit, connected or not. Elsewhere arithmetic bounds it: a grid too large
has to lose its surplus, one too small to gain what it lacks or to end.
"""

from math import ceil

import numpy as np
from instances import RULES, Instance
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array

from gis_service.partition.all_sets import AllSets, all_sets
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import part_problem

MOST_SETS = 6_000
"""Sets of a community for which the relaxation is solved, at most."""
MOST_NODES = 200
"""Nodes of the search: what it has proven by then counts."""
_ROUNDING = 1e-6


def least_moved(instance: Instance, old: NDArray[np.int64], left: int, moved: int) -> int:
    """Return households of which no repair that leaves as few grids out of range moves fewer.

    Parameters
    ----------
    instance
        A community with the households of today.
    old
        Grid of each unit.
    left
        Grids that may stay out of range [count].
    moved
        Households that a repair with as many moves [count].
    """
    old = numbered(old)
    giant = instance.households > RULES.households_max
    simple = _by_arithmetic(instance.households, old, giant, left)
    if left > giant.sum():
        return simple
    units = np.flatnonzero(~giant)
    problem = part_problem(
        instance.graph,
        units,
        instance.households,
        np.full(len(old), -1),
        RULES,
        area_m2=instance.area_m2,
        perimeter_m=instance.perimeter_m,
    )
    listed = all_sets(problem, MOST_SETS)
    if listed is None:
        return simple
    taken_in = instance.households[units] * ~np.isin(old[units], old[giant]) if giant.any() else None
    return max(simple, _bound(listed, instance.households[units], old[units], taken_in, moved))


def _by_arithmetic(households: NDArray[np.int64], old: NDArray[np.int64], giant: NDArray[np.bool_], left: int) -> int:
    """Return the greater of what too large grids have to lose and small ones to gain, but for the dearest left so."""
    hopeless = np.isin(np.arange(int(old.max()) + 1), old[giant])
    size = np.bincount(old, households)
    surplus = np.where(hopeless, 0.0, np.maximum(size - RULES.households_max, 0.0))
    lacking = np.where(hopeless, 0.0, np.minimum(np.maximum(RULES.households_min - size, 0.0), size))
    kept_so = max(0, left - int(hopeless.sum()))
    return int(max(np.sort(each)[: len(each) - kept_so].sum() for each in (surplus, lacking)))


def _bound(
    listed: AllSets,
    households: NDArray[np.int64],
    old: NDArray[np.int64],
    taken_in: NDArray[np.int64] | None,
    moved: int,
) -> int:
    """Return what any choice of sets moves at least; units may go to a grid out of range at that price."""
    count, units, sizes = len(listed.energy), len(old), np.diff(listed.start)
    holding = np.repeat(np.arange(count), sizes)
    pairs, pair = np.unique(np.column_stack((holding, old[listed.unit])), axis=0, return_inverse=True)
    people = np.bincount(holding, households[listed.unit], count)
    staying = np.bincount(pair, households[listed.unit], len(pairs))
    named, ends = len(pairs), np.concatenate((pairs[:, 0], np.arange(count)))
    length = sizes[ends]
    place = np.arange(int(length.sum())) + np.repeat(listed.start[ends] - (np.cumsum(length) - length), length)
    row, column = listed.unit[place], np.repeat(np.arange(len(ends)), length)
    cost = np.concatenate((people[pairs[:, 0]] - staying, people))
    if taken_in is not None:
        row, column = np.concatenate((row, np.arange(units))), np.concatenate((column, len(cost) + np.arange(units)))
        cost = np.concatenate((cost, taken_in))
    held = coo_array((np.ones(len(row)), (row, column)), shape=(units, len(cost))).tocsc()
    names = int(old.max()) + 1
    kept = coo_array((np.ones(named), (pairs[:, 1], np.arange(named))), shape=(names, len(cost))).tocsc()
    relaxed = linprog(
        cost, A_eq=held, b_eq=np.ones(units), A_ub=kept, b_ub=np.ones(names), bounds=(0.0, None), method="highs"
    )
    if relaxed.fun is None:
        return 0
    reduced = cost - held.T @ relaxed.eqlin.marginals - kept.T @ relaxed.ineqlin.marginals
    able = np.flatnonzero(reduced <= moved - relaxed.fun + _ROUNDING)
    searched = milp(
        cost[able],
        integrality=np.ones(len(able)),
        bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(held[:, able], 1.0, 1.0), LinearConstraint(kept[:, able], 0.0, 1.0)],
        options={"node_limit": MOST_NODES},
    )
    proven = relaxed.fun if searched.mip_dual_bound is None else max(relaxed.fun, searched.mip_dual_bound)
    return min(moved, ceil(proven - _ROUNDING))
