"""A street of five corners 400 m apart with three buildings and one station: siting worked out by hand.

corner   0 ---- 400 ---- 800 ---- 1200 ---- 1600
people   a(10)                    b(30)      c(5)
station  S (at 0)
"""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

from gis_service.errors import InputError
from gis_service.reach.rules import ReachRules
from gis_service.reach.siting.rules import SitingRules
from gis_service.reach.siting.site import site

CRS = "EPSG:4549"
FIVE_MINUTES = SitingRules(ReachRules(minutes=5, min_component_m=0.0), count=1, time_limit_s=None)


@pytest.fixture
def street(streets):
    places = [(400.0 * corner, 0.0) for corner in range(5)]
    nodes, edges = streets.frames(places, [(0, 1), (1, 2), (2, 3), (3, 4)])
    edges["name"] = ["西街", None, "东街", "东街"]
    buildings = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c", "shed", "outside"],
            "households": [10, 30, 5, 0, 70],
            "residents": pd.array([30, 90, 15, 0, 210], dtype="Int64"),
            "community_code": ["w", "e", "e", "e", None],
        },
        geometry=[Point(x, 0) for x in (0, 1200, 1600, 1300, 1500)],
        crs=CRS,
    )
    facilities = gpd.GeoDataFrame({"id": ["r1"], "kind": ["red_station"]}, geometry=[Point(0, 0)], crs=CRS)
    regions = gpd.GeoDataFrame(
        {"code": ["e", "w"], "level": "community", "parent_code": None, "name": ["东", "西"]},
        geometry=[box(600, -9, 1700, 9), box(-100, -9, 600, 9)],
        crs=CRS,
    )
    return nodes, edges, buildings, facilities, regions


def rooms(**columns):
    return gpd.GeoDataFrame(
        {"id": ["r1", "r2"], "name": ["东厅", "末厅"], **columns}, geometry=[Point(1100, 0), Point(1500, 0)], crs=CRS
    )


def test_the_room_that_covers_most_opens_and_everybody_is_counted_before_and_after(street):
    result = site(*street, rooms(), FIVE_MINUTES)
    [only] = result.sites.to_dict("records")
    # Both are within 300 m of r2 (1500): b at 1200 just so, c at 1600.
    assert (only["id"], only["name"], only["street"], only["community_code"]) == ("r2", "末厅", "东街", "e")
    assert only["households_gained"] == 35
    assert np.isnan(only["saved_m"])
    summary = result.summary
    assert (summary["objective"], summary["bound"], summary["gap"], summary["proved_optimal"]) == (45, 45, 0, True)
    assert (summary["households"], summary["households_covered_before"]) == (45, 10)
    assert (summary["buildings_outside_communities"], summary["households_outside_communities"]) == (1, 70)
    coverage = result.coverage.set_index("code")
    assert coverage.loc["e", ["households", "households_before", "households_after"]].tolist() == [35, 0, 35]
    assert coverage.loc["w", ["households", "households_before", "households_after"]].tolist() == [10, 10, 10]
    assert coverage.loc["e", ["residents_before", "residents_after"]].tolist() == [0, 105]
    assert result.gaps.empty


def test_a_site_and_a_facility_of_the_same_id_stay_apart(street):
    assignment = site(*street, rooms(), replace(FIVE_MINUTES, count=2)).assignment.set_index("id")
    assert assignment.loc["a", ["facility_id", "site_id"]].tolist() == ["r1", None]
    assert assignment.loc["b", ["facility_id", "site_id"]].tolist() == [None, "r2"]
    assert assignment.loc["b", "walk_m"] == pytest.approx(300)
    assert assignment["covered_before"].tolist() == [True, False, False, False, False]


def test_a_room_that_adds_nobody_stays_closed(street):
    result = site(*street, rooms(), replace(FIVE_MINUTES, count=2))
    assert result.sites["id"].tolist() == ["r2"]
    assert result.candidates["rank"].isna().tolist() == [True, False]


def test_a_room_that_no_street_leads_to_is_named(street):
    away = pd.concat([rooms(), rooms().iloc[:1].assign(id="r0").set_geometry([Point(1100, 501)], crs=CRS)])
    assert site(*street, away, FIVE_MINUTES).summary["candidates_off_network"] == ["r0"]
    assert site(*street, rooms(), FIVE_MINUTES).summary["candidates_off_network"] == []


def test_a_room_that_is_full_serves_no_more(street):
    result = site(*street, rooms(capacity=[np.nan, 20.0]), FIVE_MINUTES)
    # r1 (1100) covers b alone, all 30 of it; r2 would cover 35 but serves 20.
    assert result.sites["id"].tolist() == ["r1"]
    assert result.summary["households_served"] == 40
    full = site(*street, rooms(capacity=[4.0, 20.0]), FIVE_MINUTES)
    assert (full.summary["households_served"], full.summary["households_covered_after"]) == (30, 45)


def test_who_walks_less_to_a_room_counts_as_covered_only_if_it_serves_them(street):
    result = site(*street, rooms(capacity=[4.0, 20.0]), replace(FIVE_MINUTES, aim="walk", count=2))
    # r2 (1500) saves the 5 of c 800 m each and 15 of b 600 m each, r1 (1100) brings 4 more of b 800 m nearer.
    sites = result.sites.set_index("id")
    assert sites.loc["r2", ["households_gained", "saved_m"]].tolist() == pytest.approx([20, 5 * 800 + 15 * 600])
    assert sites.loc["r1", ["households_gained", "saved_m"]].tolist() == pytest.approx([4, 4 * 800])
    assert result.summary["households_served"] == pytest.approx(10 + 24)
    assert result.summary["households_covered_after"] == 45


