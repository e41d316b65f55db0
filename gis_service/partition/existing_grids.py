"""Existing grids laid over the units: the grid each unit had, where a repair starts."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import group_sums


def labels_of_grids(
    units: gpd.GeoDataFrame, unit_buildings: pd.DataFrame, buildings: gpd.GeoDataFrame, grids: gpd.GeoDataFrame
) -> NDArray[np.int64]:
    """Return the row of the given grid that each unit belonged to.

    Parameters
    ----------
    units, unit_buildings
        The frames of those names, of one community.
    buildings
        Its buildings; only their ids, households and places count.
    grids
        Grids that exist, polygons in the same CRS as the units; they need not follow the units.

    Returns
    -------
    array of int64
        For each unit, the grid that holds most of its households, each building where its inner point lies; where it
        has none in any grid, the grid that covers most of its land; the first among equals; -1 where no grid does.
    """
    polygons, n, count = grids.geometry.to_numpy(), len(units), len(grids)
    if count == 0:
        return np.full(n, -1, np.int64)
    placed = unit_buildings.merge(
        buildings[["id", "households"]].assign(point=shapely.point_on_surface(buildings.geometry.to_numpy())),
        left_on="building_id",
        right_on="id",
    )
    building, grid = shapely.STRtree(polygons).query(placed["point"].to_numpy(), predicate="intersects")
    by_households = _sums(
        placed["unit"].to_numpy()[building], grid, placed["households"].to_numpy()[building], n, count
    )
    unit, grid = shapely.STRtree(polygons).query(units.geometry.to_numpy(), predicate="intersects")
    covered_m2 = shapely.area(shapely.intersection(units.geometry.to_numpy()[unit], polygons[grid]))
    by_area = _sums(unit, grid, covered_m2, n, count)
    share = np.where(by_households.sum(axis=1, keepdims=True) > 0.0, by_households, by_area)
    labels: NDArray[np.int64] = np.where(share.any(axis=1), share.argmax(axis=1), -1).astype(np.int64)
    return labels


def _sums(
    unit: NDArray[np.int64], grid: NDArray[np.int64], values: NDArray[np.float64], units: int, grids: int
) -> NDArray[np.float64]:
    """Return the sums by unit (rows) and grid (columns)."""
    return group_sums(unit * grids + grid, values, units * grids).reshape(units, grids)
