"""The audit's own search: points inserted into the streets as vertices, distances by SciPy's Dijkstra."""

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from gis_service.audit.walk_rules import WalkRules, is_plain

TIE_M = 1e-6
"""Edges whose distances to a point differ by less than this [m] are equally near."""

_TILT = 2.0**-14
"""So much of their length is added to, and taken from, what streets count, to learn how long the quickest walks are."""
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
    to_u_m, to_v_m
        The level street that takes as long as walking each whole edge towards u and towards v [m].
    lines
        Course of each edge from u to v.
    component
        Component of each vertex.
    nodes
        Number of vertices.
    plain
        Whether every edge counts as long as it is.
    """

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    length_m: NDArray[np.float64]
    to_u_m: NDArray[np.float64]
    to_v_m: NDArray[np.float64]
    lines: NDArray[np.object_]
    component: NDArray[np.int64]
    nodes: int
    plain: bool

    def between_m(
        self, edge: NDArray[np.int64], begin: NDArray[np.float64], end: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return what walking along edges counts [m], from one share of each to another."""
        share = end - begin
        return np.where(share >= 0, share * self.to_v_m[edge], -share * self.to_u_m[edge])


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


def streets_of(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, rules: WalkRules) -> Streets:
    """Return the edges of the components whose edges sum to at least ``min_component_m``, and of the longest one.

    Parameters
    ----------
    nodes
        ``node`` 0 … n-1.
    edges
        ``u``, ``v``, ``length_m``, ``geometry`` [m] and, where more than lengths counts, ``kind``, ``crossings``,
        ``signals``, ``slope_to_u``, ``slope_to_v``.
    rules
        What counts.
    """
    count = len(nodes)
    u, v = edges["u"].to_numpy(dtype=np.int64), edges["v"].to_numpy(dtype=np.int64)
    length_m = edges["length_m"].to_numpy(dtype=np.float64)
    links = coo_array((np.ones(len(u)), (u, v)), shape=(count, count))
    component = connected_components(links, directed=False)[1].astype(np.int64)
    total_m = np.bincount(component[u], weights=length_m, minlength=count)
    kept = (total_m >= min(rules.min_component_m, total_m.max(initial=0)))[component[u]]
    used = edges[kept]
    return Streets(
        u=u[kept],
        v=v[kept],
        length_m=length_m[kept],
        to_u_m=_effort_m(used, "slope_to_u", rules),
        to_v_m=_effort_m(used, "slope_to_v", rules),
        lines=used.geometry.to_numpy(),
        component=component,
        nodes=count,
        plain=is_plain(rules),
    )


def _effort_m(edges: gpd.GeoDataFrame, slopes: str, rules: WalkRules) -> NDArray[np.float64]:
    """Return the level street [m] that takes as long as each edge in one direction, whose slopes a column tells."""
    length_m = edges["length_m"].to_numpy(dtype=np.float64)
    if is_plain(rules):
        return length_m
    factor = edges[slopes].fillna(1.0).to_numpy(dtype=np.float64) if rules.slope == "tobler" else np.ones(len(edges))
    if rules.steps_factor > 1:
        stairs = (edges["kind"] == "steps").to_numpy(dtype=bool)
        factor = np.where(stairs & (factor < rules.steps_factor), rules.steps_factor, factor)
    wait_s = rules.crossing_s * edges["crossings"] + rules.signal_s * edges["signals"]
    counted_m: NDArray[np.float64] = length_m * factor + wait_s.to_numpy(dtype=np.float64) * rules.speed_m_per_s
    return counted_m


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


class Distances(NamedTuple):
    """Walks from each row of origins to each column of targets, both gaps included [m]; inf where no path exists.

    Parameters
    ----------
    counted_m
        What the quickest walk counts.
    least_m, most_m
        Bounds of the length of the quickest walk; they differ by rounding where only one walk is the quickest.
    back_m
        What the quickest walk from target to origin counts.
    """

    counted_m: NDArray[np.float64]
    least_m: NDArray[np.float64]
    most_m: NDArray[np.float64]
    back_m: NDArray[np.float64]


