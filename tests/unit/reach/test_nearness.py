import numpy as np
import pytest

from gis_service.reach.nearness import ROUNDING_M, corner_distances, distance, may_be_nearest

HALF_M = 8.0


def ends(first, last):
    """Return a piece as the functions take it: its way and one over the square of its length."""
    dx, dy = last[0] - first[0], last[1] - first[1]
    square_m2 = dx * dx + dy * dy
    return dx, dy, 1.0 / square_m2 if square_m2 > 0.0 else 0.0


def judged(other, piece):
    """Return whether a piece may be nearer than another one to ground of the square around (0, 0)."""
    corners_m = corner_distances(-other[0][0], -other[0][1], *ends(*other), HALF_M)
    dx, dy, per_m2 = ends(*piece)
    share = min(max(-(piece[0][0] * dx + piece[0][1] * dy) * per_m2, 0.0), 1.0)
    off_x, off_y = -piece[0][0] - share * dx, -piece[0][1] - share * dy
    return may_be_nearest(corners_m, off_x, off_y, float(np.hypot(off_x, off_y)), HALF_M)


@pytest.mark.parametrize(
    ("place", "expected_m"),
    [((5.0, 3.0), 3.0), ((-3.0, 4.0), 5.0), ((13.0, 4.0), 5.0), ((7.0, 0.0), 0.0)],
)
def test_a_place_is_as_far_from_a_piece_as_from_its_side_or_its_nearer_end(place, expected_m):
    assert distance(*place, *ends((0.0, 0.0), (10.0, 0.0))) == pytest.approx(expected_m)


def test_a_piece_without_length_is_a_point():
    assert distance(3.0, 4.0, 0.0, 0.0, 0.0) == 5.0


def test_corners_are_told_from_west_to_east_and_from_south_to_north():
    # A piece from (-20, -10) eastwards: the square from (-8, -8) to (8, 8) lies north of it.
    told_m = corner_distances(20.0, 10.0, *ends((-20.0, -10.0), (20.0, -10.0)), HALF_M)
    assert told_m == pytest.approx([2.0 + ROUNDING_M, 2.0 + ROUNDING_M, 18.0 + ROUNDING_M, 18.0 + ROUNDING_M])


def test_of_two_streets_side_by_side_the_farther_is_nearest_only_where_the_square_comes_near_it():
    near, far = ((-50.0, 0.0), (50.0, 0.0)), ((-50.0, 20.0), (50.0, 20.0))
    assert not judged(near, far)
    assert judged(near, ((-50.0, 12.0), (50.0, 12.0)))


def test_a_street_behind_another_is_never_nearest_however_near_it_is():
    # All ground of the square lies north of both: it is 10 m to the first at least, and always 2 m more to the other.
    assert not judged(((-50.0, -18.0), (50.0, -18.0)), ((-50.0, -20.0), (50.0, -20.0)))


def test_a_piece_that_is_nearest_to_any_ground_is_never_left_out():
    rng = np.random.default_rng(20261123)
    side = np.linspace(-HALF_M, HALF_M, 9)
    ground = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    kept = left_out = 0
    for _ in range(400):
        pieces = rng.uniform(-40.0, 40.0, (6, 1, 2)) + rng.normal(0.0, rng.choice([0.0, 3.0, 30.0]), (6, 2, 2))
        away_m = np.array([[distance(*(place - p[0]), *ends(*p)) for place in ground] for p in pieces])
        middle = int(away_m[:, len(ground) // 2].argmin())
        for k in range(len(pieces)):
            judgement = judged(pieces[middle], pieces[k])
            assert judgement or (away_m[k] > away_m[middle]).all()
            kept, left_out = kept + judgement, left_out + (not judgement)
    assert kept > 400
    assert left_out > 400
