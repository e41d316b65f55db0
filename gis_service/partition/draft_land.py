"""Units of a community as the land of a draft, and the land of a draft as the kernels see it."""

import geopandas as gpd
import numpy as np

from gis_service.partition.contiguity import UnitGraph, compressed, unit_graph
from gis_service.plan.land import Borders, Land, land_of


def draft_land(units: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> Land:
    """Return the land a draft starts from.

    Parameters
    ----------
    units
        The units frame of one community, a valid coverage in a metric CRS; sorted by code.
    barriers
        The barriers frame, of the community or of the whole city.

    Raises
    ------
    CoverageError
        The units are no coverage.
    """
    graph = unit_graph(units, barriers)
    left = np.repeat(np.arange(len(units)), np.diff(graph.start))
    once = left < graph.neighbour
    return land_of(
        units,
        Borders(
            left[once],
            graph.neighbour[once].astype(np.int64),
            graph.length_m[once],
            graph.barrier_m[once],
            graph.follow_m[once],
        ),
    )


def land_graph(land: Land) -> UnitGraph:
    """Return the neighbourhood of the units of a draft."""
    borders = land.borders
    ends = np.column_stack((borders.left, borders.right))
    return compressed(len(land), ends, borders.length_m, borders.barrier_m, borders.follow_m)
