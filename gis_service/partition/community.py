"""What the partition of one community starts from."""

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis_service.plan.lineage import Past
from gis_service.plan.rules import Rules

MARGIN_M = 10.0
"""Barriers this far outside a community may still run along its border [m]."""


@dataclass(frozen=True)
class CommunityInput:
    """One community with everything that lies in it; all geometry in the city's metric CRS.

    Parameters
    ----------
    code, name
        Official code and name of the community.
    geometry
        Its extent, valid; coordinates rounded to ``geo.crs.RESOLUTION_M``.
    buildings
        The buildings frame, this community's rows only. They belong to it whatever their place.
    barriers, estates
        The barriers and estates frames; rows far away are ignored, so both may be those of the whole city.
    special
        The given grids of kind special: columns ``code``, ``name`` and ``geometry``; rows far away are ignored.
    rules
        The size rule in force.
    past
        What the community's grids have been called until now, but for the special ones given.
    """

    code: str
    name: str
    geometry: Polygon | MultiPolygon
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    special: gpd.GeoDataFrame
    rules: Rules
    past: Past = field(default_factory=Past)


def clip_to(frame: gpd.GeoDataFrame, geometry: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the rows of a frame that may concern a community.

    Parameters
    ----------
    frame
        Any frame in a metric CRS, of a whole city.
    geometry
        Extent of the community in the same CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        Rows whose envelope meets the one of the community, widened by `MARGIN_M` (inclusive), in the order of
        ``frame``; rows without a geometry are left out. The geometries are not cut.
    """
    left, bottom, right, top = shapely.bounds(geometry)
    around = shapely.box(left - MARGIN_M, bottom - MARGIN_M, right + MARGIN_M, top + MARGIN_M)
    return frame.iloc[np.sort(frame.sindex.query(around))].reset_index(drop=True)


def clipped(community: CommunityInput) -> CommunityInput:
    """Return a community without the rows of other parts of the city; the plan for it stays the same.

    Parameters
    ----------
    community
        The community, with barriers, estates and special grids of the whole city.

    Returns
    -------
    CommunityInput
        Barriers and special grids by `clip_to`; estates likewise, and those that the community's buildings name.
    """
    estates = community.estates
    near = clip_to(estates, community.geometry)["id"]
    named = community.buildings["estate_id"].dropna()
    return replace(
        community,
        barriers=clip_to(community.barriers, community.geometry),
        estates=estates[estates["id"].isin(near) | estates["id"].isin(named)].reset_index(drop=True),
        special=clip_to(community.special, community.geometry),
    )
