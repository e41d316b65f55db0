"""Pages that set plans side by side: proposals of a job, and two versions."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import jobs
from gis_service.db.accounts import Grant, Role, load_account_of
from gis_service.db.engine import begin, engine
from gis_service.errors import InputError, Text
from gis_service.plan.operations import Merge
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts, approval, desk
from gis_service.workflows.import_city import import_city
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.partition_city import partition_city
from tests.web.signing_in import PASSWORD, entering, island_of, token_in
from tests.workflows.town import EAST_CODE, WEST_CODE, write_town

PEOPLE: dict[str, tuple[Role, str]] = {
    "planner": ("planner", WEST_CODE),
    "reviewer": ("reviewer", WEST_CODE),
    "east": ("planner", EAST_CODE),
}
WEST = f"/planner/town/{WEST_CODE}"


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("plan_pages")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("plan_pages")) / "town"))
        partition_city(conn, "town", rules=Rules())
        for login, (role, region) in PEOPLE.items():
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=[Grant(role, "town", region)])
    yield made
    engine(made).dispose()


@pytest.fixture(scope="module")
def draft(settings: Settings) -> int:
    """Return a draft in which the second grid has gone into the first."""
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="并格", rules=Rules(), account=None)
        planner = load_account_of(conn, "planner")
        assert planner is not None
        desk.act(conn, begun.record.id, "do", operation=Merge((1,), 0), seen=0, account=planner)
    return begun.record.id


@pytest.fixture(scope="module")
def enter(settings: Settings) -> Callable[[str], FlaskClient]:
    return entering(create_app(settings))


def cells(page: str, table: str) -> list[list[str]]:
    """Return the words of a table, row by row."""
    (body,) = re.findall(rf'<table[^>]*id="{table}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    return [
        [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def asked(client: FlaskClient) -> int:
    """Ask for proposals and return the number of the job."""
    form = {"csrf_token": token_in(client.get(WEST).text), "start": "nothing"}
    form |= {"keep_estates": "on", "follow_barriers": "on"}
    return int(client.post(f"{WEST}/proposals", data=form).get_json()["id"])


def approved(settings: Settings, effective: date) -> int:
    """Begin a draft with the proposal, put it in force and return its number."""
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="批", rules=Rules(), account=None)
        planner, reviewer = (load_account_of(conn, login) for login in ("planner", "reviewer"))
        assert planner is not None
        assert reviewer is not None
        number = begun.record.id
        approval.submit(conn, number, seen=0, account=planner, reason="")
        approval.approve(conn, number, seen=1, account=reviewer, reason="", effective=effective, backdated=True)
    return number


def test_two_versions_are_told_side_by_side(enter: Callable[[str], FlaskClient], draft: int) -> None:
    page = enter("planner").get(f"{WEST}/compare?old=proposal&new=draft:{draft}")
    assert page.status_code == 200
    changes = cells(page.text, "changes")
    moved = sum(int(row[3]) for row in changes if row[5] == "换网格")
    assert sum(int(row[3]) for row in changes) == 1000
    assert f"{moved} 户更换网格，占 1,000 户的 {moved / 1000:.1%}" in page.text
    assert {row[5] for row in changes} == {"沿用", "换网格"}
    told = island_of(page.text)
    old, new = ({each["properties"]["code"] for each in side["features"]} for side in told["versions"])
    assert len(new) == len(old) - 1
    assert {each["properties"]["old_code"][-3:] for each in told["moved"]["features"]} == {
        row[0][:3] for row in changes if row[5] == "换网格"
    }
    assert "停用编码" not in page.text, "codes that were never in force are not used up"
    assert page.text.count("东至") == 2, "the bounds of both are told"
    assert f'href="/planner/drafts/{draft}#export"' in page.text


def test_without_being_asked_a_draft_is_compared_with_what_is_shown(
    enter: Callable[[str], FlaskClient], draft: int
) -> None:
    page = enter("reviewer").get(f"{WEST}/compare").text
    chosen = re.findall(r'<option value="([^"]+)" selected>', page)
    assert chosen == ["proposal", f"draft:{draft}"]


def test_an_approved_draft_is_compared_with_what_it_took_the_place_of(
    settings: Settings, enter: Callable[[str], FlaskClient]
) -> None:
    numbers = [approved(settings, date(2026, month, 1)) for month in (3, 6)]
    pages = [enter("planner").get(f"{WEST}/compare?new=draft:{numbers[-1]}").text]
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM draft WHERE id = :id"), {"id": numbers[-1]})
        conn.execute(text("DELETE FROM plan WHERE effective_from = '2026-06-01'"))
    pages.append(enter("planner").get(f"{WEST}/compare?new=draft:{numbers[0]}").text)
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM draft WHERE id = :id"), {"id": numbers[0]})
        conn.execute(text("DELETE FROM plan WHERE effective_from IS NOT NULL"))
    olds = [re.findall(r'<option value="([^"]+)" selected>', page)[0] for page in pages]
    assert olds == [f"approved-{numbers[0]}", "proposal"]


def test_what_cannot_be_compared_is_said_in_one_sentence(enter: Callable[[str], FlaskClient], draft: int) -> None:
    for wrong, said in (("nobody", "nobody"), ("today", "没有现有网格"), ("draft:999", "999")):
        page = enter("planner").get(f"{WEST}/compare?old={wrong}&new=draft:{draft}")
        assert page.status_code == 400
        assert said in page.text.split('class="refusal"')[1].split("</p>")[0]
        assert "Traceback" not in page.text


def test_strangers_to_a_community_see_neither_page(enter: Callable[[str], FlaskClient]) -> None:
    number = asked(enter("planner"))
    for page in ("compare", f"proposals/{number}"):
        assert enter("east").get(f"{WEST}/{page}").status_code == 404
    assert enter("east").get(f"/planner/town/{EAST_CODE}/proposals/{number}").status_code == 404
    assert enter("planner").get(f"{WEST}/proposals/{number + 1000}").status_code == 404


def test_proposals_are_waited_for_and_taken_as_a_draft(settings: Settings, enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    number = asked(planner)
    waiting = planner.get(f"{WEST}/proposals/{number}").text
    assert "正在排队" in waiting
    assert island_of(waiting)["urls"] == {"job": f"/api/v1/jobs/{number}", "cancel": f"/api/v1/jobs/{number}/cancel"}
    assert enter("reviewer").get(f"{WEST}/proposals/{number}").status_code == 404, "not before there is something"
    while do_one(settings, WORKS, print) is not None:
        pass
    done = planner.get(f"{WEST}/proposals/{number}").text
    titles = re.findall(r'<h2 id="proposal-\d">([^<]+)</h2>', done)
    assert titles[0] == "边界沿道路、围墙、水系优先"
    assert done.count("计算时先顾") == sum(not title.endswith("优先") for title in titles)
    assert "户数离散：各网格户数的标准差与平均户数之比" in done
    assert "从头划分" in done, "in the words of the form that asked for it"
    assert "空白" not in done
    assert len(island_of(done)["versions"]) == len(titles)
    assert "尚未批准的方案“自动划分的方案”" in planner.get(WEST).text, "a mere proposal is nobody's plan of today"
    assert "采用为草案" not in enter("reviewer").get(f"{WEST}/proposals/{number}").text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', done)[:3])
    begun = planner.post(f"{WEST}/drafts", data=form)
    assert begun.status_code == 302
    state = planner.get(f"/api/v1/drafts/{begun.location.rsplit('/', 1)[1]}").get_json()
    assert state["title"] == titles[0]
    assert sum(grid["households"] for grid in state["grids"]) == 1000


def test_a_proposal_that_is_not_named_after_its_wish_tells_the_wish(
    settings: Settings, enter: Callable[[str], FlaskClient]
) -> None:
    planner = enter("planner")
    number = asked(planner)
    while do_one(settings, WORKS, print) is not None:
        pass
    with begin(settings) as conn:
        named = text(
            "UPDATE job SET result = jsonb_set(result, '{proposals,0,title,zh}', '\"方案一\"') WHERE id = :job"
        )
        conn.execute(named, {"job": number})
    page = planner.get(f"{WEST}/proposals/{number}").text
    assert "方案一</h2>" in page
    assert page.count("计算时先顾边界沿道路、围墙、水系") == 1


def test_a_cancelled_job_and_one_that_failed_say_so(settings: Settings, enter: Callable[[str], FlaskClient]) -> None:
    planner = enter("planner")
    number, other = asked(planner), asked(planner)
    with begin(settings) as conn:
        jobs.cancel_job(conn, number)
        failing = jobs.load_job(conn, other)
        assert failing is not None
    assert "已取消" in planner.get(f"{WEST}/proposals/{number}").text
    while do_one(settings, {"propose": _fail}, print) is not None:  # others may wait before it
        pass
    assert "做不到" in planner.get(f"{WEST}/proposals/{other}").text


def _fail(*_: object) -> dict[str, Any]:
    raise InputError(Text("做不到", "it cannot be done"))


def test_the_pages_speak_english(enter: Callable[[str], FlaskClient], draft: int) -> None:
    page = enter("planner").get(f"{WEST}/compare?old=proposal&new=draft:{draft}&lang=en").text
    visible = re.sub(r"<script.*?</script>|<select.*?</select>|<[^>]+>", " ", page, flags=re.DOTALL)
    names = r"小镇（合成数据）|合成街道|[东西]社区|第\d网格|中文|中路|并格|岗"
    assert not re.search("[一-鿿]", re.sub(names, "", visible))


def test_two_drafts_of_one_title_can_be_told_apart(
    settings: Settings, enter: Callable[[str], FlaskClient], draft: int
) -> None:
    with begin(settings) as conn:
        again = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="并格", rules=Rules(), account=None)
    page = enter("planner").get(f"{WEST}/compare?new=draft:{draft}").text
    for number in (draft, again.record.id):
        assert re.search(rf"“并格”（草案 {number}，20\d\d-\d\d-\d\d \d\d:\d\d）", page)
