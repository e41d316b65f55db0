"""A plan over stored units is the plan of a fresh cut, whatever the rules of the day the units were cut."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from gis_service.partition.community import clip_to, clipped
from gis_service.partition.propose import propose
from gis_service.partition.units import cut_units
from gis_service.plan.rules import Rules
from tests.unit.partition.towns import building, community

GENEROUS = Rules(households_min=500, households_max=900, basis="households")
STRICT = Rules(households_min=100, households_max=200, basis="households")


def town(rules):
    """Return an estate of six buildings beside a street, a crowd of points and a building far outside."""
    rows = [building(f"e{n}", box(20 + 60 * n, 20, 40 + 60 * n, 40), 100, "E") for n in range(6)]
    rows += [building("p1", Point(450, 50), 150), building("p2", Point(450.5, 50), 120)]
    rows += [building("far", Point(900, 50), 40), building("odd", box(300, 60, 320, 80), 10, "F")]
    street = ("road", LineString([(400, -5), (400, 105)]))
    estates = [("E", box(5, 5, 395, 95)), ("F", box(480, 5, 530, 95))]
    return community(rows, land=box(0, 0, 550, 100), barriers=[street], estates=estates, rules=rules)


def assert_same_plan(first, second):
    assert first.grids.geometry.to_wkb().tolist() == second.grids.geometry.to_wkb().tolist()
    pd.testing.assert_frame_equal(
        pd.DataFrame(first.grids.drop(columns="geometry")), pd.DataFrame(second.grids.drop(columns="geometry"))
    )
    assert first.labels.tolist() == second.labels.tolist()
    assert first.findings == second.findings


def grids_of_estate(plan, estate):
    return len(set(plan.labels[plan.units["estate_id"] == estate]))


def test_units_are_the_same_whatever_the_rules():
    generous, strict = (cut_units(town(rules)).units for rules in (GENEROUS, STRICT))
    assert isinstance(generous, gpd.GeoDataFrame)
    pd.testing.assert_frame_equal(
        pd.DataFrame(generous.drop(columns="geometry")), pd.DataFrame(strict.drop(columns="geometry"))
    )
    assert generous.geometry.to_wkb().tolist() == strict.geometry.to_wkb().tolist()


@pytest.mark.parametrize(("before", "now"), [(GENEROUS, STRICT), (STRICT, GENEROUS), (STRICT, STRICT)])
def test_a_plan_over_units_cut_under_other_rules_is_that_of_a_fresh_cut(before, now):
    assert_same_plan(propose(town(now), cut_units(town(before))), propose(town(now)))


def test_an_estate_within_the_rules_stays_whole_and_a_larger_one_is_divided():
    assert grids_of_estate(propose(town(GENEROUS)), "E") == 1
    strict = propose(town(STRICT))
    assert grids_of_estate(strict, "E") > 2
    assert (strict.grids["households"] <= 310).all()


def test_a_plan_over_stored_units_tells_what_the_first_plan_told_about_the_data():
    plan = propose(town(STRICT), cut_units(town(GENEROUS)))
    told = {(finding.kind, finding.subject) for finding in plan.findings}
    assert ("building_outside", "far") in told
    assert ("building_estate_differs", "odd") in told
    assert ("buildings_inseparable", "p1") in told
    (large,) = [finding.zh for finding in plan.findings if finding.kind == "grid_large"]
    assert "楼栋 p1 等 2 栋无法分开" in large


def test_an_estate_in_two_places_is_told_again_over_stored_units():
    rows = [
        building(name, box(x, 40, x + 10, 60), 100, estate)
        for name, x, estate in (("a", 20, "E"), ("b", 60, None), ("c", 100, "E"))
    ]
    parts = community(rows, rules=Rules(households_min=100, households_max=220, basis="households"))
    plan = propose(parts, cut_units(replace(parts, rules=STRICT)))
    assert "estate_split" in {finding.kind for finding in plan.findings}
    assert_same_plan(plan, propose(parts))


def test_a_community_clipped_from_its_city_has_the_same_plan():
    city = town(STRICT)
    far = community(
        barriers=[("river", LineString([(5000, 0), (6000, 0)])), ("road", LineString([(-5, 105), (560, 105)]))],
        estates=[("X", box(5000, 0, 5100, 100)), ("G", box(7000, 0, 7100, 100))],
        special=[("远市场", box(5000, 0, 5100, 100))],
    )
    buildings = city.buildings.copy()
    buildings.loc[buildings["id"] == "far", "estate_id"] = "G"
    whole = replace(
        city,
        buildings=buildings,
        barriers=pd.concat([city.barriers, far.barriers], ignore_index=True),
        estates=pd.concat([far.estates, city.estates], ignore_index=True),
        special=far.special,
    )
    near = clipped(whole)
    assert len(near.barriers) == 2
    assert near.estates["id"].tolist() == ["G", "E", "F"]
    assert len(near.special) == 0
    assert_same_plan(propose(whole), propose(near))


def test_clipping_keeps_what_meets_the_widened_envelope_in_order_and_drops_missing_geometry():
    frame = community(
        estates=[("c", box(209, 0, 300, 10)), ("far", box(211, 0, 300, 10)), ("none", None), ("a", box(0, 0, 5, 5))]
    ).estates
    assert clip_to(frame, box(0, 0, 200, 100))["id"].tolist() == ["c", "a"]
