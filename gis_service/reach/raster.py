"""A fine raster near streets: which edge is nearest to each cell, and where on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Spots
from gis_service.reach.street_grid import UNRANKED

CELL_M = 10.0
"""Side of a raster cell [m]."""
TILE = 32
"""Cells along a side of a tile; only tiles near streets are held."""
PAINTED_M = 60.0
"""The raster knows the nearest street of every cell whose centre is at most this far from it [m]."""

# Cell centres are shifted by irrational shares of a cell, so that none is exactly as near to two streets side by side
# that are drawn on round coordinates; the order of edges then cannot matter.
_SHIFT_X, _SHIFT_Y = 0.3819660112501051 * CELL_M, 0.7320508075688773 * CELL_M
_NO_TILE = -1


class Segments(NamedTuple):
    """Straight pieces of streets people are put on: ends a and b [m], and the walk from the first node to each [m].

    Of equally near edges the one of lowest `rank` counts, as in snapping, whatever their order.
    """

    edge: NDArray[np.int64]
    rank: NDArray[np.int32]
    ax: NDArray[np.float64]
    ay: NDArray[np.float64]
    bx: NDArray[np.float64]
    by: NDArray[np.float64]
    to_a_m: NDArray[np.float64]
    to_b_m: NDArray[np.float64]


class Tiles(NamedTuple):
    """Where tiles are held: the number of the tile at each place (-1: none), and the corner of place (0, 0) [m]."""

    number: NDArray[np.int64]
    x: float
    y: float

    def part(self, rows: slice, columns: slice) -> "Tiles":
        """Return a rectangle of places."""
        side = TILE * CELL_M
        return Tiles(self.number[rows, columns], self.x + columns.start * side, self.y + rows.start * side)


@dataclass(frozen=True)
class StreetRaster:
    """The nearest edge of every cell near streets.

    Parameters
    ----------
    tiles
        Where tiles are held. Cell (r, c) of the raster is cell (r % TILE, c % TILE) of the tile at place
        (r // TILE, c // TILE); its centre lies half a cell from its south-western corner.
    spots
        Nearest edge, offset and gap [m] of every cell; arrays of shape (tiles, TILE, TILE). Edge -1, offset nan and gap
        inf where no street is within `PAINTED_M`.
    """

    tiles: Tiles
    spots: Spots


def segments_of(network: WalkingNetwork) -> Segments:
    """Return the straight pieces of the edges that people are put on."""
    start, xy, along_m = network.drawn
    grid = network.street_grid
    a = np.flatnonzero(grid.line[1:] == grid.line[:-1])
    edge = grid.line[a].astype(np.int64)
    met = grid.rank[edge] != UNRANKED
    a, edge = a[met], edge[met]
    b, total_m, length_m = a + 1, along_m[start[edge + 1] - 1], network.edges.length_m[edge]
    to_a_m, to_b_m = (
        np.divide(along_m[i], total_m, out=np.zeros(len(a)), where=total_m > 0) * length_m for i in (a, b)
    )
    to_b_m[b == start[edge + 1] - 1] = length_m[b == start[edge + 1] - 1]
    return Segments(edge, grid.rank[edge], xy[a, 0], xy[a, 1], xy[b, 0], xy[b, 1], to_a_m, to_b_m)


def street_raster(segments: Segments, boxes: NDArray[np.float64]) -> StreetRaster:
    """Return the raster over some boxes.

    Parameters
    ----------
    segments
        All segments; any of them may be the nearest to a cell.
    boxes
        West, south, east and north [m] of what it has to hold; shape (k, 4).

    Returns
    -------
    StreetRaster
        Its cells lie on one lattice, the same for every choice of boxes.
    """
    tiles = _tiles_around(boxes)
    size = (int(tiles.number.max()) + 1, TILE, TILE)
    spots = Spots(np.full(size, -1, np.int64), np.full(size, np.nan), np.full(size, np.inf))
    _paint(tiles, segments, spots)
    return StreetRaster(tiles, spots)


def towns(tiles: Tiles) -> Iterator[Tiles]:
    """Yield the tiles of each town: groups that do not touch, so that empty land between them takes no memory."""
    group, count = ndimage.label(tiles.number >= 0, structure=np.ones((3, 3)))
    for number, (rows, columns) in enumerate(ndimage.find_objects(group, count), start=1):
        part = tiles.part(rows, columns)
        yield part._replace(number=np.where(group[rows, columns] == number, part.number, -1))


def _tiles_around(boxes: NDArray[np.float64]) -> Tiles:
    """Return the tiles that some boxes touch."""
    if len(boxes) == 0:
        return Tiles(np.full((1, 1), _NO_TILE, np.int64), _SHIFT_X, _SHIFT_Y)
    side = TILE * CELL_M
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    x = float(np.floor((west - _SHIFT_X) / side) * side + _SHIFT_X)
    y = float(np.floor((south - _SHIFT_Y) / side) * side + _SHIFT_Y)
    shape = int((north - y) // side) + 1, int((east - x) // side) + 1
    tiles = Tiles(np.full(shape, _NO_TILE, np.int64), x, y)
    _mark(tiles, boxes)
    held = tiles.number > _NO_TILE
    tiles.number[held] = np.arange(np.count_nonzero(held))
    return tiles


@njit(cache=True, nogil=True)
def _mark(tiles: Tiles, boxes: NDArray[np.float64]) -> None:
    """Mark the tiles that some boxes touch."""
    side = TILE * CELL_M
    for i in range(len(boxes)):
        west, south = int((boxes[i, 0] - tiles.x) // side), int((boxes[i, 1] - tiles.y) // side)
        east, north = int((boxes[i, 2] - tiles.x) // side), int((boxes[i, 3] - tiles.y) // side)
        tiles.number[south : north + 1, west : east + 1] = 0


@njit(cache=True, nogil=True)
def _paint(tiles: Tiles, segments: Segments, spots: Spots) -> None:
    """Write the nearest segment into every cell of the tiles held, in place."""
    number, x0, y0 = tiles
    edge, offset_m, gap_m2 = spots
    ranks = np.zeros(edge.shape, np.int32)
    limit_m2 = PAINTED_M * PAINTED_M
    # Centres are told from the lattice, not from the corner: to the last bit the same on every raster.
    lattice_row, lattice_column = round((y0 - _SHIFT_Y) / CELL_M), round((x0 - _SHIFT_X) / CELL_M)
    for i in range(len(segments.edge)):
        ax, ay, bx, by = segments.ax[i], segments.ay[i], segments.bx[i], segments.by[i]
        dx, dy, rank = bx - ax, by - ay, segments.rank[i]
        square = dx * dx + dy * dy
        per_square = 1.0 / square if square > 0.0 else 0.0
        to_a_m, to_b_m = segments.to_a_m[i], segments.to_b_m[i]
        first_row = max(int((min(ay, by) - PAINTED_M - y0) // CELL_M), 0)
        last_row = min(int((max(ay, by) + PAINTED_M - y0) // CELL_M), number.shape[0] * TILE - 1)
        for row in range(first_row, last_row + 1):
            y = _SHIFT_Y + (lattice_row + row + 0.5) * CELL_M
            beside_m = max(min(ay, by) - y, y - max(ay, by), 0.0)
            # A cell more than the circle around the ends, so that rounding cannot lose one.
            wide_m = np.sqrt(max(limit_m2 - beside_m * beside_m, 0.0)) + CELL_M
            first = max(int((min(ax, bx) - wide_m - x0) // CELL_M), 0)
            last = min(int((max(ax, bx) + wide_m - x0) // CELL_M), number.shape[1] * TILE - 1)
            r = row % TILE
            for column in range(first, last + 1):
                tile, c = number[row // TILE, column // TILE], column % TILE
                if tile < 0:
                    continue
                x = _SHIFT_X + (lattice_column + column + 0.5) * CELL_M
                along, known_m2 = (x - ax) * dx + (y - ay) * dy, gap_m2[tile, r, c]
                # Ends are taken as given, so that two segments that meet are exactly equally near to a cell beyond.
                if along <= 0.0:
                    away_m2 = (x - ax) * (x - ax) + (y - ay) * (y - ay)
                elif along >= square:
                    away_m2 = (x - bx) * (x - bx) + (y - by) * (y - by)
                else:
                    across = (x - ax) * dy - (y - ay) * dx
                    away_m2 = across * across * per_square
                if away_m2 > limit_m2 or away_m2 > known_m2 or (away_m2 == known_m2 and rank >= ranks[tile, r, c]):
                    continue
                gap_m2[tile, r, c], ranks[tile, r, c], edge[tile, r, c] = away_m2, rank, segments.edge[i]
                share = max(along * per_square, 0.0)
                offset_m[tile, r, c] = to_b_m if along >= square else to_a_m + share * (to_b_m - to_a_m)
    gap_m2[:] = np.sqrt(gap_m2)
