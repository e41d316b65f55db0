import numpy as np
import pytest
import shapely

from gis_service.reach.lattice import CORNERS, SAMPLE_M, SHIFT_X, SHIFT_Y, SIDE, Survey, nowhere
from gis_service.reach.outline import polygons_of, rings_of

CUTOFF_M = 100.0


def outlines(survey, cutoffs_m):
    """Return the ground within some cut-offs."""
    return polygons_of([rings_of(survey, cutoffs_m)], len(cutoffs_m))[0]


def outline(survey, cutoff_m=CUTOFF_M):
    """Return the ground within one cut-off."""
    (circle,) = outlines(survey, np.array([cutoff_m]))
    return circle


def survey_of(walk_m):
    """Return the survey of a field of samples, whose sides are whole numbers of blocks and one sample."""
    rows, columns = ((side - 1) // SIDE for side in walk_m.shape)
    row, column = (axis.ravel() for axis in np.mgrid[:rows, :columns])
    block = [walk_m[r * SIDE : r * SIDE + CORNERS, c * SIDE : c * SIDE + CORNERS].ravel() for r, c in zip(row, column)]  # noqa: B905 equal
    return Survey(row, column, np.array(block), np.array(block), np.ones(len(row), bool))


def field(*rows):
    """Return walks of 100 m at 1, far more at 0, in the middle of much beyond; the first row is the northern one."""
    walk_m = np.full((4 * SIDE + 1, 4 * SIDE + 1), np.inf)
    drawn = np.array([[int(each) for each in row] for row in rows])[::-1]
    walk_m[SIDE - 1 : SIDE - 1 + drawn.shape[0], SIDE - 1 : SIDE - 1 + drawn.shape[1]] = np.where(drawn, 96.0, np.inf)
    return walk_m


def test_one_sample_within_is_a_square_on_its_corner_half_way_to_its_neighbours():
    circle = outline(survey_of(field("1")))
    x, y = SHIFT_X + (SIDE - 1) * SAMPLE_M, SHIFT_Y + (SIDE - 1) * SAMPLE_M
    half = SAMPLE_M / 2
    assert circle.bounds == pytest.approx((x - half, y - half, x + half, y + half))
    assert circle.area == pytest.approx(2 * half**2)


def test_the_outline_crosses_between_two_samples_where_the_walk_is_the_cut_off():
    walk_m = np.tile(80.0 + SAMPLE_M * np.arange(SIDE + 1), (2 * SIDE + 1, 1))
    walk_m[[0, -1]], walk_m[:, 0] = np.inf, np.inf
    circle = outline(survey_of(walk_m), 80.0 + 2.25 * SAMPLE_M)
    assert circle.bounds[2] == pytest.approx(SHIFT_X + 2.25 * SAMPLE_M)


def test_holes_and_islands_in_them_belong_to_the_right_polygon():
    rings = field("1111111", "1000001", "1011101", "1010101", "1011101", "1000001", "1111111")
    circle = outline(survey_of(rings))
    assert circle.is_valid
    assert sorted(len(part.interiors) for part in circle.geoms) == [1, 1]
    inner, outer = sorted(circle.geoms, key=lambda part: part.area)
    assert shapely.Polygon(outer.interiors[0]).contains(inner)


def test_samples_that_touch_at_a_corner_are_one_where_the_middle_is_within():
    apart, together = field("10", "01"), field("10", "01")
    together[together == np.inf] = 101.0
    assert len(outline(survey_of(apart)).geoms) == 2
    assert len(outline(survey_of(together)).geoms) == 1


def test_without_blocks_there_is_no_outline():
    assert outline(nowhere()).is_empty


@pytest.mark.parametrize("seed", range(20))
def test_outlines_of_noise_are_valid_and_hold_every_sample_within_and_grow(seed):
    rng = np.random.default_rng(seed)
    walk_m = np.full((6 * SIDE + 1, 6 * SIDE + 1), np.inf)
    walk_m[1:-1, 1:-1] = rng.uniform(95.0, 105.0, (6 * SIDE - 1, 6 * SIDE - 1))
    survey = survey_of(walk_m)
    circles = outlines(survey, np.array([98.0, 100.0, 100.5]))
    row, column = np.indices(walk_m.shape)
    samples = shapely.points(SHIFT_X + column * SAMPLE_M, SHIFT_Y + row * SAMPLE_M)
    for circle, cutoff_m in zip(circles, (98.0, 100.0, 100.5), strict=True):
        assert circle.is_valid
        shapely.prepare(circle)
        assert (shapely.contains(circle, samples) == (walk_m < cutoff_m + 0.01)).all()
    assert circles[0].difference(circles[1]).area < 1e-9
    assert circles[1].difference(circles[2]).area < 1e-9
    assert outline(survey_of(walk_m + rng.uniform(0.0, 1.0, walk_m.shape)), 100.0).difference(circles[1]).area < 1e-9


def test_bands_of_which_nobody_is_within_are_empty():
    found = outlines(survey_of(field("1")), np.array([50.0, CUTOFF_M, 90.0]))
    assert shapely.is_empty(found).tolist() == [True, False, True]


def test_outlines_of_several_surveys_are_those_of_each_alone():
    one, other = survey_of(field("111", "101", "111")), survey_of(field("1001"))
    cutoffs_m = np.array([50.0, CUTOFF_M])
    together = polygons_of([rings_of(each, cutoffs_m) for each in (one, nowhere(), other)], 2)
    alone = np.array([outlines(each, cutoffs_m) for each in (one, nowhere(), other)])
    assert shapely.equals_exact(together, alone, tolerance=0.0).all()
    assert [len(circle.geoms) for circle in together[:, 1]] == [1, 0, 2]
    assert shapely.is_empty(together[:, 0]).all()
