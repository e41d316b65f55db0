import numpy as np
import pytest
import shapely

from gis_service.errors import CoverageError
from gis_service.geo.coverage import border_segments
from gis_service.partition.cut_faces import faces_within
from gis_service.partition.linework import faces_of

SQUARES = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
FIELD = shapely.box(0, 0, 20, 10)


def line(*points):
    return np.array([shapely.LineString(points)], dtype=object)


def coordinates(geometries):
    return set(map(tuple, shapely.get_coordinates(geometries).tolist()))


def test_a_line_through_two_units_cuts_both_and_their_common_border_once():
    faces = faces_within(line((-5, 4), (25, 4)), border_segments(SQUARES), FIELD)
    assert sorted(shapely.area(faces).tolist()) == [40.0, 40.0, 60.0, 60.0]
    assert shapely.coverage_is_valid(faces)
    assert coordinates(faces) - coordinates(SQUARES) == {(0.0, 4.0), (10.0, 4.0), (20.0, 4.0)}


def test_a_line_that_passes_by_a_corner_goes_through_it():
    faces = faces_within(line((5, 10.5), (10.0004, 10), (15, 9.5), (15, -1)), border_segments(SQUARES), FIELD)
    assert coordinates(faces) - coordinates(SQUARES) == {(15.0, 9.5), (15.0, 0.0)}
    faces = faces_within(line((7, -6.0004), (16, 12)), border_segments(SQUARES), FIELD)
    assert coordinates(faces) - coordinates(SQUARES) == {(15.0, 10.0)}


def test_a_line_along_a_border_adds_what_leaves_it_only():
    faces = faces_within(line((10, -1), (10, 6), (25, 6)), border_segments(SQUARES), FIELD)
    assert sorted(shapely.area(faces).tolist()) == [40.0, 60.0, 100.0]
    assert coordinates(faces) - coordinates(SQUARES) == {(10.0, 6.0), (20.0, 6.0)}


def test_lines_that_end_inside_or_stay_outside_cut_nothing():
    nothing = np.array([shapely.Point(5, 0), shapely.GeometryCollection()], dtype=object)
    for drawn in (nothing, line((5, -5), (5, 5)), line((0, 20), (20, 20)), line((10, -1), (10, 11))):
        faces = faces_within(drawn, border_segments(SQUARES), FIELD)
        assert len(faces) == len(SQUARES)
        assert shapely.equals(faces[np.argsort(shapely.bounds(faces)[:, 0])], SQUARES).all()


def near_tip():
    """Return three units: the tip of one comes within a third of the resolution to the border of another."""
    below = shapely.Polygon([(0, -10), (10, -10), (10, 3.4e-6), (0, 0)])
    tip = shapely.Polygon([(5, 2e-6), (6, 10), (4, 10)])
    around = shapely.Polygon([(0, 0), (10, 3.4e-6), (10, 10), (6, 10), (5, 2e-6), (4, 10), (0, 10)])
    return np.array([below, tip, around], dtype=object)


def test_corners_nearer_than_the_resolution_stay_where_they_are():
    units = near_tip()
    area = shapely.coverage_union_all(units)
    drawn = line((2, -11), (2, 11))
    faces = faces_within(drawn, border_segments(units), area)
    assert shapely.coverage_is_valid(faces)
    assert coordinates(units) <= coordinates(faces)
    assert coordinates(faces) - coordinates(units) == {(2.0, -10.0), (2.0, 1e-6), (2.0, 10.0)}
    # To node all of it anew joins the tip with the border below it.
    every = faces_of((*drawn, *shapely.linestrings(border_segments(units))), area)
    assert len(every) == len(faces) + 1


def test_faces_that_miss_the_area_are_refused():
    with pytest.raises(CoverageError):
        faces_within(line((5, -5), (5, 15)), border_segments(SQUARES), shapely.box(0, 0, 30, 10))
