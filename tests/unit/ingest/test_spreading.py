import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.ingest.spreading import floor_areas, spread

WEIGHTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1, max_size=50).map(np.array)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10_000_000), WEIGHTS)
def test_shares_add_up_to_the_total_exactly(total, weights):
    shares = spread(total, weights)
    assert shares.sum() == total
    assert (shares >= 0).all()


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 100_000), WEIGHTS)
def test_no_share_is_a_household_away_from_its_proportion(total, weights):
    exact = total * (weights / weights.sum() if weights.any() else np.full(len(weights), 1 / len(weights)))
    assert np.abs(spread(total, weights) - exact).max() < 1 + total * len(weights) / 2**29


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 100_000), WEIGHTS, st.integers(1, 1000))
def test_the_unit_of_the_weights_does_not_matter(total, weights, factor):
    assert np.abs(spread(total, weights * factor) - spread(total, weights)).max() <= 1


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 100_000), WEIGHTS)
def test_more_floor_area_never_means_fewer_households(total, weights):
    shares = spread(total, np.sort(weights)[::-1])
    assert (np.diff(shares) <= 0).all()


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (10, [0, 0], [5, 5]),
        (7, [1, 0, 1], [4, 0, 3]),
        (0, [3, 4], [0, 0]),
        (100, [200, 300], [40, 60]),
        (3, [5, 3, 2], [1, 1, 1]),
    ],
)
def test_largest_remainders_by_hand(total, weights, shares):
    assert spread(total, np.array(weights, dtype=float)).tolist() == shares


@pytest.mark.parametrize(("total", "weights"), [(-1, [1.0]), (1, []), (1, [-1.0])])
def test_what_cannot_be_shared_out_is_an_error(total, weights):
    with pytest.raises(ValueError, match="at least one receiver"):
        spread(total, np.array(weights))


def test_floor_area_is_footprint_times_floors():
    areas, assumed = floor_areas(np.array([100.0, 50.0]), np.array([6.0, 18.0]))
    assert areas.tolist() == [600, 900]
    assert not assumed.any()


def test_unknown_footprints_and_floors_take_the_median_of_the_group():
    areas, assumed = floor_areas(np.array([100.0, 300.0, 0.0]), np.array([6.0, np.nan, 10.0]))
    assert areas.tolist() == [600, 300 * 8, 200 * 10]
    assert assumed.tolist() == [False, True, True]


def test_where_nothing_is_known_all_are_alike():
    areas, assumed = floor_areas(np.zeros(2), np.full(2, np.nan))
    assert areas.tolist() == [1, 1]
    assert assumed.all()
