"""A paper about two grids side by side, small enough to read back whole, with hostile and rare texts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.exports.about import About, rules_text
from gis_service.exports.plan_paper import Before, ChangeRow, Irregular, PlanPaper
from gis_service.plan.rules import Rules

CRS = "EPSG:4549"
X, Y = 521400.0, 3023500.0
COMMUNITY = "999901001001"
CODES = [f"{COMMUNITY}001", f"{COMMUNITY}002"]
FORMULA = '=HYPERLINK("http://x","点")'
RARE = "虎𬇙网格"


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def grids(names: list[str], edge: float) -> gpd.GeoDataFrame:
    """Return two grids that meet at ``edge``."""
    return gpd.GeoDataFrame(
        {
            "code": CODES,
            "name": names,
            "kind": ["base", "base"],
            "status": ["normal", "small"],
            "households": np.array([400, 120]),
            "residents": pd.array([1200, pd.NA], dtype="Int64"),
            "community_code": COMMUNITY,
            "label": ["001", "002"],
            "bounds": ["东至网格 002，南至社区边界，西至社区边界，北至中路", "东至=危险路"],
            "note": ["", "+沿用老街坊"],
        },
        geometry=[shapely.multipolygons([box(0, 0, edge, 100)]), shapely.multipolygons([box(edge, 0, 300, 100)])],
        crs=CRS,
    )


def a_paper(**changed: Any) -> PlanPaper:
    about = About(
        city="demo",
        title="示范市",
        data_date=date(2023, 6, 30),
        synthetic=True,
        licence="CC0-1.0",
        sources=("虚构数据",),
        software_version="0.1.0",
        made_at=datetime(2024, 5, 6, 7, 8, tzinfo=UTC),
        content_hash="3f" * 32,
        rules=rules_text(Rules()),
        operator="示范市网格中心",
    )
    buildings = gpd.GeoDataFrame(
        {
            "id": ["B1", "@B2", "B3"],
            "households": np.array([300, 100, 120]),
            "residents": pd.array([900, 300, pd.NA], dtype="Int64"),
            "grid_code": [CODES[0], CODES[0], CODES[1]],
            "estate_name": ["花园&小区", None, "<b>湖畔</b>"],
        },
        geometry=[box(10, 10, 30, 30), box(50, 10, 70, 30), shapely.Point(X + 250, Y + 50)],
        crs=CRS,
    )
    lines = gpd.GeoDataFrame(
        {"kind": ["road", "river"], "name": ["中路", None]},
        geometry=[shapely.LineString([(X - 50, Y + 100), (X + 350, Y + 100)]), box(-40, -40, 340, -10)],
        crs=CRS,
    )
    moved = gpd.GeoDataFrame(geometry=[shapely.multipolygons([box(150, 0, 200, 100)])], crs=CRS)
    before = Before(
        title="现有网格",
        grids=grids(["北片", "南片"], 150),
        rows=(
            ChangeRow(CODES[0], "北片", CODES[0], RARE, 2, 400, 1200, stays=True),
            ChangeRow(CODES[1], "南片", CODES[0], RARE, 1, 30, None, stays=False),
            ChangeRow(None, None, CODES[1], FORMULA, 1, 120, None, stays=False),
        ),
        households=430,
        households_moved=30,
        buildings_moved=1,
        moved=moved,
        retired=(f"{COMMUNITY}009",),
    )
    paper = PlanPaper(
        about=about,
        community_code=COMMUNITY,
        community_name="A&B社区",
        place="示范街道",
        title="草案“调整”",
        state="第 3 版，未提交审核",
        rules=Rules(),
        grids=grids([RARE, FORMULA], 200),
        buildings=buildings,
        units=gpd.GeoDataFrame(
            {"id": ["u1", "u2"], "grid_code": CODES}, geometry=[box(0, 0, 200, 100), box(200, 0, 300, 100)], crs=CRS
        ),
        lines=lines,
        irregular=(Irregular(("002",), "网格 002 过小：120 户", "沿用老街坊"), Irregular((), "小区被拆分", "")),
        before=before,
    )
    return replace(paper, **changed)
