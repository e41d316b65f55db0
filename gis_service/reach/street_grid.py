"""A spatial index over streets: which straight pieces cross each cell of a square grid, and the nearest to a point."""

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.search import Edges

CELL_M = 64.0
"""Side of a cell [m]; wider where the streets lie so far apart that the grid would have over `MOST_CELLS` cells."""
MOST_CELLS = 4_000_000
UNRANKED = np.iinfo(np.int32).max
"""Rank of a line that is not indexed: after all others."""


class Drawn(NamedTuple):
    """Vertices of lines: those of line ``i`` are ``start[i] … start[i + 1] - 1``, `along_m` from its beginning [m]."""

    start: NDArray[np.int64]
    xy: NDArray[np.float64]
    along_m: NDArray[np.float64]


class StreetGrid(NamedTuple):
    """The straight pieces of streets that touch each cell.

    Parameters
    ----------
    x, y, cell_m
        South-western corner and side of the cells [m].
    columns
        Cells in a row from west to east; cell numbers run along rows from the south.
    start, piece
        Pieces of cell ``i`` are ``piece[start[i]] … piece[start[i + 1] - 1]``; a piece is known by its first vertex.
    line
        Line of each vertex.
    rank
        Which of several equally near lines counts: the one of lowest rank; `UNRANKED`: the line is not indexed.
    """

    x: float
    y: float
    cell_m: float
    columns: int
    start: NDArray[np.int64]
    piece: NDArray[np.int32]
    line: NDArray[np.int32]
    rank: NDArray[np.int32]


def drawn_lines(lines: NDArray[np.object_]) -> Drawn:
    """Return the vertices of LineStrings."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    start = np.searchsorted(line, np.arange(len(lines) + 1))
    return Drawn(start, xy, _along(start, xy))


@njit(cache=True, nogil=True)
def _along(start: NDArray[np.int64], xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance of every vertex from the beginning of its line [m]."""
    along_m = np.zeros(len(xy))
    for line in range(len(start) - 1):
        for i in range(start[line] + 1, start[line + 1]):
            along_m[i] = along_m[i - 1] + np.hypot(xy[i, 0] - xy[i - 1, 0], xy[i, 1] - xy[i - 1, 1])
    return along_m


@njit(cache=True, nogil=True, inline="always")
def drawn_length(drawn: Drawn, line: int) -> float:
    """Return the length of a line on the map [m]."""
    return float(drawn.along_m[drawn.start[line + 1] - 1])


