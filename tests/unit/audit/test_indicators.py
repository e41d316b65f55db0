"""The indicators of a small city worked out by hand."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy.testing import assert_allclose

from gis_service.audit.canonical import canonical_json
from gis_service.audit.indicators import grid_indicators, region_indicators
from gis_service.audit.inventory import Inventory, take_inventory
from gis_service.audit.limits import Limits

CRS = "EPSG:4549"
LIMITS = Limits((5.0, 15.0), 1.0, 0.8)


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
            ("b1", 100, 300, 60, 30, "A", "e1", shapely.Point(10, 10)),
            ("b2", 50, 150, 30, 15, "A", "e2", shapely.Point(20, 20)),
            ("b3", 70, pd.NA, 20, 10, "B", "e2", shapely.Point(110, 10)),
            ("b4", 30, 90, 10, 5, "B", "e2", shapely.Point(190, 90)),
            ("b5", 40, 120, 20, pd.NA, "C", None, shapely.Point(900, 900)),
            ("b6", 7, 20, 1, 1, None, None, shapely.Point(250, 50)),  # in street S1, in no community
            ("b7", 5, 15, 1, 1, None, None, shapely.Point(950, 950)),  # in nothing
        ],
        columns=["id", "households", "residents", "elderly", "children", "community_code", "estate_id", "geometry"],
        crs=CRS,
    ).astype(dict.fromkeys(["residents", "elderly", "children"], "Int64"))
    estates = gpd.GeoDataFrame(
        [
            ("e1", "甲苑", box(0, 0, 15, 15)),
            ("e2", "乙苑", None),
            ("e3", "丙苑", box(110, 50, 5, 5)),
            ("e4", "丁苑", None),
        ],
        columns=["id", "name", "geometry"],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame(
        [
            ("f1", "red_station", 120.0, True, shapely.Point(12, 12)),  # A, in e1
            ("f2", "service_centre", 300.0, True, shapely.Point(112, 52)),  # B, in e3, but no station
            ("f3", "elder_canteen", np.nan, True, shapely.Point(150, 50)),  # B
            ("f4", "shop", 999.0, True, shapely.Point(150, 50)),
            ("f5", "service_centre", 80.0, True, shapely.Point(350, 50)),  # in the city only
            ("f6", "red_station", 700.0, False, shapely.Point(112, 52)),  # a private home in B
        ],
        columns=["id", "kind", "area_m2", "public", "geometry"],
        crs=CRS,
    ).assign(name="点")
    grids = pd.DataFrame(
        {
            "code": ["A1", "A2", "B1", "B2"],
            "name": "格",
            "kind": ["base", "base", "base", "special"],
            "community_code": ["A", "A", "B", "B"],
            "status": ["normal", "small", "normal", "special"],
            "unchanged_since": [date(2024, 1, 1), date(2025, 5, 1), date(2023, 1, 1), None],
        }
    )
    return {
        "regions": regions,
        "buildings": buildings,
        "grids": grids,
        "estates": estates,
        "facilities": facilities,
        "grid_codes": pd.DataFrame({"building_id": ["b1", "b2", "b4"], "grid_code": ["A1", "A2", "B1"]}),
        "walks": pd.DataFrame(
            {
                "id": ["b1", "b2", "b3", "b4", "b5", "b6", "b7"],
                "facility_id": ["f1", "f1", "f1", None, "f2", "f2", None],
                "walk_m": [300.0, 900.0, 1000.0 + 1e-9, np.nan, 2500.0, 100.0, np.nan],
                "straight_m": [200.0, 300.0, 301.0, 5000.0, 900.0, 50.0, 4000.0],
                "covered": [True, True, False, False, False, True, False],
            }
        ).assign(walk_s=lambda frame: frame["walk_m"]),
        "group_walks": pd.DataFrame(
            {
                "id": ["b1", "b2", "b3", "b4", "b5", "b6", "b7"],
                "elderly_walk_s": [900.0, 901.0, 10.0, np.nan, 10.0, 1.0, 1.0],
                "children_walk_s": [np.nan, 0.0, 900.0, 901.0, 10.0, 1.0, 1.0],
            }
        ),
        "service": pd.DataFrame(
            {
                "facility_id": ["f1", "f2"],
                "households": [150, 40],
                "area_per_hundred_m2": [80.0, 29.9],
                "over_capacity": [False, True],
            }
        ),
    }


def inventory_of(city) -> Inventory:
    return take_inventory(**city)


def table_of(city, limits=LIMITS):
    return region_indicators(city["regions"], inventory_of(city), limits).set_index("code")


@pytest.fixture
def table(city):
    return table_of(city)


def column(table, name):
    return table.loc[["A", "B", "C", "S1", "S2", "COUNTY", "CITY"], name].tolist()


def test_there_is_a_row_for_every_region_of_every_level(table):
    assert table.index.tolist() == ["A", "B", "C", "CITY", "COUNTY", "S1", "S2"]
    assert column(table, "communities") == [1, 1, 1, 2, 1, 3, 3]


def test_people_are_summed_upwards_and_unknown_residents_stay_unknown(table):
    assert column(table, "buildings") == [2, 2, 1, 4, 1, 5, 5]
    assert column(table, "households") == [150, 100, 40, 250, 40, 290, 290]
    assert column(table, "residents") == [450, pd.NA, 120, pd.NA, 120, pd.NA, pd.NA]
    assert column(table, "elderly") == [90, 30, 20, 120, 20, 140, 140]


def test_buildings_without_a_community_count_where_a_polygon_covers_them_or_at_the_top(table):
    assert column(table, "buildings_without_community") == [0, 0, 0, 1, 0, 1, 2]
    assert column(table, "households_without_community") == [0, 0, 0, 7, 0, 7, 12]


def test_buildings_of_communities_that_are_in_no_grid_are_counted(table):
    assert column(table, "buildings_without_grid") == [0, 1, 1, 1, 1, 2, 2]
    assert column(table, "households_without_grid") == [0, 70, 40, 70, 40, 110, 110]


def test_grids_are_counted_by_status_and_special_ones_are_no_part_of_the_share(table):
    assert column(table, "grids") == [2, 2, 0, 4, 0, 4, 4]
    assert column(table, "grids_small") == [1, 0, 0, 1, 0, 1, 1]
    assert column(table, "grids_large") == [0] * 7
    assert_allclose(column(table, "normal_share"), [1 / 2, 1, np.nan, 2 / 3, np.nan, 2 / 3, 2 / 3])


def test_grids_without_households_are_counted_and_are_no_part_of_the_share(city):
    empty = pd.DataFrame({"code": ["A3", "C1"], "community_code": ["A", "C"], "status": ["empty", "empty"]})
    grids = pd.concat([city["grids"], empty.assign(name="空", kind="base", unchanged_since=None)])
    table = table_of(city | {"grids": grids})
    assert column(table, "grids_empty") == [1, 0, 1, 1, 1, 2, 2]
    assert_allclose(column(table, "normal_share"), [1 / 2, 1, np.nan, 2 / 3, np.nan, 2 / 3, 2 / 3])


def test_grids_are_unchanged_since_the_last_day_on_which_one_of_them_changed(table):
    assert column(table, "grids_unchanged") == [2, 1, 0, 3, 0, 3, 3]
    assert column(table, "unchanged_since") == [date(2025, 5, 1), *[None] * 6]


def test_households_within_each_cut_off_are_counted_on_foot_and_in_a_straight_line(table):
    assert column(table, "households_5_min") == [100, 0, 0, 100, 0, 100, 100]
    assert column(table, "households_5_min_straight") == [150, 0, 0, 150, 0, 150, 150]
    assert column(table, "households_15_min") == [150, 0, 0, 150, 0, 150, 150]
    assert column(table, "households_15_min_straight") == [150, 70, 40, 220, 40, 260, 260]
    assert_allclose(column(table, "households_15_min_share")[3], 150 / 250)
    assert column(table, "residents_15_min_straight") == [450, pd.NA, 120, pd.NA, 120, pd.NA, pd.NA]


def test_shares_covered_are_unknown_where_nobody_counts_or_residents_are_unknown(table):
    assert_allclose(column(table, "buildings_covered_share"), [1, 0, 0, 1 / 2, 0, 2 / 5, 2 / 5])
    assert_allclose(column(table, "residents_covered_share"), [1, np.nan, 0, np.nan, 0, np.nan, np.nan])


def test_buildings_without_households_are_no_part_of_the_coverage(city):
    buildings = city["buildings"].copy()
    buildings.loc[1, "households"] = 0  # b2 still has residents
    table = table_of(city | {"buildings": buildings})
    assert table.loc["A", ["residents", "residents_counted", "buildings", "buildings_inhabited"]].tolist() == [
        450,
        300,
        2,
        1,
    ]
    assert table.loc["A", "residents_covered_share"] == 1


def test_the_elderly_are_served_within_the_cut_off_and_an_unknown_number_of_children_stays_unknown(table):
    assert column(table, "elderly_served") == [60, 20, 20, 80, 20, 100, 100]
    assert column(table, "children_served") == [15, 10, pd.NA, 25, pd.NA, pd.NA, pd.NA]
    assert_allclose(column(table, "elderly_served_share")[:2], [60 / 90, 20 / 30])


def test_households_beyond_1000_m_walk_strictly_farther_or_have_no_path(table):
    # b3 is at the limit but for rounding; b6 and b7 belong to no community
    assert column(table, "households_beyond") == [0, 30, 40, 30, 40, 70, 70]


def test_without_a_run_everything_about_walks_is_unknown(city):
    table = table_of({**city, "walks": None, "group_walks": None, "service": None}, None)
    for name in ("households_beyond", "households_covered", "elderly_served"):
        assert table[name].isna().all()
    assert table["households_covered_share"].isna().all()
    assert column(table, "households")[:3] == [150, 100, 40]


def test_an_estate_counts_where_most_of_its_buildings_are_and_needs_a_public_station_inside(table):
    # e1 in A has one; e2 mostly in B, its hull holds none; e3 in B by its polygon holds a private home; e4 is nowhere
    assert column(table, "estates") == [1, 2, 0, 3, 0, 3, 4]
    assert column(table, "estates_without_station") == [0, 2, 0, 2, 0, 2, 3]


def test_the_hull_of_its_buildings_stands_for_an_estate_without_a_polygon(city):
    inside = city["facilities"].iloc[[0]].set_geometry([shapely.Point(100, 40)], crs=CRS)
    assert table_of(city | {"facilities": inside}).loc["B", "estates_without_station"] == 1


def test_service_area_is_related_to_households_and_unknown_areas_are_told(table):
    assert column(table, "service_facilities") == [1, 2, 0, 3, 0, 3, 4]
    assert column(table, "service_facilities_area_unknown") == [0, 1, 0, 1, 0, 1, 1]
    assert column(table, "service_area_m2") == [120, 300, 0, 420, 0, 420, 500]
    assert_allclose(
        column(table, "service_m2_per_100_households"),
        [80, 300, 0, 42000 / 250, 0, 42000 / 290, 50000 / 290],
    )
    assert column(table, "facilities_over_capacity") == [0, 1, 0, 1, 0, 1, 1]


def test_where_no_area_is_known_the_ratio_is_unknown_not_zero(city):
    table = table_of(city | {"facilities": city["facilities"].assign(area_m2=np.nan)})
    assert table["service_m2_per_100_households"].isna()[["A", "B"]].all()


def test_grids_have_the_figures_of_the_buildings_in_them(city):
    grids = grid_indicators(inventory_of(city), LIMITS).set_index("code")
    assert grids.index.tolist() == ["A1", "A2", "B1", "B2"]
    assert grids["households"].tolist() == [100, 50, 30, 0]
    assert grids["households_15_min"].tolist() == [100, 50, 0, 0]
    assert grids["elderly_served"].tolist() == [60, 0, 0, 0]
    assert_allclose(grids["households_5_min_share"], [1, 0, 0, np.nan])


def test_walks_that_leave_out_a_building_are_refused(city):
    with pytest.raises(KeyError, match="b2"):
        inventory_of(city | {"walks": city["walks"].iloc[:1]})


def test_a_city_without_anything_has_rows_of_zeros(city):
    empty = table_of({name: frame if name == "regions" else frame.iloc[:0] for name, frame in city.items()})
    assert empty["households"].tolist() == [0] * 7
    assert empty["residents"].tolist() == [0] * 7
    assert empty["normal_share"].isna().all()


def test_the_order_of_rows_changes_no_byte(city):
    def frozen(frames):
        inventory = inventory_of(frames)
        tables = [region_indicators(frames["regions"], inventory, LIMITS), grid_indicators(inventory, LIMITS)]
        return canonical_json([table.to_dict("records") for table in [*tables, *vars(inventory).values()]])

    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in city.items()}
    shuffled = {name: frame.sample(frac=1, random_state=3).reset_index(drop=True) for name, frame in city.items()}
    assert frozen(turned) == frozen(city) == frozen(shuffled)


def test_the_limit_itself_and_what_rounding_adds_to_it_are_not_beyond():
    walks = pd.Series([999.0, 1000.0, 1000.0 + 1e-9, 1000.01, np.nan])
    assert LIMITS.is_beyond(walks).tolist() == [False, False, False, True, True]


def test_limits_come_back_from_plain_values():
    assert Limits.from_dict(LIMITS.as_dict()) == LIMITS
    assert replace(LIMITS, minutes=(2.5, 10.0)).names() == ("2.5_min", "10_min")
