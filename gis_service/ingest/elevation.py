"""Slopes of the streets from a grid of heights (``.asc``)."""

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.errors import InputError
from gis_service.geo.crs import STORED_CRS, transform_coordinates
from gis_service.geo.datum import Datum, from_wgs84
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.reach.costs import tobler

MIN_STEP_M = 5.0
"""Heights along a street are taken no closer than this [m], however fine the grid."""
LOWEST_M, HIGHEST_M = -500.0, 9_000.0
"""Heights outside of these [m] are none of the earth's."""
_SPANNED = ("bridge", "tunnel")
_KEYS = frozenset(
    {"ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter", "cellsize", "dx", "dy", "nodata_value"}
)
_NO_DATA, _NO_DATA_BY_DEFAULT = "nodata_value", -9999.0
_PROBE_M = 100.0


@dataclass(frozen=True)
class Heights:
    """A grid of heights.

    Parameters
    ----------
    height_m
        Height of the middle of each cell [m], the northern row first; nan where unknown.
    west, south
        Middle of the south-western cell, in the numbers of the file.
    step_x, step_y
        Distance between the middles of two cells.
    """

    height_m: NDArray[np.float64]
    west: float
    south: float
    step_x: float
    step_y: float

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the heights [m] at places, shape (n, 2), between the four middles around each one (bilinear).

        nan outside the middles of the outermost cells, and where one of the four that counts is unknown.
        """
        rows, columns = self.height_m.shape
        column = (xy[:, 0] - self.west) / self.step_x
        row = rows - 1 - (xy[:, 1] - self.south) / self.step_y
        inside = (column >= 0) & (column <= columns - 1) & (row >= 0) & (row <= rows - 1)
        column, row = np.where(inside, column, 0.0), np.where(inside, row, 0.0)
        left, top = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
        right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
        east, down = column - left, row - top
        total = np.zeros(len(xy))
        for r, c, share in (
            (top, left, (1 - east) * (1 - down)),
            (top, right, east * (1 - down)),
            (bottom, left, (1 - east) * down),
            (bottom, right, east * down),
        ):
            total += np.where(share > 0, self.height_m[r, c], 0.0) * share
        return np.where(inside, total, np.nan)


def with_slopes(edges: gpd.GeoDataFrame, spec: FileSpec) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the edges with their slopes by a grid of heights.

    Parameters
    ----------
    edges
        Frame ``network edges``.
    spec
        An ESRI ASCII grid (``.asc``) of heights of the ground [m]; ``crs`` or ``datum`` must be declared, for the file
        carries none.

    Returns
    -------
    edges : geopandas.GeoDataFrame
        With ``slope_to_u`` and ``slope_to_v``: time of walking the edge over that on level ground, the mean of Tobler's
        function over its pieces, as long as a cell of the grid at most. On bridges and in tunnels the ground means
        nothing; they rise evenly from end to end. nan where a height is missing.
    notes : tuple of ImportNote
        How many streets lie outside the grid.

    Raises
    ------
    InputError
        The file is no such grid, its CRS is not declared, or no street lies inside.
    """
    heights = read_heights(spec)
    lines = edges.geometry.to_numpy()
    dense = shapely.segmentize(lines, _step_m(heights, edges, spec))
    xy, edge = shapely.get_coordinates(dense, return_index=True)
    height_m = heights.at(_in_file(xy, str(edges.crs), spec))
    same = edge[1:] == edge[:-1]
    run_m = np.hypot(*np.diff(xy, axis=0).T)
    along_m = np.append(0.0, np.cumsum(np.where(same, run_m, 0.0)))
    spanned = np.isin(edges["structure"].to_numpy(dtype=object).astype("U"), _SPANNED)
    height_m = np.where(spanned[edge], _evenly(height_m, along_m, edge), height_m)
    pieces = np.flatnonzero(same & (run_m > 0))
    slope = np.diff(height_m)[pieces] / run_m[pieces]
    total_m = np.bincount(edge[pieces], weights=run_m[pieces], minlength=len(edges))
    means = {}
    for name, direction in (("slope_to_u", -1.0), ("slope_to_v", 1.0)):
        time = np.bincount(edge[pieces], weights=run_m[pieces] * tobler(direction * slope), minlength=len(edges))
        means[name] = np.divide(time, total_m, out=np.full(len(edges), np.nan), where=total_m > 0)
    return edges.assign(**means), _outside(spec, np.isnan(means["slope_to_u"]))


