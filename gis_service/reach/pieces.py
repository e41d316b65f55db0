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
_PIECE_BITS = 32
_PIECE_MASK = (1 << _PIECE_BITS) - 1
CLOSED_M = 1e18
"""What walking a piece counts that is closed that way [m]: none of it is still nothing."""


class Streets(NamedTuple):
    """Streets as the ground sees them; straight pieces are numbered as they lie in the grid, neighbours together.

    Parameters
    ----------
    grid
        The spatial index of the streets; it knows pieces by their first vertex.
    piece
        The pieces that cross each cell of the grid, in its order.
    edges, drawn_m
        The walking lengths and the drawn length [m] of the streets.
    line
        First end (x, y) and way to the last (x, y) [m] of each piece; shape (pieces, 4).
    street
        Edge of each piece.
    turn
        Which of equally near pieces counts: the one whose turn comes first.
    node
        Nodes at both ends of the street of each piece; shape (pieces, 2).
    counted_m
        What walking counts [m] from the first end of a piece to the nodes of its street, from the last end to them,
        and along the piece from last to first and from first to last; shape (pieces, 6).
    along_m
        Where a piece begins and ends on its street [m of its length]; shape (pieces, 2).
    stops
        Whether a facility stands on each street.
    max_gap_m
        Longest straight line from a place to its nearest street [m], inclusive.
    """

    grid: StreetGrid
    piece: NDArray[np.int64]
    edges: Edges
    drawn_m: NDArray[np.float64]
    line: NDArray[np.float64]
    street: NDArray[np.int64]
    turn: NDArray[np.int64]
    node: NDArray[np.int64]
    counted_m: NDArray[np.float64]
    along_m: NDArray[np.float64]
    stops: NDArray[np.bool_]
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


def streets_of(network: WalkingNetwork, targets: Sources, max_gap_m: float) -> Streets:
    """Return the streets of a network with all facilities; no place is farther than `max_gap_m` [m] off its street."""
    grid, drawn, edges = network.street_grid, network.drawn, network.edges
    piece, vertex = _numbered(grid.piece, len(drawn.xy))
    street = grid.line[vertex].astype(np.int64)
    turn = _turns(grid.rank, drawn.start, street, vertex)
    line = np.hstack([drawn.xy[vertex], drawn.xy[vertex + 1] - drawn.xy[vertex]])
    node = np.column_stack([edges.u[street], edges.v[street]])
    drawn_m = drawn.along_m[drawn.start[1:] - 1]
    along_m = _along(drawn, edges, vertex, street, drawn_m)
    counted_m = _counted(edges, street, along_m)
    stops = np.zeros(len(drawn_m), np.bool_)
    stops[targets.edge] = True
    return Streets(grid, piece, edges, drawn_m, line, street, turn, node, counted_m, along_m, stops, max_gap_m)


