"""Buildings on a parcel: rows of slabs or towers, houses on lots, shop houses along the kerb."""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon
from shapely.affinity import rotate

from demo_city.blocks import lots
from demo_city.lines import largest

SPINE_CLEAR_M = 4.5
"""Buildings keep this far from the middle of the paths between them."""
PATH_MIN_M = 12.0
HOUSE_MIN_M2 = 28.0
YARD_HOUSE_MIN_M2 = 90.0
ALLEY_CHANCE = 0.1

Shape = TypeVar("Shape", Polygon, LineString)


@dataclass(frozen=True)
class RowStyle:
    """How buildings stand in rows; all lengths in metres."""

    depth: float
    pitch: float
    lengths: tuple[float, ...]
    gap: tuple[float, float]
    margin: float
    spine_every: float
    skip: float = 0.0
    notch: float = 0.0


STYLES = {
    "slab": RowStyle(11.5, 23.0, (30.0, 36.0, 42.0, 54.0), (6.0, 10.0), 7.0, 105.0, skip=0.04),
    "tower": RowStyle(15.5, 46.0, (24.0, 28.0, 34.0, 46.0), (11.0, 19.0), 14.0, 150.0, skip=0.05, notch=3.5),
    "office": RowStyle(18.0, 42.0, (26.0, 40.0, 55.0), (12.0, 20.0), 9.0, 120.0, skip=0.15),
    "works": RowStyle(30.0, 44.0, (48.0, 70.0, 90.0), (12.0, 18.0), 9.0, 160.0, skip=0.12),
    "campus": RowStyle(12.0, 40.0, (36.0, 48.0, 60.0), (14.0, 30.0), 12.0, 130.0, skip=0.34),
    "hospital": RowStyle(18.0, 38.0, (40.0, 60.0), (12.0, 18.0), 10.0, 120.0, skip=0.1),
    "civic": RowStyle(18.0, 52.0, (46.0, 64.0), (18.0, 26.0), 14.0, 140.0, skip=0.1),
    "market": RowStyle(26.0, 36.0, (40.0, 60.0), (8.0, 12.0), 7.0, 90.0),
    "depot": RowStyle(16.0, 34.0, (24.0, 34.0, 48.0), (8.0, 16.0), 8.0, 110.0, skip=0.2),
    "station": RowStyle(26.0, 60.0, (90.0, 120.0), (20.0, 26.0), 12.0, 140.0, skip=0.3),
    "temple": RowStyle(11.0, 17.0, (14.0, 20.0), (5.0, 9.0), 7.0, 60.0, skip=0.35),
}


@dataclass(frozen=True)
class Filling:
    """Footprints on a parcel, the paths between them, and the paths that run out towards the streets."""

    footprints: list[Polygon]
    paths: list[LineString]
    spines: list[LineString]


def rows(parcel: Polygon, angle: float, style: RowStyle, rng: np.random.Generator) -> Filling:
    """Return buildings in rows along ``angle`` [rad], lanes between the rows and spines across them."""
    origin = parcel.centroid
    flat = rotate(parcel, -angle, origin=origin, use_radians=True)
    room, walk = flat.buffer(-style.margin, join_style="mitre"), flat.buffer(-3.5, join_style="mitre")
    if room.is_empty:
        return Filling([], [], [])
    minx, miny, maxx, maxy = room.bounds
    count = max(round((maxx - minx) / style.spine_every), 1)
    spine_x = minx + (maxx - minx) * (np.arange(count) + 0.5 + rng.uniform(-0.18, 0.18, count)) / count
    spare = (maxy - miny - style.depth) % style.pitch
    row_y = np.arange(miny + style.depth / 2 + spare / 2, maxy - style.depth / 2 + 1e-6, style.pitch)
    first = minx + rng.uniform(0, 6, len(row_y)) + (np.arange(len(row_y)) % 2) * style.gap[0] / 2
    footprints = [box for x, y in zip(first, row_y, strict=True) for box in _row(room, (x, y), spine_x, style, rng)]
    spines = [line for x in spine_x for line in _chords(walk, x, vertical=True)[:1]]
    lanes = [line for y in row_y[:-1] + style.pitch / 2 for line in _chords(walk, y, vertical=False)]
    lanes = [lane for lane in lanes if any(lane.intersects(spine) for spine in spines)]

    def back(shape: Shape) -> Shape:
        return rotate(shape, angle, origin=origin, use_radians=True)

    return Filling([back(f) for f in footprints], [back(p) for p in lanes], [back(s) for s in spines])


