"""What bounds a grid on each side (四至): named roads and rivers, else the next grid, else the community's border."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.errors import Text
from gis_service.geo.coverage import AREAL, FloatArray, GeometryArray, IndexArray

ALONG_M = 12.0
"""A border this close to a road or river runs along it: a border on a kerb belongs to the road [m, inclusive]."""
STEP_M = 10.0
"""Borders are looked at in steps of at most this length [m]."""
SHARE = 0.2
"""What bounds less than this share of a side is not named, unless nothing else does."""
PARALLEL = 0.7
"""A border runs along a line only where the cosine of the angle between them is at least this (45°)."""
SHARED_M = 0.01
"""Grids this close to a border share it [m]; coordinates are rounded far finer."""
SIDES = ("east", "south", "west", "north")
_BEYOND = Text("社区边界", "the community's border")
_NOTHING = -1
_OFF_M = 0.05


@dataclass(frozen=True)
class Bounds:
    """What bounds a grid on each side, longest first, in the order in which they are written.

    Parameters
    ----------
    east, south, west, north
        Names of roads and rivers, titles of grids, or the border of the community.
    """

    east: tuple[Text, ...]
    south: tuple[Text, ...]
    west: tuple[Text, ...]
    north: tuple[Text, ...]

    @property
    def text(self) -> Text:
        """The four sides in one sentence."""
        sides = (self.east, self.south, self.west, self.north)
        zh = "，".join(
            f"{side}至{'、'.join(t.zh for t in texts)}" for side, texts in zip("东南西北", sides, strict=True)
        )
        en = "; ".join(f"{side}: {', '.join(t.en for t in texts)}" for side, texts in zip(SIDES, sides, strict=True))
        return Text(zh, en)


@dataclass(frozen=True)
class _Steps:
    middle: FloatArray
    direction: FloatArray
    length_m: FloatArray
    side: IndexArray


def bounds_of_grid(
    grid: shapely.Geometry, barriers: gpd.GeoDataFrame, neighbours: Mapping[str, shapely.Geometry]
) -> Bounds:
    """Return what bounds a grid on each side.

    Parameters
    ----------
    grid
        Polygon or MultiPolygon in a metric CRS; holes do not count.
    barriers
        Roads, rivers, railways, expressways and walls near it: ``name`` (None: has none, and is not told) and
        ``geometry``, lines or polygons, which count by their outline.
    neighbours
        The other grids of the community by code.

    Returns
    -------
    Bounds
        A stretch of border belongs to the side its outward normal points to most (45° either way), where nothing else
        of the grid lies beyond it on that side; what lies in a bay counts for no side unless a side would be empty.
        It is named after the nearest named line it runs along, else after the grid it shares the border with, else
        after the community's border. The result does not depend on any order of rows.
    """
    steps = _steps_of(grid)
    names, nearest = _lines_along(steps, barriers)
    codes = sorted(neighbours)
    beside = _grids_beside(steps, [neighbours[code] for code in codes])
    titles = [*(Text(name, name) for name in names), *(Text(f"网格 {code}", f"grid {code}") for code in codes), _BEYOND]
    what = np.where(nearest != _NOTHING, nearest, np.where(beside != _NOTHING, len(names) + beside, len(titles) - 1))
    open_steps = _seen_from_outside(grid, steps)
    return Bounds(*(_told(what, steps, steps.side == side, open_steps, titles) for side in range(len(SIDES))))


def _told(
    what: IndexArray,
    steps: _Steps,
    side: NDArray[np.bool_],
    open_steps: NDArray[np.bool_],
    titles: list[Text],
) -> tuple[Text, ...]:
    chosen = side & open_steps if (side & open_steps).any() else side
    metres = np.bincount(what[chosen], steps.length_m[chosen], len(titles))
    order = np.argsort(-metres, kind="stable")
    total = float(metres.sum())
    told = tuple(titles[number] for number in order if metres[number] > 0.0 and metres[number] >= SHARE * total)
    return told or (titles[order[0]] if total > 0.0 else _BEYOND,)


def _steps_of(grid: shapely.Geometry) -> _Steps:
    """Return the outer border in short steps, with the side each faces."""
    outer = shapely.get_exterior_ring(shapely.orient_polygons(shapely.get_parts(grid)))
    xy, ring = shapely.get_coordinates(shapely.segmentize(outer, STEP_M), return_index=True)
    joined = ring[1:] == ring[:-1]
    start, stop = xy[:-1][joined], xy[1:][joined]
    along = stop - start
    length_m = np.hypot(along[:, 0], along[:, 1])
    direction = along / length_m[:, None]
    # The grid lies to the left, so the outside is to the right: east where the border runs north.
    east, north = direction[:, 1], -direction[:, 0]
    side = np.where(np.abs(east) >= np.abs(north), np.where(east > 0, 0, 2), np.where(north > 0, 3, 1))
    return _Steps((start + stop) / 2, direction, length_m, side.astype(np.int64))


def _lines_along(steps: _Steps, barriers: gpd.GeoDataFrame) -> tuple[list[str], IndexArray]:
    """Return the names of lines, and for each step the one it runs along, or `_NOTHING`."""
    named = barriers[barriers["name"].notna() & (barriers["name"] != "")]
    names, number = np.unique(named["name"].astype(str).to_numpy(dtype=object), return_inverse=True)
    nearest = np.full(len(steps.middle), _NOTHING)
    if named.empty:
        return [], nearest
    ends, owner = _segments(named.geometry.to_numpy())
    return names.tolist(), _nearest_along(steps, ends, number.astype(np.int64)[owner])


def _segments(shapes: GeometryArray) -> tuple[FloatArray, IndexArray]:
    """Return the end points (n, 2, 2) of every segment of lines and outlines, and the shape each is of."""
    lines = np.where(shapely.get_dimensions(shapes) == AREAL, shapely.boundary(shapes), shapes)
    parts, shape = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    joined = (part[1:] == part[:-1]) & np.any(xy[1:] != xy[:-1], axis=1)
    owner: IndexArray = shape[part[1:][joined]].astype(np.int64)
    return np.stack((xy[:-1][joined], xy[1:][joined]), axis=1), owner


def _nearest_along(steps: _Steps, ends: FloatArray, number: IndexArray) -> IndexArray:
    nearest = np.full(len(steps.middle), _NOTHING)
    segments: GeometryArray = np.asarray(shapely.linestrings(ends), dtype=object)
    points: GeometryArray = np.asarray(shapely.points(steps.middle), dtype=object)
    step, segment = shapely.STRtree(segments).query(points, predicate="dwithin", distance=ALONG_M)
    along = ends[segment, 1] - ends[segment, 0]
    cosine = np.abs((along * steps.direction[step]).sum(axis=1)) / np.hypot(along[:, 0], along[:, 1])
    step, segment = step[cosine >= PARALLEL], segment[cosine >= PARALLEL]
    distance_m = shapely.distance(points[step], segments[segment])
    order = np.lexsort((number[segment], distance_m, step))
    first = order[np.unique(step[order], return_index=True)[1]]
    nearest[step[first]] = number[segment[first]]
    return nearest


def _grids_beside(steps: _Steps, grids: list[shapely.Geometry]) -> IndexArray:
    """Return for each step the first grid that shares it, or `_NOTHING`."""
    beside = np.full(len(steps.middle), _NOTHING)
    shapes = np.empty(len(grids), dtype=object)
    shapes[:] = grids
    points = shapely.points(steps.middle)
    step, grid = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=SHARED_M)
    order = np.lexsort((grid, step))
    first = order[np.unique(step[order], return_index=True)[1]]
    beside[step[first]] = grid[first]
    return beside


def _seen_from_outside(grid: shapely.Geometry, steps: _Steps) -> NDArray[np.bool_]:
    """Return which steps have nothing of the grid before them on the side they face."""
    west, south, east, north = shapely.bounds(grid)
    far = np.array([[east + 1.0, np.nan], [np.nan, south - 1.0], [west - 1.0, np.nan], [np.nan, north + 1.0]])[
        steps.side
    ]
    end = np.where(np.isnan(far), steps.middle, far)
    outward = np.sign(end - steps.middle) * _OFF_M
    rays: GeometryArray = np.asarray(shapely.linestrings(np.stack((steps.middle + outward, end), axis=1)), dtype=object)
    inner = shapely.buffer(grid, -_OFF_M)
    shapely.prepare(inner)
    open_steps: NDArray[np.bool_] = ~shapely.intersects(inner, rays)
    return open_steps
