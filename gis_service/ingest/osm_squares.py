"""Squares that one walks across: straight lines of sight between their entrances, round their corners."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis_service.ingest.osm_topology import Piece, Street

MOST_CORNERS = 100
"""Squares with more entrances and inner corners than this are walked around only."""
_TOUCH_M = 0.01
_METRES_PER_DEGREE = 111_320.0


class Ring(NamedTuple):
    """A closed ring: ids, longitudes and latitudes of its nodes, the first again at the end."""

    refs: list[int]
    lonlat: list[tuple[float, float]]


class Square(NamedTuple):
    """An area one may walk on: its outer ring, its holes, and what it is."""

    outer: Ring
    holes: list[Ring]
    street: Street


def ways_across(
    squares: Iterable[Square], pieces: list[Piece], closed: frozenset[int]
) -> tuple[list[Piece], list[Square]]:
    """Return straight pieces across squares.

    Shortest ways inside a polygon bend at its inward corners only (Lozano-Pérez and Wesley 1979), so the lines of sight
    between entrances and such corners hold all of them; only lines on a shortest way between two entrances are kept.

    Parameters
    ----------
    squares
        The squares.
    pieces
        All walkable ways, the outlines of the squares among them. A node of an outline that another way shares is an
        entrance.
    closed
        Nodes through which nobody passes; they are no entrances.

    Returns
    -------
    pieces : list of Piece
        One for every line, of the square's street with the origin ``square``. Sides of the square are not among them:
        the outline is walkable.
    too_large : list of Square
        Those with more than `MOST_CORNERS` entrances and corners; nothing leads across them.
    """
    ways_at = Counter(ref for piece in pieces for ref in set(piece.refs))
    across: list[Piece] = []
    too_large = []
    for square in squares:
        refs, xy, lonlat, inward = _corners(square)
        entrance = np.array([ways_at[ref] > 1 and ref not in closed for ref in refs.tolist()], dtype=bool)
        used = entrance | inward
        if np.count_nonzero(entrance) < 2:  # noqa: PLR2004 a way across has two ends
            continue
        if np.count_nonzero(used) > MOST_CORNERS:
            too_large.append(square)
            continue
        shape = shapely.Polygon(_metres(square.outer, square), [_metres(hole, square) for hole in square.holes])
        street = square.street._replace(origin="square")
        numbers = np.flatnonzero(used)
        for i, j in sight_lines(shape, xy[numbers], entrance[numbers]):
            ends = numbers[[i, j]].tolist()
            across.append(
                Piece([int(refs[end]) for end in ends], [lonlat[end] for end in ends], street, [0, 0], [0, 0])
            )
    return across, too_large


def sight_lines(shape: shapely.Polygon, xy: NDArray[np.float64], entrance: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the lines of sight on the shortest ways between the entrances of a square.

    Parameters
    ----------
    shape
        The square [m].
    xy
        Places on its outline [m], shape (n, 2): entrances and inward corners.
    entrance
        Which of them are entrances.

    Returns
    -------
    list of tuple of int
        Pairs of places, the lower first, in order; without those along the outline.
    """
    i, j = np.triu_indices(len(xy), 1)
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(np.stack([xy[i], xy[j]], axis=1)), dtype=object)
    ground = shapely.buffer(shape, _TOUCH_M)
    shapely.prepare(ground)
    seen = shapely.covers(ground, lines)
    i, j, lines = i[seen], j[seen], lines[seen]
    weight = np.maximum(shapely.length(lines), _TOUCH_M)  # a weight of nought would be no line
    graph = csr_array((weight, (i, j)), shape=(len(xy), len(xy)))
    start = np.flatnonzero(entrance)
    before = dijkstra(graph, directed=False, indices=start, return_predecessors=True)[1]
    on_the_way: set[tuple[int, int]] = set()
    for row in before:
        for end in start.tolist():
            here = end
            while row[here] >= 0:
                there = int(row[here])
                on_the_way.add((min(here, there), max(here, there)))
                here = there
    side = shapely.covered_by(lines, shapely.buffer(shape.boundary, _TOUCH_M))
    sides = set(zip(i[side].tolist(), j[side].tolist(), strict=True))
    return sorted(on_the_way - sides)


def _corners(
    square: Square,
) -> tuple[NDArray[np.int64], NDArray[np.float64], list[tuple[float, float]], NDArray[np.bool_]]:
    """Return ids, metres and degrees of the nodes of a square, and which of them are inward corners."""
    refs, lonlat, rings_xy, inward = [], [], [], []
    for ring, is_hole in [(square.outer, False), *((hole, True) for hole in square.holes)]:
        xy = _metres(ring, square)
        arrive, leave = xy[:-1] - np.roll(xy[:-1], 1, axis=0), xy[1:] - xy[:-1]
        turn = arrive[:, 0] * leave[:, 1] - arrive[:, 1] * leave[:, 0]
        # Walking round with the square on the left, a turn to the right is a corner that ways bend round.
        left = shapely.is_ccw(shapely.linearrings(xy)) != is_hole
        inward.append(turn < 0 if left else turn > 0)
        refs += ring.refs[:-1]
        lonlat += ring.lonlat[:-1]
        rings_xy.append(xy[:-1])
    return np.array(refs, np.int64), np.vstack(rings_xy), lonlat, np.concatenate(inward)


def _metres(ring: Ring, square: Square) -> NDArray[np.float64]:
    """Return the nodes of a ring in metres around the square's first node, on a plane that touches the globe there."""
    lonlat, first = np.array(ring.lonlat), np.array(square.outer.lonlat[0])
    scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians(first[1])), 1.0])
    metres: NDArray[np.float64] = (lonlat - first) * scale
    return metres
