"""Places by name and where somebody is: what is told to everybody, and what never is."""

import dataclasses
from datetime import date, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from gis_service.app import create_app, create_served_app
from gis_service.config import Settings
from gis_service.db.cities import load_city
from gis_service.db.engine import begin
from gis_service.web.api_nearest import load_nearest_places, load_rules
from gis_service.workflows.locator import load_locator
from gis_service.workflows.whereabouts import Surroundings
from tests.web.mini_city import ground
from tests.web.test_audience import HIDDEN, LEVEL_4

GRID = "999901002001001"
HOME = dict(zip(("lon", "lat"), ground(100, 60), strict=True))


def found(client: FlaskClient, words: str, city: str = "town") -> list[dict]:
    return client.get(f"/api/v1/cities/{city}/places", query_string={"q": words}).json["places"]


@pytest.mark.parametrize("words", ["金滩嘉苑", "jtjy", "jintan", "今滩家苑", "金滩花苑"])
def test_an_estate_is_found_by_name_sound_and_mistyped(client: FlaskClient, words: str) -> None:
    first = found(client, words)[0]
    assert (first["key"], first["name"], first["kind_name"], first["community"]) == (
        "estate-E1", "金滩嘉苑", "小区", "镇边社区",
    )  # fmt: skip
    assert (first["lon"], first["lat"]) == (
        pytest.approx(HOME["lon"], abs=0.002),
        pytest.approx(HOME["lat"], abs=0.003),
    )


def test_roads_communities_and_addresses_are_found_too(client: FlaskClient) -> None:
    assert found(client, "福宁2路")[0]["kind"] == "road"
    assert found(client, "桥头社区")[0]["kind"] == "community"
    assert found(client, "兴福路一巷41号")[0]["key"] == "station-F1"
    assert client.get("/api/v1/cities/town/places?q=jtjy&lang=en").json["places"][0]["kind_name"] == "estate"


@pytest.mark.parametrize("city", ["town", "mini"])
def test_private_homes_and_unlisted_places_are_found_by_nobody(client: FlaskClient, city: str) -> None:
    for words in (LEVEL_4, HIDDEN, "dangyuan", "neibucangku", "第1网格"):
        names = {place["name"] for place in found(client, words, city)}
        assert not names & {LEVEL_4, HIDDEN}
        assert not any("网格" in name for name in names)


def test_places_carry_no_figures(client: FlaskClient) -> None:
    for place in found(client, "社区"):
        assert set(place) == {"key", "name", "kind", "kind_name", "community", "address", "lon", "lat"}


def test_where_somebody_is_is_told_by_name(client: FlaskClient) -> None:
    told = client.post("/api/v1/where", json={"city": "town"} | HOME).json
    assert told == {
        "street": "桐山街道",
        "community": "镇边社区",
        "estate": "金滩嘉苑",
        "road": "福宁1路",
        "grid": None,
        "grid_phone": None,
        "service_centre": None,
    }
    assert client.post("/api/v1/where", json={"city": "town", "lon": 0, "lat": 0}).json["community"] is None
    assert client.post("/api/v1/where", json={"city": "nowhere"} | HOME).status_code == 404
    assert client.get("/api/v1/where").status_code == 405


def test_only_grids_in_force_are_named_and_only_where_the_city_publishes_them(changed: Connection) -> None:
    city = load_city(changed, "town")
    places = load_nearest_places(changed, city, load_rules(changed, city))
    plan = changed.execute(
        text(f"SELECT plan_id FROM grid WHERE code = '{GRID}' ORDER BY plan_id LIMIT 1")
    ).scalar_one()
    published = load_locator(changed, city, places, (plan,), grid_phones={})
    assert (published.where(**HOME).grid, published.where(**HOME).grid_phone) == ("第1网格", None)
    assert load_locator(changed, city, places, (), grid_phones={GRID: "1"}).where(**HOME) == Surroundings(
        "桐山街道", "镇边社区", "999901002001", "金滩嘉苑", "福宁1路"
    )


def test_a_proposal_is_published_by_no_setting(cities_settings: Settings) -> None:
    open_grids = create_app(dataclasses.replace(cities_settings, public_grids=True)).test_client()
    assert open_grids.post("/api/v1/where", json={"city": "town"} | HOME).json["grid"] is None


def test_an_approved_plan_is_published_where_the_city_wants_it(cities_settings: Settings, tmp_path: Path) -> None:
    phones = tmp_path / "phones.csv"
    phones.write_text(f"网格编码,电话\n{GRID},000-12345\n", encoding="utf-8")

    def approve(day: date | None) -> None:
        with begin(cities_settings) as conn:
            conn.execute(
                text(
                    "UPDATE plan SET effective_from = :day WHERE id = (SELECT max(plan_id) FROM grid"
                    f" WHERE code = '{GRID}')"
                ),
                {"day": day},
            )

    approve(date(2026, 1, 1))
    try:
        for setting, file, grid, phone in (
            (True, phones, "第1网格", "000-12345"),
            (True, None, "第1网格", None),
            (False, None, None, None),
        ):
            settings = dataclasses.replace(cities_settings, public_grids=setting, grid_phones=file)
            service = create_app(settings).test_client()
            told = service.post("/api/v1/where", json={"city": "town"} | HOME).json
            assert (told["grid"], told["grid_phone"]) == (grid, phone)
            assert ("tel:000-12345" in service.post("/find/town", data=HOME).text) is (phone is not None)
    finally:
        approve(None)


def test_the_service_centre_of_the_community_or_else_of_the_street_is_told_where_it_has_a_telephone(
    changed: Connection,
) -> None:
    changed.execute(
        text(
            "UPDATE facility SET kind = 'service_centre', phone = '000-1' WHERE code = 'F2'"
            " AND city_id = (SELECT id FROM city WHERE name = 'town')"
        )
    )
    city = load_city(changed, "town")
    locator = load_locator(
        changed, city, load_nearest_places(changed, city, load_rules(changed, city)), (), grid_phones={}
    )
    there = dict(zip(("lon", "lat"), ground(700, 100), strict=True))
    now = datetime.fromisoformat("2026-11-23T09:00")
    contact = locator.contact(locator.where(**there), now=now, **there)
    assert contact is not None
    assert (contact.id, contact.phone) == ("F2", "000-1")
    in_its_street = locator.contact(locator.where(**HOME), now=now, **HOME)
    assert in_its_street == contact
    assert locator.contact(Surroundings(community_code="999901002001"), now=now, **HOME) is None
    assert locator.contact(Surroundings(street="桐山街道"), now=now, **HOME) is None


def test_cities_are_loaded_before_the_first_visitor(cities_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis_service.app.read_settings", lambda: cities_settings)
    monkeypatch.setattr("gis_service.app.gc.freeze", lambda: None)
    service = create_served_app()
    for kept in ("gis_service.locators", "gis_service.nearest"):
        monkeypatch.setattr(service.extensions[kept], "_load", lambda *_: pytest.fail("loaded again"))
    assert service.test_client().get("/find/town").status_code == 200


def test_a_database_that_is_away_keeps_nobody_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Settings(database_url="postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setattr("gis_service.app.read_settings", lambda: away)
    monkeypatch.setattr("gis_service.app.gc.freeze", lambda: None)
    assert create_served_app().test_client().get("/healthz").status_code == 503
