"""The place from which the ways to three points are shortest, against triangles worked out by hand and a search."""

from math import sqrt

import numpy as np
import pytest

from gis_service.partition.fermat import fermat_point


def found(*points, weight=1.0):
    return fermat_point(*(np.array(point, dtype=float) for point in points), weight)


def test_three_corners_alike_have_it_in_their_middle():
    assert found((0, 0), (100, 0), (50, 50 * sqrt(3))) == pytest.approx((50.0, 50 / sqrt(3)))


def test_ways_that_count_alike_leave_at_120_degrees():
    assert found((0, 0), (100, 0), (50, 300)) == pytest.approx((50.0, 50 / sqrt(3)))
    corners = np.array([(3.0, 7.0), (90.0, -12.0), (44.0, 61.0)])
    ways = corners - found(*corners)
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    assert np.allclose(ways @ ways.T, [[1.0, -0.5, -0.5], [-0.5, 1.0, -0.5], [-0.5, -0.5, 1.0]])


@pytest.mark.parametrize(("weight", "rise"), [(0.6, 0.3), (1.2, 0.6), (1.6, 0.8)])
def test_the_first_two_ways_balance_the_third(weight, rise):
    # Each of the two pulls down by the sine of its slope, together as much as the third pulls up.
    x, y = found((0, 0), (100, 0), (50, 300), weight=weight)
    assert x == pytest.approx(50.0)
    assert y / np.hypot(50.0, y) == pytest.approx(rise)


def test_a_corner_of_120_degrees_or_more_is_it():
    assert found((0, 0), (50, 50 / sqrt(3)), (100, 0)) == pytest.approx((50.0, 50 / sqrt(3)))
    assert found((0, 0), (50, 20), (100, 0)) == (50.0, 20.0)


def test_a_third_that_counts_little_leaves_it_on_the_way_between_the_others():
    assert found((0, 0), (100, 0), (50, 10), weight=0.6) == (50.0, 10.0)  # it lies in that way, but for a little
    assert found((0, 0), (100, 0), (40, 300), weight=1e-6) == pytest.approx((40.0, 0.0), abs=1e-3)


def test_of_three_points_on_one_line_it_is_the_middle_one():
    assert found((0, 0), (100, 50), (40, 20)) == (40.0, 20.0)
    assert found((0, 0), (40, 20), (100, 50), weight=0.6) == (40.0, 20.0)


def test_where_two_points_coincide_it_is_their_place():
    assert found((7, 3), (7, 3), (40, 90)) == (7.0, 3.0)
    assert found((7, 3), (40, 90), (7, 3), weight=0.6) == (7.0, 3.0)
    assert found((7, 3), (7, 3), (7, 3)) == (7.0, 3.0)


def test_the_order_of_the_first_two_does_not_matter():
    a, b, c = (3, 7), (90, -12), (44, 61)
    assert found(a, b, c, weight=0.6) == pytest.approx(found(b, a, c, weight=0.6), abs=1e-9)


@pytest.mark.parametrize("weight", [0.3, 0.6, 1.0, 1.7])
def test_no_place_has_a_smaller_sum(weight):
    rng = np.random.default_rng(5)
    for corners in rng.uniform(0.0, 100.0, (50, 3, 2)):
        point = np.array(found(*corners, weight=weight))
        near = np.vstack((point + rng.normal(0.0, 1.0, (50, 2)), point + rng.normal(0.0, 0.01, (50, 2)), corners))
        sums = np.hypot(*(near[:, None] - corners).transpose(2, 0, 1)) @ (1.0, 1.0, weight)
        assert np.hypot(*(corners - point).T) @ (1.0, 1.0, weight) <= sums.min() + 1e-9
