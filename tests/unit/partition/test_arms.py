"""Narrow land along lines is taken off what it leads away from, and the coverage stays one."""

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from gis_service.partition.arms import ARM_M2, cut_arms

ROAD = LineString([(-50, 100), (350, 100)])
KERB = LineString([(100, 80), (350, 80)])
HOME = Polygon([(0, 0), (100, 0), (100, 80), (200, 80), (300, 80), (300, 100), (0, 100)])
"""A square of 100 m with an arm of 200 m by 20 m along a road."""
HOUSE = Point(50, 50)
PLOTS = (box(100, 0, 200, 80), box(200, 0, 300, 80))


def array(*geometries):
    return np.array([*geometries, None], dtype=object)[:-1]


def cut(polygons, *chosen, buildings=(HOUSE,), lines=(ROAD, KERB)):
    result = cut_arms(polygons, np.isin(np.arange(len(polygons)), chosen), array(*buildings), array(*lines))
    assert shapely.coverage_is_valid(result.polygon)
    assert shapely.is_valid(result.polygon).all()
    assert result.origin[: len(polygons)].tolist() == list(range(len(polygons)))
    for row, polygon in enumerate(polygons):
        own = result.polygon[result.origin == row]
        assert shapely.symmetric_difference(shapely.union_all(own), polygon).area <= 1e-3
    return result


def sizes(result, row=0):
    return sorted(round(polygon.area) for polygon in result.polygon[result.origin == row])


def test_an_arm_is_taken_off_at_its_neck_and_cut_where_borders_meet_it():
    assert sizes(cut(array(HOME, *PLOTS), 0)) == [2000, 2000, 10000]


def test_neighbours_get_the_vertices_of_the_cuts():
    beyond = box(0, 100, 300, 200)
    result = cut(array(HOME, *PLOTS, beyond), 0)
    assert {(100.0, 100.0), (200.0, 100.0)} <= set(map(tuple, shapely.get_coordinates(result.polygon[3]).tolist()))


def test_only_chosen_land_has_arms():
    polygons = array(HOME, *PLOTS)
    assert cut(polygons).polygon.tolist() == polygons.tolist()


def test_an_arm_with_a_building_stays_as_far_as_the_building():
    assert sizes(cut(array(HOME, *PLOTS), 0, buildings=(HOUSE, Point(150, 90)))) == [2000, 12000]
    assert sizes(cut(array(HOME, *PLOTS), 0, buildings=(HOUSE, Point(250, 90)))) == [14000]


def test_no_cut_touches_a_building():
    across_the_neck = box(95, 85, 105, 95)
    assert sizes(cut(array(HOME, *PLOTS), 0, buildings=(HOUSE, across_the_neck))) == [2000, 12000]


def test_land_that_leads_away_without_lines_beside_it_stays():
    assert sizes(cut(array(HOME, *PLOTS), 0, lines=(LineString([(0, 0), (10, 0)]),))) == [14000]


@pytest.mark.parametrize(("length_m", "parts"), [(30, 1), (49, 1), (51, 2)])
def test_arms_below_the_smallest_area_stay(length_m, parts):
    home = Polygon([(0, 0), (100, 0), (100, 80), (100 + length_m, 80), (100 + length_m, 100), (0, 100)])
    polygons = array(home.union(box(0, -300, 20, 0)), box(100, 0, 100 + length_m, 80))
    lines = (ROAD, KERB, LineString([(0, -300), (0, 0)]), LineString([(20, -300), (20, 0)]))
    found = cut(polygons, 0, lines=lines)
    assert len(sizes(found)) == parts + 1  # the other arm is long enough
    assert (20 * length_m >= ARM_M2) == (parts == 2)


def test_an_arm_as_long_as_wide_stays():
    home = Polygon([(0, 0), (100, 0), (100, 62), (176, 62), (176, 100), (0, 100)])  # 38 m wide, twice as long
    blunt = Polygon([(0, 0), (100, 0), (100, 62), (174, 62), (174, 100), (0, 100)])
    lines = (ROAD, LineString([(100, 62), (350, 62)]))
    tail = box(0, -300, 20, 0)
    known = (*lines, LineString([(0, -300), (0, 0)]), LineString([(20, -300), (20, 0)]))
    assert len(sizes(cut(array(home.union(tail)), 0, lines=known))) == 3
    assert len(sizes(cut(array(blunt.union(tail)), 0, lines=known))) == 2


def test_wide_land_behind_an_arm_becomes_a_piece_of_its_own():
    lobes = Polygon([*HOME.exterior.coords[:5], (300, 0), (400, 0), (400, 100), (0, 100)])
    lines = (LineString([(0, 100), (400, 100)]), LineString([(100, 80), (300, 80)]))
    assert sizes(cut(array(lobes, *PLOTS), 0, lines=lines)) == [2000, 2000, 10000, 10000]


def test_a_ring_is_no_arm():
    ring = box(0, 0, 200, 200).difference(box(20, 20, 180, 180))
    result = cut(array(ring, box(20, 20, 180, 180)), 0, buildings=(), lines=(ring.exterior,))
    assert sizes(result) == [round(ring.area)]


def test_land_without_arms_and_no_land_at_all_stay():
    square = array(box(0, 0, 100, 100), box(100, 0, 200, 100))
    assert cut(square, 0, 1).polygon.tolist() == square.tolist()
    assert len(cut_arms(array(), np.zeros(0, dtype=bool), array(), array()).polygon) == 0
