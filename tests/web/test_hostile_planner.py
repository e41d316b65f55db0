"""Planners who try what they should not over HTTP: others' drafts, old revisions, roles they no longer have."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import jobs
from gis_service.db.accounts import Grant, Role
from gis_service.db.engine import begin, engine
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts, desk
from gis_service.workflows.draft_exports import do_export
from gis_service.workflows.import_city import import_city
from gis_service.workflows.jobs import MOST_OPEN
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.progress import silent
from tests.days import day_ahead
from tests.web.signing_in import PASSWORD, Desk, at_desk_of
from tests.web.test_desk_api import rename
from tests.workflows.town import EAST_CODE, WEST_CODE, write_town

PEOPLE: dict[str, tuple[tuple[Role, str], ...]] = {
    "planner": (("planner", WEST_CODE),),
    "both": (("planner", WEST_CODE), ("reviewer", WEST_CODE)),
    "reviewer": (("reviewer", WEST_CODE),),
    "east": (("planner", EAST_CODE), ("reviewer", EAST_CODE)),
}


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("hostile_planner")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("hostile_planner")) / "town"))
        partition_city(conn, "town", rules=Rules())
        for login, roles in PEOPLE.items():
            grants = [Grant(role, "town", region) for role, region in roles]
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=grants)
    yield made
    engine(made).dispose()


@pytest.fixture
def number(settings: Settings) -> Iterator[int]:
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="调整", rules=Rules(), account=None)
    yield begun.record.id
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM plan WHERE effective_from IS NOT NULL"))


@pytest.fixture
def at_desk(settings: Settings) -> Callable[[str], Desk]:
    return at_desk_of(create_app(settings))


def approval(ahead: int = 0) -> dict[str, str]:
    """Return what approves a plan for a day that many after today."""
    return {"effective": day_ahead(ahead).isoformat(), "reason": ""}


WRITES: dict[str, dict[str, Any]] = {
    "steps": rename(0, "他人"),
    "cut": {"line": [[0, 0], [1, 1]]},
    "split": {"line": [[0, 0], [1, 1]], "grid": 0},
    "tools/fix_grid": {"grids": [0]},
    "repeat": {"operations": [rename(0, "他人")["operation"]]},
    "repeat/trial": {"operations": [rename(0, "他人")["operation"]]},
    "keep": {"operations": [], "title": "我的"},
    "merge": {"other": 1, "revision": 0, "withdraw": True},
    "merge/trial": {"other": 1},
    "submit": {},
    "return": {"reason": "改"},
    "withdraw": {},
    "recall": {},
    "approve": {"effective": "2026-03-01", "reason": "", "backdated": True},
    "revoke": {"reason": "改"},
}


@pytest.mark.parametrize("address", WRITES)
def test_who_has_no_role_in_a_community_writes_nothing_and_learns_nothing(
    at_desk: Callable[[str], Desk], number: int, address: str
) -> None:
    east, planner = at_desk("east"), at_desk("planner")
    refused = east.post(f"{number}/{address}", WRITES[address])
    absent = east.post(f"999999/{address}", WRITES[address])
    assert refused.status_code == absent.status_code == 404
    assert refused.get_json() == absent.get_json()
    assert planner.get(str(number)).get_json()["revision"] == 0


@pytest.mark.parametrize("named", ["*", "0", 'W/"0"', '"0", "1"', '"-1"', '"1e0"', '"0"\x20"', ""])
def test_a_revision_is_named_exactly_or_nothing_is_written(
    at_desk: Callable[[str], Desk], number: int, named: str
) -> None:
    planner = at_desk("planner")
    headers = {"X-CSRFToken": planner.token, "If-Match": named}
    answer = planner.client.post(f"/api/v1/drafts/{number}/steps", json=rename(0, "x"), headers=headers)
    assert answer.status_code == 428
    assert planner.get(str(number)).get_json()["revision"] == 0


def test_a_request_that_is_sent_again_is_not_done_again(at_desk: Callable[[str], Desk], number: int) -> None:
    planner = at_desk("planner")
    lock = {"action": "do", "operation": {"kind": "lock", "grid": 0}}
    assert [planner.post(f"{number}/steps", lock).status_code for _ in range(3)] == [200, 412, 412]
    assert planner.post(f"{number}/submit", {}, seen=1).status_code == 200
    assert planner.post(f"{number}/submit", {}, seen=1).status_code == 412
    reviewer = at_desk("reviewer")
    assert reviewer.post(f"{number}/approve", approval(), seen=2).status_code == 200
    assert reviewer.post(f"{number}/approve", approval(), seen=2).status_code == 412
    again = reviewer.post(f"{number}/approve", approval(ahead=1), seen=3)
    assert (again.status_code, again.get_json()["refused"]) == (400, True)


def test_a_token_of_another_session_changes_nothing(at_desk: Callable[[str], Desk], number: int) -> None:
    planner, reviewer = at_desk("planner"), at_desk("reviewer")
    planner.token = reviewer.token
    assert planner.post(f"{number}/steps", rename(0, "x")).status_code == 400
    assert planner.get(str(number)).get_json()["revision"] == 0


def test_nobody_approves_alone_whatever_she_does_between(at_desk: Callable[[str], Desk], number: int) -> None:
    both, planner = at_desk("both"), at_desk("planner")
    assert both.post(f"{number}/submit", {}).status_code == 200
    assert both.post(f"{number}/approve", approval(), seen=1).status_code == 403
    assert both.post(f"{number}/return", {"reason": "再看"}, seen=1).status_code == 200
    assert both.post(f"{number}/submit", {}, seen=2).status_code == 200
    assert both.post(f"{number}/approve", approval(), seen=3).status_code == 403
    assert planner.post(f"{number}/approve", approval(), seen=3).status_code == 403
    assert at_desk("reviewer").post(f"{number}/approve", approval(), seen=3).status_code == 200


def test_a_role_that_ends_ends_in_the_middle_of_a_session(
    settings: Settings, at_desk: Callable[[str], Desk], number: int
) -> None:
    """Writes, reads, and the files that were made before: the session lasts, what it may do does not."""
    with begin(settings) as conn:
        accounts.add_account(
            conn, "leaver", title="岗", password=PASSWORD, grants=[Grant("planner", "town", WEST_CODE)]
        )
    leaver = at_desk("leaver")
    headers = {"X-CSRFToken": leaver.token}
    addresses = (
        f"/planner/drafts/{number}/export/statement",
        f"/planner/town/{WEST_CODE}/export/statement?plan=proposal",
    )
    asked = [leaver.client.post(address, headers=headers).get_json()["id"] for address in addresses]
    with begin(settings) as conn:
        for each in asked:
            job = jobs.load_job(conn, each)
            assert job is not None
            do_export(conn, job, silent)
    files = [f"/api/v1/jobs/{each}/file" for each in asked]
    assert [leaver.client.get(file).status_code for file in files] == [200, 200]
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM account_role USING account WHERE account_id = account.id AND login = 'leaver'"))
    assert leaver.post(f"{number}/steps", rename(0, "x")).status_code == 404
    assert leaver.get(str(number)).status_code == 404
    assert [leaver.client.get(file).status_code for file in files] == [404, 404]
    assert leaver.client.post(f"/planner/town/{WEST_CODE}/proposals", json={}, headers=headers).status_code == 403
    assert leaver.client.get(f"/planner/drafts/{number}/export/register").status_code == 403
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM account WHERE login = 'leaver'"))


def test_of_many_who_write_at_once_one_writes_and_the_others_are_told(
    at_desk: Callable[[str], Desk], number: int
) -> None:
    """Two planners and a reviewer's decision against them: every revision is one write, and none is lost."""
    people = [at_desk(login) for login in ("planner", "both", "planner", "both")]
    gate = threading.Barrier(len(people))
    told: list[int] = []

    def run(person: Desk, name: str) -> None:
        gate.wait()
        told.append(person.post(f"{number}/steps", rename(0, name)).status_code)

    threads = [threading.Thread(target=run, args=(person, f"片{at}")) for at, person in enumerate(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [200, 412, 412, 412]
    assert people[0].get(str(number)).get_json()["revision"] == 1


def test_a_draft_handed_in_while_somebody_paints_keeps_what_was_handed_in(
    at_desk: Callable[[str], Desk], number: int
) -> None:
    planner, both = at_desk("planner"), at_desk("both")
    assert planner.post(f"{number}/submit", {}).status_code == 200
    assert both.post(f"{number}/steps", rename(0, "x")).status_code == 412, "made on what was there before"
    refused = both.post(f"{number}/steps", rename(0, "x"), seen=1)
    assert (refused.status_code, refused.get_json()["refused"]) == (400, True)
    repeated = both.post(f"{number}/repeat", {"operations": [rename(0, "x")["operation"]]})
    assert (repeated.status_code, repeated.get_json()["refused"]) == (400, True)
    kept = both.post(f"{number}/keep", {"operations": [rename(0, "东园")["operation"]], "title": "我的"})
    assert kept.status_code == 200, "nobody's work is lost"
    assert kept.get_json()["grids"][0]["name"] == "东园"


@pytest.mark.parametrize("address", ["repeat", "keep"])
@pytest.mark.parametrize("seen", [1, 999_999_999])
def test_a_revision_that_never_was_is_none_to_go_on_from(
    at_desk: Callable[[str], Desk], number: int, address: str, seen: int
) -> None:
    refused = at_desk("planner").post(f"{number}/{address}", {"operations": []}, seen=seen)
    assert (refused.status_code, refused.get_json()["refused"]) == (400, True)


@pytest.mark.parametrize("number", ["0", "9223372036854775807", "99999999999999999999999", "1e3", "%2e%2e"])
def test_numbers_that_no_draft_has_are_not_there(at_desk: Callable[[str], Desk], number: str) -> None:
    planner = at_desk("planner")
    for address in (f"/api/v1/drafts/{number}", f"/api/v1/jobs/{number}", f"/planner/drafts/{number}"):
        assert planner.client.get(address).status_code == 404


def test_a_draft_that_another_plan_has_overtaken_says_so_to_planner_and_reviewer(
    settings: Settings, at_desk: Callable[[str], Desk], number: int
) -> None:
    """Approving it later would undo what the other changed; nobody does that without having been told."""

    def remarks(person: Desk, draft: int) -> list[str]:
        told = person.get(str(draft)).get_json()["findings"]
        return [each["text"] for each in told if each["kind"] == "plan_approved_since"]

    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="慢", rules=Rules(), account=None)
        slow = begun.record.id
    planner, reviewer = at_desk("planner"), at_desk("reviewer")
    assert planner.post(f"{slow}/steps", rename(0, "东园")).status_code == 200
    assert planner.post(f"{number}/submit", {}).status_code == 200
    assert remarks(planner, slow) == []
    assert reviewer.post(f"{number}/approve", approval(), seen=1).status_code == 200
    (told,) = remarks(planner, slow)
    assert f"批准方案（草案 {number}）已获批准（{office_today()} 起生效）" in told
    submitted = planner.post(f"{slow}/submit", {}, seen=1).get_json()
    assert submitted["complete"] is True
    assert remarks(reviewer, slow) == [told]
    later = approval(ahead=1)
    assert reviewer.post(f"{slow}/approve", later, seen=2).status_code == 200
    assert remarks(reviewer, slow) == remarks(reviewer, number) == [], "approved plans are what they are"


@pytest.mark.parametrize("address", ["cut", "split"])
def test_a_line_scribbled_all_over_a_community_is_refused_at_once(
    at_desk: Callable[[str], Desk], number: int, address: str
) -> None:
    planner = at_desk("planner")
    units = planner.get(f"{number}/land.geojson").get_json()["features"]
    places = [place for unit in units for place in unit["geometry"]["coordinates"][0]]
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*places, strict=True))
    line = [(west + (east - west) * at / 99, (south, north)[at % 2]) for at in range(100)]
    refused = planner.post(f"{number}/{address}", {"line": line, "grid": 0})
    assert (refused.status_code, refused.get_json()["refused"]) == (400, True)
    assert "请分几段画" in refused.get_json()["message"]
    assert planner.post(f"{number}/cut", {"line": [[1e300, 0], [0, 1e300]]}).status_code == 400


