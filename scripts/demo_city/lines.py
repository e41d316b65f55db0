"""Curves, and the cross field that keeps new streets parallel or square to the old ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from shapely import LineString, Polygon
from shapely.ops import substring

WIDTH_M = {
    "motorway": 26.0,
    "primary": 34.0,
    "secondary": 24.0,
    "tertiary": 16.0,
    "residential": 10.0,
    "living_street": 4.0,
    "track": 3.0,
    "footway": 2.5,
}
"""Width of the street space by class [m], pavements included."""

FIELD_CELL_M = 20.0
OVERSHOOT_M = 0.4
FIELD_DECAY_M = 110.0


@dataclass(frozen=True)
class Street:
    """A street before it is cut at its junctions; ``line`` is its centre line."""

    name: str | None
    highway: str
    line: LineString


def spline(points: Sequence[tuple[float, float]], step_m: float = 18.0) -> LineString:
    """Return a smooth curve through ``points`` with a vertex about every ``step_m`` metres."""
    xy = np.asarray(points, dtype=float)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    curve = CubicSpline(along, xy)
    samples = np.linspace(0.0, along[-1], max(int(along[-1] / step_m), 2) + 1)
    return LineString(curve(samples))


def offset(line: LineString, distance_m: NDArray[np.float64] | float) -> LineString:
    """Return ``line`` moved to its left by ``distance_m`` (one value, or one a vertex)."""
    xy = shapely.get_coordinates(line)
    tangent = np.gradient(xy, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    return LineString(xy + normal * np.reshape(distance_m, (-1, 1)))


def between(line: LineString, start: LineString | None, end: LineString | None) -> LineString:
    """Return ``line`` from its first crossing with ``start`` to its last with ``end``; None keeps its own end."""
    low = 0.0 if start is None else min(_crossings(line, start))
    high = line.length if end is None else max(_crossings(line, end))
    part = substring(line, low, high)
    return LineString(part.coords)


def _crossings(line: LineString, other: LineString) -> list[float]:
    """Return where along ``line`` it crosses ``other`` [m]."""
    places = shapely.get_parts(shapely.extract_unique_points(line.intersection(other)))
    return [line.project(place) for place in places]


def polygons_of(shape: shapely.Geometry) -> list[Polygon]:
    """Return the polygons a geometry is made of; its lines and points are left out."""
    return [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]


def largest(shape: shapely.Geometry) -> Polygon:
    """Return the largest polygon of a geometry, the empty polygon where it has none."""
    return max(polygons_of(shape), key=lambda part: part.area, default=Polygon())


def overshot(line: LineString) -> LineString:
    """Return ``line`` reaching `OVERSHOOT_M` over both its ends, so that it surely crosses what it ends on."""
    xy = shapely.get_coordinates(line)
    for at, inner in ((0, 1), (-1, -2)):
        outward = xy[at] - xy[inner]
        xy[at] += outward / np.hypot(*outward) * OVERSHOOT_M
    return LineString(xy)


@dataclass(frozen=True)
class CrossField:
    """Street directions over the town: at every place one angle, good to a quarter turn.

    The field is the sum of the directions of the guide lines, each counted fourfold so that a line and its
    perpendicular agree, fading with distance: the cross fields of street modelling (Chen et al. 2008, "Interactive
    procedural street modeling").
    """

    origin: tuple[float, float]
    fourfold: NDArray[np.complex128]

    @classmethod
    def along(cls, guides: Sequence[LineString], bounds: tuple[float, float, float, float]) -> "CrossField":
        """Return the field that follows ``guides`` within ``bounds`` (minx, miny, maxx, maxy) [m]."""
        dense = [shapely.get_coordinates(shapely.segmentize(guide, FIELD_CELL_M)) for guide in guides]
        middle = np.concatenate([(xy[1:] + xy[:-1]) / 2 for xy in dense])
        step = np.concatenate([np.diff(xy, axis=0) for xy in dense])
        turn = np.exp(4j * np.arctan2(step[:, 1], step[:, 0])) * np.hypot(*step.T)
        xs = np.arange(bounds[0], bounds[2] + FIELD_CELL_M, FIELD_CELL_M)
        ys = np.arange(bounds[1], bounds[3] + FIELD_CELL_M, FIELD_CELL_M)
        field = np.empty((len(ys), len(xs)), dtype=complex)
        for row, y in enumerate(ys):
            distance = np.hypot(middle[:, 0] - xs[:, None], middle[:, 1] - y)
            field[row] = np.exp(-distance / FIELD_DECAY_M) @ turn
        return cls((bounds[0], bounds[1]), field)

    def angle(self, x: float, y: float) -> float:
        """Return the field's angle at a place [rad], in (-pi/4, pi/4]."""
        column = min(max(int((x - self.origin[0]) / FIELD_CELL_M + 0.5), 0), self.fourfold.shape[1] - 1)
        row = min(max(int((y - self.origin[1]) / FIELD_CELL_M + 0.5), 0), self.fourfold.shape[0] - 1)
        # Rounded: sums of floats differ in their last bits between machines, and a town must not.
        return round(float(np.angle(self.fourfold[row, column])) / 4.0, 6)

    def trace(self, x: float, y: float, heading: float, length_m: float, step_m: float = 12.0) -> NDArray[np.float64]:
        """Return a path of ``length_m`` that starts at a place and follows the field nearest to ``heading`` [rad]."""
        points = [(x, y)]
        for _ in range(int(length_m / step_m) + 1):
            angle = self.angle(x, y)
            heading = angle + np.round((heading - angle) / (np.pi / 2)) * (np.pi / 2)
            x, y = x + step_m * np.cos(heading), y + step_m * np.sin(heading)
            points.append((x, y))
        return np.asarray(points)

    def trace_both_ways(self, x: float, y: float, heading: float, length_m: float) -> NDArray[np.float64]:
        """Return a path through a place, ``length_m`` long in either direction."""
        back = self.trace(x, y, heading + np.pi, length_m)
        return np.concatenate([back[:0:-1], self.trace(x, y, heading, length_m)])
