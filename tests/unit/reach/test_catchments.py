import numpy as np
import pytest
import shapely

from gis_service.reach.catchments import catchments
from gis_service.reach.circles import service_circles
from gis_service.reach.premises import NOBODY, premises_of
from gis_service.reach.snapping import snap
from gis_service.reach.times import nearest_facility

CUTOFF_M = 450.0


@pytest.fixture
def town(streets):
    """Return a street grid of 1.5 km, and four stations of which one is off the network."""
    places = [(x, y) for y in range(0, 1501, 150) for x in range(0, 1501, 150)]
    joins = [(i, i + 1) for i in range(121) if i % 11 < 10] + [(i, i + 11) for i in range(110)]
    network = streets.network(places, joins)
    stations = np.array([(310.0, 300.0), (1000.0, 500.0), (9000.0, 0.0), (600.0, 1290.0)])
    return network, snap(network, stations, max_gap_m=500.0)


def homes(network):
    """Return buildings all over the town, two of which overlap."""
    places = [(x, y) for y in range(30, 1500, 90) for x in range(40, 1500, 110)]
    shapes = [shapely.box(x, y, x + 40, y + 25) for x, y in places] + [shapely.box(620, 660, 700, 700)]
    geometries = np.array(shapes, dtype=object)
    stands = shapely.get_coordinates(shapely.point_on_surface(geometries))
    origins = snap(network, stands, max_gap_m=500.0)
    return stands, origins, premises_of(network, geometries, stands, origins)


def test_catchments_tile_the_merged_circle(town):
    network, stations = town
    _, _, premises = homes(network)
    merged = service_circles(network, stations, CUTOFF_M, premises).merged
    areas = catchments(network, stations, CUTOFF_M, merged, premises)
    assert shapely.is_valid(areas).all()
    assert shapely.is_empty(areas).tolist() == [False, False, True, False]
    one, other = np.triu_indices(len(areas), 1)
    assert shapely.area(shapely.intersection(areas[one], areas[other])).max() < 1e-6
    assert shapely.union_all(areas).symmetric_difference(merged).area < 1e-3


def test_every_covered_building_lies_in_the_catchment_of_its_facility(town):
    network, stations = town
    stands, origins, premises = homes(network)
    merged = service_circles(network, stations, CUTOFF_M, premises).merged
    areas = catchments(network, stations, CUTOFF_M, merged, premises)
    owner, walk_m = nearest_facility(network, origins, stations)
    covered = np.nan_to_num(walk_m, nan=np.inf) <= CUTOFF_M
    assert 50 < covered.sum() < len(covered)
    assert shapely.contains(areas[owner[covered]], shapely.points(stands[covered])).all()


def test_streets_belong_to_the_facility_that_is_nearest_along_them(town):
    network, stations = town
    merged = service_circles(network, stations, CUTOFF_M).merged
    areas = catchments(network, stations, CUTOFF_M, merged, NOBODY)
    points = shapely.line_interpolate_point(np.repeat(network.edge_geometry, 29), np.tile(np.arange(5, 150, 5.0), 220))
    spots = snap(network, shapely.get_coordinates(points), max_gap_m=1.0)
    owner, walk_m = nearest_facility(network, spots, stations)
    covered = walk_m <= CUTOFF_M - 10
    assert shapely.contains(areas[owner[covered]], points[covered]).mean() > 0.99


def test_where_nobody_is_within_there_are_no_catchments(town):
    network, stations = town
    areas = catchments(network, stations, CUTOFF_M, shapely.MultiPolygon(), NOBODY)
    assert shapely.is_empty(areas).all()


def test_a_circle_too_small_to_hold_the_centre_of_a_cell_is_a_catchment_all_the_same(streets):
    network = streets.network([(0, 0), (100, 0)], [(0, 1)])
    stations = snap(network, np.array([(50.0, 298.0)]), max_gap_m=500.0)
    merged = service_circles(network, stations, 300.0).merged
    (area,) = catchments(network, stations, 300.0, merged, NOBODY)
    assert 0.0 < merged.area < 100.0
    assert area.symmetric_difference(merged).area < 1e-3
