"""The real cases: walks against an independent answer, circles against the network itself."""

import tomllib
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis_service.geo.crs import to_metric
from gis_service.ingest.city import read_city
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.streets import read_streets
from gis_service.reach.catchments import catchments
from gis_service.reach.check import ReachRules, check_reach
from gis_service.reach.circles import service_circles
from gis_service.reach.network import build_network
from gis_service.reach.premises import premises_of
from gis_service.reach.snapping import Snaps, snap
from gis_service.reach.times import nearest_facility

pytestmark = pytest.mark.cases
CUTOFF_M = 900.0


@pytest.fixture(scope="module", params=["shenzhen_futian_west", "singapore_outram", "singapore_bukit_merah"])
def case(request, cases_dir):
    """Return the folder of a case, its network, its service centres and where they meet the network."""
    folder = cases_dir / request.param
    crs = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))["dataset"]["metric_crs"]
    path = folder / "streets.gpkg"
    spec = FileSpec("streets", path, path.name, "EPSG:4326", None, None, MappingProxyType({}))
    nodes, edges, _ = read_streets(spec, crs)
    network = build_network(nodes, edges, min_component_m=2000.0)
    facilities = to_metric(gpd.read_file(folder / "facilities.gpkg"), crs)
    centres = facilities[facilities["kind"] == "service_centre"].sort_values("id", ignore_index=True)
    snaps = snap(network, shapely.get_coordinates(centres.geometry.to_numpy()), max_gap_m=500.0)
    return folder, network, centres, snaps


def test_walks_are_those_of_the_edge_rule(case):
    folder, network, centres, snaps = case
    buildings = to_metric(gpd.read_file(folder / "buildings.gpkg"), network_crs(folder))
    origins = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy()))
    owner, walk_m = nearest_facility(network, snap(network, origins, max_gap_m=500.0), snaps)
    found = pd.DataFrame({"walk_m": walk_m, "facility_id": centres["id"].to_numpy()[owner]}, index=buildings["id"])
    expected = pd.read_csv(folder / "reference_nearest.csv", dtype={"building_id": str, "edge_facility_id": str})
    both = found.join(expected.set_index("building_id").drop(columns=["walk_m", "facility_id"]), how="inner")
    assert len(both) == len(expected)
    assert (both["walk_m"] - both["edge_walk_m"]).abs().max() <= 0.06
    assert both["facility_id"].tolist() == both["edge_facility_id"].tolist()


def network_crs(folder):
    return tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))["dataset"]["metric_crs"]


@pytest.fixture(scope="module")
def premises(case):
    """Return the premises of the case's buildings."""
    folder, network, _, _ = case
    buildings = to_metric(gpd.read_file(folder / "buildings.gpkg"), network_crs(folder)).geometry.to_numpy()
    places = shapely.get_coordinates(shapely.point_on_surface(buildings))
    return premises_of(network, buildings, places, snap(network, places, max_gap_m=500.0))


@pytest.mark.parametrize("cutoff_m", [600.0, CUTOFF_M])
def test_circles_are_wrong_about_less_than_one_percent_of_the_streets(case, premises, cutoff_m):
    _, network, _, facilities = case
    rng = np.random.default_rng(20230630)
    length_m = network.edges.length_m[network.snappable_edges]
    edge = network.snappable_edges[rng.choice(len(length_m), 20_000, p=length_m / length_m.sum())]
    spots = Snaps(edge, rng.random(len(edge)), np.zeros(len(edge)))
    points = shapely.line_interpolate_point(network.edge_geometry[edge], spots.fraction, normalized=True)
    circles = service_circles(network, facilities, cutoff_m, premises)
    truly_in = wrongly_in = wrongly_out = 0
    for k, circle in enumerate(circles.each):
        alone = Snaps(*(column[k : k + 1] for column in (facilities.edge, facilities.fraction, facilities.gap_m)))
        truly = nearest_facility(network, spots, alone)[1] <= cutoff_m
        drawn = shapely.contains(circle, points)
        truly_in += np.count_nonzero(truly)
        wrongly_in += np.count_nonzero(drawn & ~truly)
        wrongly_out += np.count_nonzero(truly & ~drawn)
    assert wrongly_in <= 0.01 * truly_in
    assert wrongly_out <= 0.01 * truly_in
    truly = nearest_facility(network, spots, facilities)[1] <= cutoff_m
    drawn = shapely.contains(circles.merged, points)
    assert np.count_nonzero(drawn & ~truly) <= 0.01 * np.count_nonzero(truly)
    assert np.count_nonzero(truly & ~drawn) <= 0.01 * np.count_nonzero(truly)


def test_catchments_tile_the_circle_and_hold_the_buildings_and_streets_of_their_facility(case, premises):
    _, network, _, facilities = case
    merged = service_circles(network, facilities, CUTOFF_M, premises).merged
    areas = catchments(network, facilities, CUTOFF_M, merged, premises)
    assert shapely.is_valid(areas).all()
    assert shapely.union_all(areas).symmetric_difference(merged).area < 1.0
    one, other = np.triu_indices(len(areas), 1)
    assert shapely.area(shapely.intersection(areas[one], areas[other])).max() < 1.0
    spots = snap(network, network.node_xy, max_gap_m=1.0)
    owner, walk_m = nearest_facility(network, spots, facilities)
    covered = walk_m <= CUTOFF_M
    assert shapely.contains(areas[owner[covered]], shapely.points(network.node_xy[covered])).mean() >= 0.98


def test_the_map_says_of_every_building_what_the_figures_say(case):
    folder, *_ = case
    city = read_city(folder)
    facilities = city.facilities[city.facilities["public"]]
    result = check_reach(city.nodes, city.edges, city.buildings, facilities, city.regions, ReachRules())
    buildings = city.buildings.merge(result.buildings, on="id")
    places = shapely.point_on_surface(buildings.geometry.to_numpy())
    merged = result.circles.geometry[result.circles["facility_id"].isna()].iloc[-1]
    assert shapely.contains(merged, places).tolist() == buildings["covered"].tolist()
    gaps = shapely.union_all(result.gaps.geometry.to_numpy())
    inhabited = (buildings["households"] > 0) & buildings["community_code"].notna()
    in_gap = shapely.contains(gaps, places)
    assert not in_gap[buildings["covered"]].any()
    assert in_gap[inhabited & ~buildings["covered"]].all()
    own = shapely.union_all(buildings.geometry.to_numpy()[(inhabited & ~buildings["covered"]).to_numpy()])
    drawn = shapely.buffer(own, 2.0)  # buildings known as points are drawn as small squares
    assert shapely.difference(shapely.intersection(gaps, merged), drawn).area < 1.0, (
        "more than the gap's own footprints"
    )
    assert shapely.is_valid(result.circles.geometry).all()
    assert shapely.is_valid(result.gaps.geometry).all()
