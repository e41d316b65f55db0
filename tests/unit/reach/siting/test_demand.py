import numpy as np
import pytest
from scipy.sparse import csr_array

from gis_service.reach.siting.demand import covered_households, newly_covered
from gis_service.reach.siting.problem import SitingProblem


def test_each_site_counts_whom_none_before_it_covers(line_town):
    problem = line_town([0, 100, 200, 900], [100, 0, 200], households=[1, 2, 4, 8], existing=[900])
    # s2 (200) covers 100 and 200, s0 (100) then only 0, s1 (0) nobody more; 900 is covered today.
    assert newly_covered(problem, np.array([2, 0, 1]), 100.0).tolist() == [6.0, 1.0, 0.0]
    assert newly_covered(problem, np.zeros(0, np.int64), 100.0).tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_what_is_newly_covered_is_the_difference_of_what_is_covered(seed):
    random = np.random.default_rng(seed)
    walk_m = random.integers(0, 200, (40, 12)).astype(float)
    row, column = np.nonzero(walk_m <= 150)
    problem = SitingProblem(
        walk_m=csr_array((walk_m[row, column], (row, column)), shape=walk_m.shape),
        households=random.integers(0, 9, 40).astype(float),
        existing_walk_m=np.where(random.random(40) < 0.3, 50.0, np.inf),
        candidate_ids=tuple(f"s{k}" for k in random.permutation(12)),
    )
    chosen = random.permutation(12)[:6]
    totals = [covered_households(problem, 40.0, chosen[:count]) for count in range(7)]
    assert newly_covered(problem, chosen, 40.0).tolist() == np.diff(totals).tolist()
