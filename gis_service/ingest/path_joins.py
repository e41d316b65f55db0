"""Where drawn paths join streets and each other, and the pieces into which both are cut there."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import round_coordinates

JOIN_M = 5.0
"""An end of a drawn path joins a street, else another path, at most this far away [m], inclusive."""
TOUCH_M = 0.5
"""What lies at most this far from a vertex [m], inclusive, was meant to be joined. So near its ends a line is joined at
the end."""

XY = tuple[float, float]


class Cut(NamedTuple):
    """A piece of a line: the line, end nodes, and its vertices."""

    line: int
    u: int
    v: int
    places: list[XY]


@dataclass(frozen=True)
class Joined:
    """Streets and paths that meet at nodes.

    Parameters
    ----------
    node_xy
        Positions of all nodes [m]: those of the streets, as they were, then new ones from west to east.
    pieces
        Pieces of all lines, streets first: a line that is not cut is one piece.
    """

    node_xy: NDArray[np.float64]
    pieces: list[Cut]


class _Place(NamedTuple):
    """A place on a line: metres from its first vertex, and where that is."""

    line: int
    along_m: float
    xy: XY


class _Vertex(NamedTuple):
    """A vertex of a drawn path, by its line and its number there."""

    line: int
    number: int


@dataclass(frozen=True)
class _Lines:
    """Streets and then drawn paths: shape, vertices, and metres along each line up to each vertex."""

    shape: NDArray[np.object_]
    vertices: list[list[XY]]
    along_m: list[NDArray[np.float64]]
    streets: int
    target: dict[_Vertex, _Place | _Vertex] = field(default_factory=dict)


def join_paths(
    node_xy: NDArray[np.float64],
    ends: tuple[NDArray[np.int64], NDArray[np.int64]],
    streets: NDArray[np.object_],
    paths: NDArray[np.object_],
) -> Joined:
    """Return streets and drawn paths cut where they join.

    Every vertex of a path that touches another line joins it, a street rather than a path. An end that touches nothing
    joins the nearest street within `JOIN_M`, else the nearest other path; of a path no longer than that only one end
    joins the same street. What joins is moved there. Lines that merely cross do not meet.

    Parameters
    ----------
    node_xy
        Positions of the streets' nodes [m].
    ends
        End nodes u and v of each street.
    streets, paths
        LineStrings [m], in an order that does not depend on a file's.

    Returns
    -------
    Joined
        Node numbers of the streets stay as they are.
    """
    shape = np.concatenate([streets, paths])
    vertices: list[list[XY]] = [[(x, y) for x, y in line.coords] for line in shape]
    lines = _Lines(shape, vertices, [_along(places) for places in vertices], len(streets))
    _find_targets(lines)
    nodes: dict[_Place | _Vertex, int] = {_Vertex(i, 0): int(u) for i, u in enumerate(ends[0])}
    nodes |= {_Vertex(i, len(vertices[i]) - 1): int(v) for i, v in enumerate(ends[1])}
    own = [
        vertex for i in range(len(streets), len(shape)) for vertex in (_Vertex(i, 0), _Vertex(i, len(vertices[i]) - 1))
    ]
    meets = {vertex: _resolve(lines, vertex) for vertex in {*lines.target, *own}}
    met = {meeting for meeting in meets.values() if meeting not in nodes}
    fresh = sorted(met, key=lambda meeting: (_xy(lines, meeting), meeting))
    nodes |= {meeting: len(node_xy) + place for place, meeting in enumerate(fresh)}
    new_xy = np.array([_xy(lines, meeting) for meeting in fresh], dtype=np.float64).reshape(-1, 2)
    return Joined(np.vstack([node_xy, new_xy]), _cut(lines, meets, nodes))


def _along(places: list[XY]) -> NDArray[np.float64]:
    """Return the metres from the first vertex to each one."""
    return np.append(0.0, np.cumsum(np.hypot(*np.diff(np.array(places), axis=0).T)))


def _find_targets(lines: _Lines) -> None:
    """Find what every vertex of a drawn path joins, if anything."""
    tree = shapely.STRtree(lines.shape)
    for i in range(lines.streets, len(lines.shape)):
        last = len(lines.vertices[i]) - 1
        for number, xy in enumerate(lines.vertices[i]):
            point, most_m = shapely.Point(xy), JOIN_M if number in (0, last) else TOUCH_M
            near = [int(k) for k in tree.query(point, predicate="dwithin", distance=most_m) if k != i]
            if near:
                gap_m = shapely.distance(point, lines.shape[near]).tolist()
                rank = [(gap > TOUCH_M, k >= lines.streets, gap, k) for k, gap in zip(near, gap_m, strict=True)]
                lines.target[_Vertex(i, number)] = _place(lines, min(rank)[3], point)
        _keep_apart(lines, _Vertex(i, 0), _Vertex(i, last))


def _keep_apart(lines: _Lines, *ends: _Vertex) -> None:
    """Let only the nearer end of a short path join a street, which both would."""
    joined = [lines.target[end].line for end in ends if end in lines.target]
    if len(joined) == len(ends) and len(set(joined)) == 1 and joined[0] < lines.streets:
        path, street = lines.shape[ends[0].line], lines.shape[joined[0]]
        if shapely.length(path) <= JOIN_M:
            gap_m = [shapely.distance(shapely.Point(lines.vertices[end.line][end.number]), street) for end in ends]
            del lines.target[ends[0] if gap_m[0] > gap_m[1] else ends[1]]


def _place(lines: _Lines, line: int, point: shapely.Point) -> _Place | _Vertex:
    """Return the place of a line that is nearest to a point, or its vertex where that is as good."""
    along_m = float(shapely.line_locate_point(lines.shape[line], point))
    at = lines.along_m[line]
    places = range(len(at)) if line >= lines.streets else (0, len(at) - 1)
    number = min(places, key=lambda place: abs(float(at[place]) - along_m))
    if abs(float(at[number]) - along_m) <= TOUCH_M:
        return _Vertex(line, number)
    on = round_coordinates(np.array([shapely.line_interpolate_point(lines.shape[line], along_m)], dtype=object))[0]
    return _Place(line, along_m, (on.x, on.y))


def _resolve(lines: _Lines, vertex: _Vertex) -> _Place | _Vertex:
    """Return where a vertex meets others in the end: what it joins may join something itself.

    Where vertices join in a circle they meet at the first of them.
    """
    seen: list[_Vertex] = []
    here: _Place | _Vertex = vertex
    while isinstance(here, _Vertex) and here in lines.target:
        if here in seen:
            return min(seen[seen.index(here) :])
        seen.append(here)
        here = lines.target[here]
    return here


def _xy(lines: _Lines, meeting: _Place | _Vertex) -> XY:
    return meeting.xy if isinstance(meeting, _Place) else lines.vertices[meeting.line][meeting.number]


def _cut(lines: _Lines, meets: dict[_Vertex, _Place | _Vertex], nodes: dict[_Place | _Vertex, int]) -> list[Cut]:
    """Return the pieces of all lines between the nodes on them."""
    on_line: dict[int, dict[tuple[float, int], tuple[XY, int]]] = {}
    for meeting, node in nodes.items():
        place = meeting.along_m if isinstance(meeting, _Place) else float(lines.along_m[meeting.line][meeting.number])
        on_line.setdefault(meeting.line, {})[place, node] = (_xy(lines, meeting), node)
    for vertex, meeting in meets.items():
        place = float(lines.along_m[vertex.line][vertex.number])
        on_line.setdefault(vertex.line, {})[place, nodes[meeting]] = (_xy(lines, meeting), nodes[meeting])
    pieces = []
    for line, vertices in enumerate(lines.vertices):
        stops = [(place, *found) for (place, _), found in sorted(on_line.get(line, {}).items())]
        at = lines.along_m[line]
        for (begin_m, begin, u), (end_m, end, v) in pairwise(stops):
            between = [xy for xy, along_m in zip(vertices, at.tolist(), strict=True) if begin_m < along_m < end_m]
            if u != v or between or line < lines.streets:
                pieces.append(Cut(line, u, v, [begin, *between, end]))
    return pieces
