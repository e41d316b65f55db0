"""Signing in and out in the browser, and what a session may and may not do."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import accounts as stored
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin
from gis_service.web.account import own_address
from gis_service.workflows import accounts
from tests.web.signing_in import PASSWORD, token_at

SESSION = "gis_service_session"


@pytest.fixture
def people(cities_settings: Settings) -> Iterator[dict[str, stored.Account]]:
    """Return an administrator, a planner of the whole city town, and one of one street."""
    with begin(cities_settings) as conn:
        street = conn.execute(
            text(
                "SELECT region.code FROM region JOIN city ON city.id = region.city_id "
                "WHERE city.name = 'town' AND level = 'street' ORDER BY region.code LIMIT 1"
            )
        ).scalar_one()
        made = {
            login: accounts.add_account(conn, login, title=f"{login}岗", password=PASSWORD, grants=grants)
            for login, grants in {
                "boss": [Grant("administrator")],
                "planner": [Grant("planner", "town")],
                "street": [Grant("planner", "town", street)],
            }.items()
        }
    yield made
    with begin(cities_settings) as conn:
        for table in ("account", "sign_in_failure"):
            conn.execute(text(f"DELETE FROM {table}"))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser that keeps nothing of a request but cookies, so that two of them stay apart."""
    return app.test_client()


def enter(client: FlaskClient, login: str, password: str = PASSWORD, **more: str) -> int:
    form = {"csrf_token": token_at(client), "login": login, "password": password} | more
    return client.post("/account/sign-in", data=form).status_code


