"""Zones that may lie upon each other, such as service circles, drawn with less detail for small scales."""

import numpy as np
import shapely

from gis_service.geo.coverage import Geometries, GeometryArray, IndexArray


def generalised(zones: Geometries, tolerance: float) -> GeometryArray:
    """Return each zone without what is smaller than a square of ``tolerance``, and its outline simplified.

    Pieces and holes of less area go; the largest piece of each zone stays whatever its size, so that none vanishes.

    Parameters
    ----------
    zones
        Polygons and MultiPolygons, each by itself.
    tolerance
        How far an outline may move, and the side of the square [units of the coordinates], above 0.

    Returns
    -------
    GeometryArray
        Polygons and MultiPolygons in the order given; an empty zone stays empty.
    """
    made = np.full(len(zones), shapely.MultiPolygon(), dtype=object)
    pieces, zone = shapely.get_parts(zones, return_index=True)
    pieces, zone = pieces[~shapely.is_empty(pieces)], zone[~shapely.is_empty(pieces)]
    rings, piece = shapely.get_rings(pieces, return_index=True)
    large = np.asarray(shapely.area(shapely.polygons(rings)) >= tolerance**2)
    outside = np.diff(piece, prepend=-1) > 0  # the first ring of each piece; the others are its holes
    kept = large[outside] | _largest(pieces, zone)
    drawn = kept[piece] & (large | outside)
    if kept.any():
        number = np.cumsum(kept) - 1
        whole: GeometryArray = np.asarray(shapely.polygons(rings[drawn], indices=number[piece[drawn]]))  # shell first
        shapely.multipolygons(whole, indices=zone[kept], out=made)
    simple: GeometryArray = shapely.simplify(made, tolerance)
    return simple


def _largest(pieces: GeometryArray, zone: IndexArray) -> GeometryArray:
    """Return which pieces are the largest of their zone, the first of equals."""
    order = np.lexsort((-shapely.area(pieces), zone))
    first = np.diff(zone[order], prepend=-1) > 0
    largest = np.zeros(len(pieces), dtype=bool)
    largest[order[first]] = True
    return largest