def test_shortest_walks_save_what_can_be_added_up_by_hand(street):
    result = site(*street, rooms(), replace(FIVE_MINUTES, aim="walk"))
    # Longest walk that counts: 900 m. Today b and c count 900 each; r2 brings b to 300, c to 100: 30 * 600 + 5 * 800.
    # r1 would bring b to 100 and c to 500: 30 * 800 + 5 * 400 = 26,000, which is more.
    [only] = result.sites.to_dict("records")
    assert (only["id"], only["saved_m"]) == ("r1", pytest.approx(26_000))
    assert only["households_gained"] == 30
    assert result.summary["before"] == pytest.approx(900 * 35)
    assert result.summary["objective"] == pytest.approx(900 * 35 - 26_000)


@pytest.mark.parametrize(("aim", "room", "gained"), [("cover", "west", 30), ("walk", "east", 5)])
def test_people_walk_to_the_sites_uphill_or_downhill_as_the_check_counts_it(street, aim, room, gained):
    nodes, edges, buildings, facilities, regions = street
    # To walk east counts 1.5 times the length, to walk west 0.9 times.
    slopes = {"slope_to_u": 0.9, "slope_to_v": 1.5, "crossings": 0.0, "signals": 0.0, "structure": None}
    steep = edges.assign(**slopes, kind="residential", origin="streets")
    rooms_ = gpd.GeoDataFrame(
        {"id": ["east", "west"], "name": ["东", "西"]}, geometry=[Point(1410, 0), Point(890, 0)], crs=CRS
    )
    rules = SitingRules(ReachRules(minutes=5, min_component_m=0.0, slope="tobler"), aim=aim, count=1, time_limit_s=None)
    result = site(nodes, steep, buildings, facilities, regions, rooms_, rules)
    # b walks 210 m east or 310 m west: 315 and 279 counted; c walks 190 m or 710 m west: 171 and 639.
    [only] = result.sites.to_dict("records")
    assert (only["id"], only["households_gained"]) == (room, gained)
    walks_s = result.assignment.set_index("id")["walk_s"]
    assert walks_s[["b", "c"]].tolist() == pytest.approx([279, 639] if room == "west" else [315, 171])
    assert result.summary["households_covered_after"] == result.coverage["households_after"].sum() == 10 + gained
    if aim == "walk":
        assert result.summary["objective"] == pytest.approx(30 * 315 + 5 * 171)


def test_street_corners_near_those_left_are_the_candidates_where_none_are_given(street):
    result = site(*street, None, FIVE_MINUTES)
    assert set(result.candidates.geometry.x) == {1200.0, 1600.0}
    assert result.candidates["name"].str.startswith("拟设点 ").all()
    assert result.sites.geometry.x.tolist() == [1200.0]
    everybody = site(*street, None, replace(FIVE_MINUTES, aim="walk"))
    assert 0.0 in set(everybody.candidates.geometry.x)


def test_street_corners_beyond_the_most_are_left_out_and_counted(street, monkeypatch):
    assert site(*street, None, FIVE_MINUTES).summary["candidates_left_out"] == 0
    monkeypatch.setattr("gis_service.reach.siting.site.MOST_CORNERS", 1)
    summary = site(*street, None, FIVE_MINUTES).summary
    assert (summary["candidates"], summary["candidates_left_out"]) == (1, 1)


def test_the_fewest_that_cover_a_share_and_a_share_that_cannot_be(street):
    all_of_them = replace(FIVE_MINUTES, count=None, share=1.0)
    assert site(*street, rooms(), all_of_them).summary["objective"] == 1
    with pytest.raises(InputError, match=r"只能覆盖 88\.8% 的户数，还差 5 户"):
        site(*street, rooms().iloc[:1], all_of_them)


def test_where_everybody_is_covered_nothing_opens(street):
    nodes, edges, buildings, facilities, regions = street
    result = site(nodes, edges, buildings[buildings["id"] == "a"], facilities, regions, None, FIVE_MINUTES)
    assert result.candidates.empty
    assert (result.summary["sites"], result.summary["proved_optimal"]) == (0, True)


def test_without_any_facility_the_first_one_is_sited(street):
    nodes, edges, buildings, facilities, regions = street
    result = site(nodes, edges, buildings, facilities.iloc[:0], regions, rooms(), FIVE_MINUTES)
    assert result.summary["households_covered_before"] == 0
    assert result.sites["households_gained"].tolist() == [35]


def test_the_order_of_rows_changes_nothing(street):
    turned = [frame.iloc[::-1] for frame in street]
    one, other = site(*street, rooms(), FIVE_MINUTES), site(*turned, rooms().iloc[::-1], FIVE_MINUTES)
    assert one.summary == other.summary
    pd.testing.assert_frame_equal(one.assignment, other.assignment)
    pd.testing.assert_frame_equal(one.coverage, other.coverage)
    pd.testing.assert_frame_equal(pd.DataFrame(one.candidates), pd.DataFrame(other.candidates))
