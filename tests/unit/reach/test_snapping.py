import numpy as np
import pytest

from gis_service.reach.network import build_network
from gis_service.reach.snapping import snap, spots


def test_a_point_meets_the_nearest_point_of_the_nearest_edge(streets):
    network = streets.network([(0, 0), (100, 0), (100, 100)], [(0, 1), (1, 2)])
    snaps = snap(network, np.array([[25.0, 7.0], [110.0, 60.0], [-3.0, -4.0]]), max_gap_m=50.0)
    assert snaps.edge.tolist() == [0, 1, 0]
    assert snaps.fraction.tolist() == [0.25, 0.6, 0.0]
    assert snaps.gap_m.tolist() == pytest.approx([7.0, 10.0, 5.0])


def test_the_share_of_an_edge_comes_from_its_drawing_and_the_metres_from_its_length(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)], length_m=[400.0])
    snaps = snap(network, np.array([[25.0, 0.0]]), max_gap_m=50.0)
    assert snaps.fraction.tolist() == [0.25]
    assert spots(network, snaps).offset_m.tolist() == [100.0]


def test_the_longest_gap_is_inclusive(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    snaps = snap(network, np.array([[50.0, 30.0], [50.0, 30.001]]), max_gap_m=30.0)
    assert snaps.edge.tolist() == [0, -1]
    assert np.isnan(snaps.gap_m[1])
    assert np.isnan(snaps.fraction[1])


def test_an_island_of_streets_is_not_snapped_to_even_where_it_is_nearer(streets):
    network = streets.network([(0, 0), (3000, 0), (0, 50), (100, 50)], [(0, 1), (2, 3)], min_component_m=2000.0)
    snaps = snap(network, np.array([[50.0, 45.0]]), max_gap_m=500.0)
    assert snaps.edge.tolist() == [0]
    assert snaps.gap_m.tolist() == [45.0]


@pytest.mark.parametrize("flip", [False, True])
def test_of_equally_near_streets_the_shorter_is_taken_whatever_the_order_of_rows(streets, flip):
    nodes, edges = streets.frames([(0, 0), (100, 0), (20, 20), (70, 20)], [(0, 1), (2, 3)])
    edges = edges.iloc[::-1].reset_index(drop=True) if flip else edges
    network = build_network(nodes, edges, min_component_m=0.0)
    snaps = snap(network, np.array([[50.0, 10.0]]), max_gap_m=50.0)
    assert network.edges.length_m[snaps.edge[0]] == 50.0


@pytest.mark.parametrize("flip", [False, True])
def test_of_equally_near_and_equally_long_streets_geometry_decides_not_the_order_of_rows(streets, flip):
    nodes, edges = streets.frames([(0, 0), (100, 0), (0, 20), (100, 20)], [(0, 1), (2, 3)])
    edges = edges.iloc[::-1].reset_index(drop=True) if flip else edges
    network = build_network(nodes, edges, min_component_m=0.0)
    snaps = snap(network, np.array([[50.0, 10.0]]), max_gap_m=50.0)
    assert network.edges.u[snaps.edge[0]] == 0


def test_an_edge_without_length_is_met_at_its_beginning(streets):
    network = streets.network([(0, 0), (0, 0)], [(0, 1)])
    snaps = snap(network, np.array([[3.0, 4.0]]), max_gap_m=50.0)
    assert (snaps.edge[0], snaps.fraction[0], snaps.gap_m[0]) == (0, 0.0, 5.0)


def test_without_streets_nothing_is_snapped(streets):
    network = streets.network([], [])
    snaps = snap(network, np.array([[3.0, 4.0]]), max_gap_m=50.0)
    assert snaps.edge.tolist() == [-1]
    assert np.isnan(spots(network, snaps).offset_m).all()


def test_no_points_give_no_snaps(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    assert len(snap(network, np.empty((0, 2)), max_gap_m=50.0)) == 0


BENT = [(0.0, 0.0), (70.0, 31.0), (200.0, 17.0)]


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_of_streets_drawn_upon_each_other_everybody_stands_on_one_however_they_are_drawn(streets, flip, turned):
    places = [BENT[0], BENT[-1], BENT[0], BENT[-1]]
    joins, line = ([(0, 1), (3, 2)], BENT[::-1]) if turned else ([(0, 1), (2, 3)], BENT)
    nodes, edges = streets.frames(places, joins, lines={0: BENT, 1: line})
    edges = edges.iloc[::-1].reset_index(drop=True) if flip else edges
    network = build_network(nodes, edges, min_component_m=0.0)
    points = np.random.default_rng(3).uniform(-50.0, 250.0, (300, 2))
    snaps = snap(network, points, max_gap_m=500.0)
    assert {int(network.edges.u[edge]) for edge in snaps.edge} == {0}


@pytest.mark.parametrize("flip", [False, True])
def test_of_streets_drawn_upon_each_other_that_which_counts_least_is_taken(streets, flip):
    nodes, edges = streets.frames([BENT[0], BENT[-1]], [(0, 1), (1, 0)], lines={0: BENT, 1: BENT[::-1]})
    edges = edges.assign(to_u_m=[900.0, 300.0], to_v_m=[900.0, 500.0])
    edges = edges.iloc[::-1].reset_index(drop=True) if flip else edges
    network = build_network(nodes, edges, min_component_m=0.0)
    points = np.random.default_rng(3).uniform(-50.0, 250.0, (300, 2))
    assert set(network.edges.to_u_m[snap(network, points, max_gap_m=500.0).edge]) == {300.0}
