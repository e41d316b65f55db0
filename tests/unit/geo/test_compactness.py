"""The Polsby-Popper score."""

import numpy as np
import pytest
import shapely

from gis_service.geo.compactness import polsby_popper


def test_a_square_scores_pi_over_four():
    assert polsby_popper([shapely.box(0, 0, 10, 10)])[0] == pytest.approx(np.pi / 4)


def test_a_thin_strip_scores_low_and_a_round_plate_high():
    strip, plate = polsby_popper([shapely.box(0, 0, 100, 1), shapely.Point(0, 0).buffer(5, quad_segs=64)])
    assert strip == pytest.approx(4 * np.pi * 100 / 202**2)
    assert plate == pytest.approx(1, abs=1e-3)


def test_a_hole_lowers_the_score():
    ring = shapely.box(0, 0, 10, 10) - shapely.box(4, 4, 6, 6)
    assert polsby_popper([ring])[0] == pytest.approx(4 * np.pi * 96 / 48**2)


def test_an_empty_polygon_has_no_score():
    assert np.isnan(polsby_popper([shapely.Polygon()])).all()
    assert polsby_popper([]).shape == (0,)
