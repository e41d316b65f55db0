"""Times on every walking network, streets that count differently each way included, against a slow search."""

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from gis_service.reach.network import QUANTUM_M, build_network, quantised
from gis_service.reach.one_point import nearest_index, query
from gis_service.reach.snapping import snap
from gis_service.reach.times import nearest_facility
from gis_service.reach.walks import k_walks
from gis_service.reach.what_if import WhatIf

CRS = "EPSG:4549"
MAX_GAP_M = 60.0
places = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda cell: (cell[0] * 10.0, cell[1] * 10.0))
seeds = st.integers(0, 2**32 - 1)
quick = settings(deadline=None, max_examples=60)
counts_m = st.one_of(st.integers(0, 400).map(float), st.just(np.inf))
maybe, never = st.booleans(), st.sampled_from([False])
points = st.lists(places, min_size=1, max_size=7).map(lambda drawn: np.array(drawn) + 3.0)


@st.composite
def networks(draw, *, directed=maybe):
    """Draw frames with loops, parallel, zero-length, one-way and disconnected edges."""
    nodes = draw(st.lists(places, min_size=2, max_size=12))
    node = st.integers(0, len(nodes) - 1)
    pairs = draw(st.lists(st.tuples(node, node), min_size=1, max_size=20))
    pairs += draw(st.lists(st.sampled_from(pairs), max_size=4))
    lines = []
    for u, v in pairs:
        bends = draw(st.lists(places, min_size=1 if u == v else 0, max_size=2))
        lines.append(LineString([nodes[u], *bends, nodes[v]]))
    many = {"min_size": len(lines), "max_size": len(lines)}
    u, v = np.array(pairs, dtype=np.int64).T
    columns = {"u": u, "v": v, "length_m": np.array(draw(st.lists(st.integers(0, 400), **many)), float)}
    if draw(directed):
        columns |= {name: np.array(draw(st.lists(counts_m, **many))) for name in ("to_u_m", "to_v_m")}
    return (
        gpd.GeoDataFrame({"node": np.arange(len(nodes))}, geometry=shapely.points(nodes), crs=CRS),
        gpd.GeoDataFrame(columns, geometry=lines, crs=CRS),
    )


def prepared(frames, *point_sets):
    """Return the network and the snapped points."""
    network = build_network(*frames, min_component_m=0.0)
    return network, *(snap(network, xy, max_gap_m=MAX_GAP_M) for xy in point_sets)


def counted(network, edge, from_m, to_m):
    """Return what walking from one place on an edge to another counts [m]."""
    length_m = network.edges.length_m[edge]
    whole_m = network.edges.to_v_m[edge] if to_m >= from_m else network.edges.to_u_m[edge]
    share = abs(to_m - from_m) / length_m if length_m > 0 else 0.0
    return float(quantised(np.array(share * whole_m))) if share > 0 else 0.0


