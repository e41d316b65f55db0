"""The audit's own search: points inserted into the streets as vertices, distances by SciPy's Dijkstra."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

TIE_M = 1e-6
"""Edges whose distances to a point differ by less than this [m] are equally near."""

_SAME_PLACE_M = 1e-3
_CELLS_PER_BATCH = 20_000_000


@dataclass(frozen=True)
class Streets:
    """The streets that count: edges of components long enough to be part of the network.

    Parameters
    ----------
    u, v
        End vertices of each edge.
    length_m
        Walking length of each edge [m].
    lines
        Course of each edge from u to v.
    component
        Component of each vertex.
    nodes
        Number of vertices.
    """

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    length_m: NDArray[np.float64]
    lines: NDArray[np.object_]
    component: NDArray[np.int64]
    nodes: int


@dataclass(frozen=True)
class Access:
    """Where points enter the streets: one row for each equally near edge, sorted by point and edge.

    Parameters
    ----------
    point
        Position of the point.
    edge
        Position of the edge.
    fraction
        Share of the edge from u to the foot of the perpendicular, in [0, 1].
    gap_m
        Straight line from the point to the edge [m].
    ambiguous
        For each point, whether equally near edges are entered at different places.
    """

    point: NDArray[np.int64]
    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    gap_m: NDArray[np.float64]
    ambiguous: NDArray[np.bool_]


def streets_of(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, min_component_m: float) -> Streets:
    """Return the edges of the components whose edges sum to at least `min_component_m`, and of the longest one.

    Parameters
    ----------
    nodes
        ``node`` 0 … n-1.
    edges
        ``u``, ``v``, ``length_m``, ``geometry`` [m].
    min_component_m
        Shortest component that counts [m], inclusive.
    """
    count = len(nodes)
    u, v = edges["u"].to_numpy(dtype=np.int64), edges["v"].to_numpy(dtype=np.int64)
    length_m = edges["length_m"].to_numpy(dtype=np.float64)
    links = coo_array((np.ones(len(u)), (u, v)), shape=(count, count))
    component = connected_components(links, directed=False)[1].astype(np.int64)
    total_m = np.bincount(component[u], weights=length_m, minlength=count)
    kept = (total_m >= min(min_component_m, total_m.max(initial=0)))[component[u]]
    return Streets(u[kept], v[kept], length_m[kept], edges.geometry.to_numpy()[kept], component, count)


def access_points(streets: Streets, points: NDArray[np.object_], max_gap_m: float) -> Access:
    """Return where points enter the streets, every equally near edge included.

    Parameters
    ----------
    streets
        The streets.
    points
        Shapely points in the same CRS.
    max_gap_m
        Longest straight line to an edge [m], inclusive; points farther away have no row.
    """
    nearest_m = np.full(len(points), np.inf)
    tree = shapely.STRtree(streets.lines)
    pairs, distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    nearest_m[pairs[0]] = distances
    point, edge = tree.query(points, predicate="dwithin", distance=np.minimum(nearest_m, max_gap_m) + TIE_M)
    order = np.lexsort((edge, point))
    point, edge = point[order], edge[order]
    line, length = streets.lines[edge], shapely.length(streets.lines[edge])
    along = shapely.line_locate_point(line, points[point])
    foot = shapely.line_interpolate_point(line, along)
    fraction = np.divide(along, length, out=np.zeros_like(along), where=length > 0)
    first = np.searchsorted(point, point)
    apart = shapely.distance(foot, foot[first]) > _SAME_PLACE_M
    inside = np.minimum(along, length - along) > _SAME_PLACE_M
    twice_inside = np.bincount(point, weights=inside, minlength=len(points)) > 1
    ambiguous = (np.bincount(point, weights=apart, minlength=len(points)) > 0) | twice_inside
    return Access(point, edge, fraction, shapely.distance(points[point], foot), ambiguous)


def walking_distances(streets: Streets, origins: Access, targets: Access) -> NDArray[np.float64]:
    """Return the walk from every row of `origins` to every row of `targets` [m], both gaps included.

    Parameters
    ----------
    streets
        The streets.
    origins, targets
        Rows of access, each of which becomes a vertex of its own that cuts its edge.

    Returns
    -------
    numpy.ndarray
        One row for each row of `origins`; inf where no path exists.
    """
    graph = _graph_with(
        streets, np.concatenate((origins.edge, targets.edge)), np.concatenate((origins.fraction, targets.fraction))
    )
    start = streets.nodes
    middle = start + len(origins.edge)
    columns = np.arange(middle, graph.shape[0])
    batch = max(1, _CELLS_PER_BATCH // graph.shape[0])
    walks = np.empty((len(origins.edge), len(columns)))
    for low in range(0, len(walks), batch):
        rows = np.arange(low, min(low + batch, len(walks)))
        walks[rows] = dijkstra(graph, directed=False, indices=start + rows)[:, columns]
    return walks + origins.gap_m[:, None] + targets.gap_m[None, :]


def _graph_with(streets: Streets, edge: NDArray[np.int64], fraction: NDArray[np.float64]) -> csr_array:
    """Return the street graph in which each given point is a vertex (after the streets' own) that cuts its edge."""
    touched = np.unique(edge)
    vertex = np.concatenate((streets.u[touched], streets.nodes + np.arange(len(edge)), streets.v[touched]))
    on_edge = np.concatenate((touched, edge, touched))
    at = np.concatenate((np.zeros(len(touched)), fraction, np.ones(len(touched))))
    rank = np.repeat((0, 1, 2), (len(touched), len(edge), len(touched)))
    order = np.lexsort((at, rank, on_edge))
    vertex, on_edge, at = vertex[order], on_edge[order], at[order]
    same = on_edge[1:] == on_edge[:-1]
    whole = np.ones(len(streets.u), dtype=bool)
    whole[touched] = False
    head = np.concatenate((streets.u[whole], vertex[:-1][same]))
    tail = np.concatenate((streets.v[whole], vertex[1:][same]))
    length = np.concatenate((streets.length_m[whole], (np.diff(at) * streets.length_m[on_edge[1:]])[same]))
    low, high = np.minimum(head, tail), np.maximum(head, tail)
    order = np.lexsort((length, high, low))
    low, high, length = low[order], high[order], length[order]
    shortest = np.ones(len(low), dtype=bool)
    shortest[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    size = streets.nodes + len(edge)
    return csr_array((length[shortest], (low[shortest], high[shortest])), shape=(size, size))
