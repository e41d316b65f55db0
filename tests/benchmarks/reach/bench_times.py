"""How long walks take to find, beside scipy (and pandana and networkit where they are installed) in the same process.

    python tests/benchmarks/reach/bench_times.py [--graph FILE.npz …] [--facilities 300]

Without files, street grids of three sizes are made up. A file holds a network as arrays ``u``, ``v``, ``length`` [m]
and ``x``, ``y`` [m] (or ``lonlat``, laid flat). Figures are CPU time, the best of several runs, in milliseconds.
Peers stay out of the product's environment: put them on PYTHONPATH. Pandana, once contracted, looks 900 m far only.
"""

import argparse
import importlib.util
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gis_service.reach.k_nearest import k_labels
from gis_service.reach.network import WalkingNetwork, build_network
from gis_service.reach.one_point import nearest_index, query
from gis_service.reach.search import Sources, new_search, sparse_rows, spread
from gis_service.reach.snapping import snap
from gis_service.reach.what_if import WhatIf

CRS = "EPSG:4549"
SIDES = (100, 200, 388)


def cpu_ms(run: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """Return the least CPU time of some runs [ms], after one that compiles, and the last result."""
    run()
    least = np.inf
    for _ in range(times):
        begin = time.process_time_ns()
        result = run()
        least = min(least, (time.process_time_ns() - begin) / 1e6)
    return least, result


def street_grid_frames(side: int, rng: np.random.Generator) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return a grid of streets with jittered corners and lengths, of which one in eight is missing."""
    number = np.arange(side * side).reshape(side, side)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 80.0
    xy += rng.normal(0.0, 12.0, xy.shape)
    pairs = np.vstack([
        np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
        np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
    ])  # fmt: skip
    pairs = pairs[rng.random(len(pairs)) > 1 / 8]
    length_m = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) * rng.uniform(1.0, 1.3, len(pairs))
    return _frames(xy, pairs[:, 0], pairs[:, 1], length_m)


def file_frames(path: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the frames of a network in a file."""
    data = np.load(path)
    if "lonlat" in data:
        lon, lat = data["lonlat"].T
        xy = (
            np.column_stack([np.radians(lon - lon.mean()) * np.cos(np.radians(lat.mean())), np.radians(lat)])
            * 6371008.8
        )
    else:
        xy = np.column_stack([data["x"], data["y"]])
    return _frames(xy, data["u"], data["v"], data["length"])


def _frames(
    xy: NDArray[np.float64], u: NDArray[np.int64], v: NDArray[np.int64], length_m: NDArray[np.float64]
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    lines = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    nodes = gpd.GeoDataFrame({"node": np.arange(len(xy))}, geometry=shapely.points(xy), crs=CRS)
    return nodes, gpd.GeoDataFrame({"u": u, "v": v, "length_m": length_m}, geometry=lines, crs=CRS)


def at_nodes(network: WalkingNetwork, nodes: NDArray[np.int64]) -> Sources:
    """Return facilities that stand at nodes, so that peers without edge snapping answer the same question."""
    edge = network.rows.edge[network.rows.start[nodes]].astype(np.int64)
    offset_m = np.where(network.edges.u[edge] == nodes, 0.0, network.edges.length_m[edge])
    order = np.argsort(edge, kind="stable")
    return Sources(edge[order], offset_m[order], np.zeros(len(nodes)), np.arange(len(nodes))[order])


def nearest(network: WalkingNetwork, targets: Sources) -> Any:
    """Return the nearest facility of every node, from the arrays of edges on."""
    rows = sparse_rows(len(network.node_xy), network.edges)
    search = new_search(rows, targets)
    spread(search, rows, network.edges, targets, np.inf)
    return search.field


def scipy_nearest(network: WalkingNetwork, nodes: NDArray[np.int64]) -> Any:
    """Return the same from scipy."""
    u, v, length_m = network.edges[:3]
    count = len(network.node_xy)
    pairs = (np.r_[u, v], np.r_[v, u])
    graph = csr_matrix((np.r_[length_m, length_m], pairs), shape=(count, count))
    return dijkstra(graph, indices=nodes, min_only=True, return_predecessors=True)


def pandana_lines(network: WalkingNetwork, nodes: NDArray[np.int64], ours_ms: float, three_ms: float) -> list[str]:
    """Return what pandana takes for the same questions, and how many times as long that is."""
    import pandana  # noqa: PLC0415 where it is installed

    xy, (u, v, length_m) = pd.DataFrame(network.node_xy), network.edges[:3]

    def contracted() -> Any:
        return pandana.Network(xy[0], xy[1], pd.Series(u), pd.Series(v), pd.DataFrame({"m": length_m}), twoway=True)

    begin = time.process_time_ns()
    ready = contracted()
    ready_ms = (time.process_time_ns() - begin) / 1e6

    def asked(count: int, most_m: float) -> Any:
        ready.set_pois("all", maxdist=most_m, maxitems=count, x_col=xy[0][nodes], y_col=xy[1][nodes])
        return ready.nearest_pois(most_m, "all", num_pois=count, include_poi_ids=True)

    one_ms, _ = cpu_ms(lambda: asked(1, 900.0), 2)
    k_ms, _ = cpu_ms(lambda: asked(3, 900.0), 2)
    whole_ms = ready_ms + one_ms
    return [
        f"  pandana: ready, then nearest      {ready_ms:9.1f} + {one_ms:.1f} ms   {whole_ms / ours_ms:.0f} × ours",
        f"  pandana: 3 nearest, query alone   {k_ms:9.1f} ms   {k_ms / three_ms:.1f} × ours",
    ]


def networkit_line(network: WalkingNetwork, nodes: NDArray[np.int64], ours_ms: float) -> str:
    """Return what networkit takes for the nearest of every node, without its owner, from one node before all."""
    import networkit  # noqa: PLC0415 where it is installed

    count, (u, v, length_m) = len(network.node_xy), network.edges[:3]
    pairs = (np.r_[u, np.full(len(nodes), count)], np.r_[v, nodes])

    def nearest_of_all() -> Any:
        weights = (np.r_[length_m, np.full(len(nodes), 1e-9)], pairs)
        graph = networkit.GraphFromCoo(weights, n=count + 1, weighted=True, directed=False)
        search = networkit.distance.Dijkstra(graph, count, storePaths=False)
        search.run()
        return search.getDistances()

    spent_ms, _ = cpu_ms(nearest_of_all, 2)
    return f"  networkit: nearest, no owner      {spent_ms:9.1f} ms   {spent_ms / ours_ms:.1f} × ours"


def percentiles(values_ns: list[int]) -> str:
    """Return p50 / p99 [ms]."""
    low, high = np.percentile(values_ns, [50, 99]) / 1e6
    return f"{low:.3f} / {high:.3f}"


def bench(name: str, frames: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame], facility_count: int) -> list[str]:
    """Return the lines of one network."""
    rng = np.random.default_rng(7)
    build_ms, network = cpu_ms(lambda: build_network(*frames, min_component_m=0.0), 2)
    with_streets = np.flatnonzero(np.diff(network.rows.start))
    nodes = np.sort(rng.choice(with_streets, facility_count, replace=False))
    targets = at_nodes(network, nodes)
    ours_ms, field = cpu_ms(lambda: nearest(network, targets))
    scipy_ms, (distance_m, _, source) = cpu_ms(lambda: scipy_nearest(network, nodes))
    reached = np.isfinite(distance_m)
    wrong = int((field.walk_m != distance_m).sum())
    # Where two facilities are equally near, scipy may name either.
    other = reached & (nodes[field.owner] != source)
    lines = [
        f"{name}: {len(network.node_xy):,} nodes, {len(network.edges.u):,} edges, {facility_count} facilities",
        f"  frames to network                 {build_ms:9.1f} ms",
        f"  edges to nearest with owner       {ours_ms:9.1f} ms   scipy {scipy_ms:.1f} ms",
        f"    ratio {ours_ms / scipy_ms:.2f}, walks that differ {wrong}, owners that differ {int(other.sum())}",
    ]
    for k in (5, 3):
        k_ms, _ = cpu_ms(lambda k=k: k_labels(network.rows, network.edges, targets, k), 3)
        lines.append(
            f"  {k} nearest of every node           {k_ms:9.1f} ms   ratio to scipy's one {k_ms / scipy_ms:.2f}"
        )
    if importlib.util.find_spec("pandana") is not None:
        lines += pandana_lines(network, nodes, ours_ms, k_ms)
    if importlib.util.find_spec("networkit") is not None:
        lines.append(networkit_line(network, nodes, ours_ms))
    points = network.node_xy[rng.integers(0, len(network.node_xy), 2000)] + rng.normal(0.0, 40.0, (2000, 2))
    snap_ms, origins = cpu_ms(lambda: snap(network, points, max_gap_m=500.0))
    lines.append(f"  snapping                          {snap_ms / 2:9.2f} us a point")
    facilities = snap(network, network.node_xy[nodes], max_gap_m=500.0)
    index = nearest_index(network, facilities, network.node_xy[nodes])
    for k in (1, 3):
        spent = _each([lambda x=x, y=y, k=k: query(index, x, y, k) for x, y in points])
        lines.append(f"  one point, {k} nearest with path    p50 / p99 {percentiles(spent)} ms")
    state = WhatIf(network, origins, facilities)
    added: list[int] = []
    places = [snap(network, xy[None], max_gap_m=500.0) for xy in points[:200]]
    spent = _each([lambda place=place: added.append(state.add(place)[0]) for place in places])
    lines.append(f"  what if, add                      p50 / p99 {percentiles(spent)} ms")
    spent = _each([lambda facility=facility: state.close(facility) for facility in added])
    lines.append(f"  what if, close                    p50 / p99 {percentiles(spent)} ms")
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*lines, f"  peak memory of the process so far {peak_mb:9.0f} MB"]


def _each(runs: list[Callable[[], Any]]) -> list[int]:
    """Return the CPU time of each run [ns]; the first ten only warm up."""
    spent = []
    for run in runs:
        begin = time.process_time_ns()
        run()
        spent.append(time.process_time_ns() - begin)
    return spent[10:]


def main() -> None:
    """Run all networks and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, nargs="*", default=[])
    parser.add_argument("--facilities", type=int, default=300)
    chosen = parser.parse_args()
    for peer in ("pandana", "networkit"):
        if importlib.util.find_spec(peer) is None:
            sys.stdout.write(f"{peer} is not installed: left out\n")
    rng = np.random.default_rng(1)
    networks = [(path.stem, file_frames(path)) for path in chosen.graph]
    networks = networks or [(f"street grid {side}²", street_grid_frames(side, rng)) for side in SIDES]
    for name, frames in networks:
        sys.stdout.write("\n".join(bench(name, frames, chosen.facilities)) + "\n")


if __name__ == "__main__":
    main()
