"""A part of a community as the kernels see it: what its units hold, and what borders between them cost."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.energy import UNKNOWN, Problem, Size
from gis_service.plan.arithmetic import target_count, totals_of
from gis_service.plan.priorities import SoftRule, weights
from gis_service.plan.rules import Rules

STRADDLE_PRICE = 2.0
"""Price of enclosing a river, railway or expressway as long as the side of a square grid; less than a size missed."""
FOLLOW_PRICE = 0.2
"""Price of enclosing as much of any line: a third of what a border costs, so that borders prefer to run there."""
OFF_LINE_PRICE = 0.5
"""Price of a border as long without a line, where there are lines: as much again as any border costs by its length."""
BRIDGE_PRICE = 0.5
"""Price of a grid that reaches across a bridge."""
SPREAD = 0.6
"""Weight of the squared relative distance of a grid's size from the mean."""


def part_problem(
    graph: UnitGraph,
    units: NDArray[np.int64],
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    *,
    area_m2: NDArray[np.float64],
    perimeter_m: NDArray[np.float64],
    emphasis: float = 1.0,
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
        The size rule, and the order of the soft rules: the prices here are those of the usual order.
    area_m2, perimeter_m
        Area [m²] and perimeter [m] of each unit of the community.
    emphasis
        So many times more than usual the wish that goes first counts beside the others.
    """
    here = residents[units]
    known = here >= 0
    totals = totals_of(households[units], here)
    count = min(target_count(totals, rules), len(units))
    counted = _emphasised(rules, emphasis)
    size = Size(
        float(rules.households_min),
        float(rules.households_max),
        float(rules.residents_min),
        float(rules.residents_max),
        rules.basis != "residents",
        rules.basis != "households",
        totals.households / count,
        (totals.estimated_residents() or 0) / count,
        SPREAD * counted["balance"],
    )
    new = np.full(len(graph.start) - 1, -1, np.int64)
    new[units] = np.arange(len(units))
    left = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
    kept = (new[left] >= 0) & (new[graph.neighbour] >= 0)
    metres = STRADDLE_PRICE * graph.barrier_m[kept] + FOLLOW_PRICE * counted["lines"] * graph.follow_m[kept]
    if np.any(graph.follow_m[kept] > 0):
        # What is saved by enclosing a border without a line is a price of drawing one there, but for a constant.
        metres -= OFF_LINE_PRICE * counted["lines"] * (graph.length_m - graph.follow_m)[kept]
    return Problem(
        start=np.searchsorted(new[left[kept]], np.arange(len(units) + 1)).astype(np.int64),
        neighbour=new[graph.neighbour[kept]],
        border_m=np.ascontiguousarray(graph.length_m[kept]),
        price=metres / np.sqrt(area_m2[units].sum() / count) + BRIDGE_PRICE * graph.bridge[kept],
        weight=np.column_stack(
            (households[units], np.where(known, here, UNKNOWN), area_m2[units], perimeter_m[units])
        ).astype(np.float64),
        size=size,
    )


def restrict(problem: Problem, units: NDArray[np.int64]) -> Problem:
    """Return the problem of some of the units alone; ``units`` ascend."""
    n = len(problem.weight)
    new = np.full(n, -1, np.int64)
    new[units] = np.arange(len(units))
    left = np.repeat(np.arange(n), np.diff(problem.start))
    kept = (new[left] >= 0) & (new[problem.neighbour] >= 0)
    return problem._replace(
        start=np.searchsorted(new[left[kept]], np.arange(len(units) + 1)).astype(np.int64),
        neighbour=new[problem.neighbour[kept]],
        border_m=problem.border_m[kept],
        price=problem.price[kept],
        weight=problem.weight[units],
    )


def _emphasised(rules: Rules, emphasis: float) -> dict[SoftRule, float]:
    """Return how much each soft rule counts beside compactness, which therefore counts more where others count less."""
    counted, first = weights(rules.soft_order), rules.soft_order[2]
    if first == "compactness":
        return {rule: weight / emphasis for rule, weight in counted.items()}
    return {**counted, first: counted[first] * emphasis}
