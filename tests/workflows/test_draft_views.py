"""What the desk's page is told of a draft beside its state: bridges, codes on approval, what was said last."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db.accounts import Account, Grant, Role
from gis_service.db.engine import begin, engine
from gis_service.plan.operations import Rename, Unassign
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.draft_views import codes_view, draft_view, land_view
from gis_service.workflows.import_city import import_city
from gis_service.workflows.moments import office_minute, office_today
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import WEST_CODE, write_town


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("draft_views")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("draft_views")) / "town"))
        partition_city(conn, "town", rules=Rules())
    yield made
    engine(made).dispose()


def somebody(conn: Connection, login: str, role: Role) -> Account:
    return stored_accounts.save_account(conn, login, title="岗", password_hash=None, grants=[Grant(role, "town", "")])


def begun(conn: Connection) -> desk.OpenDraft:
    return desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="调整", rules=Rules(), account=None)


def test_units_that_only_a_bridge_joins_are_told_apart_from_those_that_touch(conn: Connection) -> None:
    opened = begun(conn)
    borders = opened.draft.land.borders
    length_m = borders.length_m.copy()
    length_m[3] = 0.0
    apart = replace(opened.draft.land, borders=replace(borders, length_m=length_m))
    told = land_view(replace(opened, draft=replace(opened.draft, land=apart)))
    assert told["bridges"] == [[int(borders.left[3]), int(borders.right[3])]]
    assert len(told["borders"]) == len(borders.left) - 1
    assert land_view(opened)["bridges"] == []


def test_the_codes_told_beforehand_are_those_of_the_approved_plan(conn: Connection) -> None:
    planner, reviewer = somebody(conn, "planner", "planner"), somebody(conn, "reviewer", "reviewer")
    number = begun(conn).record.id
    opened = desk.act(conn, number, "do", operation=Rename(0, "东园"), seen=0, account=planner)
    told = codes_view(conn, opened)
    assert told[0] == {"key": 0, "code": f"{WEST_CODE}001", "name": "东园"}
    approval.submit(conn, number, seen=1, account=planner, reason="")
    approved = approval.approve(conn, number, seen=2, account=reviewer, reason="", effective=office_today())
    grids = draft_view(conn, approved, reviewer, "zh")["grids"]
    assert [{name: grid[name] for name in ("key", "code", "name")} for grid in grids if grid["units"]] == told
    assert codes_view(conn, approved) == []


def test_no_codes_are_told_while_a_unit_is_in_no_grid(conn: Connection) -> None:
    planner, opened = somebody(conn, "planner", "planner"), begun(conn)
    free = Unassign((str(opened.draft.land.code[0]),))
    after = desk.act(conn, opened.record.id, "do", operation=free, seen=0, account=planner)
    assert codes_view(conn, after) == []


def test_the_state_tells_what_was_said_when_a_draft_was_last_handed_in_or_sent_back(conn: Connection) -> None:
    planner, reviewer = somebody(conn, "planner", "planner"), somebody(conn, "reviewer", "reviewer")
    opened = begun(conn)
    number = opened.record.id

    def said(after: desk.OpenDraft) -> dict[str, str] | None:
        told: dict[str, str] | None = draft_view(conn, after, planner, "zh")["decision"]
        return told

    assert said(opened) is None
    handed_in = said(approval.submit(conn, number, seen=0, account=planner, reason="沿中路重划"))
    assert handed_in is not None
    assert (handed_in["action"], handed_in["reason"]) == ("submit", "沿中路重划")
    back = approval.send_back(conn, number, seen=1, account=reviewer, reason="请核对东界")
    remarks = said(back)
    assert remarks is not None
    assert (remarks["action"], remarks["reason"]) == ("return", "请核对东界")
    assert remarks["who"] == "reviewer · 岗"
    assert remarks["at"] == office_minute(back.record.changed_at)
    assert said(approval.submit(conn, number, seen=2, account=planner, reason="")) is None
