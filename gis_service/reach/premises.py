"""Buildings on a map of circles: the point where each stands lies inside a circle or outside, as its own walk says."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.dots import BEYOND, WITHIN
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
    at_xy
        Where each building stands [m]; shape (k, 2).
    dot
        Disc of `DOT_M` around there.
    tree
        Spatial index over the dots.
    """

    spots: Spots
    body: NDArray[np.object_]
    at_xy: NDArray[np.float64]
    dot: NDArray[np.object_]
    tree: shapely.STRtree = field(repr=False, compare=False)


_NONE = np.empty(0, dtype=object)
NOBODY = Premises(
    Spots(np.empty(0, np.int64), np.empty(0), np.empty(0)), _NONE, np.empty((0, 2)), _NONE, shapely.STRtree(_NONE)
)
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
    at_xy = np.array(origins_xy, np.float64)
    return Premises(spots(network, origins), bodies(geometries), at_xy, dot, shapely.STRtree(dot))


def true_to(
    ground: shapely.MultiPolygon, premises: Premises, within: NDArray[np.int64], side: NDArray[np.int8]
) -> shapely.MultiPolygon:
    """Return the ground of a circle with the dots of the buildings within its cut-off, and without those of the others.

    Parameters
    ----------
    ground
        A circle that holds most of them as it is.
    premises
        All buildings.
    within
        Those whose walk is within the cut-off.
    side
        On which side of the outline the dot of each building lies, see `gis_service.reach.dots.sides_of`.

    Returns
    -------
    shapely.MultiPolygon
        Valid; the same where it is true to all of them already. Where two dots overlap the building within goes first.
        More ground and more buildings within never make it smaller.
    """
    beyond = side != BEYOND
    beyond[within] = False
    held = _take_in(ground, premises.dot[within[side[within] != WITHIN]])
    return _leave_out(held, premises, np.flatnonzero(beyond), within)


def _take_in(ground: shapely.MultiPolygon, dots: NDArray[np.object_]) -> shapely.MultiPolygon:
    """Return some ground with dots."""
    # For so few dots preparing the outline would cost more than it saves.
    missing = dots[~shapely.contains(ground, dots)]
    if len(missing) == 0:
        return ground
    # The outline is overlaid once, not with every dot.
    return _one(shapely.union(ground, shapely.union_all(missing)))


def _leave_out(
    ground: shapely.MultiPolygon, premises: Premises, others: NDArray[np.int64], within: NDArray[np.int64]
) -> shapely.MultiPolygon:
    """Return some ground without the dots of other buildings, as far as no dot of a building within overlaps them."""
    others = others[shapely.intersects(ground, premises.dot[others])]
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
