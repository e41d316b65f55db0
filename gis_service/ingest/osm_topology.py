"""From ways that share nodes to a network: edges between junctions, their shape points kept."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray


class Street(NamedTuple):
    """What a way is.

    Parameters
    ----------
    kind
        Value of ``highway``, or ferry.
    name
        Name; None: none.
    structure
        bridge, tunnel, covered or indoor; None: under the open sky.
    origin
        ``streets``: drawn in the file; ``square``: a straight line across a square.
    """

    kind: str
    name: str | None
    structure: str | None = None
    origin: str = "streets"


class Piece(NamedTuple):
    """A run of nodes of one way.

    Parameters
    ----------
    refs, lonlat
        Ids, longitudes and latitudes of the nodes.
    street
        What the way is.
    crossings, signals
        Which of the nodes are crossings without and with signals for those who walk along the way, 0 or 1 each.
    """

    refs: list[int]
    lonlat: list[tuple[float, float]]
    street: Street
    crossings: list[int]
    signals: list[int]


@dataclass(frozen=True)
class WayNetwork:
    """Nodes and edges in longitude and latitude.

    Parameters
    ----------
    node_lonlat
        Position of each node, shape (n, 2).
    u, v
        End nodes of each edge.
    street
        What each edge is, a `Street`.
    crossings, signals
        Crossings without and with signals along each edge; those at its ends count half, the other half belongs to the
        edge on which people walk on.
    geometry
        LineString of each edge from u to v.
    """

    node_lonlat: NDArray[np.float64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    street: list[Street]
    crossings: NDArray[np.float64]
    signals: NDArray[np.float64]
    geometry: NDArray[np.object_]


class _Runs(NamedTuple):
    """Runs of vertices between junctions: first and last vertex, end nodes, and the piece each belongs to."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    piece: NDArray[np.int64]


class _Chains(NamedTuple):
    """Of every run: its chain, its place in it, and whether it is turned round."""

    chain: NDArray[np.int64]
    place: NDArray[np.int64]
    turned: NDArray[np.bool_]


def network_of_pieces(pieces: list[Piece], cut: Collection[int]) -> WayNetwork:
    """Return the network of pieces of ways.

    Parameters
    ----------
    pieces
        Runs of nodes; those with fewer than two are left out. Pieces meet at nodes of the same id only.
    cut
        Nodes through which nobody passes: every edge ends there at a node of its own.

    Returns
    -------
    WayNetwork
        Junctions are nodes where three or more edges end, dead ends, and places where a street becomes another.
        Nodes are numbered by id, those at cuts last; edges by u and v, parallel ones as in the file. A closed way that
        meets nothing stays a loop.
    """
    pieces = [piece for piece in pieces if len(piece.refs) > 1]
    refs = np.array([ref for piece in pieces for ref in piece.refs], dtype=np.int64)
    lonlat = np.array([place for piece in pieces for place in piece.lonlat], dtype=np.float64).reshape(-1, 2)
    size = np.array([len(piece.refs) for piece in pieces], dtype=np.int64)
    runs = _runs(refs, np.repeat(np.arange(len(pieces)), size), np.array(sorted(cut), dtype=np.int64))
    number: dict[Street, int] = {}
    same = np.array([number.setdefault(piece.street, len(number)) for piece in pieces], dtype=np.int64)
    chains = _walk_chains(_links(runs, same))
    crossings = _along(runs, [piece.crossings for piece in pieces])
    signals = _along(runs, [piece.signals for piece in pieces])
    return _assemble(pieces, lonlat, runs, chains, (crossings, signals))


def _runs(refs: NDArray[np.int64], piece: NDArray[np.int64], cut: NDArray[np.int64]) -> _Runs:
    """Return the runs between vertices that end a piece, occur twice or are cut."""
    ids, node, times = np.unique(refs, return_inverse=True, return_counts=True)
    begins, ends = np.ones(len(piece), np.bool_), np.ones(len(piece), np.bool_)
    begins[1:] = ends[:-1] = piece[1:] != piece[:-1]
    is_cut = np.isin(refs, cut)
    stops = np.flatnonzero(begins | ends | (times[node] > 1) | is_cut)
    goes_on = ~ends[stops[:-1]]
    first, last = stops[:-1][goes_on], stops[1:][goes_on]
    # At a cut every run gets a node of its own.
    own = len(ids) + 2 * np.arange(len(first))
    u, v = np.where(is_cut[first], own, node[first]), np.where(is_cut[last], own + 1, node[last])
    return _Runs(first, last, u, v, piece[first])


