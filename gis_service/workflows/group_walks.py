"""How long the elderly and children walk to the facilities that are theirs."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.audit.limits import GROUP_KINDS
from gis_service.reach.costs import walking_network
from gis_service.reach.rules import PACES, ReachRules
from gis_service.reach.snapping import snap
from gis_service.reach.times import nearest_facility

ELDERLY = "elderly"


def group_walks(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    rules: ReachRules,
) -> pd.DataFrame:
    """Return the seconds from every building to the nearest public facility of each group.

    Parameters
    ----------
    nodes, edges, buildings, facilities
        Frames of a city in one metric CRS.
    rules
        Of the reach run that stands beside it; only kinds and, for the elderly, the speed are others.

    Returns
    -------
    pandas.DataFrame
        ``id``, ``elderly_walk_s`` and ``children_walk_s`` (nan: no path, or no such facility), sorted by id.
    """
    ordered = buildings.sort_values("id", ignore_index=True)
    origins_xy = shapely.get_coordinates(shapely.point_on_surface(ordered.geometry.to_numpy()))
    network = walking_network(nodes, edges, rules)
    origins = snap(network, origins_xy, max_gap_m=rules.max_gap_m)
    waits = rules.crossing_s > 0 or rules.signal_s > 0  # what waits count in metres depends on the speed
    found = {"id": ordered["id"]}
    for group, kinds in GROUP_KINDS.items():
        speed = group_speed(group, rules)
        own = network if not waits else walking_network(nodes, edges, replace(rules, speed_m_per_s=speed))
        chosen = facilities[facilities["kind"].isin(kinds) & facilities["public"]].sort_values("id")
        if chosen.empty:
            found[f"{group}_walk_s"] = pd.Series(np.full(len(ordered), np.nan))
            continue
        targets = snap(own, shapely.get_coordinates(chosen.geometry.to_numpy()), max_gap_m=rules.max_gap_m)
        found[f"{group}_walk_s"] = pd.Series(nearest_facility(own, origins, targets)[1] / speed)
    return pd.DataFrame(found)


def group_speed(group: str, rules: ReachRules) -> float:
    """Return the walking speed of a group [m/s]: the elderly are never quicker than the pace of the elderly."""
    return min(PACES[ELDERLY], rules.speed_m_per_s) if group == ELDERLY else rules.speed_m_per_s
