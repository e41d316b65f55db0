"""Gaps: clusters of a city's buildings whose people live outside every service circle."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.reach.premises import bodies

DILATE, ERODE = 0.6, 0.2
"""Outline of a gap in units of ``within_m``: buildings swell until neighbours merge, then all shrinks a little."""
MARGIN_M = 5.0
"""A gap is drawn at least this far around its buildings [m], unless a circle begins nearer."""


def gap_clusters(
    buildings: gpd.GeoDataFrame,
    reach_buildings: pd.DataFrame,
    circle: shapely.MultiPolygon,
    *,
    within_m: float = 100.0,
) -> gpd.GeoDataFrame:
    """Return the clusters of inhabited buildings that are not covered, the largest first.

    The population is that of :func:`gis_service.reach.coverage.coverage`: a building outside every community is in no
    gap. So the households of all gaps are the city's households less those covered, whether or not they have a path.

    Parameters
    ----------
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code`` (None: outside every community) and
        ``geometry`` in a metric CRS; ``elderly`` where it is known.
    reach_buildings
        Columns ``id``, ``walk_m`` [m] (nan: no path), ``covered`` and, where they are wanted of gaps, ``walk_s`` [s]
        and ``facility_id``; one row per building.
    circle
        Merged service circle: a gap ends where it begins, save for the footprints of the gap's own buildings.
    within_m
        Buildings at most this far apart [m], inclusive, belong to one cluster; a cluster is a chain of such buildings.

    Returns
    -------
    geopandas.GeoDataFrame
        ``rank`` (1: most people, that is residents where those of all gaps are known, else households; equal ones from
        north to south, then west to east), ``community_code`` (the community with most of these people; of equal ones
        the first by code), ``buildings``, ``households``, ``residents``, ``elderly`` [count] (``<NA>`` where one is
        unknown), ``nearest_walk_m``, ``mean_walk_m``, ``farthest_walk_m`` [m] (shortest walk of its buildings, mean of
        its households and longest; nan: none has a path), ``mean_walk_s`` [s] (mean of its households),
        ``households_no_path`` [count] (they are in none of these walks),
        ``facility_id`` (where the shortest walk leads; None: no path), ``centre_id`` (the building with most households
        in that community) and ``geometry`` (MultiPolygon around its buildings, whose footprints it holds).
    """
    members = gap_members(buildings, reach_buildings, within_m=within_m)
    table = gap_table(members)
    outlines = _outlines(members.geometry.to_numpy(), members["cluster"].to_numpy(np.int64), circle, within_m)
    return gpd.GeoDataFrame(
        table.drop(columns="cluster"), geometry=outlines[table["cluster"].to_numpy(np.int64)], crs=buildings.crs
    )


def gap_members(
    buildings: gpd.GeoDataFrame, reach_buildings: pd.DataFrame, *, within_m: float = 100.0
) -> gpd.GeoDataFrame:
    """Return the buildings that are in a gap, sorted by id, each with the number of its ``cluster``.

    Parameters
    ----------
    buildings, reach_buildings, within_m
        As for `gap_clusters`.
    """
    counted = buildings[(buildings["households"] > 0) & buildings["community_code"].notna()]
    people = counted.reindex(columns=["id", "community_code", "households", "residents", "elderly", "geometry"])
    reached = reach_buildings.reindex(columns=["id", "walk_m", "walk_s", "covered", "facility_id"])
    members = people.astype({"elderly": "Int64"}).merge(reached, on="id", validate="one_to_one")
    members = members[~members["covered"]].sort_values("id", ignore_index=True)
    return members.assign(cluster=_clusters(members.geometry.to_numpy(), within_m))


def gap_table(members: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the gaps that buildings form, see `gap_clusters`, without geometry; ``cluster`` tells which members.

    Parameters
    ----------
    members
        What `gap_members` returned.
    """
    cluster = members["cluster"].to_numpy(np.int64)
    by_cluster = members.groupby(cluster)
    bounds = members.geometry.bounds
    nearest = members.iloc[_first_of_each(cluster, members["walk_m"].to_numpy(np.float64))]
    measure = "households" if members["residents"].isna().any() else "residents"
    centre = members.iloc[_centre_of_each(cluster, members, measure)]
    gaps = pd.DataFrame(
        {
            "community_code": _text(centre["community_code"]),
            "buildings": by_cluster.size().to_numpy(np.int64),
            "households": by_cluster["households"].sum().to_numpy(np.int64),
            **{name: _known_sum(members[name], cluster) for name in ("residents", "elderly")},
            **_walks(members, cluster),
            "facility_id": _text(nearest["facility_id"]),
            "centre_id": _text(centre["id"]),
            "cluster": np.arange(by_cluster.ngroups),
        }
    )
    west, north = bounds["minx"].groupby(cluster).min(), bounds["maxy"].groupby(cluster).max()
    people_in = gaps[measure].to_numpy(np.int64)
    gaps = gaps.iloc[np.lexsort((west, -north, -gaps["households"], -people_in))].reset_index(drop=True)
    gaps.insert(0, "rank", np.arange(1, len(gaps) + 1, dtype=np.int64))
    return gaps