def slow_walks(network, origins, facilities):
    """Return the walk from every origin to every facility through a directed networkx graph of the nodes."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(len(network.node_xy)))
    for u, v, _, to_u_m, to_v_m in zip(*network.edges, strict=True):
        for a, b, length in ((u, v, to_v_m), (v, u, to_u_m)):
            if np.isfinite(length):
                graph.add_edge(int(a), int(b), length=float(length))
    between = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    place = {}
    for snaps in (origins, facilities):
        length_m = np.append(network.edges.length_m, np.nan)[snaps.edge]
        place[id(snaps)] = (quantised(snaps.fraction * length_m), quantised(snaps.gap_m))
    walks = np.full((len(origins), len(facilities)), np.inf)
    for i in np.flatnonzero(origins.edge >= 0):
        for k in np.flatnonzero(facilities.edge >= 0):
            e, f = int(origins.edge[i]), int(facilities.edge[k])
            at_m, to_m = place[id(origins)][0][i], place[id(facilities)][0][k]
            ways = [counted(network, e, at_m, to_m)] if e == f else []
            for out, out_m in ((network.edges.u[e], 0.0), (network.edges.v[e], network.edges.length_m[e])):
                for into, into_m in ((network.edges.u[f], 0.0), (network.edges.v[f], network.edges.length_m[f])):
                    middle = between[int(out)].get(int(into), np.inf)
                    ways.append(counted(network, e, at_m, out_m) + middle + counted(network, f, into_m, to_m))
            walks[i, k] = min(ways) + place[id(origins)][1][i] + place[id(facilities)][1][k]
    return walks


def expected_nearest(walks, k):
    """Return owners and walks of the k nearest columns of each row, of equal ones the first."""
    order = np.argsort(walks, axis=1, kind="stable")[:, :k]
    walk_m = np.take_along_axis(walks, order, axis=1)
    pad = ((0, 0), (0, max(k - walks.shape[1], 0)))
    owner = np.pad(np.where(np.isfinite(walk_m), order, -1), pad, constant_values=-1)
    return owner, np.pad(np.where(np.isfinite(walk_m), walk_m, np.nan), pad, constant_values=np.nan)


@quick
@given(networks(), points, points, st.integers(1, 5), st.data())
def test_the_k_nearest_of_any_allowed_set_are_those_of_a_slow_search(frames, origins_xy, facilities_xy, k, data):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    flags = st.lists(st.booleans(), min_size=len(facilities), max_size=len(facilities))
    allowed = np.array(data.draw(flags))
    walks = np.where(allowed, slow_walks(network, origins, facilities), np.inf)
    owner, walk_m, _ = k_walks(network, origins, facilities, k, allowed=allowed)
    expected_owner, expected_m = expected_nearest(walks, k)
    np.testing.assert_array_equal(walk_m, expected_m)
    np.testing.assert_array_equal(owner, expected_owner)
    one, one_m = nearest_facility(network, origins, facilities, allowed=allowed)
    np.testing.assert_array_equal(one, expected_owner[:, 0])
    np.testing.assert_array_equal(one_m, expected_m[:, 0])


@quick
@given(networks(), points, points, places, st.integers(1, 5))
def test_an_extra_facility_never_lengthens_any_of_the_k_walks(frames, origins_xy, facilities_xy, extra, k):
    network, origins, few, more = prepared(frames, origins_xy, facilities_xy, np.vstack([facilities_xy, extra]))
    before, after = (np.nan_to_num(k_walks(network, origins, some, k).counted_m, nan=np.inf) for some in (few, more))
    assert (after <= before).all()


@quick
@given(networks(), points, points, seeds)
def test_the_order_of_edges_and_facilities_changes_no_walk(frames, origins_xy, facilities_xy, seed):
    rng = np.random.default_rng(seed)
    nodes, edges = frames
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    other, origins_again, shuffled = prepared(
        (nodes, edges.iloc[rng.permutation(len(edges))]), origins_xy, rng.permutation(facilities_xy)
    )
    _, walk_m, _ = k_walks(network, origins, facilities, 3)
    _, walk_again_m, _ = k_walks(other, origins_again, shuffled, 3)
    np.testing.assert_array_equal(walk_again_m, walk_m)


@quick
@given(networks(), points, points, st.integers(1, 5), st.data())
def test_one_point_is_told_what_a_search_for_all_finds_and_a_way_that_long(frames, origins_xy, facilities_xy, k, data):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    flags = st.lists(st.booleans(), min_size=len(facilities), max_size=len(facilities))
    allowed = np.array(data.draw(flags))
    index = nearest_index(network, facilities, facilities_xy)
    owner, walk_m, _ = k_walks(network, origins, facilities, k, allowed=allowed)
    for i, (x, y) in enumerate(origins_xy):
        answer = query(index, x, y, k, allowed=allowed, max_gap_m=MAX_GAP_M)
        assert [walk.facility for walk in answer.walks] == owner[i][owner[i] >= 0].tolist()
        assert [walk.walk_m for walk in answer.walks] == walk_m[i][owner[i] >= 0].tolist()
        for walk in answer.walks:
            np.testing.assert_array_equal(walk.path_xy[0], (x, y))
            np.testing.assert_array_equal(walk.path_xy[-1], facilities_xy[walk.facility])
            steps = np.hypot(*np.diff(walk.path_xy, axis=0).T)
            assert (steps > 0).all()
            if network.edges.to_u_m is network.edges.length_m:
                assert walk.length_m == walk.walk_m


@quick
@given(networks(), points, points, st.data())
def test_after_any_edits_all_walks_equal_a_search_from_scratch(frames, origins_xy, facilities_xy, data):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    state = WhatIf(network, origins, facilities)
    spots = [facilities_xy[i] if facilities.edge[i] >= 0 else None for i in range(len(facilities))]
    for _ in range(data.draw(st.integers(1, 8))):
        still = [i for i, xy in enumerate(spots) if xy is not None]
        kind = data.draw(st.sampled_from(["add", "move", "close"] if still else ["add"]))
        xy = np.array([data.draw(places)]) + 3.0
        place = snap(network, xy, max_gap_m=MAX_GAP_M)
        where = xy[0] if place.edge[0] >= 0 else None
        before = [column.copy() for column in state.walks]
        if kind == "add":
            number, change = state.add(place)
            assert number == len(spots)
            spots.append(where)
        else:
            facility = data.draw(st.sampled_from(still))
            change = state.close(facility) if kind == "close" else state.move(facility, place)
            spots[facility] = where if kind == "move" else None
        _assert_change_tells(change, before, state.walks)
        now = np.array([(np.nan, np.nan) if xy is None else xy for xy in spots])
        fresh = WhatIf(network, origins, snap(network, now, max_gap_m=MAX_GAP_M))
        for kept, found in zip((*state.walks, *state.nodes), (*fresh.walks, *fresh.nodes), strict=True):
            np.testing.assert_array_equal(kept, found)


def _assert_change_tells(change, before, after):
    """Check that a change lists exactly the origins that differ, with the values of both sides."""
    differ = (before[0] != after.walk_m) | (before[1] != after.owner)
    assert change.origin.tolist() == np.flatnonzero(differ).tolist()
    for told, column in zip((*change.before, *change.after), (*before, *after), strict=True):
        np.testing.assert_array_equal(told, column[change.origin])


@quick
@given(networks(directed=never), points, points, points, st.integers(0, 300), st.data())
def test_a_path_shortens_walks_as_if_it_had_been_there(frames, origins_xy, facilities_xy, ends_xy, length_m, data):
    network, origins, facilities, ends = prepared(
        frames, origins_xy, facilities_xy, np.vstack([ends_xy[0], ends_xy[-1]])
    )
    if (ends.edge < 0).any():
        return
    state = WhatIf(network, origins, facilities)
    before = [column.copy() for column in state.walks]
    change = state.open_path(ends, float(length_m))
    _assert_change_tells(change, before, state.walks)
    direct, to_ends = (slow_walks(network, origins, some) for some in (facilities, ends))
    from_ends = slow_walks(network, ends, facilities)
    there = to_ends[:, [0]] + length_m + from_ends[1]
    back = to_ends[:, [1]] + length_m + from_ends[0]
    expected = np.minimum(direct, np.minimum(there, back)).min(axis=1)
    np.testing.assert_allclose(state.walks.walk_m, expected, atol=4 * QUANTUM_M)
    gone = int(data.draw(st.integers(0, len(facilities) - 1)))
    if facilities.edge[gone] >= 0:
        state.close(gone)
        others = np.delete(np.minimum(direct, np.minimum(there, back)), gone, axis=1)
        expected = others.min(axis=1, initial=np.inf)
        np.testing.assert_allclose(state.walks.walk_m, expected, atol=4 * QUANTUM_M)
