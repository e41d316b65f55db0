import geopandas as gpd
import numpy as np
from shapely import Point

from gis_service.reach.siting.candidates import generated_candidates, given_candidates

CORNERS = [(0, 0), (100, 0), (200, 0), (300, 0), (5000, 0)]
STREETS = [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_corners_are_taken_by_the_people_near_them_and_kept_apart(streets):
    network = streets.network(CORNERS, STREETS)
    people = np.array([[90.0, 20.0], [310.0, 0.0]])
    found = generated_candidates(network, people, np.array([5.0, 2.0]), within_m=120.0, spacing_m=150.0)
    assert found.ids == ("new-1", "new-2")
    assert found.xy.tolist() == [[200.0, 0.0], [0.0, 0.0]]


def test_candidates_may_stand_exactly_the_spacing_apart(streets):
    network = streets.network(CORNERS, STREETS)
    people = np.array([[100.0, 0.0]])
    found = generated_candidates(network, people, np.array([1.0]), within_m=100.0, spacing_m=100.0)
    assert found.xy[:, 0].tolist() == [0.0, 100.0, 200.0]
    assert found.left_out == 0
    two = generated_candidates(network, people, np.ones(1), within_m=100.0, spacing_m=100.0, most=2)
    assert (two.ids, two.left_out) == (("new-1", "new-2"), 1)


def test_where_everybody_is_covered_there_are_none(streets):
    network = streets.network(CORNERS, STREETS)
    found = generated_candidates(network, np.zeros((0, 2)), np.zeros(0), within_m=100.0, spacing_m=100.0)
    assert found.ids == ()
    assert found.xy.shape == (0, 2)


def test_the_numbers_of_nodes_and_people_change_nothing(streets):
    rng = np.random.default_rng(1)
    corners = [(x, y) for x in range(0, 900, 100) for y in range(0, 900, 100)]
    joins = [
        (i, j) for i, a in enumerate(corners) for j, b in enumerate(corners) if 0 < b[0] - a[0] + b[1] - a[1] <= 100
    ]
    joins = [(i, j) for i, j in joins if abs(corners[i][0] - corners[j][0]) + abs(corners[i][1] - corners[j][1]) == 100]
    people, weight = rng.uniform(0, 800, (40, 2)).round(), rng.random(40)
    order, rows = rng.permutation(len(corners)), rng.permutation(40)
    place = np.argsort(order)
    first = generated_candidates(streets.network(corners, joins), people, weight, within_m=150.0, spacing_m=120.0)
    again = generated_candidates(
        streets.network([corners[k] for k in order], [(int(place[i]), int(place[j])) for i, j in joins]),
        people[rows],
        weight[rows],
        within_m=150.0,
        spacing_m=120.0,
    )
    assert len(first.ids) > 10
    np.testing.assert_array_equal(first.xy, again.xy)


def test_given_rooms_keep_their_ids_costs_and_capacities():
    rooms = gpd.GeoDataFrame(
        {"id": ["r2", "r1"], "cost": [3, 4], "capacity": [100, None]},
        geometry=[Point(1, 2), Point(3, 4)],
        crs="EPSG:4549",
    )
    found = given_candidates(rooms)
    assert found.ids == ("r2", "r1")
    assert found.xy.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert found.cost.tolist() == [3.0, 4.0]
    assert found.capacity.tolist() == [100.0, np.inf]
    assert given_candidates(rooms[["id", "geometry"]]).capacity is None
