"""The planner's pages: who sees which community, how a draft is begun, and what the desk's page carries."""

import html
import json
import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin, engine
from gis_service.plan.operation_records import KINDS
from gis_service.plan.rules import Rules
from gis_service.web import desk_words
from gis_service.workflows import accounts, desk
from gis_service.workflows.draft_views import ACTION_NAMES
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.web.mini_city import HOSTILE
from tests.web.signing_in import PASSWORD, entering, island_of, token_in
from tests.workflows.town import EAST_CODE, WEST_CODE, write_town

PEOPLE = {
    "planner": [Grant("planner", "town")],
    "west": [Grant("planner", "town", WEST_CODE)],
    "east": [Grant("planner", "town", EAST_CODE)],
    "reviewer": [Grant("reviewer", "town")],
    "newcomer": [],
}
DESK_CODE = Path(__file__).resolve().parents[2] / "gis_service" / "web" / "static" / "js" / "desk"
WEST = f"/planner/town/{WEST_CODE}"


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("planner")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("planner")) / "town"))
        partition_city(conn, "town", rules=Rules(households_max=480))
        for login, grants in PEOPLE.items():
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=grants)
    yield made
    engine(made).dispose()


@pytest.fixture
def enter(settings: Settings) -> Callable[[str], FlaskClient]:
    return entering(create_app(settings))


def begin_draft(client: FlaskClient, **form: str) -> str:
    """Begin a draft through the form and return the address of its desk."""
    page = client.get(WEST).text
    answer = client.post(f"{WEST}/drafts", data={"csrf_token": token_in(page), "title": "调整", **form})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def test_everybody_sees_the_communities_of_their_roles_and_no_other(enter: Callable[[str], FlaskClient]) -> None:
    seen = {login: re.findall(r"[东西]社区(?=</a>)", enter(login).get("/planner/").text) for login in PEOPLE}
    assert seen == {
        "planner": ["西社区", "东社区"],
        "reviewer": ["西社区", "东社区"],
        "west": ["西社区"],
        "east": ["东社区"],
        "newcomer": [],
    }
    assert enter("west").get(WEST).status_code == 200
    for login, community in (("west", EAST_CODE), ("newcomer", WEST_CODE), ("planner", "999901001009")):
        assert enter(login).get(f"/planner/town/{community}").status_code == 404
    assert "还没有任何社区的角色" in enter("newcomer").get("/planner/").text


