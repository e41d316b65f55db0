"""The first answer at ten thousand points of a real city against a search of its own, and what straight lines get wrong."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from gis_service.ingest.city import read_city
from gis_service.reach.costs import walking_network
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.one_point import nearest_index, query
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import snap

POINTS = 10_000
TIE_M = 0.05
"""Walks that differ by less are as good as equal: lengths are counted in whole millimetres."""


class Oracle:
    """Walks by SciPy's Dijkstra and Shapely's nearest line; of the service it takes only the network's frames."""

    def __init__(self, network: WalkingNetwork, facilities: gpd.GeoDataFrame) -> None:
        self.lines = np.asarray(network.edge_geometry)
        self.tree = shapely.STRtree(self.lines)
        self.u, self.v, self.length_m = network.edge_u, network.edge_v, network.edge_length_m
        edge, fraction, gap_m = self.snapped(facilities.geometry.to_numpy())
        self.on, self.fraction, self.gap_m = edge, fraction, gap_m
        nodes, count = len(network.node_xy), len(facilities)
        own = nodes + np.arange(count)
        starts = np.concatenate([self.u, own, own])
        ends = np.concatenate([self.v, self.u[edge], self.v[edge]])
        weights = np.concatenate(
            [self.length_m, fraction * self.length_m[edge] + gap_m, (1 - fraction) * self.length_m[edge] + gap_m]
        )
        # Parallel edges would be added up: the shortest of each pair of ends is kept.
        order = np.lexsort((weights, np.maximum(starts, ends), np.minimum(starts, ends)))
        low, high = np.minimum(starts, ends)[order], np.maximum(starts, ends)[order]
        first = np.ones(len(order), bool)
        first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        graph = coo_array((np.maximum(weights[order][first], 1e-9), (low[first], high[first])), shape=(nodes + count,) * 2)
        self.walk_m = dijkstra(graph.tocsr(), directed=False, indices=own)

    def snapped(self, points: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return nearest edge, where on it (0 … 1) and the gap [m] of points."""
        found = self.tree.query_nearest(points, all_matches=False)[1]
        lines = self.lines[found]
        return found, shapely.line_locate_point(lines, points, normalized=True), shapely.distance(lines, points)

    def walks(self, point: shapely.Point) -> NDArray[np.float64]:
        """Return the walk from a point to every facility [m]."""
        (edge,), (fraction,), (gap_m,) = self.snapped(np.array([point], object))
        length_m = self.length_m[edge]
        by_ends = np.minimum(
            self.walk_m[:, self.u[edge]] + fraction * length_m, self.walk_m[:, self.v[edge]] + (1 - fraction) * length_m
        )
        along = np.where(self.on == edge, abs(self.fraction - fraction) * length_m + self.gap_m, np.inf)
        return np.minimum(by_ends, along) + gap_m


@pytest.mark.cases
@pytest.mark.parametrize(
    ("case", "kinds"),
    [("singapore_outram", ("service_centre", "clinic")), ("shenzhen_futian_west", ("service_centre",))],
)
def test_the_first_answer_is_the_true_one_at_ten_thousand_points(
    cases_dir: Path, case: str, kinds: tuple[str, ...], record_property: pytest.RecordProperty
) -> None:
    city = read_city(cases_dir / case)
    assert city.nodes is not None
    assert city.edges is not None
    facilities = city.facilities[city.facilities["kind"].isin(kinds)].reset_index(drop=True)
    network = walking_network(city.nodes, city.edges, ReachRules())
    xy = shapely.get_coordinates(facilities.geometry.to_numpy())
    index = nearest_index(network, snap(network, xy, max_gap_m=500.0), xy, nearest=1)
    oracle = Oracle(network, facilities)
    random = np.random.default_rng(20261122)
    around = shapely.union_all(network.edge_geometry).buffer(120.0)
    west, south, east, north = around.bounds
    shapely.prepare(around)
    wrong, straight_wrong, asked = [], 0, 0
    while asked < POINTS:
        x, y = random.uniform(west, east), random.uniform(south, north)
        if not around.contains(shapely.Point(x, y)):
            continue
        asked += 1
        truth = oracle.walks(shapely.Point(x, y))
        (walk,) = query(index, x, y).walks
        best = float(truth.min())
        if abs(walk.length_m - best) > TIE_M or truth[walk.facility] > best + TIE_M:
            wrong.append((x, y, walk.facility, walk.length_m, best))
        straight = int(np.argmin(np.hypot(*(xy - (x, y)).T)))
        straight_wrong += bool(truth[straight] > best + TIE_M)
    record_property("straight_line_wrong_percent", round(100 * straight_wrong / POINTS, 1))
    print(f"{case}: {POINTS} points, {len(wrong)} wrong; a straight-line finder is wrong at {straight_wrong / POINTS:.1%}")
    assert wrong == []
    assert straight_wrong > 0
