"""Every given special grid is a grid of its own, whatever its name."""

import pandas as pd
import pytest
from shapely import LineString, MultiPolygon, box

from gis_service.partition.propose import propose
from tests.unit.partition.towns import building, community

LAND = box(0, 0, 600, 100)
WEST, EAST = box(20, 20, 60, 60), box(500, 20, 540, 60)


def specials_of(special, codes=None):
    parts = community([building("a", box(290, 40, 310, 60), 400)], land=LAND, special=special)
    if codes is not None:
        parts.special["code"] = codes
    grids = propose(parts).grids
    return grids[grids["kind"] == "special"].reset_index(drop=True)


@pytest.mark.parametrize(
    ("names", "codes", "wanted"),
    [
        (["农贸市场", "农贸市场"], None, ["农贸市场（1）", "农贸市场（2）"]),
        ([None, None], None, ["专属网格（1）", "专属网格（2）"]),
        ([None, "医院"], ["S1", "S2"], ["S1", "医院"]),
        (["S2", None], [None, "S2"], ["S2（1）", "S2（2）"]),
    ],
)
def test_special_grids_of_one_name_or_none_are_apart(names, codes, wanted):
    grids = specials_of(list(zip(names, (WEST, EAST), strict=True)), codes)
    assert sorted(grids["name"]) == wanted
    assert [len(grid.geoms) for grid in grids.geometry] == [1, 1]


def test_the_running_numbers_follow_the_codes_whatever_the_order_of_the_rows():
    twins = [("市场", EAST), ("市场", WEST)]
    first, second = specials_of(twins, ["S1", "S2"]), specials_of(twins[::-1], ["S2", "S1"])
    assert first.geometry[first["name"] == "市场（1）"].iloc[0].intersects(EAST)
    pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


def test_a_running_number_never_makes_a_name_that_another_grid_has():
    thirds = [("市场", WEST), ("市场", EAST), ("市场（1）", box(100, 20, 140, 60))]
    assert sorted(specials_of(thirds)["name"]) == ["市场（1）", "市场（2）", "市场（3）"]


def test_a_special_grid_given_in_two_pieces_or_twice_is_one_grid():
    assert specials_of([("市场", MultiPolygon([WEST, EAST]))])["name"].tolist() == ["市场"]
    assert specials_of([("市场", WEST), ("市场", WEST)])["name"].tolist() == ["市场"]


def test_a_special_grid_does_not_grow_along_a_strip_of_land_that_meets_it():
    homes = [building("a", box(40, 5, 60, 15), 400), building("b", box(540, 85, 560, 95), 400)]
    banks = [("river", LineString([(-5, y), (605, y)])) for y in (45, 55)]
    given = box(250, 20, 350, 80)
    grids = propose(community(homes, land=LAND, special=[("医院", given)], barriers=banks)).grids
    (hospital,) = grids.geometry[grids["kind"] == "special"]
    assert hospital.symmetric_difference(given).area == pytest.approx(0.0, abs=0.01)


def test_a_street_drawn_twice_through_a_special_grid_leaves_it_whole():
    homes = [building("a", box(40, 5, 60, 15), 400), building("b", box(540, 85, 560, 95), 400)]
    streets = [("road", LineString([(-5, 50), (605, 50)])), ("road", LineString([(-5, 50.004), (605, 50.004)]))]
    given = box(250, 20, 350, 80)
    units = propose(community(homes, land=LAND, special=[("医院", given)], barriers=streets)).units
    hospital = units[units["special"].notna()].geometry.union_all()
    assert hospital.geom_type == "Polygon"
    assert hospital.symmetric_difference(given).area == pytest.approx(0.0, abs=0.01)


def test_land_of_an_estate_beside_a_special_grid_goes_to_other_land_first():
    homes = [building("a", box(440, 40, 460, 60), 400)]
    parts = community(
        homes,
        land=LAND,
        special=[("医院", box(0, 0, 200, 100))],
        estates=[("e1", box(200, 0, 215, 100))],
        barriers=[("road", LineString([(215, -5), (215, 105)]))],
    )
    units = propose(parts).units
    assert units[units["special"].notna()].geometry.area.sum() == pytest.approx(20_000.0)


def test_a_special_grid_takes_no_island_of_which_it_is_the_lesser_part():
    island = box(650, 0, 700, 50)
    homes = [building("a", box(290, 40, 310, 60), 400)]
    for given, wanted in ((box(680, 0, 720, 60), 1000.0), (box(660, 0, 720, 60), 2500.0)):
        parts = community(homes, land=LAND.union(island), special=[("码头", given)])
        units = propose(parts).units
        assert units[units["special"].notna()].geometry.area.sum() == pytest.approx(wanted)
