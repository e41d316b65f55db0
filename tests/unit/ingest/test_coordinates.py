import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import Point

from gis_service.errors import InputError
from gis_service.geo.datum import Datum, from_wgs84
from gis_service.ingest.coordinates import Window, locate, window_of, window_of_crs
from gis_service.ingest.gauss_kruger import GaussKruger, plain_crs, recognise, zone_crs, zone_of
from gis_service.ingest.reading import read_source

FUDING = (120.2167, 27.3243)
NEAR_FUDING = Window(119.0, 26.0, 121.5, 28.5)


def place(town, text, window=NEAR_FUDING, metric_crs="EPSG:4549", **declared):
    town.csv("buildings.csv", text)
    source, _ = read_source(town.spec("buildings", "buildings.csv", **declared))
    geometries, far, notes = locate(source, metric_crs, window)
    return geometries, far, " ".join(note.zh for note in notes)


@pytest.mark.parametrize(
    ("declared", "easting"),
    [
        ({"crs": "EPSG:4549"}, "521447"),
        ({"datum": "cgcs2000"}, "521447"),
        ({"datum": "cgcs2000"}, "40521447"),
        ({"crs": "EPSG:4549"}, "40521447"),
        ({"crs": "EPSG:4528"}, "40521447"),
        ({"crs": "EPSG:4528"}, "521447"),
    ],
)
def test_survey_order_is_recognised_with_and_without_zone(town, declared, easting):
    geometries, far, said = place(town, f"id,户数,X,Y\nb1,3,3023583,{easting}\n", **declared)
    assert shapely.get_coordinates(geometries)[0] == pytest.approx((521447, 3023583), abs=1e-5)
    assert not far.any()
    assert "X 为北、Y 为东的测量顺序" in said
    assert ("zone 40" in said) == (easting == "40521447")


def test_survey_order_needs_no_window(town):
    geometries, _, _ = place(town, "id,户数,X,Y\nb1,3,3023583,521447\n", crs="EPSG:4549", window=None)
    assert geometries[0].equals(Point(521447, 3023583))


def test_easting_first_is_taken_as_it_is_without_a_note(town):
    geometries, _, said = place(town, "id,户数,X,Y\nb1,3,521447,3023583\n", crs="EPSG:4549")
    assert geometries[0].equals(Point(521447, 3023583))
    assert said == ""


def test_metres_without_prefix_in_a_city_without_zone_ask_for_the_crs(town):
    with pytest.raises(InputError, match="看不出中央经线"):
        place(town, "id,户数,X,Y\nb1,3,3023583,521447\n", datum="cgcs2000", metric_crs="EPSG:32651")


def test_longitude_and_latitude_are_exchanged_when_every_row_has_them_swapped(town):
    geometries, far, said = place(town, "id,户数,lon,lat\nb1,3,27.3243,120.2167\n", crs="EPSG:4326")
    assert shapely.get_coordinates(geometries)[0] == pytest.approx((521447, 3023583), abs=1)
    assert not far.any()
    assert "已对调" in said


def test_swapped_axes_are_told_by_the_city_not_by_the_box_of_china(town):
    singapore = Window(103.6, 1.1, 104.1, 1.5)
    text = "id,户数,lon,lat\nb1,3,1.29,103.83\n"
    geometries, _, said = place(town, text, window=singapore, metric_crs="EPSG:3414", crs="EPSG:4326")
    assert shapely.get_coordinates(geometries)[0] == pytest.approx((28001.642 - 371, 38744.572 - 8478), abs=2)
    assert "已对调" in said


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_obfuscated_datums_come_back_to_wgs84(town, datum):
    lon, lat = from_wgs84(np.array([FUDING[0]]), np.array([FUDING[1]]), Datum(datum))
    text = f"id,户数,lon,lat\nb1,3,{float(lon[0])!r},{float(lat[0])!r}\n"
    geometries, _, _ = place(town, text, datum=datum)
    assert shapely.get_coordinates(geometries)[0] == pytest.approx((521447, 3023583), abs=1)


def test_far_rows_are_marked_and_rows_without_coordinates_are_not(town):
    text = "id,户数,lon,lat\nb1,3,120.2,27.3\nb2,3,110,27.3\nb3,3,,\n"
    geometries, far, _ = place(town, text, crs="EPSG:4326")
    assert far.tolist() == [False, True, False]
    assert geometries[2] is None


