import numpy as np
import pytest

from gis_service.reach.siting.candidates import Candidates
from gis_service.reach.siting.distances import siting_problem, walk_matrix
from gis_service.reach.siting.maximal import maximal_cover
from gis_service.reach.snapping import Snaps, snap
from gis_service.reach.times import nearest_facility


def snapped(network, points):
    return snap(network, np.array(points, float).reshape(-1, 2), max_gap_m=60.0)


def one(snaps, k):
    return Snaps(snaps.edge[k : k + 1], snaps.fraction[k : k + 1], snaps.gap_m[k : k + 1])


def test_walks_within_the_limit_are_stored_and_a_walk_of_nothing_too(streets):
    network = streets.network([(0, 0), (100, 0), (300, 0)], [(0, 1), (1, 2)])
    walks = walk_matrix(
        network, snapped(network, [(0, 0), (300, 0)]), snapped(network, [(0, 0), (120, 0)]), limit_m=180.0
    )
    assert walks.toarray().tolist() == [[0.0, 120.0], [0.0, 180.0]]
    assert walks.indptr.tolist() == [0, 2, 3]
    assert walks.indices.tolist() == [0, 1, 1]


def test_both_on_one_long_street_are_joined_though_its_ends_are_out_of_reach(streets):
    network = streets.network([(0, 0), (5000, 0)], [(0, 1)])
    walks = walk_matrix(network, snapped(network, [(2000, 10)]), snapped(network, [(2100, 5), (0, 900)]), limit_m=200.0)
    assert walks.toarray().tolist() == [[115.0, 0.0]]
    assert walks.nnz == 1


@pytest.mark.parametrize("limit_m", [0.0, 90.0, 250.0, 1e9])
@pytest.mark.parametrize("seed", range(12))
def test_every_walk_is_the_nearest_walk_to_that_candidate_alone(streets, seed, limit_m):
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 30, (9, 2)) * 10
    network = streets.network([tuple(p) for p in places], [tuple(pair) for pair in rng.integers(0, 9, (14, 2))])
    demand, sites = snapped(network, rng.uniform(0, 300, (8, 2))), snapped(network, rng.uniform(0, 300, (5, 2)))
    walks = walk_matrix(network, demand, sites, limit_m=limit_m)
    expected = np.column_stack([nearest_facility(network, demand, one(sites, k))[1] for k in range(5)])
    row, column = np.nonzero(expected <= limit_m)
    stored = walks.tocoo()
    assert sorted(zip(*map(np.ndarray.tolist, stored.coords), strict=True)) == sorted(
        zip(row.tolist(), column.tolist(), strict=True)
    )
    np.testing.assert_array_equal(stored.data, expected[stored.coords])


def test_a_problem_is_built_from_streets_and_places(streets):
    network = streets.network([(0, 0), (1000, 0)], [(0, 1)])
    rooms = Candidates(("far", "good", "bad"), np.array([[0.0, 9000.0], [800.0, 0.0], [100.0, 0.0]]))
    problem = siting_problem(
        network,
        snapped(network, [(0, 0), (900, 0), (0, 500)]),
        np.array([3, 2, 1]),
        snapped(network, [(50, 0)]),
        rooms,
        limit_m=400.0,
        max_gap_m=50.0,
    )
    assert problem.existing_walk_m.tolist() == [50.0, 850.0, np.inf]
    found = maximal_cover(problem, cutoff_m=400.0, count=1)
    assert [problem.candidate_ids[j] for j in found.chosen] == ["good"]
    assert (found.covered_before, found.covered_after) == (3.0, 5.0)
    assert found.uncoverable.tolist() == [2]
