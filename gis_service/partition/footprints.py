"""Buildings that no border may separate, gathered into clusters."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from gis_service.geo.coverage import AREAL, FloatArray, GeometryArray, IndexArray, pieces

OVERLAP_M2 = 1e-4
"""Shapes overlap where they share more than this [m²]; walls that merely touch share rounding only."""
SAME_PLACE_M = 1.0
"""Buildings given as points this close together stay together [m, inclusive]; no line can be drawn between them."""


@dataclass(frozen=True)
class Clusters:
    """Buildings grouped so that borders may run between groups only.

    Parameters
    ----------
    member
        Cluster of every building; clusters are numbered by their first building.
    footprint
        Per cluster one Polygon, or one Point where no footprint is known.
    gap_m
        Distance of every cluster from the nearest other one [m]; infinite where there is none.
    """

    member: IndexArray
    footprint: GeometryArray
    gap_m: FloatArray


def gather_clusters(buildings: GeometryArray, community: BaseGeometry) -> Clusters:
    """Return the clusters of buildings.

    Parameters
    ----------
    buildings
        Polygon, MultiPolygon or Point of every building, in a metric CRS.
    community
        Polygon or MultiPolygon they belong to.

    Returns
    -------
    Clusters
        Together are: overlapping footprints, points in a footprint, points in one place. Footprints that share a wall
        but no area are apart: a border may run along the wall. A footprint of several parts counts as its convex hull,
        so that one unit can hold it. Where the border of the community cuts a footprint, the largest piece inside
        counts; a footprint wholly outside counts as it is.
    """
    outline = _inside(_connected(buildings), community)
    pairs = np.hstack((_overlapping(outline), _in_one_place(outline)))
    count = len(outline)
    graph = coo_array((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(count, count))
    group = connected_components(graph, directed=False)[1]
    _, first, member = np.unique(group, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    member = rank[member].astype(np.int64)
    footprint = np.empty(len(first), dtype=object)
    footprint[:] = [_joined(outline[members]) for members in _members(member, len(first))]
    return Clusters(member, footprint, _gaps(footprint))


def _overlapping(outline: GeometryArray) -> IndexArray:
    """Return (2, n) pairs of footprints that overlap and of points with the footprints they touch."""
    areal = shapely.get_dimensions(outline) == AREAL
    left, right = shapely.STRtree(outline).query(outline, predicate="intersects")
    once = areal[left] & (~areal[right] | (left < right))
    left, right = left[once], right[once]
    shared_m2 = shapely.area(shapely.intersection(outline[left], outline[right]))
    together = ~areal[right] | (shared_m2 > OVERLAP_M2)
    pairs: IndexArray = np.vstack((left[together], right[together]))
    return pairs


def _in_one_place(outline: GeometryArray) -> IndexArray:
    """Return (2, n) pairs of points in one place."""
    points = np.flatnonzero(shapely.get_dimensions(outline) == 0)
    left, right = shapely.STRtree(outline[points]).query(outline[points], predicate="dwithin", distance=SAME_PLACE_M)
    once = left < right
    pairs: IndexArray = np.vstack((points[left[once]], points[right[once]]))
    return pairs


def _connected(buildings: GeometryArray) -> GeometryArray:
    """Return one polygon or point per building: the convex hull where there are several parts."""
    hulls = np.where(shapely.get_num_geometries(buildings) > 1, shapely.convex_hull(buildings), buildings)
    connected: GeometryArray = shapely.get_geometry(hulls, 0)
    return connected


def _inside(outline: GeometryArray, community: BaseGeometry) -> GeometryArray:
    """Return the largest piece of every polygon inside the community; points and polygons outside as they are."""
    shapely.prepare(community)
    inside = outline.copy()
    for row in np.flatnonzero(~shapely.covers(community, outline)):
        parts = pieces(shapely.intersection(outline[row], community))
        if len(parts) > 0 and parts[0].area > OVERLAP_M2:
            inside[row] = parts[0]
    return inside


def _joined(outline: GeometryArray) -> BaseGeometry:
    """Return the union of the footprints; of points alone the first."""
    areal = outline[shapely.get_dimensions(outline) == AREAL]
    if len(areal) == 0:
        first: BaseGeometry = outline[0]
        return first
    return shapely.union_all(areal)


def _members(member: IndexArray, count: int) -> list[IndexArray]:
    """Return for each of ``count`` clusters the positions of its buildings."""
    order = np.argsort(member, kind="stable")
    bounds = np.searchsorted(member[order], np.arange(1, count))
    return np.split(order, bounds)[:count]


def _gaps(shapes: GeometryArray) -> FloatArray:
    """Return the distance of every shape from the nearest other one [m]; infinite where it stands alone."""
    gap_m: FloatArray = np.full(len(shapes), np.inf)
    found, distance_m = shapely.STRtree(shapes).query_nearest(
        shapes, exclusive=True, return_distance=True, all_matches=False
    )
    np.minimum.at(gap_m, found[0], distance_m)
    return gap_m
