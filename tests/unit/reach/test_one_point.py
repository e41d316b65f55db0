import numpy as np
import pytest

from gis_service.reach.one_point import nearest_index, query
from gis_service.reach.snapping import snap


def index(network, facilities, **options):
    xy = np.array(facilities, dtype=float).reshape(-1, 2)
    return nearest_index(network, snap(network, xy, max_gap_m=50.0), xy, **options)


def test_the_path_leads_over_the_street_along_its_bends_and_off_it_again(streets):
    bent = [(0, 0), (50, 0), (50, 50), (100, 50)]
    network = streets.network([(0, 0), (100, 50), (200, 50)], [(0, 1), (1, 2)], lines={0: bent})
    answer = query(index(network, [(160, 57)]), 20.0, -5.0)
    walk = answer.walks[0]
    assert answer.status == "ok"
    assert answer.gap_m == 5.0
    assert walk.path_xy.tolist() == [[20, -5], [20, 0], [50, 0], [50, 50], [100, 50], [160, 50], [160, 57]]
    assert (walk.facility, walk.walk_m, walk.length_m) == (0, 5 + 30 + 50 + 50 + 60 + 7, 202.0)


def test_on_one_street_the_path_runs_straight_along_it(streets):
    walk = query(index(streets.network([(0, 0), (100, 0)], [(0, 1)]), [(80, 0)]), 30.0, 0.0).walks[0]
    assert walk.path_xy.tolist() == [[30, 0], [80, 0]]
    assert walk.walk_m == 50.0


def test_where_one_stands_at_the_facility_the_path_is_one_place(streets):
    walk = query(index(streets.network([(0, 0), (100, 0)], [(0, 1)]), [(80, 0)]), 80.0, 0.0).walks[0]
    assert walk.path_xy.tolist() == [[80, 0]]
    assert walk.walk_m == 0.0


def test_uphill_counts_more_than_its_length(streets):
    nodes, edges = streets.frames([(0, 0), (100, 0)], [(0, 1)])
    network = streets.build(nodes, edges.assign(to_u_m=100.0, to_v_m=300.0))
    walk = query(index(network, [(100, 0)]), 0.0, 0.0).walks[0]
    assert (walk.walk_m, walk.length_m) == (300.0, 100.0)


def test_facilities_that_are_not_allowed_are_passed_by(streets):
    many = index(streets.network([(0, 0), (100, 0)], [(0, 1)]), [(10, 0), (20, 0), (30, 0)], nearest=1)
    assert query(many, 0.0, 0.0).walks[0].facility == 0
    assert query(many, 0.0, 0.0, allowed=np.array([False, False, True])).walks[0].facility == 2


def test_a_point_far_from_every_street_is_told_so(streets):
    answer = query(index(streets.network([(0, 0), (100, 0)], [(0, 1)]), [(10, 0)]), 50.0, 30.1, max_gap_m=30.0)
    assert (answer.status, answer.walks) == ("no_network", ())
    assert np.isnan(answer.gap_m)


def test_a_point_from_which_no_way_leads_is_told_so(streets):
    network = streets.network([(0, 0), (100, 0), (0, 900), (100, 900)], [(0, 1), (2, 3)])
    answer = query(index(network, [(10, 0)]), 50.0, 905.0, max_gap_m=30.0)
    assert (answer.status, answer.gap_m, answer.walks) == ("no_path", 5.0, ())


@pytest.mark.parametrize("k", [0, 6])
def test_more_facilities_than_the_index_knows_are_refused(streets, k):
    with pytest.raises(ValueError, match="1 to 5"):
        query(index(streets.network([(0, 0), (100, 0)], [(0, 1)]), [(10, 0)]), 0.0, 0.0, k)
