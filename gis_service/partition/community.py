"""What the partition of one community starts from."""

from dataclasses import dataclass

import geopandas as gpd
from shapely import MultiPolygon, Polygon

from gis_service.plan.rules import Rules


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
    """

    code: str
    name: str
    geometry: Polygon | MultiPolygon
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    special: gpd.GeoDataFrame
    rules: Rules
