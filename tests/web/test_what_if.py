"""What would change in the small city, for staff only; nothing of it is stored."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.cities import load_city
from gis_service.db.engine import reading
from gis_service.web import api_what_if, server_hooks
from gis_service.web.kept_cities import CITIES_KEPT, cities_ahead
from gis_service.workflows.what_if_map import Imagined, what_changes
from tests.web.mini_city import BUILDINGS_PER_GRID, HOUSEHOLDS, ground

ADDRESS = "/api/v1/what-if"


def ask(client: FlaskClient, **imagined: object) -> dict:
    response = client.post(ADDRESS, json={"city": "mini"} | imagined)
    assert response.status_code == 200, response.json
    return response.json


def households(answer: dict) -> tuple[int, int, int]:
    """Return all households, those covered before and those after."""
    row = next(row for row in answer["coverage"] if row["measure"] == "households")
    return row["total"], row["before"], row["after"]


def test_nothing_imagined_changes_nothing(client: FlaskClient) -> None:
    told = ask(client)
    total, before, after = households(told)
    assert (total, before) == (sum(each // BUILDINGS_PER_GRID * BUILDINGS_PER_GRID for each in HOUSEHOLDS), after)
    assert told["gained"] == told["lost"] == told["communities"] == []
    assert told["gaps_mended"] is None


def test_closing_the_only_station_loses_everybody_it_served(client: FlaskClient) -> None:
    told = ask(client, close=["F1"], gaps=True)
    total, before, after = households(told)
    assert (after, told["households_farther"]) == (0, total)
    assert before > 0
    assert sum(lost for *_, lost in told["lost"]) == before == sum(c["households_lost"] for c in told["communities"])
    assert told["buildings_lost"] == len(told["lost"])
    assert sum(gap["households_lost"] for gap in told["gaps_worsened"]) == before
    assert (told["gaps_mended"], told["gained"]) == ([], [])


def test_every_community_is_told_with_its_street_and_its_own_people(app: Flask, cities_settings: Settings) -> None:
    with app.app_context(), reading(cities_settings) as conn:
        city = api_what_if.kept_city(conn, load_city(conn, "mini"))
    told = what_changes(city, Imagined(close=("F1",)), with_gaps=False)["communities"]
    covered = city.standing.covered(city.standing.state.walks.walk_m)
    households = city.standing.buildings[covered].groupby("community_code")["households"].sum()
    named, streets = city.regions.set_index("code"), city.regions.set_index("code")["name"]
    expected = sorted((-count, code) for code, count in households.items() if count)
    assert [(-each["households_lost"], each["code"]) for each in told] == expected
    for each in told:
        assert each["name"] == named.loc[each["code"], "name"]
        assert each["street"] == streets[named.loc[each["code"], "parent_code"]]
        assert each["households_gained"] == 0


def test_an_added_station_in_the_same_place_undoes_the_closing(client: FlaskClient) -> None:
    place = next(
        feature["geometry"]["coordinates"]
        for feature in client.get("/api/v1/cities/mini/layers/facilities.geojson").get_json(force=True)["features"]
        if feature["properties"]["code"] == "F1"
    )
    told = ask(client, close=["F1"], add=[place])
    _, before, after = households(told)
    assert before == after
    assert told["gained"] == told["lost"] == []


def test_a_place_far_off_every_street_serves_nobody_and_is_named(client: FlaskClient) -> None:
    far = [*ground(9_000.0, 9_000.0)]
    assert ask(client, add=[far])["off_network"] == ["1"]
    told = ask(client, move=[{"facility_id": "F1", "to": far}])
    assert told["off_network"] == ["F1"]
    assert households(told)[2] == 0


@pytest.mark.parametrize(
    ("imagined", "words"),
    [
        ({"close": ["F9"]}, "F9"),
        ({"close": ["F1", "F1"]}, "F1"),
        ({"close": ["F1"], "move": [{"facility_id": "F1", "to": [*ground(0.0, 0.0)]}]}, "F1"),
        ({"add": [[0, 0]]}, "20 公里"),
        ({"paths": [[[*ground(9_000.0, 9_000.0)], [*ground(9_100.0, 9_000.0)]]]}, "第 1 条假设通道"),
    ],
)
def test_what_cannot_be_is_refused_by_name(client: FlaskClient, imagined: dict, words: str) -> None:
    response = client.post(ADDRESS, json={"city": "mini"} | imagined)
    assert response.status_code == 400
    assert words in response.json["message"]


def test_only_staff_of_a_real_city_may_ask(client: FlaskClient, cities_settings: Settings) -> None:
    assert client.post(ADDRESS, json={"city": "town"}).status_code == 404
    staff = create_app(dataclasses.replace(cities_settings, staff_view=True)).test_client()
    assert staff.post(ADDRESS, json={"city": "town"}).status_code == 200
    assert client.post(ADDRESS, json={"city": "nowhere"}).status_code == 404


def test_who_asks_after_the_cities_were_loaded_ahead_waits_for_nothing(
    cities_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(dataclasses.replace(cities_settings, staff_view=True))
    with reading(cities_settings) as conn:
        known = [city.name for city in cities_ahead(conn)]
    assert {"mini", "town"} <= set(known)
    api_what_if.load_ahead(app)
    monkeypatch.setattr(app.extensions["gis_service.what_if"], "_load", lambda *_: pytest.fail("loaded when asked"))
    for city in ("mini", "town"):
        assert app.test_client().post(ADDRESS, json={"city": city}).status_code == 200


def test_real_cities_are_loaded_ahead_of_made_up_ones_and_new_ones_of_old_ones(cities_settings: Settings) -> None:
    with reading(cities_settings) as conn:
        ahead = cities_ahead(conn)
    assert ahead == sorted(ahead, key=lambda city: (city.synthetic, -city.imported_at.timestamp()))
    assert len(ahead) <= CITIES_KEPT


def test_a_worker_loads_its_cities_beside_the_requests_it_takes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()

    def load(served: Flask) -> None:
        assert served is app
        begun.set()
        go_on.wait(30)

    monkeypatch.setattr(api_what_if, "load_ahead", load)
    server_hooks.post_worker_init(SimpleNamespace(wsgi=app))  # comes back while the loading still goes on
    assert begun.wait(30)
    go_on.set()


def test_many_who_ask_at_once_get_their_own_answers(app: Flask) -> None:
    def told(number: int) -> dict:
        closed = ["F1"] if number % 2 else []
        return app.test_client().post(ADDRESS, json={"city": "mini", "close": closed}).json

    with ThreadPoolExecutor(4) as several:
        answers = list(several.map(told, range(24)))
    assert answers == [answers[number % 2] for number in range(24)]
    assert answers[0] != answers[1]


def test_the_pages_offer_staff_both_tools_and_the_public_one(client: FlaskClient) -> None:
    def tools(city: str) -> list[bool]:
        page = client.get(f"/map/{city}").text
        return [f'data-tool="{tool}"' in page for tool in ("nearest", "what-if")]

    assert tools("mini") == [True, True]
    assert tools("town") == [True, False]
