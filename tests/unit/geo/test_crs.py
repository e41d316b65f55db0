import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point, Polygon

from gis_service.errors import InputError
from gis_service.geo.crs import is_metric, round_coordinates, survives_storage, to_metric, to_stored

FUDING = Point(120.2167, 27.3243)


def frame(*geometries, crs="EPSG:4326"):
    return gpd.GeoDataFrame({"id": [str(i) for i in range(len(geometries))]}, geometry=list(geometries), crs=crs)


def test_fuding_lies_at_its_published_easting_and_northing():
    point = to_metric(frame(FUDING), "EPSG:4549").geometry[0]
    assert point.x == pytest.approx(521447, abs=1)
    assert point.y == pytest.approx(3023583, abs=1)


def test_metric_coordinates_are_multiples_of_the_resolution():
    xy = shapely.get_coordinates(to_metric(frame(FUDING, Point(120.3, 27.4)), "EPSG:4549").geometry)
    assert np.array_equal(xy, np.round(xy, 6))


@pytest.mark.parametrize(("crs", "lon", "lat"), [("EPSG:4549", 120.2, 27.3), ("EPSG:3414", 103.83, 1.29)])
def test_storing_and_loading_gives_back_the_same_bits(crs, lon, lat):
    rng = np.random.default_rng(7)
    lon, lat = lon + rng.uniform(-0.2, 0.2, 2000), lat + rng.uniform(-0.2, 0.2, 2000)
    metric = to_metric(frame(*shapely.points(lon, lat)), crs)
    again = to_metric(to_stored(metric), crs)
    assert np.array_equal(shapely.get_coordinates(metric.geometry), shapely.get_coordinates(again.geometry))


def test_missing_geometries_and_other_columns_survive_and_the_input_is_unchanged():
    given = frame(FUDING, None)
    metric = to_metric(given, "EPSG:4549")
    assert list(metric.columns) == ["id", "geometry"]
    assert list(metric["id"]) == ["0", "1"]
    assert metric.geometry[1] is None
    assert given.crs == "EPSG:4326"
    assert given.geometry[0] == FUDING


def test_heights_are_left_out():
    assert not to_metric(frame(Point(120, 27, 5)), "EPSG:4549").geometry[0].has_z


def test_a_latitude_beyond_the_pole_is_refused():
    with pytest.raises(InputError, match="请检查 crs"):
        to_metric(frame(Point(27.3, 120.2)), "EPSG:4549")


def test_rounding_twice_changes_nothing():
    once = round_coordinates(np.array([Polygon([(0.12345678, 0), (1, 0), (1, 1)])]))
    assert shapely.get_coordinates(once)[0, 0] == 0.123457
    assert np.array_equal(shapely.get_coordinates(once), shapely.get_coordinates(round_coordinates(once)))


@pytest.mark.parametrize(
    ("crs", "metric"),
    [
        ("EPSG:4549", True),
        ("EPSG:4528", True),
        ("EPSG:3414", True),
        ("EPSG:4326", False),
        ("EPSG:3857", False),
        ("EPSG:2227", False),
        ("nonsense", False),
    ],
)
def test_lengths_may_be_measured_in_projected_systems_of_true_metres_only(crs, metric):
    assert is_metric(crs) is metric


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:3414", "EPSG:4547", "EPSG:4548", "EPSG:4549", "EPSG:4528", "EPSG:32650", "EPSG:32651", "EPSG:32748",
        "EPSG:25832", "EPSG:3826",
    ],
)  # fmt: skip
def test_systems_on_wgs84_or_cgcs2000_survive_storage(crs):
    assert survives_storage(crs)


@pytest.mark.parametrize("crs", ["EPSG:2326", "EPSG:27700", "EPSG:2437", "EPSG:2414", "EPSG:28992"])
def test_systems_whose_datum_is_shifted_do_not_survive_storage(crs):
    assert not survives_storage(crs)


def test_a_system_that_names_no_area_of_use_cannot_be_probed():
    assert not survives_storage(
        "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +type=crs"
    )
