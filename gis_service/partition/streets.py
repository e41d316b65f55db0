"""Streets of the walking network as lines that a grid border may follow."""

import geopandas as gpd
import pandas as pd

CARRIAGEWAYS = frozenset(
    {
        "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link", "trunk", "trunk_link",
        "residential", "unclassified", "living_street", "service", "road", "busway", "pedestrian",
    }
)  # fmt: skip
"""Values of OpenStreetMap's ``highway`` that draw a street; paths, steps and sidewalks divide nothing."""


def street_barriers(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets of a walking network as roads.

    Parameters
    ----------
    edges
        The network edges frame. Of a ``kind`` such as ``cycleway|service`` each word counts; an edge of unknown kind
        is no street.

    Returns
    -------
    geopandas.GeoDataFrame
        A barriers frame of kind ``road`` in the CRS of ``edges``, one row an edge, in the order of ``edges``.
    """
    kind = edges["kind"].fillna("").str.split("|")
    street = edges[[not CARRIAGEWAYS.isdisjoint(words) for words in kind]]
    columns = {
        "kind": pd.Series("road", index=range(len(street)), dtype=object),
        "name": street["name"].astype(object).reset_index(drop=True),
    }
    return gpd.GeoDataFrame(columns, geometry=street.geometry.to_numpy(), crs=edges.crs)


def with_streets(barriers: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the barriers of a city completed by its streets.

    Parameters
    ----------
    barriers
        The barriers frame.
    edges
        The network edges frame, in the same CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        A barriers frame: the barriers, then the streets. A street that is a barrier already stands in it twice, which
        changes nothing: lines that coincide are one, and slivers between lines that nearly do belong to nobody.
    """
    columns = ["kind", "name", "geometry"]
    completed = pd.concat([barriers[columns], street_barriers(edges)[columns]], ignore_index=True)
    return gpd.GeoDataFrame(completed.astype({"kind": object, "name": object}), geometry="geometry", crs=barriers.crs)
