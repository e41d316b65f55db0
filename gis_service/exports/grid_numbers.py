"""Where the numbers of grids stand on a printed map, and how large: small neighbours do not cover each other."""

from dataclasses import dataclass
from unicodedata import east_asian_width

import geopandas as gpd
import shapely

LARGEST_POINTS, SMALLEST_POINTS = 10.0, 5.0
"""Sizes of type [pt]; smaller ones cannot be read."""
POINT_MM = 25.4 / 72
_TOLERANCE_M = 2.0


@dataclass(frozen=True)
class Number:
    """What is written into a grid.

    Parameters
    ----------
    text
        Its number or name.
    x, y
        The middle [m].
    points
        Size of type [pt].
    room
        What it covers, in the CRS of the grids.
    """

    text: str
    x: float
    y: float
    points: float
    room: shapely.Polygon


def placed_numbers(grids: gpd.GeoDataFrame, seen: shapely.Polygon, metres_per_mm: float) -> list[Number]:
    """Return what is written into each grid: in the largest circle in what is seen of it, as wide as that at most.

    Parameters
    ----------
    grids
        ``label`` and ``geometry`` in a metric CRS.
    seen
        What the map shows.
    metres_per_mm
        Land a millimetre of paper is [m/mm].
    """
    numbers = []
    for label, shape in zip(grids["label"], shapely.intersection(grids.geometry.to_numpy(), seen), strict=True):
        if shape.is_empty or shape.area <= 0:
            continue
        circle = shapely.maximum_inscribed_circle(shape, tolerance=_TOLERANCE_M)
        (x, y), *_ = shapely.get_coordinates(circle).tolist()
        text = str(label)
        wide = sum(1.0 if east_asian_width(sign) in "WFA" else 0.6 for sign in text) * POINT_MM * metres_per_mm
        points = min(LARGEST_POINTS, max(SMALLEST_POINTS, 2.0 * circle.length / max(wide, 1e-9)))
        half, high = wide * points / 2, POINT_MM * metres_per_mm * points / 2
        numbers.append(Number(text, x, y, points, shapely.box(x - half, y - high, x + half, y + high)))
    return numbers
