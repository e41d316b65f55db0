import numpy as np
import shapely
from shapely import Point, box

from gis_service.ingest.tiling import containing, largest_overlap


def array(*geometries):
    out = np.empty(len(geometries), dtype=object)
    out[:] = geometries
    return out


AREAS = array(box(0, 0, 10, 10), None, box(10, 0, 20, 10), box(8, 0, 12, 10))


def test_points_belong_to_the_lowest_area_that_holds_them():
    points = array(Point(5, 5), Point(10, 5), Point(15, 5), Point(30, 5))
    assert containing(AREAS, points).tolist() == [0, 0, 2, -1]


def test_no_areas_hold_nothing():
    assert containing(array(), array(Point(0, 0))).tolist() == [-1]


def test_the_largest_overlap_decides_and_its_share_is_told():
    given = array(box(7, 0, 11, 10), box(30, 0, 40, 10), box(10, 2, 12, 4))
    position, share = largest_overlap(AREAS, given)
    assert position.tolist() == [0, -1, 2]
    np.testing.assert_allclose(share, [0.75, 0.0, 1.0])


def test_touching_is_no_overlap():
    position, _ = largest_overlap(array(box(0, 0, 1, 1)), array(box(1, 0, 2, 1)))
    assert position.tolist() == [-1]
    assert shapely.touches(box(0, 0, 1, 1), box(1, 0, 2, 1))
