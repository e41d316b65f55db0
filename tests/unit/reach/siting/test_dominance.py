import numpy as np

from gis_service.reach.siting.dominance import reduced_cover, without_beaten
from gis_service.reach.siting.gains import Pairs, sorted_gains


def cover(*sets):
    """Return covering gains of candidates that cover these rows."""
    pairs = [(row, candidate) for candidate, rows in enumerate(sets) for row in rows]
    row, candidate = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return sorted_gains(Pairs(row, candidate, np.ones(len(pairs))), len(sets))


def test_a_candidate_that_covers_less_at_no_less_cost_is_left_out():
    gains = cover({0, 1}, {0}, {1, 2}, set())
    assert without_beaten(gains, np.array([1.0, 1.0, 1.0, 1.0]))[1].tolist() == [0, 2]
    assert without_beaten(gains, np.array([2.0, 1.0, 1.0, 1.0]))[1].tolist() == [0, 1, 2]


def test_of_equal_candidates_the_first_of_the_cheapest_stays():
    gains = cover({0, 1}, {0, 1}, {0, 1})
    assert without_beaten(gains, np.array([2.0, 1.0, 1.0]))[1].tolist() == [1]


def test_an_only_chance_is_taken_and_decides_the_rest():
    left, candidate, needed = reduced_cover(cover({0, 1}, {1, 2}, {2}), np.ones(3))
    assert sorted(needed) == [0, 1]
    assert len(candidate) == 0
    assert len(left.gain) == 0


def test_a_ring_of_three_is_left_to_be_decided():
    left, candidate, needed = reduced_cover(cover({0, 1}, {1, 2}, {2, 0}), np.ones(3))
    assert candidate.tolist() == [0, 1, 2]
    assert len(needed) == 0
    assert len(left.start) - 1 == 3
