"""Polygons of the cells of a raster that lie within, with calm outlines."""

from itertools import pairwise
from typing import Any, NamedTuple

import contourpy
import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

EDGE_M = 0.01
"""No cell may be nearer to the contour than this [m], or polygons would touch themselves there."""

_BLOCK = 1024

_HOW: dict[str, Any] = {
    "corner_mask": False,
    "line_type": contourpy.LineType.Separate,
    "fill_type": contourpy.FillType.OuterOffset,
    "quad_as_tri": False,
    "z_interp": contourpy.ZInterp.Linear,
}


def fill_blocks(
    excess_m: NDArray[np.float64], late: NDArray[np.bool_], *, max_cells: float, tiny_cells: float
) -> NDArray[np.float64]:
    """Return the excess with the insides of blocks counted as within.

    Parameters
    ----------
    excess_m
        How far each cell lies beyond [m]; negative: within. At least one cell; the outermost must lie beyond.
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
    return _filled(np.ascontiguousarray(excess_m), np.ascontiguousarray(late), max_cells, tiny_cells)


class _Holes(NamedTuple):
    """Number of the hole of each cell (0: none), and by number what it was joined to, its cells and any late one."""

    number: NDArray[np.int32]
    parent: NDArray[np.int32]
    size: NDArray[np.int64]
    late: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def _filled(
    excess_m: NDArray[np.float64], late: NDArray[np.bool_], max_cells: float, tiny_cells: float
) -> NDArray[np.float64]:
    """Return the excess with its small holes filled."""
    holes = _holes(excess_m, late)
    filled = excess_m.copy()
    outside = _root(holes.parent, holes.number[0, 0])
    inside = np.zeros(len(holes.parent), np.bool_)
    for number in range(1, len(inside)):
        root = _root(holes.parent, number)
        small = holes.size[root] <= tiny_cells or (holes.size[root] <= max_cells and not holes.late[root])
        inside[number] = small and root != outside
    for r in range(filled.shape[0]):
        for c in range(filled.shape[1]):
            if inside[holes.number[r, c]]:
                filled[r, c] = -EDGE_M
    return filled


@njit(cache=True, nogil=True)
def _holes(excess_m: NDArray[np.float64], late: NDArray[np.bool_]) -> _Holes:
    """Return the cells beyond that are connected by their sides, numbered row by row and joined where they meet."""
    rows, columns = excess_m.shape
    hole = np.zeros((rows, columns), np.int32)
    parent = np.zeros(rows * columns // 2 + 2, np.int32)
    size, has_late = np.zeros(len(parent), np.int64), np.zeros(len(parent), np.bool_)
    count = 0
    for r in range(rows):
        for c in range(columns):
            if excess_m[r, c] < 0.0:
                continue
            above = _root(parent, hole[r - 1, c]) if r > 0 else 0
            before = _root(parent, hole[r, c - 1]) if c > 0 else 0
            number, other = min(above, before), max(above, before)
            if other == 0:
                count += 1
                number = parent[count] = count
            elif number == 0:
                number = other
            elif number != other:
                parent[other] = number
                size[number] += size[other]
                has_late[number] |= has_late[other]
            hole[r, c] = number
            size[number] += 1
            has_late[number] |= late[r, c]
    return _Holes(hole, parent[: count + 1], size, has_late)


@njit(cache=True, nogil=True)
def _root(parent: NDArray[np.int32], number: int) -> int:
    """Return the number under which all that was joined is known."""
    while parent[number] != number:
        parent[number] = parent[parent[number]]
        number = parent[number]
    return number


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
    polygons: list[shapely.Polygon] = []
    for row in range(0, rows - 1, _BLOCK):
        for column in range(0, columns - 1, _BLOCK):
            # Blocks share one line of cell centres, along which their polygons are joined again.
            block = excess_m[row : row + _BLOCK + 1, column : column + _BLOCK + 1]
            x = west + (column + np.arange(block.shape[1]) + 0.5) * cell_m
            y = south + (row + np.arange(block.shape[0]) + 0.5) * cell_m
            # Without the checks of `contour_generator`, which take longer than the contour.
            field: list[Any] = [*np.meshgrid(x, y), block, np.ma.nomask]
            generator = contourpy.SerialContourGenerator(*field, **_HOW)
            polygons += [_polygon(*part) for part in zip(*generator.filled(-np.inf, 0.0), strict=True)]
    if max(rows, columns) <= _BLOCK + 1:
        return polygons
    return list(shapely.get_parts(shapely.union_all(polygons)))


def _polygon(points: NDArray[np.float64], offsets: NDArray[np.uint32]) -> shapely.Polygon:
    """Return a polygon of the points of its rings, the outer one first."""
    rings = [points[first:last] for first, last in pairwise(offsets)]
    return shapely.Polygon(rings[0], rings[1:])