def test_one_planner_does_not_fill_the_queue_of_all(
    settings: Settings, at_desk: Callable[[str], Desk], number: int
) -> None:
    planner, both = at_desk("planner"), at_desk("both")
    proposals, paper = f"/planner/town/{WEST_CODE}/proposals", f"/planner/drafts/{number}/export/map_a3"
    token = {"X-CSRFToken": planner.token}
    asked = [planner.client.post(proposals, json={"seed": seed}, headers=token) for seed in range(MOST_OPEN)]
    assert {each.status_code for each in asked} == {202}
    for address in (proposals, paper):
        refused = planner.client.post(address, json={}, headers=token)
        assert refused.status_code == 400
        assert "取消" in refused.get_json()["message"]
    assert both.client.post(paper, headers={"X-CSRFToken": both.token}).status_code == 202
    first = asked[0].get_json()["id"]
    assert planner.client.post(f"/api/v1/jobs/{first}/cancel", headers=token).status_code == 200
    assert planner.client.post(paper, headers=token).status_code == 202
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM job"))


def test_an_approval_to_come_is_revoked_by_a_reviewer_and_by_nobody_else(
    at_desk: Callable[[str], Desk], number: int
) -> None:
    planner, reviewer = at_desk("planner"), at_desk("reviewer")
    assert planner.post(f"{number}/submit", {}).status_code == 200
    tomorrow = approval(ahead=1)
    assert reviewer.post(f"{number}/approve", tomorrow, seen=1).get_json()["may"]["revoke"] is True
    assert planner.get(str(number)).get_json()["may"]["revoke"] is False
    assert planner.post(f"{number}/revoke", {"reason": "年份写错"}, seen=2).status_code == 403
    assert reviewer.post(f"{number}/revoke", {"reason": "年份写错"}, seen=1).status_code == 412
    assert reviewer.post(f"{number}/revoke", {}, seen=2).status_code == 400
    page = reviewer.client.get(f"/planner/town/{WEST_CODE}").get_data(as_text=True)
    assert "撤销批准…" in page
    assert "撤销批准…" not in planner.client.get(f"/planner/town/{WEST_CODE}").get_data(as_text=True)
    token, reviewer.token = reviewer.token, "another"
    assert reviewer.post(f"{number}/revoke", {"reason": "年份写错"}, seen=2).status_code == 400
    reviewer.token = token
    revoked = reviewer.post(f"{number}/revoke", {"reason": "年份写错"}, seen=2).get_json()
    assert (revoked["state"], revoked["may"]["revoke"]) == ("withdrawn", False)
    told = reviewer.get(f"{number}/journal").get_json()["entries"][0]
    assert (told["title"], told["reason"]) == ("撤销批准", "年份写错")
    page = planner.client.get(f"/planner/town/{WEST_CODE}?plan=approved-{number}").get_data(as_text=True)
    assert "批准已撤销的方案" in page
    assert " · 已撤销</option>" in page