@njit(cache=True, nogil=True)
def places_on(drawn: Drawn, lines: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places on some lines [m], shape (k, 2).

    Parameters
    ----------
    drawn
        All lines.
    lines
        The line of each place.
    share
        Where on it, 0 … 1 of the metres along it.
    """
    places = np.empty((len(lines), 2))
    for k in range(len(lines)):
        first, last = drawn.start[lines[k]], drawn.start[lines[k] + 1] - 1
        at_m = share[k] * drawn.along_m[last]
        i = first + np.searchsorted(drawn.along_m[first + 1 : last], at_m)
        piece_m = drawn.along_m[i + 1] - drawn.along_m[i]
        part = min(max((at_m - drawn.along_m[i]) / piece_m, 0.0), 1.0) if piece_m > 0.0 else 0.0
        for axis in range(2):
            places[k, axis] = drawn.xy[i, axis] + part * (drawn.xy[i + 1, axis] - drawn.xy[i, axis])
    return places


def street_grid(drawn: Drawn, indexed: NDArray[np.int64], edges: Edges, lines: NDArray[np.object_]) -> StreetGrid:
    """Return the index of some lines.

    Parameters
    ----------
    drawn, lines
        All lines, as vertices and as geometries.
    indexed
        Numbers of the lines to be found. Of several drawn upon each other, in whichever direction, only one is: the
        shortest as a street, of equally long ones that which counts least.
    edges
        What every line is as a street: of equally near lines the shortest counts.
    """
    indexed = indexed[~_hidden(indexed, edges, lines)]
    return _gridded(drawn, indexed, _ranks(indexed, edges.length_m, lines))


def redrawn(grid: StreetGrid, drawn: Drawn) -> StreetGrid:
    """Return the index of the same lines with other vertices; of equally near ones the same goes first."""
    return _gridded(drawn, np.flatnonzero(grid.rank != UNRANKED), grid.rank)


def _gridded(drawn: Drawn, indexed: NDArray[np.int64], rank: NDArray[np.int32]) -> StreetGrid:
    """Return the index of some of all lines."""
    line = np.repeat(np.arange(len(rank), dtype=np.int32), np.diff(drawn.start))
    if len(indexed) == 0:
        return StreetGrid(0.0, 0.0, CELL_M, 0, np.zeros(1, np.int64), np.empty(0, np.int32), line, rank)
    on = rank[line] != UNRANKED
    (west, south), (east, north) = drawn.xy[on].min(axis=0), drawn.xy[on].max(axis=0)
    cell_m = max(CELL_M, float(np.sqrt((east - west) * (north - south) / MOST_CELLS)), (east - west) / MOST_CELLS)
    cell_m = max(cell_m, (north - south) / MOST_CELLS)
    columns, rows = int((east - west) / cell_m) + 1, int((north - south) / cell_m) + 1
    counted = np.zeros(columns * rows + 1, np.int64)
    nothing = np.empty(0, np.int32)
    _fill(drawn, indexed, (west, south, cell_m), (columns, rows), counted, nothing)
    start = np.cumsum(counted)
    piece = np.empty(int(start[-1]), np.int32)
    _fill(drawn, indexed, (west, south, cell_m), (columns, rows), start[:-1].copy(), piece)
    return StreetGrid(float(west), float(south), cell_m, columns, start, piece, line, rank)


def _hidden(indexed: NDArray[np.int64], edges: Edges, lines: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return whether each line is drawn upon one that goes before it: by length, what walking counts, and ends.

    Distances from two such lines differ by rounding at most, which must not decide on whose street somebody stands.
    """
    hidden = np.zeros(len(indexed), np.bool_)
    west, south, east, north = shapely.bounds(lines[indexed]).T
    # One number for every box: what differs in it cannot be the same drawing.
    mixed = west + 0.7320508 * south + 0.3819660 * east + 0.2360680 * north
    order = np.argsort(mixed)
    same = np.flatnonzero(mixed[order[1:]] == mixed[order[:-1]])
    place = np.unique(order[np.concatenate([same, same + 1])])
    alike = indexed[place]
    drawing = np.unique(shapely.to_wkb(shapely.normalize(lines[alike])), return_inverse=True)[1]
    turned = shapely.to_wkb(lines[alike]) > shapely.to_wkb(shapely.reverse(lines[alike]))
    u, v, length_m, to_u_m, to_v_m = (column[alike] for column in edges)
    forth_m, back_m = np.where(turned, to_u_m, to_v_m), np.where(turned, to_v_m, to_u_m)
    ends = np.where(turned, u, v), np.where(turned, v, u)
    first = np.lexsort((*ends, back_m, forth_m, forth_m + back_m, length_m, drawing))
    hidden[place[first[1:]]] = drawing[first[1:]] == drawing[first[:-1]]
    return hidden


def _ranks(indexed: NDArray[np.int64], length_m: NDArray[np.float64], lines: NDArray[np.object_]) -> NDArray[np.int32]:
    """Return the rank of each line: by length, those of equal length by geometry, never by row."""
    _, group, members = np.unique(length_m[indexed], return_inverse=True, return_counts=True)
    tied = np.flatnonzero(members[group] > 1)
    shape = np.zeros(len(indexed), np.int64)
    shape[tied] = np.unique(shapely.to_wkb(shapely.normalize(lines[indexed[tied]])), return_inverse=True)[1]
    rank = np.full(len(lines), UNRANKED, np.int32)
    rank[indexed[np.lexsort((shape, group))]] = np.arange(len(indexed))
    return rank


@njit(cache=True, nogil=True)
def _fill(
    drawn: Drawn,
    indexed: NDArray[np.int64],
    frame: tuple[float, float, float],
    shape: tuple[int, int],
    free: NDArray[np.int64],
    piece: NDArray[np.int32],
) -> None:
    """Count the pieces of each cell one place up in `free` (`piece` empty), or write them from the places in `free`."""
    west, south, cell_m = frame
    columns, rows = shape
    for line in indexed:
        first, last = drawn.start[line], drawn.start[line + 1] - 1
        for i in range(first, last):
            ax, ay = drawn.xy[i, 0] - west, drawn.xy[i, 1] - south
            bx, by = drawn.xy[i + 1, 0] - west, drawn.xy[i + 1, 1] - south
            if ay > by:
                ax, ay, bx, by = bx, by, ax, ay
            top = min(int(by / cell_m), rows - 1)
            for row in range(min(int(ay / cell_m), rows - 1), top + 1):
                # The part of the piece inside the row, a little wider than rounding can be wrong.
                low = ax if row * cell_m <= ay else ax + (row * cell_m - ay) / (by - ay) * (bx - ax)
                high = bx if (row + 1) * cell_m >= by else ax + ((row + 1) * cell_m - ay) / (by - ay) * (bx - ax)
                left, right = min(low, high) - 1e-6, max(low, high) + 1e-6
                for column in range(max(int(left / cell_m), 0), min(int(right / cell_m), columns - 1) + 1):
                    cell = row * columns + column
                    if len(piece):
                        piece[free[cell]] = i
                        free[cell] += 1
                    else:
                        free[cell + 1] += 1


@njit(cache=True, nogil=True)
def _square_distance(drawn: Drawn, i: int, x: float, y: float) -> tuple[float, float]:
    """Return the squared distance [m²] of a point from the piece that begins at vertex `i`, and where, 0 … 1."""
    ax, ay = drawn.xy[i, 0], drawn.xy[i, 1]
    dx, dy = drawn.xy[i + 1, 0] - ax, drawn.xy[i + 1, 1] - ay
    px, py = x - ax, y - ay
    square_m2 = dx * dx + dy * dy
    dot = px * dx + py * dy
    if dot <= 0.0 or square_m2 == 0.0:
        return px * px + py * py, 0.0
    if dot >= square_m2:
        qx, qy = x - drawn.xy[i + 1, 0], y - drawn.xy[i + 1, 1]
        return qx * qx + qy * qy, 1.0
    cross = px * dy - py * dx
    return cross * cross / square_m2, dot / square_m2


@njit(cache=True, nogil=True)
def nearest_piece(grid: StreetGrid, drawn: Drawn, x: float, y: float, most_m: float) -> tuple[int, float, float]:
    """Return the piece nearest to a point.

    Cells are searched in rings around the point until no nearer piece is possible.

    Parameters
    ----------
    grid, drawn
        The index and the vertices it was made of.
    x, y
        The point [m].
    most_m
        Longest distance [m], inclusive.

    Returns
    -------
    piece : int
        First vertex of the piece; -1: nothing within `most_m`. Of equally near pieces that of the line of lowest rank,
        then the first along the line.
    at : float
        Place on the piece, 0 … 1.
    square_m2 : float
        Squared distance [m²].
    """
    best = (-1, 0.0, most_m * most_m)
    rows = (len(grid.start) - 1) // max(grid.columns, 1)
    east, north = grid.x + grid.columns * grid.cell_m, grid.y + rows * grid.cell_m
    near = grid.x - most_m <= x <= east + most_m and grid.y - most_m <= y <= north + most_m
    if grid.columns == 0 or not near:
        return best
    column, row = int(np.floor((x - grid.x) / grid.cell_m)), int(np.floor((y - grid.y) / grid.cell_m))
    first = max(-column, column - grid.columns + 1, -row, row - rows + 1, 0)
    for ring in range(first, first + grid.columns + rows + 1):
        # Whatever lies in this ring or beyond is at least so far away.
        clear_m = max((ring - 1) * grid.cell_m, 0.0)
        if clear_m * clear_m > best[2]:
            break
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < grid.columns:
                    best = _nearest_in_cell(grid, drawn, r * grid.columns + c, x, y, best)
    return best


@njit(cache=True, nogil=True)
def _nearest_in_cell(
    grid: StreetGrid, drawn: Drawn, cell: int, x: float, y: float, best: tuple[int, float, float]
) -> tuple[int, float, float]:
    """Return the better of the best piece so far and those of a cell."""
    for k in range(grid.start[cell], grid.start[cell + 1]):
        i = int(grid.piece[k])
        square_m2, at = _square_distance(drawn, i, x, y)
        if square_m2 < best[2] or (square_m2 == best[2] and _goes_before(grid, i, best[0])):
            best = (i, at, square_m2)
    return best


@njit(cache=True, nogil=True)
def _goes_before(grid: StreetGrid, i: int, other: int) -> bool:
    """Return whether a piece counts rather than an equally near one (-1: none)."""
    if other < 0:
        return True
    rank, other_rank = grid.rank[grid.line[i]], grid.rank[grid.line[other]]
    return bool(rank < other_rank or (rank == other_rank and i < other))