def _along(runs: _Runs, marked: list[list[int]]) -> NDArray[np.float64]:
    """Return the marked vertices along each run, those at its ends by half."""
    mark = np.array([value for piece in marked for value in piece], dtype=np.float64)
    until = np.append(0.0, np.cumsum(mark))
    both_ends: NDArray[np.float64] = until[runs.last + 1] - until[runs.first]
    return both_ends - (mark[runs.first] + mark[runs.last]) / 2


def _links(runs: _Runs, same: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for both ends of every run, the end of another run that continues it; -1: none.

    End ``2 * run`` lies at u, end ``2 * run + 1`` at v. Two runs continue each other where no third one ends and both
    are the same street.
    """
    node = np.column_stack([runs.u, runs.v]).ravel()
    order = np.argsort(node, kind="stable")
    _, start, degree = np.unique(node[order], return_index=True, return_counts=True)
    one, other = order[start[degree == 2]], order[start[degree == 2] + 1]  # noqa: PLR2004 two ends meet
    alike = (one // 2 != other // 2) & (same[runs.piece[one // 2]] == same[runs.piece[other // 2]])
    links = np.full(len(node), -1, np.int64)
    links[one[alike]], links[other[alike]] = other[alike], one[alike]
    return links


@njit(cache=True)
def _walk_chains(links: NDArray[np.int64]) -> _Chains:
    """Return the chains of runs that continue each other; where they close, the chain begins at its first run."""
    count = len(links) // 2
    chain, place, turned = np.full(count, -1, np.int64), np.zeros(count, np.int64), np.zeros(count, np.bool_)
    chains = 0
    for closed in (False, True):
        for beginning in range(2 * count):
            end = beginning
            if chain[end // 2] >= 0 or (links[end] >= 0 and not closed):
                continue
            places = 0
            while end >= 0 and chain[end // 2] < 0:
                chain[end // 2], place[end // 2], turned[end // 2] = chains, places, end % 2 == 1
                places += 1
                end = links[end ^ 1]
            chains += 1
    return _Chains(chain, place, turned)


def _assemble(
    pieces: list[Piece],
    lonlat: NDArray[np.float64],
    runs: _Runs,
    chains: _Chains,
    marked: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> WayNetwork:
    """Return one edge per chain, with its crossings and signals."""
    order = np.lexsort((chains.place, chains.chain))
    chain, turned, joined = chains.chain[order], chains.turned[order], chains.place[order] > 0
    step = np.where(turned, -1, 1)
    begin = np.where(turned, runs.last[order], runs.first[order]) + joined * step
    size = runs.last[order] - runs.first[order] + 1 - joined
    within = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    vertex = np.repeat(begin, size) + np.repeat(step, size) * within
    geometry = shapely.linestrings(lonlat[vertex], indices=np.repeat(chain, size))
    head = np.flatnonzero(~joined)
    tail = np.append(head[1:], len(joined))[: len(head)] - 1
    u = np.where(turned, runs.v[order], runs.u[order])[head]
    v = np.where(turned, runs.u[order], runs.v[order])[tail]
    used, number = np.unique(np.concatenate([u, v]), return_inverse=True)
    node_lonlat = np.empty((len(used), 2))
    node_lonlat[number] = shapely.get_coordinates(shapely.get_point(np.tile(geometry, 2), np.repeat([0, -1], len(u))))
    u, v = number[: len(u)], number[len(u) :]
    by_nodes = np.lexsort((v, u))
    piece = runs.piece[order][head][by_nodes]
    crossings, signals = (np.zeros(len(head)) for _ in marked)
    for total, mark in zip((crossings, signals), marked, strict=True):
        np.add.at(total, chain, mark[order])
    return WayNetwork(
        node_lonlat=node_lonlat,
        u=u[by_nodes],
        v=v[by_nodes],
        street=[pieces[i].street for i in piece.tolist()],
        crossings=crossings[by_nodes],
        signals=signals[by_nodes],
        geometry=np.asarray(geometry, dtype=object)[by_nodes],
    )
