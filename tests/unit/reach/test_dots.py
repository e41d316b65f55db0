import numpy as np
import shapely

from gis_service.reach.dots import BEYOND, CROSSED, WITHIN, sides_of
from gis_service.reach.outline import Rings, polygons_of

RADIUS_M = 0.5


def rings(*outlines):
    """Return outlines given as band, ring around (or itself) and vertices."""
    vertices = [np.array(xy, float) for _, _, xy in outlines]
    start = np.concatenate([[0], np.cumsum([len(xy) for xy in vertices])])
    around, band = (np.array([outline[k] for outline in outlines], np.int64) for k in (1, 0))
    return Rings(np.concatenate(vertices), start.astype(np.int64), around, band)


def square(x, y, side, *, hole=False):
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return corners[::-1] if hole else corners


YARD = rings((0, 0, square(0, 0, 30)), (0, 0, square(10, 10, 10, hole=True)), (1, 2, square(-10, -10, 60)))


def sides(xy, outlines=YARD, bands=2):
    return sides_of(outlines, bands, np.array(xy, float), RADIUS_M).tolist()


def test_discs_lie_inside_outside_or_on_the_outline_of_each_cut_off():
    told = sides([(5, 5), (15, 15), (40, 5), (-20, 5), (30.2, 5), (29.8, 5), (10.3, 15)])
    assert told[0] == [WITHIN, BEYOND, BEYOND, BEYOND, CROSSED, CROSSED, CROSSED]
    assert told[1] == [WITHIN, WITHIN, WITHIN, BEYOND, WITHIN, WITHIN, WITHIN]


def test_an_outline_that_comes_as_near_as_the_radius_is_told_as_crossing():
    assert sides([(15, -0.5), (15, -0.51), (15, 0.5), (15, 0.51)])[0] == [CROSSED, BEYOND, CROSSED, WITHIN]


def test_above_and_below_all_outlines_everything_is_beyond():
    assert sides([(15, -10.4), (15, -10.6), (15, 50.4), (15, 50.6)])[1] == [CROSSED, BEYOND, CROSSED, BEYOND]


def test_a_cut_off_without_outlines_holds_nothing():
    only = rings((1, 0, square(0, 0, 30)))
    assert sides([(15, 15)], only, bands=3) == [[BEYOND], [WITHIN], [BEYOND]]
    nothing = Rings(np.empty((0, 2)), np.zeros(1, np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
    assert sides([(15, 15)], nothing, bands=1) == [[BEYOND]]


def test_crooked_outlines_with_holes_are_told_as_geometry_tells_them():
    rng, seen = np.random.default_rng(20261123), []
    for _ in range(40):
        angle = np.arange(24) * 2 * np.pi / 24
        ways = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        outer, inner = rng.uniform(20.0, 40.0, (24, 1)) * ways, rng.uniform(3.0, 15.0, (24, 1)) * ways[:, :]
        drawn = rings((0, 0, outer), (0, 0, inner[::-1]))
        ground = polygons_of([drawn], 1)[0, 0]
        # Half of them on the heights of vertices, where a crossing may count twice or not at all.
        xy = rng.uniform(-45.0, 45.0, (60, 2))
        xy[:30, 1] = rng.choice(np.concatenate([outer, inner])[:, 1], 30)
        points = shapely.points(xy)
        away_m = shapely.distance(shapely.boundary(ground), points)
        expected = np.where(away_m <= RADIUS_M, CROSSED, np.where(shapely.contains(ground, points), WITHIN, BEYOND))
        told = sides_of(drawn, 1, xy, RADIUS_M)[0]
        np.testing.assert_array_equal(told, expected)
        seen += told.tolist()
    assert min(seen.count(side) for side in (WITHIN, CROSSED, BEYOND)) > 50
