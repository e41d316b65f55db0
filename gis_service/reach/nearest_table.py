"""The k nearest facilities of every building, of any kind that counts and of each kind alone."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.reach.costs import walking_network
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import snap
from gis_service.reach.walks import k_walks


def nearest_table(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    rules: ReachRules,
    k: int,
) -> pd.DataFrame:
    """Return the k nearest facilities of every building, with walks as in :func:`gis_service.reach.check.check_reach`.

    Parameters
    ----------
    nodes, edges, buildings, facilities, rules
        As for `check_reach`.
    k
        How many, >= 1.

    Returns
    -------
    pandas.DataFrame
        ``id`` (of the building), ``kind`` (None: any of the kinds that count), ``rank`` (1: nearest), ``facility_id``,
        ``walk_m`` (length of the quickest walk), ``walk_s``; as many rows as there are facilities within reach, at
        most k. Sorted by id, kind (any first) and rank.
    """
    buildings = buildings.sort_values("id", ignore_index=True)
    chosen = facilities[facilities["kind"].isin(rules.kinds)].sort_values("id", ignore_index=True)
    network = walking_network(nodes, edges, rules)
    origins_xy = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy()))
    origins = snap(network, origins_xy, max_gap_m=rules.max_gap_m)
    targets = snap(network, shapely.get_coordinates(chosen.geometry.to_numpy()), max_gap_m=rules.max_gap_m)
    ids, kind_of = chosen["id"].to_numpy(object), chosen["kind"].to_numpy(object)
    parts = []
    for order, kind in enumerate((None, *sorted(set(rules.kinds)))):
        allowed = np.ones(len(ids), np.bool_) if kind is None else kind_of == kind
        walks = k_walks(network, origins, targets, k, allowed=allowed)
        building, rank = np.nonzero(walks.owner >= 0)
        found = pd.DataFrame({"building": building, "order": order, "rank": rank + 1})
        found["kind"] = pd.Series([kind] * len(found), dtype=object)
        found["facility_id"] = pd.Series(ids[walks.owner[building, rank]], dtype=object)
        found["walk_m"] = walks.length_m[building, rank]
        found["walk_s"] = walks.counted_m[building, rank] / rules.speed_m_per_s
        parts.append(found)
    table = pd.concat(parts, ignore_index=True).sort_values(["building", "order", "rank"], ignore_index=True)
    table["id"] = buildings["id"].to_numpy(object)[table["building"]]
    return table[["id", "kind", "rank", "facility_id", "walk_m", "walk_s"]]