def test_a_draft_begun_after_a_plan_that_is_revoked_is_not_overtaken_by_the_one_before(
    at_desk: Callable[[str], Desk], settings: Settings, number: int
) -> None:
    planner, reviewer = at_desk("planner"), at_desk("reviewer")

    def begun() -> int:
        with begin(settings) as conn:
            return desk.begin_draft(
                conn, "town", WEST_CODE, origin="proposal", title="另一份", rules=Rules(), account=None
            ).record.id

    pending = begun()
    for each, ahead in ((number, 0), (pending, 1)):
        assert planner.post(f"{each}/submit", {}).status_code == 200
        assert reviewer.post(f"{each}/approve", approval(ahead), seen=1).status_code == 200
    later = begun()
    assert reviewer.post(f"{pending}/revoke", {"reason": "年份写错"}, seen=2).status_code == 200
    told = planner.get(str(later)).get_json()["findings"]
    assert [each for each in told if each["kind"] == "plan_approved_since"] == []


def test_a_day_before_any_plan_was_approved_is_not_called_a_community_without_grids(
    at_desk: Callable[[str], Desk], number: int
) -> None:
    client = at_desk("planner").client
    page = client.get(f"/planner/town/{WEST_CODE}?on=2001-01-01").get_data(as_text=True)
    assert "那一天没有批准过的方案在实施" in page
    assert "还没有划分网格" not in page
    assert "还没有方案" not in page


