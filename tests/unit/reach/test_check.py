import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import Point, box

from gis_service.reach.check import PACES, ReachRules, check_reach

LANE = ([(0, 0), (5000, 0), (0, 3000), (2500, 3000), (0, 9000), (100, 9000)], [(0, 1), (2, 3), (4, 5)])


@pytest.fixture
def lane(streets):
    """Return a 5 km street, a separate 2.5 km street and a 100 m island."""
    return streets.frames(*LANE)


def homes(places, households=None):
    """Return buildings at places, ids b0, b1, …; all in community a."""
    count = len(places)
    return gpd.GeoDataFrame(
        {
            "id": [f"b{i}" for i in range(count)],
            "households": np.array(households or [10] * count, dtype=np.int64),
            "residents": pd.array([30] * count, dtype="Int64"),
            "community_code": pd.Series(["a"] * count, dtype=object),
        },
        geometry=[place if hasattr(place, "geom_type") else Point(place) for place in places],
        crs="EPSG:4549",
    )


def stations(places, kind="red_station"):
    ids = [f"s{i}" for i in range(len(places))]
    points = gpd.GeoSeries([Point(place) for place in places], crs="EPSG:4549")
    return gpd.GeoDataFrame({"id": ids, "kind": [kind] * len(ids)}, geometry=points, crs="EPSG:4549")


REGIONS = gpd.GeoDataFrame(
    {"code": ["a"], "level": ["community"], "parent_code": pd.Series([None], dtype=object)},
    geometry=[box(-1000, -1000, 6000, 6000)],
    crs="EPSG:4549",
)


@pytest.mark.parametrize(
    ("speed", "walk_m", "covered"),
    [
        (PACES["standard"], 899.0, True),
        (PACES["standard"], 900.0, True),
        (PACES["standard"], 901.0, False),
        (PACES["elderly"], 719.0, True),
        (PACES["elderly"], 720.0, True),
        (PACES["elderly"], 721.0, False),
    ],
)
def test_fifteen_minutes_end_at_900_metres_and_for_the_elderly_at_720(lane, speed, walk_m, covered):
    result = check_reach(
        *lane, homes([(1000 + walk_m, 0)]), stations([(1000, 0)]), REGIONS, ReachRules(speed_m_per_s=speed)
    )
    assert result.buildings["walk_m"].tolist() == [walk_m]
    assert result.buildings["walk_s"].tolist() == [walk_m / speed]
    assert result.buildings["covered"].tolist() == [covered]


def test_every_building_gets_its_facility_walk_straight_line_and_status(lane):
    result = check_reach(
        *lane,
        homes([(500, 20), (2000, 3000), (100, 8990), (0, -800)]),
        stations([(1000, 30), (900, 3700)]),
        REGIONS,
        ReachRules(),
    )
    table = result.buildings
    assert table["facility_id"].tolist() == ["s0", None, None, None]
    assert table["status"].tolist() == ["ok", "no_path", "no_network", "no_network"]
    assert table["walk_m"][0] == pytest.approx(20 + 500 + 30)
    assert table["walk_m"][1:].isna().all()
    assert table["walk_s"][1:].isna().all()
    assert table["straight_m"].tolist() == pytest.approx(
        [np.hypot(500, 10), np.hypot(1100, 700), np.hypot(800, 5290), np.hypot(1000, 830)]
    )
    assert table["covered"].tolist() == [True, False, False, False]


def test_the_straight_line_may_lead_to_another_facility_than_the_walk(streets):
    frames = streets.frames([(0, 0), (2500, 0), (0, 60), (2500, 60)], [(0, 1), (2, 3), (1, 3)])
    result = check_reach(*frames, homes([(100, 0)]), stations([(100, 60), (900, 0)]), REGIONS, ReachRules())
    assert result.buildings["facility_id"].tolist() == ["s1"]
    assert result.buildings["straight_m"].tolist() == [60.0]


def test_a_building_starts_from_a_point_inside_its_polygon(lane):
    hollow = box(0, 10, 30, 40).difference(box(5, 15, 25, 40))
    result = check_reach(*lane, homes([hollow]), stations([(1000, 0)]), REGIONS, ReachRules())
    inside = hollow.representative_point()
    assert result.buildings["walk_m"].tolist() == pytest.approx([inside.y + 1000 - inside.x])


