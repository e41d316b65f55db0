"""Every address against every reader, generated from the routes the application really has."""

import dataclasses
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.web.audience import PUBLIC_LAYERS, PUBLIC_TILES, STAFF_LAYERS, STAFF_TILES

LEVEL_4, HIDDEN = "党员中心户", "内部仓库"
TILE = "14/13663/6898"

# What each route is asked with, and whether the public gets an answer. A new route must be entered here.
ADDRESSES: dict[str, list[tuple[str, bool]]] = {
    "static": [("/static/tokens.css", True)],
    "home.index": [("/", True)],
    "home.cities": [("/cities", True)],
    "locator.show": [("/find/{city}", True)],
    "locator.at_place": [("/find/{city}/at/estate-E1", True)],
    "stations.show": [("/station/{city}/F1", True)],
    "stations.station_poster": [("/poster/{city}/station/F1", False)],
    "stations.place_poster": [("/poster/{city}/place/estate-E1", False)],
    "home.favicon": [("/favicon.ico", True)],
    "health.healthz": [("/healthz", True)],
    "map_page.show": [("/map/{city}", True)],
    "layers.geojson": [
        (f"/api/v1/cities/{{city}}/layers/{layer}.geojson", layer in PUBLIC_LAYERS) for layer in STAFF_LAYERS
    ],
    "layers.search": [("/api/v1/cities/{city}/search?q=镇", True)],
    "api_places.places": [("/api/v1/cities/{city}/places?q=镇", True)],
    "layers.building": [("/api/v1/cities/{city}/buildings/{prefix}01-0-0", False)],
    "layers.grid": [("/api/v1/cities/{city}/grids/{prefix}01003", False)],
    "layers.region": [("/api/v1/cities/{city}/regions/{prefix}01", True)],
    "audit.dashboard": [("/audit/{city}", False), ("/audit/{city}?level=grid", False)],
    "audit.compare": [("/audit/{city}/compare", False)],
    "audit.method": [("/audit/{city}/method", False)],
    "audit_evidence.grid": [("/audit/{city}/grids/{prefix}01003", False)],
    "audit_evidence.buildings": [("/audit/{city}/buildings", False), ("/audit/{city}/buildings?gap=1", False)],
    "audit_evidence.building": [("/audit/{city}/buildings/{prefix}01-0-0", False)],
    "audit_evidence.estates": [("/audit/{city}/estates", False)],
    "audit_what_if.show": [("/audit/{city}/what-if", False)],
    "audit_evidence.facilities": [("/audit/{city}/facilities", False)],
    "audit_evidence.gaps": [("/audit/{city}/gaps", False)],
    "audit_register.findings": [("/audit/{city}/findings", False)],
    "audit_register.finding": [("/audit/{city}/findings/grid_large:{prefix}01003", False)],
    "audit_register.field": [("/audit/{city}/field", False)],
    "audit_register.sample": [("/audit/{city}/field/{sample}", False)],
    "audit_exports.export": [(f"/audit/{{city}}/export/{{snapshot}}.{suffix}", False) for suffix in ("csv", "xlsx")],
    "audit_api.indicators": [("/api/v1/cities/{city}/audit", False)],
    "audit_api.areas": [
        (f"/api/v1/cities/{{city}}/audit/areas.geojson?level={level}", False) for level in ("community", "grid", "gap")
    ],
    "audit_scenarios.listed": [("/api/v1/cities/{city}/audit/scenarios", False)],
    "tiles.mvt": [(f"/tiles/{layer}/{TILE}.mvt?city={{city}}", layer in PUBLIC_TILES) for layer in STAFF_TILES],
}
# Addresses of no city: what a stranger is answered; 302 leads to the form.
OWN_ADDRESSES: dict[str, tuple[str, int]] = {
    "account.sign_in": ("/account/sign-in", 200),
    "account.own": ("/account/", 302),
    "locator.service_worker": ("/sw.js", 200),
    "api_description.openapi": ("/api/v1/openapi.json", 200),
    "account_admin.index": ("/account/all/", 302),
    "office_sign_in.leave_for_office": ("/account/office/", 404),
    "office_sign_in.back": ("/account/office/back", 404),
    "audit.index": ("/audit/", 200),
    "planner.index": ("/planner/", 302),
    "planner.community": ("/planner/mini/999901001001", 302),
    "planner.draft": ("/planner/drafts/1", 302),
    "plan_pages.proposals": ("/planner/mini/999901001001/proposals/1", 302),
    "plan_pages.compare": ("/planner/mini/999901001001/compare", 302),
    "planner_jobs.show": ("/api/v1/jobs/1", 404),
    "planner_jobs.fetch": ("/api/v1/jobs/1/file", 404),
    "planner_jobs.export": ("/planner/drafts/1/export/register", 404),
    "planner_jobs.export_of_plan": ("/planner/mini/999901001001/export/register?plan=proposal", 404),
    "desk_api.show": ("/api/v1/drafts/1", 404),
    "desk_api.land": ("/api/v1/drafts/1/land.geojson", 404),
    "desk_api.journal": ("/api/v1/drafts/1/journal", 404),
    "desk_api.codes": ("/api/v1/drafts/1/codes", 404),
    "desk_api.mergeable": ("/api/v1/drafts/1/mergeable", 404),
}
# What stands in the addresses of each city; snapshots and samples are numbered as the fixture made them.
MINI = {"city": "mini", "prefix": "9999010010", "snapshot": 1, "sample": 1}
TOWN = {"city": "town", "prefix": "9999010020", "snapshot": 2, "sample": 2}
MATRIX = [(endpoint, *case) for endpoint, cases in ADDRESSES.items() for case in cases]


