"""Blocks between streets: a face of the street net is cut again and again along the cross field."""

from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, Point, Polygon
from shapely.ops import split

from demo_city.lines import CrossField, overshot


@dataclass
class Junctions:
    """Ends of the cuts so far, so that streets meet across a road instead of just missing each other."""

    points: list[tuple[float, float, str, str | None]] = field(default_factory=list)

    def near(self, point: Point, within_m: float) -> tuple[float, float, str, str | None] | None:
        """Return the nearest junction within a distance, or None."""
        best = None
        for junction in self.points:
            gap = np.hypot(junction[0] - point.x, junction[1] - point.y)
            if gap <= within_m:
                best, within_m = junction, gap
        return best


@dataclass(frozen=True)
class Cut:
    """A street that halves a block; ``parts`` are the two halves, ``ends`` the junctions it met."""

    line: LineString
    parts: tuple[Polygon, Polygon]
    ends: tuple[tuple[float, float, str, str | None] | None, ...]


def cut_block(
    block: Polygon,
    cross: CrossField,
    rng: np.random.Generator,
    *,
    junctions: Junctions,
    snap_m: float,
    crooked_m: float = 0.0,
    heading: float | None = None,
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
    heading
        Direction of the cut [rad]; None takes the one that halves the longer side.
    """
    centre = block.centroid if block.contains(block.centroid) else block.representative_point()
    angle = cross.angle(centre.x, centre.y)
    turned = shapely.get_coordinates(shapely.affinity.rotate(block, -angle, origin=centre, use_radians=True))
    span = np.ptp(turned, axis=0)
    if heading is None:
        heading = angle + np.pi / 2 if span[0] >= span[1] else angle
    side = heading + np.pi / 2
    length = float(np.hypot(*span))
    reach = 0.16 * float(max(span))
    best, best_cost = None, np.inf
    for shift in np.linspace(-1.0, 1.0, 7) * reach + rng.uniform(-0.1, 0.1) * reach:
        x, y = centre.x + shift * np.cos(side), centre.y + shift * np.sin(side)
        if not block.contains(Point(x, y)):
            continue
        path = _path(block, cross, (x, y), heading, length, rng, crooked_m)
        if path is None:
            continue
        ends = tuple(junctions.near(Point(path.coords[at]), snap_m) for at in (0, -1))
        path = _bend(path, ends)
        cut = _halve(block, path, ends)
        if cut is None:
            continue
        small = min(part.area for part in cut.parts) / block.area
        shape = sum(part.length**2 / part.area for part in cut.parts)
        cost = 3.0 * (0.5 - small) + 0.02 * shape + sum(0.0 if end else 0.25 for end in ends) + rng.uniform(0, 0.15)
        if cost < best_cost:
            best, best_cost = cut, cost
    return best


def _path(
    block: Polygon,
    cross: CrossField,
    start: tuple[float, float],
    heading: float,
    length_m: float,
    rng: np.random.Generator,
    crooked_m: float,
) -> LineString | None:
    there = cross.trace(*start, heading, length_m)
    back = cross.trace(*start, heading + np.pi, length_m)
    xy = np.concatenate([back[:0:-1], there])
    if crooked_m > 0:
        play = np.convolve(rng.normal(0.0, crooked_m, len(xy) + 2), [0.5, 1.0, 0.5], mode="valid")
        xy = xy + play[:, None] * np.array([-np.sin(heading), np.cos(heading)])
    parts = shapely.get_parts(LineString(xy).intersection(block))
    through = [part for part in parts if part.geom_type == "LineString" and part.length > 1.0]
    return min(through, key=lambda part: part.distance(Point(start))) if through else None


def _bend(path: LineString, ends: tuple[tuple[float, float, str, str | None] | None, ...]) -> LineString:
    """Return ``path`` with its ends moved onto the junctions, the move fading towards the other end."""
    xy = np.array(path.coords)
    share = np.linspace(0.0, 1.0, len(xy))[:, None]
    moves = [np.zeros(2) if end is None else np.array(end[:2]) - xy[at] for end, at in zip(ends, (0, -1), strict=True)]
    return LineString(xy + (1 - share) * moves[0] + share * moves[1])


def _halve(
    block: Polygon, path: LineString, ends: tuple[tuple[float, float, str, str | None] | None, ...]
) -> Cut | None:
    if not path.is_simple:
        return None
    parts = [part for part in split(block, overshot(path)).geoms if part.area > 1.0]
    if len(parts) != 2 or min(part.area for part in parts) < 0.2 * block.area:  # noqa: PLR2004 two halves
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
        corners = np.array(piece.minimum_rotated_rectangle.exterior.coords)[:4]
        sides = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1]))
        a, b, c, d = corners if sides[0] >= sides[1] else np.roll(corners, -1, axis=0)
        share = rng.uniform(0.42, 0.58)
        start, end = a + share * (b - a), d + share * (c - d)
        over = (end - start) * 0.05
        parts = [part for part in split(piece, LineString([start - over, end + over])).geoms if part.area > 1.0]
        if len(parts) < 2:  # noqa: PLR2004 nothing was cut off
            done.append(piece)
        else:
            queue.extend(parts)
    return done
