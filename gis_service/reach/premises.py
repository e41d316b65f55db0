"""Buildings on a map of circles: each lies wholly inside a circle or wholly outside, as its own walk says."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Spots
from gis_service.reach.snapping import Snaps, spots

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
        Straight line from where a building stands to the street; without length where there is no street.
    box
        West, south, east and north [m] of body and way together; shape (buildings, 4).
    tree
        Spatial index over the bodies.
    """

    spots: Spots
    body: NDArray[np.object_]
    way: NDArray[np.object_]
    box: NDArray[np.float64]
    tree: shapely.STRtree = field(repr=False, compare=False)


_NONE = np.empty(0, dtype=object)
NOBODY = Premises(
    Spots(np.empty(0, np.int64), np.empty(0), np.empty(0)), _NONE, _NONE, np.empty((0, 4)), shapely.STRtree(_NONE)
)
"""No buildings at all: circles then show the ground near streets only."""


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
    ends = origins_xy.copy()
    on = origins.edge >= 0
    street = shapely.line_interpolate_point(
        network.edge_geometry[origins.edge[on]], origins.fraction[on], normalized=True
    )
    ends[on] = shapely.get_coordinates(street)
    way: NDArray[np.object_] = np.asarray(shapely.linestrings(np.stack([origins_xy, ends], axis=1)), dtype=object)
    of_body, of_way = shapely.bounds(body), shapely.bounds(way)
    box = np.hstack([np.minimum(of_body[:, :2], of_way[:, :2]), np.maximum(of_body[:, 2:], of_way[:, 2:])])
    return Premises(spots(network, origins), body, way, box, shapely.STRtree(body))


def take_in(ground: shapely.MultiPolygon, premises: Premises, within: NDArray[np.int64]) -> shapely.MultiPolygon:
    """Return the ground of a circle with the footprints of the buildings within its cut-off and their ways.

    Parameters
    ----------
    ground
        A circle that holds most of them as it is.
    premises
        All buildings.
    within
        Those whose walk is within the cut-off.

    Returns
    -------
    shapely.MultiPolygon
        Valid; the same where it holds all of them already.
    """
    shapely.prepare(ground)
    there = shapely.contains(ground, premises.body[within]) & shapely.covers(ground, premises.way[within])
    if there.all():
        return ground
    missing = within[~there]
    ways = shapely.buffer(premises.way[missing], POINT_M, quad_segs=2)
    return _one(shapely.get_parts(shapely.union_all([ground, *premises.body[missing], *ways])))


def leave_out(ground: shapely.MultiPolygon, premises: Premises, within: NDArray[np.int64]) -> shapely.MultiPolygon:
    """Return the ground of a circle without the footprints of the buildings beyond its cut-off.

    Parameters
    ----------
    ground
        A circle that holds the buildings within.
    premises
        All buildings.
    within
        Those whose walk is within the cut-off.

    Returns
    -------
    shapely.MultiPolygon
        Valid. Where two footprints overlap the building within goes first. More ground and more buildings within never
        make it smaller.
    """
    others = np.setdiff1d(premises.tree.query(ground), within)
    shapely.prepare(ground)
    others = others[shapely.intersects(ground, premises.body[others])]
    if len(others) == 0:
        return ground
    away = premises.body[others]
    one, neighbour = premises.tree.query(away, predicate="intersects")
    crowded = np.zeros(len(others), np.bool_)
    crowded[one[others[one] != neighbour]] = True
    first = np.intersect1d(neighbour, within)
    # Only footprints that meet others have to be merged; the rest are disjoint as they are.
    merged = shapely.difference(shapely.union_all(away[crowded]), shapely.union_all(premises.body[first]))
    gone = _one([*shapely.get_parts(away[~crowded]), *shapely.get_parts(merged)])
    return _one(shapely.get_parts(shapely.difference(ground, gone)))


def _one(parts: Iterable[shapely.Polygon]) -> shapely.MultiPolygon:
    """Return polygons as one geometry; the constructor of MultiPolygon would take each apart."""
    whole = shapely.multipolygons(np.array(list(parts), dtype=object))
    assert isinstance(whole, shapely.MultiPolygon)  # noqa: S101 narrows shapely's type
    return whole
