import numpy as np

from gis_service.reach.snapping import snap
from gis_service.reach.times import nearest_facility


def walks(network, origins, facilities, max_gap_m=500.0):
    """Return the owner and the walk of each origin, as lists."""
    owner, walk_m = nearest_facility(
        network,
        snap(network, np.array(origins, dtype=float).reshape(-1, 2), max_gap_m=max_gap_m),
        snap(network, np.array(facilities, dtype=float).reshape(-1, 2), max_gap_m=max_gap_m),
    )
    return owner.tolist(), walk_m.tolist()


def test_a_walk_counts_both_gaps_and_the_way_round_the_corner(streets):
    network = streets.network([(0, 0), (100, 0), (100, 100)], [(0, 1), (1, 2)])
    assert walks(network, [(20, 5)], [(103, 60)]) == ([0], [5.0 + 80.0 + 60.0 + 3.0])


def test_two_points_on_one_street_walk_straight_along_it(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    assert walks(network, [(20, 5)], [(60, 2)]) == ([0], [5.0 + 40.0 + 2.0])


def test_the_way_round_is_taken_where_it_is_shorter_than_along_the_common_edge(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1), (0, 1)], lines={0: [(0, 0), (0, 90), (100, 90), (100, 0)]})
    assert walks(network, [(0, 10)], [(100, 10)]) == ([0], [10.0 + 100.0 + 10.0])


def test_of_parallel_edges_the_shorter_counts(streets):
    network = streets.network([(0, 0), (100, 0), (200, 0)], [(0, 1), (0, 1), (1, 2)], length_m=[400, 150, 100])
    assert walks(network, [(0, 0)], [(200, 0)]) == ([0], [250.0])


def test_on_a_loop_the_shorter_way_round_is_taken(streets):
    loop = [(100, 0), (100, 100), (200, 100), (200, 0), (100, 0)]
    network = streets.network([(0, 0), (100, 0)], [(0, 1), (1, 1)], lines={1: loop})
    assert walks(network, [(200, 50)], [(0, 0)]) == ([0], [50.0 + 100.0 + 100.0])


def test_a_street_without_length_joins_its_ends(streets):
    network = streets.network([(0, 0), (50, 0), (50, 0), (100, 0)], [(0, 1), (1, 2), (2, 3)])
    assert walks(network, [(10, 0)], [(90, 0)]) == ([0], [80.0])


def test_streets_that_cross_without_a_common_node_do_not_meet(streets):
    network = streets.network([(0, 0), (100, 0), (50, -50), (50, 50)], [(0, 1), (2, 3)])
    assert walks(network, [(0, 0)], [(50, 50)])[0] == [-1]


def test_without_a_path_there_is_no_owner_and_no_walk(streets):
    network = streets.network([(0, 0), (100, 0), (0, 900), (100, 900)], [(0, 1), (2, 3)])
    owner, walk_m = walks(network, [(50, 0), (50, 900)], [(20, 0)])
    assert owner == [0, -1]
    assert walk_m[0] == 30.0
    assert np.isnan(walk_m[1])


def test_an_origin_far_from_every_street_has_no_walk(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    owner, walk_m = walks(network, [(50, 20)], [(20, 0)], max_gap_m=10.0)
    assert owner == [-1]
    assert np.isnan(walk_m).all()


def test_a_facility_far_from_every_street_serves_nobody(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    assert walks(network, [(50, 0)], [(50, 20), (90, 0)], max_gap_m=10.0) == ([1], [40.0])


def test_of_equally_near_facilities_the_first_is_taken(streets):
    network = streets.network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)])
    assert walks(network, [(100, 0)], [(190, 0), (10, 0)]) == ([0], [90.0])
    assert walks(network, [(100, 0)], [(10, 0), (190, 0)]) == ([0], [90.0])
    assert walks(network, [(40, 0)], [(60, 0), (20, 0)]) == ([0], [20.0])


def test_a_tie_spreads_through_streets_without_length(streets):
    network = streets.network([(0, 0), (100, 0), (100, 0), (200, 0), (100, 70)], [(0, 1), (1, 2), (2, 3), (1, 4)])
    for facilities in ([(200, 0), (0, 0)], [(0, 0), (200, 0)]):
        assert walks(network, [(100, 70)], facilities) == ([0], [170.0])


def test_without_facilities_nobody_has_a_walk(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    assert walks(network, [(50, 0)], [])[0] == [-1]
