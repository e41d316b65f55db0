"""What a part of a community would come to if no grid reached across a river, railway or expressway."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.geo.coverage import IndexArray
from gis_service.partition.contiguity import without_edges
from gis_service.partition.contraction import Bundles
from gis_service.partition.misses import assessed, credit
from gis_service.partition.numbering import numbered
from gis_service.partition.refinement import parts, problem_of_part
from gis_service.partition.relaxation import least_misses
from gis_service.plan.land import open_borders
from gis_service.plan.rules import Rules


@dataclass(frozen=True)
class Uncrossed:
    """Grids out of range of a part of a community, with crossings and without.

    Parameters
    ----------
    labels
        The grids of the part.
    missed
        How many of them are out of range, as ``misses.assessed`` counts.
    least
        No division without crossings has fewer.
    """

    labels: frozenset[int]
    missed: int
    least: int


def uncrossed(
    bundles: Bundles, rules: Rules, labels: IndexArray, fixed: NDArray[np.bool_], label: int
) -> Uncrossed | None:
    """Return what the part of the community that a grid lies in would come to without crossings.

    Parameters
    ----------
    bundles
        The units of a community; those that belong together are one.
    rules
        The size rule.
    labels
        Grid of each bundle.
    fixed
        True for bundles of grids that stay as they are.
    label
        The grid, none of the fixed ones.

    Returns
    -------
    Uncrossed or None
        None where the grid reaches over several parts.
    """
    own = labels == label
    for units in parts(bundles, rules, np.where(fixed, labels, -1)):
        if own[units].sum() == own.sum():
            problem = problem_of_part(bundles, units, rules)
            missed = assessed(problem, numbered(labels[units]), credit(problem))[0]
            return Uncrossed(frozenset(labels[units].tolist()), missed, _least_misses(bundles, units, rules))
    return None


def _least_misses(bundles: Bundles, units: IndexArray, rules: Rules) -> int:
    """Return a number of misses that no division of a part has fewer than whose grids do not cross barriers."""
    crossing = ~open_borders(bundles.graph.length_m, bundles.graph.barrier_m)
    graph = without_edges(bundles.graph, crossing)
    left, right = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start)), graph.neighbour
    inner = np.isin(left, units) & np.isin(right, units)
    ends = (left[inner], right[inner])
    count = len(graph.start) - 1
    side = connected_components(coo_array((np.ones(len(ends[0])), ends), shape=(count, count)), directed=False)[1]
    apart = replace(bundles, graph=graph)
    sides = (units[side[units] == number] for number in np.unique(side[units]))
    return sum(least_misses(problem_of_part(apart, here, rules)) for here in sides)
