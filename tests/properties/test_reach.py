"""What must hold on every walking network, compared with a slow search over explicitly inserted points."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from gis_service.reach.circles import service_circles
from gis_service.reach.network import build_network
from gis_service.reach.premises import premises_of
from gis_service.reach.snapping import Snaps, snap
from gis_service.reach.times import nearest_facility

CRS = "EPSG:4549"
MAX_GAP_M = 60.0
places = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda cell: (cell[0] * 10.0, cell[1] * 10.0))
seeds = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=60)


@st.composite
def networks(draw, *, geometric=False):
    """Draw frames of a network with loops, parallel, zero-length and disconnected edges."""
    nodes = draw(st.lists(places, min_size=2, max_size=12))
    node = st.integers(0, len(nodes) - 1)
    pairs = draw(st.lists(st.tuples(node, node), min_size=1, max_size=20))
    pairs += draw(st.lists(st.sampled_from(pairs), max_size=4))
    lines = []
    for u, v in pairs:
        bends = draw(st.lists(places, min_size=1 if u == v else 0, max_size=2))
        lines.append(LineString([nodes[u], *bends, nodes[v]]))
    length_m = shapely.length(lines)
    if not geometric:
        length_m = np.array(draw(st.lists(st.integers(0, 400), min_size=len(lines), max_size=len(lines))), float)
    u, v = np.array(pairs, dtype=np.int64).T
    return (
        gpd.GeoDataFrame({"node": np.arange(len(nodes))}, geometry=shapely.points(nodes), crs=CRS),
        gpd.GeoDataFrame({"u": u, "v": v, "length_m": length_m}, geometry=lines, crs=CRS),
    )


points = st.lists(places, min_size=1, max_size=6).map(lambda drawn: np.array(drawn) + 3.0)


def snapped(network, xy):
    return snap(network, xy, max_gap_m=MAX_GAP_M)


def slow_walks(network, origins: Snaps, facilities: Snaps):
    """Return the walk from every origin to every facility, with the points as nodes of a networkx graph."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(len(network.node_xy)))
    on_edge = {}
    for name, snaps in (("o", origins), ("f", facilities)):
        for i in np.flatnonzero(snaps.edge >= 0):
            on_edge.setdefault(int(snaps.edge[i]), []).append((float(snaps.fraction[i]), (name, int(i))))
            graph.add_edge((name, int(i)), ("end", name, int(i)), length=float(snaps.gap_m[i]))
    for edge, (u, v, length_m) in enumerate(zip(*network.edges[:3], strict=True)):
        stops = [(0.0, int(u)), *sorted(on_edge.get(edge, []), key=lambda stop: (stop[0], str(stop[1]))), (1.0, int(v))]
        for (start, a), (stop, b) in pairwise(stops):
            graph.add_edge(a, b, length=float(length_m) * (stop - start))
    walks = np.full((len(origins), len(facilities)), np.inf)
    for i in np.flatnonzero(origins.edge >= 0):
        lengths = nx.single_source_dijkstra_path_length(graph, ("end", "o", int(i)), weight="length")
        for k in range(len(facilities)):
            walks[i, k] = lengths.get(("end", "f", k), np.inf)
    return walks


@quick
@given(networks(), points, points)
def test_the_engine_agrees_with_a_slow_search(frames, origins_xy, facilities_xy):
    network = build_network(*frames, min_component_m=0.0)
    origins, facilities = snapped(network, origins_xy), snapped(network, facilities_xy)
    owner, walk_m = nearest_facility(network, origins, facilities)
    expected = slow_walks(network, origins, facilities)
    nearest = expected.min(axis=1)
    assert (owner == -1).tolist() == np.isinf(nearest).tolist()
    reached = owner >= 0
    np.testing.assert_allclose(walk_m[reached], nearest[reached], atol=1e-4)
    np.testing.assert_allclose(expected[reached, owner[reached]], nearest[reached], atol=1e-4)


@quick
@given(networks(), points, points, places)
def test_an_extra_facility_never_lengthens_a_walk(frames, origins_xy, facilities_xy, extra):
    network = build_network(*frames, min_component_m=0.0)
    origins = snapped(network, origins_xy)
    _, before = nearest_facility(network, origins, snapped(network, facilities_xy))
    _, after = nearest_facility(network, origins, snapped(network, np.vstack([facilities_xy, extra])))
    assert (np.nan_to_num(after, nan=np.inf) <= np.nan_to_num(before, nan=np.inf)).all()


