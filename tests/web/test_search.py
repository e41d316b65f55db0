from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis_service.db.cities import load_city
from gis_service.db.layers import load_edition, search_places


def found(client: FlaskClient, words: str, city: str = "mini") -> list[dict[str, Any]]:
    places: list[dict[str, Any]] = client.get(f"/api/v1/cities/{city}/search", query_string={"q": words}).get_json()[
        "places"
    ]
    return places


def test_communities_come_before_facilities_and_grids_by_code(client: FlaskClient) -> None:
    assert [(place["layer"], place["name"]) for place in found(client, "镇边")] == [
        ("communities", "镇边社区"),
        ("facilities", "镇边红色驿站"),
    ]
    assert [place["code"] for place in found(client, "999901001001002")] == ["999901001001002"]
    assert [(place["layer"], place["name"]) for place in found(client, "金滩")] == [("estates", "金滩嘉苑")]


def test_places_have_a_box_inside_the_city(client: FlaskClient) -> None:
    (place,) = found(client, "桥头")
    assert 120.2 < place["west"] < place["east"] < 120.3
    assert 27.3 < place["south"] < place["north"] < 27.4


@pytest.mark.parametrize(("words", "names"), [("%", ["100%_社区"]), ("_", ["100%_社区"]), ("\\", []), ("'", [])])
def test_signs_of_the_query_language_are_letters(client: FlaskClient, words: str, names: list[str]) -> None:
    assert [place["name"] for place in found(client, words)] == names


@pytest.mark.parametrize("words", ["", "   ", "没有这个地方", "x" * 5000])
def test_nothing_is_found_quietly(client: FlaskClient, words: str) -> None:
    assert found(client, words) == []


def test_the_public_finds_no_grid(client: FlaskClient) -> None:
    assert found(client, "网格", city="town") == []
    assert len(found(client, "网格", city="mini")) == 12


def test_a_search_is_not_kept_by_the_browser(client: FlaskClient) -> None:
    assert client.get("/api/v1/cities/mini/search?q=a").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("written", ["虎𬇙镇", "虎贝镇"])
@pytest.mark.parametrize("asked", ["虎𬇙镇", "虎贝", "𬇙", "虎𬇙"])
def test_both_spellings_of_a_rare_character_find_the_place(changed: Connection, written: str, asked: str) -> None:
    changed.execute(text("UPDATE region SET name = :name WHERE code = '999901001001'"), {"name": written})
    edition = load_edition(changed, load_city(changed, "mini"))
    assert [place["name"] for place in search_places(changed, edition, asked, staff=False, limit=9)] == [written]


def test_a_place_without_a_shape_is_found_and_has_no_box(changed: Connection) -> None:
    changed.execute(text("UPDATE region SET geometry = NULL WHERE code = '999901001001'"))
    edition = load_edition(changed, load_city(changed, "mini"))
    (place,) = search_places(changed, edition, "999901001001", staff=False, limit=9)
    assert (place["name"], place["west"], place["north"]) == ("镇边社区", None, None)


def test_a_facility_is_found_in_the_layer_that_draws_it(client: FlaskClient) -> None:
    assert [(place["layer"], place["name"]) for place in found(client, "老年食堂")] == [
        ("other_facilities", "老年食堂")
    ]
