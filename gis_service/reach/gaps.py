"""Gaps: clusters of a city's buildings whose people live outside every service circle."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

DILATE, ERODE = 0.6, 0.2
"""Outline of a gap in units of ``within_m``: buildings swell until neighbours merge, then all shrinks a little."""


def gap_clusters(
    buildings: gpd.GeoDataFrame, reach_buildings: pd.DataFrame, *, within_m: float = 100.0
) -> gpd.GeoDataFrame:
    """Return the clusters of inhabited buildings that are not covered, the largest first.

    The population is that of :func:`gis_service.reach.coverage.coverage`: a building outside every community is in no
    gap. So the households of all gaps are the city's households less those covered, whether or not they have a path.

    Parameters
    ----------
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code`` (None: outside every community) and
        ``geometry`` in a metric CRS.
    reach_buildings
        Columns ``id``, ``walk_m`` [m] and ``covered``, one row per building.
    within_m
        Buildings at most this far apart [m], inclusive, belong to one cluster; a cluster is a chain of such buildings.

    Returns
    -------
    geopandas.GeoDataFrame
        ``rank`` (1: most households; equal ones from north to south, then west to east), ``buildings``, ``households``,
        ``residents`` [count] (``<NA>`` where one is unknown), ``nearest_walk_m`` [m] (shortest walk of its buildings,
        nan: none has a path) and ``geometry`` (MultiPolygon around its buildings).
    """
    counted = buildings[(buildings["households"] > 0) & buildings["community_code"].notna()]
    members = counted[["id", "households", "residents", "geometry"]].merge(
        reach_buildings[["id", "walk_m", "covered"]], on="id", validate="one_to_one"
    )
    members = members[~members["covered"]].sort_values("id", ignore_index=True)
    cluster = _clusters(members.geometry.to_numpy(), within_m)
    by_cluster = members.groupby(cluster)
    bounds = members.geometry.bounds
    unknown = members["residents"].isna().groupby(cluster).any()
    gaps = gpd.GeoDataFrame(
        {
            "buildings": by_cluster.size().to_numpy(np.int64),
            "households": by_cluster["households"].sum().to_numpy(np.int64),
            "residents": by_cluster["residents"].sum().where(~unknown).astype("Int64").array,
            "nearest_walk_m": by_cluster["walk_m"].min().to_numpy(np.float64),
        },
        geometry=_outlines(members.geometry.to_numpy(), cluster, within_m),
        crs=buildings.crs,
    )
    west, north = bounds["minx"].groupby(cluster).min(), bounds["maxy"].groupby(cluster).max()
    gaps = gaps.iloc[np.lexsort((west, -north, -gaps["households"]))].reset_index(drop=True)
    gaps.insert(0, "rank", np.arange(1, len(gaps) + 1, dtype=np.int64))
    return gaps


def _clusters(geometries: NDArray[np.object_], within_m: float) -> NDArray[np.int64]:
    """Return the cluster of each geometry."""
    count = len(geometries)
    if count == 0:
        return np.empty(0, np.int64)
    one, other = shapely.STRtree(geometries).query(geometries, predicate="dwithin", distance=within_m)
    near = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    _, label = connected_components(near, directed=False)
    return np.asarray(label, np.int64)


def _outlines(geometries: NDArray[np.object_], cluster: NDArray[np.int64], within_m: float) -> NDArray[np.object_]:
    """Return one outline per cluster, in the order of cluster numbers."""
    swollen = shapely.buffer(geometries, DILATE * within_m, quad_segs=8)
    order = np.argsort(cluster, kind="stable")
    parts = np.split(swollen[order], np.flatnonzero(np.diff(cluster[order])) + 1)
    unions = np.array([shapely.union_all(part) for part in parts if len(part)], dtype=object)
    outlines = shapely.simplify(shapely.buffer(unions, -ERODE * within_m, quad_segs=8), within_m / 100)
    return np.array([shapely.MultiPolygon(list(shapely.get_parts(outline))) for outline in outlines], dtype=object)
