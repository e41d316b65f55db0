"""Cells: land shared out among what stands on it, so that borders run midway between buildings."""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import KDTree, Voronoi
from shapely.geometry.base import BaseGeometry

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray
from gis_service.partition.linework import clip

SPACING_M = (1.5, 5.0)
"""Least and greatest distance between the points that stand for an outline [m].

Where shapes stand close together points must be dense for a border between them to keep to the middle.
"""
SMOOTHING_M = (0.1, 6.0)
"""Least and greatest distance by which smoothing may move a border [m]; never more than to the nearest building."""
SMOOTHING_SHARE = 0.7
"""Share of the distance to the nearest building by which smoothing may move a border."""
SURROUNDING = 20.0
"""Distance of the auxiliary points around all sites, in extents of the sites."""


@dataclass(frozen=True)
class Sites:
    """Points that claim the land around them.

    Parameters
    ----------
    xy
        Coordinates (n, 2) [m], no two alike.
    label
        Whom each point stands for.
    """

    xy: FloatArray
    label: IndexArray

    def nearest(self, xy: FloatArray) -> IndexArray:
        """Return the label of the site nearest to every point."""
        found: IndexArray = self.label[KDTree(self.xy).query(xy)[1]]
        return found


def sites_of(shapes: GeometryArray, labels: IndexArray, spacing_m: FloatArray) -> Sites:
    """Return points along the outlines of shapes.

    Parameters
    ----------
    shapes
        Polygons or points in metres.
    labels
        One label a shape.
    spacing_m
        Greatest distance between the points along each outline [m].

    Returns
    -------
    Sites
        Corners and points between them; points that shapes of different labels share are left out.
    """
    xy, shape = shapely.get_coordinates(shapely.segmentize(shapes, spacing_m), return_index=True)
    return distinct_sites(xy, labels[shape])


def distinct_sites(xy: FloatArray, label: IndexArray) -> Sites:
    """Return the sites without repetition; a point of two labels stands for neither, unless nothing else is left."""
    order = np.lexsort((label, xy[:, 1], xy[:, 0]))
    xy, label = xy[order], label[order]
    new = np.ones(len(xy), dtype=bool)
    new[1:] = np.any(xy[1:] != xy[:-1], axis=1)
    place = np.cumsum(new) - 1
    common = np.zeros(int(new.sum()), dtype=bool)
    common[place[1:][~new[1:] & (label[1:] != label[:-1])]] = True
    kept = ~common if not common.all() else common
    return Sites(xy[new][kept], label[new][kept])


def join_sites(first: Sites, second: Sites) -> Sites:
    """Return all sites of both."""
    return distinct_sites(np.vstack((first.xy, second.xy)), np.concatenate((first.label, second.label)))


def borders_between(sites: Sites, area: BaseGeometry) -> GeometryArray:
    """Return the smoothed borders between the cells of different labels.

    Parameters
    ----------
    sites
        Points that claim the land nearest to them, of two labels or more.
    area
        Polygon or MultiPolygon to which the borders are clipped, with a small overshoot.

    Returns
    -------
    array of LineString or MultiLineString
        Parts of the Voronoi diagram of the sites, each simplified between the points where three labels meet.
    """
    centre = sites.xy.mean(axis=0)
    extent_m = float(np.ptp(sites.xy, axis=0).max())
    around = SURROUNDING * extent_m * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]])
    diagram = Voronoi(np.vstack((sites.xy - centre, around)))
    label = np.concatenate((sites.label, np.full(len(around), -1)))
    pair = label[diagram.ridge_points]
    wanted = np.flatnonzero((pair[:, 0] != pair[:, 1]) & (pair.min(axis=1) >= 0))
    ends = np.array([diagram.ridge_vertices[ridge] for ridge in wanted], dtype=np.int64).reshape(-1, 2)
    segments = shapely.linestrings(diagram.vertices[ends] + centre)
    arcs = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments)))
    return clip(_smoothed(arcs, sites), area)


def _smoothed(arcs: GeometryArray, sites: Sites) -> GeometryArray:
    """Return the arcs without saw teeth; end points stay, and no arc is moved onto a site."""
    xy, arc = shapely.get_coordinates(arcs, return_index=True)
    clearance_m = np.full(len(arcs), np.inf)
    np.minimum.at(clearance_m, arc, KDTree(sites.xy).query(xy)[0])
    smooth: GeometryArray = shapely.simplify(arcs, np.clip(SMOOTHING_SHARE * clearance_m, *SMOOTHING_M))
    return smooth
