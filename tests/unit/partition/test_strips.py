"""Lines that end in the open are led on, and strips beside a line change hands where that makes better borders."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from gis_service.partition.linework import borders_of
from gis_service.partition.strips import connectors, hand_over, loose_ends
from gis_service.partition.units import cut_units
from tests.unit.partition.towns import building, community

NOTHING = np.empty(0, dtype=object)


def array(*geometries):
    return np.array([*geometries, None], dtype=object)[:-1]


def test_ends_that_touch_another_line_are_not_loose():
    street, branch, ring = (
        LineString([(0, 0), (50, 0)]),
        LineString([(20, 0), (20, 30)]),
        Point(80, 80).buffer(5).boundary,
    )
    assert set(loose_ends(array(street, branch, ring), NOTHING)) == {Point(0, 0), Point(50, 0), Point(20, 30)}
    border = LineString([(0, -9), (0, 9)])
    assert set(loose_ends(array(street, branch), array(border))) == {Point(50, 0), Point(20, 30)}


def test_a_loose_end_is_led_straight_to_the_nearest_border_within_reach():
    borders = array(LineString([(-50, 10), (50, 10)]))
    (led,) = connectors(array(Point(0, 0), Point(0, -5.1)), borders, NOTHING, 15.0)
    assert led.equals_exact(LineString([(0, 0), (0, 10.001)]), 1e-9)


def test_no_connector_runs_through_a_building():
    borders = array(LineString([(-50, 10), (50, 10)]))
    assert len(connectors(array(Point(0, 0)), borders, array(box(-2, 3, 2, 5)), 15.0)) == 0


def handed(faces, label, *, road=NOTHING, group=None, free=None):
    faces = array(*faces)
    return hand_over(
        np.array(label),
        np.zeros(len(faces), dtype=np.int64) if group is None else np.array(group),
        borders_of(faces, road, NOTHING),
        shapely.area(faces),
        shapely.length(faces),
        np.ones(len(faces), dtype=bool) if free is None else np.array(free),
    ).tolist()


WEST, STRIP, EAST = box(0, 0, 40, 60), box(40, 0, 48, 60), box(48, 0, 90, 60)
ROAD = array(LineString([(40, 0), (40, 60)]))


def test_a_strip_goes_to_the_side_that_puts_the_border_on_the_road():
    assert handed((WEST, STRIP, EAST), (1, 1, 2), road=ROAD) == [1, 2, 2]
    assert handed((WEST, STRIP, EAST), (1, 2, 2), road=ROAD) == [1, 2, 2]


def test_without_a_road_nothing_changes_hands():
    assert handed((WEST, STRIP, EAST), (1, 1, 2)) == [1, 1, 2]


@pytest.mark.parametrize(("width_m", "label"), [(20, 2), (21, 1)])
def test_wide_land_stays(width_m, label):
    strip, east = box(40, 0, 40 + width_m, 60), box(40 + width_m, 0, 120, 60)
    assert handed((WEST, strip, east), (1, 1, 2), road=ROAD)[1] == label


def test_land_stays_in_its_group_and_with_its_building():
    assert handed((WEST, STRIP, EAST), (1, 1, 2), road=ROAD, group=(0, 0, 1)) == [1, 1, 2]
    assert handed((WEST, STRIP, EAST), (1, 1, 2), road=ROAD, free=(True, False, True)) == [1, 1, 2]


def test_the_border_between_two_houses_runs_along_the_dead_end_between_them():
    rows = [building("a", box(60, 10, 80, 90)), building("b", box(110, 10, 130, 90))]
    dead_end = ("road", LineString([(90, -5), (90, 95)]))  # midway is at x = 95; the connector is 5 m long
    units = cut_units(community(rows, barriers=[dead_end])).units
    border = shapely.intersection(units.geometry[0].boundary, units.geometry[1].boundary)
    assert shapely.intersection(border, box(89.999, 0, 90.001, 100)).length == pytest.approx(95, abs=0.01)
    assert border.length == pytest.approx(95 + np.hypot(5, 5), abs=0.1)  # from the end straight to the middle
