"""A fine raster near streets: which edge is nearest to each cell, and where on it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Spots

CELL_M = 10.0
"""Side of a raster cell [m]."""
TILE = 32
"""Cells along a side of a tile; only tiles near streets are held."""
PAINTED_M = 70.0
"""The raster knows the nearest street of every cell whose centre is at most this far from it [m]."""

# Cell centres are shifted by irrational shares of a cell, so that none is exactly as near to two streets side by side
# that are drawn on round coordinates; the order of edges then cannot matter.
_SHIFT_X, _SHIFT_Y = 0.3819660112501051 * CELL_M, 0.7320508075688773 * CELL_M
_NO_TILE = -1


class Segments(NamedTuple):
    """Straight pieces of the snappable edges: ends a and b [m], and the walk from the edge's first node to each [m]."""

    edge: NDArray[np.int64]
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

    def touching(self, box: NDArray[np.float64]) -> "Tiles":
        """Return the places whose tiles come within `PAINTED_M` of a box (west, south, east, north) [m]."""
        side = TILE * CELL_M
        first_row, last_row = (int((y - self.y) // side) for y in (box[1] - PAINTED_M, box[3] + PAINTED_M))
        first_column, last_column = (int((x - self.x) // side) for x in (box[0] - PAINTED_M, box[2] + PAINTED_M))
        return self.part(
            slice(max(first_row, 0), min(last_row + 1, self.number.shape[0])),
            slice(max(first_column, 0), min(last_column + 1, self.number.shape[1])),
        )


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
    """Return the straight pieces of the network's snappable edges.

    They are ordered by the length of their edge, then by its place: where streets are drawn upon each other the shorter
    counts, as in snapping, whatever the order of edges.
    """
    lines = network.edge_geometry[network.snappable_edges]
    order = np.lexsort((*shapely.bounds(lines).T, network.edges.length_m[network.snappable_edges]))
    edges, lines = network.snappable_edges[order], lines[order]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    a = np.flatnonzero(line[1:] == line[:-1])
    drawn_m = _drawn_so_far(line, np.hypot(*np.diff(xy, axis=0).T))
    last = np.searchsorted(line, np.arange(len(lines)), side="right") - 1
    total_m = drawn_m[last]
    length_m = network.edges.length_m[edges]
    walk_per_drawn = np.divide(length_m, total_m, out=np.zeros(len(lines)), where=total_m > 0)
    walked_m = drawn_m * walk_per_drawn[line]
    walked_m[last] = length_m
    b = a + 1
    return Segments(edges[line[a]], xy[a, 0], xy[a, 1], xy[b, 0], xy[b, 1], walked_m[a], walked_m[b])


def street_raster(segments: Segments, near: NDArray[np.bool_], boxes: NDArray[np.float64]) -> StreetRaster:
    """Return the raster around some segments and over some boxes.

    Parameters
    ----------
    segments
        All segments; any of them may be the nearest to a cell.
    near
        The segments around which the raster is wanted.
    boxes
        West, south, east and north [m] of what else it has to hold; shape (k, 4).

    Returns
    -------
    StreetRaster
        Its cells lie on one lattice, the same for every choice of segments.
    """
    a = np.column_stack([segments.ax[near], segments.ay[near]])
    b = np.column_stack([segments.bx[near], segments.by[near]])
    around = np.hstack([np.minimum(a, b) - PAINTED_M, np.maximum(a, b) + PAINTED_M])
    tiles = _tiles_around(np.concatenate([around, boxes]))
    size = (int(tiles.number.max()) + 1, TILE, TILE)
    spots = Spots(np.full(size, -1, np.int64), np.full(size, np.nan), np.full(size, np.inf))
    _paint(tiles, segments, spots)
    return StreetRaster(tiles, spots)


@njit(cache=True, nogil=True)
def _drawn_so_far(line: NDArray[np.int64], step_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the metres drawn from the first point of its line to each point; sums never run over several lines."""
    drawn_m = np.zeros(len(line))
    for i in range(1, len(line)):
        if line[i] == line[i - 1]:
            drawn_m[i] = drawn_m[i - 1] + step_m[i - 1]
    return drawn_m


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
    rows, columns = tiles.number.shape
    nearest_m2 = np.full(spots.gap_m.shape, np.inf)
    for i in range(len(segments.edge)):
        ax, ay = segments.ax[i], segments.ay[i]
        dx, dy = segments.bx[i] - ax, segments.by[i] - ay
        square = dx * dx + dy * dy
        first_column = max(int((min(ax, ax + dx) - PAINTED_M - tiles.x) // CELL_M), 0)
        last_column = min(int((max(ax, ax + dx) + PAINTED_M - tiles.x) // CELL_M), columns * TILE - 1)
        first_row = max(int((min(ay, ay + dy) - PAINTED_M - tiles.y) // CELL_M), 0)
        last_row = min(int((max(ay, ay + dy) + PAINTED_M - tiles.y) // CELL_M), rows * TILE - 1)
        for row in range(first_row, last_row + 1):
            y = tiles.y + (row + 0.5) * CELL_M
            for column in range(first_column, last_column + 1):
                tile = tiles.number[row // TILE, column // TILE]
                if tile < 0:
                    continue
                x = tiles.x + (column + 0.5) * CELL_M
                share = 0.0
                if square > 0.0:
                    share = min(max(((x - ax) * dx + (y - ay) * dy) / square, 0.0), 1.0)
                # Ends are taken as given, so that two segments that meet are exactly equally near to a cell beyond.
                px = segments.bx[i] if share == 1.0 else ax + share * dx
                py = segments.by[i] if share == 1.0 else ay + share * dy
                gap_m2 = (x - px) * (x - px) + (y - py) * (y - py)
                if gap_m2 <= PAINTED_M * PAINTED_M and gap_m2 < nearest_m2[tile, row % TILE, column % TILE]:
                    walked_m = segments.to_a_m[i] + share * (segments.to_b_m[i] - segments.to_a_m[i])
                    spots.edge[tile, row % TILE, column % TILE] = segments.edge[i]
                    spots.offset_m[tile, row % TILE, column % TILE] = segments.to_b_m[i] if share == 1.0 else walked_m
                    nearest_m2[tile, row % TILE, column % TILE] = gap_m2
    spots.gap_m[:] = np.sqrt(nearest_m2)
