"""Service circles of real places against the walks of points drawn on streets and on the ground around them."""

import numpy as np
import pytest
import shapely

from gis_service.ingest.city import read_city
from gis_service.reach.circles import band_circles
from gis_service.reach.network import build_network
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import Snaps, snap
from gis_service.reach.times import nearest_facility

POINTS = 10_000
MOST_WRONG = 0.01
"""Share of the points truly within that may be wrongly in, and as many wrongly out."""


def points_around(network, xy, radius_m, rng):
    """Return points on the streets around a place, and points on the ground."""
    on = network.snappable_edges
    near = on[shapely.dwithin(network.edge_geometry[on], shapely.Point(xy), radius_m)]
    length_m = network.edges.length_m[near]
    edge = rng.choice(near, POINTS, p=length_m / length_m.sum())
    streets = shapely.line_interpolate_point(network.edge_geometry[edge], rng.random(POINTS), normalized=True)
    return shapely.get_coordinates(streets), xy + rng.uniform(-radius_m, radius_m, (POINTS, 2))


@pytest.mark.cases
@pytest.mark.parametrize("case", ["singapore_outram", "shenzhen_futian_west"])
def test_circles_are_those_of_the_network_on_streets_and_on_the_ground(cases_dir, case):
    rules, city, rng = ReachRules(), read_city(cases_dir / case), np.random.default_rng(20261122)
    network = build_network(city.nodes, city.edges, min_component_m=rules.min_component_m)
    chosen = city.facilities[city.facilities["kind"].isin(rules.kinds) & city.facilities["public"]].sort_values("id")
    places = shapely.get_coordinates(chosen.geometry.to_numpy())
    stations = snap(network, places, max_gap_m=rules.max_gap_m)
    cutoffs_m = [rules.walk_of(minutes) for minutes in rules.band_minutes]
    bands = band_circles(network, stations, cutoffs_m, max_gap_m=rules.max_gap_m)
    for band, cutoff_m in zip(bands, cutoffs_m, strict=True):
        within, wrong = np.zeros(2), np.zeros((2, 2))
        for station in np.flatnonzero(stations.edge >= 0):
            alone = Snaps(*(column[station : station + 1] for column in vars(stations).values()))
            if shapely.is_empty(band.each[station]):
                continue
            for kind, xy in enumerate(points_around(network, places[station], cutoff_m, rng)):
                _, walk_m = nearest_facility(network, snap(network, xy, max_gap_m=rules.max_gap_m), alone)
                truly = np.nan_to_num(walk_m, nan=np.inf) <= cutoff_m
                drawn = shapely.contains_xy(band.each[station], xy)
                within[kind] += np.count_nonzero(truly)
                wrong[:, kind] += np.count_nonzero(drawn & ~truly), np.count_nonzero(truly & ~drawn)
        assert (within > POINTS / 4).all()
        assert (wrong <= MOST_WRONG * within).all()
