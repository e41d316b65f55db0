import math

import pytest
from flask.testing import FlaskClient

from tests.web.mini_city import ground

MIDDLE = ground(600, 500)


def tile_at(z: int) -> str:
    lon, lat = MIDDLE
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return f"{z}/{x}/{y}"


def names_in(tile: bytes) -> set[str]:
    """Return which of the layer names a tile holds; names stand in it as plain bytes."""
    return {name for name in ("estates", "barriers", "streets", "buildings") if name.encode() in tile}


@pytest.mark.parametrize(
    ("z", "layers"),
    [(9, {"barriers"}), (11, {"barriers", "streets"}), (14, {"estates", "barriers", "streets"})],
)
def test_the_base_map_shows_more_the_closer_one_looks(client: FlaskClient, z: int, layers: set[str]) -> None:
    response = client.get(f"/tiles/base/{tile_at(z)}.mvt?city=mini")
    assert response.mimetype == "application/vnd.mapbox-vector-tile"
    assert names_in(response.data) == layers


def test_buildings_begin_at_zoom_14(client: FlaskClient) -> None:
    assert client.get(f"/tiles/buildings/{tile_at(13)}.mvt?city=mini").data == b""
    tile = client.get(f"/tiles/buildings/{tile_at(14)}.mvt?city=mini").data
    assert names_in(tile) == {"buildings"}
    assert b"residents" not in tile


def test_a_tile_elsewhere_is_empty(client: FlaskClient) -> None:
    response = client.get("/tiles/base/14/1/1.mvt?city=mini")
    assert (response.status_code, response.data) == (200, b"")


def test_a_tile_is_not_sent_twice(client: FlaskClient) -> None:
    address = f"/tiles/base/{tile_at(14)}.mvt?city=mini"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(
    "address",
    ["base/14/16384/1", "base/14/1/16384", "base/23/1/1", "base/-1/0/0", "other/14/1/1", "base/14/1/1.5"],
)
def test_addresses_outside_the_scheme_are_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(f"/tiles/{address}.mvt?city=mini").status_code == 404


@pytest.mark.parametrize("city", ["", "nowhere", "mini' OR 1=1"])
def test_a_tile_needs_a_city(client: FlaskClient, city: str) -> None:
    assert client.get(f"/tiles/base/{tile_at(14)}.mvt", query_string={"city": city}).status_code == 404
