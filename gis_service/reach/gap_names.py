"""What people call a gap: its community and the estate it lies in or the nearest named street."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.reach.siting.surroundings import nearest_street


def gap_names(
    centres: NDArray[np.object_],
    community_code: "pd.Series[str]",
    edges: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame | None = None,
) -> "pd.Series[str]":
    """Return the name of each gap.

    Parameters
    ----------
    centres
        A place among the people of each gap, in the CRS of all frames.
    community_code
        The community of each gap; None: outside every community.
    edges
        Streets; a column ``name`` where they have names.
    regions
        Column ``code`` and, where known, ``name``.
    estates
        Columns ``name`` and ``geometry`` (None: unknown where); None: no estates.

    Returns
    -------
    pandas.Series
        The community's name (its code where it has none), then the estate or the nearest named street, as far as they
        are known; empty where nothing is.
    """
    called = regions.set_index("code")["name"] if "name" in regions else pd.Series(dtype=object)
    community = [called.get(each, each) if each is not None else None for each in community_code]
    nothing = pd.Series([None] * len(centres), dtype=object)
    street = nearest_street(centres, edges) if "name" in edges else nothing
    estate = nothing if estates is None else _estate_of(centres, estates)
    places = estate.where(estate.notna(), street)
    words = [" · ".join(word for word in pair if word) for pair in zip(community, places, strict=True)]
    return pd.Series(words, dtype=object)


def _estate_of(centres: NDArray[np.object_], estates: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return the name of the estate that each place lies in; of several the first by name, None: in none."""
    known = estates[estates.geometry.notna() & estates["name"].notna()]
    at, shape = shapely.STRtree(known.geometry.to_numpy()).query(centres, predicate="intersects")
    found = pd.Series(known["name"].to_numpy(object)[shape], dtype=object).groupby(at).min()
    return found.reindex(range(len(centres))).astype(object).where(lambda word: word.notna(), None)