def test_only_facilities_of_the_chosen_kinds_count(lane):
    facilities = pd.concat([stations([(0, 0)], "elder_canteen"), stations([(3000, 0)]).assign(id="t")])
    result = check_reach(*lane, homes([(10, 0)]), facilities, REGIONS, ReachRules())
    assert result.buildings["facility_id"].tolist() == ["t"]
    result = check_reach(*lane, homes([(10, 0)]), facilities, REGIONS, ReachRules(kinds=("elder_canteen",)))
    assert result.buildings["facility_id"].tolist() == ["s0"]


def test_the_summary_tells_what_was_left_out(lane):
    result = check_reach(
        *lane,
        homes([(500, 20), (2000, 3000), (100, 8990), (600, 0)], [1, 2, 4, 0]),
        stations([(1000, 0), (1000, 7000)]),
        REGIONS,
        ReachRules(),
    )
    summary = json.loads(json.dumps(result.summary))
    assert summary["buildings"] == 3
    assert summary["buildings_covered"] == 1
    assert summary["households"] == 7
    assert summary["households_covered"] == 1
    assert summary["households_no_path"] == 2
    assert summary["households_no_network"] == 4
    assert summary["facilities"] == 2
    assert summary["facilities_off_network"] == ["s1"]
    assert summary["components"] == 3
    assert summary["components_walked_on"] == 2
    assert summary["components_left_out_m"] == 100.0
    assert summary["network_m"] == 7600.0
    assert summary["largest_component_share"] == pytest.approx(5000 / 7600)


def test_the_summary_tells_who_hangs_on_small_pieces_of_the_network_and_who_lives_near_its_end(lane):
    # s0 serves the 5 km street; b1 walks on the 2.5 km street, b2 lives at the island and walks from elsewhere.
    result = check_reach(
        *lane,
        homes([(2500, 0), (2000, 3000), (50, 8990)], [1, 2, 4]),
        stations([(2600, 0), (1000, 3000)]),
        REGIONS,
        ReachRules(max_gap_m=8000),
    )
    summary = json.loads(json.dumps(result.summary))
    assert summary["households_other_components"] == 2 + 4
    assert summary["households_left_out_components"] == 4
    assert summary["small_components"] == [
        {"length_m": 100.0, "households": 4, "walked_on": False, "x_m": 0.0, "y_m": 9000.0},
        {"length_m": 2500.0, "households": 2, "walked_on": True, "x_m": 0.0, "y_m": 3000.0},
    ]
    # b0 stands on the hull's border, b1 walks 1,000 m and lies 1,414 m from it, b2 walks kilometres.
    assert summary["households_near_border"] == 1 + 4
    assert summary["households_near_border_uncovered"] == 4


def test_the_summary_counts_the_communities_and_tells_those_outside_apart(lane):
    buildings = homes([(500, 20), (600, 20), (700, 20)], [1, 2, 4])
    buildings.loc[1, "community_code"] = None
    result = check_reach(*lane, buildings, stations([(1000, 0)]), REGIONS, ReachRules())
    summary, city = result.summary, result.coverage.iloc[0]
    for name in ("buildings", "buildings_covered", "households", "households_covered"):
        assert summary[name] == city[name]
    assert summary["households"] == 5
    assert summary["buildings_outside_communities"] == 1
    assert summary["households_outside_communities"] == 2


def test_there_is_one_circle_per_facility_that_reaches_a_street_and_one_of_all(lane):
    result = check_reach(*lane, homes([(0, 0)]), stations([(1000, 0), (1000, 7000)]), REGIONS, ReachRules(minutes=5))
    assert result.circles["facility_id"].tolist() == ["s0", None]
    assert result.circles["minutes"].tolist() == [5.0, 5.0]
    bands = check_reach(*lane, homes([(0, 0)]), stations([(1000, 0), (1000, 7000)]), REGIONS, ReachRules()).circles
    assert bands["facility_id"].tolist() == ["s0"] * 3 + [None] * 3
    assert bands["minutes"].tolist() == [5.0, 10.0, 15.0] * 2
    assert (result.circles.geometry.geom_type == "MultiPolygon").all()
    assert result.circles.crs == "EPSG:4549"


