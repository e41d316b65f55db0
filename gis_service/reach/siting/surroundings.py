"""What people call the place of a site: the nearest named street and the community."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray


def nearest_street(points: NDArray[np.object_], edges: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return the name of the nearest street that has one; of equally near ones the first by name, None: no names.

    Parameters
    ----------
    points
        Places in the CRS of the edges.
    edges
        Columns ``name`` (None: no name) and ``geometry``.
    """
    named = edges[edges["name"].notna()]
    return _first(points, named["name"].to_numpy(object), named.geometry.to_numpy(), nearest=True)


def community_of(points: NDArray[np.object_], regions: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return the code of the community that each place lies in; on a border the first by code, None: in none.

    Parameters
    ----------
    points
        Places in the CRS of the regions.
    regions
        Columns ``code``, ``level`` and ``geometry``.
    """
    communities = regions[(regions["level"] == "community") & regions.geometry.notna()]
    return _first(points, communities["code"].to_numpy(object), communities.geometry.to_numpy(), nearest=False)


def _first(
    points: NDArray[np.object_], words: NDArray[np.object_], shapes: NDArray[np.object_], *, nearest: bool
) -> "pd.Series[str]":
    """Return the first word, by code points, among the shapes at each point."""
    tree = shapely.STRtree(shapes)
    at, shape = tree.query_nearest(points) if nearest else tree.query(points, predicate="intersects")
    found = pd.Series(words[shape], dtype=object).groupby(at).min()
    return found.reindex(range(len(points))).astype(object).where(lambda word: word.notna(), None)
