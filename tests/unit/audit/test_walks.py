"""Every seeded fault of a reach run is found, and a sound run has none; distances are worked out in conftest.py."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

X, Y = 521400.0, 3023500.0


def at(frame, row, dx, dy):
    shapes = list(frame.geometry)
    shapes[row] = shapely.Point(X + dx, Y + dy)
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))


def test_a_sound_run_has_no_finding(reach_case):
    assert reach_case.faults() == set()


def test_the_order_of_rows_changes_nothing(reach_case):
    broken = reach_case.with_results("c", walk_m=531.0, walk_s=531.0)
    turned = broken.change(
        edges=broken.edges.iloc[::-1].reset_index(drop=True),
        buildings=broken.buildings.iloc[::-1].reset_index(drop=True),
        facilities=broken.facilities.iloc[::-1].reset_index(drop=True),
        results=broken.results.iloc[::-1].reset_index(drop=True),
    )
    assert broken.faults() == turned.faults() != set()
    assert broken.faults(sample=3) == turned.faults(sample=3)


def test_a_time_that_is_not_distance_over_speed_is_named(reach_case):
    assert reach_case.with_results("a", walk_s=121.0).faults() == {("walk_time_wrong", "a")}


@pytest.mark.parametrize(
    ("walk_m", "covered", "wrong"),
    [(900.0, True, False), (900.0, False, False), (899.0, False, True), (901.0, True, True)],
)
def test_the_cut_off_is_inclusive(reach_case, walk_m, covered, wrong):
    faults = reach_case.with_results("i", walk_m=walk_m, walk_s=walk_m, covered=covered).faults()
    assert (("walk_covered_wrong", "i") in faults) is wrong


def test_elderly_people_reach_719_but_not_721_metres(reach_case):
    elderly = reach_case.change(rules=type(reach_case.rules)(speed_m_per_s=0.8))
    for walk_m, covered in ((719.0, True), (721.0, False)):
        right = elderly.with_results("i", walk_m=walk_m, walk_s=walk_m / 0.8, covered=covered).faults()
        wrong = elderly.with_results("i", walk_m=walk_m, walk_s=walk_m / 0.8, covered=not covered).faults()
        assert ("walk_covered_wrong", "i") in wrong - right


@pytest.mark.parametrize(
    "values",
    [
        {"status": "no_path"},
        {"facility_id": None},
        {"walk_m": np.nan, "walk_s": np.nan},
    ],
)
def test_a_status_that_contradicts_the_other_columns_is_named(reach_case, values):
    assert ("walk_status_wrong", "a") in reach_case.with_results("a", **values).faults()


def test_an_unreachable_building_that_is_called_covered_is_named(reach_case):
    assert reach_case.with_results("g", covered=True).faults() == {("walk_status_wrong", "g")}


def test_missing_repeated_and_unknown_buildings_are_named(reach_case):
    results = reach_case.results
    ghost = results.iloc[[0]].assign(id="ghost")
    case = reach_case.change(results=pd.concat([results.iloc[1:], results.iloc[[2]], ghost], ignore_index=True))
    assert case.faults() == {("walk_missing", "a"), ("walk_repeated", "c"), ("walk_of_unknown_building", "ghost")}


@pytest.mark.parametrize("facility", ["home", "shop", "nobody"])
def test_a_facility_that_does_not_count_is_named(reach_case, facility):
    faults = reach_case.with_results("a", facility_id=facility).faults(sample=0)
    assert faults == {("walk_to_unknown_facility", "a")}


def test_a_walk_shorter_than_the_straight_line_is_named(reach_case):
    # i is 551.45 m from s2 and 1 % + 5 m are allowed for rounded street lengths: 540.94 m
    assert ("walk_shorter_than_line", "i") in reach_case.with_results("i", walk_m=540.9, walk_s=540.9).faults()
    assert ("walk_shorter_than_line", "i") not in reach_case.with_results("i", walk_m=541.0, walk_s=541.0).faults()


def test_a_straight_line_that_is_not_to_the_nearest_facility_is_named(reach_case):
    right = [101.98, 300.67, 500.9, 250.2, 488.36, 14.14, 3800.0, 801.31, 551.45]
    case = reach_case.change(results=reach_case.results.assign(straight_m=right))
    assert case.faults() == set()
    assert case.with_results("i", straight_m=552.0).faults() == {("straight_line_wrong", "i")}
    assert case.with_results("i", straight_m=np.nan).faults() == {("straight_line_wrong", "i")}
    none = case.change(facilities=case.facilities.iloc[3:], results=case.results.assign(straight_m=np.nan))
    assert not any(kind == "straight_line_wrong" for kind, _ in none.faults())


def test_a_walk_longer_than_by_way_of_a_neighbour_on_the_same_street_is_named(reach_case):
    # a could walk 200 m along the street to b: 20 + 200 + 300
    assert ("walk_breaks_triangle", "a") in reach_case.with_results("a", walk_m=520.1, walk_s=520.1).faults(sample=0)


def test_a_walk_longer_than_by_way_of_a_neighbour_round_the_corner_is_named(reach_case):
    far = reach_case.change(facilities=reach_case.facilities.iloc[1:])
    results = reach_case.results.copy()
    walks = {"a": 1330.0, "b": 1130.0, "c": 940.0, "d": 1670.0, "e": 1980.0}
    for building, walk_m in walks.items():
        chosen = results["id"] == building
        results.loc[chosen, ["facility_id", "covered"]] = ["s2", False]
        results.loc[chosen, ["walk_m", "walk_s"]] = walk_m
    sound = far.change(results=results)
    assert sound.faults() == set()
    # c is on the next street: 20 + 100 + 100 + 910 bounds b
    assert sound.with_results("b", walk_m=1130.1, walk_s=1130.1).faults(sample=0) == {("walk_breaks_triangle", "b")}


def test_a_facility_on_the_street_bounds_its_neighbours(reach_case):
    only = reach_case.change(
        buildings=reach_case.buildings.iloc[[5]].reset_index(drop=True),
        results=reach_case.results.iloc[[5]].reset_index(drop=True),
    )
    assert only.with_results("f", walk_m=20.1, walk_s=20.1).faults(sample=0) == {("walk_breaks_triangle", "f")}


@pytest.mark.parametrize("walk_m", [609.9, 610.1])
def test_a_walk_that_is_a_little_wrong_is_found_by_the_second_search(reach_case, walk_m):
    assert ("walk_differs", "i") in reach_case.with_results("i", walk_m=walk_m, walk_s=walk_m).faults()
    assert ("walk_differs", "i") not in reach_case.with_results("i", walk_m=walk_m, walk_s=walk_m).faults(sample=0)


def test_another_facility_than_the_nearest_is_found(reach_case):
    assert reach_case.with_results("c", facility_id="s2").faults() == {
        ("walk_owner_wrong", "c"),
        ("walk_shorter_than_line", "c"),
    }


def test_either_of_two_equally_near_facilities_is_right(reach_case):
    # half-way between s1 (0) and s2 (10 m above 1400): 705 m along the street, 30 m off it
    case = reach_case.change(buildings=at(reach_case.buildings, 2, 705, 30))
    for facility in ("s1", "s2"):
        assert case.with_results("c", facility_id=facility, walk_m=735.0, walk_s=735.0).faults() == set()


def test_a_status_that_the_second_search_contradicts_is_named(reach_case):
    nowhere = {"facility_id": None, "walk_m": np.nan, "walk_s": np.nan, "covered": False}
    assert reach_case.with_results("i", status="no_path", **nowhere).faults() == {("walk_status_differs", "i")}
    assert reach_case.with_results("g", status="no_network").faults() == {("walk_status_differs", "g")}
    assert reach_case.with_results("h", status="no_path").faults() == {("walk_status_differs", "h")}


def test_components_below_the_limit_are_no_street(reach_case):
    rules = type(reach_case.rules)(min_component_m=601.0)
    assert reach_case.change(rules=rules).faults() == {("walk_status_differs", "g")}
    assert reach_case.change(rules=type(rules)(min_component_m=600.0)).faults() == set()


def test_the_longest_component_counts_however_short_it_is(reach_case):
    rules = type(reach_case.rules)(min_component_m=5000.0)
    assert reach_case.change(rules=rules).faults() == {("walk_status_differs", "g")}


def test_of_parallel_streets_the_shorter_counts(reach_case):
    extra = gpd.GeoDataFrame(
        {"u": [1], "v": [0], "length_m": [390.0]},
        geometry=[shapely.LineString([(X + 400, Y), (X + 200, Y - 80), (X, Y)])],
        crs=reach_case.edges.crs,
    )
    case = reach_case.change(edges=pd.concat([reach_case.edges, extra], ignore_index=True))
    assert case.faults() == {("walk_differs", "c")}
    assert case.with_results("c", walk_m=520.0, walk_s=520.0).faults() == set()


def test_a_place_equally_near_to_two_streets_may_take_either(reach_case):
    # 100 m right of the street 0-3 and 100 m above the street 0-1; the published length of 0-3 is 550 m
    lengths = [400.0, 1000.0, 550.0, 600.0]
    case = reach_case.change(
        edges=reach_case.edges.assign(length_m=lengths),
        buildings=at(reach_case.buildings, 0, 100, 100),
    )
    case = case.with_results("d", walk_m=285.0, walk_s=285.0).with_results("e", walk_m=618.0, walk_s=618.0)
    for walk_m in (200.0, 210.0):
        assert case.with_results("a", walk_m=walk_m, walk_s=walk_m).faults() == set()
    assert case.with_results("a", walk_m=215.0, walk_s=215.0).faults() == {("walk_differs", "a")}


def test_an_empty_run_has_no_finding(reach_case):
    empty = reach_case.change(buildings=reach_case.buildings.iloc[:0], results=reach_case.results.iloc[:0])
    assert empty.faults() == set()


def test_without_streets_nobody_reaches_anything(reach_case):
    faults = reach_case.change(edges=reach_case.edges.iloc[:0]).faults()
    assert {building for kind, building in faults if kind == "walk_status_differs"} == set("abcdefgi")
