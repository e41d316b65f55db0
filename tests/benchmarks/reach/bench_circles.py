"""Service circles beside the hulls that are common practice, in the same process: CPU time and error along the streets.

    python tests/benchmarks/reach/bench_circles.py [--graph FILE.npz …] [--cases DIR] [--stations 60]

Without files and cases, street grids of three sizes are made up. A file holds a network as arrays ``u``, ``v``,
``length`` [m] and ``lonlat``, and, where streets are not straight, their vertices ``geo`` (lon, lat) and ``off``; it is
laid flat. DIR holds datasets with ``dataset.toml``; those with streets and facilities are measured twice, with and
without their buildings.

Every solver draws 5, 10 and 15 minutes (300, 600, 900 m) of every station; ours draws the merged circles of all, too.
Ours counts everything from the network on; what is made once for it, the index of the streets, which snapping made
before, and that of the streets with fewer vertices, is told apart.
Errors are judged at points drawn evenly along the streets within 1,200 m of a station, of which the network itself says
whether they are within: wrongly in and wrongly out are shares of the points truly within, for each band. Hulls are
those of the vertices within; the search for these is ours, so that only the drawing differs.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY))

from gis_service.ingest.city import read_city  # noqa: E402 the path comes first
from gis_service.reach.circles import band_circles  # noqa: E402
from gis_service.reach.network import WalkingNetwork, build_network  # noqa: E402
from gis_service.reach.premises import NOBODY, Premises, premises_of  # noqa: E402
from gis_service.reach.rules import ReachRules  # noqa: E402
from gis_service.reach.search import (  # noqa: E402
    REACHED,
    Sources,
    begin_again,
    new_search,
    spread,
    walks_to_spots,
)
from gis_service.reach.snapping import Snaps, snap, spots  # noqa: E402
from gis_service.reach.street_grid import redrawn, street_grid  # noqa: E402
from gis_service.reach.thinning import THINNED_M, thinned  # noqa: E402
from gis_service.reach.times import sources  # noqa: E402

CRS = "EPSG:4549"
SIDES = (100, 200, 388)
BANDS_M = (300.0, 600.0, 900.0)
AROUND_M = 1_200.0
"""Streets within so far of a station in a straight line are looked at [m]."""
POINTS, MOST_POINTS = 300_000, 20_000
"""Points looked at around all stations, and around each one at most."""
CONCAVITY = 0.3
"""Ratio of shapely's concave hull: 0 follows every point, 1 is the convex hull."""

Drawing: TypeAlias = list[NDArray[np.object_]]
"""Circles of every station, for each band."""
Result = TypeVar("Result")


class Place(NamedTuple):
    """A network with stations on it, and perhaps the buildings whose footprints circles respect."""

    name: str
    network: WalkingNetwork
    stations: Snaps
    premises: Premises


def ours(place: Place) -> Drawing:
    """Return the circles of this package."""
    return [band.each for band in band_circles(place.network, place.stations, BANDS_M, place.premises)]


def around_vertices(place: Place, hull: Callable[[shapely.MultiPoint], shapely.Geometry]) -> Drawing:
    """Return a hull around the vertices within each band of every station."""
    drawn = [np.full(len(place.stations), shapely.Polygon(), dtype=object) for _ in BANDS_M]
    network, targets = place.network, sources(place.network, place.stations)
    search = new_search(network.rows, targets)
    for i, station in enumerate(targets.owner):
        target = Sources(*(column[i : i + 1] for column in targets))
        spread(search, network.rows, network.edges, target, max(BANDS_M))
        near = search.touched[: search.counters[REACHED]]
        for band, cutoff_m in zip(drawn, BANDS_M, strict=True):
            within = near[search.field.walk_m[near] <= cutoff_m]
            band[station] = hull(shapely.multipoints(network.node_xy[within]))
        begin_again(search)
    return drawn


HULLS: dict[str, Callable[[shapely.MultiPoint], shapely.Geometry]] = {
    "convex hull": shapely.convex_hull,
    "concave hull": lambda points: shapely.concave_hull(points, ratio=CONCAVITY),
}


