import numpy as np
import pytest
import shapely

from gis_service.reach import contour as module
from gis_service.reach.contour import EDGE_M, contour, fill_blocks


def field(size, inside):
    """Return a field of one metre cells, -1 where `inside` says so and 1 elsewhere."""
    return np.where(inside(*np.mgrid[:size, :size]), -1.0, 1.0)


def test_the_contour_runs_where_the_value_between_two_cell_centres_is_zero():
    excess_m = np.full((5, 5), 3.0)
    excess_m[2, 2] = -1.0
    (diamond,) = contour(excess_m, 100.0, 200.0, 10.0)
    assert diamond.bounds == pytest.approx((122.5, 222.5, 127.5, 227.5))


def test_a_ring_of_cells_keeps_its_hole():
    ring = field(9, lambda y, x: np.maximum(abs(x - 4), abs(y - 4)) == 2)
    (polygon,) = contour(ring, 0.0, 0.0, 1.0)
    assert len(polygon.interiors) == 1
    assert polygon.is_valid


def test_cells_that_touch_at_a_corner_give_a_valid_outline():
    two = field(6, lambda y, x: ((x == 2) & (y == 2)) | ((x == 3) & (y == 3)))
    assert shapely.is_valid(contour(two, 0.0, 0.0, 1.0)).all()


def test_blocks_of_a_large_field_are_joined_without_seams(monkeypatch):
    wave = field(40, lambda y, x: (np.hypot(x - 20, y - 20) < 15) & (np.hypot(x - 20, y - 20) > 5))
    (whole,) = contour(wave, 0.0, 0.0, 1.0)
    monkeypatch.setattr(module, "_BLOCK", 7)
    (joined,) = contour(wave, 0.0, 0.0, 1.0)
    assert joined.symmetric_difference(whole).area == pytest.approx(0.0, abs=1e-9)


def test_nothing_within_gives_no_polygon():
    assert contour(np.ones((4, 4)), 0.0, 0.0, 1.0) == []


def test_the_inside_of_a_block_is_filled_and_the_outside_is_not():
    ring = field(9, lambda y, x: np.maximum(abs(x - 4), abs(y - 4)) == 2)
    filled = fill_blocks(ring, np.zeros(ring.shape, bool), max_cells=9, tiny_cells=0)
    assert (filled[3:6, 3:6] == -EDGE_M).all()
    assert filled[0, 0] == 1.0


def test_a_hole_stays_where_it_is_large_or_people_come_too_late():
    ring = field(9, lambda y, x: np.maximum(abs(x - 4), abs(y - 4)) == 2)
    late = np.zeros(ring.shape, bool)
    assert (fill_blocks(ring, late, max_cells=8, tiny_cells=0) == ring).all()
    late[4, 4] = True
    assert (fill_blocks(ring, late, max_cells=9, tiny_cells=0) == ring).all()


def test_a_tiny_hole_is_filled_whatever_is_in_it():
    ring = field(9, lambda y, x: np.maximum(abs(x - 4), abs(y - 4)) == 2)
    late = np.ones(ring.shape, bool)
    assert (fill_blocks(ring, late, max_cells=0, tiny_cells=8) == ring).all()
    filled = fill_blocks(ring, late, max_cells=0, tiny_cells=9)
    assert (filled[3:6, 3:6] == -EDGE_M).all()
    assert filled[0, 0] == 1.0


def test_late_cells_in_the_open_do_not_matter_to_a_hole():
    ring = field(9, lambda y, x: np.maximum(abs(x - 4), abs(y - 4)) == 2)
    late = np.zeros(ring.shape, bool)
    late[0, 0] = True
    assert (fill_blocks(ring, late, max_cells=9, tiny_cells=0)[3:6, 3:6] < 0).all()
