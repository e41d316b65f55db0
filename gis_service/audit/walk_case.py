"""A reach run laid out for checking: results beside buildings, facilities that count, places on the streets."""

from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.walk_graph import Access, Streets, access_points, streets_of
from gis_service.plan.findings import Finding

TOLERANCE_M = 0.01
"""Walks computed twice from the same streets may differ by this [m]: rounding, and places equally near."""


class WalkRules(Protocol):
    """The parameters of a reach run that the checks need; `gis_service.reach.check.ReachRules` has them all."""

    @property
    def minutes(self) -> float:
        """Cut-off [min], inclusive."""

    @property
    def speed_m_per_s(self) -> float:
        """Walking speed [m/s]."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of facility that count."""

    @property
    def max_gap_m(self) -> float:
        """Longest straight line to a street [m]."""

    @property
    def min_component_m(self) -> float:
        """Shortest component of streets that counts [m]."""


@dataclass(frozen=True)
class WalkCase:
    """A reach run laid out for checking.

    Parameters
    ----------
    results
        Buildings that have a result, with it, sorted by id.
    points
        Where each of them walks from: a representative point of the footprint.
    facilities
        Public facilities of the rules' kinds, sorted by id.
    streets
        The streets that count.
    origins, targets
        Where buildings and facilities enter the streets.
    """

    results: gpd.GeoDataFrame
    points: NDArray[np.object_]
    facilities: gpd.GeoDataFrame
    streets: Streets
    origins: Access
    targets: Access


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
    counted = facilities[facilities["kind"].isin(rules.kinds) & facilities["public"]]
    counted = counted.sort_values("id", ignore_index=True)
    streets = streets_of(nodes, edges, rules.min_component_m)
    points = shapely.point_on_surface(results.geometry.to_numpy())
    return WalkCase(
        results=results,
        points=points,
        facilities=counted,
        streets=streets,
        origins=access_points(streets, points, rules.max_gap_m),
        targets=access_points(streets, counted.geometry.to_numpy(), rules.max_gap_m),
    )


def fault(kind: str, building: str, zh: str, en: str) -> Finding:
    """Return a finding that a hard fact about a building's walk does not hold."""
    return Finding(kind, "fault", str(building), zh, en)
