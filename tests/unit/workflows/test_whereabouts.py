"""Where a point is, in words."""

import dataclasses

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, box

from gis_service.workflows.whereabouts import Surroundings, Whereabouts

CRS = "EPSG:4549"


def area(west: float, south: float, east: float, north: float) -> MultiPolygon:
    return MultiPolygon([box(west, south, east, north)])


@pytest.fixture
def whereabouts() -> Whereabouts:
    regions = gpd.GeoDataFrame(
        {
            "code": ["C1", "C2", "S1"],
            "name": ["镇边社区", "桥头社区", "桐山街道"],
            "level": ["community", "community", "street"],
            "parent_code": ["S1", None, None],
        },
        geometry=[area(0, 0, 100, 100), area(100, 0, 200, 100), None],
        crs=CRS,
    )
    estates = gpd.GeoDataFrame(
        {"id": ["E1", "E2"], "name": ["金滩嘉苑", "无图小区"]}, geometry=[area(10, 10, 40, 40), None], crs=CRS
    )
    roads = gpd.GeoDataFrame(
        {"name": ["福宁路", None]},
        geometry=[LineString([(0, 0), (0, 100)]), LineString([(50, 0), (50, 100)])],
        crs=CRS,
    )
    return Whereabouts(regions, estates, roads)


def test_a_point_is_told_by_street_community_estate_and_road(whereabouts: Whereabouts) -> None:
    assert whereabouts.of(20, 20) == Surroundings("桐山街道", "镇边社区", "C1", "金滩嘉苑", "福宁路", None)


def test_what_is_not_there_is_not_named(whereabouts: Whereabouts) -> None:
    assert whereabouts.of(180, 50) == Surroundings(None, "桥头社区", "C2", None, None, None)
    assert whereabouts.of(900, 900) == Surroundings()


def test_on_a_border_the_first_by_code_is_told(whereabouts: Whereabouts) -> None:
    assert whereabouts.of(100, 50).community_code == "C1"


def test_grids_are_told_only_where_they_are_published(whereabouts: Whereabouts) -> None:
    grids = gpd.GeoDataFrame(
        {
            "code": ["C1001", "C1002"],
            "name": pd.Series(["第一网格", None], dtype=object),
            "phone": pd.Series([None, "0593-1"], dtype=object),
        },
        geometry=[area(0, 0, 50, 100), area(50, 0, 100, 100)],
        crs=CRS,
    )
    published = dataclasses.replace(whereabouts, grids=grids)
    assert [published.of(x, 50).grid for x in (20, 70, 150)] == ["第一网格", "C1002", None]
    assert [published.of(x, 50).grid_phone for x in (20, 70, 150)] == [None, "0593-1", None]
    assert whereabouts.of(20, 50).grid is None
