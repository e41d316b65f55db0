"""Who leaves an old grid, as one would count it by hand."""

import numpy as np
import pytest

from gis_service.partition.windows import _leaving


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
