"""The walking network: every line cut at its junctions, with node numbers and lengths."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from demo_city.lines import Street, overshot
from demo_city.streets import NODING_M

STUB_M = 1.5
JUNCTION_M = 1.0


def make_network(streets: list[Street], expressway: Street) -> gpd.GeoDataFrame:
    """Return the edges ``id, u, v, name, highway, length_m, foot, geometry``.

    Lines meet where they cross or touch; the expressway is carried over everything and meets nothing. Stubs shorter
    than 1.5 m are dropped and junctions closer than 1 m made one.
    """
    lines = np.array([street.line for street in streets], dtype=object)
    noded = shapely.union_all([overshot(line) for line in lines], grid_size=NODING_M)
    edges = _contracted(_without_stubs(shapely.get_parts(noded)))
    middle = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    order = np.lexsort(shapely.get_coordinates(middle).T)
    _, source = shapely.STRtree(lines).query_nearest(middle[order], all_matches=False)
    edges = np.array([*edges[order], shapely.set_precision(expressway.line, NODING_M)], dtype=object)
    origin = [*(streets[i] for i in source), expressway]
    u, v = _nodes(edges)
    return gpd.GeoDataFrame(
        {
            "id": [f"s{number:05d}" for number in range(1, len(edges) + 1)],
            "u": u,
            "v": v,
            "name": pd.array([street.name for street in origin], dtype=object),
            "highway": [street.highway for street in origin],
            "length_m": np.round(shapely.length(edges), 3),
            "foot": [street.highway != "motorway" for street in origin],
        },
        geometry=edges,
    )


def _ends(edges: NDArray[np.object_]) -> NDArray[np.float64]:
    ends: NDArray[np.float64] = shapely.get_coordinates([shapely.get_point(edges, at) for at in (0, -1)])
    return ends


def _nodes(edges: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    _, node = np.unique(np.round(_ends(edges) / NODING_M).astype(np.int64), axis=0, return_inverse=True)
    return node[: len(edges)], node[len(edges) :]


def _without_stubs(edges: NDArray[np.object_]) -> NDArray[np.object_]:
    u, v = _nodes(edges)
    degree = np.bincount(np.concatenate([u, v]))
    stub = ((degree[u] == 1) | (degree[v] == 1)) & (shapely.length(edges) < STUB_M)
    kept: NDArray[np.object_] = edges[~stub]
    return kept


def _contracted(edges: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the edges without those shorter than `JUNCTION_M`, whose ends become one node."""
    u, v = _nodes(edges)
    short = shapely.length(edges) < JUNCTION_M
    count = int(max(u.max(), v.max())) + 1
    links = coo_array((np.ones(short.sum()), (u[short], v[short])), shape=(count, count))
    _, cluster = connected_components(links, directed=False)
    place = np.empty((count, 2))
    place[np.concatenate([u, v])] = _ends(edges)
    _, first = np.unique(cluster, return_index=True)
    moved = []
    for edge, start, end in zip(edges[~short], cluster[u[~short]], cluster[v[~short]], strict=True):
        xy = shapely.get_coordinates(edge)
        xy[0], xy[-1] = place[first[start]], place[first[end]]
        moved.append(shapely.LineString(xy))
    return np.array(moved, dtype=object)