def read_heights(spec: FileSpec) -> Heights:
    """Return the heights of an ESRI ASCII grid, see `with_slopes`.

    Raises
    ------
    InputError
        The file is no such grid, or its numbers cannot be heights in metres.
    """
    if spec.crs is None and spec.datum is None:
        raise refusal(
            spec.label,
            '没有坐标系：请在 dataset.toml 的 [files.elevation] 写 crs = "EPSG:4326"（或实际的 EPSG 编号）',
            'no coordinate system: give crs = "EPSG:4326" (or the real EPSG code) in [files.elevation] of dataset.toml',
        )
    try:
        head, lines = _header(spec.path)
        columns, rows = int(head["ncols"]), int(head["nrows"])
        step_x, step_y = (head.get(key, head.get("cellsize", 0.0)) for key in ("dx", "dy"))
        west, south = (
            head[f"{key}center"] if f"{key}center" in head else head[f"{key}corner"] + step / 2
            for key, step in (("xll", step_x), ("yll", step_y))
        )
        height_m = pd.read_csv(spec.path, sep=r"\s+", skiprows=lines, header=None, dtype=np.float64).to_numpy()
    except (KeyError, ValueError) as error:
        raise _no_grid(spec) from error
    no_data = head.get(_NO_DATA, _NO_DATA_BY_DEFAULT)
    short = np.isnan(height_m).any() and not np.isnan(no_data)  # rows are filled up with nan when they are read
    if height_m.shape != (rows, columns) or min(step_x, step_y) <= 0 or short:
        raise _no_grid(spec)
    height_m = np.where(height_m == no_data, np.nan, height_m)
    if not ((height_m >= LOWEST_M) & (height_m <= HIGHEST_M) | np.isnan(height_m)).all():
        raise refusal(
            spec.label,
            f"有不在 {LOWEST_M:g} 到 {HIGHEST_M:g} 米之间的高程，请检查单位（应为米）和 NODATA_value",
            f"holds heights that are not between {LOWEST_M:g} and {HIGHEST_M:g} m; check the unit (metres) and "
            "NODATA_value",
        )
    return Heights(height_m, west, south, step_x, step_y)


def _header(path: Path) -> tuple[dict[str, float], int]:
    """Return the values of the header and the number of its lines."""
    head: dict[str, float] = {}
    with path.open(encoding="latin-1") as stream:
        for number, line in enumerate(stream):
            words = line.lower().split()
            if not words or not words[0][0].isalpha() or words[0] == "nan":
                return head, number
            if words[0] in _KEYS:
                head[words[0]] = float(words[1])
    raise KeyError


def _no_grid(spec: FileSpec) -> InputError:
    return refusal(
        spec.label,
        "不是完整的 ESRI ASCII 栅格（ncols、nrows、xllcorner、yllcorner、cellsize 加逐行高程），请用 GIS 软件重新导出",
        "is no whole ESRI ASCII grid (ncols, nrows, xllcorner, yllcorner, cellsize and rows of heights); export the "
        ".asc again",
    )


def _in_file(xy: NDArray[np.float64], crs: str, spec: FileSpec) -> NDArray[np.float64]:
    """Return metric places in the numbers of the file."""
    points = np.asarray(shapely.points(xy), dtype=object)
    if spec.crs is not None:
        return shapely.get_coordinates(transform_coordinates(points, crs, spec.crs))
    lonlat = shapely.get_coordinates(transform_coordinates(points, crs, STORED_CRS))
    datum = Datum.WGS84 if spec.datum is None else Datum(spec.datum)
    return np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], datum))


def _step_m(heights: Heights, edges: gpd.GeoDataFrame, spec: FileSpec) -> float:
    """Return the height of a cell in metres, in the middle of the streets, but at least `MIN_STEP_M`."""
    west, south, east, north = edges.total_bounds.tolist()
    middle = np.array([(west + east) / 2, (south + north) / 2])
    pair = _in_file(np.vstack([middle, middle + np.array([0.0, _PROBE_M])]), str(edges.crs), spec)
    return max(MIN_STEP_M, _PROBE_M * heights.step_y / float(np.hypot(*np.diff(pair, axis=0)[0])))


def _evenly(
    height_m: NDArray[np.float64], along_m: NDArray[np.float64], edge: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return heights that rise evenly from the first vertex of each edge to its last."""
    first = np.searchsorted(edge, edge, side="left")
    last = np.searchsorted(edge, edge, side="right") - 1
    whole_m = along_m[last] - along_m[first]
    share = np.divide(along_m - along_m[first], whole_m, out=np.zeros(len(edge)), where=whole_m > 0)
    even: NDArray[np.float64] = height_m[first] + share * (height_m[last] - height_m[first])
    return even


def _outside(spec: FileSpec, unknown: NDArray[np.bool_]) -> tuple[ImportNote, ...]:
    """Return a note on streets without heights; refuse a grid in which no street lies."""
    if unknown.all():
        raise refusal(
            spec.label,
            "没有一条道路落在高程范围内，请检查 crs、datum 或换成本市的高程",
            "not one street lies inside this grid; check crs and datum, or give the city's own heights",
        )
    if not unknown.any():
        return ()
    count = int(np.count_nonzero(unknown))
    return (
        ImportNote(
            "notice",
            spec.label,
            None,
            f"{len(unknown)} 条路段中有 {count} 条没有高程，坡度按平地处理",
            f"{count} of {len(unknown)} streets have no height; they count as level",
        ),
    )