def test_every_route_stands_in_the_matrix(app: Flask) -> None:
    read = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert read == {*ADDRESSES, *OWN_ADDRESSES}


@pytest.mark.parametrize(("address", "status"), OWN_ADDRESSES.values(), ids=OWN_ADDRESSES)
def test_strangers_are_sent_to_sign_in_and_never_further(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get(address, buffered=True)
    assert answer.status_code == status
    if status == 302:
        assert answer.location.startswith("/account/sign-in?")


@pytest.mark.parametrize(("endpoint", "address", "public"), MATRIX)
def test_the_public_of_a_real_city_gets_what_is_public_and_404_for_the_rest(
    client: FlaskClient, endpoint: str, address: str, public: bool
) -> None:
    response = client.get(address.format(**TOWN), buffered=True)
    assert response.status_code == (200 if public else 404), endpoint


@pytest.mark.parametrize(("endpoint", "address", "public"), MATRIX)
def test_everybody_is_staff_in_a_synthetic_city(client: FlaskClient, endpoint: str, address: str, public: bool) -> None:
    assert client.get(address.format(**MINI), buffered=True).status_code == 200, endpoint


@pytest.mark.parametrize(("endpoint", "address", "public"), MATRIX)
def test_staff_of_a_real_city_get_everything(
    cities_settings: Settings, endpoint: str, address: str, public: bool
) -> None:
    staff = create_app(dataclasses.replace(cities_settings, staff_view=True)).test_client()
    assert staff.get(address.format(**TOWN), buffered=True).status_code == 200, endpoint


def test_the_public_reads_shares_but_no_counts(client: FlaskClient) -> None:
    response = client.get("/api/v1/cities/town/layers/communities.geojson")
    for feature in json.loads(response.data)["features"]:
        properties = feature["properties"]
        assert properties["covered_percent"] in (0.0, 100.0)
        assert properties["households"] is properties["residents"] is properties["grids"] is None


def test_private_homes_and_unlisted_facilities_are_staff_only(client: FlaskClient) -> None:
    def names(city: str) -> set[str]:
        layers = [
            json.loads(client.get(f"/api/v1/cities/{city}/layers/{layer}.geojson").data)
            for layer in ("facilities", "other_facilities")
        ]
        return {feature["properties"]["name"] for layer in layers for feature in layer["features"]}

    assert names("mini") - names("town") == {LEVEL_4, HIDDEN}
    assert names("town") == {"镇边红色驿站", "老年食堂"}
    for word in (LEVEL_4, HIDDEN):
        assert client.get("/api/v1/cities/town/search", query_string={"q": word}).get_json()["places"] == []
        assert client.get("/api/v1/cities/mini/search", query_string={"q": word}).get_json()["places"] != []


def test_the_public_map_page_names_no_grid_no_count_and_no_staff_layer(client: FlaskClient) -> None:
    page = client.get("/map/town").text
    for hidden in (
        "layers/grids",
        "layers/gaps",
        "layers/sites",
        "tiles/buildings",
        "第1网格",
        'data-layer="grids"',
        "盲区 2 处",
    ):
        assert hidden not in page
    for shown in ("镇边社区", "的家庭步行 15 分钟内可到", "layers/facilities", "家庭覆盖率"):
        assert shown in page


def test_the_public_sees_the_catchments_of_public_facilities_and_counts_nobody(client: FlaskClient) -> None:
    (catchment,) = (
        feature["properties"]
        for feature in json.loads(client.get("/api/v1/cities/town/layers/catchments.geojson").data)["features"]
    )
    assert catchment["name"] == "镇边红色驿站"
    counts = ("households", "households_in_reach", "area_per_hundred_m2", "over_capacity")
    assert {catchment[name] for name in counts} == {None}


def test_the_public_compares_shares_on_foot_and_in_a_straight_line_without_counts(client: FlaskClient) -> None:
    page = client.get("/map/town").text
    table = page.split('class="coverage"')[1].split("</section>")[0]
    assert re.findall(r">([\d.]+%)<", table) == ["26.0%", "50.0%", "51.9%", "80.0%"]
    assert re.findall(r">([+-][\d.]+)<", table) == ["+24.0", "+28.1"]
    for hidden in (" 户", "老年人", "路网与数据边缘"):
        assert hidden not in table


def test_the_estate_layer_of_the_public_counts_nothing(client: FlaskClient) -> None:
    layer = json.loads(client.get("/api/v1/cities/town/layers/estates.geojson").data)
    assert [feature["properties"]["households"] for feature in layer["features"]] == [None]
