"""Buildings on a map of circles: each lies wholly inside a circle or wholly outside, as its own walk says."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Spots
from gis_service.reach.snapping import Snaps, spots

MARGIN_M = 12.0
"""A circle is drawn this far around the buildings it holds [m], so that those of one estate hang together."""
WAY_M = 6.0
"""A circle is drawn this far to either side of the way from a building to the street [m]."""
MAX_COURT_M2 = 1_000.0
"""Holes between buildings up to this area [m²] are filled."""
POINT_M = 2.0
"""A building known as a point counts as a disc of this radius [m]."""


@dataclass(frozen=True)
class Premises:
    """Buildings and their ways to the street.

    Parameters
    ----------
    spots
        Where each building meets the network; edge -1: nowhere.
    body
        Footprint of each building, see `bodies`.
    way
        Straight line from where a building stands to the street, or its body again where there is no street.
    extent
        Box around body and way, `MARGIN_M` wider.
    tree
        Spatial index over `extent`.
    """

    spots: Spots
    body: NDArray[np.object_]
    way: NDArray[np.object_]
    extent: NDArray[np.object_]
    tree: shapely.STRtree = field(repr=False, compare=False)


def bodies(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the ground [m] that buildings stand on: footprints as they are, points as discs of `POINT_M`."""
    body: NDArray[np.object_] = geometries.copy()
    flat = shapely.get_dimensions(geometries) < 2  # noqa: PLR2004 points
    body[flat] = shapely.buffer(geometries[flat], POINT_M, quad_segs=2)
    return body


def premises_of(
    network: WalkingNetwork, geometries: NDArray[np.object_], origins_xy: NDArray[np.float64], origins: Snaps
) -> Premises:
    """Return the premises of buildings.

    Parameters
    ----------
    network
        The walking network.
    geometries
        Polygon, MultiPolygon or Point [m] of each building, in the network's CRS.
    origins_xy
        Where each building stands [m], shape (k, 2).
    origins
        The same points, snapped.
    """
    body = bodies(geometries)
    way = body.copy()
    on = origins.edge >= 0
    street = shapely.line_interpolate_point(
        network.edge_geometry[origins.edge[on]], origins.fraction[on], normalized=True
    )
    way[on] = shapely.linestrings(np.stack([origins_xy[on], shapely.get_coordinates(street)], axis=1))
    west_south = np.minimum(shapely.bounds(body)[:, :2], shapely.bounds(way)[:, :2]) - MARGIN_M
    east_north = np.maximum(shapely.bounds(body)[:, 2:], shapely.bounds(way)[:, 2:]) + MARGIN_M
    extent: NDArray[np.object_] = np.asarray(shapely.box(*west_south.T, *east_north.T), dtype=object)
    return Premises(spots(network, origins), body, way, extent, shapely.STRtree(extent))


def settle(ground: shapely.MultiPolygon, premises: Premises, within: NDArray[np.int64]) -> shapely.MultiPolygon:
    """Return the ground of a circle with the buildings within and without the others.

    Parameters
    ----------
    ground
        What is within the cut-off, by its nearest street.
    premises
        All buildings.
    within
        Those whose walk is within the cut-off.

    Returns
    -------
    shapely.MultiPolygon
        Valid. Ground and footprints, ways and margins of the buildings within are in it, footprints of others are not;
        where two footprints overlap the building within goes first. More ground and more buildings within never make
        it smaller.
    """
    shapely.prepare(ground)
    # A building whose whole extent is in the ground adds nothing, and most are.
    added = within[~shapely.covers(ground, premises.extent[within])]
    around = shapely.buffer(premises.body[added], MARGIN_M, quad_segs=4)
    along = shapely.buffer(premises.way[added], WAY_M, quad_segs=4)
    whole = _without_courts(shapely.union_all([ground, *around, *along]) if len(added) else ground)
    others = np.setdiff1d(premises.tree.query(whole), within)
    shapely.prepare(whole)
    others = others[shapely.intersects(whole, premises.body[others])]
    if len(others):
        without = shapely.union_all(premises.body[others])
        shapely.prepare(without)
        overlapping = premises.body[within[shapely.intersects(without, premises.body[within])]]
        without = shapely.difference(without, shapely.union_all(overlapping))
        whole = shapely.MultiPolygon(list(shapely.get_parts(shapely.difference(whole, without))))
    return whole


def _without_courts(ground: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the ground with its small holes filled."""
    rings = [
        (part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > MAX_COURT_M2])
        for part in shapely.get_parts(ground)
    ]
    return shapely.MultiPolygon([shapely.Polygon(shell, holes) for shell, holes in rings])
