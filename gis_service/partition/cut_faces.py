"""Faces into which lines cut units whose borders keep every vertex they have."""

import numpy as np
import shapely

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray
from gis_service.geo.crs import RESOLUTION_M
from gis_service.partition.linework import ON_LINE_M, enclosed, noded

ROUNDED_M = 2 * RESOLUTION_M
"""Rounding leaves a crossing this near to the border it is on [m]."""
BESIDE_M = 10 * RESOLUTION_M
"""A vertex of a line this near to a border is put on it [m]."""


def faces_within(lines: GeometryArray, borders: FloatArray, area: shapely.Polygon) -> GeometryArray:
    """Return the faces into which lines cut an area whose borders keep their vertices and only get more.

    Parameters
    ----------
    lines
        Geometries in metres, of which only lines count. What passes within `ON_LINE_M` of a corner of the borders goes
        through that corner: a crossing beside it would be too near to it for the grid of coordinates.
    borders
        Both ends (n, 2, 2) of segments on the grid of ``geo.crs.RESOLUTION_M``; they meet at their ends only, and the
        outline of the area is among them.
    area
        Polygon in metres.

    Returns
    -------
    array of Polygon
        As of :func:`gis_service.partition.linework.faces_of`.

    Raises
    ------
    CoverageError
        The faces do not tile the area.

    Notes
    -----
    To node all borders anew would move what earlier rounding left nearer together than the grid, wherever that is. Here
    only the stretches of border beside the lines are noded with them, to find the points where they meet.
    """
    corners, segments = np.unique(borders.reshape(-1, 2), axis=0), _lines(borders)
    lines = _lines(_through_corners(_onto_borders(_segments(lines), segments), corners))
    met = np.unique(shapely.STRtree(segments).query(lines, predicate="dwithin", distance=ON_LINE_M)[1])
    beside = shapely.intersection(segments[met], shapely.buffer(shapely.union_all(lines), 2 * ON_LINE_M))
    pieces = _segments(noded(np.concatenate((lines, beside))))
    points, end = np.unique(pieces.reshape(-1, 2), axis=0, return_inverse=True)
    places, ends, tree = _points(points), end.reshape(-1, 2), shapely.STRtree(segments[met])
    on = np.zeros((len(points), len(met)), dtype=bool)
    on[tuple(tree.query(places, predicate="dwithin", distance=ROUNDED_M))] = True
    along = (on[ends[:, 0]] & on[ends[:, 1]]).any(axis=1)
    # Nothing meets where a stretch only ends; corners are on their borders already.
    known = shapely.STRtree(_points(corners)).query(places, predicate="intersects")[0]
    crossing = np.setdiff1d(ends[~along], known)
    at, border = tree.query_nearest(places[crossing], max_distance=ROUNDED_M)
    cut = _inserted(borders[met], points[crossing[at]], border)
    untouched = np.delete(borders, met, axis=0)
    return enclosed(_lines(np.concatenate((pieces[~along], cut, untouched))), area)


def _onto_borders(lines: FloatArray, borders: GeometryArray) -> FloatArray:
    """Return segments (n, 2, 2) whose ends lie on the borders that they come within `BESIDE_M` of."""
    xy = lines.reshape(-1, 2).copy()
    end, border = shapely.STRtree(borders).query_nearest(_points(xy), max_distance=BESIDE_M, all_matches=False)
    foot = shapely.line_interpolate_point(borders[border], shapely.line_locate_point(borders[border], _points(xy[end])))
    xy[end] = shapely.get_coordinates(foot)
    return xy.reshape(-1, 2, 2)


def _through_corners(lines: FloatArray, corners: FloatArray) -> FloatArray:
    """Return segments (n, 2, 2) cut and moved so that they go through every corner they pass within `ON_LINE_M` of."""
    xy, tree = lines.reshape(-1, 2).copy(), shapely.STRtree(_points(corners))
    end, corner = tree.query_nearest(_points(xy), max_distance=ON_LINE_M, all_matches=False)
    xy[end] = corners[corner]
    moved = xy.reshape(-1, 2, 2)
    moved = moved[(moved[:, 0] != moved[:, 1]).any(axis=1)]
    row, corner = tree.query(_lines(moved), predicate="dwithin", distance=ON_LINE_M)
    return _inserted(moved, corners[corner], row)


def _segments(lines: GeometryArray) -> FloatArray:
    """Return both ends (n, 2, 2) of every segment of what are lines among geometries."""
    parts = shapely.get_parts(shapely.get_parts(lines))
    xy, line = shapely.get_coordinates(parts[shapely.get_dimensions(parts) == 1], return_index=True)
    together = line[1:] == line[:-1]
    return np.stack((xy[:-1][together], xy[1:][together]), axis=1)


def _inserted(segments: FloatArray, points: FloatArray, row: IndexArray) -> FloatArray:
    """Return segments (n, 2, 2) cut at the points beside them; ``row`` is the segment of each point."""
    start, way = segments[:, 0], segments[:, 1] - segments[:, 0]
    share = ((points - start[row]) * way[row]).sum(axis=1) / (way[row] ** 2).sum(axis=1)
    between = (share > 0.0) & (share < 1.0)
    count = len(segments)
    xy = np.concatenate((start, points[between], segments[:, 1]))
    of = np.concatenate((np.arange(count), row[between], np.arange(count)))
    order = np.lexsort((*xy.T, np.concatenate((np.zeros(count), share[between], np.ones(count))), of))
    xy, of = xy[order], of[order]
    kept = (of[1:] == of[:-1]) & (xy[1:] != xy[:-1]).any(axis=1)
    return np.stack((xy[:-1][kept], xy[1:][kept]), axis=1)


def _lines(segments: FloatArray) -> GeometryArray:
    return np.asarray(shapely.linestrings(segments), dtype=object)


def _points(xy: FloatArray) -> GeometryArray:
    return np.asarray(shapely.points(xy), dtype=object)
