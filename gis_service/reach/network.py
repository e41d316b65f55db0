"""The walking network: vertices, edges and components, ready to be searched."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis_service.errors import InputError, Text
from gis_service.reach.search import Edges, Rows, sparse_rows

QUANTUM_M = 2.0**-20
"""Walking lengths are whole multiples of this [m], about a micrometre.

Sums of such lengths are exact in float64 up to 8 billion metres, so a walk does not depend on the order in which its
pieces are added, and two walks of equal length compare equal.
"""


@dataclass(frozen=True)
class WalkingNetwork:
    """Streets one can walk, both ways, as arrays.

    Parameters
    ----------
    node_xy
        Position of each node [m], metric CRS; shape (n, 2).
    edges
        End nodes ``u`` and ``v`` (equal for a loop) and walking length [m], a multiple of `QUANTUM_M`, of each edge.
    edge_geometry
        LineString of each edge from ``u`` to ``v``.
    component
        Component of each node; 0 is the longest, the others follow by length.
    component_length_m
        Total length of the edges of each component [m].
    snappable
        Whether people may be put on the edge: False on components that are too short to be trusted.
    rows
        The same edges as compressed sparse rows.
    snappable_edges
        Numbers of the snappable edges.
    tree
        Spatial index over the geometries of `snappable_edges`, in that order.
    """

    node_xy: NDArray[np.float64]
    edges: Edges
    edge_geometry: NDArray[np.object_]
    component: NDArray[np.int64]
    component_length_m: NDArray[np.float64]
    snappable: NDArray[np.bool_]
    rows: Rows
    snappable_edges: NDArray[np.int64]
    tree: shapely.STRtree = field(repr=False, compare=False)


def quantised(length_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return lengths [m] rounded to the nearest multiple of `QUANTUM_M`."""
    return np.round(length_m / QUANTUM_M) * QUANTUM_M


def build_network(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, *, min_component_m: float) -> WalkingNetwork:
    """Return the walking network of a nodes and an edges frame.

    Parameters
    ----------
    nodes
        Columns ``node`` (0 … n-1, in any order of rows) and ``geometry`` (Point, metric CRS).
    edges
        Columns ``u``, ``v``, ``length_m`` [m] and ``geometry`` (LineString from u to v). Several edges may join the
        same nodes; the shortest counts in a walk.
    min_component_m
        Components shorter than this in total [m] are not snapped to; the longest component always is.

    Returns
    -------
    WalkingNetwork
        Edges numbered as the rows of `edges`.

    Raises
    ------
    InputError
        An edge names a node that does not exist, or its length is missing, negative or infinite.
    """
    nodes = nodes.sort_values("node")
    u = edges["u"].to_numpy(np.int64)
    v = edges["v"].to_numpy(np.int64)
    length_m = edges["length_m"].to_numpy(np.float64)
    geometry = edges.geometry.to_numpy()
    _check_edges(len(nodes), u, v, length_m)
    arrays = Edges(u, v, quantised(length_m))
    rows = sparse_rows(len(nodes), arrays)
    component, component_length_m = _components(rows, arrays, nodes.geometry.to_numpy())
    snappable = (component_length_m[component[u]] >= min_component_m) | (component[u] == 0)
    snappable_edges = np.flatnonzero(snappable)
    return WalkingNetwork(
        node_xy=shapely.get_coordinates(nodes.geometry.to_numpy()),
        edges=arrays,
        edge_geometry=geometry,
        component=component,
        component_length_m=component_length_m,
        snappable=snappable,
        rows=rows,
        snappable_edges=snappable_edges,
        tree=shapely.STRtree(geometry[snappable_edges]),
    )


def _check_edges(node_count: int, u: NDArray[np.int64], v: NDArray[np.int64], length_m: NDArray[np.float64]) -> None:
    wrong = np.flatnonzero((np.minimum(u, v) < 0) | (np.maximum(u, v) >= node_count))
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            Text(
                f"步行网络第 {row + 1} 条路段的端点不存在，请重新导入路网",
                f"edge {row + 1} of the walking network names a node that does not exist; import the streets again",
            )
        )
    wrong = np.flatnonzero(~np.isfinite(length_m) | (length_m < 0))
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            Text(
                f"步行网络第 {row + 1} 条路段的 length_m 为 {length_m[row]}，必须是不小于 0 的数",
                f"length_m of edge {row + 1} of the walking network is {length_m[row]}; it must be a number >= 0",
            )
        )


def _components(
    rows: Rows, edges: Edges, node_points: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the component of each node and each component's length [m], longest first.

    Components of equal length are ordered by their most western, then most southern node, never by row.
    """
    count = len(node_points)
    graph = csr_array((np.ones(len(rows.neighbour), np.int8), rows.neighbour, rows.start), shape=(count, count))
    found, label = connected_components(graph, directed=False)
    total = np.bincount(label[edges.u], weights=edges.length_m, minlength=found)
    by_position = np.lexsort((shapely.get_y(node_points), shapely.get_x(node_points)))
    position = np.empty(found, np.int64)
    position[label[by_position[::-1]]] = np.arange(count)[::-1]
    order = np.lexsort((position, -total))
    rank = np.empty(found, np.int64)
    rank[order] = np.arange(found)
    return rank[label], total[order].astype(np.float64)