def test_the_first_page_counts_grids_by_status_and_drafts(enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    assert "修改中" not in planner.get("/planner/").text
    begin_draft(planner, origin="proposal")
    page = planner.get("/planner/").text
    assert "合成街道" in page
    assert "正常 3" in page or "正常 2" in page
    assert "修改中 1" in page


def test_a_community_shows_both_tests_of_its_grids_and_what_a_draft_may_begin_with(
    enter: Callable[[str], FlaskClient],
) -> None:
    page = enter("planner").get(WEST).text
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    assert (
        sum(int(number) for number in re.findall(r'class="number">(\d+)</td><td>[^<]+</td>\s*<td class="n', table))
        == 1000
    )
    assert "符合" in table
    assert "300–480 户" in page
    assert options(page, "origin") == ["proposal", "upload", "nothing"]
    assert options(page, "start") == ["nothing", "proposal"]
    assert "自动划分的方案" in page
    english = enter("planner").get(f"{WEST}?lang=en").text
    assert not re.search(
        "[一-鿿]", re.sub(r"小镇（合成数据）|合成街道|[东西]社区|第\d网格|中文|调整|岗", "", _visible(english))
    )


def test_times_of_drafts_are_told_by_the_offices_clock(settings: Settings, enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    desk_address = begin_draft(planner, origin="proposal", title="钟")
    number = int(desk_address.rstrip("/").rsplit("/", 1)[1])
    with begin(settings) as conn:
        conn.execute(
            text("UPDATE draft SET changed_at = '2026-11-22T16:05:00Z' WHERE id = :number"), {"number": number}
        )
    assert "2026-11-23 00:05" in planner.get(WEST).text


def options(page: str, name: str) -> list[str]:
    """Return what can be chosen in a field of a page."""
    (field,) = re.findall(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', field)


def test_the_map_of_a_community_shows_the_grids_of_its_table(enter: Callable[[str], FlaskClient]) -> None:
    page = enter("planner").get(WEST).text
    listed = re.findall(r'<tr data-code="(\d+)">', page)
    drawn = island_of(page)["outlines"]
    assert [each["properties"]["code"] for each in drawn["features"]] == listed  # type: ignore[index]
    assert [each["properties"]["label"] for each in drawn["features"]] == [code[-3:] for code in listed]  # type: ignore[index]
    assert re.findall(r'"name": "(\w+)", "url"', page) == ["base", "buildings"]


def test_a_day_without_a_plan_in_force_shows_no_grids_and_says_so(enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    for asked, said in (
        ("on=2001-01-01", "2001-01-01 没有已批准的方案"),
        ("on=yesterday", "日期应写成"),
        ("plan=x", "没有这个方案"),
    ):
        page = planner.get(f"{WEST}?{asked}").text
        assert said in page
        assert ("<tr data-code=" in page) == (asked != "on=2001-01-01")
    assert "尚未批准的方案" in planner.get(f"{WEST}?plan=proposal").text


def test_a_draft_begins_with_a_file_of_grids(enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    outlines = json.dumps(island_of(planner.get(WEST).text)["outlines"]).encode()
    form = {"csrf_token": token_in(planner.get(WEST).text), "title": "外部方案", "origin": "upload", "datum": "wgs84"}
    begun = planner.post(f"{WEST}/drafts", data={**form, "file": (BytesIO(outlines), "grids.geojson")})
    assert begun.status_code == 302, begun.text
    state = planner.get(f"/api/v1/drafts/{begun.location.rsplit('/', 1)[1]}").get_json()
    assert sum(grid["households"] for grid in state["grids"]) == 1000
    refused = planner.post(f"{WEST}/drafts", data={**form, "file": (BytesIO(b""), "")})
    assert refused.status_code == 400
    assert "没有选择文件" in refused.text


def _visible(page: str) -> str:
    return re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)


def test_only_planners_begin_drafts_and_a_draft_needs_a_name(enter: Callable[[str], FlaskClient]) -> None:
    reviewer = enter("reviewer")
    assert "新建草案" not in reviewer.get(WEST).text
    form = {"csrf_token": token_in(enter_form(reviewer)), "title": "x", "origin": "proposal"}
    assert reviewer.post(f"{WEST}/drafts", data=form).status_code == 403
    planner = enter("planner")
    for wrong, status in (({"title": " "}, 400), ({"origin": "today"}, 400), ({"origin": "elsewhere"}, 404)):
        form = {"csrf_token": token_in(planner.get(WEST).text), "title": "y", "origin": "nothing", **wrong}
        refused = planner.post(f"{WEST}/drafts", data=form)
        assert refused.status_code == status
        assert ('class="refusal"' in refused.text) == (status == 400)


def enter_form(client: FlaskClient) -> str:
    return client.get("/account/").text


def test_a_draft_is_judged_by_the_rules_of_the_plan_it_begins_with(
    settings: Settings, enter: Callable[[str], FlaskClient]
) -> None:
    number = int(begin_draft(enter("planner"), origin="proposal").rsplit("/", 1)[1])
    with begin(settings) as conn:
        assert desk.open_draft(conn, number).rules.households_max == 480


def test_the_desk_is_for_those_with_a_role_there(enter: Callable[[str], FlaskClient]) -> None:
    address = begin_draft(enter("west"), origin="nothing")
    for login in ("west", "planner", "reviewer"):
        assert enter(login).get(address).status_code == 200
    assert enter("east").get(address).status_code == 404
    assert enter("planner").get("/planner/drafts/99999").status_code == 404


def test_the_desk_page_hands_over_addresses_and_words_and_draws_the_ground(enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    address = begin_draft(planner, origin="proposal")
    number = address.rsplit("/", 1)[1]
    page = planner.get(address).text
    assert f'"url": "/api/v1/drafts/{number}"' in page
    assert re.findall(r'fetchedLayer\(\w+, .*?"name": "(\w+)"', page, re.DOTALL) == ["base", "buildings"]
    told = island_of(page)
    assert told["who"] == "planner · 岗"
    written = planner.post(
        f"/api/v1/drafts/{number}/steps",
        json={"action": "do", "operation": {"kind": "lock", "grid": 0}},
        headers={"X-CSRFToken": str(told["token"]), "If-Match": '"0"'},
    )
    assert written.status_code == 200


def test_a_title_is_never_markup(settings: Settings, enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    for title in HOSTILE:
        page = planner.get(begin_draft(planner, origin="nothing", title=title[:80])).text
        assert html.escape(title[:80], quote=False) in page.replace("&#34;", '"').replace("&#39;", "'")
        assert "<" not in title or title[:80] not in page
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM draft"))


def test_nothing_the_desk_says_is_missing_in_either_language() -> None:
    chinese, english = desk_words.desk_texts("zh"), desk_words.desk_texts("en")
    assert chinese.keys() == english.keys()
    code = {file.name: file.read_text(encoding="utf-8") for file in DESK_CODE.glob("*.js")}
    said = {name for text in code.values() for name in re.findall(r'\bsay\(\s*"(\w+)"', text)}
    assert said <= set(chinese["say"])
    commands = re.findall(r'\{ name: "(\w+)", keys', code["commands.js"])
    assert set(commands) == set(chinese["command"])
    assert set(desk_words.OPERATION_NAMES) == set(KINDS)
    assert set(desk_words.DECISION_NAMES) <= set(ACTION_NAMES)
    assert not re.search("[一-鿿]", json.dumps(english, ensure_ascii=False))


def test_no_value_becomes_markup_in_the_desks_code() -> None:
    for file in DESK_CODE.glob("*.js"):
        code = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", code), (
            file
        )


def test_names_of_a_command_are_the_names_of_its_buttons(enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    page = planner.get(begin_draft(planner, origin="nothing")).text
    assert set(re.findall(r'data-command="(\w+)"', page)) <= set(desk_words.COMMAND_NAMES)
