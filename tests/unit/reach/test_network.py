import numpy as np
import pytest

from gis_service.errors import InputError
from gis_service.reach.network import QUANTUM_M, build_network, quantised

TWO_PIECES = ([(0, 0), (300, 0), (0, 500), (2500, 500), (900, 900)], [(0, 1), (2, 3)])


def test_components_are_numbered_by_length_and_isolated_nodes_come_last(streets):
    network = streets.network(*TWO_PIECES)
    assert network.component.tolist() == [1, 1, 0, 0, 2]
    assert network.component_length_m.tolist() == [2500, 300, 0]


def test_components_of_equal_length_are_numbered_from_the_west(streets):
    network = streets.network([(500, 0), (600, 0), (100, 0), (200, 0)], [(0, 1), (2, 3)])
    assert network.component.tolist() == [1, 1, 0, 0]


def test_short_components_are_not_snapped_to(streets):
    network = streets.network(*TWO_PIECES, min_component_m=300.1)
    assert network.snappable.tolist() == [False, True]
    assert network.snappable_edges.tolist() == [1]


def test_a_component_of_exactly_the_least_length_is_kept(streets):
    assert streets.network(*TWO_PIECES, min_component_m=300.0).snappable.all()


def test_the_longest_component_is_kept_however_short(streets):
    assert streets.network([(0, 0), (10, 0)], [(0, 1)], min_component_m=2000.0).snappable.tolist() == [True]


def test_nodes_may_come_in_any_order(streets):
    nodes, edges = streets.frames(*TWO_PIECES)
    network = build_network(nodes.iloc[::-1], edges, min_component_m=0.0)
    assert network.node_xy.tolist() == [list(map(float, place)) for place in TWO_PIECES[0]]


def test_arcs_lead_both_ways_along_every_edge(streets):
    network = streets.network([(0, 0), (10, 0), (10, 20)], [(0, 1), (2, 1)])
    rows = network.rows
    arcs = {
        (node, int(rows.neighbour[arc]), int(rows.edge[arc]), float(rows.length_m[arc]))
        for node in range(3)
        for arc in range(rows.start[node], rows.start[node + 1])
    }
    assert arcs == {(0, 1, 0, 10.0), (1, 0, 0, 10.0), (1, 2, 1, 20.0), (2, 1, 1, 20.0)}


def test_lengths_are_rounded_to_sums_that_are_exact():
    lengths = quantised(np.array([0.1, 0.2, 0.3]))
    assert np.abs(lengths - [0.1, 0.2, 0.3]).max() <= QUANTUM_M / 2
    assert (lengths[0] + lengths[1]) + lengths[2] == lengths[0] + (lengths[1] + lengths[2])
    assert (lengths / QUANTUM_M == np.round(lengths / QUANTUM_M)).all()


def test_an_edge_to_a_node_that_does_not_exist_is_refused(streets):
    nodes, edges = streets.frames([(0, 0), (1, 0)], [(0, 1)])
    with pytest.raises(InputError, match="第 1 条路段的端点不存在"):
        build_network(nodes, edges.assign(v=2), min_component_m=0.0)


@pytest.mark.parametrize("length_m", [-1.0, np.nan, np.inf])
def test_an_impossible_length_is_refused(streets, length_m):
    nodes, edges = streets.frames([(0, 0), (1, 0)], [(0, 1)])
    with pytest.raises(InputError, match="length_m"):
        build_network(nodes, edges.assign(length_m=length_m), min_component_m=0.0)


def test_a_network_without_anything_has_no_components(streets):
    network = streets.network([], [])
    assert len(network.component_length_m) == 0
    assert len(network.snappable_edges) == 0


def test_what_walking_counts_may_differ_each_way(streets):
    nodes, edges = streets.frames([(0, 0), (100, 0)], [(0, 1)])
    network = streets.build(nodes, edges.assign(to_u_m=130.0, to_v_m=np.inf))
    arcs = dict(zip(network.rows.neighbour.tolist(), network.rows.length_m.tolist(), strict=True))
    assert arcs == {1: 130.0, 0: np.inf}


def test_a_lift_without_length_keeps_its_ends_apart(streets):
    nodes, edges = streets.frames([(0, 0), (0, 0)], [(0, 1)])
    network = streets.build(nodes, edges.assign(to_u_m=30.0, to_v_m=30.0))
    assert network.edges.length_m.tolist() == [QUANTUM_M]


@pytest.mark.parametrize("counts_m", [-1.0, np.nan])
def test_an_impossible_count_is_refused(streets, counts_m):
    nodes, edges = streets.frames([(0, 0), (1, 0)], [(0, 1)])
    with pytest.raises(InputError, match="to_v_m"):
        streets.build(nodes, edges.assign(to_v_m=counts_m))