def test_who_submitted_a_draft_takes_it_back_to_go_on_and_nobody_else_does(
    at_desk: Callable[[str], Desk], number: int
) -> None:
    planner, both, reviewer = at_desk("planner"), at_desk("both"), at_desk("reviewer")
    assert planner.post(f"{number}/recall", {}).status_code == 400, "it is not submitted"
    assert planner.post(f"{number}/submit", {"reason": "入住"}).get_json()["may"]["recall"] is True
    assert both.get(str(number)).get_json()["may"]["recall"] is False
    assert [desk.post(f"{number}/recall", {}, seen=1).status_code for desk in (both, reviewer)] == [403, 403]
    back = planner.post(f"{number}/recall", {}, seen=1).get_json()
    assert (back["state"], back["may"]["edit"], back["may"]["recall"]) == ("draft", True, False)
    assert planner.get(f"{number}/journal").get_json()["entries"][0]["title"] == "撤回修改"
    assert reviewer.post(f"{number}/approve", approval(), seen=2).status_code == 400
    assert planner.post(f"{number}/steps", rename(0, "东园"), seen=2).status_code == 200
    assert planner.post(f"{number}/submit", {}, seen=3).status_code == 200
    assert reviewer.post(f"{number}/approve", approval(), seen=4).status_code == 200
    assert planner.post(f"{number}/recall", {}, seen=5).status_code == 400, "it is decided"
