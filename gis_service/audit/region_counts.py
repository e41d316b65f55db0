"""Counting things by region: where each lies, and sums over everything a region contains."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray

LEVELS_UPWARDS = ("community", "street", "county", "city")

NOWHERE = ""
"""Stands for the code of what lies in no region; it counts in every region without a parent."""


def with_ancestors(regions: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each region and each region that contains it, itself included.

    Parameters
    ----------
    regions
        ``code`` and ``parent_code`` (None at the top).

    Returns
    -------
    pandas.DataFrame
        ``place`` and ``code``; `NOWHERE` is a place inside every region without a known parent.
    """
    parent = dict(zip(regions["code"], regions["parent_code"], strict=True))
    pairs = [(NOWHERE, code) for code, above in parent.items() if above not in parent]
    for place in parent:
        code, seen = place, set[str]()
        while code in parent and code not in seen:
            pairs.append((place, code))
            seen.add(code)
            code = parent[code]
    return pd.DataFrame(pairs, columns=["place", "code"], dtype=object)


def places_of(shapes: NDArray[np.object_], regions: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the smallest region whose polygon covers a representative point of each shape.

    Parameters
    ----------
    shapes
        Geometries in the regions' CRS; missing ones lie nowhere.
    regions
        ``code``, ``level``, ``geometry`` (None where unknown).

    Returns
    -------
    numpy.ndarray
        Codes; on a border the first by code, `NOWHERE` where no polygon covers the point.
    """
    points = shapely.point_on_surface(shapes)
    places = np.full(len(shapes), NOWHERE, dtype=object)
    for level in LEVELS_UPWARDS:
        areas = regions[(regions["level"] == level) & regions.geometry.notna()].sort_values("code")
        shape, area = shapely.STRtree(areas.geometry.to_numpy()).query(points, predicate="intersects")
        found = pd.Series(area).groupby(shape).min()
        missing = found[places[found.index] == NOWHERE]
        places[missing.index] = areas["code"].to_numpy()[missing]
    return places


def sums_by_region(above: pd.DataFrame, places: ArrayLike, values: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
    """Return sums over everything that lies in a region or below it.

    Parameters
    ----------
    above
        What :func:`with_ancestors` gave.
    places
        Code of the region where each thing lies; things in unknown regions are not counted.
    values
        Whole numbers or metres by column, one value a thing, none missing.

    Returns
    -------
    pandas.DataFrame
        Index ``code`` (every region, sorted), the columns of `values`; zero where nothing lies.
    """
    things = pd.DataFrame({"place": np.asarray(places, dtype=object)}).assign(
        **{str(name): np.asarray(column) for name, column in values.items()}
    )
    by_place = things.groupby("place", as_index=False).sum()
    summed = by_place.merge(above, on="place").drop(columns="place").groupby("code").sum()
    return summed.reindex(sorted(set(above["code"])), fill_value=0)
