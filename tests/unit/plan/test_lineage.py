"""Codes and names stay with the households they belong to."""

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import Point, box

from gis_service.plan.codes import codes_of
from gis_service.plan.lineage import Successors, inherit
from gis_service.plan.rules import Rules

COMMUNITY = "350982001007"
CODES = codes_of(COMMUNITY, Rules())
CRS = "EPSG:4549"


def code(number):
    return f"{COMMUNITY}{number:03d}"


def earlier(*rows):
    """Return earlier grids: code, name, kind, first and last column (exclusive) of a row of squares of 100 m."""
    table = pd.DataFrame([row[:3] for row in rows], columns=["code", "name", "kind"], dtype=object)
    return gpd.GeoDataFrame(table, geometry=[box(100 * a, 0, 100 * b, 100) for *_, a, b in rows], crs=CRS)


def base(number, first, last, name="旧"):
    return (None if number is None else code(number), name, "base", first, last)


def successors(grid, households, special=None):
    """Return a row of squares, each a unit with one building in its middle."""
    n = len(grid)
    units = gpd.GeoDataFrame(
        {"unit": np.arange(n), "special": np.array(special or [None] * n, dtype=object)},
        geometry=[box(100 * i, 0, 100 * i + 100, 100) for i in range(n)],
        crs=CRS,
    )
    points = np.array([Point(100 * i + 50, 50) for i in range(n)], dtype=object)
    return Successors(units, np.array(grid), points, np.array(households, dtype=np.int64), np.arange(n))


def test_a_grid_that_keeps_most_households_keeps_code_and_name():
    #  households  100 200 | 200 100     earlier: 007 the first three squares, 008 the last
    #  new grids     0   0     0   1     300 + 200 of 500 and 100 of 100
    heritage = inherit(
        [earlier(base(7, 0, 3, "渡口网格"), base(8, 3, 4))], successors([0, 0, 0, 1], [100, 200, 200, 100]), CODES
    )
    assert heritage.codes == {0: code(7), 1: code(8)}
    assert heritage.names == {0: "渡口网格", 1: "旧"}
    assert [(heir.grid, heir.code, heir.households) for heir in heritage.heirs] == [
        (0, code(7), 500),
        (1, code(8), 100),
    ]


def test_exactly_half_is_not_most():
    cut_in_half = inherit([earlier(base(7, 0, 2))], successors([0, 1], [100, 100]), CODES)
    doubled = inherit([earlier(base(7, 0, 1))], successors([0, 0], [100, 100]), CODES)
    assert cut_in_half.heirs == doubled.heirs == ()


def test_one_household_more_than_half_is_most():
    assert inherit([earlier(base(7, 0, 2))], successors([0, 1], [101, 100]), CODES).codes == {0: code(7)}
    assert inherit([earlier(base(7, 0, 1))], successors([0, 0], [101, 100]), CODES).codes == {0: code(7)}


def test_a_grid_swallowed_by_a_larger_one_ends():
    old = earlier(base(7, 0, 1), base(8, 1, 2))
    heritage = inherit([old], successors([0, 0], [100, 300]), CODES)
    assert heritage.codes == {0: code(8)}


def test_households_decide_and_not_land():
    #  008 loses three quarters of its land and one tenth of its households
    heritage = inherit([earlier(base(8, 0, 4))], successors([0, 1, 1, 1], [360, 10, 10, 20]), CODES)
    assert heritage.codes == {0: code(8)}


def test_land_decides_where_nobody_lives():
    heritage = inherit([earlier(base(7, 0, 3), base(8, 3, 4))], successors([0, 0, 1, 1], [0, 0, 0, 0]), CODES)
    assert heritage.codes == {0: code(7)}
    assert [heir.households for heir in heritage.heirs] == [0]


def test_an_empty_grid_never_continues_one_with_households():
    assert inherit([earlier(base(7, 0, 2))], successors([0, 1], [0, 0]), CODES).heirs == ()
    old = earlier(base(7, 0, 3))
    assert inherit([old], successors([0, 0, 0, 1], [0, 0, 0, 5]), CODES).codes == {0: code(7)}
    assert inherit([old], successors([0, 0, 0, 0], [0, 0, 0, 5]), CODES).heirs == ()


def test_where_earlier_grids_overlap_the_larger_sum_counts():
    #  households 10 90 90 10; 007 covers squares 0-2, 008 squares 0-3: both qualify for the one new grid
    old = earlier(base(7, 0, 3), base(8, 0, 4))
    heritage = inherit([old], successors([0, 0, 0, 0], [10, 90, 90, 10]), CODES)
    assert heritage.codes == {0: code(8)}
    assert heritage.heirs[0].households == 200


def test_a_special_grid_continues_the_one_of_its_name_and_no_base_grid():
    old = earlier((code(801), "市场", "special", 0, 1), base(7, 1, 2))
    heritage = inherit([old], successors([0, 1, 1], [0, 40, 10], special=["校园", "市场", "市场"]), CODES)
    assert heritage.codes == {1: code(801)}
    assert heritage.names == {1: "市场"}


def test_a_code_of_another_form_is_not_kept_but_its_name_is():
    old = earlier(("A-7", "渡口网格", "base", 0, 2))
    heritage = inherit([old], successors([0, 0], [10, 10]), CODES)
    assert heritage.codes == {}
    assert heritage.names == {0: "渡口网格"}
    assert heritage.heirs[0].code == "A-7"


def test_what_no_given_grid_decides_an_earlier_plan_does():
    given = earlier(base(7, 0, 1), (None, "渡口网格", "base", 1, 2))
    planned = earlier(base(7, 2, 3), base(1, 1, 2), base(2, 2, 4))
    heritage = inherit([given, planned], successors([0, 1, 2, 3], [10, 20, 30, 5]), CODES)
    #  001 fills in the code that the given grid lacks; 007 stays where the given grids have it; 002 goes to square 2
    assert heritage.codes == {0: code(7), 1: code(1), 2: code(2)}
    assert heritage.names == {0: "旧", 1: "渡口网格", 2: "旧"}


def test_a_code_whose_given_grid_ended_is_not_revived_by_an_earlier_plan():
    given, planned = earlier(base(7, 0, 2)), earlier(base(7, 0, 1))
    assert inherit([given, planned], successors([0, 1], [10, 10]), CODES).heirs == ()


def test_the_name_that_a_plan_gave_a_grid_of_the_data_goes_on_with_its_code():
    given, planned = earlier(base(7, 0, 1, "东片"), base(8, 1, 2, "西片")), earlier(base(7, 0, 1, "幸福里网格"))
    heritage = inherit([given, planned], successors([0, 1], [10, 10]), CODES)
    assert heritage.codes == {0: code(7), 1: code(8)}
    assert heritage.names == {0: "幸福里网格", 1: "西片"}
    assert [heir.name for heir in heritage.heirs] == ["东片", "西片"]


def test_a_name_that_two_codes_had_in_turn_is_given_to_one_grid_only():
    given, planned = earlier(base(7, 0, 1, "东片"), base(8, 1, 2, "西片")), earlier(base(7, 0, 1, "西片"))
    assert inherit([given, planned], successors([0, 1], [10, 10]), CODES).names == {0: "东片", 1: "西片"}


def test_without_a_past_nothing_is_kept():
    heritage = inherit([], successors([0, 1], [10, 10]), CODES)
    assert (heritage.heirs, heritage.codes, heritage.names) == ((), {}, {})
