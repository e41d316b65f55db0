"""Walks that count more or less than their length: metres, minutes and the way back, against a slow search."""

import heapq

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis_service.reach.network import quantised
from gis_service.reach.one_point import nearest_index, query
from gis_service.reach.walks import k_walks, nearest_walks
from tests.properties.test_reach_times import MAX_GAP_M, counted, networks, points, prepared, quick

directed = networks(directed=st.just(True))  # noqa: FBT003 a strategy
NOTHING = (np.inf, np.inf)


def plain_dijkstra(network, start):
    """Return what the quickest walk from a node to every node counts and, of equally quick ones, the least length."""
    ways = {node: [] for node in range(len(network.node_xy))}
    for u, v, length_m, to_u_m, to_v_m in zip(*network.edges, strict=True):
        ways[u].append((v, to_v_m, length_m))
        ways[v].append((u, to_u_m, length_m))
    best, waiting = {}, [(0.0, 0.0, start)]
    while waiting:
        count, length, node = heapq.heappop(waiting)
        if node in best:
            continue
        best[node] = (count, length)
        for other, count_m, length_m in ways[node]:
            if np.isfinite(count_m):
                heapq.heappush(waiting, (count + count_m, length + length_m, other))
    return best


def slow_walks(network, origins, facilities):
    """Return count and length [m] of the quickest walk from every origin to every facility."""
    edges = network.edges
    between = [plain_dijkstra(network, node) for node in range(len(network.node_xy))]
    length_m = np.append(edges.length_m, np.nan)
    walks = {}
    for i in np.flatnonzero(origins.edge >= 0):
        for k in np.flatnonzero(facilities.edge >= 0):
            e, f = int(origins.edge[i]), int(facilities.edge[k])
            at_m = float(quantised(np.array(origins.fraction[i] * length_m[e])))
            to_m = float(quantised(np.array(facilities.fraction[k] * length_m[f])))
            ways = [(counted(network, e, at_m, to_m), abs(to_m - at_m))] if e == f else []
            for out, out_m in ((edges.u[e], 0.0), (edges.v[e], length_m[e])):
                for into, into_m in ((edges.u[f], 0.0), (edges.v[f], length_m[f])):
                    count, length = between[int(out)].get(int(into), NOTHING)
                    ends = counted(network, e, at_m, out_m) + counted(network, f, into_m, to_m)
                    ways.append((count + ends, length + abs(out_m - at_m) + abs(to_m - into_m)))
            gaps_m = float(quantised(origins.gap_m[[i]])[0] + quantised(facilities.gap_m[[k]])[0])
            walks[i, k] = tuple(part + gaps_m for part in min(ways))
    return walks


@quick
@given(directed, points, points)
def test_the_nearest_walk_its_length_and_the_way_back_are_those_of_a_slow_search(frames, origins_xy, facilities_xy):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    there, back = slow_walks(network, origins, facilities), slow_walks(network, facilities, origins)
    found = nearest_walks(network, origins, facilities)
    for i in range(len(origins)):
        reached = [(*there[i, k], k) for k in range(len(facilities)) if there.get((i, k), NOTHING)[0] < np.inf]
        if not reached:
            assert found.owner[i] == -1
            assert np.isnan([found.counted_m[i], found.length_m[i], found.back_m[i]]).all()
            continue
        count = min(reached)[0]
        owner = min(k for counts, _, k in reached if counts == count)
        assert (found.owner[i], found.counted_m[i], found.length_m[i]) == (owner, *there[i, owner])
        np.testing.assert_equal(np.nan_to_num(found.back_m[i], nan=np.inf), back[owner, i][0])


@quick
@given(directed, points, points, st.integers(1, 5))
def test_each_of_the_k_walks_is_as_long_as_the_slow_search_finds(frames, origins_xy, facilities_xy, k):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    slow = slow_walks(network, origins, facilities)
    found = k_walks(network, origins, facilities, k)
    for i, place in zip(*np.nonzero(found.owner >= 0), strict=True):
        assert (found.counted_m[i, place], found.length_m[i, place]) == slow[i, found.owner[i, place]]


@quick
@given(directed, points, points)
def test_the_way_one_is_shown_is_the_shortest_of_the_quickest(frames, origins_xy, facilities_xy):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    index = nearest_index(network, facilities, facilities_xy)
    found = k_walks(network, origins, facilities, 3)
    for i, (x, y) in enumerate(origins_xy):
        for place, walk in enumerate(query(index, x, y, 3, max_gap_m=MAX_GAP_M).walks):
            assert walk.facility == found.owner[i, place]
            assert walk.walk_m == found.counted_m[i, place]
            assert walk.length_m == found.length_m[i, place]


@quick
@given(networks(directed=st.just(False)), points, points)  # noqa: FBT003 a strategy
def test_where_lengths_alone_count_metres_and_ways_back_are_the_walk(frames, origins_xy, facilities_xy):
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    found = nearest_walks(network, origins, facilities)
    for walk_m in (found.length_m, found.back_m):
        np.testing.assert_array_equal(walk_m, found.counted_m)


@quick
@given(directed, points, points, st.randoms(use_true_random=False))
def test_the_order_of_edges_changes_no_length(frames, origins_xy, facilities_xy, random):
    nodes, edges = frames
    network, origins, facilities = prepared(frames, origins_xy, facilities_xy)
    order = np.array(random.sample(range(len(edges)), len(edges)))
    other, *_ = prepared((nodes, edges.iloc[order]), origins_xy)
    row = np.append(np.argsort(order), -1)
    again = [type(snaps)(row[snaps.edge], snaps.fraction, snaps.gap_m) for snaps in (origins, facilities)]
    for first, second in zip(nearest_walks(network, origins, facilities), nearest_walks(other, *again), strict=True):
        np.testing.assert_array_equal(first, second)
