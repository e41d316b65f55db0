"""The neighbourhood graph of the units of one community."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.geo.coverage import AREAL, FloatArray, GeometryArray, IndexArray, SharedEdges, shared_edges

HARD_BARRIERS = ("river", "railway", "expressway")
"""Barriers that people do not simply walk across; a grid should not straddle them."""
ON_BARRIER_M = 1.0
"""A border segment whose midpoint is this close to a barrier line runs along it (inclusive)."""


@dataclass(frozen=True)
class UnitGraph:
    """Which units are neighbours, as compressed sparse rows; every edge stands twice, once from either side.

    Parameters
    ----------
    start
        The edges of unit ``i`` are ``start[i]`` (inclusive) to ``start[i + 1]`` (exclusive); int32, length n + 1.
    neighbour
        Unit at the other end, ascending inside a row; int32.
    length_m
        Length of the shared border [m]; 0 for bridges.
    barrier_m
        Length of it that runs along a river, railway or expressway [m].
    follow_m
        Length of it that runs along a line to follow: any barrier, and outlines of estates and special grids [m].
    bridge
        True where the units do not touch and the edge only joins parts of the community that lie apart.
    """

    start: NDArray[np.int32]
    neighbour: NDArray[np.int32]
    length_m: FloatArray
    barrier_m: FloatArray
    follow_m: FloatArray
    bridge: NDArray[np.bool_]


def unit_graph(units: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, lines: GeometryArray | None = None) -> UnitGraph:
    """Return the neighbourhood graph of the units of one community.

    Parameters
    ----------
    units
        The units frame of one community, a valid coverage in a metric CRS.
    barriers
        The barriers frame, of the community or of the whole city; polygons count by their outline.
    lines
        Lines that borders may follow, the barriers among them, such as
        :func:`gis_service.partition.following.lines_of`; None: the barriers alone.

    Returns
    -------
    UnitGraph
        Neighbours share a border of positive length (rook contiguity). Parts of the community that do not touch are
        joined by bridges between their nearest units, as few as connect the graph.

    Raises
    ------
    CoverageError
        The units are no coverage.
    """
    polygons = units.geometry.to_numpy()
    edges = shared_edges(polygons)
    segment_m = edges.segments.lengths_m()
    midpoints = edges.segments.midpoints()
    hard = barriers["kind"].isin(HARD_BARRIERS).to_numpy()
    known = outlines(barriers.geometry.to_numpy())
    barrier_m = edges.sums(segment_m * near(midpoints, known[hard], ON_BARRIER_M))
    follow_m = edges.sums(segment_m * near(midpoints, known if lines is None else lines, ON_BARRIER_M))
    bridges = _bridges(polygons, edges)
    none = np.zeros(len(bridges))
    return compressed(
        len(polygons),
        np.vstack((np.column_stack((edges.left, edges.right)), bridges)),
        np.concatenate((edges.length_m, none)),
        np.concatenate((barrier_m, none)),
        np.concatenate((follow_m, none)),
    )


def without_edges(graph: UnitGraph, dropped: NDArray[np.bool_]) -> UnitGraph:
    """Return a graph without some edges, each of which is dropped from both ends."""
    kept = ~dropped
    left = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))[kept]
    return replace(
        graph,
        start=np.searchsorted(left, np.arange(len(graph.start))).astype(np.int32),
        neighbour=graph.neighbour[kept],
        length_m=graph.length_m[kept],
        barrier_m=graph.barrier_m[kept],
        follow_m=graph.follow_m[kept],
        bridge=graph.bridge[kept],
    )


def outlines(geometries: GeometryArray) -> GeometryArray:
    """Return lines as they are and polygons as their outline."""
    lines: GeometryArray = np.where(
        shapely.get_dimensions(geometries) == AREAL, shapely.boundary(geometries), geometries
    )
    return lines


def near(points: GeometryArray, lines: GeometryArray, distance_m: float) -> NDArray[np.bool_]:
    """Return which points lie within a distance (inclusive) of any of the lines."""
    found = np.zeros(len(points), dtype=bool)
    found[shapely.STRtree(lines).query(points, predicate="dwithin", distance=distance_m)[0]] = True
    return found


def _bridges(polygons: GeometryArray, edges: SharedEdges) -> IndexArray:
    """Return the (n, 2) pairs of nearest units that join all components, by Prim's algorithm over components."""
    count = len(polygons)
    adjacency = coo_array((np.ones(len(edges.left)), (edges.left, edges.right)), shape=(count, count))
    component = connected_components(adjacency, directed=False)[1]
    reached = component == component[0] if count else np.zeros(0, dtype=bool)
    pairs: list[tuple[int, int]] = []
    while not reached.all():
        inside, outside = np.flatnonzero(reached), np.flatnonzero(~reached)
        found, distance_m = shapely.STRtree(polygons[outside]).query_nearest(
            polygons[inside], all_matches=True, return_distance=True
        )
        a, b = inside[found[0]], outside[found[1]]
        best = np.lexsort((b, a, distance_m))[0]
        pairs.append((int(a[best]), int(b[best])))
        reached |= component == component[b[best]]
    return np.array(sorted(tuple(sorted(pair)) for pair in pairs), dtype=np.int64).reshape(-1, 2)


def compressed(
    count: int, ends: IndexArray, length_m: FloatArray, barrier_m: FloatArray, follow_m: FloatArray
) -> UnitGraph:
    """Return undirected edges as compressed sparse rows.

    Parameters
    ----------
    count
        Number of units.
    ends
        The (n, 2) pairs of units, each pair once.
    length_m, barrier_m, follow_m
        As in `UnitGraph`, one entry a pair; pairs of length 0 are bridges.
    """
    both = np.vstack((ends, ends[:, ::-1]))
    edge = np.tile(np.arange(len(ends)), 2)
    order = np.lexsort((both[:, 1], both[:, 0]))
    both, edge = both[order], edge[order]
    return UnitGraph(
        start=np.searchsorted(both[:, 0], np.arange(count + 1)).astype(np.int32),
        neighbour=both[:, 1].astype(np.int32),
        length_m=length_m[edge],
        barrier_m=barrier_m[edge],
        follow_m=follow_m[edge],
        bridge=length_m[edge] == 0,
    )
