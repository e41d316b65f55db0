"""The cells of a raster that buildings and their ways to the street lie on or near."""

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.contour import EDGE_M
from gis_service.reach.premises import Premises
from gis_service.reach.raster import CELL_M, TILE, Tiles

MARGIN_M = 15.0
"""A circle is drawn about this far around the buildings and ways it holds [m]. More than the diagonal of a cell: then
the centres of the four cells around any point of them lie within, and the contour cannot cut them."""
FAR_M = CELL_M
"""How far beyond the margin cells still count [m]: the contour runs between a cell within and one beyond."""


class Imprint(NamedTuple):
    """Cells by building: those of building k are ``start[k]`` to ``start[k + 1]``.

    Rows and columns count from the corner of the tiles they were made for; ``excess_m`` tells how far [m] the cell's
    centre lies beyond the margin (negative: within it), at most `FAR_M`.
    """

    start: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    excess_m: NDArray[np.float64]


class _Outline(NamedTuple):
    """Straight pieces of rings and ways by building: those of k are ``start[k]`` to ``start[k + 1]``."""

    start: NDArray[np.int64]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    ring: NDArray[np.bool_]


def pressed_boxes(premises: Premises, some: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return west, south, east and north [m] of the cells that some buildings change; shape (k, 4)."""
    return premises.box[some] + (MARGIN_M + FAR_M) * np.array([-1.0, -1.0, 1.0, 1.0])


def imprint_of(premises: Premises, some: NDArray[np.int64], tiles: Tiles) -> Imprint:
    """Return the cells of some buildings; the others have none."""
    chosen = np.zeros(len(premises.box), np.bool_)
    chosen[some] = True
    return _print(_outline(premises), premises.box, chosen, tiles.x, tiles.y)


@njit(cache=True, nogil=True)
def press(
    excess_m: NDArray[np.float64],
    fixed: NDArray[np.bool_],
    number: NDArray[np.int64],
    corner: tuple[int, int],
    imprint: Imprint,
    some: NDArray[np.int64],
    first: tuple[int, int],
) -> None:
    """Lower the excess, in place, to that of some buildings.

    Parameters
    ----------
    excess_m
        Excess [m] of the cells of a window, with a rim of one cell.
    fixed
        Cells that keep their excess: streets run through them whose people come too late.
    number
        Numbers of tiles, -1 where none is held; cells of those keep their excess.
    corner
        Row and column of the window's first cell, counted from the corner of these tiles.
    imprint, some
        The cells of buildings, and the buildings that count.
    first
        Row and column of the window's first cell, counted as the imprint does.
    """
    rows, columns = excess_m.shape[0] - 2, excess_m.shape[1] - 2
    for k in some:
        for i in range(imprint.start[k], imprint.start[k + 1]):
            row, column = imprint.row[i] - first[0], imprint.column[i] - first[1]
            if not (0 <= row < rows and 0 <= column < columns):
                continue
            held = number[(corner[0] + row) // TILE, (corner[1] + column) // TILE] >= 0
            if held and not fixed[row + 1, column + 1]:
                value = min(excess_m[row + 1, column + 1], imprint.excess_m[i])
                excess_m[row + 1, column + 1] = -EDGE_M if abs(value) < EDGE_M else value


def first_cell(part: Tiles, tiles: Tiles) -> tuple[int, int]:
    """Return row and column, on all tiles, of the first cell of a part of them."""
    return round((part.y - tiles.y) / CELL_M), round((part.x - tiles.x) / CELL_M)


def _outline(premises: Premises) -> _Outline:
    """Return the outlines of all buildings."""
    rings, of_ring = shapely.get_rings(premises.body, return_index=True)
    lines = np.concatenate([rings, premises.way])
    building = np.concatenate([of_ring, np.arange(len(premises.way))])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(line[1:] == line[:-1])
    order = first[np.argsort(building[line[first]], kind="stable")]
    start = np.searchsorted(building[line[order]], np.arange(len(premises.way) + 1))
    return _Outline(start, xy[order], xy[order + 1], line[order] < len(rings))


@njit(cache=True, nogil=True)
def _print(outline: _Outline, box: NDArray[np.float64], chosen: NDArray[np.bool_], x0: float, y0: float) -> Imprint:
    """Return the cells of the buildings chosen."""
    around = MARGIN_M + FAR_M
    span = np.zeros((len(box), 4), np.int64)
    most = 0
    for k in range(len(box)):
        if chosen[k]:
            span[k, 0] = int((box[k, 0] - around - x0) // CELL_M)
            span[k, 1] = int((box[k, 1] - around - y0) // CELL_M)
            span[k, 2] = int((box[k, 2] + around - x0) // CELL_M) + 1
            span[k, 3] = int((box[k, 3] + around - y0) // CELL_M) + 1
            most += (span[k, 2] - span[k, 0]) * (span[k, 3] - span[k, 1])
    start = np.zeros(len(box) + 1, np.int64)
    row, column, excess_m = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most)
    count = 0
    for k in range(len(box)):
        for r in range(span[k, 1], span[k, 3]):
            for c in range(span[k, 0], span[k, 2]):
                x, y = x0 + (c + 0.5) * CELL_M, y0 + (r + 0.5) * CELL_M
                away_m = _distance(outline, k, x, y) - MARGIN_M
                if away_m < FAR_M:
                    row[count], column[count], excess_m[count] = r, c, max(away_m, -FAR_M)
                    count += 1
        start[k + 1] = count
    return Imprint(start, row[:count].copy(), column[:count].copy(), excess_m[:count].copy())


@njit(cache=True, nogil=True)
def _distance(outline: _Outline, k: int, x: float, y: float) -> float:
    """Return how far a place is from a building and its way [m]; 0 within its rings (even-odd rule)."""
    least = np.inf
    inside = False
    for i in range(outline.start[k], outline.start[k + 1]):
        ax, ay = outline.a[i]
        dx, dy = outline.b[i, 0] - ax, outline.b[i, 1] - ay
        px, py = x - ax, y - ay
        square = dx * dx + dy * dy
        share = min(max((px * dx + py * dy) / square, 0.0), 1.0) if square > 0.0 else 0.0
        ex, ey = px - share * dx, py - share * dy
        least = min(least, ex * ex + ey * ey)
        if outline.ring[i] and (py < 0.0) != (py < dy) and px < dx * py / dy:
            inside = not inside
    return 0.0 if inside else np.sqrt(least)
