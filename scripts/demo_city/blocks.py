"""Blocks between streets: a face of the street net is cut again and again along the cross field."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate
from shapely.ops import split

from demo_city.lines import CrossField, overshot, polygons_of


@dataclass(frozen=True)
class Junction:
    """Where a street ends on another; later streets aim for it instead of just missing it."""

    x: float
    y: float
    highway: str
    name: str | None


@dataclass(frozen=True)
class Cut:
    """A street that halves a block; ``parts`` are the two halves, ``ends`` the junctions it met."""

    line: LineString
    parts: tuple[Polygon, Polygon]
    ends: tuple[Junction | None, Junction | None]


def cut_block(
    block: Polygon,
    cross: CrossField,
    rng: np.random.Generator,
    *,
    junctions: Sequence[Junction],
    snap_m: float,
    crooked_m: float = 0.0,
) -> Cut | None:
    """Return the best of several cuts square to the block's longer side, or None where none fits.

    Parameters
    ----------
    block
        Polygon to halve.
    cross
        Street directions; the cut follows them.
    rng
        Source of chance.
    junctions
        Ends of earlier cuts; ends within ``snap_m`` of one are moved onto it.
    snap_m
        Reach of that attraction [m].
    crooked_m
        Sideways play of the cut's vertices [m]; lanes of old quarters wander.
    """
    centre = block.centroid if block.contains(block.centroid) else block.representative_point()
    angle = cross.angle(centre.x, centre.y)
    turned = shapely.get_coordinates(rotate(block, -angle, origin=centre, use_radians=True))
    span = np.ptp(turned, axis=0)
    heading = angle + np.pi / 2 if span[0] >= span[1] else angle
    side = heading + np.pi / 2
    length = float(np.hypot(*span))
    reach = 0.16 * float(max(span))
    best, best_cost = None, np.inf
    for shift in np.linspace(-1.0, 1.0, 7) * reach + rng.uniform(-0.1, 0.1) * reach:
        x, y = centre.x + shift * np.cos(side), centre.y + shift * np.sin(side)
        if not block.contains(Point(x, y)):
            continue
        trace = cross.trace_both_ways(x, y, heading, length)
        if crooked_m > 0:
            play = np.convolve(rng.normal(0.0, crooked_m, len(trace) + 2), [0.5, 1.0, 0.5], mode="valid")
            trace = trace + play[:, None] * np.array([np.cos(side), np.sin(side)])
        path = _through(block, LineString(trace), Point(x, y))
        if path is None:
            continue
        ends = (_nearest(junctions, path.coords[0], snap_m), _nearest(junctions, path.coords[-1], snap_m))
        cut = _halve(block, _bend(path, ends), ends)
        if cut is None:
            continue
        small = min(part.area for part in cut.parts) / block.area
        slender = sum(part.length**2 / part.area for part in cut.parts)
        missed = sum(end is None for end in ends)
        cost = 3.0 * (0.5 - small) + 0.02 * slender + 0.25 * missed + rng.uniform(0, 0.15)
        if cost < best_cost:
            best, best_cost = cut, cost
    return best


def _nearest(junctions: Sequence[Junction], place: tuple[float, ...], within_m: float) -> Junction | None:
    near = [(np.hypot(junction.x - place[0], junction.y - place[1]), i) for i, junction in enumerate(junctions)]
    gap, index = min(near, default=(np.inf, -1))
    return junctions[index] if gap <= within_m else None


def _through(block: Polygon, path: LineString, start: Point) -> LineString | None:
    """Return the part of ``path`` that crosses ``block`` nearest to ``start``."""
    parts = shapely.get_parts(path.intersection(block))
    through = [part for part in parts if part.geom_type == "LineString" and part.length > 1.0]
    return min(through, key=lambda part: part.distance(start)) if through else None


def _bend(path: LineString, ends: tuple[Junction | None, Junction | None]) -> LineString:
    """Return ``path`` with its ends moved onto the junctions, the move fading towards the other end."""
    xy = np.array(path.coords)
    share = np.linspace(0.0, 1.0, len(xy))[:, None]
    first, last = (
        np.zeros(2) if end is None else np.array([end.x, end.y]) - xy[at] for end, at in zip(ends, (0, -1), strict=True)
    )
    return LineString(xy + (1 - share) * first + share * last)


def _halve(block: Polygon, path: LineString, ends: tuple[Junction | None, Junction | None]) -> Cut | None:
    if not path.is_simple:
        return None
    parts = [part for part in polygons_of(split(block, overshot(path))) if part.area > 1.0]
    if len(parts) != 2 or min(part.area for part in parts) < 0.2 * block.area:
        return None
    return Cut(path, (parts[0], parts[1]), ends)


def lots(block: Polygon, target_m2: float, rng: np.random.Generator) -> list[Polygon]:
    """Return the lots of a block: halved across the longer side of its box until each is about ``target_m2``."""
    done: list[Polygon] = []
    queue = [block]
    while queue:
        piece = queue.pop()
        if piece.area < target_m2 * rng.uniform(0.9, 1.9):
            done.append(piece)
            continue
        corners = shapely.get_coordinates(piece.minimum_rotated_rectangle)[:4]
        sides = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1]))
        a, b, c, d = corners if sides[0] >= sides[1] else np.roll(corners, -1, axis=0)
        share = rng.uniform(0.42, 0.58)
        start, end = a + share * (b - a), d + share * (c - d)
        over = (end - start) * 0.05
        halves = split(piece, LineString([start - over, end + over]))
        parts = [part for part in polygons_of(halves) if part.area > 1.0]
        if len(parts) < 2:
            done.append(piece)
        else:
            queue.extend(parts)
    return done
