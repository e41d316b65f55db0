import numpy as np
import pytest

from gis_service.reach.snapping import snap
from gis_service.reach.walks import k_walks


def found(network, origins, facilities, k, allowed=None):
    """Return the owners and walks of each origin, as lists."""
    points = (np.array(xy, dtype=float).reshape(-1, 2) for xy in (origins, facilities))
    origins, facilities = (snap(network, xy, max_gap_m=50.0) for xy in points)
    owner, walk_m, _ = k_walks(network, origins, facilities, k, allowed=allowed)
    return owner.tolist(), walk_m.tolist()


def test_the_nearest_come_first_and_each_facility_once(streets):
    network = streets.network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2), (0, 1)])
    assert found(network, [(90, 0)], [(0, 0), (130, 0), (200, 10)], 3) == ([[1, 0, 2]], [[40.0, 90.0, 120.0]])


def test_where_fewer_are_within_reach_the_rest_is_empty(streets):
    network = streets.network([(0, 0), (100, 0), (0, 900), (100, 900)], [(0, 1), (2, 3)])
    owner, walk_m = found(network, [(10, 0)], [(50, 900), (30, 0)], 2)
    assert owner == [[1, -1]]
    assert walk_m[0][0] == 20.0
    assert np.isnan(walk_m[0][1])


def test_only_those_allowed_count(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    allowed = np.array([False, True, True])
    assert found(network, [(0, 0)], [(10, 0), (60, 0), (30, 0)], 2, allowed) == ([[2, 1]], [[30.0, 60.0]])


def test_of_equal_walks_the_first_facility_comes_first(streets):
    network = streets.network([(0, 0), (100, 0), (200, 0)], [(0, 1), (1, 2)])
    assert found(network, [(100, 0)], [(190, 0), (10, 0)], 2) == ([[0, 1]], [[90.0, 90.0]])


@pytest.mark.parametrize(("origin", "facility", "walk_m"), [(20, 80, 30.0), (80, 20, 120.0)])
def test_a_street_counts_in_the_direction_in_which_it_is_walked_to_the_facility(streets, origin, facility, walk_m):
    nodes, edges = streets.frames([(0, 0), (100, 0)], [(0, 1)])
    network = streets.build(nodes, edges.assign(to_u_m=200.0, to_v_m=50.0))
    assert found(network, [(origin, 0)], [(facility, 0)], 1) == ([[0]], [[walk_m]])


def test_a_street_closed_one_way_is_walked_round(streets):
    corners = [(0, 0), (100, 0), (100, 100), (0, 100)]
    nodes, edges = streets.frames(corners, [(0, 1), (1, 2), (2, 3), (3, 0)])
    network = streets.build(nodes, edges.assign(to_v_m=100.0, to_u_m=[np.inf, 100.0, 100.0, 100.0]))
    assert found(network, [(10, 0)], [(90, 0)], 1) == ([[0]], [[80.0]])
    assert found(network, [(90, 0)], [(10, 0)], 1) == ([[0]], [[10.0 + 300.0 + 10.0]])
