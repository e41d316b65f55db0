"""Lines that end just short of another one reach it; dead ends do not."""

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Point, box

from gis_service.partition.near_misses import led_on
from gis_service.partition.units import cut_units
from tests.unit.partition.towns import community

NOTHING = np.empty(0, dtype=object)


def array(*geometries):
    return np.array([*geometries, None], dtype=object)[:-1]


def test_an_end_a_little_short_of_another_line_is_led_on_to_it():
    border = array(LineString([(100, -50), (100, 50)]))
    (led,) = led_on(array(LineString([(0, 0), (99.4, 0)])), border)
    assert led.equals_exact(LineString([(99.4, 0), (100.001, 0)]), 1e-9)
    (led,) = led_on(array(LineString([(0, 0), (99.99998, 0)])), border)
    assert led.crosses(border[0])


def test_ends_that_touch_and_dead_ends_stay():
    border = array(LineString([(100, -50), (100, 50)]))
    assert len(led_on(array(LineString([(0, 0), (100, 0)])), border)) == 0
    assert len(led_on(array(LineString([(0, 0), (98.9, 0)])), border)) == 0
    assert len(led_on(array(LineString([(0, 0), (20, 0)]), LineString([(20, 0), (30, 9)])), NOTHING)) == 0
    assert len(led_on(NOTHING, border)) == 0


def test_a_line_is_not_led_on_to_itself():
    hook = LineString([(0, 0), (50, 0), (50, 10), (0.5, 0.5)])
    assert len(led_on(array(hook), NOTHING)) == 0
    assert len(led_on(array(Point(5, 5).buffer(3).boundary), NOTHING)) == 0
    two = MultiLineString([[(0, 0), (50, 0)], [(50.5, 0), (90, 0)]])
    assert len(led_on(array(two), NOTHING)) == 2  # from either end


def test_a_railway_that_ends_a_hair_short_of_the_community_still_parts_it():
    line = LineString([(100, 0.00002), (100, 99.9999)])
    units = cut_units(community(barriers=[("railway", line)], land=box(0, 0, 200, 100))).units
    assert len(units) == 2
    assert shapely.coverage_is_valid(units.geometry.to_numpy())
