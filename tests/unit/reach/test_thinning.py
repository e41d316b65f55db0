import numpy as np
import pytest
import shapely

from gis_service.reach.street_grid import drawn_lines, places_on
from gis_service.reach.thinning import thinned


def thin(*lines, most_m=1.0):
    """Return what is left of some lines."""
    return thinned(drawn_lines(np.array([shapely.LineString(line) for line in lines])), most_m)


def wiggly(rng):
    """Return a line that wanders on from vertex to vertex."""
    return np.cumsum(rng.normal((2.0, 0.0), rng.choice([0.5, 2.0, 6.0]), (rng.integers(2, 40), 2)), axis=0)


def test_vertices_that_are_near_the_straight_way_are_left_out_and_bends_stay():
    left = thin([(0, 0), (10, 0.9), (20, 0), (30, 0), (40, 15), (50, 0)])
    assert left.xy.tolist() == [[0, 0], [30, 0], [40, 15], [50, 0]]


def test_a_vertex_exactly_as_far_off_as_allowed_is_left_out():
    assert thin([(0, 0), (10, 1), (20, 0)]).xy.tolist() == [[0, 0], [20, 0]]
    assert len(thin([(0, 0), (10, 1.001), (20, 0)]).xy) == 3


def test_metres_along_a_line_and_its_ends_stay_as_they_were():
    lines = [[(0, 0), (3, 0.5), (6, 0)], [(6, 0), (6, 40)]]
    whole, left = drawn_lines(np.array([shapely.LineString(line) for line in lines])), thin(*lines)
    assert left.start.tolist() == [0, 2, 4]
    assert left.along_m.tolist() == [0.0, whole.along_m[2], 0.0, 40.0]


def test_a_street_around_a_block_keeps_a_vertex_beyond_its_beginning():
    assert thin([(0, 0), (30, 0), (30, 20), (0, 0)]).xy.tolist() == [[0, 0], [30, 0], [30, 20], [0, 0]]
    assert len(thin([(0, 0), (0.5, 0), (0.5, 0.5), (0, 0)]).xy) == 2


def test_no_line_moves_farther_than_allowed():
    rng, left_out = np.random.default_rng(1), 0
    for _ in range(60):
        line = wiggly(rng)
        left = thin(line)
        assert shapely.hausdorff_distance(shapely.LineString(line), shapely.LineString(left.xy)) <= 1.0 + 1e-9
        left_out += len(line) - len(left.xy)
    assert left_out > 100


def test_a_line_drawn_the_other_way_round_keeps_the_same_vertices():
    rng = np.random.default_rng(2)
    for _ in range(60):
        # On a coarse lattice many vertices are equally far off.
        line = np.round(wiggly(rng))
        assert thin(line).xy.tolist() == thin(line[::-1]).xy[::-1].tolist()


def test_no_tolerance_leaves_out_only_what_lies_on_the_straight_way():
    assert thin([(0, 0), (1, 0), (2, 0), (2, 0.001), (3, 0)], most_m=0.0).xy[:, 0].tolist() == [0, 2, 2, 3]


def test_places_on_lines_are_told_by_their_metres():
    lines = np.array([shapely.LineString([(0, 0), (10, 0), (10, 30)]), shapely.LineString([(5, 5), (6, 5)])])
    share = np.array([0.0, 0.125, 0.25, 0.5, 1.0, 0.5])
    lines_of = np.array([0, 0, 0, 0, 0, 1])
    expected = shapely.get_coordinates(shapely.line_interpolate_point(lines[lines_of], share, normalized=True))
    np.testing.assert_allclose(places_on(drawn_lines(lines), lines_of, share), expected)


def test_a_place_on_a_line_without_length_is_where_the_line_is():
    line = np.array([shapely.LineString([(3, 4), (3, 4)])])
    assert places_on(drawn_lines(line), np.array([0]), np.array([0.7])).tolist() == [[3.0, 4.0]]


def test_a_place_between_two_vertices_that_are_kept_is_told_by_proportion():
    left = thin([(0, 0), (10, 0.9), (20, 0)])
    assert places_on(left, np.array([0]), np.array([0.25]))[0] == pytest.approx([5.0, 0.0])
