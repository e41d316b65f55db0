"""Polygons of the cells of a raster that lie within, with calm outlines."""

from itertools import pairwise

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

EDGE_M = 0.01
"""No cell may be nearer to the contour than this [m], or polygons would touch themselves there."""

_BLOCK = 1024


def fill_blocks(
    excess_m: NDArray[np.float64], late: NDArray[np.bool_], *, max_cells: float, tiny_cells: float
) -> NDArray[np.float64]:
    """Return the excess with the insides of blocks counted as within.

    Parameters
    ----------
    excess_m
        How far each cell lies beyond [m]; negative: within. The outermost cells must lie beyond.
    late
        Cells beyond because the walk is too long, not because no street is near.
    max_cells
        Largest hole without any late cell that is filled [cells].
    tiny_cells
        Largest hole that is filled whatever is in it [cells].

    Returns
    -------
    numpy.ndarray
        Filled holes are barely within. A longer cut-off has smaller holes and fewer late cells and so never loses
        ground.
    """
    hole, count = ndimage.label(excess_m > 0)
    size = np.bincount(hole.ravel(), minlength=count + 1)
    filled = size <= max_cells
    filled[hole[late]] = False
    filled |= size <= tiny_cells
    filled[[0, hole[0, 0]]] = False
    return np.where(filled[hole], -EDGE_M, excess_m)


def contour(excess_m: NDArray[np.float64], west: float, south: float, cell_m: float) -> list[shapely.Polygon]:
    """Return the polygons in which the excess is negative, by linear interpolation between cell centres.

    Parameters
    ----------
    excess_m
        Value at each cell centre, rows from south to north; no value in (-`EDGE_M`, `EDGE_M`). The outermost cells must
        lie beyond.
    west, south
        Corner of the raster [m].
    cell_m
        Side of a cell [m].

    Returns
    -------
    list of shapely.Polygon
        Valid, without common boundaries. Larger values at any cell give polygons inside these (marching squares).
    """
    rows, columns = excess_m.shape
    polygons = []
    for row in range(0, rows - 1, _BLOCK):
        for column in range(0, columns - 1, _BLOCK):
            # Blocks share one line of cell centres, along which their polygons are joined again.
            block = excess_m[row : row + _BLOCK + 1, column : column + _BLOCK + 1]
            x = west + (column + np.arange(block.shape[1]) + 0.5) * cell_m
            y = south + (row + np.arange(block.shape[0]) + 0.5) * cell_m
            generator = contourpy.contour_generator(x, y, block, fill_type=contourpy.FillType.OuterOffset)
            polygons += [_polygon(*part) for part in zip(*generator.filled(-np.inf, 0.0), strict=True)]
    if max(rows, columns) <= _BLOCK + 1:
        return polygons
    return list(shapely.get_parts(shapely.union_all(polygons)))


def _polygon(points: NDArray[np.float64], offsets: NDArray[np.uint32]) -> shapely.Polygon:
    """Return a polygon of the points of its rings, the outer one first."""
    rings = [points[first:last] for first, last in pairwise(offsets)]
    return shapely.Polygon(rings[0], rings[1:])
