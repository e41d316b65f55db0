"""Every seeded fault of a plan is found, and a sound plan has none."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

COMMUNITY = "350982001007"
G1, G2, G3 = (f"{COMMUNITY}00{number}" for number in (1, 2, 3))
X, Y = 521400.0, 3023500.0


def with_value(frame, row, column, value):
    changed = frame.copy()
    changed.loc[row, column] = value
    return changed


def with_shape(frame, row, shape):
    shapes = list(frame.geometry)
    shapes[row] = shape
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))


def with_grids(case, labels):
    """Return the case with units a-f in grids 1-3 as labelled, grids, sums and assignment following."""
    codes = [f"{COMMUNITY}00{label}" for label in labels]
    units = case.units.assign(grid_code=codes)
    shapes = [shapely.union_all(units.geometry[units["grid_code"] == code].to_numpy()) for code in case.grids["code"]]
    counts = np.array([codes.count(code) for code in case.grids["code"]])
    grids = case.grids.assign(households=200 * counts, residents=pd.array(600 * counts, dtype="Int64"))
    grids["status"] = ["normal" if count == 2 else "small" if count < 2 else "large" for count in counts]
    return case.change(
        units=units,
        grids=grids.set_geometry(gpd.GeoSeries(shapes, crs=grids.crs)),
        assignment=case.assignment.assign(grid_code=codes),
    )


def test_a_sound_plan_has_no_finding(plan_case):
    assert plan_case.audit() == []


def test_the_order_of_rows_changes_nothing(plan_case):
    broken = plan_case.change(grids=with_value(plan_case.grids, 0, "households", 401))
    turned = broken.change(
        buildings=broken.buildings.iloc[::-1].reset_index(drop=True),
        units=broken.units.iloc[::-1].reset_index(drop=True),
        grids=broken.grids.iloc[::-1].reset_index(drop=True),
        assignment=broken.assignment.iloc[::-1].reset_index(drop=True),
    )
    assert broken.audit() == turned.audit()


def test_a_dropped_unit_leaves_a_gap_in_its_grid(plan_case):
    case = plan_case.change(units=plan_case.units.drop(index=0).reset_index(drop=True))
    assert case.faults() == {("unit_gap", COMMUNITY), ("grid_not_its_units", G1)}


def test_a_moved_vertex_of_a_unit_is_an_overlap_or_a_gap(plan_case):
    inwards = shapely.Polygon([(X, Y), (X + 99, Y), (X + 100, Y + 100), (X, Y + 100)])
    faults = plan_case.change(units=with_shape(plan_case.units, 0, inwards)).faults()
    assert ("unit_gap", COMMUNITY) in faults
    assert ("grid_not_its_units", G1) in faults
    outwards = shapely.Polygon([(X, Y), (X + 101, Y), (X + 100, Y + 100), (X, Y + 100)])
    faults = plan_case.change(units=with_shape(plan_case.units, 0, outwards)).faults()
    assert ("unit_overlap", "a") in faults


def test_a_vertex_that_only_one_neighbour_has_moved_by_a_micrometre_is_an_unmatched_edge(plan_case):
    moved = shapely.Polygon([(X, Y), (X + 100 + 1e-6, Y), (X + 100, Y + 100), (X, Y + 100)])
    assert {kind for kind, _ in plan_case.change(units=with_shape(plan_case.units, 0, moved)).faults()} == {
        "unit_edge_unmatched"
    }


def test_a_difference_of_a_hundredth_of_a_square_metre_is_rounding_and_more_is_not(plan_case):
    def gap_of(width):
        narrow = plan_case.change(community=shapely.box(X - width, Y, X + 300, Y + 200))
        return {kind for kind, _ in narrow.faults()}

    assert gap_of(0.009 / 200) == set()
    assert gap_of(0.011 / 200) == {"unit_gap", "grid_gap"}


def test_many_tiny_overlaps_count_together(plan_case):
    units = with_shape(plan_case.units, 0, shapely.box(X, Y, X + 100 + 4e-5, Y + 100))
    units = with_shape(units, 1, shapely.box(X + 100, Y, X + 200 + 4e-5, Y + 100))
    units = with_shape(units, 3, shapely.box(X, Y + 100, X + 100 + 4e-5, Y + 200))
    assert ("unit_overlap", COMMUNITY) in plan_case.change(units=units).faults()


def test_a_unit_beyond_the_border_is_named(plan_case):
    case = plan_case.change(units=with_shape(plan_case.units, 0, shapely.box(X - 1, Y, X + 100, Y + 100)))
    assert ("unit_outside", "a") in case.faults()


def test_overlapping_grids_are_named(plan_case):
    wide = shapely.box(X, Y, X + 110, Y + 200)
    faults = plan_case.change(grids=with_shape(plan_case.grids, 0, wide)).faults()
    assert {("grid_overlap", G1), ("grid_not_its_units", G1)} <= faults


def test_an_invalid_grid_is_named_and_the_other_checks_go_on(plan_case):
    bow_tie = shapely.Polygon([(X, Y), (X + 100, Y + 200), (X + 100, Y), (X, Y + 200)])
    faults = plan_case.change(grids=with_shape(plan_case.grids, 0, bow_tie)).faults()
    assert {("grid_geometry_invalid", G1), ("grid_gap", COMMUNITY), ("grid_not_its_units", G1)} <= faults


def test_a_missing_geometry_is_named(plan_case):
    faults = plan_case.change(units=with_shape(plan_case.units, 0, None)).faults()
    assert {("unit_geometry_invalid", "a"), ("unit_gap", COMMUNITY)} <= faults


def test_an_unassigned_unit_and_an_unknown_grid_are_named(plan_case):
    units = with_value(with_value(plan_case.units, 0, "grid_code", None), 1, "grid_code", "nowhere")
    faults = plan_case.change(units=units).faults()
    assert {("unit_unassigned", "a"), ("unit_in_unknown_grid", "b")} <= faults


def test_a_repeated_unit_code_is_named(plan_case):
    assert plan_case.change(units=with_value(plan_case.units, 1, "code", "a")).faults() == {("unit_code_repeated", "a")}


def test_a_grid_in_two_pieces_is_a_fault(plan_case):
    # a and c in grid 1 with b between them; d, e, f follow so that everything else stays right
    case = with_grids(plan_case, [1, 2, 1, 3, 2, 3])
    assert case.faults() == {("grid_in_pieces", G1), ("grid_in_pieces", G3)}


def test_pieces_that_meet_in_a_point_are_apart(plan_case):
    case = with_grids(plan_case, [1, 2, 3, 2, 1, 3])
    assert case.faults() == {("grid_in_pieces", G1), ("grid_in_pieces", G2)}


def test_a_grid_may_follow_the_parts_of_the_community(plan_case):
    case = with_grids(plan_case, [1, 2, 1, 1, 2, 1])
    kept = case.units["grid_code"] == G1
    island = case.change(
        community=shapely.union_all(case.units.geometry[kept].to_numpy()),
        units=case.units[kept].reset_index(drop=True),
        grids=case.grids[:1],
        buildings=case.buildings[kept].reset_index(drop=True),
        assignment=case.assignment[kept].reset_index(drop=True),
    )
    assert island.faults() == set()
    assert [(finding.kind, finding.severity) for finding in island.audit()] == [
        ("grid_large", "warning"),
        ("grid_parts_forced", "note"),
    ]


def test_a_special_grid_may_separate_a_grid(plan_case):
    case = with_grids(plan_case, [1, 2, 1, 1, 2, 1])
    grids = with_value(with_value(case.grids, 1, "kind", "special"), 1, "status", "special")[:2]
    findings = case.change(grids=grids).audit()
    assert {(finding.kind, finding.severity) for finding in findings} == {
        ("grid_parts_forced", "note"),
        ("grid_large", "warning"),
    }


def test_a_special_grid_in_pieces_is_judged_by_the_given_grids(plan_case):
    # units a and c make the special grid 1
    case = with_grids(plan_case, [1, 2, 1, 2, 2, 2])
    grids = with_value(with_value(case.grids, 0, "kind", "special"), 0, "status", "special")[:2]
    case = case.change(grids=grids)
    west, east = case.units.geometry[0], case.units.geometry[2]
    strip = shapely.box(*west.union(east).bounds)
    for given, kind, severity in (
        (None, "special_grid_in_pieces", "note"),
        ([shapely.MultiPolygon([west, east])], "special_grid_in_pieces", "note"),
        ([strip], "special_grid_in_pieces", "warning"),
        ([west, east], "special_grids_merged", "fault"),
        ([], "special_grids_merged", "fault"),
    ):
        frame = None if given is None else gpd.GeoDataFrame(geometry=given, crs=case.units.crs)
        found = [f for f in case.change(special=frame).audit() if f.subject == G1]
        assert [(finding.kind, finding.severity) for finding in found] == [(kind, severity)]


def test_a_grid_or_community_without_households_is_noted_once_and_not_called_too_small(plan_case):
    nobody = plan_case.buildings.assign(households=0, residents=pd.array([0] * 6, dtype="Int64"))
    zero = {"households": 0, "residents": pd.array([0] * 3, dtype="Int64"), "status": "empty"}
    empty = plan_case.change(buildings=nobody, grids=plan_case.grids.assign(**zero))
    assert [(finding.kind, finding.severity, finding.subject) for finding in empty.audit()] == [
        ("no_households", "note", COMMUNITY)
    ]
    buildings = plan_case.buildings.copy()
    buildings.loc[buildings.index % 3 == 2, ["households", "residents"]] = 0
    grids = plan_case.grids.copy()
    grids.loc[2, ["households", "residents", "status"]] = [0, 0, "empty"]
    some = plan_case.change(buildings=buildings, grids=grids)
    assert [(finding.kind, finding.severity, finding.subject) for finding in some.audit()] == [
        ("no_households", "note", G3)
    ]
    small = some.change(grids=with_value(grids, 2, "status", "small"))
    assert small.faults() == {("grid_status_wrong", G3)}


def test_a_special_grid_that_leaves_a_way_round_does_not_excuse_pieces(plan_case):
    case = with_grids(plan_case, [1, 2, 1, 3, 3, 3])
    grids = with_value(with_value(case.grids, 1, "kind", "special"), 1, "status", "special")
    assert case.change(grids=grids).faults() == {("grid_in_pieces", G1)}


@pytest.mark.parametrize(("column", "value"), [("households", 399), ("residents", 1201), ("residents", pd.NA)])
def test_a_wrong_total_is_named(plan_case, column, value):
    case = plan_case.change(grids=with_value(plan_case.grids, 1, column, value))
    assert case.faults() == {(f"grid_{column}_wrong", G2)}


def test_residents_are_unknown_where_those_of_a_building_are(plan_case):
    buildings = with_value(plan_case.buildings, 0, "residents", pd.NA)
    assert plan_case.change(buildings=buildings).faults() == {("grid_residents_wrong", G1)}
    grids = with_value(plan_case.grids, 0, "residents", pd.NA)
    assert plan_case.change(buildings=buildings, grids=grids).faults() == set()


def test_a_status_that_contradicts_the_rules_is_named(plan_case):
    assert plan_case.change(grids=with_value(plan_case.grids, 2, "status", "small")).faults() == {
        ("grid_status_wrong", G3)
    }


def test_a_grid_outside_the_size_rule_is_a_warning_not_a_fault(plan_case):
    case = with_grids(plan_case, [1, 1, 2, 1, 3, 3])
    assert [(finding.kind, finding.severity, finding.subject) for finding in case.audit()] == [
        ("grid_large", "warning", G1),
        ("grid_small", "warning", G2),
    ]


def test_a_repeated_code_is_named(plan_case):
    assert ("grid_code_repeated", G1) in plan_case.change(grids=with_value(plan_case.grids, 1, "code", G1)).faults()


@pytest.mark.parametrize("code", ["35098200100701", "350982001008001", "350982001007000", f"{COMMUNITY}0x1"])
def test_a_code_of_another_form_or_community_is_named(plan_case, code):
    faults = plan_case.change(grids=with_value(plan_case.grids, 0, "code", code)).faults()
    assert ("grid_code_malformed", code) in faults


def test_a_grid_registered_in_another_community_is_named(plan_case):
    grids = with_value(plan_case.grids, 0, "community_code", "350982001008")
    assert plan_case.change(grids=grids).faults() == {("grid_of_other_community", G1)}


def test_a_building_assigned_to_another_grid_than_it_lies_in_is_named(plan_case):
    assignment = with_value(plan_case.assignment, 0, "grid_code", G2)
    assert plan_case.change(assignment=assignment).faults() == {("building_in_other_grid", "B0")}


def test_a_building_in_no_grid_or_outside_the_community_is_named(plan_case):
    away = plan_case.change(buildings=with_shape(plan_case.buildings, 0, shapely.Point(X - 50, Y)))
    assert {("building_in_no_grid", "B0"), ("grid_households_wrong", G1)} <= away.faults()


def test_a_building_in_two_grids_is_named(plan_case):
    wide = shapely.box(X, Y, X + 170, Y + 200)
    faults = plan_case.change(grids=with_shape(plan_case.grids, 0, wide)).faults()
    assert {("building_in_several_grids", "B1"), ("building_in_several_grids", "B4")} <= faults


def test_a_point_on_the_border_of_two_grids_belongs_where_it_was_assigned(plan_case):
    buildings = with_shape(plan_case.buildings, 1, shapely.Point(X + 100, Y + 50))
    assert plan_case.change(buildings=buildings).faults() == set()


def test_a_footprint_cut_by_a_grid_border_is_named(plan_case):
    across = shapely.box(X + 85, Y + 40, X + 102, Y + 60)
    assert plan_case.change(buildings=with_shape(plan_case.buildings, 0, across)).faults() == {("building_cut", "B0")}


def test_a_footprint_may_be_cut_by_the_border_of_the_community(plan_case):
    across = shapely.box(X - 30, Y + 40, X + 10, Y + 60)
    assert plan_case.change(buildings=with_shape(plan_case.buildings, 0, across)).faults() == set()


def test_a_building_assigned_never_twice_or_without_being_known_is_named(plan_case):
    rows = pd.DataFrame({"building_id": ["B1", "ghost"], "grid_code": [G2, G1]})
    assignment = pd.concat([plan_case.assignment.iloc[1:], rows], ignore_index=True)
    assert plan_case.change(assignment=assignment).faults() == {
        ("building_unassigned", "B0"),
        ("building_assigned_twice", "B1"),
        ("building_unknown", "ghost"),
    }


@pytest.mark.parametrize("nothing", [None, np.nan])
def test_a_building_assigned_to_nothing_is_named(plan_case, nothing):
    assignment = with_value(plan_case.assignment, 0, "grid_code", nothing)
    assert plan_case.change(assignment=assignment).faults() == {("building_unassigned", "B0")}


def test_findings_speak_both_languages_and_carry_the_numbers(plan_case):
    [finding] = plan_case.change(grids=with_value(plan_case.grids, 1, "households", 399)).audit()
    assert finding.zh == f"网格 {G2} 的户数记为 399，其楼栋合计 400"
    assert finding.en == f"grid {G2} stores 399 households but its buildings sum to 400"
