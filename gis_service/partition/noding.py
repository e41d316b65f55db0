"""Vertices that a cut adds to the border of a unit, given to the neighbours along that border too."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import shapely

from gis_service.errors import CoverageError, Text
from gis_service.geo.coverage import FloatArray

Point: TypeAlias = tuple[float, float]
Chains: TypeAlias = Mapping[tuple[Point, Point], tuple[Point, ...]]
"""Vertices between the two ends of a segment, in its direction; each segment stands in both directions."""


def inserted_vertices(before: shapely.Polygon, after: shapely.Polygon) -> dict[tuple[Point, Point], tuple[Point, ...]]:
    """Return the vertices that a polygon has got along each of its segments.

    Parameters
    ----------
    before, after
        The same land; ``after`` has every vertex of ``before``, bit for bit, and may have more between them.

    Returns
    -------
    dict
        By segment of ``before``, in both directions; segments without new vertices are left out.

    Raises
    ------
    CoverageError
        A vertex of ``before`` has moved or is missing.
    """
    segments = {(a, b) for ring in _rings(before) for a, b in pairwise(ring)}
    old = {point for segment in segments for point in segment}
    chains: dict[tuple[Point, Point], tuple[Point, ...]] = {}
    seen = 0
    for ring in _rings(after):
        corners = [number for number, point in enumerate(ring[:-1]) if point in old]
        if not corners:
            raise _moved()
        turned = ring[corners[0] : -1] + ring[: corners[0] + 1]
        start = 0
        for number in range(1, len(turned)):
            if turned[number] not in old:
                continue
            a, b, chain = turned[start], turned[number], tuple(turned[start + 1 : number])
            if (a, b) not in segments and (b, a) not in segments:
                raise _moved()
            seen += 1
            if chain:
                chains[a, b], chains[b, a] = chain, chain[::-1]
            start = number
    if seen != len(segments):
        raise _moved()
    return chains


def with_vertices(polygon: shapely.Polygon, chains: Chains) -> shapely.Polygon:
    """Return a polygon with the vertices of those of its segments that have some; itself where none has."""
    rings = [list(_with(ring, chains)) for ring in _rings(polygon)]
    if sum(map(len, rings)) == shapely.get_num_coordinates(polygon):
        return polygon
    return shapely.Polygon(rings[0], rings[1:])


def _with(ring: list[Point], chains: Chains) -> Iterator[Point]:
    for a, b in pairwise(ring):
        yield a
        yield from chains.get((a, b), ())
    yield ring[-1]


def _rings(polygon: shapely.Polygon) -> list[list[Point]]:
    """Return the rings of a polygon as points, the outer one first."""
    return [_points(shapely.get_coordinates(ring)) for ring in (polygon.exterior, *polygon.interiors)]


def _points(xy: FloatArray) -> list[Point]:
    return [(x, y) for x, y in np.asarray(xy, dtype=np.float64).tolist()]


def _moved() -> CoverageError:
    return CoverageError(
        Text(
            "切分时单元的原有顶点发生了移动，未切分；请略微移动切分线后重试",
            "the cut would move a vertex of the unit and was not made; move the line a little and try again",
        )
    )
