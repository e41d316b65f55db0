"""Grids that exist, laid over the units of a community: where a plan starts from."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray

NONE = -1
"""Start of units that no grid lies on."""


def in_canonical_order(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return grids that exist sorted by their code and then their outline, numbered anew from 0.

    A repair names grids by their row and takes the first among equals, so the rows have to be the same however a file
    lists them, also where grids have no code. However an outline is written down (where its rings begin, which part
    comes first) it is the same outline.

    Parameters
    ----------
    grids
        ``code`` (None: has none, these come last) and ``geometry``.
    """
    code = grids["code"].reset_index(drop=True)
    outline = shapely.to_wkb(shapely.normalize(grids.geometry.to_numpy()))
    keys = pd.DataFrame({"without": code.isna(), "code": code.fillna("").astype(str), "outline": outline})
    return grids.iloc[keys.sort_values([*keys]).index].reset_index(drop=True)


def grid_of_points(grids: gpd.GeoDataFrame, points: NDArray[np.object_]) -> IndexArray:
    """Return the row of the grid that holds each point, the first among several, `NONE` where none does."""
    point, row = shapely.STRtree(grids.geometry.to_numpy()).query(points, predicate="intersects")
    first = np.full(len(points), len(grids), np.int64)
    np.minimum.at(first, point, row)
    return np.where(first < len(grids), first, NONE)


def start_of(
    grids: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    group: IndexArray,
    points: NDArray[np.object_],
    households: NDArray[np.int64],
    unit: IndexArray,
) -> IndexArray:
    """Return the grid that each group of units belongs to today.

    Parameters
    ----------
    grids
        Grids that exist, of any plan or file, in the CRS of the units; they need not fit the units or each other.
    units
        The units frame of a community.
    group
        Group of each unit, from 0 without gaps: the units themselves, or estates that stay whole.
    points, households, unit
        A point, the households [count] and the unit of each building.

    Returns
    -------
    array of int64
        Row of ``grids`` for each group: the one that holds most of its households, and where nobody lives most of its
        land; the first row among equals (see :func:`in_canonical_order`), `NONE` where no grid lies on it.
    """
    count = int(group.max(initial=-1)) + 1
    polygons = grids.geometry.to_numpy()
    tree = shapely.STRtree(polygons)
    building, row = tree.query(points, predicate="intersects")
    people = np.zeros((count, len(grids)))
    np.add.at(people, (group[unit[building]], row), households[building])
    land_m2 = np.zeros((count, len(grids)))
    shapes = units.geometry.to_numpy()
    piece, over = tree.query(shapes, predicate="intersects")
    np.add.at(land_m2, (group[piece], over), shapely.area(shapely.intersection(shapes[piece], polygons[over])))
    if not len(grids):
        return np.full(count, NONE, np.int64)
    counted = np.where(people.any(axis=1, keepdims=True), people, land_m2)
    start: IndexArray = np.where(counted.any(axis=1), counted.argmax(axis=1), NONE).astype(np.int64)
    return start
