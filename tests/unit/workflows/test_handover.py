"""Links to map services: each on its own datum, and nobody's position in any."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from gis_service.geo.datum import Datum, to_wgs84
from gis_service.workflows.handover import map_links

LON, LAT = 120.2167, 27.3243
NAME = "镇边红色驿站 & <b>?#"


def query(service: str, lon: float = LON, lat: float = LAT) -> dict[str, str]:
    (link,) = (link for link in map_links(NAME, lon, lat) if link.service == service)
    parts = urlsplit(link.url)
    assert (parts.scheme, parts.fragment) == ("https", "")
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


@pytest.mark.parametrize(
    ("service", "field", "east_first", "datum"),
    [
        ("amap", "to", True, Datum.GCJ02),
        ("baidu", "location", False, Datum.BD09),
        ("tencent", "tocoord", False, Datum.GCJ02),
        ("apple", "daddr", False, Datum.GCJ02),
    ],
)
def test_every_service_gets_the_place_on_its_own_datum(
    service: str, field: str, east_first: bool, datum: Datum
) -> None:
    first, second = (float(number) for number in query(service)[field].split(",")[:2])
    lon, lat = (first, second) if east_first else (second, first)
    assert abs(lon - LON) > 0.003  # it was shifted
    back = to_wgs84(np.array([lon]), np.array([lat]), datum)
    assert (back[0][0], back[1][0]) == (pytest.approx(LON, abs=2e-6), pytest.approx(LAT, abs=2e-6))


def test_the_links_say_which_datum_they_use() -> None:
    assert query("amap")["coordinate"] == "gaode"
    assert query("baidu")["coord_type"] == "bd09ll"
    assert query("tencent")["coord_type"] == "2"


def test_names_stay_whole_and_break_no_address() -> None:
    assert query("amap")["to"].split(",", 2)[2] == NAME
    assert query("baidu")["title"] == NAME
    assert query("tencent")["to"] == NAME


def test_outside_china_gcj02_is_no_shift() -> None:
    assert query("apple", 103.84, 0.5)["daddr"] == "0.500000,103.840000"


def test_no_link_tells_where_somebody_sets_out() -> None:
    for link in map_links(NAME, LON, LAT):
        assert not re.search(r"[?&](from|origin|saddr)", link.url)
