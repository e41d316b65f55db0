"""Which parts of a community are partitioned by themselves, and what arithmetic says about their size."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.numbering import by_first_member
from gis_service.plan.rules import Rules, possible_counts

LOCKED = -1
"""Part of a unit that belongs to a given grid."""


def may_fit(households: int, residents: int | None, rules: Rules) -> bool:
    """Tell whether arithmetic allows to cut totals into grids that are all in range.

    Households alone: some k with ``k * min <= total <= k * max``; residents alone likewise. Where either test is
    enough, one grid may pass by households and another by residents, so reaching both minima is enough too.

    Parameters
    ----------
    households
        Total households [count].
    residents
        Total residents [count]; None: unknown, only households count.
    rules
        The size rule.

    Returns
    -------
    bool
        False: no assignment can be in range, however the units lie. True does not promise one.
    """
    return bool(possible_counts(*_leading_test(households, residents, rules)[:3])) or (
        rules.basis == "either"
        and residents is not None
        and households >= rules.households_min
        and residents >= rules.residents_min
    )


def most_grids(households: int, residents: int | None, rules: Rules) -> int:
    """Return the largest number of grids in range that totals could fill, at least 1.

    Parameters
    ----------
    households, residents, rules
        As for :func:`may_fit`.
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
        As for :func:`may_fit`.
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
        As for :func:`may_fit`.
    """
    total, low, high, wanted = _leading_test(households, residents, rules)
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


def _leading_test(households: int, residents: int | None, rules: Rules) -> tuple[int, int, int, float]:
    """Return total, minimum, maximum and target of the test that sets the number of grids."""
    target = rules.target_households or (rules.households_min + rules.households_max) / 2
    by_households = (households, rules.households_min, rules.households_max, target)
    if residents is None or rules.basis == "households":
        return by_households
    middle = (rules.residents_min + rules.residents_max) / 2
    by_residents = (residents, rules.residents_min, rules.residents_max, middle)
    if rules.basis == "residents" or (not possible_counts(*by_households[:3]) and possible_counts(*by_residents[:3])):
        return by_residents
    return by_households
