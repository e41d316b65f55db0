"""The walking network: vertices, edges and components, ready to be searched."""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gis_service.errors import InputError, Text
from gis_service.reach.search import QUANTUM_M, Edges, Rows, sparse_rows
from gis_service.reach.street_grid import Drawn, StreetGrid, drawn_lines, redrawn, street_grid
from gis_service.reach.thinning import THINNED_M, thinned

__all__ = ["IMAGINED", "QUANTUM_M", "WalkingNetwork", "build_network", "quantised"]


IMAGINED = "imagined"
"""Origin of edges that a what-if adds: they are walked on, but everybody keeps the street he stands at."""


@dataclass(frozen=True)
class WalkingNetwork:
    """Streets one can walk, as arrays.

    Parameters
    ----------
    node_xy
        Position of each node [m], metric CRS; shape (n, 2).
    edges
        End nodes ``u`` and ``v`` (equal for a loop), length and what walking each way counts [m], multiples of
        `QUANTUM_M`, of each edge.
    edge_geometry
        LineString of each edge from ``u`` to ``v``.
    component
        Component of each node; 0 is the longest, the others follow by length.
    component_length_m
        Total length of the edges of each component [m].
    snappable
        Whether people may be put on the edge: False on components that are too short to be trusted, and on imagined
        paths.
    rows
        The same edges as compressed sparse rows.
    snappable_edges
        Numbers of the snappable edges.
    """

    node_xy: NDArray[np.float64]
    edges: Edges
    edge_geometry: NDArray[np.object_]
    component: NDArray[np.int64]
    component_length_m: NDArray[np.float64]
    snappable: NDArray[np.bool_]
    rows: Rows
    snappable_edges: NDArray[np.int64]

    @cached_property
    def plain(self) -> bool:
        """Return whether walks count their lengths and nothing else."""
        edges = self.edges
        return all(np.array_equal(counted, edges.length_m) for counted in (edges.to_u_m, edges.to_v_m))

    @cached_property
    def alike_both_ways(self) -> bool:
        """Return whether every street counts the same either way, and so do the walk there and the walk back."""
        return np.array_equal(self.edges.to_u_m, self.edges.to_v_m)

    @cached_property
    def drawn(self) -> Drawn:
        """Return the vertices of all edges in one array."""
        return drawn_lines(self.edge_geometry)

    @cached_property
    def street_grid(self) -> StreetGrid:
        """Return the spatial index of the snappable edges."""
        return street_grid(self.drawn, self.snappable_edges, self.edges, self.edge_geometry)

    @cached_property
    def thin(self) -> tuple[Drawn, StreetGrid]:
        """Return the edges with fewer vertices, as circles see them, and the spatial index of the snappable ones."""
        drawn = thinned(self.drawn, THINNED_M)
        return drawn, redrawn(self.street_grid, drawn)


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
        same nodes; the shortest counts in a walk. Where walking does not count its length alone (slopes, steps,
        crossings), also ``to_u_m`` and ``to_v_m``: the metres of level street that walking towards u and towards v
        counts; inf: closed that way. Nobody is snapped to edges whose ``origin``, where it is given, is `IMAGINED`.
    min_component_m
        Components shorter than this in total [m] are not snapped to; the longest component always is.

    Returns
    -------
    WalkingNetwork
        Edges numbered as the rows of `edges`.

    Raises
    ------
    InputError
        An edge names a node that does not exist, its length is missing, negative or infinite, or what walking it
        counts is missing or negative.
    """
    nodes = nodes.sort_values("node")
    # Columns of a frame are strided and read-only: compiled searches want arrays of one kind.
    u, v = np.array(edges["u"], np.int64), np.array(edges["v"], np.int64)
    length_m = edges["length_m"].to_numpy(np.float64)
    geometry = edges.geometry.to_numpy()
    _check_edges(len(nodes), u, v, length_m)
    arrays = _with_directions(edges, Edges(u, v, *[quantised(length_m)] * 3))
    rows = sparse_rows(len(nodes), arrays)
    component, component_length_m = _components(rows, arrays, nodes.geometry.to_numpy())
    snappable = (component_length_m[component[u]] >= min_component_m) | (component[u] == 0)
    if "origin" in edges:
        snappable &= (edges["origin"] != IMAGINED).to_numpy(np.bool_)
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
    )


def _with_directions(frame: gpd.GeoDataFrame, edges: Edges) -> Edges:
    """Return the edges with what walking each way counts, where the frame tells it."""
    counted_m = []
    for name in ("to_u_m", "to_v_m"):
        if name not in frame:
            counted_m.append(edges.length_m)
            continue
        whole_m = frame[name].to_numpy(np.float64)
        _check_metres(name, whole_m, np.isnan(whole_m) | (whole_m < 0))
        counted_m.append(quantised(whole_m))
    # Steps or a lift without length on the map must still keep their ends apart.
    shortest_m = np.where((counted_m[0] > 0) | (counted_m[1] > 0), QUANTUM_M, 0.0)
    return Edges(edges.u, edges.v, np.maximum(edges.length_m, shortest_m), *counted_m)


def _check_metres(name: str, metres: NDArray[np.float64], wrong: NDArray[np.bool_]) -> None:
    """Refuse edges with an impossible number of metres."""
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            Text(
                f"步行网络第 {row + 1} 条路段的 {name} 为 {metres[row]}，必须是不小于 0 的数",
                f"{name} of edge {row + 1} of the walking network is {metres[row]}; it must be a number >= 0",
            )
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
    _check_metres("length_m", length_m, ~np.isfinite(length_m) | (length_m < 0))


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
