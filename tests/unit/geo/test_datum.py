import numpy as np
import pytest
from pyproj import Geod

from gis_service.geo.datum import Datum, from_wgs84, to_wgs84

GEOD = Geod(ellps="WGS84")


def at(lon, lat):
    return np.array([lon]), np.array([lat])


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_agrees_with_the_published_examples(wgs84, gcj02):
    lon, lat = from_wgs84(*at(*wgs84), Datum.GCJ02)
    assert (lon[0], lat[0]) == pytest.approx(gcj02, abs=1e-9)


@pytest.mark.parametrize(
    ("place", "datum", "distance_m", "azimuth"),
    [
        ((120.2167, 27.3243), Datum.GCJ02, 553, 130),
        ((120.2167, 27.3243), Datum.BD09, 1113, 73),
        ((119.5479, 26.6656), Datum.GCJ02, 598, 130),
        ((119.5479, 26.6656), Datum.BD09, 1139, 76),
    ],
)
def test_offsets_in_ningde_are_hundreds_of_metres(place, datum, distance_m, azimuth):
    lon, lat = from_wgs84(*at(*place), datum)
    bearing, _, length = GEOD.inv(*place, lon[0], lat[0])
    assert length == pytest.approx(distance_m, abs=0.7)
    assert bearing == pytest.approx(azimuth, abs=1)


def test_a_wgs84_point_pasted_as_gcj02_moves_553_m():
    lon, lat = to_wgs84(*at(120.2167, 27.3243), Datum.GCJ02)
    assert GEOD.inv(120.2167, 27.3243, lon[0], lat[0])[2] == pytest.approx(553, abs=1)


@pytest.mark.parametrize("datum", [Datum.WGS84, Datum.CGCS2000])
def test_wgs84_and_cgcs2000_are_taken_as_equal(datum):
    lon, lat = at(120.2167, 27.3243)
    assert to_wgs84(lon, lat, datum) == (lon, lat)
    assert from_wgs84(lon, lat, datum) == (lon, lat)


def test_gcj02_is_not_shifted_outside_its_box():
    assert from_wgs84(*at(2.3522, 48.8566), Datum.GCJ02) == at(2.3522, 48.8566)


def test_unknown_positions_stay_unknown():
    lon, lat = to_wgs84(*at(np.nan, np.nan), Datum.BD09)
    assert np.isnan(lon[0])
    assert np.isnan(lat[0])
