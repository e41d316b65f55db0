"""Grids mended with their neighbours, and who leaves an old grid, as one would count it by hand."""

import numpy as np
import pytest

from gis_service.partition.windows import _leaving, mend_exactly
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import count_misses
from tests.unit.partition.problems import problem_of

HOUSEHOLDS = Rules(basis="households")


@pytest.mark.parametrize("seed", range(5))
def test_who_comes_from_a_grid_stays_only_where_more_than_half_of_it_is(seed):
    rng = np.random.default_rng(seed)
    weight, old = rng.integers(1, 9, 10).astype(float), rng.integers(-1, 3, 10)
    masks = rng.integers(1, 1 << 10, 40).astype(np.uint64)
    found = _leaving(masks, weight, old, 3)
    for mask, leaving in zip(masks.tolist(), found, strict=True):
        inside = [u for u in range(10) if mask >> u & 1 and old[u] >= 0]
        shares = [sum(weight[u] for u in inside if old[u] == name) for name in range(3)]
        most = max(range(3), key=lambda name: shares[name])
        stays = shares[most] if 2 * shares[most] > weight[old == most].sum() else 0.0
        assert leaving == pytest.approx(sum(shares) - stays)


def test_a_small_grid_of_very_many_houses_grows_though_seven_grids_have_to_hand_on_for_it():
    houses = [(c, r) for r in range(6) for c in range(10)]
    cells = houses + [(10 + c, 0) for c in range(15)]
    households = [4] * 60 + [0] + [60, 250] * 6 + [60, 300]
    labels = np.array([0] * 60 + [1, *np.repeat(np.arange(1, 8), 2)])
    assert count_misses(labels, households, None, HOUSEHOLDS) == 1  # 240 households, and no grid has 60 to spare
    found = mend_exactly(problem_of(cells, households, HOUSEHOLDS), labels)
    assert count_misses(found, households, None, HOUSEHOLDS) == 0
    assert np.bincount(found, households).tolist().count(310) == 6
