"""What a browser may keep: never what staff saw for the public's eyes, and no page at all."""

import dataclasses
import re

import brotli
import pytest
from flask.testing import FlaskClient

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.web.audience import PUBLIC_LAYERS
from gis_service.web.responses import whole_file

TILE = "14/13663/6898"
SHARED = [
    *(f"/api/v1/cities/town/layers/{layer}.geojson" for layer in PUBLIC_LAYERS),
    f"/tiles/base/{TILE}.mvt?city=town",
]


@pytest.fixture
def staff(cities_settings: Settings) -> FlaskClient:
    return create_app(dataclasses.replace(cities_settings, staff_view=True)).test_client()


def named_addresses(client: FlaskClient) -> set[str]:
    """Return the addresses with a version that the page of the real city tells the browser to fetch."""
    page = client.get("/map/town").text.replace("\\u0026", "&")
    return set(re.findall(r'"(/[^"]*[?&]v=[^"]*)"', page))


def filled(address: str) -> str:
    return address.replace("{z}/{x}/{y}", TILE)


def test_the_public_and_staff_have_no_versioned_address_in_common(client: FlaskClient, staff: FlaskClient) -> None:
    for_public, for_staff = named_addresses(client), named_addresses(staff)
    assert any("communities" in address for address in for_public)
    assert len(for_staff) > len(for_public)
    assert for_public & for_staff == set()


@pytest.mark.parametrize("address", SHARED)
def test_one_audience_is_never_told_that_it_has_the_body_of_the_other(
    client: FlaskClient, staff: FlaskClient, address: str
) -> None:
    for one, other in ((client, staff), (staff, client)):
        known = {"If-None-Match": one.get(address).headers["ETag"]}
        assert one.get(address, headers=known).status_code == 304
        assert other.get(address, headers=known).status_code == 200


def test_bodies_of_staff_are_asked_for_every_time(client: FlaskClient, staff: FlaskClient) -> None:
    for address in map(filled, named_addresses(staff)):
        assert staff.get(address).headers["Cache-Control"] == "private, no-cache"
    for address in map(filled, named_addresses(client)):
        assert "immutable" in client.get(address).headers["Cache-Control"]


def test_an_address_of_staff_or_of_another_version_is_not_kept_by_the_public(
    client: FlaskClient, staff: FlaskClient
) -> None:
    shared = [address for address in map(filled, named_addresses(staff)) if "communities" in address]
    assert shared
    stale = "/api/v1/cities/town/layers/communities.geojson?v=0000000000000000-public"
    for address in (*shared, stale):
        assert client.get(address).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "address",
    [
        *(
            "/cities",
            "/map/town",
            "/map/mini",
            "/map/nowhere",
            "/nowhere",
            "/healthz",
            "/api/v1/cities/mini/search?q=a",
        ),
        "/api/v1/cities/mini/buildings/999901001001-0-0",
        "/api/v1/cities/town/layers/grids.geojson",
    ],
)
def test_pages_answers_and_faults_are_not_kept(client: FlaskClient, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "private, no-store"


def test_a_static_file_travels_as_small_as_it_goes_and_only_once(client: FlaskClient) -> None:
    address = "/static/vendor/leaflet/leaflet.js"
    plain = client.get(address, headers={"Accept-Encoding": "identity"}, buffered=True)
    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    assert brotli.decompress(packed.data) == plain.data
    assert len(packed.data) < len(brotli.compress(plain.data, quality=5))
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for coding, told in (("br", packed), ("identity", plain)):
        known = {"Accept-Encoding": coding, "If-None-Match": told.headers["ETag"]}
        assert client.get(address, headers=known, buffered=True).status_code == 304
    refused = client.get(address, headers={"Accept-Encoding": "br;q=0, gzip"}, buffered=True)
    assert refused.headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("known", [False, True])
def test_a_static_file_is_closed_although_nobody_takes_its_answer(client: FlaskClient, known: bool) -> None:
    app = client.application
    with app.test_request_context():
        first = app.send_static_file("tokens.css")
        etag = first.headers["ETag"]
        first.close()
    with app.test_request_context(headers={"If-None-Match": etag} if known else {}):
        response = app.send_static_file("tokens.css")
        file = response.response.file
        assert response.status_code == (304 if known else 200)
        whole_file(response)
        assert file.closed