@quick
@given(networks(), points, points, seeds)
def test_the_order_of_edges_nodes_origins_and_facilities_changes_nothing(frames, origins_xy, facilities_xy, seed):
    rng = np.random.default_rng(seed)
    nodes, edges = frames
    network = build_network(nodes, edges, min_component_m=0.0)
    owner, walk_m = nearest_facility(network, snapped(network, origins_xy), snapped(network, facilities_xy))
    number = rng.permutation(len(nodes))
    shuffled = build_network(
        nodes.assign(node=number).iloc[rng.permutation(len(nodes))],
        edges.assign(u=number[edges["u"]], v=number[edges["v"]]).iloc[rng.permutation(len(edges))],
        min_component_m=0.0,
    )
    places, rows = rng.permutation(len(facilities_xy)), rng.permutation(len(origins_xy))
    owner_again, walk_again = nearest_facility(
        shuffled, snapped(shuffled, origins_xy[rows]), snapped(shuffled, facilities_xy[places])
    )
    np.testing.assert_array_equal(walk_again, walk_m[rows])
    _, walk_to_owner = nearest_facility(network, snapped(network, origins_xy), snapped(network, facilities_xy[places]))
    np.testing.assert_array_equal(walk_to_owner, walk_m)
    same_place = (facilities_xy[places][owner_again] == facilities_xy[owner[rows]]).all(axis=1)
    tied = [np.count_nonzero(row == row.min()) > 1 for row in _each_walk(network, origins_xy[rows], facilities_xy)]
    assert (same_place | np.array(tied) | (owner_again == -1)).all()


def _each_walk(network, origins_xy, facilities_xy):
    """Return the walk from every origin to every facility alone."""
    origins = snapped(network, origins_xy)
    columns = [nearest_facility(network, origins, snapped(network, place[None]))[1] for place in facilities_xy]
    return np.nan_to_num(np.column_stack(columns), nan=np.inf)


@quick
@given(networks(geometric=True), points, points)
def test_no_walk_is_shorter_than_the_straight_line(frames, origins_xy, facilities_xy):
    network = build_network(*frames, min_component_m=0.0)
    owner, walk_m = nearest_facility(network, snapped(network, origins_xy), snapped(network, facilities_xy))
    reached = owner >= 0
    straight_m = np.hypot(*(origins_xy[reached] - facilities_xy[owner[reached]]).T)
    assert (walk_m[reached] >= straight_m - 1e-4).all()


@quick
@given(networks(), points, seeds)
def test_the_order_of_edges_does_not_change_a_circle(frames, facilities_xy, seed):
    nodes, edges = frames
    order = np.random.default_rng(seed).permutation(len(edges))
    network = build_network(nodes, edges, min_component_m=0.0)
    shuffled = build_network(nodes, edges.iloc[order], min_component_m=0.0)
    circles = service_circles(network, snapped(network, facilities_xy), 200.0)
    again = service_circles(shuffled, snapped(shuffled, facilities_xy), 200.0)
    assert shapely.equals_exact(circles.each, again.each, tolerance=0.0).all()
    assert circles.merged.equals_exact(again.merged, tolerance=0.0)


@quick
@given(networks(), points, st.integers(20, 500), st.integers(0, 300))
def test_a_longer_cut_off_never_shrinks_a_circle(frames, facilities_xy, cutoff_m, more_m):
    network = build_network(*frames, min_component_m=0.0)
    facilities = snapped(network, facilities_xy)
    short, long = (service_circles(network, facilities, float(m)) for m in (cutoff_m, cutoff_m + more_m))
    for inner, outer in zip([*short.each, short.merged], [*long.each, long.merged], strict=True):
        assert inner.is_valid
        assert inner.difference(outer).area < 1e-6


homes = st.lists(st.tuples(places, st.integers(0, 3)), min_size=1, max_size=12).map(
    lambda drawn: np.array(
        [shapely.box(x, y, x + 8 * size, y + 12) if size else shapely.Point(x, y) for (x, y), size in drawn],
        dtype=object,
    )
)


@quick
@given(networks(), points, homes, st.integers(20, 500), st.integers(0, 300))
def test_circles_hold_the_buildings_within_and_grow_with_the_cut_off(
    frames, facilities_xy, geometries, cutoff_m, more_m
):
    network = build_network(*frames, min_component_m=0.0)
    facilities = snapped(network, facilities_xy)
    stands = shapely.point_on_surface(geometries)
    origins = snapped(network, shapely.get_coordinates(stands))
    premises = premises_of(network, geometries, shapely.get_coordinates(stands), origins)
    short, long = (service_circles(network, facilities, float(m), premises) for m in (cutoff_m, cutoff_m + more_m))
    for inner, outer in zip([*short.each, short.merged], [*long.each, long.merged], strict=True):
        assert inner.is_valid
        assert inner.difference(outer).area < 1e-6
    _, walk_m = nearest_facility(network, origins, facilities)
    within = np.nan_to_num(walk_m, nan=np.inf) <= cutoff_m + 1e-6
    assert shapely.contains(short.merged, stands[within]).all()
    # A footprint that overlaps one within may be held in part.
    held = shapely.contains(short.merged, stands[~within])
    assert shapely.intersects(shapely.union_all(geometries[within]), stands[~within][held]).all()
    assert shapely.union_all(short.each).difference(short.merged).area < 1e-6
