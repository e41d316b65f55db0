import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gis_service.geo.datum import Datum, from_wgs84, to_wgs84

GEOD = Geod(ellps="WGS84")
LON = st.floats(73.5, 135.0)
LAT = st.floats(3.0, 53.5)
SHIFTED = st.sampled_from([Datum.GCJ02, Datum.BD09])


@settings(deadline=None, max_examples=300)
@given(LON, LAT, SHIFTED)
def test_there_and_back_is_exact_to_a_micrometre(lon, lat, datum):
    back = to_wgs84(*from_wgs84(np.array([lon]), np.array([lat]), datum), datum)
    assert GEOD.inv(lon, lat, back[0][0], back[1][0])[2] <= 1e-6


@settings(deadline=None, max_examples=300)
@given(LON, LAT, SHIFTED)
def test_back_and_there_is_exact_to_a_micrometre(lon, lat, datum):
    again = from_wgs84(*to_wgs84(np.array([lon]), np.array([lat]), datum), datum)
    assert GEOD.inv(lon, lat, again[0][0], again[1][0])[2] <= 1e-6


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=20), SHIFTED)
def test_a_row_never_depends_on_the_others(places, datum):
    lon, lat = np.array(places).T
    together = np.array(to_wgs84(lon, lat, datum))
    alone = np.hstack([to_wgs84(lon[i : i + 1], lat[i : i + 1], datum) for i in range(len(places))])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)
