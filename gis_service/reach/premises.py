"""Buildings on a map of circles: the point where each stands lies inside a circle or outside, as its own walk says."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Spots
from gis_service.reach.snapping import Snaps, spots

POINT_M = 2.0
"""A building known as a point counts as a disc of this radius [m]."""
DOT_M = 0.5
"""Radius of the dot around the point where a building stands that a circle holds wholly or not at all [m]."""


@dataclass(frozen=True)
class Premises:
    """Buildings and where they stand.

    Parameters
    ----------
    spots
        Where each building meets the network; edge -1: nowhere.
    body
        Footprint of each building, see `bodies`.
    dot
        Disc of `DOT_M` around the point where each building stands.
    tree
        Spatial index over the dots.
    """

    spots: Spots
    body: NDArray[np.object_]
    dot: NDArray[np.object_]
    tree: shapely.STRtree = field(repr=False, compare=False)


_NONE = np.empty(0, dtype=object)
NOBODY = Premises(Spots(np.empty(0, np.int64), np.empty(0), np.empty(0)), _NONE, _NONE, shapely.STRtree(_NONE))
"""No buildings at all."""


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
    dot: NDArray[np.object_] = np.asarray(shapely.buffer(shapely.points(origins_xy), DOT_M, quad_segs=2), dtype=object)
    return Premises(spots(network, origins), bodies(geometries), dot, shapely.STRtree(dot))


def take_in(ground: shapely.MultiPolygon, premises: Premises, within: NDArray[np.int64]) -> shapely.MultiPolygon:
    """Return the ground of a circle with the dots of the buildings within its cut-off.

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
    missing = within[~shapely.contains(ground, premises.dot[within])]
    if len(missing) == 0:
        return ground
    # The outline is overlaid once, not with every dot.
    return _one(shapely.union(ground, shapely.union_all(premises.dot[missing])))


def leave_out(ground: shapely.MultiPolygon, premises: Premises, within: NDArray[np.int64]) -> shapely.MultiPolygon:
    """Return the ground of a circle without the dots of the buildings beyond its cut-off.

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
        Valid. Where two dots overlap the building within goes first. More ground and more buildings within never make
        it smaller.
    """
    beyond = np.ones(len(premises.dot), np.bool_)
    beyond[within] = False
    near = premises.tree.query(ground)
    shapely.prepare(ground)
    others = near[beyond[near]]
    others = np.sort(others[shapely.intersects(ground, premises.dot[others])])
    if len(others) == 0:
        return ground
    away = premises.dot[others]
    first = np.intersect1d(premises.tree.query(away, predicate="intersects")[1], within)
    gone = shapely.difference(shapely.union_all(away), shapely.union_all(premises.dot[first]))
    return _one(shapely.difference(ground, gone))


def _one(ground: shapely.Geometry) -> shapely.MultiPolygon:
    """Return what an overlay left as a MultiPolygon, as it is where it is one: the outline is long."""
    if isinstance(ground, shapely.MultiPolygon):
        return ground
    # The constructor of MultiPolygon would take the outline apart.
    whole = shapely.multipolygons(shapely.get_parts(ground))
    assert isinstance(whole, shapely.MultiPolygon)  # noqa: S101 narrows shapely's type
    return whole
