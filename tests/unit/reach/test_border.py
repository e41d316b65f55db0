import numpy as np
import pytest
import shapely

from gis_service.reach.border import border_finding, edge_effect


def square(side_m):
    """Return the streets around a square around the origin."""
    half = side_m / 2
    return np.array([shapely.box(-half, -half, half, half).exterior], dtype=object)


def test_who_walks_farther_than_to_the_end_of_the_network_may_have_a_shorter_way_outside():
    homes = np.array([[0.0, 0.0], [900.0, 0.0], [900.0, 0.0], [0.0, 0.0], [1500.0, 0.0]])
    walk_m = np.array([1000.0, 100.0, 101.0, np.nan, 10.0])
    effect = edge_effect(square(2000), homes, walk_m, np.array([1, 2, 3, 4, 5]))
    assert effect.near_end.tolist() == [False, False, True, True, True]
    assert effect.households == 12
    assert effect.share == pytest.approx(12 / 15)


def test_nobody_has_no_share():
    assert np.isnan(edge_effect(square(2000), np.empty((0, 2)), np.empty(0), np.empty(0, np.int64)).share)


@pytest.mark.parametrize(("side_m", "share"), [(4000.0, None), (3998.0, "100"), (2000.0, "100"), (500.0, "100")])
def test_a_network_should_go_on_a_kilometre_beyond_the_communities(side_m, share):
    town = np.array([shapely.box(-1000, -1000, 0, 1000), shapely.box(0, -1000, 1000, 1000)], dtype=object)
    finding = border_finding(square(side_m), town, "town")
    assert (finding is None) == (share is None)
    if finding is not None:
        assert finding.kind == "network_ends_early"
        assert f"{share}%" in finding.en


def test_the_share_of_the_border_is_told():
    # The network goes on for 2 km everywhere but in the east, where it ends with the town.
    streets = np.array([shapely.box(-3000, -3000, 1000, 3000).exterior], dtype=object)
    finding = border_finding(streets, np.array([shapely.box(-1000, -1000, 1000, 1000)], dtype=object), "town")
    assert finding is not None
    share = int(finding.en.split("%")[0].split()[-1])
    assert 25 < share < 50


def test_without_communities_there_is_no_finding():
    assert border_finding(square(100), np.empty(0, dtype=object), "town") is None
