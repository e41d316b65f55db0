"""Roads that run through buildings, where no border can follow them."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gis_service.geo.coverage import GeometryArray, pieces
from gis_service.partition.linework import ON_LINE_M

DEPTH_M = 10.0
"""A building that reaches farther than this beyond a road or wall on either side stops it [m, exclusive]."""
STANDING_SHARE = 0.25
"""So does one of which this share stands on the side with less of it [inclusive]."""


def beside_buildings(lines: GeometryArray, footprints: GeometryArray) -> GeometryArray:
    """Return lines without the stretches where they run through buildings and between the wings of these.

    Parameters
    ----------
    lines
        Roads and walls in metres.
    footprints
        Polygons and points.

    Returns
    -------
    array of geometry
        Where lines run through a footprint, as drives under upper floors do, and it stands on either side by
        `STANDING_SHARE` or farther than `DEPTH_M`, no border can follow them: they are left out inside its convex hull.
        A line of which nothing is left is left out itself.
    """
    footprint, line = shapely.STRtree(lines).query(footprints, predicate="crosses")
    cut = lines.copy()
    for row in np.unique(footprint):
        own = line[footprint == row]
        through = shapely.union_all(lines[own])
        parts = pieces(shapely.difference(footprints[row], shapely.buffer(through, ON_LINE_M)))
        if len(parts) > 1 and _stands_on_both_sides(parts, through):
            cut[own] = shapely.difference(cut[own], shapely.convex_hull(footprints[row]))
    left: GeometryArray = cut[~shapely.is_empty(cut)]
    return left


def _stands_on_both_sides(parts: GeometryArray, line: BaseGeometry) -> bool:
    """Tell whether more than a corner of a building stands beyond a line; ``parts`` of it are sorted by size."""
    reach_m = shapely.distance(shapely.points(shapely.get_coordinates(parts[1:])), line).max()
    area_m2 = shapely.area(parts)
    return bool(reach_m > DEPTH_M or area_m2[1:].sum() >= STANDING_SHARE * area_m2.sum())
