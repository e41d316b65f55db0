"""The search for a cover, beside trying every choice of sets."""

from itertools import combinations

import numpy as np
import pytest

from gis_service.partition.cover_search import choose

UNITS, SETS = 6, 14


def best_by_trying(mask, reduced, missed, most_missed, below):
    whole, best = (1 << UNITS) - 1, below
    for count in range(1, UNITS + 1):
        for chosen in combinations(range(len(mask)), count):
            held = [int(mask[c]) for c in chosen]
            apart = sum(held) == whole and np.bitwise_or.reduce(held) == whole
            if apart and missed[list(chosen)].sum() <= most_missed:
                best = min(best, float(reduced[list(chosen)].sum()))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_cover_is_that_of_trying_everything(seed):
    rng = np.random.default_rng(seed)
    mask = np.concatenate((rng.integers(1, 1 << UNITS, SETS - UNITS), 1 << np.arange(UNITS))).astype(np.uint64)
    reduced = np.sort(rng.uniform(0.0, 1.0, SETS))
    missed = rng.integers(0, 2, SETS)
    most_missed = int(rng.integers(1, 5))
    chosen, total, complete = choose(mask, reduced, missed, UNITS, 10.0, most_missed, 1_000_000)
    assert complete
    assert total == pytest.approx(best_by_trying(mask, reduced, missed, most_missed, 10.0))
    if len(chosen):
        assert sum(mask[chosen].tolist()) == (1 << UNITS) - 1
        assert missed[chosen].sum() <= most_missed


def test_a_search_that_may_not_look_further_says_so():
    singles = (1 << np.arange(UNITS)).astype(np.uint64)
    chosen, total, complete = choose(singles, np.full(UNITS, 0.1), np.zeros(UNITS, np.int64), UNITS, 1.0, 0, 3)
    assert (len(chosen), total, complete) == (0, 1.0, False)
