"""A town small enough to count by hand, written as a dataset folder.

Two communities of 600 m x 600 m side by side; each with 25 buildings of 40 households (1,000 households, 3,000
residents); streets every 120 m; one station in the west, so that part of the east is a gap at 5 minutes.

    +-------+-------+
    | west  | east  |   x: 0-600, 600-1200; y: 0-600 (metres, shifted to Fuding's place in EPSG:4549)
    |   S   |       |   S: station at (290, 300)
    +-------+-------+
"""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

CRS = "EPSG:4549"
EAST, NORTH = 521_000.0, 3_023_000.0
WEST_CODE, EAST_CODE = "999901001001", "999901001002"
HOUSEHOLDS_PER_BUILDING = 40
TOML = f"""
[dataset]
name = "town"
title = "小镇（合成数据）"
data_date = 2026-06-30
synthetic = true
metric_crs = "{CRS}"
licence = "made for tests"
sources = ["tests"]
[files.regions]
path = "regions.gpkg"
[files.buildings]
path = "buildings.gpkg"
[files.streets]
path = "streets.gpkg"
[files.facilities]
path = "facilities.gpkg"
[files.barriers]
path = "barriers.gpkg"
"""


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def regions() -> gpd.GeoDataFrame:
    rows = [
        ("999900000000", "合成市", "city", None, box(0, 0, 1200, 600)),
        ("999901000000", "合成区", "county", "999900000000", box(0, 0, 1200, 600)),
        ("999901001000", "合成街道", "street", "999901000000", box(0, 0, 1200, 600)),
        (WEST_CODE, "西社区", "community", "999901001000", box(0, 0, 600, 600)),
        (EAST_CODE, "东社区", "community", "999901001000", box(600, 0, 1200, 600)),
    ]
    columns = ["code", "name", "level", "parent_code", "geometry"]
    return gpd.GeoDataFrame(dict(zip(columns, zip(*rows, strict=True), strict=True)), crs=CRS)


def buildings() -> gpd.GeoDataFrame:
    corners = [(x, y) for x in range(50, 1200, 120) for y in range(50, 600, 120)]
    return gpd.GeoDataFrame(
        {
            "id": [f"b{number:03d}" for number in range(len(corners))],
            "households": HOUSEHOLDS_PER_BUILDING,
            "residents": 3 * HOUSEHOLDS_PER_BUILDING,
            "elderly": 20,
            "children": 15,
            "floors": 6,
        },
        geometry=[box(x, y, x + 30, y + 15) for x, y in corners],
        crs=CRS,
    )


def streets() -> gpd.GeoDataFrame:
    marks = np.arange(0, 1201, 120)
    lines: list[list[tuple[int, int]]] = []
    for y in marks[marks <= 600]:
        lines += [[(x0, y), (x1, y)] for x0, x1 in pairwise(marks)]
    for x in marks:
        lines += [[(x, y0), (x, y1)] for y0, y1 in pairwise(marks[:6])]
    ends = [[f"{x},{y}" for x, y in line] for line in lines]
    return gpd.GeoDataFrame(
        {"u": [end[0] for end in ends], "v": [end[1] for end in ends], "length_m": 120.0, "foot": True},
        geometry=[shapely.LineString(np.add(line, (EAST, NORTH))) for line in lines],
        crs=CRS,
    )


def facilities() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "id": ["s1", "home"],
            "name": ["西社区近邻红色驿站", "党员中心户"],
            "kind": ["red_station", "red_station"],
            "level": [3, 4],
            "public": [True, False],
        },
        geometry=[shapely.Point(EAST + 290, NORTH + 300), shapely.Point(EAST + 900, NORTH + 300)],
        crs=CRS,
    )


def barriers() -> gpd.GeoDataFrame:
    line = shapely.LineString([(EAST, NORTH + 240), (EAST + 1200, NORTH + 240)])
    return gpd.GeoDataFrame({"kind": ["road"], "name": ["中路"]}, geometry=[line], crs=CRS)


def write_town(folder: Path, **changed: gpd.GeoDataFrame) -> Path:
    """Write the town to ``folder``; frames given by name replace the town's own."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        "regions": regions,
        "buildings": buildings,
        "streets": streets,
        "facilities": facilities,
        "barriers": barriers,
    }
    for name, make in own.items():
        changed.get(name, make()).to_file(folder / f"{name}.gpkg", layer=name)
    (folder / "dataset.toml").write_text(TOML, encoding="utf-8")
    return folder