def walking_distances(streets: Streets, origins: Access, targets: Access) -> Distances:
    """Return the walks from every row of `origins` to every row of `targets`.

    Parameters
    ----------
    streets
        The streets.
    origins, targets
        Rows of access, each of which becomes a vertex of its own that cuts its edge.

    Notes
    -----
    With c what a walk counts and l its length, the least c + t l over all walks is at most that of the quickest walk,
    C + t L, and the least c - t l at most C - t L. So L lies between (min(c + t l) - C) / t and (C - min(c - t l)) / t.
    """
    edge = np.concatenate((origins.edge, targets.edge))
    arcs = _arcs_with(streets, edge, np.concatenate((origins.fraction, targets.fraction)))
    size = streets.nodes + len(edge)
    there = _searched(_graph(arcs, arcs.counted_m, size), streets.nodes, len(origins.edge))
    gaps_m = origins.gap_m[:, None] + targets.gap_m[None, :]
    if streets.plain:
        walk_m = there + gaps_m
        return Distances(walk_m, walk_m, walk_m, walk_m)
    back = _searched(_graph(arcs, arcs.counted_m, size).T.tocsr(), streets.nodes, len(origins.edge))
    tilted = [
        _searched(
            _graph(arcs, np.maximum(arcs.counted_m + tilt * arcs.length_m, 0.0), size),
            streets.nodes,
            len(origins.edge),
        )
        for tilt in (_TILT, -_TILT)
    ]
    known = np.isfinite(there)
    least, most = (np.full(there.shape, np.inf) for _ in tilted)
    least[known] = (tilted[0][known] - there[known]) / _TILT
    most[known] = (there[known] - tilted[1][known]) / _TILT
    return Distances(there + gaps_m, least + gaps_m, most + gaps_m, back + gaps_m)


class _Arcs(NamedTuple):
    """Pieces of streets, each in one direction."""

    head: NDArray[np.int64]
    tail: NDArray[np.int64]
    length_m: NDArray[np.float64]
    counted_m: NDArray[np.float64]


def _searched(graph: csr_array, start: int, count: int) -> NDArray[np.float64]:
    """Return the distances from `count` vertices, the first of which is `start`, to those behind them."""
    batch = max(1, _CELLS_PER_BATCH // graph.shape[0])
    walks = np.empty((count, graph.shape[0] - start - count))
    for low in range(0, count, batch):
        rows = np.arange(low, min(low + batch, count))
        walks[rows] = dijkstra(graph, directed=True, indices=start + rows)[:, start + count :]
    return walks


def _arcs_with(streets: Streets, edge: NDArray[np.int64], fraction: NDArray[np.float64]) -> _Arcs:
    """Return the streets cut at the given points, each of which is a vertex after the streets' own."""
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
    first = np.concatenate((streets.u[whole], vertex[:-1][same]))
    second = np.concatenate((streets.v[whole], vertex[1:][same]))
    of = np.concatenate((np.flatnonzero(whole), on_edge[1:][same]))
    share = np.concatenate((np.ones(np.count_nonzero(whole)), np.diff(at)[same]))
    return _Arcs(
        np.concatenate((first, second)),
        np.concatenate((second, first)),
        np.tile(share * streets.length_m[of], 2),
        np.concatenate((share * streets.to_v_m[of], share * streets.to_u_m[of])),
    )


def _graph(arcs: _Arcs, weight_m: NDArray[np.float64], size: int) -> csr_array:
    """Return the arcs as a matrix of what leads from row to column, of parallel ones the least."""
    order = np.lexsort((weight_m, arcs.tail, arcs.head))
    head, tail = arcs.head[order], arcs.tail[order]
    least = np.ones(len(head), dtype=bool)
    least[1:] = (head[1:] != head[:-1]) | (tail[1:] != tail[:-1])
    return csr_array((weight_m[order][least], (head[least], tail[least])), shape=(size, size))
