"""Which parts of a community are partitioned by themselves, and what arithmetic says about their size."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.numbering import by_first_member
from gis_service.plan.arithmetic import leading_test, may_fit
from gis_service.plan.rules import Rules, possible_counts

LOCKED = -1
"""Part of a unit that belongs to a given grid."""


def most_grids(households: int, residents: int | None, rules: Rules) -> int:
    """Return the largest number of grids in range that totals could fill, at least 1.

    Parameters
    ----------
    households, residents, rules
        As for :func:`gis_service.plan.arithmetic.may_fit`.
    """
    by_households = households // rules.households_min
    by_residents = 0 if residents is None else residents // rules.residents_min
    if residents is None or rules.basis == "households":
        return max(1, by_households)
    if rules.basis == "residents":
        return max(1, by_residents)
    return max(1, by_households + by_residents)


def fewest_grids(households: int, residents: int | None, rules: Rules) -> int:
    """Return the smallest number of grids in range that totals could fill, at least 1.

    Parameters
    ----------
    households, residents, rules
        As for :func:`gis_service.plan.arithmetic.may_fit`.
    """
    by_households = -(-households // rules.households_max)
    if residents is None or rules.basis == "households":
        return max(1, by_households)
    by_residents = -(-residents // rules.residents_max)
    return max(1, by_residents if rules.basis == "residents" else min(by_households, by_residents))


def target_count(households: int, residents: int | None, rules: Rules) -> int:
    """Return into how many grids totals are best cut: the mean is nearest the target, and in the range if it can.

    The target is the middle of the range where the rules name none, or where residents set the number of grids.

    Parameters
    ----------
    households, residents, rules
        As for :func:`gis_service.plan.arithmetic.may_fit`.
    """
    total, low, high, wanted = leading_test(households, residents, rules)
    counts = [count for count in possible_counts(total, low, high) if count > 0]
    return min(counts, key=lambda count: abs(total / count - wanted)) if counts else max(1, int(total / wanted))


def parts_of(
    graph: UnitGraph,
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    locked: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the part of the community each unit is partitioned in.

    Parts are what hangs together without given grids and without bridges. One that arithmetic forbids to stand alone
    joins another across a bridge, where there is one: preferably one with which it fits.

    Parameters
    ----------
    graph
        Neighbourhood of the units.
    households, residents
        Counts of each unit; residents are negative where unknown.
    rules
        The size rule.
    locked
        Given grid of each unit, negative where free.

    Returns
    -------
    array of int64
        Parts numbered from 0 by their first unit; ``LOCKED`` for units of given grids.
    """
    n = len(locked)
    left = np.repeat(np.arange(n), np.diff(graph.start))
    right = graph.neighbour.astype(np.int64)
    free = (locked[left] < 0) & (locked[right] < 0)
    inner = free & ~graph.bridge
    pieces = connected_components(
        coo_array((np.ones(int(inner.sum())), (left[inner], right[inner])), shape=(n, n)), directed=False
    )[1]
    part: NDArray[np.int64] = np.where(locked < 0, pieces, LOCKED).astype(np.int64)
    bridges = np.column_stack((left, right))[free & graph.bridge]
    while len(bridges):
        ends = np.unique(part[bridges], axis=0)
        ends = ends[ends[:, 0] != ends[:, 1]]
        stuck = [pair for pair in ends.tolist() if not _fits(part == pair[0], households, residents, rules)]
        if not stuck:
            break
        first = stuck[0][0]
        partners = [other for one, other in stuck if one == first]
        fitting = (o for o in partners if _fits((part == first) | (part == o), households, residents, rules))
        part[part == first] = next(fitting, partners[0])
    part[part != LOCKED] = by_first_member(part[part != LOCKED])
    return part


def total_residents(residents: NDArray[np.int64]) -> int | None:
    """Return the sum of residents [count], None where one is unknown (negative)."""
    return None if (residents < 0).any() else int(residents.sum())


def _fits(chosen: NDArray[np.bool_], households: NDArray[np.int64], residents: NDArray[np.int64], rules: Rules) -> bool:
    total = int(households[chosen].sum())
    return total > 0 and may_fit(total, total_residents(residents[chosen]), rules)