def test_gaps_and_coverage_follow_from_the_walks(lane):
    result = check_reach(
        *lane, homes([(500, 0), (4000, 0), (4050, 0)], [1, 2, 4]), stations([(0, 0)]), REGIONS, ReachRules()
    )
    assert result.gaps["households"].tolist() == [6]
    assert result.gaps["nearest_walk_m"].tolist() == [4000.0]
    assert result.coverage[["households", "households_covered"]].to_numpy().tolist() == [[7, 1]]


def test_gaps_hold_just_the_people_of_the_city_that_coverage_counts_as_not_covered(lane):
    city = pd.concat([REGIONS.assign(parent_code="city"), REGIONS.assign(code="city", level="city")])
    places = [(500, 0), (4000, 0), (2000, 3000), (100, 8990), (4040, 0), (4500, 0), (600, 0)]
    buildings = homes(places, [1, 2, 4, 8, 16, 32, 64])
    buildings["community_code"] = ["a", "a", "a", "a", None, None, None]
    result = check_reach(*lane, buildings, stations([(0, 0)]), city.reset_index(drop=True), ReachRules())
    of_city = result.coverage.set_index("code").loc["city"]
    assert (of_city["households"], of_city["households_covered"]) == (15, 1)
    assert result.gaps["households"].sum() == 2 + 4 + 8


def test_without_facilities_nobody_is_covered(lane):
    result = check_reach(*lane, homes([(500, 0)]), stations([]), REGIONS, ReachRules())
    assert result.buildings["status"].tolist() == ["no_path"]
    assert result.buildings["straight_m"].isna().all()
    assert len(result.circles) == 0
    assert result.summary["facilities"] == 0


def test_without_streets_nobody_is_covered(streets):
    result = check_reach(*streets.frames([], []), homes([(500, 0)]), stations([(500, 0)]), REGIONS, ReachRules())
    assert result.buildings["status"].tolist() == ["no_network"]
    assert result.summary["facilities_off_network"] == ["s0"]
    assert result.summary["largest_component_share"] is None


def test_without_buildings_there_are_still_circles(lane):
    result = check_reach(*lane, homes([(0, 0)])[:0], stations([(500, 0)]), REGIONS, ReachRules())
    assert len(result.buildings) == 0
    assert len(result.gaps) == 0
    assert len(result.circles) == 6
    assert result.catchments["facility_id"].tolist() == ["s0"]


def test_the_columns_are_those_of_the_contract(lane):
    result = check_reach(*lane, homes([(500, 0)]), stations([(0, 0)]), REGIONS, ReachRules())
    kinds = result.buildings.dtypes.astype(str).to_dict()
    walk = ["walk_m", "walk_s", "walk_back_s"]
    assert list(kinds) == ["id", "facility_id", *walk, "straight_m", "covered", "status", "access_m2"]
    assert kinds["covered"] == "bool"
    assert kinds["facility_id"] == kinds["status"] == "object"
    assert result.circles.columns.tolist() == ["facility_id", "minutes", "geometry"]


def test_the_order_of_rows_does_not_matter_and_the_input_stays_as_it_is(lane):
    nodes, edges = lane
    places = [(500, 20), (2000, 3000), (100, 8990), (4000, 0), (1900, 5)]
    buildings, facilities = homes(places, [1, 2, 3, 4, 5]), stations([(1000, 0), (2800, 0), (1000, 7000)])
    before = [frame.copy() for frame in (nodes, edges, buildings, facilities, REGIONS)]
    result = check_reach(nodes, edges, buildings, facilities, REGIONS, ReachRules())
    turned = check_reach(
        nodes.iloc[::-1],
        edges.iloc[::-1],
        buildings.iloc[[3, 0, 4, 1, 2]],
        facilities.iloc[::-1],
        REGIONS,
        ReachRules(),
    )
    for frame, copy in zip((nodes, edges, buildings, facilities, REGIONS), before, strict=True):
        assert_geodataframe_equal(frame, copy)
    pd.testing.assert_frame_equal(result.buildings, turned.buildings)
    assert_geodataframe_equal(result.circles, turned.circles)
    assert_geodataframe_equal(result.gaps, turned.gaps)
    pd.testing.assert_frame_equal(result.coverage, turned.coverage)
    assert result.summary == turned.summary


