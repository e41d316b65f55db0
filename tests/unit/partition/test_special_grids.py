"""Every given special grid is a grid of its own, whatever its name."""

import pandas as pd
import pytest
from shapely import MultiPolygon, box

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
