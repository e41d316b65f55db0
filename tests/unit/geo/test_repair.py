import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon

from gis_service.geo.repair import repair_polygons

SQUARE = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
BOW_TIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def array(*geometries):
    out = np.empty(len(geometries), dtype=object)
    out[:] = geometries
    return out


def test_valid_polygons_points_lines_and_none_pass_through_unchanged():
    given = array(SQUARE, Point(1, 2), LineString([(0, 0), (1, 1)]), None)
    repaired, changes = repair_polygons(given)
    assert list(repaired) == list(given)
    assert changes == ()


def test_a_bow_tie_becomes_its_two_triangles_and_says_where_it_crossed():
    repaired, (change,) = repair_polygons(array(SQUARE, BOW_TIE))
    assert repaired[1].is_valid
    assert repaired[1].area == pytest.approx(50)
    assert (change.row, change.done) == (1, "made_valid")
    assert change.fault == "Self-intersection[5 5]"
    assert change.area_before_m2 == pytest.approx(0)
    assert change.area_after_m2 == pytest.approx(50)


def test_a_spike_is_cut_off_and_the_area_stays():
    spike = Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10)])
    repaired, (change,) = repair_polygons(array(spike))
    assert repaired[0].equals(SQUARE)
    assert change.area_after_m2 == pytest.approx(change.area_before_m2)


def test_a_collection_keeps_its_polygons_only():
    repaired, (change,) = repair_polygons(array(GeometryCollection([SQUARE, Point(50, 50)])))
    assert repaired[0].equals(SQUARE)
    assert change.done == "kept_polygons"


def test_a_collection_of_multipolygons_keeps_all_parts():
    far = shapely.affinity.translate(SQUARE, 100, 0)
    repaired, _ = repair_polygons(array(GeometryCollection([MultiPolygon([SQUARE, far]), Point(50, 50)])))
    assert repaired[0].area == pytest.approx(200)


def test_a_polygon_without_area_is_emptied():
    repaired, (change,) = repair_polygons(array(Polygon([(0, 0), (10, 0), (5, 0)])))
    assert repaired[0].is_empty
    assert change.done == "emptied"


def test_repaired_coordinates_lie_on_the_metric_grid_without_a_precision_model():
    odd = Polygon([(0, 0), (10.123457, 10.765433), (10.334567, 0), (0, 10.112347)])
    repaired, _ = repair_polygons(array(odd))
    xy = shapely.get_coordinates(repaired)
    assert np.array_equal(xy, np.round(xy, 6))
    assert shapely.get_precision(repaired[0]) == 0


def test_the_given_array_is_left_alone():
    given = array(BOW_TIE)
    repair_polygons(given)
    assert given[0] is BOW_TIE