def test_gaps_say_where_they_are_who_lives_there_and_what_is_missing(lane):
    nodes, edges = lane
    edges = edges.assign(name=["长街", None, None])
    regions = REGIONS.assign(name="甲社区")
    buildings = homes([(2200, 0), (2250, 0), (4900, 0)], [5, 9, 3]).assign(elderly=pd.array([2, 3, 4], dtype="Int64"))
    estates = gpd.GeoDataFrame({"name": ["东苑"]}, geometry=[box(4800, -50, 5000, 50)], crs="EPSG:4549")
    facilities = stations([(1000, 0)]).assign(name="一号驿站")
    gaps = check_reach(nodes, edges, buildings, facilities, regions, ReachRules(), estates=estates).gaps
    assert gaps["name"].tolist() == ["甲社区 · 长街", "甲社区 · 东苑"]
    assert gaps["community_code"].tolist() == ["a", "a"]
    assert gaps["elderly"].tolist() == [5, 4]
    assert gaps["nearest_walk_m"].tolist() == [1200.0, 3900.0]
    assert gaps["mean_walk_m"].tolist() == [(5 * 1200 + 9 * 1250) / 14, 3900.0]
    assert gaps["farthest_walk_m"].tolist() == [1250.0, 3900.0]
    assert gaps["missing_min"].tolist() == [pytest.approx((gaps["mean_walk_m"][0] - 900) / 60), 50.0]
    assert gaps["facility_id"].tolist() == ["s0", "s0"]
    assert gaps["facility_name"].tolist() == ["一号驿站", "一号驿站"]


def test_bands_count_everybody_on_foot_and_as_the_crow_flies_by_region_and_grid(streets):
    # A detour: the station is 100 m away across the block, 700 m along the street.
    frames = streets.frames([(0, 0), (300, 0), (300, 100), (0, 100)], [(0, 1), (1, 2), (2, 3)])
    buildings = homes([(0, 0), (300, 50)], [10, 4]).assign(
        elderly=pd.array([3, pd.NA], dtype="Int64"), children=pd.array([1, 2], dtype="Int64")
    )
    grids = pd.DataFrame({"id": ["b0", "b1"], "grid_code": ["a001", "a002"]})
    bands = check_reach(*frames, buildings, stations([(0, 100)]), REGIONS, ReachRules(), grid_codes=grids).bands
    rows = bands.set_index(["level", "code", "minutes"])
    assert rows.index.tolist() == [
        (level, code, minutes)
        for level, code in (("community", "a"), ("grid", "a001"), ("grid", "a002"))
        for minutes in (5.0, 10.0, 15.0)
    ]
    community = rows.loc[("community", "a")]
    assert community["households"].tolist() == [14, 14, 14]
    assert community["households_covered"].tolist() == [0, 4, 14]
    assert community["households_straight"].tolist() == [10, 14, 14]
    assert community["children_covered"].tolist() == [0, 2, 3]
    assert community["elderly"].isna().all()
    assert community["elderly_straight"].tolist()[0] == 3
    assert community["elderly_covered"].isna().tolist() == [False, True, True]
    assert rows.loc[("grid", "a001"), "buildings_covered"].tolist() == [0, 0, 1]


def test_capacity_is_told_by_facility_and_by_building(lane):
    buildings = homes([(900, 0), (1100, 0), (2600, 0)], [100, 100, 50])
    facilities = stations([(1000, 0), (1200, 0), (2500, 0)]).assign(area_m2=[40.0, 90.0, np.nan])
    result = check_reach(*lane, buildings, facilities, REGIONS, ReachRules(minutes=5))
    service = result.service.set_index("facility_id")
    assert service["households"].tolist() == [200, 0, 50]
    assert service["households_in_reach"].tolist() == [200, 200, 50]
    assert service.loc["s0", "area_per_hundred_m2"] == 20.0
    assert service["over_capacity"].tolist() == [True, False, False]
    assert service["shared_per_hundred_m2"].tolist()[:2] == [20.0, 45.0]
    assert result.buildings["access_m2"].tolist() == [65.0, 65.0, 0.0]
    assert result.summary["facilities_over_capacity"] == ["s0"]
    assert result.summary["facilities_area_unknown"] == 1
    assert result.summary["area_per_hundred_households_m2"] == 52.0


