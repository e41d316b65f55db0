"""Two at one draft, one community or one login at the same moment: the second waits and sees what the first did."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db.accounts import Account, Grant, Role
from gis_service.db.engine import begin, engine, reading
from gis_service.errors import GisServiceError, InputError, StaleDraftError
from gis_service.plan.operations import Rename
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts, approval, desk, merging
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import WEST_CODE, write_town

SPRING = date(2026, 3, 1)
PATIENCE_S = 60.0
PASSWORD = "seven-small-boats"  # noqa: S105 of a test
Deed = Callable[[Connection, int, int], object]
"""Something done to a draft of a number, by somebody who saw a revision of it."""


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("desk_at_once")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("desk_at_once")) / "town"))
        partition_city(conn, "town", rules=Rules())
        for role in ("planner", "reviewer"):
            stored_accounts.save_account(conn, role, title="岗", password_hash=None, grants=[Grant(role, "town")])
    yield made
    engine(made).dispose()


@pytest.fixture
def number(settings: Settings) -> Iterator[int]:
    with begin(settings) as conn:
        begun = opened(conn)
    yield begun.record.id
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM draft"))
        conn.execute(text("DELETE FROM plan WHERE effective_from IS NOT NULL"))


def opened(conn: Connection) -> OpenDraft:
    return desk.begin_draft(conn, "town", WEST_CODE, origin="proposal", title="调整", rules=Rules(), account=None)


def somebody(conn: Connection, role: Role) -> Account:
    account = stored_accounts.load_account_of(conn, role)
    assert account is not None
    return account


def renamed(grid: int, name: str) -> Deed:
    def do(conn: Connection, number: int, seen: int) -> object:
        account = somebody(conn, "planner")
        return desk.act(conn, number, "do", operation=Rename(grid, name), seen=seen, account=account)

    return do


def repeated(conn: Connection, number: int, seen: int) -> object:
    return merging.repeat(conn, number, [Rename(1, "西园")], seen=seen, account=somebody(conn, "planner"))


def submitted(conn: Connection, number: int, seen: int) -> object:
    return approval.submit(conn, number, seen=seen, account=somebody(conn, "planner"), reason="")


def withdrawn(conn: Connection, number: int, seen: int) -> object:
    return approval.withdraw(conn, number, seen=seen, account=somebody(conn, "planner"), reason="")


def sent_back(conn: Connection, number: int, seen: int) -> object:
    return approval.send_back(conn, number, seen=seen, account=somebody(conn, "reviewer"), reason="请修改")


def approved(conn: Connection, number: int, seen: int) -> object:
    reviewer = somebody(conn, "reviewer")
    return approval.approve(conn, number, seen=seen, account=reviewer, reason="", effective=SPRING, backdated=True)


def fault_of_second(
    settings: Settings, first: Callable[[Connection], object], second: Callable[[Connection], object]
) -> GisServiceError | None:
    """Do the second thing while the first is done and not yet committed; return why it was refused, if it was."""
    ended: list[GisServiceError | None] = []

    def run() -> None:
        try:
            with begin(settings) as conn:
                second(conn)
            ended.append(None)
        except GisServiceError as fault:
            ended.append(fault)

    thread = threading.Thread(target=run)
    with begin(settings) as conn:
        first(conn)
        thread.start()
        until = time.monotonic() + PATIENCE_S
        while thread.is_alive() and not somebody_waits(settings):
            assert time.monotonic() < until, "the second neither ends nor waits"
            time.sleep(0.02)
    thread.join()
    return ended[0]


def somebody_waits(settings: Settings) -> bool:
    held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with reading(settings) as conn:
        return bool(conn.scalar(text(held)))


@pytest.mark.parametrize("second", [renamed(1, "西园"), submitted, withdrawn])
def test_who_comes_while_another_changes_a_draft_is_told_and_changes_nothing(
    settings: Settings, number: int, second: Deed
) -> None:
    fault = fault_of_second(
        settings, lambda conn: renamed(0, "东园")(conn, number, 0), lambda conn: second(conn, number, 0)
    )
    assert isinstance(fault, StaleDraftError)
    with reading(settings) as conn:
        now = desk.open_draft(conn, number)
    assert (now.record.revision, now.record.state) == (1, "draft")
    assert now.draft.grids[0].name == "东园"


@pytest.mark.parametrize("second", [approved, sent_back, withdrawn])
def test_of_two_who_decide_at_once_the_second_is_told_and_decides_nothing(
    settings: Settings, number: int, second: Deed
) -> None:
    with begin(settings) as conn:
        submitted(conn, number, 0)
    fault = fault_of_second(settings, lambda conn: sent_back(conn, number, 1), lambda conn: second(conn, number, 1))
    assert isinstance(fault, StaleDraftError)
    with reading(settings) as conn:
        now = desk.open_draft(conn, number)
    assert (now.record.revision, now.record.state, now.record.plan_id) == (2, "draft", None)


def test_what_is_repeated_while_another_changes_the_draft_comes_on_top(settings: Settings, number: int) -> None:
    fault = fault_of_second(
        settings, lambda conn: renamed(0, "东园")(conn, number, 0), lambda conn: repeated(conn, number, 0)
    )
    assert fault is None
    with reading(settings) as conn:
        now = desk.open_draft(conn, number)
    assert now.record.revision == 2
    assert [now.draft.grids[key].name for key in (0, 1)] == ["东园", "西园"]


def test_two_drafts_of_a_community_are_approved_one_after_the_other(settings: Settings, number: int) -> None:
    with begin(settings) as conn:
        other = opened(conn).record.id
        for each in (number, other):
            submitted(conn, each, 0)
    fault = fault_of_second(settings, lambda conn: approved(conn, number, 1), lambda conn: approved(conn, other, 1))
    assert isinstance(fault, InputError)
    assert "须晚于" in fault.text.zh
    with reading(settings) as conn:
        assert desk.open_draft(conn, other).record.state == "submitted"


@pytest.mark.parametrize("decision", [submitted, withdrawn])
def test_whoever_saw_an_older_revision_decides_nothing_on_a_draft(
    settings: Settings, number: int, decision: Deed
) -> None:
    with begin(settings) as conn:
        renamed(0, "东园")(conn, number, 0)
    with pytest.raises(StaleDraftError), begin(settings) as conn:
        decision(conn, number, 0)


@pytest.mark.parametrize("decision", [approved, sent_back])
def test_whoever_saw_an_older_revision_decides_nothing_on_what_was_handed_in(
    settings: Settings, number: int, decision: Deed
) -> None:
    with begin(settings) as conn:
        submitted(conn, number, 0)
    with pytest.raises(StaleDraftError), begin(settings) as conn:
        decision(conn, number, 0)


def test_who_guesses_in_many_windows_at_once_has_no_more_guesses(settings: Settings) -> None:
    now, told = datetime.now(UTC), []
    with begin(settings) as conn:
        accounts.add_account(conn, "guessed", title="岗", password=PASSWORD, grants=[])
        for _ in range(accounts.FAILURES_ALLOWED - 1):
            stored_accounts.save_failure(conn, "guessed", now)
    fault_of_second(
        settings,
        lambda conn: accounts.sign_in(conn, "guessed", "not-this-one", now),
        lambda conn: told.append(accounts.sign_in(conn, "guessed", PASSWORD, now).refused),
    )
    assert told == [accounts.LOCKED]
