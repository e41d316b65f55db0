import numpy as np
import pytest
import shapely

from gis_service.geo.compactness import polsby_popper


def test_a_square_scores_a_quarter_of_pi_and_a_circle_nearly_one():
    shapes = np.array([shapely.box(0, 0, 100, 100), shapely.Point(0, 0).buffer(100, 64), shapely.box(0, 0, 300, 100)])
    assert polsby_popper(shapes) == pytest.approx([np.pi / 4, 1.0, 4 * np.pi * 30000 / 800**2], abs=1e-3)


def test_size_does_not_matter_and_nothing_has_no_measure():
    shapes = np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1000, 1000), shapely.Polygon()])
    small, large, empty = polsby_popper(shapes)
    assert small == pytest.approx(large)
    assert np.isnan(empty)
