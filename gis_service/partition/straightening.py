"""Borders between units drawn straight within the free space between buildings; the units go on tiling the land."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import GeometryArray, IndexArray
from gis_service.geo.crs import round_coordinates
from gis_service.partition.border_network import NO_POLYGON, BorderNetwork, border_network, rebuilt
from gis_service.partition.contiguity import near
from gis_service.partition.linework import ON_LINE_M
from gis_service.partition.taut_strings import straighten

FREE_SHARE = 0.5
"""Share of its distance from the nearest border that a corner of a building keeps at least."""
FREE_M = 3.0
"""A border this far from a corner of a building is far enough, whatever it was before [m]."""
ON_WALL_M = 0.01
"""A vertex this close to a building lies on its wall and stays there [m]."""
_FORK = 3


def straightened(
    polygons: GeometryArray, standing: GeometryArray, home: IndexArray, fixed: GeometryArray, kin: IndexArray
) -> GeometryArray:
    """Return a coverage with straighter inner borders.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage, coordinates on the grid of ``geo.crs.RESOLUTION_M``.
    standing, home
        Footprints, and the polygon each lies in.
    fixed
        Lines that borders follow as they are.
    kin
        Group of every polygon, negative for none; polygons of one group that are neighbours stay so.

    Returns
    -------
    array of Polygon
        A valid coverage of the same land in the same order. Borders on the outside, along ``fixed`` and along walls
        stay; the others are drawn taut, see `gis_service.partition.taut_strings.straighten`.
    """
    network = border_network(polygons)
    corners, building = shapely.get_coordinates(standing, return_index=True)
    distance_m = shapely.distance(shapely.points(corners), shapely.boundary(polygons)[home[building]])
    held, slides = _held(network, standing, fixed)
    xy, heir = straighten(
        network.xy,
        network.start,
        network.target,
        network.left,
        held,
        slides,
        kin,
        corners,
        np.minimum(FREE_SHARE * distance_m, FREE_M),
    )
    moved = np.any(xy != network.xy, axis=1)
    xy[moved] = shapely.get_coordinates(round_coordinates(np.asarray(shapely.points(xy[moved]), dtype=object)))
    return rebuilt(network, xy, heir)


def _held(
    network: BorderNetwork, standing: GeometryArray, fixed: GeometryArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which vertices stay: those on the outside, on fixed lines and on walls; and which may slide on a line.

    Those are where one border meets a fixed line inside the coverage.
    """
    bound = network.left == NO_POLYGON
    outside = np.zeros(len(network.xy), dtype=bool)
    outside[network.source[bound]] = outside[network.target[bound]] = True
    inner = ~bound & (network.source < network.target)
    on_line = near(network.midpoints(inner), fixed, ON_LINE_M)
    ends = np.concatenate((network.source[inner][on_line], network.target[inner][on_line]))
    along = np.bincount(ends, minlength=len(network.xy))
    held = outside | (along > 0)
    free = np.flatnonzero(~held)
    held[free] = near(np.asarray(shapely.points(network.xy[free]), dtype=object), standing, ON_WALL_M)
    slides = ~outside & (along == 2) & (np.diff(network.start) == _FORK)  # noqa: PLR2004 the line goes on
    return held, slides
