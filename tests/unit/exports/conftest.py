"""A plan of two communities and a reach run, small enough to read back whole."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.exports.about import About, rules_text
from gis_service.plan.rules import Rules

CRS = "EPSG:4549"
X, Y = 521400.0, 3023500.0


def square(column, row=0):
    return shapely.box(X + 100 * column, Y + 100 * row, X + 100 * (column + 1), Y + 100 * (row + 1))


@dataclass(frozen=True)
class PlanFrames:
    grids: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    units: gpd.GeoDataFrame


@dataclass(frozen=True)
class ReachFrames:
    buildings: gpd.GeoDataFrame
    results: pd.DataFrame
    circles: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame


@pytest.fixture
def about() -> About:
    return About(
        city="demo",
        title="示范市",
        data_date=date(2023, 6, 30),
        synthetic=True,
        licence="CC0-1.0",
        sources=("虚构数据", "随机生成 <不是真实城市>"),
        software_version="0.1.0",
        made_at=datetime(2024, 5, 6, 7, 8, tzinfo=UTC),
        content_hash="3f" * 32,
        rules=rules_text(Rules()),
        minutes=15.0,
        speed_m_per_s=1.0,
    )


@pytest.fixture
def plan() -> PlanFrames:
    codes = [f"9999010010{community:02d}{number:03d}" for community, number in ((1, 1), (1, 2), (1, 3), (2, 1), (2, 2))]
    grids = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": ["河东第一网格", "河东第二网格", "虎𬇙第一网格", "河西第一网格", "河西市场专属网格"],
            "kind": ["base"] * 4 + ["special"],
            "status": ["normal", "small", "large", "conflict", "special"],
            "community_code": ["999901001001"] * 3 + ["999901001002"] * 2,
            "households": np.array([400, 100, 900, 290, 0]),
            "residents": pd.array([1200, pd.NA, 2800, 1600, 0], dtype="Int64"),
            "plan_id": 1,
        },
        geometry=[shapely.MultiPolygon([square(column)]) for column in range(5)],
        crs=CRS,
    )
    buildings = gpd.GeoDataFrame(
        {
            "id": ["B1", "B2", "B3"],
            "grid_code": [codes[0], codes[1], None],
            "community_code": ["999901001001", "999901001001", None],
            "households": np.array([400, 100, 0]),
            "residents": pd.array([1200, pd.NA, 0], dtype="Int64"),
        },
        geometry=[
            square(0).buffer(-40),
            shapely.MultiPolygon([square(1).buffer(-45), square(1, 1).buffer(-45)]),
            shapely.Point(X, Y),
        ],
        crs=CRS,
    )
    units = gpd.GeoDataFrame(
        {"id": [f"u{number}" for number in range(5)], "grid_code": codes},
        geometry=[square(column) for column in range(5)],
        crs=CRS,
    )
    return PlanFrames(grids, buildings, units)


@dataclass(frozen=True)
class SitingFrames:
    sites: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    assignment: pd.DataFrame
    coverage: pd.DataFrame
    regions: pd.DataFrame


@pytest.fixture
def siting(plan) -> SitingFrames:
    sites = gpd.GeoDataFrame(
        {
            "id": ["007", "r9"],
            "name": ["=1+1", "虎𬇙厅"],
            "cost": [12.5, 3.0],
            "capacity": [np.nan, 300.0],
            "rank": pd.array([2, 1], dtype="Int64"),
            "households_gained": [20.0, 100.0],
            "saved_m": [np.nan, np.nan],
            "street": [None, "清水路"],
            "community_code": [None, "999901001001"],
        },
        geometry=[shapely.Point(X, Y), shapely.Point(X + 100, Y)],
        crs=CRS,
    )
    assignment = pd.DataFrame(
        {
            "id": ["B1", "B2", "B3"],
            "facility_id": ["S1", None, None],
            "site_id": [None, "r9", None],
            "walk_m": [120.5, 80.0, np.nan],
            "walk_s": [120.5, 80.0, np.nan],
            "covered_before": [True, False, False],
            "covered": [True, True, False],
        }
    )
    coverage = pd.DataFrame(
        {
            "code": ["999901001001", "999901001002"],
            "level": "community",
            "households": [500, 0],
            "households_before": [400, 0],
            "households_after": [500, 0],
        }
    )
    regions = pd.DataFrame({"code": coverage["code"], "name": ["河东社区", "河西社区"]})
    return SitingFrames(sites, plan.buildings, assignment, coverage, regions)


@pytest.fixture
def reach(plan) -> ReachFrames:
    results = pd.DataFrame(
        {
            "id": ["B1", "B2", "B3"],
            "facility_id": ["S1", "S1", None],
            "walk_m": [120.5, 1000.0, np.nan],
            "walk_s": [120.5, 1000.0, np.nan],
            "straight_m": [100.0, 900.0, np.nan],
            "covered": [True, False, False],
            "status": ["ok", "ok", "no_path"],
        }
    )
    circles = gpd.GeoDataFrame(
        {"facility_id": ["S1", None], "minutes": [15.0, 15.0]},
        geometry=[shapely.MultiPolygon([square(0)]), shapely.MultiPolygon([square(0), square(2)])],
        crs=CRS,
    )
    gaps = gpd.GeoDataFrame(
        {
            "rank": [1, 2],
            "buildings": [1, 1],
            "households": [100, 0],
            "residents": pd.array([pd.NA, 0], dtype="Int64"),
            "nearest_walk_m": [1000.0, np.nan],
        },
        geometry=[shapely.MultiPolygon([square(1)]), shapely.MultiPolygon([square(4)])],
        crs=CRS,
    )
    return ReachFrames(plan.buildings, results, circles, gaps)
