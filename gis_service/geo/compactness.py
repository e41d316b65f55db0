"""How compact a shape is."""

import numpy as np
import shapely

from gis_service.geo.coverage import FloatArray, GeometryArray


def polsby_popper(polygons: GeometryArray) -> FloatArray:
    """Return the area of each polygon over that of the circle with the same perimeter, ``4 π A / P²``.

    Parameters
    ----------
    polygons
        Polygons or MultiPolygons in a metric CRS.

    Returns
    -------
    array of float
        0 (exclusive) to 1: 1 for a circle, 0.785 for a square; nan for a polygon without a perimeter.

    Notes
    -----
    D. D. Polsby and R. D. Popper, "The third criterion: compactness as a procedural safeguard against partisan
    gerrymandering", Yale Law & Policy Review 9 (1991).
    """
    perimeter_m = np.asarray(shapely.length(polygons), dtype=np.float64)
    circle_m2 = perimeter_m**2 / (4.0 * np.pi)
    area_m2 = np.asarray(shapely.area(polygons), dtype=np.float64)
    measure: FloatArray = np.divide(area_m2, circle_m2, out=np.full(len(area_m2), np.nan), where=circle_m2 > 0)
    return measure