@njit(cache=True, nogil=True)
def _numbered(listed: NDArray[np.int32], vertices: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of each piece listed, counted as they first come, and the first vertex of each number."""
    number, found, vertex, count = (
        np.full(vertices, -1),
        np.empty(len(listed), np.int64),
        np.empty(vertices, np.int64),
        0,
    )
    for k in range(len(listed)):
        if number[listed[k]] < 0:
            number[listed[k]], vertex[count] = count, listed[k]
            count += 1
        found[k] = number[listed[k]]
    return found, vertex[:count].copy()


@njit(cache=True, nogil=True)
def _turns(
    rank: NDArray[np.int32], start: NDArray[np.int64], street: NDArray[np.int64], vertex: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the turn of each piece: pieces of streets of lower rank come first, then along the street."""
    first = np.zeros(len(rank) + 1, np.int64)
    for line in range(len(rank)):
        if rank[line] < len(rank):
            first[rank[line] + 1] = start[line + 1] - start[line]
    first = np.cumsum(first)
    turn = np.empty(len(street), np.int64)
    for k in range(len(street)):
        turn[k] = first[rank[street[k]]] + vertex[k] - start[street[k]]
    return turn


@njit(cache=True, nogil=True)
def _along(
    drawn: Drawn,
    edges: Edges,
    vertex: NDArray[np.int64],
    street: NDArray[np.int64],
    drawn_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return where pieces begin and end on their streets [m of length]."""
    along_m = np.zeros((len(vertex), 2))
    for k in range(len(vertex)):
        edge, i = street[k], vertex[k]
        whole_m = edges.length_m[edge]
        if drawn_m[edge] > 0.0:
            along_m[k, 0] = min(drawn.along_m[i] / drawn_m[edge] * whole_m, whole_m)
            along_m[k, 1] = min(drawn.along_m[i + 1] / drawn_m[edge] * whole_m, whole_m)
        if i == drawn.start[edge + 1] - 2:
            along_m[k, 1] = whole_m
    return along_m


@njit(cache=True, nogil=True)
def _counted(edges: Edges, street: NDArray[np.int64], along_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what walking counts from the ends of pieces and along them [m], as in `Streets`."""
    counted_m = np.empty((len(street), 6))
    for k in range(len(street)):
        edge, (first_m, last_m) = street[k], along_m[k]
        whole_m, to_u_m, to_v_m = edges.length_m[edge], edges.to_u_m[edge], edges.to_v_m[edge]
        counted_m[k, 0] = stretch(first_m, 0.0, whole_m, to_u_m, to_v_m)
        counted_m[k, 1] = stretch(first_m, whole_m, whole_m, to_u_m, to_v_m)
        counted_m[k, 2] = stretch(last_m, 0.0, whole_m, to_u_m, to_v_m)
        counted_m[k, 3] = stretch(last_m, whole_m, whole_m, to_u_m, to_v_m)
        counted_m[k, 4] = stretch(last_m, first_m, whole_m, to_u_m, to_v_m)
        counted_m[k, 5] = stretch(first_m, last_m, whole_m, to_u_m, to_v_m)
    return counted_m


def scratch_for(streets: Streets) -> Scratch:
    """Return room to survey the ground around streets."""
    size = len(streets.line)
    return Scratch(np.zeros(size, np.int64), np.zeros(1, np.int64), np.empty(size, np.int64), np.empty(size))


@njit(cache=True, nogil=True)
def gather(  # noqa: C901 one compiled loop: arrays that calls take out of tuples are counted every time
    streets: Streets, scratch: Scratch, x: float, y: float, radius_m: float
) -> int:
    """Write the pieces that may be nearest to a place within some metres to the scratch, and return how many.

    Of equally near ones the first counts, as in :func:`gis_service.reach.street_grid.nearest_piece`.
    """
    grid, line, turn = streets.grid, streets.line, streets.turn
    start, listed, cell_m, columns = grid.start, streets.piece, grid.cell_m, grid.columns
    met, visit, piece, square_m2 = scratch.met, scratch.visit, scratch.piece, scratch.square_m2
    if columns == 0:
        return 0
    visit[0] += 1
    rows, found, nearest_m = (len(start) - 1) // columns, 0, streets.max_gap_m + radius_m
    nearest_m2, now = nearest_m * nearest_m, visit[0]
    grid_x, grid_y = grid.x, grid.y
    column, row = int(np.floor((x - grid_x) / cell_m)), int(np.floor((y - grid_y) / cell_m))
    first = max(-column, column - columns + 1, -row, row - rows + 1, 0)
    for ring in range(first, first + columns + rows + 1):
        # Whatever lies in this ring or beyond is at least so far away.
        if (ring - 1) * cell_m > nearest_m2**0.5 + 2.0 * radius_m:
            break
        most_m2 = (nearest_m2**0.5 + 2.0 * radius_m + ROUNDING_M) ** 2
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            south = grid_y + r * cell_m - y
            aside_m = max(south, -south - cell_m, 0.0)
            for c in range(column - ring, column + ring + 1, step):
                west = grid_x + c * cell_m - x
                ahead_m = max(west, -west - cell_m, 0.0)
                if not 0 <= c < columns or ahead_m * ahead_m + aside_m * aside_m > most_m2:
                    continue
                cell = r * columns + c
                for k in range(start[cell], start[cell + 1]):
                    i = listed[k]
                    if met[i] != now:
                        met[i] = now
                        away_m2 = beside(line, i, x, y)[0]
                        piece[found], square_m2[found] = i, away_m2
                        nearest_m2 = min(nearest_m2, away_m2)
                        found += 1
    # Kept are those near enough, and put in the order in which they count.
    most_m, kept = nearest_m2**0.5 + 2.0 * radius_m + ROUNDING_M, 0
    key = np.empty(found, np.int64)
    for k in range(found):
        key[kept] = turn[piece[k]] << _PIECE_BITS | piece[k]
        kept += square_m2[k] <= most_m * most_m
    key = np.sort(key[:kept])
    for k in range(kept):
        piece[k] = key[k] & _PIECE_MASK
    return kept


@njit(cache=True, nogil=True)
def pieces_of(streets: Streets, piece: NDArray[np.int64], own: Walks, everybody: Walks) -> Pieces:
    """Return some pieces, cut where facilities stand, with the walks of two searches from their ends."""
    street, shape, node, counted_m = streets.street, streets.line, streets.node, streets.counted_m
    own_m, all_m, stops = own.field.walk_m, everybody.field.walk_m, streets.stops
    room = len(piece) + len(everybody.targets.edge)
    line, walk_m, rate, count = np.empty((room, 7)), np.empty((room, 6)), np.empty(room), 0
    for i in piece:
        if stops[street[i]]:
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
    edge, edges, targets = streets.street[i], streets.edges, everybody.targets
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
    return float(min(walk_m[k, search] + at * walk_m[k, 2], walk_m[k, search + 1] + (1.0 - at) * walk_m[k, 3]))


@njit(cache=True, nogil=True)
def any_within(streets: Streets, piece: NDArray[np.int64], own: Walks, most_m: float) -> bool:
    """Return whether ground at some pieces may be within a walk."""
    street, node, walk_m, target_edge = streets.street, streets.node, own.field.walk_m, own.targets.edge
    for i in piece:
        if min(walk_m[node[i, 0]], walk_m[node[i, 1]]) <= most_m:
            return True
        k = first_on_edge(target_edge, street[i])
        if k < len(target_edge) and target_edge[k] == street[i]:
            return True
    return False
