"""Straight pieces of streets that may be nearest to some ground, and the walks of a search from their ends."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.nearness import ROUNDING_M, corner_distances, may_be_nearest
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Edges, Field, Sources
from gis_service.reach.street_grid import Drawn, StreetGrid

OWN, ALL = 0, 4
"""First column of the walks of a search's own facility and of all facilities in `Pieces.walk_m`."""
ASIDE, SLANT = 6, 7
"""Columns of `Pieces.walk_m`."""
CLOSED_M = 1e18
"""What walking a piece counts that is closed that way [m]: none of it is still nothing."""
_VISITS, BEFORE, LAID = range(3)


class Streets(NamedTuple):
    """Streets as the ground sees them; a straight piece is known by its first vertex.

    Parameters
    ----------
    grid
        The spatial index of the streets.
    drawn
        Their vertices.
    edges
        Their walking lengths.
    has_stop
        Whether a facility stands on each street.
    max_gap_m
        Longest straight line from a place to its nearest street [m], inclusive.
    """

    grid: StreetGrid
    drawn: Drawn
    edges: Edges
    has_stop: NDArray[np.bool_]
    max_gap_m: float


class Pieces(NamedTuple):
    """Straight pieces of streets between facilities, which stand at ends only.

    Parameters
    ----------
    line
        First end (x, y), way to the last (x, y) [m], and one over the square of its length [1/m²] (0: it has none);
        shape (n, 5).
    walk_m
        Walks [m] from the first end and from the last to a search's own facility, what walking the whole piece towards
        the first and towards the last counts [m] (`CLOSED_M`: closed), and walks from both ends to the nearest of all;
        then, for ground in a square, how much a walk along the piece (`ASIDE`) and one along and off it (`SLANT`) may
        grow from its middle, for every metre of half a side; shape (n, 8).
    turn
        Of equally near pieces the one of the lowest turn counts; equal turns are parts of one piece, which count in
        their order.
    """

    line: NDArray[np.float64]
    walk_m: NDArray[np.float64]
    turn: NDArray[np.int64]


class Scratch(NamedTuple):
    """Room to work in.

    Parameters
    ----------
    counters
        Places visited, and pieces laid out in surveys before this one and in this one.
    met
        The last place from which each piece of a street was met.
    piece, off_x, off_y
        Pieces of streets near a place, and the ways to it from where they are nearest [m].
    first
        How many pieces had been laid out in all surveys when each piece of a street was, last.
    pieces, near
        The pieces laid out, and those near a place.
    """

    counters: NDArray[np.int64]
    met: NDArray[np.int64]
    piece: NDArray[np.int64]
    off_x: NDArray[np.float64]
    off_y: NDArray[np.float64]
    first: NDArray[np.int64]
    pieces: Pieces
    near: NDArray[np.int64]


class Walks(NamedTuple):
    """A search: the walks of the nodes, and the facilities these lead to."""

    field: Field
    targets: Sources


def streets_of(network: WalkingNetwork, targets: Sources, max_gap_m: float) -> Streets:
    """Return the streets of a network with all facilities; no place is farther than `max_gap_m` [m] off its street."""
    has_stop = np.zeros(len(network.edges.u), np.bool_)
    has_stop[targets.edge] = True
    drawn, grid = network.thin
    return Streets(grid, drawn, network.edges, has_stop, max_gap_m)


def scratch_for(streets: Streets, targets: Sources) -> Scratch:
    """Return room to survey the ground around streets on which some facilities stand."""
    vertices = len(streets.drawn.xy)
    # Every facility cuts a piece in two; what is not used is never written, and takes no memory.
    room = vertices + len(targets.edge)
    return Scratch(
        counters=np.zeros(3, np.int64),
        met=np.zeros(vertices, np.int64),
        piece=np.empty(vertices, np.int64),
        off_x=np.empty(vertices),
        off_y=np.empty(vertices),
        first=np.full(vertices, -1, np.int64),
        pieces=Pieces(np.empty((room, 5)), np.empty((room, 8)), np.empty(room, np.int64)),
        near=np.empty(room, np.int64),
    )


@njit(cache=True, nogil=True)
def begin_survey(scratch: Scratch) -> None:
    """Forget the pieces laid out, in place."""
    scratch.counters[BEFORE] += scratch.counters[LAID]
    scratch.counters[LAID] = 0