def _row(
    room: Polygon,
    start: tuple[float, float],
    spine_x: NDArray[np.float64],
    style: RowStyle,
    rng: np.random.Generator,
) -> list[Polygon]:
    """Return the buildings of one row; each stands wholly inside ``room`` and off the spines."""
    made = []
    x, y = start
    while x < room.bounds[2]:
        wanted, skipped = float(rng.choice(style.lengths)), rng.random() < style.skip
        ahead = spine_x[spine_x > x - SPINE_CLEAR_M]
        free = ahead[0] - SPINE_CLEAR_M - x if len(ahead) else np.inf
        choices = sorted((size for size in style.lengths if size <= free), key=lambda size: abs(size - wanted))
        boxes = (shapely.box(x, y - style.depth / 2, x + size, y + style.depth / 2) for size in choices)
        footprint = next((box for box in boxes if room.contains(box)), None)
        if footprint is None:
            x = ahead[0] + SPINE_CLEAR_M + 0.1 if free < min(style.lengths) else x + 3.0
            continue
        if not skipped:
            made.append(_notched(footprint, style.notch, rng))
        x = footprint.bounds[2] + rng.uniform(*style.gap)
    return made


def _notched(box: Polygon, notch: float, rng: np.random.Generator) -> Polygon:
    """Return a tower's outline: recesses in the north face and wings at the south, as light wells make them."""
    if notch <= 0.0:
        return box
    minx, miny, maxx, maxy = box.bounds
    third = (maxx - minx) / 3
    well = shapely.box(minx + third, maxy - notch, maxx - third, maxy)
    bay = shapely.box(minx + third * 1.2, miny, maxx - third * 1.2, miny + notch * rng.uniform(0.3, 0.8))
    return largest(box.difference(shapely.union_all([well, bay])))


def _chords(shape: Polygon, at: float, *, vertical: bool) -> list[LineString]:
    """Return the pieces of a straight line within ``shape``, longest first."""
    minx, miny, maxx, maxy = shape.bounds
    line = LineString([(at, miny - 1), (at, maxy + 1)] if vertical else [(minx - 1, at), (maxx + 1, at)])
    pieces = [piece for piece in shapely.get_parts(line.intersection(shape)) if piece.length > PATH_MIN_M]
    return sorted(pieces, key=lambda piece: -piece.length)


def houses(
    piece: Polygon, lot_m2: float, rng: np.random.Generator, *, gap: tuple[float, float], empty: float
) -> list[Polygon]:
    """Return houses on the lots of a piece of an old quarter or a village."""
    made = []
    for lot in lots(piece, lot_m2, rng):
        shape = largest(lot.buffer(-rng.uniform(*gap), join_style="mitre").simplify(0.6))
        if rng.random() < empty or shape.area < HOUSE_MIN_M2:
            continue
        thin = shape.minimum_rotated_rectangle
        if shape.area / thin.area < 0.55 or 4 * np.pi * shape.area / shape.length**2 < 0.35:
            continue
        made.append(_courtyard(shape, rng))
    return made


def _courtyard(shape: Polygon, rng: np.random.Generator) -> Polygon:
    """Return a house, one in six with a corner left open to the yard."""
    if shape.area < YARD_HOUSE_MIN_M2 or rng.random() > 1 / 6:
        return shape
    corner = np.array(shape.exterior.coords[0])
    inner = corner + 0.55 * (np.array(shape.centroid.coords[0]) - corner)
    yard = shapely.box(*np.minimum(corner, inner), *np.maximum(corner, inner))
    left = largest(shape.difference(yard))
    return left if left.area > 0.6 * shape.area else shape


def kerb_houses(parcel: Polygon, depth_m: float, rng: np.random.Generator) -> list[Polygon]:
    """Return shop houses side by side along the edge of a parcel, each ``depth_m`` deep."""
    edge = shapely.get_coordinates(largest(parcel.buffer(-1.5, join_style="mitre").simplify(1.5)).exterior)
    if not shapely.is_ccw(shapely.LinearRing(edge)):
        edge = edge[::-1]
    made: list[Polygon] = []
    for a, b in pairwise(edge):
        length = float(np.hypot(*(b - a)))
        along, inward = (b - a) / length, np.array([-(b - a)[1], (b - a)[0]]) / length
        at = rng.uniform(0.5, 3.0)
        while at < length - 8.0:
            width = rng.uniform(8.0, 14.5)
            deep = depth_m * rng.uniform(0.85, 1.1)
            p, q = a + at * along, a + min(at + width, length - 0.3) * along
            house = Polygon([p, q, q + deep * inward, p + deep * inward])
            at += width + (rng.uniform(3.0, 6.0) if rng.random() < ALLEY_CHANCE else 0.3)
            if parcel.contains(house) and not any(house.intersects(other) for other in made):
                made.append(house)
    return made