def errors_of(place: Place, drawing: Drawing) -> NDArray[np.float64]:
    """Return the shares wrongly in and wrongly out along the streets, of what is truly within, for each band.

    Judged at points drawn evenly along the streets around each station, the same for every solver.
    """
    network, targets, rng = place.network, sources(place.network, place.stations), np.random.default_rng(20260630)
    search = new_search(network.rows, targets)
    snappable = network.snappable_edges
    tree = shapely.STRtree(network.edge_geometry[snappable])
    station_xy = shapely.line_interpolate_point(
        network.edge_geometry[place.stations.edge], place.stations.fraction, normalized=True
    )
    truly_in, wrong = np.zeros(len(BANDS_M)), np.zeros((2, len(BANDS_M)))
    count = min(POINTS // len(targets.owner), MOST_POINTS)
    for i, station in enumerate(targets.owner):
        target = Sources(*(column[i : i + 1] for column in targets))
        spread(search, network.rows, network.edges, target, np.inf)
        near = snappable[np.sort(tree.query(station_xy[station], "dwithin", AROUND_M))]
        length_m = network.edges.length_m[near]
        edge = near[rng.choice(len(near), count, p=length_m / length_m.sum())]
        points = Snaps(edge, rng.random(count), np.zeros(count))
        walk_m = walks_to_spots(spots(network, points), network.edges, search.field, target).walk_m
        xy = shapely.line_interpolate_point(network.edge_geometry[edge], points.fraction, normalized=True)
        for band, cutoff_m in enumerate(BANDS_M):
            truly = walk_m <= cutoff_m
            shapely.prepare(drawing[band][station])
            drawn = shapely.covers(drawing[band][station], xy)
            truly_in[band] += np.count_nonzero(truly)
            wrong[:, band] += np.count_nonzero(drawn & ~truly), np.count_nonzero(truly & ~drawn)
        begin_again(search)
    return wrong / np.maximum(truly_in, 1)


def street_grid_place(side: int, stations: int) -> Place:
    """Return a grid of streets with jittered corners and lengths, of which one in eight is missing."""
    rng = np.random.default_rng(side)
    number = np.arange(side * side).reshape(side, side)
    xy = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 80.0
    xy += rng.normal(0.0, 12.0, xy.shape)
    u = np.r_[number[:, :-1].ravel(), number[:-1].ravel()]
    v = np.r_[number[:, 1:].ravel(), number[1:].ravel()]
    kept = rng.random(len(u)) > 1 / 8
    u, v = u[kept], v[kept]
    return _at_random_nodes(
        f"street grid {side}²", xy, u, v, shapely.linestrings(np.stack([xy[u], xy[v]], 1)), stations
    )


def file_place(path: Path, stations: int) -> Place:
    """Return a network in a file, laid flat."""
    data = np.load(path)
    xy = _flat(data["lonlat"], data["lonlat"])
    u, v = data["u"], data["v"]
    if "geo" in data:
        vertex_xy = _flat(data["geo"], data["lonlat"])
        lines = shapely.linestrings(vertex_xy, indices=np.repeat(np.arange(len(u)), np.diff(data["off"])))
    else:
        lines = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1))
    return _at_random_nodes(path.stem, xy, u, v, lines, stations)


