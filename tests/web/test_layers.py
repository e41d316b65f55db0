import gzip
import json
from typing import Any

import brotli
import pytest
import shapely
from flask.testing import FlaskClient

from gis_service.db.layers import DIGITS, METRES_PER_DEGREE, SHOWN_FROM, TOLERANCES_M, Detail
from tests.web.mini_city import BUILDINGS_PER_GRID, HOUSEHOLDS, STATUSES

LAYERS = (
    "streets",
    "communities",
    "grids",
    "facilities",
    "other_facilities",
    "circles",
    "facility_circles",
    "catchments",
    "gaps",
    "sites",
    "estates",
    "barriers",
)


def features(client: FlaskClient, layer: str, city: str = "mini", **query: str) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/cities/{city}/layers/{layer}.geojson", query_string=query)
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/geo+json"
    collection = json.loads(response.data)
    assert collection["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = collection["features"]
    return found


@pytest.mark.parametrize(
    ("layer", "number"),
    [
        ("counties", 0), ("streets", 1), ("communities", 4), ("grids", 12), ("facilities", 1), ("other_facilities", 3),
        ("circles", 2),
        ("facility_circles", 1), ("catchments", 2), ("gaps", 2), ("sites", 2), ("estates", 1), ("barriers", 2),
    ],
)  # fmt: skip
def test_every_layer_holds_the_features_of_the_city(client: FlaskClient, layer: str, number: int) -> None:
    assert len(features(client, layer)) == number


def test_grids_carry_counts_status_and_both_size_tests(client: FlaskClient) -> None:
    first = features(client, "grids")[0]["properties"]
    assert first == {
        "code": "999901001001001",
        "name": "第1网格",
        "kind": "base",
        "status": "normal",
        "households": 400,
        "residents": 1200,
        "community_code": "999901001001",
        "community_name": "镇边社区",
        "plan_name": "proposal",
        "households_test": "pass",
        "residents_test": "pass",
        "households_range": [300, 500],
        "residents_range": [1000, 1500],
        "basis": "either",
    }
    assert [feature["properties"]["status"] for feature in features(client, "grids")] == list(STATUSES)


def test_bands_are_numbered_from_the_widest_inwards(client: FlaskClient) -> None:
    found = [feature["properties"] for feature in features(client, "circles")]
    assert found == [{"minutes": 15.0, "band": 0}, {"minutes": 10.0, "band": 1}]


def test_catchments_are_called_by_their_facility_and_neighbours_have_different_shades(client: FlaskClient) -> None:
    first, second = (feature["properties"] for feature in features(client, "catchments"))
    assert first == {
        "code": "F1",
        "name": "镇边红色驿站",
        "kind": "red_station",
        "households": 700,
        "households_in_reach": 900,
        "area_per_hundred_m2": 20.0,
        "over_capacity": True,
        "shade": 0,
    }
    assert (second["name"], second["shade"]) == ("内部仓库", 1)


def test_gaps_tell_the_range_and_the_mean_of_their_walks(client: FlaskClient) -> None:
    first = features(client, "gaps")[0]["properties"]
    assert first == {
        "rank": 1,
        "name": "桥头社区 · 福宁2路",
        "community_code": None,
        "facility_code": "F1",
        "buildings": 18,
        "households": 800,
        "residents": None,
        "elderly": 150,
        "nearest_walk_m": 1200.0,
        "mean_walk_m": 1350.0,
        "farthest_walk_m": 1600.0,
        "missing_min": 7.5,
        "households_no_path": 12,
        "facility_name": "镇边红色驿站",
    }


def test_proposed_sites_come_in_their_order_with_what_they_bring(client: FlaskClient) -> None:
    first, second = (feature["properties"] for feature in features(client, "sites"))
    assert first.pop("run") == second["run"]
    assert first == {
        "code": "new-2",
        "name": "桥头空置用房",
        "rank": 1,
        "street": "福宁2路",
        "community_name": "桥头社区",
        "households_gained": 610.0,
        "saved_m": None,
        "cost": 12.5,
        "capacity": None,
        "minutes": 15.0,
        "speed_m_per_s": 1.0,
        "kinds": ["red_station", "service_centre"],
        "proved_optimal": True,
        "gap": 0.0,
    }
    assert (second["code"], second["rank"]) == ("new-1", 2)


def test_less_detail_keeps_neighbours_on_one_border_and_drops_most_of_it(client: FlaskClient) -> None:
    shapes, places = {}, {}
    for detail in SHOWN_FROM:
        found = features(client, "grids", detail=detail)
        shapes[detail] = [shapely.geometry.shape(feature["geometry"]) for feature in found]
        places[detail] = sum(map(shapely.get_num_coordinates, shapes[detail]))
        assert shapely.coverage_is_valid(shapes[detail])
    assert places["far"] <= places["overview"] < 0.6 * places["full"]


@pytest.mark.parametrize(("layer", "share"), [("circles", 0.9), ("facility_circles", 0.9), ("gaps", 1.0)])
def test_less_detail_moves_the_outline_of_an_area_by_a_pixel_at_most(
    client: FlaskClient, layer: str, share: float
) -> None:
    full, *coarse = (
        [shapely.geometry.shape(feature["geometry"]) for feature in features(client, layer, detail=detail)]
        for detail in ("full", *TOLERANCES_M)
    )
    for detail, shapes in zip(TOLERANCES_M, coarse, strict=True):
        assert sum(map(shapely.get_num_coordinates, shapes)) <= share * sum(map(shapely.get_num_coordinates, full))
        # Rounding adds at most half a unit of the last decimal, both ways.
        most = TOLERANCES_M[detail] / METRES_PER_DEGREE + 10.0 ** -DIGITS[detail]
        assert max(map(shapely.hausdorff_distance, full, shapes)) <= most


@pytest.mark.parametrize("detail", SHOWN_FROM)
def test_coordinates_are_as_fine_as_what_is_drawn_of_them(client: FlaskClient, detail: Detail) -> None:
    for layer, digits in (("grids", DIGITS[detail]), ("estates", DIGITS["full"])):
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features(client, layer, detail=detail)]
        values = shapely.get_coordinates(shapes).ravel()
        assert (values.round(digits) == values).all()
        assert (values.round(digits - 1) != values).any()


