"""Long land without buildings cut across where the borders of its neighbours meet it."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray
from gis_service.partition.absorption import width_m
from gis_service.partition.noding import Point
from gis_service.partition.straight_cuts import Cut, CutAcross, cut_where, cuts_between, points_of, rings_of

MOST_M = 150.0
"""No cut is longer [m, inclusive]: land wider than this is no strip beside others but a place of its own."""


def cut_across(polygons: GeometryArray, chosen: NDArray[np.bool_], least_m2: FloatArray) -> CutAcross:
    """Return a coverage in which chosen polygons are cut across.

    Parameters
    ----------
    polygons
        Polygons of a valid coverage, coordinates on the grid of ``geo.crs.RESOLUTION_M``.
    chosen
        Those that may be cut.
    least_m2
        How large their pieces are to be, about [m²].

    Returns
    -------
    CutAcross
        A valid coverage of the same land, but for the roundings of new vertices. Cuts begin where borders of others
        meet the outline of a polygon and go straight to the nearest place across, at most `MOST_M` away; where pieces
        would become too small the shortest cuts are kept, and none where pieces would not be a coverage. The widest
        land is cut first, and land beside it where those cuts end. Land nowhere so narrow stays as it is.
    """
    rows = np.flatnonzero(chosen)
    width = width_m(shapely.area(polygons), shapely.length(polygons))
    waiting = rows[np.argsort(-width[rows], kind="stable")].tolist()

    def find(row: int, polygon: shapely.Polygon, meeting: set[Point]) -> list[Cut]:
        rings = rings_of(polygon)
        starts = [number for number, point in enumerate(points_of(rings)) if point in meeting]
        return cuts_between(polygon, rings, starts, float(least_m2[row]), MOST_M)

    return cut_where(polygons, waiting, find)
