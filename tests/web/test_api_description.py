"""The description of the interface, held against the routes there are, what they answer and what they refuse."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from gis_service.db.layers import SHOWN_FROM, SIMPLIFIED
from gis_service.web.api_schemas import LAYER_PROPERTIES
from gis_service.web.audience import PUBLIC_LAYERS, STAFF_LAYERS
from tests.web.mini_city import LAT, LON

ADDRESS = "/api/v1/openapi.json"
HERE = {"city": "town", "lon": LON + 0.001, "lat": LAT + 0.001}
REFERENCE = "#/components/schemas/"


@pytest.fixture
def told(client: FlaskClient) -> dict[str, Any]:
    response = client.get(ADDRESS)
    assert response.mimetype == "application/json"
    found: dict[str, Any] = response.json
    return found


def faults(told: dict[str, Any], name: str, value: object) -> list[str]:
    """Return what a schema of the description finds wrong with a value."""
    schema = {"$ref": f"{REFERENCE}{name}", "components": told["components"]}
    return [f"{fault.json_path}: {fault.message}" for fault in Draft202012Validator(schema).iter_errors(value)]


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if "$ref" in part else []
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_it_describes_just_the_routes_there_are(app: Flask, told: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, operations in told["paths"].items() for method in operations} == routes


def test_it_is_a_description_by_openapi_3_1(told: dict[str, Any]) -> None:
    assert told["openapi"] == "3.1.0"
    assert told["info"]["title"]
    schemas = told["components"]["schemas"]
    for name, schema in schemas.items():
        assert re.fullmatch(r"[\w.-]+", name)
        Draft202012Validator.check_schema(schema)
    assert {each.removeprefix(REFERENCE) for each in references(told)} == set(schemas)
    operations = [operation for path in told["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for path, methods in told["paths"].items():
        for operation in methods.values():
            asked = operation.get("parameters", [])
            assert {each["name"] for each in asked if each["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
            assert all(each["required"] is (each["in"] == "path") for each in asked)
            assert operation["summary"]
            assert operation["responses"]["200"]["content"]


@pytest.mark.parametrize("layer", STAFF_LAYERS)
def test_every_layer_answers_as_described(client: FlaskClient, told: dict[str, Any], layer: str) -> None:
    for city, allowed in (("mini", STAFF_LAYERS), ("hostile", STAFF_LAYERS), ("town", PUBLIC_LAYERS)):
        for detail in SHOWN_FROM if layer in SIMPLIFIED else ("full",):
            response = client.get(f"/api/v1/cities/{city}/layers/{layer}.geojson?detail={detail}")
            if layer not in allowed:
                assert response.status_code == 404
                assert faults(told, "Fault", response.json) == []
                continue
            collection = json.loads(response.data)
            assert faults(told, f"layer_{layer}", collection) == []
            assert collection["features"] or layer == "counties"  # the small cities have no county


def test_a_field_that_is_not_described_would_be_noticed(client: FlaskClient, told: dict[str, Any]) -> None:
    collection = json.loads(client.get("/api/v1/cities/mini/layers/gaps.geojson").data)
    collection["features"][0]["properties"]["news"] = 1
    assert len(faults(told, "layer_gaps", collection)) == 1
    assert set(LAYER_PROPERTIES) == set(STAFF_LAYERS)


@pytest.mark.parametrize(
    ("address", "schema"),
    [
        ("/api/v1/cities/mini/buildings/999901001001-0-0", "Building"),
        ("/api/v1/cities/mini/grids/999901001001003", "GridAccount"),
        ("/api/v1/cities/mini/grids/999901001002003", "GridAccount"),
        ("/api/v1/cities/mini/regions/999901001001", "Region"),
        ("/api/v1/cities/town/regions/999901002001?on=2026-06-30", "Region"),
        ("/api/v1/cities/town/regions/999901002001?on=1999-01-01", "Fault"),
        ("/api/v1/cities/town/regions/999901002001?on=yesterday", "Fault"),
        ("/api/v1/cities/mini/search?q=网格", "Places"),
        ("/api/v1/cities/mini/search?q=镇", "Places"),
        ("/api/v1/cities/town/search?q=", "Places"),
        ("/api/v1/cities/nowhere/search?q=x", "Fault"),
        ("/api/v1/cities/town/places?q=jtjy", "NamedPlaces"),
        ("/api/v1/cities/town/places?q=镇", "NamedPlaces"),
        ("/api/v1/cities/nowhere/places?q=x", "Fault"),
        ("/api/v1/cities/town/buildings/999901002001-0-0", "Fault"),
        ("/api/v1/cities/mini/grids/none", "Fault"),
        ("/api/v1/cities/mini/search?q=%00", "Fault"),
    ],
)
def test_every_other_address_answers_as_described(
    client: FlaskClient, told: dict[str, Any], address: str, schema: str
) -> None:
    response = client.get(address)
    assert faults(told, schema, response.json) == []
    path = re.sub(r"cities/\w+", "cities/{city}", address.partition("?")[0])
    operation = told["paths"][re.sub(r"(buildings|grids|regions)/.*", r"\1/{code}", path)]["get"]
    expected = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
    assert expected == {"$ref": REFERENCE + schema}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"k": 5, "kinds": ["red_station", "elder_canteen"], "pace": "elderly", "datum": "gcj02"},
        {"pace": 0.8},
        {"at": "2026-11-23T09:30", "unknown_open": True},
        {"at": "2026-11-22T09:30"},
        {"kinds": ["service_centre"]},
        {"lon": 0, "lat": 0},
        {"k": None, "kinds": None, "pace": None},
    ],
)
def test_the_nearest_answer_as_described(client: FlaskClient, told: dict[str, Any], changes: dict[str, object]) -> None:
    assert faults(told, "NearestQuestion", HERE | changes) == []
    response = client.post("/api/v1/nearest", json=HERE | changes)
    assert response.status_code == 200, response.json
    assert faults(told, "NearestAnswer", response.json) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"add": [[LON, LAT]], "gaps": True},
        {"close": ["F1"]},
        {"move": [{"facility_id": "F1", "to": [LON + 0.003, LAT]}], "paths": [[[LON, LAT], [LON + 0.002, LAT]]]},
        {"add": [[LON + 0.1, LAT]], "gaps": True, "close": ["F1"]},
    ],
)
def test_what_would_change_is_answered_as_described(
    client: FlaskClient, told: dict[str, Any], changes: dict[str, object]
) -> None:
    assert faults(told, "WhatIfQuestion", {"city": "mini"} | changes) == []
    response = client.post("/api/v1/what-if", json={"city": "mini"} | changes)
    assert (response.status_code, faults(told, "WhatIfAnswer", response.json)) == (200, []), response.json


@pytest.mark.parametrize(
    "changes",
    [
        {"city": ""}, {"add": [[181, 0]]}, {"add": [[LON]]}, {"add": LON}, {"add": [[LON, LAT]] * 101}, {"close": [5]},
        {"move": [["F1", LON, LAT]]}, {"move": [{"facility_id": "F1"}]}, {"paths": [[[LON, LAT]]]}, {"gaps": 1},
        {"where": "here"},
    ],
)  # fmt: skip
def test_what_the_description_of_what_ifs_refuses_the_service_refuses(
    client: FlaskClient, told: dict[str, Any], changes: dict[str, object]
) -> None:
    if "add" not in changes or changes["add"] != [[181, 0]]:  # bounds depend on the place in a pair
        assert faults(told, "WhatIfQuestion", {"city": "mini"} | changes)
    response = client.post("/api/v1/what-if", json={"city": "mini"} | changes)
    assert (response.status_code, faults(told, "Fault", response.json)) == (400, [])


@pytest.mark.parametrize(
    "scenario",
    [
        {},
        {"add": [[LON, LAT], [LON + 0.1, LAT]], "close": ["F1"]},
        {"move": [{"facility_id": "F1", "to": [LON + 0.003, LAT]}]},
    ],
)
def test_what_a_scenario_gains_is_answered_as_described(
    client: FlaskClient, told: dict[str, Any], scenario: dict[str, object]
) -> None:
    assert faults(told, "AuditScenario", scenario) == []
    response = client.post("/api/v1/cities/mini/audit/what-if", json=scenario)
    assert (response.status_code, faults(told, "AuditGains", response.json)) == (200, []), response.json
    refused = client.post("/api/v1/cities/mini/audit/what-if", json=scenario | {"gaps": True})
    assert faults(told, "AuditScenario", scenario | {"gaps": True})
    assert (refused.status_code, faults(told, "Fault", refused.json)) == (400, [])


@pytest.mark.parametrize("changes", [{}, {"datum": "gcj02"}, {"lon": 0, "lat": 0}, {"datum": None}])
def test_where_somebody_is_is_answered_as_described(
    client: FlaskClient, told: dict[str, Any], changes: dict[str, object]
) -> None:
    assert faults(told, "WhereQuestion", HERE | changes) == []
    response = client.post("/api/v1/where", json=HERE | changes)
    assert faults(told, "Whereabouts", response.json) == []
    refused = client.post("/api/v1/where", json=HERE | {"k": 3})
    assert (refused.status_code, faults(told, "Fault", refused.json)) == (400, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"lon": 181}, {"lat": "27"}, {"lon": None}, {"k": 0}, {"k": 6}, {"k": 1.5}, {"k": True}, {"kinds": []},
        {"kinds": "red_station"}, {"pace": "slow"}, {"pace": 9}, {"unknown_open": 1}, {"datum": "bd09"}, {"city": ""},
        {"where": "here"}, {"at": 5},
    ],
)  # fmt: skip
def test_what_the_description_refuses_the_service_refuses(
    client: FlaskClient, told: dict[str, Any], changes: dict[str, object]
) -> None:
    assert faults(told, "NearestQuestion", HERE | changes)
    response = client.post("/api/v1/nearest", json=HERE | changes)
    assert response.status_code == 400
    assert faults(told, "Fault", response.json) == []