def _flat(lonlat: NDArray[np.float64], around: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return metres in a plane that is true at the mean latitude of some places."""
    lon, lat = around.mean(axis=0)
    scale = np.array([np.cos(np.radians(lat)), 1.0])
    return np.radians(lonlat - [lon, lat]) * scale * 6_371_008.8


def _at_random_nodes(
    name: str,
    xy: NDArray[np.float64],
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    lines: NDArray[np.object_],
    stations: int,
) -> Place:
    """Return a network with stations near nodes drawn at random; lengths are those drawn on the map."""
    nodes = gpd.GeoDataFrame({"node": np.arange(len(xy))}, geometry=shapely.points(xy), crs=CRS)
    edges = gpd.GeoDataFrame({"u": u, "v": v, "length_m": shapely.length(lines)}, geometry=lines, crs=CRS)
    network = build_network(nodes, edges, min_component_m=2_000.0)
    rng = np.random.default_rng(7)
    ends = np.unique(network.edges.u[network.snappable_edges])
    at_xy = xy[rng.choice(ends, min(stations, len(ends)), replace=False)]
    return Place(name, network, snap(network, at_xy, max_gap_m=500.0), NOBODY)


def case_places(folder: Path, stations: int) -> list[Place]:
    """Return the network and public facilities of a dataset, without and with its buildings."""
    city = read_city(folder)
    chosen = city.facilities[city.facilities["kind"].isin(ReachRules().kinds) & city.facilities["public"]]
    network = build_network(city.nodes, city.edges, min_component_m=2_000.0)
    at_xy = shapely.get_coordinates(chosen.sort_values("id").geometry.to_numpy())
    snapped = snap(network, at_xy, max_gap_m=500.0)
    on = np.flatnonzero(snapped.edge >= 0)[:stations]
    snapped = Snaps(snapped.edge[on], snapped.fraction[on], snapped.gap_m[on])
    places = shapely.get_coordinates(shapely.point_on_surface(city.buildings.geometry.to_numpy()))
    premises = premises_of(network, city.buildings.geometry.to_numpy(), places, snap(network, places, max_gap_m=500.0))
    return [
        Place(folder.name, network, snapped, NOBODY),
        Place(f"{folder.name} with {len(places):,} buildings", network, snapped, premises),
    ]


def cpu_ms(run: Callable[[], Result], times: int) -> tuple[float, Result]:
    """Return the least CPU time of some runs [ms], after one that compiles, and the last result."""
    result, least = run(), np.inf
    for _ in range(times):
        begin = time.process_time_ns()
        result = run()
        least = min(least, (time.process_time_ns() - begin) / 1e6)
    return least, result


def _streets_line(place: Place) -> str:
    """Return how much street there is around a station, on which the work depends, and what its index takes."""
    network, around_m = place.network, max(BANDS_M)
    stations = shapely.line_interpolate_point(
        network.edge_geometry[place.stations.edge], place.stations.fraction, normalized=True
    )
    on = network.edge_geometry[network.snappable_edges]
    _, near = shapely.STRtree(on).query(stations, "dwithin", around_m)
    length_km = shapely.length(on[near]).sum() / len(stations) / 1000
    pieces = (shapely.get_num_points(on[near]) - 1).sum() / len(stations)
    thin_pieces = (np.diff(network.thin[0].start) - 1)[network.snappable_edges[near]].sum() / len(stations)
    index_ms, _ = cpu_ms(
        lambda: street_grid(network.drawn, network.snappable_edges, network.edges, network.edge_geometry), 2
    )
    thin_ms, _ = cpu_ms(lambda: redrawn(network.street_grid, thinned(network.drawn, THINNED_M)), 2)
    return (
        f"  {'':13} {length_km:.0f} km of streets in {pieces:,.0f} straight pieces within {around_m:.0f} m of a station"
        f" in a straight line, {thin_pieces:,.0f} when thinned;\n"
        f"  {'':13} once for the network: {index_ms:.0f} ms for their index, {thin_ms:.0f} ms for that of the thinned"
    )


def _first(snaps: Snaps, count: int) -> Snaps:
    return Snaps(snaps.edge[:count], snaps.fraction[:count], snaps.gap_m[:count])


def _line(name: str, each_ms: float, own_each_ms: float, wrong: NDArray[np.float64]) -> str:
    wrongly_in, wrongly_out = (" / ".join(f"{share:.2%}" for share in shares) for shares in wrong)
    ratio = each_ms / own_each_ms
    return f"  {name:13} {each_ms:6.2f} ms a station ({ratio:.2f} ×), wrongly in {wrongly_in}, out {wrongly_out}"


def bench(place: Place) -> list[str]:
    """Return the lines of one place."""
    count = len(place.stations)
    lines = [
        f"{place.name}: {len(place.network.node_xy):,} nodes, {len(place.network.edges.u):,} edges, {count} stations"
    ]
    own_ms, drawn = cpu_ms(lambda: ours(place), 7)
    one_ms, _ = cpu_ms(lambda: ours(place._replace(stations=_first(place.stations, 1))), 7)
    lines += [
        _line("ours", own_ms / count, own_ms / count, errors_of(place, drawn)),
        f"  {'':13} {one_ms:6.2f} ms for one station alone",
        _streets_line(place),
    ]
    for name, hull in HULLS.items():
        spent_ms, drawn = cpu_ms(lambda hull=hull: around_vertices(place, hull), 3)
        lines.append(_line(name, spent_ms / count, own_ms / count, errors_of(place, drawn)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*lines, f"  peak memory of the process so far {peak_mb:.0f} MB"]


def main() -> None:
    """Run all networks and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", type=Path, nargs="*", default=[])
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--stations", type=int, default=60)
    chosen = parser.parse_args()
    makers = [lambda path=path: [file_place(path, chosen.stations)] for path in chosen.graph]
    if chosen.cases is not None:
        folders = sorted(path.parent for path in chosen.cases.glob("*/dataset.toml"))
        folders = [each for each in folders if (each / "streets.gpkg").exists() and (each / "facilities.gpkg").exists()]
        makers += [lambda each=each: case_places(each, chosen.stations) for each in folders]
    if not makers:
        makers = [lambda side=side: [street_grid_place(side, chosen.stations)] for side in SIDES]
    for make in makers:
        for place in make():
            sys.stdout.write("\n".join(bench(place)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
