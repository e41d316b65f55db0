"""Where the names of streets and rivers stand on a printed map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, degrees

import geopandas as gpd
import numpy as np
import shapely

CHARACTER_MM = 2.9
"""Room a character takes on paper [mm]."""
MOST = 40
"""Names on one map; more would cover it."""
PLACES = (0.5, 0.25, 0.75, 0.375, 0.625, 0.125, 0.875)
"""Where along a line its name may stand, as shares of its length. A street that is drawn twice, as a barrier and as a
street, runs to and fro: then its middle is a turning point."""
STRAIGHT = 0.95
"""A stretch bears a name where its ends are so near its length apart; a bend does not."""


@dataclass(frozen=True)
class Placed:
    """A name on the map.

    Parameters
    ----------
    text
        The name.
    x, y
        Its middle [m].
    angle
        Its direction, against the clock from east, readable from below [degrees].
    """

    text: str
    x: float
    y: float
    angle: float


def placed_names(
    lines: gpd.GeoDataFrame, box: Sequence[float], metres_per_mm: float, kept_free: Sequence[shapely.Geometry] = ()
) -> list[Placed]:
    """Return the names that have room along their lines, each once, those of the longest lines first.

    Parameters
    ----------
    lines
        ``name`` (None: has none) and ``geometry`` in a metric CRS.
    box
        What the map shows, west, south, east, north [m].
    metres_per_mm
        Land a millimetre of paper is [m/mm].
    kept_free
        Where no name may stand, in the CRS of the lines.

    Returns
    -------
    list of Placed
        At most `MOST`; no two overlap.
    """
    named = lines[lines["name"].notna() & (lines["name"] != "")]
    found: list[Placed] = []
    taken = list(kept_free)
    for text, shape in _longest(named, box):
        length_m = len(text) * CHARACTER_MM * metres_per_mm
        for straight in _straight(shape, length_m):
            room = straight.buffer(CHARACTER_MM * metres_per_mm * 0.7)
            if not any(room.intersects(other) for other in taken):
                taken.append(room)
                found.append(_placed(text, straight))
                break
        if len(found) == MOST:
            break
    return found


def _straight(shape: shapely.LineString, length_m: float) -> Iterator[shapely.LineString]:
    """Yield stretches of a length where the line is nearly straight, that in its middle first."""
    if shape.length < length_m:
        return
    for share in PLACES:
        middle = min(max(share * shape.length, length_m / 2), shape.length - length_m / 2)
        ends = [shape.interpolate(middle + side * length_m / 2) for side in (-1, 1)]
        straight = shapely.LineString(ends)
        if straight.length >= STRAIGHT * length_m:
            yield straight


def _placed(text: str, straight: shapely.LineString) -> Placed:
    (x0, y0), (x1, y1) = straight.coords
    angle = degrees(atan2(y1 - y0, x1 - x0))
    return Placed(text, (x0 + x1) / 2, (y0 + y1) / 2, (angle + 90) % 180 - 90)


def _longest(named: gpd.GeoDataFrame, box: Sequence[float]) -> list[tuple[str, shapely.LineString]]:
    """Return the longest stretch inside a box of the lines of each name, the longest first."""
    shapes = named.geometry.to_numpy()
    clipped = shapely.clip_by_rect(np.where(shapely.get_dimensions(shapes) > 1, shapely.boundary(shapes), shapes), *box)
    stretches = []
    names = named["name"].to_numpy(dtype=object)
    for name in sorted(set(names)):
        parts = shapely.get_parts(shapely.get_parts(clipped[names == name]))
        merged = shapely.get_parts(
            shapely.line_merge(shapely.multilinestrings(parts[shapely.get_dimensions(parts) == 1]))
        )
        if len(merged):
            stretches.append((str(name), max(merged, key=lambda line: (line.length, line.wkt))))
    return sorted(stretches, key=lambda entry: (-entry[1].length, entry[0]))
