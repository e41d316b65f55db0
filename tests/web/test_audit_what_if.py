"""What would help: scenarios tried on the page, told to nobody who may not know, and the best sites found by a job."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, reading
from gis_service.db.layers import load_edition
from gis_service.workflows import accounts
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from tests.web.signing_in import PASSWORD, entering, token_at

HOME = "999901002001"
GROUPS = {
    "auditor": [Grant("auditor", "town")],
    "of_home": [Grant("auditor", "town", HOME)],
    "planner_of_home": [Grant("planner", "town", HOME)],
}
GAINS = "/api/v1/cities/{city}/audit/what-if"
ROOMS = "id,name,lon,lat,cost,capacity\nr1,老年活动室,{0},20,\nr2,旧仓库,{1},5,900\n"


@pytest.fixture
def readers(app: Flask, cities_settings: Settings) -> Iterator[Callable[[str], FlaskClient]]:
    """Return a function from a login to a browser in which it is signed in."""
    with begin(cities_settings) as conn:
        for login, grants in GROUPS.items():
            accounts.add_account(conn, login, title=f"{login}岗", password=PASSWORD, grants=grants)

    yield entering(app)
    with begin(cities_settings) as conn:
        for table in ("job", "account", "sign_in_failure"):
            conn.execute(text(f"DELETE FROM {table}"))
        conn.execute(text("DELETE FROM siting_run WHERE software_version != '0'"))


def places(client: FlaskClient, city: str) -> list[list[float]]:
    """Return where the candidates of the newest siting run stand."""
    found = re.search(r'"candidates": (\[.*?\]), "communitiesUrl"', client.get(f"/audit/{city}/what-if").text)
    assert found is not None
    return [[float(lon), float(lat)] for lat, lon in re.findall(r'"lat": ([\d.]+), "lon": ([\d.]+)', found[1])]


def total(told: dict[str, list[dict[str, int]]], name: str) -> dict[str, int]:
    return next(row for row in told["coverage"] if row["measure"] == name)


def test_sites_tell_what_each_adds_beyond_those_before_it(client: FlaskClient) -> None:
    where = places(client, "mini")
    both = client.post(GAINS.format(city="mini"), json={"add": where[:2]}).get_json()
    households = total(both, "households")
    assert households["after"] - households["before"] == sum(site["households_gained"] for site in both["sites"])
    first = client.post(GAINS.format(city="mini"), json={"add": where[:1]}).get_json()
    assert both["sites"][0] == first["sites"][0]
    assert both["sites"][0]["households_gained"] > 0
    (street,) = (row for row in both["regions"] if row["level"] == "street")
    communities = [row for row in both["regions"] if row["level"] == "community"]
    gained = households["after"] - households["before"]
    assert street["households_gained"] == sum(row["households_gained"] for row in communities) == gained
    assert sum(place[2] for place in both["gained"]) == gained
    assert len(both["gained"]) == both["buildings_gained"]


def test_closing_the_only_station_loses_everybody_it_served(client: FlaskClient) -> None:
    now = total(client.post(GAINS.format(city="mini"), json={}).get_json(), "households")
    told = client.post(GAINS.format(city="mini"), json={"close": ["F1"]}).get_json()
    assert now["before"] == now["after"] > 0
    assert total(told, "households")["after"] < now["before"]
    assert {row["households_gained"] for row in told["regions"]} == {0}


def test_a_place_off_every_street_says_so(client: FlaskClient) -> None:
    lon, lat = places(client, "mini")[0]
    (site,) = client.post(GAINS.format(city="mini"), json={"add": [[lon + 0.08, lat]]}).get_json()["sites"]
    assert site == {"on_street": False, "households_gained": 0}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"add": [[1]]},
        {"add": [[0, 0]]},
        {"close": ["nobody"]},
        {"gaps": True},
        {"city": "town"},
        {"add": [["东", 1]]},
    ],
)
def test_what_cannot_be_understood_is_refused_in_one_sentence(client: FlaskClient, body: object) -> None:
    answer = client.post(GAINS.format(city="mini"), json=body)
    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_an_official_counts_the_people_of_her_regions_only(readers: Callable[[str], FlaskClient]) -> None:
    where = places(readers("auditor"), "town")
    everybody = readers("auditor").post(GAINS.format(city="town"), json={"add": where}).get_json()
    of_home = readers("of_home").post(GAINS.format(city="town"), json={"add": where}).get_json()
    assert total(of_home, "households")["total"] < total(everybody, "households")["total"]
    assert {row["code"] for row in of_home["regions"] if row["level"] == "community"} <= {HOME}
    assert of_home["buildings_gained"] < everybody["buildings_gained"]
    page = readers("of_home").get("/audit/town/what-if")
    assert "桥头空置用房" not in page.text  # it lies in a community of others
    assert "登录为全市范围的工作人员" in page.text


def test_nobody_else_is_told_anything(client: FlaskClient, readers: Callable[[str], FlaskClient]) -> None:
    for browser in (client, readers("planner_of_home")):
        assert browser.post(GAINS.format(city="town"), json={}).status_code == 404
        assert browser.get("/audit/town/what-if").status_code == 404


def ask(browser: FlaskClient, **fields: object) -> str:
    """Ask for sites in the form; return the page one is led to."""
    form = {"csrf_token": token_at(browser, "/audit/town/what-if"), "question": "count", "count": "1", "datum": "wgs84"}
    answer = browser.post("/audit/town/what-if", data=form | fields, content_type="multipart/form-data")
    assert answer.status_code == 302
    return str(answer.location)


def rooms(browser: FlaskClient) -> tuple[io.BytesIO, str]:
    where = [f"{lon},{lat}" for lon, lat in places(browser, "town")]
    return io.BytesIO(ROOMS.format(*where).encode("utf-8-sig")), "闲置房屋.csv"


def test_the_best_room_of_a_list_is_found_by_a_job(
    readers: Callable[[str], FlaskClient], cities_settings: Settings
) -> None:
    browser = readers("auditor")
    page = ask(browser, rooms=rooms(browser))
    number = re.search(r"job=(\d+)", page)
    assert number is not None
    assert f"/api/v1/jobs/{number[1]}" in browser.get(page).text
    do_one(cities_settings, WORKS, lambda fault: pytest.fail(str(fault)))
    state = browser.get(f"/api/v1/jobs/{number[1]}").get_json()
    assert (state["state"], state["fault"], state["result"]["sites"]) == ("done", None, 1)
    told = browser.get(f"/audit/town/what-if?run={state['result']['run']}").text
    assert "老年活动室" in told
    assert "旧仓库" in told
    assert "候选点 2 个，来自文件" in told
    with reading(cities_settings) as conn:
        shown = load_edition(conn, load_city(conn, "town")).siting_id
    assert shown not in {None, state["result"]["run"]}  # what somebody weighs on a page is not the map's


def test_a_list_that_is_at_fault_says_where(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    page = ask(browser, rooms=(io.BytesIO(b"id,lon,lat\nr1,120.2,abc\n"), "rooms.csv"))
    assert "job=" not in page
    assert "rooms.csv" in browser.get(page).text


def test_a_list_without_a_coordinate_system_is_mended_on_the_page(readers: Callable[[str], FlaskClient]) -> None:
    browser = readers("auditor")
    page = ask(browser, datum="", rooms=(io.BytesIO(b"id,lon,lat\nr1,120.2,27.3\n"), "rooms.csv"))
    told = browser.get(page).text
    assert "请在“清单坐标所用坐标系”一栏选择" in told
    assert "--candidates-crs" not in told


@pytest.mark.parametrize(
    "name", ["..", "../../etc/passwd", "a\x01b.csv", "房" * 300 + ".csv", "C:\\rooms.csv", "a.exe"]
)
def test_names_of_files_lead_nowhere(readers: Callable[[str], FlaskClient], name: str) -> None:
    browser = readers("auditor")
    page = ask(browser, rooms=(io.BytesIO(b"id,lon,lat\nr1,120.2,abc\n"), name))
    assert "job=" not in page
    assert "refusal" in browser.get(page).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"count": "0"}, "count 应为 1 到 50 的整数"),
        ({"question": "share", "percent": "120"}, "目标覆盖率应为"),
        ({"question": "share", "percent": "nan"}, "目标覆盖率应为"),
        ({"budget": "很多"}, "预算应为"),
        ({"rooms": (io.BytesIO(b""), "rooms.csv")}, "空文件"),
        ({"datum": "mars", "rooms": (io.BytesIO(b"id\n"), "r.csv")}, "请选择清单坐标所用的坐标系"),
    ],
)
def test_senseless_questions_are_refused(
    readers: Callable[[str], FlaskClient], fields: dict[str, object], words: str
) -> None:
    browser = readers("auditor")
    page = ask(browser, **fields)
    assert "job=" not in page
    assert words in browser.get(page).text


def test_only_staff_of_the_whole_city_may_ask(readers: Callable[[str], FlaskClient], client: FlaskClient) -> None:
    browser = readers("of_home")
    form = {"csrf_token": token_at(browser, "/audit/town/field"), "question": "count", "count": "1"}
    assert browser.post("/audit/town/what-if", data=form).status_code == 404
    stranger = {"csrf_token": token_at(client, "/account/sign-in"), "question": "count", "count": "1"}
    assert client.post("/audit/mini/what-if", data=stranger).status_code == 404


def test_papers_are_drawn_by_a_job_and_fetched_by_who_asked(
    readers: Callable[[str], FlaskClient], cities_settings: Settings
) -> None:
    browser, other = readers("of_home"), readers("auditor")
    number = browser.get("/api/v1/cities/town/audit").get_json()["snapshot"]
    page = browser.get("/audit/town").text
    found = re.search(r'"token": "([^"]+)"', page)
    assert found is not None
    answer = browser.post(f"/audit/town/export/{number}.csv", headers={"X-CSRFToken": found[1]})
    assert answer.status_code == 202
    do_one(cities_settings, WORKS, lambda fault: pytest.fail(str(fault)))
    state = browser.get(answer.headers["Location"]).get_json()
    assert state["state"] == "done"
    assert other.get(state["file"]).status_code == 404
    fetched = browser.get(state["file"])
    assert fetched.data == browser.get(f"/audit/town/export/{number}.csv").data
    assert "桥头社区" not in fetched.data.decode("utf-8-sig")


@pytest.mark.parametrize("rules", ['{"radius": 900}', '{"reach": {}, "count": 1}'], ids=["other rules", "few remarks"])
def test_a_run_stored_by_another_version_is_named_as_such(
    readers: Callable[[str], FlaskClient], cities_settings: Settings, rules: str
) -> None:
    with begin(cities_settings) as conn:
        run = conn.scalar(
            text(
                "INSERT INTO siting_run (city_id, rules, summary, given, input_hash, candidates_hash, data_date, "
                "software_version) SELECT id, CAST(:rules AS jsonb), '{}', true, '', '', data_date, '0.0.7' FROM city "
                "WHERE name = 'town' RETURNING id"
            ),
            {"rules": rules},
        )
    page = readers("auditor").get(f"/audit/town/what-if?run={run}")
    assert page.status_code == 200
    assert f"选址结果 {run}，由版本 0.0.7 存储" in page.text
    assert "请重新测算" in page.text
    assert readers("auditor").get("/audit/town/what-if").status_code == 200
