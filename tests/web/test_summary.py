"""The table of coverage, counted by hand."""

import pytest
from flask import Flask

from gis_service.db.layers import HOUSEHOLDS_MIN
from gis_service.web.summary import coverage_table, groups_covered


def band(households: int, covered: int, straight: int, **groups: int | None) -> dict[str, float | None]:
    return {
        "minutes": 15.0,
        "households": households,
        "households_covered": covered,
        "households_straight": straight,
        **groups,
    }


def test_shares_are_of_all_households_and_the_straight_line_tells_more() -> None:
    (row,) = coverage_table([band(200, 50, 80)], staff=True)
    assert (row.walked, row.straight, row.overstated) == (25.0, 40.0, 15.0)
    assert (row.households, row.households_straight) == (50, 80)


@pytest.mark.parametrize(("households", "rows"), [(HOUSEHOLDS_MIN - 1, 0), (HOUSEHOLDS_MIN, 1)])
def test_the_public_reads_no_counts_and_no_share_of_a_handful(households: int, rows: int) -> None:
    table = coverage_table([band(households, 1, 1)], staff=False)
    assert len(table) == rows
    assert all(row.households is row.households_straight is None for row in table)
    assert coverage_table([band(0, 0, 0)], staff=True) == ()


def test_groups_of_people_are_told_where_they_are_known(app: Flask) -> None:
    known = band(200, 50, 80, residents=600, residents_covered=150, elderly=None, elderly_covered=None)
    nobody = {"children": 0, "children_covered": 0}
    with app.test_request_context("/"):
        assert groups_covered([known | nobody]) == (("常住人口", 25.0),)
        assert groups_covered([]) == ()
