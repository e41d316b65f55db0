"""Straight pieces of streets that may be nearest to some ground, and the walks of a search from their ends."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Edges, Field, Sources, first_on_edge, stretch
from gis_service.reach.street_grid import Drawn, StreetGrid

ROUNDING_M = 0.02
"""Bounds allow for so much rounding [m]."""
OWN, ALL = 0, 4
"""First column of the walks of a search's own facility and of all facilities in `Pieces.walk_m`."""
CLOSED_M = 1e18
"""What walking a piece counts that is closed that way [m]: none of it is still nothing."""


class Streets(NamedTuple):
    """Streets as the ground sees them; pieces are straight and known by their first vertex.

    Parameters
    ----------
    grid, edges
        The spatial index and the walking lengths of the streets.
    line
        First end (x, y) and way to the last (x, y) [m] of each piece; shape (vertices, 4).
    node
        Nodes at both ends of the street of each piece; shape (vertices, 2).
    counted_m
        What walking counts [m] from the first end of a piece to the nodes of its street, from the last end to them,
        and along the piece from last to first and from first to last; shape (vertices, 6).
    along_m
        Where a piece begins and ends on its street [m of its length]; shape (vertices, 2).
    drawn_m
        Drawn length of each street [m].
    max_gap_m
        Longest straight line from a place to its nearest street [m], inclusive.
    """

    grid: StreetGrid
    edges: Edges
    line: NDArray[np.float64]
    node: NDArray[np.int64]
    counted_m: NDArray[np.float64]
    along_m: NDArray[np.float64]
    drawn_m: NDArray[np.float64]
    max_gap_m: float


class Scratch(NamedTuple):
    """Room to work in: when each piece of street was last met (of so many visits), and pieces that are near."""

    met: NDArray[np.int64]
    visit: NDArray[np.int64]
    piece: NDArray[np.int64]
    square_m2: NDArray[np.float64]


class Pieces(NamedTuple):
    """Straight pieces of streets that may be nearest to some ground, those that count first where equally near first.

    Parameters
    ----------
    line
        First end (x, y), way to the last (x, y) [m], its square [m²], one over that (0 for none), and how much a walk
        may grow for every metre on the ground; shape (n, 7).
    walk_m
        Walks [m] from the first end and from the last to a search's own facility, what walking the whole piece towards
        the first and towards the last counts [m] (`CLOSED_M`: closed), and walks from both ends to the nearest of all;
        shape (n, 6).
        Facilities stand at ends only.
    rate
        Metres that walking counts for every metre drawn, at most.
    """

    line: NDArray[np.float64]
    walk_m: NDArray[np.float64]
    rate: NDArray[np.float64]


class Walks(NamedTuple):
    """A search: the walks of the nodes, and the facilities these lead to."""

    field: Field
    targets: Sources


def streets_of(network: WalkingNetwork, max_gap_m: float) -> Streets:
    """Return the streets of a network; no place is farther than `max_gap_m` [m] off its street."""
    line, node, counted_m, along_m = _all_pieces(network.drawn, network.edges)
    drawn_m = network.drawn.along_m[network.drawn.start[1:] - 1]
    return Streets(network.street_grid, network.edges, line, node, counted_m, along_m, drawn_m, max_gap_m)