def _walks(members: gpd.GeoDataFrame, cluster: NDArray[np.int64]) -> dict[str, Any]:
    """Return the shortest, the mean and the longest walk of each cluster, and its households without one."""
    with_path = members["walk_m"].notna()
    walk_m = members["walk_m"].groupby(cluster)
    return {
        "nearest_walk_m": walk_m.min().to_numpy(np.float64),
        "mean_walk_m": _mean(members["walk_m"], members["households"], cluster),
        "farthest_walk_m": walk_m.max().to_numpy(np.float64),
        "mean_walk_s": _mean(members["walk_s"], members["households"], cluster),
        "households_no_path": members["households"].mask(with_path, 0).groupby(cluster).sum().astype("Int64").array,
    }


def _mean(values: "pd.Series[float]", weights: "pd.Series[int]", cluster: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weighted mean of each cluster over the values that are known; nan: none is."""
    whole = weights.where(values.notna(), 0).groupby(cluster).sum().to_numpy(np.float64)
    total = (values * weights).groupby(cluster).sum().to_numpy(np.float64)
    mean: NDArray[np.float64] = np.divide(total, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return mean


def _centre_of_each(cluster: NDArray[np.int64], members: gpd.GeoDataFrame, measure: str) -> NDArray[np.int64]:
    """Return the place, for each cluster, of the building with most households in the community with most people."""
    people = members.groupby([cluster, "community_code"])[measure].transform("sum").to_numpy(np.int64)
    code = pd.factorize(members["community_code"], sort=True)[0]
    order = np.lexsort((-members["households"].to_numpy(np.int64), code, -people, cluster))
    return _starts(cluster, order)


def _first_of_each(cluster: NDArray[np.int64], key: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the place with the lowest key of each cluster (nan last); of equal ones the first."""
    return _starts(cluster, np.lexsort((key, cluster)))


def _starts(cluster: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first place of each cluster in an order by cluster."""
    first: NDArray[np.int64] = order[np.append(True, np.diff(cluster[order]) != 0)[: len(order)]]
    return first


def _known_sum(counts: "pd.Series[int]", cluster: NDArray[np.int64]) -> pd.api.extensions.ExtensionArray:
    """Return the sum of each cluster; ``<NA>`` where one of its counts is unknown."""
    return counts.groupby(cluster).sum().where(~counts.isna().groupby(cluster).any()).astype("Int64").array


def _text(words: "pd.Series[str]") -> NDArray[np.object_]:
    """Return words as they stand in frames: None where there is none."""
    return words.astype(object).where(words.notna(), None).to_numpy(object)


def _clusters(geometries: NDArray[np.object_], within_m: float) -> NDArray[np.int64]:
    """Return the cluster of each geometry."""
    count = len(geometries)
    if count == 0:
        return np.empty(0, np.int64)
    one, other = shapely.STRtree(geometries).query(geometries, predicate="dwithin", distance=within_m)
    near = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(count, count))
    _, label = connected_components(near, directed=False)
    return np.asarray(label, np.int64)


def _outlines(
    geometries: NDArray[np.object_], cluster: NDArray[np.int64], circle: shapely.MultiPolygon, within_m: float
) -> NDArray[np.object_]:
    """Return one outline per cluster, in the order of cluster numbers."""
    shapely.prepare(circle)
    order = np.argsort(cluster, kind="stable")
    clusters = np.split(geometries[order], np.flatnonzero(np.diff(cluster[order])) + 1)
    return np.array([_outline(own, circle, within_m) for own in clusters if len(own)], dtype=object)


def _outline(own: NDArray[np.object_], circle: shapely.MultiPolygon, within_m: float) -> shapely.MultiPolygon:
    """Return the surroundings of a cluster's buildings up to the circle."""
    swollen = shapely.union_all(shapely.buffer(own, DILATE * within_m, quad_segs=8))
    outline = shapely.simplify(shapely.buffer(swollen, -ERODE * within_m, quad_segs=8), within_m / 100)
    parts = shapely.get_parts(outline)
    if shapely.intersects(circle, outline):
        body = bodies(own)
        # Thin remains beside the circle go, and what no longer touches a building of the gap.
        wide = shapely.buffer(shapely.buffer(shapely.difference(outline, circle), -MARGIN_M), MARGIN_M)
        near = shapely.difference(shapely.union_all([wide, *shapely.buffer(body, MARGIN_M, quad_segs=4)]), circle)
        parts = shapely.get_parts(shapely.union_all([near, *body]))
        parts = parts[shapely.intersects(parts, shapely.union_all(body))]
    return shapely.MultiPolygon(list(parts))
