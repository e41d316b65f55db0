"""Long work over HTTP: who may ask for it, who sees it, and who fetches what came of it."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import jobs
from gis_service.db.accounts import Grant, Role
from gis_service.db.engine import begin, engine
from gis_service.plan.rules import Rules
from gis_service.web.api_description import description
from gis_service.workflows import accounts, desk
from gis_service.workflows.draft_exports import EXPORTS
from gis_service.workflows.import_city import import_city
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.partition_city import partition_city
from tests.web.signing_in import PASSWORD, Desk, at_desk_of
from tests.workflows.town import EAST_CODE, WEST_CODE, write_town

PROPOSALS = f"/planner/town/{WEST_CODE}/proposals"
PEOPLE: dict[str, tuple[Role, str]] = {
    "planner": ("planner", WEST_CODE),
    "second": ("planner", WEST_CODE),
    "east": ("planner", EAST_CODE),
    "auditor": ("auditor", ""),
}


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("planner_jobs")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("planner_jobs")) / "town"))
        partition_city(conn, "town", rules=Rules())
        for login, (role, region) in PEOPLE.items():
            accounts.add_account(conn, login, title="岗", password=PASSWORD, grants=[Grant(role, "town", region)])
    yield made
    engine(made).dispose()


@pytest.fixture(scope="module")
def number(settings: Settings) -> int:
    with begin(settings) as conn:
        begun = desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="调整", rules=Rules(), account=None)
    return begun.record.id


@pytest.fixture(scope="module")
def at_desk(settings: Settings) -> Callable[[str], Desk]:
    return at_desk_of(create_app(settings))


@pytest.fixture
def planner(at_desk: Callable[[str], Desk]) -> Desk:
    return at_desk("planner")


def work(settings: Settings) -> None:
    while do_one(settings, WORKS, print) is not None:
        pass


def as_described(state: Any) -> bool:
    told = description()
    schema = {"$ref": "#/components/schemas/JobState", "components": told["components"]}
    return not list(Draft202012Validator(schema).iter_errors(state))


def test_proposals_are_asked_for_waited_for_and_told(settings: Settings, planner: Desk) -> None:
    asked = planner.send(PROPOSALS, {"target": 350, "wish": "compactness"})
    assert asked.status_code == 202
    assert as_described(asked.json)
    assert asked.json["state"] == "waiting"
    address = asked.headers["Location"]
    work(settings)
    state = planner.client.get(address).get_json()
    assert as_described(state)
    assert (state["state"], state["fault"], state["file"]) == ("done", None, None)
    names = [each["name"] for each in state["result"]["proposals"]]
    assert names[0] == f"proposal-{state['id']}-compactness"


def test_a_form_asks_for_the_same(settings: Settings, planner: Desk) -> None:
    form = {"csrf_token": planner.token, "target": "", "wish": "lines", "start": "proposal", "keep_estates": "on"}
    asked = planner.client.post(PROPOSALS, data=form)
    assert asked.status_code == 202
    work(settings)
    state = planner.client.get(asked.headers["Location"]).get_json()
    assert state["result"]["proposals"][0]["households_moved"] == 0


def test_what_cannot_be_asked_for_is_refused_in_one_sentence(at_desk: Callable[[str], Desk], planner: Desk) -> None:
    for body, status, said in (
        ({"target": 501}, 400, "目标户数 501"),
        ({"start": "never"}, 404, "never"),
        ({"basis": "x"}, 400, "basis"),
        ([], 400, "JSON"),
    ):
        answer = planner.send(PROPOSALS, body)
        assert answer.status_code == status
        assert said in answer.json["message"]
    assert at_desk("east").send(PROPOSALS).status_code == 403
    assert at_desk("auditor").send(PROPOSALS).status_code == 403
    assert planner.client.post(PROPOSALS, json={}).status_code == 400, "without the page's token"


def test_a_job_is_seen_and_cancelled_by_its_owner_only(
    settings: Settings, at_desk: Callable[[str], Desk], planner: Desk
) -> None:
    address = planner.send(PROPOSALS).headers["Location"]
    other, stranger = at_desk("second"), Desk(create_app(settings).test_client())
    for somebody in (other, stranger):
        assert somebody.client.get(address).status_code == 404
        assert somebody.client.get(f"{address}/file").status_code == 404
    assert other.send(f"{address}/cancel").status_code == 404
    cancelled = planner.send(f"{address}/cancel")
    assert cancelled.json["state"] == "cancelled"
    assert as_described(cancelled.json)
    work(settings)
    assert planner.client.get(address).get_json()["state"] == "cancelled"


@pytest.mark.parametrize(
    ("what", "begins"),
    [("register", b"PK"), ("gpkg", b"SQLite"), ("geojson", b"{"), ("shapefile", b"PK")],
)
def test_quick_files_are_answered_at_once(planner: Desk, number: int, what: str, begins: bytes) -> None:
    answer = planner.client.get(f"/planner/drafts/{number}/export/{what}")
    assert answer.status_code == 200
    assert answer.data.startswith(begins)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_register_of_a_draft_has_its_grids(planner: Desk, number: int) -> None:
    answer = planner.client.get(f"/planner/drafts/{number}/export/register")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    rows = list(book["网格划分登记表"].iter_rows(min_row=5, values_only=True))
    codes = [row[0] for row in rows if isinstance(row[0], str) and row[0].startswith(WEST_CODE)]
    assert len(codes) == len(set(codes)) >= 2
    assert sum(row[5] for row in rows if row[0] in codes) == 1000


def test_papers_are_drawn_by_a_job_and_fetched_by_its_owner(
    settings: Settings, at_desk: Callable[[str], Desk], planner: Desk, number: int
) -> None:
    address = f"/planner/drafts/{number}/export/statement"
    refused = planner.client.get(address)
    assert refused.status_code == 400
    assert "后台任务" in refused.json["message"]
    asked = planner.send(address)
    assert asked.status_code == 202
    assert planner.client.get(f"{asked.headers['Location']}/file").status_code == 404, "not yet"
    work(settings)
    state = planner.client.get(asked.headers["Location"]).get_json()
    assert as_described(state)
    assert state["state"] == "done", state["fault"]
    file = planner.client.get(state["file"])
    assert (file.status_code, file.mimetype) == (200, "application/pdf")
    assert len(file.data) == state["result"]["bytes"]
    assert "%E5%88%92%E5%88%86%E8%AF%B4%E6%98%8E" in file.headers["Content-Disposition"]
    assert at_desk("second").client.get(state["file"]).status_code == 404


def test_files_are_for_those_with_a_role_in_the_community(
    settings: Settings, at_desk: Callable[[str], Desk], number: int
) -> None:
    address = f"/planner/drafts/{number}/export/register"
    assert at_desk("auditor").client.get(address).status_code == 200
    assert at_desk("east").client.get(address).status_code == 403
    assert Desk(create_app(settings).test_client()).client.get(address).status_code == 404


def test_what_there_is_not_is_not_exported(planner: Desk, number: int) -> None:
    assert planner.client.get(f"/planner/drafts/{number}/export/nothing").status_code == 400
    assert planner.client.get("/planner/drafts/999999/export/register").status_code == 404
    compared = planner.client.get(f"/planner/drafts/{number}/export/changes")
    assert compared.status_code == 400, "the proposal it began from was never in force"
    assert "首次划分" in compared.get_json()["message"]


@pytest.mark.parametrize("what", sorted(EXPORTS))
def test_a_plan_that_no_desk_made_is_taken_away_too(settings: Settings, planner: Desk, what: str) -> None:
    address = f"/planner/town/{WEST_CODE}/export/{what}?plan=proposal"
    if EXPORTS[what].long:
        asked = planner.client.post(address, headers={"X-CSRFToken": planner.token})
        assert asked.status_code == 202, asked.text
        with begin(settings) as conn:
            assert jobs.cancel_job(conn, asked.get_json()["id"])
    elif what == "changes":  # there is nothing older here
        assert planner.client.get(address).status_code == 400
    else:
        answer = planner.client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, EXPORTS[what].media_type)
    unknown = planner.client.get(f"/planner/town/{WEST_CODE}/export/{what}?plan=none")
    assert unknown.status_code == 404
    assert planner.client.get(f"/planner/town/{WEST_CODE}/export/{what}").status_code == 400
