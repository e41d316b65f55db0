"""A part of a community as the kernels see it, as the engine would state it."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.energy import UNKNOWN, Problem
from gis_service.partition.engine import _problem, _size
from gis_service.partition.feasibility import target_count, total_residents
from gis_service.plan.rules import Rules


def part_problem(
    graph: UnitGraph,
    units: NDArray[np.int64],
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    *,
    area_m2: NDArray[np.float64],
    perimeter_m: NDArray[np.float64],
) -> Problem:
    """Return the problem the engine solves for some units of a community.

    Parameters
    ----------
    graph
        Neighbourhood of all units of the community.
    units
        The units of the part, ascending; at least one.
    households, residents
        Counts of each unit of the community; residents are negative where unknown.
    rules
        The size rule.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of each unit of the community.
    """
    here = residents[units]
    known = here >= 0
    total = int(households[units].sum())
    count = min(target_count(total, total_residents(here), rules), len(units))
    size = _size(rules, total / count, float(here[known].sum()) / count)
    weight = np.column_stack(
        (households[units], np.where(known, here, UNKNOWN), area_m2[units], perimeter_m[units])
    ).astype(np.float64)
    return _problem(graph, units, weight, size, float(np.sqrt(area_m2[units].sum() / count)))
