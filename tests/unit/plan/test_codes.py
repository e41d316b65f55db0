"""Grid codes: pattern, reading order, codes that are never given twice."""

import numpy as np
import pytest
from shapely import MultiPolygon, box

from gis_service.errors import InputError
from gis_service.plan.code_pattern import check_pattern, format_code
from gis_service.plan.codes import codes_of, number_grids, reading_order
from gis_service.plan.rules import Rules

COMMUNITY = "350982001007"


def tiles(*corners):
    return np.array([box(x, y, x + 100, y + 100) for x, y in corners], dtype=object)


def test_t7_the_code_is_the_community_code_and_three_digits():
    assert format_code("{community}{sequence:03d}", COMMUNITY, 3) == "350982001007003"


@pytest.mark.parametrize(
    "pattern", ["{community}{sequence:03d}", "G{sequence:04d}@{community}", "{community}-{sequence}"]
)
def test_patterns_with_both_fields_are_accepted(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{community}",
        "{sequence:03d}",
        "{community}{sequence}{sequence}",
        "{community}{sequence}{street}",
        "{community}{sequence:d",
        "{community}{sequence:q}",
        "{community:.6}{sequence:03d}",
        "{}{community}{sequence}",
        "{community.name}{sequence}",
        "{community}{sequence:0{sequence}d}",
        "{community}{sequence:09999999d}",
        "{community}{sequence:c}",
        "{community}{sequence:3d}",
    ],
)
def test_other_patterns_are_refused(pattern):
    with pytest.raises(InputError, match="网格编码规则"):
        check_pattern(pattern)


def test_grids_are_read_in_rows_from_the_north_and_from_the_west_in_a_row():
    #  north   2  .  0
    #          4  1  3     (1 lies 40 m lower and still belongs to its row)
    polygons = tiles((200, 100), (100, -40), (0, 100), (200, 0), (0, 0))
    assert reading_order(polygons).tolist() == [2, 0, 4, 1, 3]
    assert number_grids(polygons, COMMUNITY, Rules()) == [f"{COMMUNITY}00{number}" for number in (2, 4, 1, 5, 3)]


def test_the_numbers_do_not_depend_on_the_order_of_the_grids():
    polygons = tiles((200, 100), (100, -40), (0, 100), (200, 0), (0, 0))
    turned = [4, 2, 0, 3, 1]
    codes = number_grids(polygons, COMMUNITY, Rules())
    assert number_grids(polygons[turned], COMMUNITY, Rules()) == [codes[i] for i in turned]


def test_taken_codes_are_never_given_again():
    taken = [COMMUNITY + "001", COMMUNITY + "003"]
    codes = number_grids(tiles((0, 0), (100, 0)), COMMUNITY, Rules(), taken)
    assert codes == [COMMUNITY + "002", COMMUNITY + "004"]


def test_every_code_a_grid_of_a_community_may_have_is_known_with_its_number():
    codes = codes_of(COMMUNITY, Rules())
    assert len(codes) == 999
    assert codes[COMMUNITY + "801"] == 801


def test_a_community_has_codes_for_999_grids_and_no_more():
    polygons = tiles(*[(100 * (i % 32), 100 * (i // 32)) for i in range(1000)])
    codes = number_grids(polygons[:999], COMMUNITY, Rules())
    assert len(set(codes)) == 999
    with pytest.raises(InputError, match="350982001007 有 1000 个网格需要编码"):
        number_grids(polygons, COMMUNITY, Rules())


def test_no_grids_need_no_codes():
    assert number_grids(tiles(), COMMUNITY, Rules()) == []


def test_a_grid_in_parts_is_read_by_its_common_centre():
    parts = MultiPolygon([box(0, 300, 100, 400), box(0, -300, 100, -200)])
    assert reading_order(np.array([parts, *tiles((100, 500))], dtype=object)).tolist() == [1, 0]
