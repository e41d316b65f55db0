"""How far the cells of a raster lie beyond a walk: the field of one search, laid out once for every cut-off."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.contour import EDGE_M
from gis_service.reach.raster import CELL_M, TILE, Tiles
from gis_service.reach.search import Edges, Field, Sources, Spots, walks_to_spots

ACCESS_M = 50.0
"""Ground counts at most this far off the street [m]; buildings count as far off as they are snapped."""

TOLD_M = CELL_M
"""How far a cell lies beyond the cut-off is told up to one cell only: between two cells on different streets the
contour then runs half-way."""

# The walk off the street counts from here: nearer cells are those the street runs through, and the contour crosses the
# street exactly where the walk along it ends.
_ON_STREET_M = CELL_M / 2.0**0.5


class Window(NamedTuple):
    """A rectangle of cells: first row and column (counted from the tiles' corner), and how many of each."""

    row: int
    column: int
    rows: int
    columns: int


class Cells(NamedTuple):
    """Cells of a window that lie near a street: place in the window, gap, walk and owner.

    The walk [m] leads from the cell's centre over its nearest street (inf: to no facility); `gap_m` is how far off that
    street it lies.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    gap_m: NDArray[np.float64]
    field: Field


def whole(tiles: Tiles) -> Window:
    """Return the window of all cells of some tiles."""
    rows, columns = tiles.number.shape
    return Window(0, 0, rows * TILE, columns * TILE)


def window_over(tiles: Tiles, box: NDArray[np.float64], beyond_m: float) -> Window:
    """Return the window of the cells that come within some metres of a box (west, south, east, north) [m]."""
    rows, columns = (side * TILE for side in tiles.number.shape)
    south, north = (int((y - tiles.y) // CELL_M) for y in (box[1] - beyond_m, box[3] + beyond_m))
    west, east = (int((x - tiles.x) // CELL_M) for x in (box[0] - beyond_m, box[2] + beyond_m))
    row, column = min(max(south, 0), rows), min(max(west, 0), columns)
    return Window(row, column, max(min(north + 1, rows) - row, 0), max(min(east + 1, columns) - column, 0))


@njit(cache=True, nogil=True)
def cells_of(
    number: NDArray[np.int64], near: Spots, window: Window, edges: Edges, field: Field, targets: Sources
) -> Cells:
    """Return the cells of a window that lie near a street.

    Parameters
    ----------
    number, near
        Tiles held, and the nearest street of each of their cells.
    window
        Which cells.
    edges, field, targets
        Streets, the walks of their nodes, and the facilities these lead to.
    """
    first_row, first_column, rows, columns = window
    room = rows * columns
    row, column = np.empty(room, np.int64), np.empty(room, np.int64)
    edge, offset_m, gap_m = np.empty(room, np.int64), np.empty(room), np.empty(room)
    near_edge, near_m, near_gap_m = near
    count = 0
    for i in range(rows):
        r, y = (first_row + i) // TILE, (first_row + i) % TILE
        for k in range(columns):
            tile, x = number[r, (first_column + k) // TILE], (first_column + k) % TILE
            if tile < 0:
                continue
            street = near_edge[tile, y, x]
            if street < 0:
                continue
            row[count], column[count], edge[count] = i, k, street
            offset_m[count], gap_m[count] = near_m[tile, y, x], near_gap_m[tile, y, x]
            count += 1
    gap_m = gap_m[:count].copy()
    off_street_m = np.maximum(gap_m - _ON_STREET_M, 0.0)
    walks = walks_to_spots(Spots(edge[:count], offset_m[:count], off_street_m), edges, field, targets)
    return Cells(row[:count], column[:count], gap_m, walks)


class Layout(NamedTuple):
    """The cells of a window and one cell around it, for one cut-off.

    `excess_m` tells how far a cell lies beyond the cut-off or beyond `ACCESS_M` off the street [m], from -`TOLD_M`
    (within) to `TOLD_M`, never nearer to 0 than ``EDGE_M``. `late` are the cells near a street from where the walk is
    too long, `late_street` those of them that the street runs through.
    """

    excess_m: NDArray[np.float64]
    late: NDArray[np.bool_]
    late_street: NDArray[np.bool_]


@njit(cache=True, nogil=True)
def lay_out(cells: Cells, rows: int, columns: int, cutoff_m: float) -> Layout:
    """Return the cells of a window for one cut-off.

    Parameters
    ----------
    cells
        The cells near a street.
    rows, columns
        Size of the window.
    cutoff_m
        Longest walk [m], inclusive.
    """
    excess_m = np.full((rows + 2, columns + 2), TOLD_M)
    late, late_street = np.zeros(excess_m.shape, np.bool_), np.zeros(excess_m.shape, np.bool_)
    for i in range(len(cells.row)):
        row, column = cells.row[i] + 1, cells.column[i] + 1
        beyond_m, gap_m = cells.field.walk_m[i] - cutoff_m, cells.gap_m[i]
        value = min(max(beyond_m, gap_m - ACCESS_M, -TOLD_M), TOLD_M)
        excess_m[row, column] = -EDGE_M if abs(value) < EDGE_M else value
        late[row, column] = beyond_m > 0.0 and gap_m <= ACCESS_M
        late_street[row, column] = beyond_m > 0.0 and gap_m <= _ON_STREET_M
    return Layout(excess_m, late, late_street)


@njit(cache=True, nogil=True)
def inner_window(excess_m: NDArray[np.float64]) -> Window:
    """Return the least window that holds every cell within and a rim of one cell around them; empty: there is none."""
    rows, columns = excess_m.shape
    north, south, east, west = -1, rows, -1, columns
    for r in range(1, rows - 1):
        for c in range(1, columns - 1):
            if excess_m[r, c] < 0.0:
                north, south = max(north, r), min(south, r)
                east, west = max(east, c), min(west, c)
    if north < 0:
        return Window(0, 0, 0, 0)
    return Window(south - 1, west - 1, north - south + 3, east - west + 3)
