"""The first answer at ten thousand points of real cities against another search, and what straight lines get wrong."""

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
        self.edges = np.flatnonzero(network.snappable)
        self.lines = np.asarray(network.edge_geometry)[self.edges]
        self.tree = shapely.STRtree(self.lines)
        self.u, self.v, self.length_m = network.edges.u, network.edges.v, network.edges.length_m
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
        graph = coo_array(
            (np.maximum(weights[order][first], 1e-9), (low[first], high[first])), shape=(nodes + count,) * 2
        )
        self.walk_m = dijkstra(graph.tocsr(), directed=False, indices=own)

    def snapped(
        self, points: NDArray[np.object_]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Return nearest edge, where on it (0 … 1) and the gap [m] of points."""
        found = self.tree.query_nearest(points, all_matches=False)[1]
        lines = self.lines[found]
        return (
            self.edges[found],
            shapely.line_locate_point(lines, points, normalized=True),
            shapely.distance(lines, points),
        )

    def walks(self, points: NDArray[np.object_]) -> NDArray[np.float64]:
        """Return the walk from every point (row) to every facility (column) [m]."""
        edge, fraction, gap_m = self.snapped(points)
        length_m = self.length_m[edge]
        by_ends = np.minimum(
            self.walk_m[:, self.u[edge]] + fraction * length_m, self.walk_m[:, self.v[edge]] + (1 - fraction) * length_m
        )
        apart_m = abs(self.fraction[:, None] - fraction) * length_m + self.gap_m[:, None]
        along = np.where(self.on[:, None] == edge, apart_m, np.inf)
        walks_m: NDArray[np.float64] = (np.minimum(by_ends, along) + gap_m).T
        return walks_m


def scattered(network: WalkingNetwork) -> NDArray[np.object_]:
    """Return points within 120 m of the streets, the same every time."""
    random = np.random.default_rng(20261122)
    ground = shapely.union_all(shapely.buffer(shapely.simplify(network.edge_geometry, 20.0), 120.0, quad_segs=2))
    shapely.prepare(ground)
    west, south, east, north = ground.bounds
    tried = random.uniform((west, south), (east, north), (10 * POINTS, 2))
    return shapely.points(tried[shapely.contains_xy(ground, tried)][:POINTS])


@pytest.mark.cases
@pytest.mark.parametrize(
    ("case", "kinds"),
    [
        ("singapore_outram", ("service_centre", "clinic")),
        ("singapore_bukit_merah", ("service_centre", "clinic")),
        ("shenzhen_futian_west", ("service_centre",)),
    ],
)
def test_the_first_answer_is_the_true_one_at_ten_thousand_points(
    cases_dir: Path, case: str, kinds: tuple[str, ...]
) -> None:
    city = read_city(cases_dir / case)
    assert city.nodes is not None
    assert city.edges is not None
    facilities = city.facilities[city.facilities["kind"].isin(kinds)].reset_index(drop=True)
    network = walking_network(city.nodes, city.edges, ReachRules())
    xy = shapely.get_coordinates(facilities.geometry.to_numpy())
    index = nearest_index(network, snap(network, xy, max_gap_m=500.0), xy, nearest=1)
    oracle = Oracle(network, facilities)
    points = scattered(network)
    truth = oracle.walks(points)
    best = truth.min(axis=1)
    spots = shapely.get_coordinates(points)
    answers = [query(index, x, y).walks[0] for x, y in spots]
    length_m = np.array([walk.length_m for walk in answers])
    told = truth[np.arange(POINTS), [walk.facility for walk in answers]]
    wrong = np.flatnonzero((abs(length_m - best) > TIE_M) | (told > best + TIE_M))
    straight = np.argmin(np.hypot(*(spots[:, None] - xy).T), axis=0)
    straight_wrong = int(np.count_nonzero(truth[np.arange(POINTS), straight] > best + TIE_M))
    share = f"{straight_wrong / POINTS:.1%}"
    print(f"{case}: {POINTS} points, {len(wrong)} wrong; straight lines are wrong at {share}")  # noqa: T201 for pytest -s
    assert len(wrong) == 0
    assert straight_wrong > 0
