"""Lines that cut land into faces, points inside thin faces, and land that joins its neighbours."""

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from gis_service.errors import CoverageError
from gis_service.geo.crs import RESOLUTION_M, round_coordinates
from gis_service.partition.absorption import absorb, width_m
from gis_service.partition.linework import ON_LINE_M, borders_of, clip, faces_of, inner_points

NOTHING = np.empty(0, dtype=object)


def test_crossing_lines_cut_a_square_in_four_and_loose_ends_do_not_count():
    land = box(0, 0, 10, 10)
    lines = [LineString([(5, -1), (5, 11)]), LineString([(-1, 5), (11, 5)]), LineString([(2, 2), (4, 4)])]
    faces = faces_of((land.boundary, *lines), land)
    assert shapely.area(faces).tolist() == [25.0] * 4
    assert [tuple(bounds[[0, 3]]) for bounds in shapely.bounds(faces)] == [(0, 10), (5, 10), (0, 5), (5, 5)]


def test_faces_lie_on_the_grid_of_coordinates_and_form_a_coverage():
    land = box(0, 0, 10, 10)
    faces = faces_of((land.boundary, LineString([(-1, 0.1), (11, 7.3)]), LineString([(3.3, -1), (6.1, 11)])), land)
    assert shapely.coverage_is_valid(faces)
    assert shapely.equals_exact(faces, round_coordinates(faces), 0.0).all()


def test_faces_that_miss_the_area_are_refused():
    with pytest.raises(CoverageError):
        faces_of((LineString([(0, 0), (5, 0), (5, 5), (0, 5), (0, 0)]),), box(0, 0, 10, 10))


def test_lines_that_nearly_coincide_are_cut_until_nothing_changes():
    # Three drawings of one street, a millimetre apart: rounding the crossings lays one of them on another line.
    streets = [
        LineString([(-0.002, -0.003), (13.997, 3.003)]),
        LineString([(-0.002, 0.0), (14.0, 3.002)]),
        LineString([(-0.002, 0.003), (14.003, 3.001)]),
    ]
    land = box(-1, -1, 15, 4)
    faces = faces_of((land.boundary, *streets, LineString([(-0.002, -2), (-0.002, 5)])), land)
    assert len(faces) == 4
    assert (shapely.area(faces) > RESOLUTION_M).all()


def test_clipped_lines_reach_a_millimetre_beyond_the_border():
    clipped = clip(np.array([LineString([(-5, 5), (15, 5)]), LineString([(20, 0), (20, 9)])]), box(0, 0, 10, 10))
    assert [line.bounds for line in clipped] == [pytest.approx((-0.001, 5, 10.001, 5))]


def test_the_point_inside_a_face_keeps_away_from_necks_where_lines_nearly_coincide():
    # Half way up, where a point on the surface is sought, this face is a micrometre wide.
    face = shapely.Polygon([(0, 0), (100, 0), (100, 1), (1e-6, 1), (1e-6, 100), (0, 100)])
    assert shapely.point_on_surface(face).distance(face.boundary) < ON_LINE_M
    (point,) = inner_points(np.array([face]))
    assert face.covers(point)
    assert point.distance(face.boundary) > 0.4


def test_borders_are_told_apart_by_the_line_they_run_along():
    faces = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(20, 0, 30, 10), box(30, 0, 40, 10)])
    road, river = LineString([(20, -5), (20, 15)]), LineString([(30, -5), (30, 15)])
    borders = borders_of(faces, np.array([road, river]), np.array([river]))
    assert borders.plain_m.tolist() == [10, 0, 0]
    assert borders.walkable_m.tolist() == [0, 10, 0]
    assert borders.hard_m.tolist() == [0, 0, 10]


def test_borders_between_groups_are_summed():
    faces = np.array([box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10, 10, 20), box(10, 10, 20, 20)])
    borders = borders_of(faces, NOTHING, NOTHING).between(np.array([0, 1, 0, 1]))
    assert (borders.left.tolist(), borders.right.tolist(), borders.plain_m.tolist()) == ([0], [1], [20])


def absorbed(faces, *, hard=NOTHING, loose=(), homeless=(), special=(), estate=None):
    def marked(chosen):
        return np.isin(np.arange(len(faces)), chosen)

    faces = np.array(faces)
    return absorb(
        borders_of(faces, NOTHING, hard),
        shapely.area(faces),
        shapely.length(faces),
        loose=marked(loose),
        homeless=marked(homeless),
        special=marked(special),
        estate=np.full(len(faces), -1) if estate is None else np.array(estate),
    ).tolist()


def test_small_open_land_joins_the_neighbour_with_the_longest_border():
    yard = box(0, 0, 30, 20)
    assert absorbed([yard, box(30, 0, 100, 20), box(0, 20, 30, 90)], loose=[0]) == [2, 1, 2]


def test_open_land_does_not_cross_a_river_while_there_is_another_neighbour():
    river = np.array([LineString([(-5, 20), (35, 20)])])
    assert absorbed([box(0, 0, 30, 20), box(30, 0, 100, 20), box(0, 20, 30, 90)], hard=river, loose=[0]) == [1, 1, 2]
    assert absorbed([box(0, 0, 30, 20), box(0, 20, 30, 90)], hard=river, loose=[0]) == [1, 1]


def test_large_open_land_stays_and_homeless_land_never_does():
    park, house = box(0, 0, 100, 100), box(100, 0, 200, 100)
    assert absorbed([park, house], loose=[0]) == [0, 1]
    assert absorbed([park, house], homeless=[0]) == [1, 1]


def test_scraps_without_other_neighbours_join_each_other():
    scraps = [box(x, 0, x + 30, 60) for x in (0, 30, 60, 90)]
    assert absorbed(scraps, loose=[0, 1, 2, 3]) == [1, 1, 1, 1]
    assert absorbed(scraps[:1], loose=[0]) == [0]


def test_the_width_of_a_rectangle_is_its_shorter_side_and_a_circle_counts_as_a_square_of_its_perimeter():
    shapes = [box(0, 0, 300, 8), box(0, 0, 50, 50), shapely.Point(0, 0).buffer(10, quad_segs=64)]
    assert width_m(shapely.area(shapes), shapely.length(shapes)) == pytest.approx([8, 50, np.pi * 5], rel=1e-3)


def test_a_special_grid_takes_land_in_only_where_nobody_else_does():
    market, yard, house = box(0, 20, 30, 90), box(0, 0, 30, 20), box(30, 0, 100, 20)
    assert absorbed([market, yard, house], loose=[1], special=[0]) == [0, 2, 2]
    assert absorbed([market, yard], loose=[1], special=[0]) == [0, 0]


def test_land_of_an_estate_joins_its_estate_though_the_border_with_a_stranger_is_longer():
    yard, stranger, home = box(0, 0, 30, 20), box(0, 20, 30, 90), box(30, 0, 100, 20)
    assert absorbed([yard, stranger, home], loose=[0], estate=[4, -1, 4]) == [2, 1, 2]
    assert absorbed([yard, stranger, home], loose=[0], estate=[-1, 4, -1]) == [1, 1, 2]
