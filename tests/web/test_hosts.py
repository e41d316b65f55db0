"""A name that an attacker points at this machine must not open the staff view to web pages."""

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.web.account import own_address

HERE = ("localhost", "LocalHost:8000", "127.0.0.1", "127.0.0.1:5000", "[::1]", "[::1]:8000")
ELSEWHERE = (
    *("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost"),
    *("192.168.1.5:8000", "[::2]:8000", "localhost:80a", "localhost/", "localhost,evil.example", ""),
)
ADDRESSES = ("/", "/map/town", "/api/v1/cities/town/layers/grids.geojson", "/static/tokens.css", "/healthz", "/nowhere")


@pytest.fixture
def staff(cities_settings: Settings) -> FlaskClient:
    return create_app(dataclasses.replace(cities_settings, staff_view=True)).test_client()


@pytest.mark.parametrize("host", HERE)
def test_staff_reach_the_service_by_the_names_of_their_own_machine(staff: FlaskClient, host: str) -> None:
    assert staff.get("/map/town", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ELSEWHERE)
def test_staff_view_answers_to_no_other_name(staff: FlaskClient, host: str) -> None:
    response = staff.get("/map/town", headers={"Host": host})
    assert response.status_code == 400
    assert "127.0.0.1" in response.text
    assert "镇边社区" not in response.text


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_of_the_staff_view_answers_to_another_name(staff: FlaskClient, address: str) -> None:
    assert staff.get(address, headers={"Host": "evil.example"}, buffered=True).status_code == 400


def test_a_forwarded_name_counts_for_nothing(staff: FlaskClient) -> None:
    names = {"Host": "evil.example", "X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
    assert staff.get("/map/town", headers=names).status_code == 400


@pytest.mark.parametrize("host", [*HERE, "map.example.cn"])
def test_the_public_view_answers_to_any_name(client: FlaskClient, host: str) -> None:
    assert client.get("/map/town", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    ["///evil.example", "////evil.example/", "/\t/evil.example", "/\n/evil.example", "/map/\\evil", "/map\r\nX: 1"],
)
def test_nobody_is_led_to_another_host_after_signing_in(app: Flask, wanted: str) -> None:
    with app.test_request_context():
        assert own_address(wanted) == "/"
