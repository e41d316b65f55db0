"""The land between rivers, railways and expressways: on which side of them units lie, and whether people live there."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.geo.coverage import AREAL, FloatArray, IndexArray
from gis_service.partition.contiguity import HARD_BARRIERS, UnitGraph
from gis_service.plan.land import open_borders


@dataclass(frozen=True)
class Sides:
    """On which side of rivers, railways and expressways units lie.

    Parameters
    ----------
    of_unit
        Side of every unit; sides are numbered by their first unit.
    vacant
        Sides where nobody is known to live.
    water
        Vacant sides inside a barrier: the water of a river.
    """

    of_unit: IndexArray
    vacant: NDArray[np.bool_]
    water: NDArray[np.bool_]


@dataclass(frozen=True)
class Edges:
    """The edges of a graph of units, each from both ends.

    Parameters
    ----------
    left, right
        The two units.
    length_m
        Their common border [m].
    free
        Neither is of a special grid, and they touch.
    open
        Neither is of a special grid, and the border is open: see :func:`gis_service.plan.land.open_borders`.
    """

    left: IndexArray
    right: IndexArray
    length_m: FloatArray
    free: NDArray[np.bool_]
    open: NDArray[np.bool_]


def edges_of(units: gpd.GeoDataFrame, graph: UnitGraph) -> Edges:
    """Return the edges of the graph of some units."""
    left = np.repeat(np.arange(len(units)), np.diff(graph.start))
    right = graph.neighbour.astype(np.int64)
    base = units["special"].isna().to_numpy()
    both = base[left] & base[right]
    return Edges(
        left, right, graph.length_m, both & ~graph.bridge, both & open_borders(graph.length_m, graph.barrier_m)
    )


def inhabited(units: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Return the units where somebody is known to live."""
    residents = units["residents"].fillna(0).to_numpy(np.int64)
    lived_in: NDArray[np.bool_] = (units["households"].to_numpy(np.int64) > 0) | (residents > 0)
    return lived_in


def sides_of(units: gpd.GeoDataFrame, graph: UnitGraph, barriers: gpd.GeoDataFrame) -> Sides:
    """Return the sides on which the units of a community lie.

    Parameters
    ----------
    units, graph
        The units frame of a community and its neighbourhood.
    barriers
        The barriers frame.

    Returns
    -------
    Sides
        Units lie on one side if open edges lead from one to the other. Those of special grids are sides of their own.
    """
    edges = edges_of(units, graph)
    of_unit = components(len(units), edges, edges.open)
    vacant = ~any_of(of_unit, inhabited(units))
    hard = barriers.geometry.to_numpy()[barriers["kind"].isin(HARD_BARRIERS).to_numpy()]
    areas = hard[shapely.get_dimensions(hard) == AREAL]
    inner = shapely.point_on_surface(units.geometry.to_numpy())
    wet = np.zeros(len(units), dtype=bool)
    wet[shapely.STRtree(areas).query(inner, predicate="intersects")[0]] = True
    return Sides(of_unit, vacant, vacant & ~any_of(of_unit, ~wet))


def components(count: int, edges: Edges, chosen: NDArray[np.bool_]) -> IndexArray:
    """Return the component of each of ``count`` units over the chosen edges, numbered by their first unit."""
    pairs = (edges.left[chosen], edges.right[chosen])
    found = connected_components(coo_array((np.ones(len(pairs[0])), pairs), shape=(count, count)), directed=False)[1]
    _, first, inverse = np.unique(found, return_index=True, return_inverse=True)
    numbered: IndexArray = np.argsort(np.argsort(first))[inverse].astype(np.int64)
    return numbered


def any_of(group: IndexArray, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which groups have a chosen member."""
    return np.bincount(group, chosen) > 0
