import numpy as np

from gis_service.reach.components import components
from gis_service.reach.snapping import snap

# A street of 300 m in two edges, and 500 m north of it one of 100 m.
PLACES = [(0, 0), (200, 0), (300, 0), (50, 500), (150, 500)]
JOINS = [(0, 1), (1, 2), (3, 4)]
HOMES = np.array([[10.0, 5.0], [250.0, 5.0], [100.0, 490.0], [100.0, 9000.0]])
HOUSEHOLDS = np.array([10, 20, 30, 40])


def test_each_piece_has_its_length_its_buildings_and_their_households(streets):
    network = streets.network(PLACES, JOINS)
    found = components(network, snap(network, HOMES, max_gap_m=500.0), HOUSEHOLDS)
    assert found.drop(columns=["x_m", "y_m"]).to_numpy().tolist() == [
        [0, 300.0, 2, 2, 30, True],
        [1, 100.0, 1, 1, 30, True],
    ]
    assert found[["x_m", "y_m"]].to_numpy().tolist() == [[0, 0], [50, 500]]


def test_pieces_too_short_are_not_walked_on_and_nobody_hangs_on_them(streets):
    network = streets.network(PLACES, JOINS, min_component_m=200.0)
    found = components(network, snap(network, HOMES, max_gap_m=500.0), HOUSEHOLDS)
    assert found["walked_on"].tolist() == [True, False]
    assert found["households"].tolist() == [60, 0]


def test_nodes_without_edges_are_no_piece(streets):
    network = streets.network([*PLACES, (900, 900)], JOINS)
    assert len(components(network, snap(network, HOMES[:0], max_gap_m=500.0), HOUSEHOLDS[:0])) == 2