@njit(cache=True, nogil=True)
def _all_pieces(
    drawn: Drawn, edges: Edges
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the columns of `Streets` that tell of pieces."""
    size = len(drawn.xy)
    line, node = np.zeros((size, 4)), np.zeros((size, 2), np.int64)
    counted_m, on_m = np.zeros((size, 6)), np.zeros((size, 2))
    for edge in range(len(edges.u)):
        begin, end, whole_m = drawn.start[edge], drawn.start[edge + 1] - 1, edges.length_m[edge]
        drawn_m = drawn.along_m[end]
        scale = whole_m / drawn_m if drawn_m > 0.0 else 0.0
        street = (whole_m, edges.to_u_m[edge], edges.to_v_m[edge])
        for i in range(begin, end):
            line[i, 0], line[i, 1] = drawn.xy[i, 0], drawn.xy[i, 1]
            line[i, 2], line[i, 3] = drawn.xy[i + 1, 0] - drawn.xy[i, 0], drawn.xy[i + 1, 1] - drawn.xy[i, 1]
            node[i, 0], node[i, 1] = edges.u[edge], edges.v[edge]
            first_m, last_m = min(drawn.along_m[i] * scale, whole_m), min(drawn.along_m[i + 1] * scale, whole_m)
            if i == end - 1:
                last_m = whole_m
            on_m[i, 0], on_m[i, 1] = first_m, last_m
            counted_m[i, 0], counted_m[i, 1] = stretch(first_m, 0.0, *street), stretch(first_m, whole_m, *street)
            counted_m[i, 2], counted_m[i, 3] = stretch(last_m, 0.0, *street), stretch(last_m, whole_m, *street)
            counted_m[i, 4], counted_m[i, 5] = stretch(last_m, first_m, *street), stretch(first_m, last_m, *street)
    return line, node, counted_m, on_m


def scratch_for(streets: Streets) -> Scratch:
    """Return room to survey the ground around streets."""
    size = len(streets.line)
    return Scratch(np.zeros(size, np.int64), np.zeros(1, np.int64), np.empty(size, np.int64), np.empty(size))


@njit(cache=True, nogil=True)
def gather(streets: Streets, scratch: Scratch, x: float, y: float, radius_m: float) -> int:
    """Write the pieces that may be nearest to a place within some metres to the scratch, and return how many.

    Of equally near ones the first counts, as in :func:`gis_service.reach.street_grid.nearest_piece`.
    """
    cell_m, columns = streets.grid.cell_m, streets.grid.columns
    if columns == 0:
        return 0
    scratch.visit[0] += 1
    rows, found, nearest_m = (len(streets.grid.start) - 1) // columns, 0, streets.max_gap_m + radius_m
    column, row = int(np.floor((x - streets.grid.x) / cell_m)), int(np.floor((y - streets.grid.y) / cell_m))
    first = max(-column, column - columns + 1, -row, row - rows + 1, 0)
    for ring in range(first, first + columns + rows + 1):
        # Whatever lies in this ring or beyond is at least so far away.
        if (ring - 1) * cell_m > nearest_m + 2.0 * radius_m:
            break
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if 0 <= c < columns:
                    found, nearest_m = _meet(streets, scratch, r * columns + c, (x, y), found, nearest_m)
    return _in_order(streets.grid, scratch, found, nearest_m + 2.0 * radius_m + ROUNDING_M)


@njit(cache=True, nogil=True, inline="always")
def _meet(
    streets: Streets, scratch: Scratch, cell: int, place: tuple[float, float], found: int, nearest_m: float
) -> tuple[int, float]:
    """Write the pieces of a cell that were not met yet behind those found; return how many, and the least distance."""
    met, piece, square_m2, line = scratch.met, scratch.piece, scratch.square_m2, streets.line
    visit, least_m2 = scratch.visit[0], np.inf
    for k in range(streets.grid.start[cell], streets.grid.start[cell + 1]):
        i = streets.grid.piece[k]
        if met[i] == visit:
            continue
        met[i] = visit
        piece[found], square_m2[found] = i, beside(line, i, place[0], place[1])[0]
        least_m2 = min(least_m2, square_m2[found])
        found += 1
    return found, min(nearest_m, least_m2**0.5)


@njit(cache=True, nogil=True)
def _in_order(grid: StreetGrid, scratch: Scratch, found: int, most_m: float) -> int:
    """Keep the pieces within some metres, those that count first where equally near first, and return how many."""
    piece, square_m2, line, rank, kept = scratch.piece, scratch.square_m2, grid.line, grid.rank, 0
    for k in range(found):
        if square_m2[k] > most_m * most_m:
            continue
        i, place = piece[k], kept
        while place > 0:
            other = piece[place - 1]
            if (rank[line[other]], other) < (rank[line[i]], i):
                break
            piece[place] = other
            place -= 1
        piece[place] = i
        kept += 1
    return kept


@njit(cache=True, nogil=True)
def pieces_of(streets: Streets, piece: NDArray[np.int64], own: Walks, everybody: Walks) -> Pieces:
    """Return some pieces, cut where facilities stand, with the walks of two searches from their ends."""
    street, (shape, node, counted_m) = streets.grid.line, (streets.line, streets.node, streets.counted_m)
    own_m, all_m, target_edge = own.field.walk_m, everybody.field.walk_m, everybody.targets.edge
    count = len(piece)
    for i in piece:
        k = first_on_edge(target_edge, street[i])
        while k < len(target_edge) and target_edge[k] == street[i]:
            k, count = k + 1, count + 1
    line, walk_m, rate, count = np.empty((count, 7)), np.empty((count, 6)), np.empty(count), 0
    for i in piece:
        k = first_on_edge(target_edge, street[i])
        if k < len(target_edge) and target_edge[k] == street[i]:
            count = _cut(streets, i, own, everybody, line, walk_m, count)
            continue
        u, v = node[i, 0], node[i, 1]
        for part in range(4):
            line[count, part] = shape[i, part]
        for end in range(2):
            to_u_m, to_v_m = counted_m[i, 2 * end], counted_m[i, 2 * end + 1]
            walk_m[count, end] = min(own_m[u] + to_u_m, own_m[v] + to_v_m)
            walk_m[count, 2 + end] = counted_m[i, 4 + end]
            walk_m[count, 4 + end] = min(all_m[u] + to_u_m, all_m[v] + to_v_m)
        count += 1
    for k in range(count):
        square_m2 = line[k, 2] * line[k, 2] + line[k, 3] * line[k, 3]
        most_m = 0.0
        for way in range(2, 4):
            walk_m[k, way] = min(walk_m[k, way], CLOSED_M)
            most_m = max(most_m, walk_m[k, way] if walk_m[k, way] < CLOSED_M else 0.0)
        line[k, 4], line[k, 5] = square_m2, 1.0 / square_m2 if square_m2 > 0.0 else 0.0
        rate[k] = most_m / square_m2**0.5 if square_m2 > 0.0 else 0.0
        line[k, 6] = (1.0 + rate[k] * rate[k]) ** 0.5
    return Pieces(line[:count], walk_m[:count], rate[:count])


@njit(cache=True, nogil=True)
def _cut(
    streets: Streets,
    i: int,
    own: Walks,
    everybody: Walks,
    line: NDArray[np.float64],
    walk_m: NDArray[np.float64],
    count: int,
) -> int:
    """Write the parts of a piece between facilities behind those written, and return how many are written then."""
    edge, edges, targets = streets.grid.line[i], streets.edges, everybody.targets
    street = (edges.length_m[edge], edges.to_u_m[edge], edges.to_v_m[edge])
    first_m, last_m = streets.along_m[i]
    from_m, begin, done = first_m, 0.0, False
    while not done:
        # The next facility on the piece, or its end.
        to_m, k = last_m, first_on_edge(targets.edge, edge)
        while k < len(targets.edge) and targets.edge[k] == edge:
            if from_m < targets.offset_m[k] < to_m:
                to_m = targets.offset_m[k]
            k += 1
        done = to_m == last_m
        end = 1.0 if done else (to_m - first_m) / (last_m - first_m)
        dx, dy = streets.line[i, 2], streets.line[i, 3]
        line[count, 0], line[count, 1] = streets.line[i, 0] + begin * dx, streets.line[i, 1] + begin * dy
        line[count, 2], line[count, 3] = (end - begin) * dx, (end - begin) * dy
        walk_m[count, 0], walk_m[count, 1] = _walk_on(edge, from_m, edges, own), _walk_on(edge, to_m, edges, own)
        walk_m[count, 2], walk_m[count, 3] = stretch(to_m, from_m, *street), stretch(from_m, to_m, *street)
        walk_m[count, 4] = _walk_on(edge, from_m, edges, everybody)
        walk_m[count, 5] = _walk_on(edge, to_m, edges, everybody)
        count, from_m, begin = count + 1, to_m, end
    return count


@njit(cache=True, nogil=True)
def _walk_on(edge: int, at_m: float, edges: Edges, walks: Walks) -> float:
    """Return the walk [m] from a place on an edge."""
    street, targets = (edges.length_m[edge], edges.to_u_m[edge], edges.to_v_m[edge]), walks.targets
    least_m = min(
        walks.field.walk_m[edges.u[edge]] + stretch(at_m, 0.0, *street),
        walks.field.walk_m[edges.v[edge]] + stretch(at_m, street[0], *street),
    )
    k = first_on_edge(targets.edge, edge)
    while k < len(targets.edge) and targets.edge[k] == edge:
        least_m = min(least_m, targets.gap_m[k] + stretch(at_m, targets.offset_m[k], *street))
        k += 1
    return float(least_m)


@njit(cache=True, nogil=True, inline="always")
def beside(line: NDArray[np.float64], k: int, x: float, y: float) -> tuple[float, float]:
    """Return the squared distance [m²] of a place from a piece, and where on it, 0 … 1.

    Ends are taken as given, so that two pieces that meet are exactly equally near to a place beyond both.
    """
    dx, dy = line[k, 2], line[k, 3]
    px, py = x - line[k, 0], y - line[k, 1]
    dot, square_m2 = px * dx + py * dy, dx * dx + dy * dy
    if dot <= 0.0 or square_m2 == 0.0:
        away_m2, at = px * px + py * py, 0.0
    elif dot >= square_m2:
        qx, qy = x - (line[k, 0] + dx), y - (line[k, 1] + dy)
        away_m2, at = qx * qx + qy * qy, 1.0
    else:
        cross = px * dy - py * dx
        away_m2, at = cross * cross / square_m2, dot / square_m2
    return away_m2, at


@njit(cache=True, nogil=True, inline="always")
def walk_at(walk_m: NDArray[np.float64], k: int, at: float, search: int) -> float:
    """Return the walk [m] of a search (`OWN`, `ALL`) from a place on a piece, over either end."""
    nearer: float = min(walk_m[k, search] + at * walk_m[k, 2], walk_m[k, search + 1] + (1.0 - at) * walk_m[k, 3])
    return nearer


@njit(cache=True, nogil=True)
def any_within(streets: Streets, piece: NDArray[np.int64], own: Walks, most_m: float) -> bool:
    """Return whether ground at some pieces may be within a walk."""
    street, node, walk_m, target_edge = streets.grid.line, streets.node, own.field.walk_m, own.targets.edge
    for i in piece:
        if min(walk_m[node[i, 0]], walk_m[node[i, 1]]) <= most_m:
            return True
        k = first_on_edge(target_edge, street[i])
        if k < len(target_edge) and target_edge[k] == street[i]:
            return True
    return False
