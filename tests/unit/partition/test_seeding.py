"""The first assignment: pieces in one piece, as many as were wanted at most, of about equal size."""

import numpy as np
import pytest

from gis_service.partition.energy import HOUSEHOLDS as COLUMN
from gis_service.partition.seeding import bisect
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import is_connected, lattice
from tests.unit.partition.problems import problem_of


@pytest.mark.parametrize("count", [1, 12, 200])
def test_a_town_is_cut_into_connected_pieces_of_about_equal_size(count):
    cells = lattice(12, 10)
    problem = problem_of(cells, np.full(len(cells), 40), Rules(basis="households"))
    labels = bisect(problem, count, seed=3)
    sizes = np.bincount(labels, problem.weight[:, COLUMN])
    assert 1 <= len(sizes) <= min(count, len(cells))
    assert (sizes > 0).all()
    assert all(is_connected(problem, np.flatnonzero(labels == piece).tolist()) for piece in range(len(sizes)))
    if count == 12:  # as many as the rules want
        assert len(sizes) == count
        assert sizes.max() <= 2.0 * sizes.mean()
    assert (bisect(problem, count, seed=3) == labels).all()