def test_the_floor_area_for_all_households_falls_with_a_facility_and_not_with_the_minutes(lane):
    buildings = homes([(900, 0), (1100, 0), (2600, 0), (3000, 200)], [100, 100, 50, 150])
    facilities = stations([(1000, 0), (1200, 0)]).assign(area_m2=[40.0, 88.0])

    def per_hundred(some, minutes):
        result = check_reach(*lane, buildings, some, REGIONS, ReachRules(minutes=minutes))
        return result.summary["area_per_hundred_households_m2"]

    assert [per_hundred(facilities, minutes) for minutes in (2, 5, 15)] == [32.0, 32.0, 32.0]
    assert per_hundred(facilities.iloc[:1], 5) == 10.0
    assert per_hundred(facilities.iloc[:0], 5) == 0.0
    assert per_hundred(facilities.assign(area_m2=np.nan), 5) is None


@pytest.fixture
def hill(streets):
    """Return a street of 500 m with a crossing, then stairs of 50 m or a way round of 70 m, both uphill, then 50 m."""
    places = [(0, 0), (500, 0), (550, 0), (500, 300), (800, 300), (600, 0)]
    nodes, edges = streets.frames(
        places, [(0, 1), (1, 2), (1, 3), (3, 4), (4, 2), (2, 5)], length_m=[500, 50, 30, 20, 20, 50]
    )
    edges["kind"] = ["residential", "steps", "footway", "footway", "footway", "residential"]
    edges["crossings"] = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    edges["signals"] = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    edges["slope_to_u"] = [1.0, 0.9, 0.9, 0.9, 0.9, 1.0]
    edges["slope_to_v"] = [1.0, 3.0, 1.2, 1.2, 1.2, 1.0]
    return nodes, edges


@pytest.mark.parametrize(
    ("rules", "walk_m", "walk_s", "walk_back_s"),
    [
        ({}, 600, 600, 600),
        ({"steps_factor": 2.0}, 620, 620, 620),  # the way round: 70 m
        ({"steps_factor": 1.2, "crossing_s": 10.0}, 600, 620, 620),
        ({"slope": "tobler"}, 620, 500 + 70 * 1.2 + 50, 50 + 50 * 0.9 + 500),  # round and up; straight down
        ({"slope": "tobler", "speed_m_per_s": 0.5, "crossing_s": 10.0}, 620, 2 * 634 + 10, 2 * 595 + 10),
    ],
)
def test_minutes_are_of_the_quickest_walk_and_metres_are_walked(hill, rules, walk_m, walk_s, walk_back_s):
    result = check_reach(*hill, homes([(0, 0)]), stations([(600, 0)]), REGIONS, ReachRules(**rules))
    row = result.buildings.iloc[0]
    assert (row["walk_m"], row["walk_s"], row["walk_back_s"]) == pytest.approx((walk_m, walk_s, walk_back_s), abs=1e-5)


def test_covered_means_in_time_whatever_the_metres(hill):
    for rules, covered in (({}, True), ({"crossing_s": 1.0}, False), ({"steps_factor": 1.1}, False)):
        result = check_reach(*hill, homes([(0, 0)]), stations([(600, 0)]), REGIONS, ReachRules(minutes=10, **rules))
        assert result.buildings["covered"].tolist() == [covered]
        assert result.circles.geometry.iloc[-1].covers(Point(0, 0)) is covered
        assert result.bands["households_covered"].tolist()[-1] == (10 if covered else 0)
        assert len(result.gaps) == (not covered)
    assert result.gaps["missing_min"].iloc[0] == pytest.approx(5 / 60, abs=1e-6)
    assert result.gaps["nearest_walk_m"].iloc[0] == pytest.approx(600)
    assert result.summary["steps_m"] == 50.0