def test_a_second_request_costs_nothing(client: FlaskClient) -> None:
    first = client.get("/api/v1/cities/mini/layers/grids.geojson")
    again = client.get("/api/v1/cities/mini/layers/grids.geojson", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_layers_of_one_version_have_different_etags(client: FlaskClient) -> None:
    etags = {client.get(f"/api/v1/cities/mini/layers/{layer}.geojson").headers["ETag"] for layer in LAYERS}
    etags.add(client.get("/api/v1/cities/mini/layers/grids.geojson?detail=overview").headers["ETag"])
    assert len(etags) == len(LAYERS) + 1


@pytest.mark.parametrize(("coding", "decode"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_layers_travel_compressed(client: FlaskClient, coding: str, decode: Any) -> None:
    plain = client.get("/api/v1/cities/mini/layers/grids.geojson", headers={"Accept-Encoding": "identity"})
    packed = client.get("/api/v1/cities/mini/layers/grids.geojson", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert decode(packed.data) == plain.data
    known = client.get(
        "/api/v1/cities/mini/layers/grids.geojson",
        headers={"Accept-Encoding": coding, "If-None-Match": packed.headers["ETag"]},
    )
    assert known.status_code == 304


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/cities/mini/layers/unknown.geojson",
        "/api/v1/cities/mini/layers/grids.geojson?detail=most",
        "/api/v1/cities/nowhere/layers/grids.geojson",
        "/api/v1/cities/mini/buildings/none",
    ],
)
def test_what_does_not_exist_is_not_found_in_json(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert response.get_json()["status"] == 404


def test_a_building_knows_its_grid_and_its_walk(client: FlaskClient) -> None:
    found = client.get("/api/v1/cities/mini/buildings/999901001001-0-0").get_json()
    assert {"walk_back_s", "straight_m", "access_m2"} <= set(found)
    assert found["households"] == HOUSEHOLDS[0] // BUILDINGS_PER_GRID
    assert (found["grid_code"], found["community_name"]) == ("999901001001001", "镇边社区")
    assert (found["facility_name"], found["walk_m"], found["covered"]) == ("镇边红色驿站", 400.0, True)
    assert found["estate_name"] == "金滩嘉苑"


def test_the_city_is_never_mixed_with_another(client: FlaskClient) -> None:
    codes = {feature["properties"]["code"] for feature in features(client, "communities", city="hostile")}
    assert codes == {f"99990100300{number}" for number in range(1, 5)}
    assert client.get("/api/v1/cities/hostile/buildings/999901001001-0-0").status_code == 404


def test_a_code_of_a_region_is_told_as_it_was_meant_on_a_day(client: FlaskClient) -> None:
    address = "/api/v1/cities/town/regions/999901002001"
    told = client.get(address).get_json()
    assert (told["name"], told["level"], told["valid_to"]) == ("镇边社区", "community", None)
    assert client.get(f"{address}?on={told['valid_from']}").get_json() == told
    assert client.get(f"{address}?on=1999-12-31").status_code == 404
    assert client.get(f"{address}?on=1999-12-32").status_code == 400
