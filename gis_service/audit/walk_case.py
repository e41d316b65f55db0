"""A reach run laid out for checking: results beside buildings, facilities that count, places on the streets."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.walk_graph import Access, Streets, access_points, streets_of
from gis_service.audit.walk_rules import WalkRules, is_plain
from gis_service.plan.findings import Finding

TOLERANCE_M = 0.01
"""Walks computed twice from the same streets may differ by this [m]: rounding, and places equally near."""


@dataclass(frozen=True)
class WalkCase:
    """A reach run laid out for checking.

    Parameters
    ----------
    results
        Buildings that have a result, with it, sorted by id; ``counted_m`` is the level street [m] that takes as long as
        the walk, by its time.
    points
        Where each of them walks from: a representative point of the footprint.
    facilities
        Public facilities of the rules' kinds, sorted by id.
    streets
        The streets that count.
    origins, targets
        Where buildings and facilities enter the streets.
    speed_m_per_s
        Walking speed [m/s].
    """

    results: gpd.GeoDataFrame
    points: NDArray[np.object_]
    facilities: gpd.GeoDataFrame
    streets: Streets
    origins: Access
    targets: Access
    speed_m_per_s: float


def lay_out(
    nodes: gpd.GeoDataFrame,
    edges: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    reach_buildings: pd.DataFrame,
    *,
    rules: WalkRules,
) -> WalkCase:
    """Return the run laid out; results of unknown buildings are left out, of several for a building all stay.

    Parameters
    ----------
    nodes, edges, buildings, facilities, reach_buildings, rules
        What :func:`gis_service.audit.walks.audit_reach` was given.
    """
    results = buildings[["id", "geometry"]].merge(
        reach_buildings.drop(columns="geometry", errors="ignore"), on="id", how="inner"
    )
    results = results.sort_values("id", ignore_index=True)
    results["counted_m"] = results["walk_m"] if is_plain(rules) else results["walk_s"] * rules.speed_m_per_s
    counted = facilities[facilities["kind"].isin(rules.kinds) & facilities["public"]]
    counted = counted.sort_values("id", ignore_index=True)
    streets = streets_of(nodes, edges, rules)
    points = shapely.point_on_surface(results.geometry.to_numpy())
    return WalkCase(
        results=results,
        points=points,
        facilities=counted,
        streets=streets,
        origins=access_points(streets, points, rules.max_gap_m),
        targets=access_points(streets, counted.geometry.to_numpy(), rules.max_gap_m),
        speed_m_per_s=rules.speed_m_per_s,
    )


def fault(kind: str, building: str, zh: str, en: str) -> Finding:
    """Return a finding that a hard fact about a building's walk does not hold."""
    return Finding(kind, "fault", str(building), zh, en)