def test_the_declared_datum_wins_over_the_file_with_a_notice(town):
    lon, lat = from_wgs84(np.array([FUDING[0]]), np.array([FUDING[1]]), Datum.GCJ02)
    frame = town.stored({"id": ["b1"], "households": [3]}, [Point(0, 0)])
    frame.geometry = [Point(float(lon[0]), float(lat[0]))]
    frame.to_file(town.folder / "buildings.gpkg")
    source, _ = read_source(town.spec("buildings", "buildings.gpkg", datum="gcj02"))
    geometries, _, notes = locate(source, "EPSG:4549", NEAR_FUDING)
    assert shapely.get_coordinates(geometries)[0] == pytest.approx((521447, 3023583), abs=1)
    assert ["以声明为准" in note.zh for note in notes] == [True]


def test_the_declared_crs_wins_over_the_file_with_a_notice(town):
    frame = town.metric({"id": ["b1"], "households": [3]}, [Point(521447, 3023583)]).set_crs(3857, allow_override=True)
    frame.to_file(town.folder / "buildings.gpkg")
    source, _ = read_source(town.spec("buildings", "buildings.gpkg", crs="EPSG:4549"))
    geometries, _, notes = locate(source, "EPSG:4549", NEAR_FUDING)
    assert geometries[0].equals(Point(521447, 3023583))
    assert ["以声明为准" in note.zh for note in notes] == [True]


def test_cgcs2000_with_a_file_of_wgs84_is_no_contradiction(town):
    town.stored({"id": ["b1"], "households": [3]}, [Point(521447, 3023583)]).to_file(town.folder / "buildings.gpkg")
    source, _ = read_source(town.spec("buildings", "buildings.gpkg", crs="EPSG:4490"))
    geometries, _, notes = locate(source, "EPSG:4549", NEAR_FUDING)
    assert shapely.get_coordinates(geometries)[0] == pytest.approx((521447, 3023583), abs=1e-6)
    assert notes == ()


def test_a_projected_file_with_cgcs2000_declared_keeps_its_projection(town):
    town.metric({"id": ["b1"], "households": [3]}, [Point(521447, 3023583)]).to_file(town.folder / "buildings.gpkg")
    source, _ = read_source(town.spec("buildings", "buildings.gpkg", datum="cgcs2000"))
    geometries, _, notes = locate(source, "EPSG:4549", NEAR_FUDING)
    assert geometries[0].equals(Point(521447, 3023583))
    assert notes == ()


def test_old_datums_are_noticed(town):
    geometries, _, said = place(town, "id,户数,X,Y\nb1,3,521447,3023583\n", crs="EPSG:2437", window=None)
    assert geometries[0].distance(Point(521447, 3023583)) < 200
    assert "旧基准" in said


def test_wkt_in_a_table_is_understood(town):
    text = 'id,户数,wkt\nb1,3,"POLYGON ((120.2 27.3, 120.201 27.3, 120.201 27.301, 120.2 27.3))"\n'
    geometries, _, _ = place(town, text, crs="EPSG:4326")
    assert geometries[0].area == pytest.approx(5490, rel=0.01)


def test_a_window_reaches_twenty_kilometres_beyond_the_city(town):
    window = window_of(np.array([town.square(0, 0, 100)], dtype=object), "EPSG:4549")
    inside, outside = town.lonlat(-19_000, 50), town.lonlat(-21_000, 50)
    lon, lat = np.array([inside, outside]).T
    assert window.holds(lon, lat).tolist() == [True, False]
    assert window_of(np.array([None], dtype=object), "EPSG:4549") is None


def test_the_area_of_use_is_widened_by_two_degrees():
    assert window_of_crs("EPSG:4549") == Window(116.5, pytest.approx(22.43), 123.5, pytest.approx(55.33))


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ([3023583.0], [521447.0], GaussKruger(northing_first=True, zone=None)),
        ([3023583.0], [40521447.0], GaussKruger(northing_first=True, zone=40)),
        ([521447.0, np.nan], [3023583.0, np.nan], GaussKruger(northing_first=False, zone=None)),
        ([3023583.0, 3023583.0], [40521447.0, 39521447.0], None),
        ([120.2], [27.3], None),
        ([28000.0], [30000.0], None),
        ([3023583.0], [13521447.0], None),
        ([np.nan], [np.nan], None),
    ],
)
def test_gauss_kruger_is_recognised_by_magnitude(first, second, found):
    assert recognise(np.array(first), np.array(second)) == found


def test_zones_have_their_epsg_codes():
    assert zone_crs(40).to_epsg() == 4528
    assert plain_crs(40).to_epsg() == 4549
    assert [zone_of(CRS(code)) for code in (4528, 4549, 4548, 3414, 4326)] == [40, 40, 39, None, None]
