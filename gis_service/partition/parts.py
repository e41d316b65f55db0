"""Which parts of a community are partitioned by themselves."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.numbering import by_first_member
from gis_service.plan.arithmetic import may_fit, totals_of
from gis_service.plan.rules import Rules

LOCKED = -1
"""Part of a unit that belongs to a given grid."""


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

    def fits(chosen: NDArray[np.bool_]) -> bool:
        return may_fit(totals_of(households[chosen], residents[chosen]), rules)

    while len(bridges):
        ends = np.unique(part[bridges], axis=0)
        ends = ends[ends[:, 0] != ends[:, 1]]
        first = next((number for number in np.unique(ends[:, 0]).tolist() if not fits(part == number)), None)
        if first is None:
            break
        partners = ends[ends[:, 0] == first, 1].tolist()
        fitting = (other for other in partners if fits((part == first) | (part == other)))
        part[part == first] = next(fitting, partners[0])
    part[part != LOCKED] = by_first_member(part[part != LOCKED])
    return part
