import numpy as np
import shapely

from gis_service.reach.snapping import snap


def test_the_nearest_street_is_found_from_anywhere_as_a_search_through_all_finds_it(streets):
    rng = np.random.default_rng(5)
    ends = rng.uniform(0, 3000, (80, 2))
    ends[1::2] = ends[::2] + rng.normal(0, 300, (40, 2))
    network = streets.network(ends, [(2 * i, 2 * i + 1) for i in range(40)])
    points = np.vstack([rng.uniform(-2000, 5000, (300, 2)), ends])
    snaps = snap(network, points, max_gap_m=1200.0)
    distance_m = shapely.distance(shapely.points(points)[:, None], network.edge_geometry[None, :])
    nearest_m = distance_m.min(axis=1)
    within = nearest_m <= 1200.0
    assert (snaps.edge >= 0).tolist() == within.tolist()
    np.testing.assert_allclose(snaps.gap_m[within], nearest_m[within], atol=1e-9)
    assert 100 < within.sum() < len(points)


def test_a_place_that_is_no_number_is_near_nothing(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    assert snap(network, np.array([[np.nan, 0.0], [np.inf, 0.0]]), max_gap_m=50.0).edge.tolist() == [-1, -1]
