"""The walking network: every line cut at its junctions, with node numbers and lengths."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from demo_city.lines import Street
from demo_city.streets import NODING_M

STUB_M = 1.5


def make_network(streets: list[Street], expressway: Street) -> gpd.GeoDataFrame:
    """Return the edges ``id, u, v, name, highway, length_m, foot, geometry``.

    Lines meet where they cross or touch; the expressway is carried over everything and meets nothing. Stubs shorter
    than 1.5 m, left over where a line reached over the street it ends on, are dropped.
    """
    lines = np.array([street.line for street in streets], dtype=object)
    edges = shapely.get_parts(shapely.union_all(lines, grid_size=NODING_M))
    edges = edges[np.lexsort(shapely.get_coordinates(shapely.line_interpolate_point(edges, 0.5, normalized=True)).T)]
    edges = _without_stubs(edges)
    _, source = shapely.STRtree(lines).query_nearest(
        shapely.line_interpolate_point(edges, 0.5, normalized=True), all_matches=False
    )
    edges = np.append(edges, shapely.set_precision(expressway.line, NODING_M))
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


def _nodes(edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(edges, at)) for at in (0, -1)])
    _, node = np.unique(np.round(ends / NODING_M).astype(np.int64), axis=0, return_inverse=True)
    return node[: len(edges)], node[len(edges) :]


def _without_stubs(edges: np.ndarray) -> np.ndarray:
    u, v = _nodes(edges)
    degree = np.bincount(np.concatenate([u, v]))
    stub = ((degree[u] == 1) | (degree[v] == 1)) & (shapely.length(edges) < STUB_M)
    return edges[~stub]
