"""Scenarios that officials keep: stored with their figures, never changed, shown to nobody who may not know."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, reading
from gis_service.db.scenarios import load_scenarios
from gis_service.web.api_what_if import MOST_PLACES
from gis_service.workflows import accounts
from gis_service.workflows.kept_scenarios import LONGEST_NAME, MOST_KEPT, gains_again, rests_on_today
from gis_service.workflows.what_if_map import load_what_if, load_what_if_rules
from tests.web.signing_in import PASSWORD, signed_in

HOME, OTHER = "999901002001", "999901002002"
GROUPS = {
    "official": [Grant("auditor", "town")],
    "of_home": [Grant("auditor", "town", HOME)],
    "of_other": [Grant("auditor", "town", OTHER)],
    "planner": [Grant("planner", "town")],
}
LIST = "/api/v1/cities/town/audit/scenarios"


class Reader:
    """A browser in which somebody is signed in."""

    def __init__(self, app: Flask, login: str) -> None:
        self.browser = signed_in(app, login)

    def post(self, address: str, **asked: Any) -> Any:
        found = re.search(r'"token": "([^"]+)"', self.browser.get("/audit/town/what-if").text)
        assert found is not None
        return self.browser.post(address, headers={"X-CSRFToken": found[1]}, **asked)

    def keep(self, **proposal: Any) -> Any:
        return self.post(LIST, json=proposal)

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.browser.get(LIST).get_json()["scenarios"]
        return found


@pytest.fixture(scope="module")
def readers(cities_settings: Settings) -> Iterator[Callable[[str], Reader]]:
    """Return a function from a login to who is signed in by it."""
    app = create_app(cities_settings)
    app.testing = True
    with begin(cities_settings) as conn:
        for login, grants in GROUPS.items():
            accounts.add_account(conn, login, title=f"{login}岗", password=PASSWORD, grants=grants)
    yield cache(lambda login: Reader(app, login))
    with begin(cities_settings) as conn:
        for table in ("account", "sign_in_failure"):
            conn.execute(text(f"DELETE FROM {table}"))


@pytest.fixture(autouse=True)
def _nothing_is_left_on_the_list(cities_settings: Settings) -> Iterator[None]:
    yield
    with begin(cities_settings) as conn:  # rows are never deleted
        conn.execute(
            text(
                "INSERT INTO scenario_withdrawal (scenario_id, who) SELECT id, 'test' FROM scenario "
                "WHERE id NOT IN (SELECT scenario_id FROM scenario_withdrawal)"
            )
        )


def sites(reader: Reader, most: int = 2) -> list[dict[str, Any]]:
    """Return the candidates of the newest siting run as sites."""
    found = re.search(r'"candidates": (\[.*?\]), "communitiesUrl"', reader.browser.get("/audit/town/what-if").text)
    assert found is not None
    rows = json.loads(found[1])[:most]
    return [
        {"name": row["name"], "lon": row["lon"], "lat": row["lat"], "cost": 7.5, "candidate": row["code"]}
        for row in rows
    ]


def test_a_scenario_is_kept_with_its_figures_who_and_what_they_rest_on(readers: Callable[[str], Reader]) -> None:
    official = readers("official")
    asked = sites(official)
    (kept,) = official.keep(name=" 两处一起 ", sites=asked, close=["F1"]).get_json()["scenarios"]
    assert (kept["name"], kept["who"], kept["regions"]) == ("两处一起", "official official岗", [])
    assert kept["sites"] == asked
    assert kept["closed"] == [{"id": "F1", "name": "镇边红色驿站"}]
    question = {"add": [[site["lon"], site["lat"]] for site in asked], "close": ["F1"]}
    told = official.browser.post("/api/v1/cities/town/audit/what-if", json=question).get_json()
    assert kept["gains"] == {name: value for name, value in told.items() if name not in {"gained", "lost"}}
    assert kept["current"] is kept["removable"] is True
    assert official.listed() == [kept]


def test_its_figures_are_computed_again_from_the_store(
    readers: Callable[[str], Reader], cities_settings: Settings
) -> None:
    official = readers("official")
    for reader in (official, readers("of_home")):
        assert reader.keep(name="复算", sites=sites(official)).status_code == 200
    with reading(cities_settings) as conn:
        city = load_city(conn, "town")
        rules = load_what_if_rules(conn, city)
        ready = load_what_if(conn, city, rules)
        whole, of_home = load_scenarios(conn, "town")
    assert [gains_again(ready, kept) for kept in (whole, of_home)] == [whole.gains, of_home.gains]
    assert whole.gains != of_home.gains  # the official of one community counts her own people only
    assert rests_on_today(whole, city, rules)


def test_figures_of_other_data_are_told_as_they_were_and_as_such(
    readers: Callable[[str], Reader], cities_settings: Settings
) -> None:
    official = readers("official")
    (kept,) = official.keep(name="旧", sites=sites(official)).get_json()["scenarios"]
    again = f"{LIST}/{kept['id']}/repeat"
    assert official.post(again, json={}).get_json() == {"id": kept["id"], "repeated": "equal"}
    with begin(cities_settings) as conn:
        before = load_city(conn, "town").content_hash
        conn.execute(text("UPDATE city SET content_hash = 'other' WHERE name = 'town'"))
    try:
        assert official.listed() == [kept | {"current": False}]
        assert official.post(again, json={}).get_json()["repeated"] == "changed"
    finally:
        with begin(cities_settings) as conn:
            conn.execute(text("UPDATE city SET content_hash = :before WHERE name = 'town'"), {"before": before})


def test_an_official_sees_no_figures_of_other_regions(readers: Callable[[str], Reader]) -> None:
    official, of_home, of_other = readers("official"), readers("of_home"), readers("of_other")
    asked = sites(official)
    for name, reader in (("全市", official), ("本社区", of_home)):
        assert reader.keep(name=name, sites=asked).status_code == 200
    assert [kept["name"] for kept in official.listed()] == ["全市", "本社区"]
    (kept,) = of_home.listed()
    assert (kept["name"], len(kept["regions"])) == ("本社区", 1)
    assert of_other.listed() == []
    for what in ("withdraw", "repeat"):
        assert of_other.post(f"{LIST}/{kept['id']}/{what}", json={}).status_code == 404


def test_a_scenario_is_taken_off_the_list_by_who_kept_it_or_an_auditor_of_the_city_and_stays_in_the_store(
    readers: Callable[[str], Reader], cities_settings: Settings
) -> None:
    official, of_home, planner = readers("official"), readers("of_home"), readers("planner")
    asked = sites(official)
    for name in ("一", "二"):
        of_home.keep(name=name, sites=asked)
    first, second = (kept["id"] for kept in official.listed())
    assert [kept["removable"] for kept in planner.listed()] == [False, False]
    refused = planner.post(f"{LIST}/{first}/withdraw", json={})
    assert (refused.status_code, "留存人" in refused.get_json()["message"]) == (403, True)
    assert [kept["id"] for kept in of_home.post(f"{LIST}/{first}/withdraw", json={}).get_json()["scenarios"]] == [
        second
    ]
    assert official.post(f"{LIST}/{second}/withdraw", json={}).get_json()["scenarios"] == []
    assert official.post(f"{LIST}/{second}/withdraw", json={}).status_code == 404
    with reading(cities_settings) as conn:
        kept = text("SELECT count(*) FROM scenario WHERE id IN (:first, :second)")
        assert conn.scalar(kept, {"first": first, "second": second}) == 2
        gone = text("SELECT who FROM scenario_withdrawal WHERE scenario_id IN (:first, :second) ORDER BY scenario_id")
        assert conn.scalars(gone, {"first": first, "second": second}).all() == [
            "of_home of_home岗",
            "official official岗",
        ]


SITE = {"name": "点", "lon": 120.2, "lat": 27.3}


@pytest.mark.parametrize(
    "proposal",
    [
        None,
        [],
        {},
        {"name": "空"},
        {"name": "", "sites": [SITE]},
        {"name": "长" * (LONGEST_NAME + 1), "sites": [SITE]},
        {"name": "a\0b", "sites": [SITE]},
        {"name": "\ud800", "sites": [SITE]},
        {"name": 7, "sites": [SITE]},
        {"name": "多", "sites": [SITE], "roots": []},
        {"name": "点", "sites": ["here"]},
        {"name": "点", "sites": {"0": SITE}},
        {"name": "点", "sites": [SITE | {"who": "me"}]},
        {"name": "点", "sites": [SITE | {"name": ""}]},
        {"name": "点", "sites": [SITE | {"lon": "东"}]},
        {"name": "点", "sites": [SITE | {"lon": 0, "lat": 0}]},
        {"name": "点", "sites": [SITE | {"lon": float("nan")}]},
        {"name": "点", "sites": [SITE | {"cost": float("nan")}]},
        {"name": "点", "sites": [SITE | {"cost": float("inf")}]},
        {"name": "点", "sites": [SITE | {"cost": -1}]},
        {"name": "点", "sites": [SITE | {"cost": 10**400}]},
        {"name": "点", "sites": [SITE | {"cost": True}]},
        {"name": "点", "sites": [SITE | {"candidate": 3}]},
        {"name": "点", "sites": [SITE] * 51},
        {"name": "点", "sites": [SITE] * (MOST_PLACES + 1)},
        {"name": "关", "close": ["nobody"]},
        {"name": "关", "close": ["F1", "F1"]},
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_sentence(readers: Callable[[str], Reader], proposal: object) -> None:
    official = readers("official")
    answer = official.post(LIST, data=json.dumps(proposal), content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["message"]
    assert official.listed() == []


def test_no_more_are_kept_than_can_be_read_side_by_side(readers: Callable[[str], Reader]) -> None:
    official = readers("official")
    asked = sites(official, most=1)
    for number in range(MOST_KEPT):
        assert official.keep(name=f"第{number}", sites=asked).status_code == 200
    refused = official.keep(name="再一个", sites=asked)
    assert (refused.status_code, len(official.listed())) == (400, MOST_KEPT)
    assert "请先移出" in refused.get_json()["message"]


def test_strangers_and_forged_requests_keep_nothing(app: Flask, readers: Callable[[str], Reader]) -> None:
    official, client = readers("official"), app.test_client()
    asked = {"name": "偷存", "sites": sites(official)}
    forged = official.browser.post(LIST, json=asked)  # without the token
    assert (forged.status_code, "重新登录" in forged.get_json()["message"]) == (400, True)
    assert client.post(LIST, json=asked).status_code in {400, 404}
    assert client.get(LIST).status_code == 404
    assert official.listed() == []
