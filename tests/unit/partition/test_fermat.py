"""The place from which the ways to three points are shortest, against triangles worked out by hand and a search."""

from itertools import permutations
from math import sqrt

import numpy as np
import pytest

from gis_service.partition.fermat import fermat_point


def found(*points):
    return fermat_point(*(np.array(point, dtype=float) for point in points))


def test_three_corners_alike_have_it_in_their_middle():
    assert found((0, 0), (100, 0), (50, 50 * sqrt(3))) == pytest.approx((50.0, 50 / sqrt(3)))


def test_ways_from_it_leave_at_120_degrees():
    # The feet are 100 apart, so from the point at half of that over √3 above them both lie at 60° from the upright.
    assert found((0, 0), (100, 0), (50, 300)) == pytest.approx((50.0, 50 / sqrt(3)))
    corners = np.array([(3.0, 7.0), (90.0, -12.0), (44.0, 61.0)])
    ways = corners - found(*corners)
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    assert np.allclose(ways @ ways.T, [[1.0, -0.5, -0.5], [-0.5, 1.0, -0.5], [-0.5, -0.5, 1.0]])


def test_a_corner_of_120_degrees_or_more_is_it():
    assert found((0, 0), (50, 50 / sqrt(3)), (100, 0)) == pytest.approx((50.0, 50 / sqrt(3)))
    assert found((0, 0), (50, 20), (100, 0)) == (50.0, 20.0)


def test_of_three_points_on_one_line_it_is_the_middle_one():
    assert found((0, 0), (100, 50), (40, 20)) == (40.0, 20.0)


def test_where_two_points_coincide_it_is_their_place():
    assert found((7, 3), (7, 3), (40, 90)) == (7.0, 3.0)
    assert found((7, 3), (7, 3), (7, 3)) == (7.0, 3.0)


def test_the_order_of_the_points_does_not_matter():
    corners = [(3, 7), (90, -12), (44, 61)]
    assert np.ptp([found(*order) for order in permutations(corners)], axis=0).max() < 1e-9


def test_no_place_near_it_is_nearer_to_all_three_together():
    rng = np.random.default_rng(5)
    for corners in rng.uniform(0.0, 100.0, (100, 3, 2)):
        point = np.array(found(*corners))
        near = np.vstack((point + rng.normal(0.0, 1.0, (50, 2)), point + rng.normal(0.0, 0.01, (50, 2)), corners))
        sums = np.hypot(*(near[:, None] - corners).transpose(2, 0, 1)).sum(axis=1)
        assert np.hypot(*(corners - point).T).sum() <= sums.min() + 1e-9
