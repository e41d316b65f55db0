"""Grids that hold the people of three or more, cut up before a repair: parting in two would not do."""

import numpy as np
from numpy.typing import NDArray

from gis_service.partition.contiguity import UnitGraph, without_edges
from gis_service.partition.engine import solve
from gis_service.partition.misses import assessed
from gis_service.partition.numbering import numbered
from gis_service.partition.part_problems import part_problem
from gis_service.plan.arithmetic import fewest_grids, totals_of
from gis_service.plan.rules import Rules

PARTS_IN_TWO = 2
"""A repair parts grids in so many by itself."""


def cut_up(
    graph: UnitGraph,
    labels: NDArray[np.int64],
    households: NDArray[np.int64],
    residents: NDArray[np.int64],
    rules: Rules,
    *,
    area_m2: NDArray[np.float64],
    perimeter_m: NDArray[np.float64],
    fixed: NDArray[np.bool_],
    seed: int,
) -> NDArray[np.int64]:
    """Return labels with each grid of three or more sizes divided by the engine, by itself.

    Parameters
    ----------
    graph, households, residents, rules, area_m2, perimeter_m, seed
        As for :func:`gis_service.partition.engine.solve`.
    labels
        Grid of each unit, not negative, each in one piece.
    fixed
        True for units whose grid must not change.

    Returns
    -------
    array of int64
        Units of other grids keep their label, and so do those of grids that would have no fewer misses in parts.
    """
    large = [
        grid
        for grid in np.unique(labels[~fixed]).tolist()
        if fewest_grids(totals_of(households[labels == grid], residents[labels == grid]), rules) > PARTS_IN_TWO
    ]
    if not large:
        return labels
    left = np.repeat(np.arange(len(labels)), np.diff(graph.start))
    inside = without_edges(graph, labels[left] != labels[graph.neighbour])
    found = solve(
        inside,
        households,
        residents,
        rules,
        area_m2=area_m2,
        perimeter_m=perimeter_m,
        locked=np.where(np.isin(labels, large), -1, labels),
        seed=seed,
    )
    for grid in large:
        units = np.flatnonzero(labels == grid)
        problem = part_problem(graph, units, households, residents, rules, area_m2=area_m2, perimeter_m=perimeter_m)
        if assessed(problem, numbered(found[units]), 0.0)[0] >= assessed(problem, np.zeros_like(units), 0.0)[0]:
            found[units] = found.max() + 1
    return found