@njit(cache=True, nogil=True)
def gather(streets: Streets, scratch: Scratch, x: float, y: float, half_m: float) -> int:
    """Write the pieces that may be nearest to any ground of a square to the scratch, and return how many.

    Parameters
    ----------
    streets, scratch
        Streets and room for them.
    x, y, half_m
        The middle of the square, and half a side of it [m].
    """
    grid, xy, (_, met, piece, off_x, off_y, _, _, _) = streets.grid, streets.drawn.xy, scratch
    start, listed, cell_m, columns, grid_x, grid_y = grid.start, grid.piece, grid.cell_m, grid.columns, grid.x, grid.y
    if columns == 0:
        return 0
    scratch.counters[_VISITS] += 1
    now, radius_m = scratch.counters[_VISITS], half_m * 2.0**0.5
    rows, found, nearest, nearest_m2 = (len(start) - 1) // columns, 0, -1, (streets.max_gap_m + radius_m) ** 2
    column, row = int(np.floor((x - grid_x) / cell_m)), int(np.floor((y - grid_y) / cell_m))
    first = max(-column, column - columns + 1, -row, row - rows + 1, 0)
    for ring in range(first, first + columns + rows + 1):
        # No ground of the square is farther from a street.
        most_m = nearest_m2**0.5 + radius_m + ROUNDING_M
        # Whatever lies in this ring or beyond is at least so far away.
        if (ring - 1) * cell_m - half_m > most_m:
            break
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            south = grid_y + r * cell_m - y
            aside_m = max(south - half_m, -south - cell_m - half_m, 0.0)
            for c in range(column - ring, column + ring + 1, step):
                west = grid_x + c * cell_m - x
                ahead_m = max(west - half_m, -west - cell_m - half_m, 0.0)
                if not 0 <= c < columns or ahead_m * ahead_m + aside_m * aside_m > most_m * most_m:
                    continue
                cell = r * columns + c
                for k in range(start[cell], start[cell + 1]):
                    i = listed[k]
                    if met[i] == now:
                        continue
                    met[i] = now
                    dx, dy, px, py = xy[i + 1, 0] - xy[i, 0], xy[i + 1, 1] - xy[i, 1], x - xy[i, 0], y - xy[i, 1]
                    whole_m2 = dx * dx + dy * dy
                    share = min(max((px * dx + py * dy) / whole_m2, 0.0), 1.0) if whole_m2 > 0.0 else 0.0
                    px, py = px - share * dx, py - share * dy
                    piece[found], off_x[found], off_y[found] = i, px, py
                    found += 1
                    if px * px + py * py < nearest_m2:
                        nearest, nearest_m2 = i, px * px + py * py
    return _sift(xy, scratch, found, nearest, x, y, half_m) if nearest >= 0 else 0


@njit(cache=True, nogil=True, inline="always")
def _sift(
    xy: NDArray[np.float64], scratch: Scratch, found: int, nearest: int, x: float, y: float, half_m: float
) -> int:
    """Keep those pieces found that may be nearer to any ground of a square than that nearest to its middle."""
    _, _, piece, off_x, off_y, _, _, _ = scratch
    dx, dy = xy[nearest + 1, 0] - xy[nearest, 0], xy[nearest + 1, 1] - xy[nearest, 1]
    whole_m2, kept = dx * dx + dy * dy, 0
    per_m2 = 1.0 / whole_m2 if whole_m2 > 0.0 else 0.0
    corners_m = corner_distances(x - xy[nearest, 0], y - xy[nearest, 1], dx, dy, per_m2, half_m)
    for k in range(found):
        piece[kept] = piece[k]
        off_m = (off_x[k] * off_x[k] + off_y[k] * off_y[k]) ** 0.5
        kept += may_be_nearest(corners_m, off_x[k], off_y[k], off_m, half_m)
    return kept


@njit(cache=True, nogil=True, inline="always")
def walk_at(walk_m: NDArray[np.float64], k: int, at: float, search: int) -> float:
    """Return the walk [m] of a search (`OWN`, `ALL`) from a place on a piece, over either end."""
    return float(min(walk_m[k, search] + at * walk_m[k, 2], walk_m[k, search + 1] + (1.0 - at) * walk_m[k, 3]))


@njit(cache=True, nogil=True)
def any_within(walk_m: NDArray[np.float64], near: NDArray[np.int64], most_m: float) -> bool:
    """Return whether any of some pieces comes within a walk of the search's own facility."""
    least_m = np.inf
    for i in near:
        least_m = min(least_m, walk_m[i, OWN], walk_m[i, OWN + 1])
    return bool(least_m <= most_m)