def test_a_planner_sees_the_grids_of_the_city_only_after_signing_in(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    assert client.get("/api/v1/cities/town/layers/grids.geojson").status_code == 404
    assert enter(client, "planner") == 302
    assert client.get("/api/v1/cities/town/layers/grids.geojson").status_code == 200
    assert "planner岗" in client.get("/").text


def test_whoever_plans_one_street_does_not_see_the_figures_of_the_whole_city(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    assert enter(client, "street") == 302
    assert client.get("/api/v1/cities/town/layers/grids.geojson").status_code == 404


def test_a_wrong_password_is_told_in_one_sentence_and_opens_nothing(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    answer = client.post(
        "/account/sign-in", data={"csrf_token": token_at(client), "login": "planner", "password": "no"}
    )
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text
    assert client.get("/account/").status_code == 302


def test_who_has_to_sign_in_first_is_told_so_in_their_language(client: FlaskClient) -> None:
    for address, words in (("/planner/", "请先登录，再打开这一页。"), ("/planner/?lang=en", "Sign in first")):
        page = client.get(address, follow_redirects=True).text
        assert words in page
        assert "Please log in" not in page


def test_signing_out_needs_the_token_and_ends_the_session(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    enter(client, "planner")
    assert client.post("/account/sign-out").status_code == 400
    assert client.get("/account/").status_code == 200
    assert client.post("/account/sign-out", data={"csrf_token": token_at(client, "/account/")}).status_code == 302
    assert client.get("/account/").status_code == 302


def test_every_write_without_the_token_is_refused(
    app: Flask, client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    enter(client, "boss")
    asks_nobody = {"api_nearest.nearest", "api_places.where", "locator.answer"}
    free = asks_nobody | {"api_what_if.what_if", "audit_scenarios.repeat", "audit_what_if.gains"}  # they change nothing
    writes = [
        rule
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"} and rule.endpoint not in free
    ]
    assert len(writes) >= 7
    for rule in writes:
        address = re.sub(r"<int:[^>]+>", "1", rule.rule)
        refused = client.post(address)
        said = (refused.get_json(silent=True) or {}).get("message", refused.text)
        assert refused.status_code == 400, rule.rule
        assert "登录可能已过期" in said, f"{rule.rule} was refused for another reason"


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    form = {"csrf_token": token_at(client), "login": "planner", "password": PASSWORD}
    header = client.post("/account/sign-in", data=form).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Secure" not in header


def test_over_tls_the_cookie_is_for_tls_only(client: FlaskClient, people: dict[str, stored.Account]) -> None:
    page = client.get("/account/sign-in", base_url="https://localhost")
    assert "Secure" in page.headers["Set-Cookie"]


def test_readers_who_never_sign_in_get_no_session(client: FlaskClient) -> None:
    for address in ("/", "/map/town"):
        assert SESSION not in client.get(address).headers.get("Set-Cookie", "")


def test_pages_and_layers_prolong_a_session_and_files_of_pages_do_not(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    enter(client, "planner")
    for address, prolongs in (
        ("/planner/", True),
        ("/api/v1/cities/town/layers/communities.geojson", True),
        ("/static/js/main.js", False),
    ):
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200
        assert (SESSION in answer.headers.get("Set-Cookie", "")) == prolongs, address


def test_a_session_ends_after_half_an_hour_without_a_request(
    app: Flask, client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    assert app.permanent_session_lifetime == timedelta(minutes=30)
    assert enter(client, "planner") == 302
    assert client.get("/account/").status_code == 200
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("end", ["block", "password"])
def test_a_block_or_a_new_password_ends_sessions_at_once(
    cities_settings: Settings, client: FlaskClient, people: dict[str, stored.Account], end: str
) -> None:
    enter(client, "planner")
    with begin(cities_settings) as conn:
        if end == "block":
            stored.save_active(conn, people["planner"].id, active=False)
        else:
            accounts.change_password(conn, people["planner"], "another-good-one")
    assert client.get("/account/").status_code == 302


def test_ten_failures_lock_and_an_administrator_unlocks(
    app: Flask, client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    for _ in range(10):
        assert enter(client, "planner", "wrong") == 401
    assert enter(client, "planner") == 401
    boss = app.test_client()
    enter(boss, "boss")
    form = {"csrf_token": token_at(boss, "/account/all/")}
    assert boss.post(f"/account/all/{people['planner'].id}/unlock", data=form).status_code == 302
    assert enter(client, "planner") == 302


def test_whoever_finds_a_session_open_has_no_more_guesses_at_the_password(
    client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    enter(client, "planner")
    form = {"csrf_token": token_at(client, "/account/"), "new": "nine-big-ships", "again": "nine-big-ships"}
    for _ in range(10):
        assert client.post("/account/password", data=form | {"old": "wrong"}).status_code == 400
    refused = client.post("/account/password", data=form | {"old": PASSWORD})
    assert refused.status_code == 400
    assert "锁定" in refused.text


def test_one_changes_ones_own_password_with_the_old_one(client: FlaskClient, people: dict[str, stored.Account]) -> None:
    enter(client, "planner")
    form = {"csrf_token": token_at(client, "/account/"), "new": "nine-big-ships", "again": "nine-big-ships"}
    assert client.post("/account/password", data=form | {"old": "wrong"}).status_code == 400
    assert client.post("/account/password", data=form | {"old": PASSWORD, "again": "other"}).status_code == 400
    assert client.post("/account/password", data=form | {"old": PASSWORD}).status_code == 302
    assert client.get("/account/").status_code == 302
    assert enter(client, "planner", "nine-big-ships") == 302


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        ("/map/town?plan=a", "/map/town?plan=a"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("map", "/"),
        (None, "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_service(app: Flask, wanted: str | None, where: str) -> None:
    with app.test_request_context():
        assert own_address(wanted) == where


def test_only_administrators_see_the_accounts(client: FlaskClient, people: dict[str, stored.Account]) -> None:
    assert client.get("/account/all/").status_code == 302
    enter(client, "planner")
    assert client.get("/account/all/").status_code == 404
    assert client.post("/account/all/", data={"csrf_token": token_at(client, "/account/")}).status_code == 404


def test_an_administrator_makes_an_account_that_can_sign_in(
    app: Flask, client: FlaskClient, people: dict[str, stored.Account]
) -> None:
    enter(client, "boss")
    form = {"csrf_token": token_at(client, "/account/all/"), "login": "new", "title": "<b>岗", "grants": "规划员@town"}
    page = client.post("/account/all/", data=form, follow_redirects=True).text
    password = re.search(r"初始密码：(\S+)", page)
    assert password is not None
    assert "<b>岗" not in page
    assert password[1] not in client.get("/account/all/").text, "shown twice"
    other = app.test_client()
    assert enter(other, "new", password[1]) == 302
    assert other.get("/api/v1/cities/town/layers/grids.geojson").status_code == 200


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"login": "planner", "title": "岗"}, "已经存在"),
        ({"login": "x y", "title": "岗"}, "不合格"),
        ({"login": "other", "title": " "}, "岗位"),
        ({"login": "other", "title": "岗", "grants": "king"}, "看不懂角色"),
        ({"login": "other", "title": "岗", "grants": "planner@town/1"}, "没有代码"),
        ({"login": "other", "title": "岗", "grants": "planner@nowhere"}, "nowhere"),
    ],
)
def test_a_wrong_form_makes_no_account_and_says_why(
    client: FlaskClient, people: dict[str, stored.Account], form: dict[str, str], told: str
) -> None:
    enter(client, "boss")
    answer = client.post("/account/all/", data={"csrf_token": token_at(client, "/account/all/")} | form)
    assert answer.status_code == 400
    assert told in answer.text
    assert "other" not in re.findall(r'<th scope="row">([^<]+)', answer.text)


def test_an_administrator_cannot_lock_herself_out(client: FlaskClient, people: dict[str, stored.Account]) -> None:
    enter(client, "boss")
    form = {"csrf_token": token_at(client, "/account/all/")}
    own = people["boss"].id
    assert client.post(f"/account/all/{own}/roles", data=form | {"grants": "planner"}).status_code == 400
    assert client.post(f"/account/all/{own}/active", data=form | {"active": "0"}).status_code == 400
    assert client.get("/account/all/").status_code == 200


def test_roles_are_replaced(cities_settings: Settings, client: FlaskClient, people: dict[str, stored.Account]) -> None:
    enter(client, "boss")
    form = {"csrf_token": token_at(client, "/account/all/"), "grants": "reviewer@town\nauditor"}
    assert client.post(f"/account/all/{people['street'].id}/roles", data=form).status_code == 302
    with begin(cities_settings) as conn:
        account = stored.load_account(conn, people["street"].id)
    assert account is not None
    assert account.grants == (Grant("auditor"), Grant("reviewer", "town"))


def test_a_proxy_is_believed_only_where_one_is_configured(
    make_app: Callable[[int], Flask], people: dict[str, stored.Account]
) -> None:
    for proxies, secure in ((0, False), (1, True)):
        page = make_app(proxies).test_client().get("/account/sign-in", headers={"X-Forwarded-Proto": "https"})
        assert ("Secure" in page.headers["Set-Cookie"]) == secure


@pytest.fixture
def make_app(cities_settings: Settings) -> Callable[[int], Flask]:
    return lambda proxies: create_app(Settings(database_url=cities_settings.database_url, proxies=proxies))
