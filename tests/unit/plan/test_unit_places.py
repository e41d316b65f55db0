"""Where units lie, in words."""

import numpy as np
import pytest

from gis_service.plan.applying import apply
from gis_service.plan.judgement import judgement
from gis_service.plan.operations import Unassign
from gis_service.plan.rules import Rules
from gis_service.plan.unit_places import place_of, side_of
from tests.unit.plan.drafts import draft_cells


def told(draft, estates):
    (found,) = (one for one in judgement(draft, Rules(), estates) if one.finding.kind == "unit_unassigned")
    return found


def test_land_of_one_estate_is_called_by_its_name():
    draft = draft_cells(4, 1, [0, 0, 1, 1], 200, estate_id=[None, "e1", "e1", None])
    free = apply(draft, Unassign(("u0002", "u0003")))
    assert told(free, {"e1": "金滩嘉苑"}).finding.zh == (
        "小区“金滩嘉苑”内有 2 个单元、400 户没有划入任何网格（u0002 等）"
    )
    assert told(free, {}).finding.en == "2 units with 400 households in estate e1 are in no grid (u0002 first)"
    wider = apply(draft, Unassign(("u0001", "u0002")))
    assert told(wider, {"e1": "金滩嘉苑"}).finding.zh.startswith("小区“金滩嘉苑”一带有 2 个单元")


def test_other_land_is_told_by_the_grids_it_borders_most():
    #  0 0 1    the middle unit borders grid 0 above and to its left, grid 1 to its right, grid 2 below
    #  0 - 1
    #  2 2 2
    draft = draft_cells(3, 3, [0, 0, 1, 0, -1, 1, 2, 2, 2], 40)
    found = told(draft, {})
    assert found.finding.zh == "第1网格与第2网格之间有 1 个单元、40 户没有划入任何网格（u0005）"
    assert found.finding.en == "a unit with 40 households between 第1网格 and 第2网格 is in no grid (u0005)"
    assert found.cure.text.zh == "把 1 个单元划入网格 350982001007001"
    assert found.cure.text.en == "put the unit into grid 350982001007001"


def test_a_single_neighbour_is_named_and_without_any_it_is_the_community():
    assert place_of(draft_cells(2, 1, [0, -1], 40), np.array([1]), {}).zh == "第1网格旁"
    assert place_of(draft_cells(2, 1, [-1, -1], 40), np.array([0, 1]), {}).zh == "社区内"


def test_a_corner_is_no_border():
    draft = draft_cells(2, 2, [-1, 0, 0, 1], 40)
    assert place_of(draft, np.array([0]), {}).zh == "第1网格旁"


@pytest.mark.parametrize(
    ("units", "side"), [([2, 5], "东侧"), ([0, 1, 2], "北侧"), ([0, 3], "西侧"), ([3, 4, 5], "南侧"), ([5], "东南侧")]
)
def test_a_side_is_told_by_the_compass(units, side):
    land = draft_cells(3, 2, [0, 0, 0, 1, 1, 1], 40).land
    assert side_of(land.polygon, np.array(units)).zh == side
