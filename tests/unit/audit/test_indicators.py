"""The indicators of a small city worked out by hand, and the canonical form of a snapshot."""

from datetime import date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose

from gis_service.audit.indicators import canonical_json, indicators

CRS = "EPSG:4549"


def box(x, y, width=100, height=100):
    return shapely.box(x, y, x + width, y + height)


@pytest.fixture
def city():
    """Two streets; S1 has communities A (0-100) and B (100-200), S2 has C without a polygon; Z has no parent known."""
    regions = gpd.GeoDataFrame(
        [
            ("CITY", "城", "city", None, box(0, 0, 400, 100)),
            ("COUNTY", "县", "county", "CITY", None),
            ("S1", "一街道", "street", "COUNTY", box(0, 0, 300, 100)),
            ("S2", "二街道", "street", "COUNTY", None),
            ("A", "甲社区", "community", "S1", box(0, 0)),
            ("B", "乙社区", "community", "S1", box(100, 0)),
            ("C", "丙社区", "community", "S2", None),
        ],
        columns=["code", "name", "level", "parent_code", "geometry"],
        crs=CRS,
    )
    buildings = gpd.GeoDataFrame(
        [
            ("b1", 100, 300, "A", "e1", shapely.Point(10, 10)),
            ("b2", 50, 150, "A", "e2", shapely.Point(20, 20)),
            ("b3", 70, pd.NA, "B", "e2", shapely.Point(110, 10)),
            ("b4", 30, 90, "B", "e2", shapely.Point(190, 90)),
            ("b5", 40, 120, "C", None, shapely.Point(900, 900)),
            ("b6", 7, 20, None, None, shapely.Point(250, 50)),  # in street S1, in no community
            ("b7", 5, 15, None, None, shapely.Point(950, 950)),  # in nothing
        ],
        columns=["id", "households", "residents", "community_code", "estate_id", "geometry"],
        crs=CRS,
    ).astype({"residents": "Int64"})
    estates = gpd.GeoDataFrame(
        [("e1", box(0, 0, 15, 15)), ("e2", None), ("e3", box(110, 50, 5, 5)), ("e4", None)],
        columns=["id", "geometry"],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame(
        [
            ("red_station", 120.0, shapely.Point(12, 12)),  # A, in e1
            ("service_centre", 300.0, shapely.Point(112, 52)),  # B, in e3, but no station
            ("elder_canteen", np.nan, shapely.Point(150, 50)),  # B
            ("shop", 999.0, shapely.Point(150, 50)),
            ("service_centre", 80.0, shapely.Point(350, 50)),  # in the city only
        ],
        columns=["kind", "area_m2", "geometry"],
        crs=CRS,
    )
    grids = pd.DataFrame(
        {
            "community_code": ["A", "A", "B", "B"],
            "status": ["normal", "small", "normal", "special"],
        }
    )
    coverage = pd.DataFrame(
        {
            "code": ["A", "CITY"],
            "buildings": [2, 0],
            "buildings_covered": [1, 0],
            "households": [150, 0],
            "households_covered": [100, 0],
            "residents": pd.array([450, pd.NA], dtype="Int64"),
            "residents_covered": pd.array([300, pd.NA], dtype="Int64"),
        }
    )
    return regions, grids, coverage, buildings, facilities, estates


@pytest.fixture
def table(city):
    return indicators(*city).set_index("code")


def column(table, name):
    return table.loc[["A", "B", "C", "S1", "S2", "COUNTY", "CITY"], name].tolist()


def test_there_is_a_row_for_every_region_of_every_level(table):
    assert table.index.tolist() == ["A", "B", "C", "CITY", "COUNTY", "S1", "S2"]
    assert column(table, "communities") == [1, 1, 1, 2, 1, 3, 3]


def test_people_are_summed_upwards_and_unknown_residents_stay_unknown(table):
    assert column(table, "buildings") == [2, 2, 1, 4, 1, 5, 5]
    assert column(table, "households") == [150, 100, 40, 250, 40, 290, 290]
    assert column(table, "residents") == [450, pd.NA, 120, pd.NA, 120, pd.NA, pd.NA]


def test_buildings_without_a_community_count_where_a_polygon_covers_them_or_at_the_top(table):
    assert column(table, "buildings_without_community") == [0, 0, 0, 1, 0, 1, 2]
    assert column(table, "households_without_community") == [0, 0, 0, 7, 0, 7, 12]


def test_grids_are_counted_by_status_and_special_ones_are_no_part_of_the_share(table):
    assert column(table, "grids") == [2, 2, 0, 4, 0, 4, 4]
    assert column(table, "grids_small") == [1, 0, 0, 1, 0, 1, 1]
    assert column(table, "grids_large") == [0] * 7
    assert_allclose(column(table, "normal_share"), [1 / 2, 1, np.nan, 2 / 3, np.nan, 2 / 3, 2 / 3])


def test_grids_without_households_are_counted_and_are_no_part_of_the_share(city):
    regions, grids, *others = city
    empty = pd.DataFrame({"community_code": ["A", "C"], "status": ["empty", "empty"]})
    table = indicators(regions, pd.concat([grids, empty]), *others).set_index("code")
    assert column(table, "grids_empty") == [1, 0, 1, 1, 1, 2, 2]
    assert_allclose(column(table, "normal_share"), [1 / 2, 1, np.nan, 2 / 3, np.nan, 2 / 3, 2 / 3])


def test_coverage_shares_are_unknown_without_people_or_without_a_run(city, table):
    assert_allclose(column(table, "households_covered_share"), [100 / 150] + [np.nan] * 6)
    assert_allclose(column(table, "buildings_covered_share")[0], 1 / 2)
    assert_allclose(column(table, "residents_covered_share")[0], 2 / 3)
    regions, grids, _, buildings, facilities, estates = city
    without = indicators(regions, grids, None, buildings, facilities, estates)
    assert without["households_covered_share"].isna().all()


def test_an_estate_counts_where_most_of_its_buildings_are_and_needs_a_station_inside(table):
    # e1 in A has one; e2 mostly in B, its hull holds none; e3 in B by its polygon; e4 is nowhere
    assert column(table, "estates") == [1, 2, 0, 3, 0, 3, 4]
    assert column(table, "estates_without_station") == [0, 2, 0, 2, 0, 2, 3]


def test_the_hull_of_its_buildings_stands_for_an_estate_without_a_polygon(city):
    regions, grids, coverage, buildings, facilities, estates = city
    inside = facilities.iloc[[0]].set_geometry([shapely.Point(100, 40)], crs=CRS)
    table = indicators(regions, grids, coverage, buildings, inside, estates).set_index("code")
    assert table.loc["B", "estates_without_station"] == 1


def test_service_area_is_related_to_households_and_unknown_areas_are_told(table):
    assert column(table, "service_facilities") == [1, 2, 0, 3, 0, 3, 4]
    assert column(table, "service_facilities_area_unknown") == [0, 1, 0, 1, 0, 1, 1]
    assert column(table, "service_area_m2") == [120, 300, 0, 420, 0, 420, 500]
    assert_allclose(
        column(table, "service_m2_per_100_households"),
        [80, 300, 0, 42000 / 250, 0, 42000 / 290, 50000 / 290],
    )


def test_households_beyond_1000_m_walk_strictly_farther_or_have_no_path(city):
    walks = pd.DataFrame(
        {
            "id": ["b1", "b2", "b3", "b4", "b5", "b6", "b7"],
            "walk_m": [1000.0, 1001.0, 1000.0 + 1e-9, np.nan, 2500.0, 3000.0, np.nan],
        }
    )
    table = indicators(*city, walks=walks.iloc[::-1]).set_index("code")
    # b1 is at the limit, b3 is there but for rounding; b6 and b7 belong to no community
    assert column(table, "households_beyond_1000_m") == [50, 30, 40, 80, 40, 120, 120]


def test_households_beyond_1000_m_are_unknown_without_a_run(table):
    assert table["households_beyond_1000_m"].isna().all()
    assert str(table["households_beyond_1000_m"].dtype) == "Int64"


def test_walks_that_leave_out_a_building_are_refused(city):
    walks = pd.DataFrame({"id": ["b1"], "walk_m": [10.0]})
    with pytest.raises(KeyError, match="b2"):
        indicators(*city, walks=walks)


def test_where_no_area_is_known_the_ratio_is_unknown_not_zero(city):
    regions, grids, coverage, buildings, facilities, estates = city
    table = indicators(regions, grids, coverage, buildings, facilities.assign(area_m2=np.nan), estates)
    assert table.set_index("code")["service_m2_per_100_households"].isna()[["A", "B"]].all()


def test_a_city_without_anything_has_rows_of_zeros(city):
    regions, *others = city
    empty = indicators(regions, *(None if frame is others[1] else frame.iloc[:0] for frame in others))
    assert empty["households"].tolist() == [0] * 7
    assert empty["residents"].tolist() == [0] * 7


def test_the_order_of_rows_changes_nothing(city, table):
    turned = indicators(*(frame.iloc[::-1].reset_index(drop=True) for frame in city))
    assert canonical_json(turned.to_dict("records")) == canonical_json(table.reset_index().to_dict("records"))


def test_canonical_json_has_one_text_for_one_content():
    content = {"b": [np.int64(1), 2.0, 0.1 + 0.2, np.nan, pd.NA, None, True], "a": {"日期": date(2023, 6, 30)}}
    assert canonical_json(content) == '{"a":{"日期":"2023-06-30"},"b":[1,2,0.3,null,null,null,true]}'
    assert canonical_json({"a": (np.float64(2), np.bool_(0)), "c": np.array([1.5])}) == '{"a":[2,false],"c":[1.5]}'
    assert canonical_json(datetime(2023, 6, 30, 8)) == '"2023-06-30T08:00:00"'  # noqa: DTZ001 a naive time is meant


def test_canonical_json_refuses_what_it_cannot_freeze():
    with pytest.raises(TypeError, match="object cannot be frozen"):
        canonical_json({"a": object()})
    with pytest.raises(TypeError, match="keys"):
        canonical_json({1: "a"})
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json([np.inf])
