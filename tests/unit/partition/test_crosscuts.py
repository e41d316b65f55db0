"""Long land is cut across where the borders of its neighbours meet it, and the coverage stays one."""

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from gis_service.partition.crosscuts import MOST_M, cut_across


def array(*geometries):
    return np.array([*geometries, None], dtype=object)[:-1]


def cut(polygons, *chosen, least_m2=0.0):
    result = cut_across(polygons, np.isin(np.arange(len(polygons)), chosen), np.full(len(polygons), least_m2))
    assert shapely.coverage_is_valid(result.polygon)
    assert shapely.is_valid(result.polygon).all()
    assert result.origin[: len(polygons)].tolist() == list(range(len(polygons)))
    for row, polygon in enumerate(polygons):
        own = result.polygon[result.origin == row]
        assert shapely.area(own).sum() == pytest.approx(polygon.area, abs=1e-3)
        assert shapely.symmetric_difference(shapely.union_all(own), polygon).area <= 1e-3
    return result


def pieces_of(result, row):
    return sorted(round(polygon.area) for polygon in result.polygon[result.origin == row])


def bank(*ends, width=40):
    """Return plots side by side that end at the given places, and a strip above all of them."""
    starts = (0, *ends[:-1])
    plots = [box(start, 0, end, 100) for start, end in zip(starts, ends, strict=True)]
    top = [(0, 100), *((end, 100) for end in ends), (ends[-1], 100 + width), (0, 100 + width)]
    return array(*plots, Polygon(top))


def test_a_strip_is_cut_where_the_borders_of_its_neighbours_meet_it():
    result = cut(bank(100, 250, 400), 3)
    assert pieces_of(result, 3) == [4000, 6000, 6000]
    assert pieces_of(result, 0) == [10000]


def test_nothing_is_cut_that_was_not_chosen():
    polygons = bank(100, 250, 400)
    result = cut(polygons)
    assert len(result.polygon) == len(polygons)
    assert result.polygon.tolist() == polygons.tolist()


def test_land_as_wide_as_long_stays_whole():
    assert pieces_of(cut(bank(100, 200, width=200), 2), 2) == [40000]


def test_land_wider_than_the_longest_cut_stays_whole():
    assert pieces_of(cut(bank(500, 1000, width=MOST_M + 1), 2), 2) == [151000]
    assert pieces_of(cut(bank(500, 1000, width=MOST_M), 2), 2) == [75000, 75000]


def test_pieces_are_not_smaller_than_wanted():
    assert pieces_of(cut(bank(30, 60, 90, 120, 300, 480), 6, least_m2=4000.0), 6) == [4800, 7200, 7200]


def test_cuts_end_where_borders_meet_on_the_other_side_too():
    strip = Polygon([(0, 100), (200, 100), (400, 100), (400, 140), (210, 140), (0, 140)])
    below = (box(0, 0, 200, 100), box(200, 0, 400, 100))
    above = (box(0, 140, 210, 240), box(210, 140, 400, 240))
    result = cut(array(*below, strip, *above), 2)
    border = shapely.intersection(*result.polygon[result.origin == 2])
    assert shapely.equals(border, shapely.LineString([(200, 100), (210, 140)]))


def test_where_a_cut_ends_the_neighbour_is_cut_too_if_it_may_be():
    plots = bank(100, 250, 400)
    river = Polygon([(0, 140), (400, 140), (400, 170), (0, 170)])
    result = cut(array(*plots, river), 3, 4)
    assert pieces_of(result, 4) == [3000, 4500, 4500]


def test_a_ring_around_a_block_is_cut_into_its_sides():
    west, east = box(0, 0, 50, 100), box(50, 0, 100, 100)
    ring = Polygon(box(-10, -10, 110, 110).exterior, [[(0, 0), (50, 0), (100, 0), (100, 100), (50, 100), (0, 100)]])
    result = cut(array(west, east, ring), 2)
    assert pieces_of(result, 2) == [2200, 2200]


def test_the_pieces_do_not_depend_on_where_outlines_begin():
    polygons = bank(100, 250, 400)
    turned = polygons.copy()
    ring = shapely.get_coordinates(polygons[3])[:-1]
    turned[3] = Polygon(np.roll(ring, 2, axis=0))
    first, second = cut(polygons, 3), cut(turned, 3)
    assert shapely.equals_exact(shapely.normalize(first.polygon), shapely.normalize(second.polygon), 0.0).all()


def test_a_strip_is_left_where_a_hole_touches_its_outline_and_a_cut_would_begin_there():
    hole = [(200, 140), (190, 139), (190, 138)]
    strip = Polygon([(0, 100), (400, 100), (400, 140), (200, 140), (0, 140)], [hole])
    assert pieces_of(cut(array(strip), 0), 0) == [round(strip.area)]


def test_no_cut_runs_along_an_edge_of_its_land():
    land = Polygon([(0, 600), (300, 600), (105, 150), (100, 150), (100, 140), (100.7, 140), (37, 0), (0, 0)])
    south = Polygon([(37, 0), (100.7, 140), (200, 140), (200, 0)])
    north = Polygon([(100.7, 140), (105, 150), (200, 150), (200, 140)])
    result = cut(array(land, south, north), 0)
    assert shapely.area(result.polygon).sum() == pytest.approx(land.area + south.area + north.area)
    assert shapely.coverage_is_valid(result.polygon)
