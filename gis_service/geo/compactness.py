"""Compactness: how close the shape of a polygon is to a circle."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import Geometries


def polsby_popper(polygons: Geometries) -> NDArray[np.float64]:
    """Return the Polsby-Popper score of every polygon.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons in a metric CRS.

    Returns
    -------
    array of float
        4πA/P² in [0, 1]: 1 for a circle, 0.785 for a square, nan for an empty polygon. Holes count in both the area and
        the perimeter.

    References
    ----------
    Polsby, D. D. and Popper, R. D. (1991). The third criterion: compactness as a procedural safeguard against partisan
    gerrymandering. Yale Law & Policy Review 9, 301-353.
    """
    geometries = np.asarray(polygons, dtype=object)
    perimeter_m = shapely.length(geometries)
    score: NDArray[np.float64] = np.full(geometries.shape, np.nan)
    np.divide(4 * np.pi * shapely.area(geometries), perimeter_m**2, out=score, where=perimeter_m > 0)
    return score
