"""Drafts in a real database: done, undone, raced for and never lost."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import drafts
from gis_service.db.accounts import Account, Grant
from gis_service.db.cities import derived_work, load_city
from gis_service.db.engine import begin, engine, reading
from gis_service.errors import InputError, NotAllowedError, StaleDraftError, UnknownDraftError
from gis_service.plan.draft import draft_bytes
from gis_service.plan.operations import Assign, Lock, Rename
from gis_service.plan.rules import Rules
from gis_service.workflows import desk, merging
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_names import NOTHING, TODAY
from tests.workflows.town import EAST_CODE, WEST_CODE, write_town


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("desk")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("desk")) / "town"))
        partition_city(conn, "town", rules=Rules())
    yield made
    engine(made).dispose()


def planner(conn: Connection, login: str = "planner", region: str = "") -> Account:
    return stored_accounts.save_account(
        conn, login, title="规划岗", password_hash=None, grants=[Grant("planner", "town", region)]
    )


def opened(conn: Connection, origin: str = "proposal") -> OpenDraft:
    return desk.begin_draft(conn, "town", WEST_CODE, origin=origin, title="调整", rules=Rules(), account=None)


def a_move(draft: OpenDraft) -> Assign:
    """Return an operation that takes one unit from the first grid to the second."""
    first, second = sorted(draft.draft.grids)[:2]
    return Assign(((second, tuple(draft.draft.units_of(first)[:1])),))


def test_a_draft_begins_with_the_plan_it_is_made_of(conn: Connection) -> None:
    begun = opened(conn)
    assert begun.record.revision == 0
    assert sum(total.households for total in begun.draft.totals.values()) == 1000
    names = conn.scalars(
        text(
            "SELECT grid.name FROM grid JOIN region ON region.id = region_id WHERE region.code = :c ORDER BY grid.code"
        ),
        {"c": WEST_CODE},
    )
    assert [(grid.code, grid.was) for grid in begun.draft.grids.values()] == [(None, name) for name in names]


def test_a_draft_may_begin_with_nothing_and_not_with_grids_there_are_none_of(conn: Connection) -> None:
    begun = opened(conn, NOTHING)
    assert not begun.draft.grids
    assert (begun.draft.labels < 0).all()
    with pytest.raises(InputError, match="没有现有网格"):
        opened(conn, TODAY)


def test_done_undone_and_redone_the_stored_draft_is_the_one_at_hand(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    states = [draft_bytes(begun.draft)]
    number, move = begun.record.id, a_move(begun)
    for action, operation in (("do", move), ("undo", None), ("redo", None), ("do", Lock(0)), ("undo", None)):
        after = desk.act(
            conn,
            number,
            action,
            operation=operation,
            seen=len(states) - 1,
            account=account,
            reason="因为",  # type: ignore[arg-type]
        )
        states.append(draft_bytes(after.draft))
        desk._DRAFTS._values.clear()
        from_store = desk.open_draft(conn, number)
        assert draft_bytes(from_store.draft) == states[-1]
        assert from_store.record.revision == len(states) - 1
    assert states[0] == states[2]
    assert states[1] == states[3] == states[5]
    entries = desk.since(conn, number, -1)
    assert [entry.action for entry in entries] == ["begin", "do", "undo", "redo", "do", "undo"]
    assert [entry.digest for entry in entries][1] == entries[3].digest
    assert {entry.who for entry in entries[1:]} == {"planner · 规划岗"}
    assert {entry.reason for entry in entries[1:]} == {"因为"}
    for revision, state in enumerate(states):
        assert draft_bytes(desk.draft_at(conn, from_store, revision)) == state


def test_there_is_an_end_to_undoing_and_redoing(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    for action in ("undo", "redo"):
        with pytest.raises(InputError, match="没有可以"):
            desk.act(conn, begun.record.id, action, seen=0, account=account)  # type: ignore[arg-type]


def test_a_new_operation_ends_what_could_be_redone(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    number = begun.record.id
    desk.act(conn, number, "do", operation=a_move(begun), seen=0, account=account)
    desk.act(conn, number, "undo", seen=1, account=account)
    desk.act(conn, number, "do", operation=Rename(0, "东园"), seen=2, account=account)
    with pytest.raises(InputError, match="重做"):
        desk.act(conn, number, "redo", seen=3, account=account)


def test_whoever_saw_an_older_revision_changes_nothing(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    number = begun.record.id
    desk.act(conn, number, "do", operation=a_move(begun), seen=0, account=account)
    with pytest.raises(StaleDraftError) as stale:
        desk.act(conn, number, "do", operation=Lock(0), seen=0, account=account)
    assert stale.value.revision == 1
    assert [entry.action for entry in desk.since(conn, number, 0)] == ["do"]


def test_a_planner_of_another_community_and_a_reviewer_change_nothing(conn: Connection) -> None:
    begun = opened(conn)
    reviewer = stored_accounts.save_account(
        conn, "reviewer", title="审核岗", password_hash=None, grants=[Grant("reviewer", "town")]
    )
    for account in (planner(conn, "east", EAST_CODE), reviewer):
        with pytest.raises(NotAllowedError):
            desk.act(conn, begun.record.id, "do", operation=Lock(0), seen=0, account=account)
    west = planner(conn, "west", WEST_CODE)
    assert desk.act(conn, begun.record.id, "do", operation=Lock(0), seen=0, account=west).record.revision == 1


def test_who_is_no_planner_repeats_nothing_and_keeps_nothing_apart(conn: Connection) -> None:
    number = opened(conn).record.id
    for login, grant in (("east", Grant("planner", "town", EAST_CODE)), ("reviewer", Grant("reviewer", "town"))):
        account = stored_accounts.save_account(conn, login, title="岗", password_hash=None, grants=[grant])
        with pytest.raises(NotAllowedError):
            merging.repeat(conn, number, [Rename(0, "x")], seen=0, account=account)
        with pytest.raises(NotAllowedError):
            merging.keep_apart(conn, number, [Rename(0, "x")], seen=0, account=account, title="x")


def test_a_refused_operation_leaves_no_entry(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    with pytest.raises(InputError):
        desk.act(conn, begun.record.id, "do", operation=Lock(99), seen=0, account=account)
    assert desk.since(conn, begun.record.id, 0) == []


def test_work_on_an_old_revision_is_repeated_on_the_new_one_as_far_as_it_can_be(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    number = begun.record.id
    desk.act(conn, number, "do", operation=Lock(1), seen=0, account=account)
    mine = [Rename(0, "东园"), Rename(1, "西园")]
    rebased = merging.repeat(conn, number, mine, seen=0, account=account)
    assert [each.operation for each in rebased.repeated if each.why] == [mine[1]]
    now = desk.open_draft(conn, number)
    assert now.draft.grids[0].name == "东园"
    assert now.record.revision == 2


def test_work_on_an_old_revision_can_be_kept_as_a_draft_of_its_own(conn: Connection) -> None:
    begun, account = opened(conn), planner(conn)
    number = begun.record.id
    desk.act(conn, number, "do", operation=Rename(0, "东园"), seen=0, account=account)
    desk.act(conn, number, "do", operation=Lock(1), seen=1, account=account)
    kept = merging.keep_apart(conn, number, [Rename(1, "西园")], seen=1, account=account, title="我的修改")
    assert [kept.draft.grids[key].name for key in (0, 1)] == ["东园", "西园"]
    assert not kept.draft.grids[1].locked
    assert kept.record.id != number
    desk._DRAFTS._values.clear()
    assert draft_bytes(desk.open_draft(conn, kept.record.id).draft) == draft_bytes(kept.draft)


def test_what_does_not_exist_is_told(conn: Connection) -> None:
    with pytest.raises(UnknownDraftError):
        desk.open_draft(conn, 10**6)
    begun = opened(conn)
    with pytest.raises(InputError, match="没有第 9 版"):
        desk.draft_at(conn, begun, 9)


def test_drafts_count_as_work_that_an_import_would_destroy(conn: Connection) -> None:
    opened(conn)
    assert derived_work(conn, load_city(conn, "town"))["draft"] == 1


@pytest.mark.parametrize("statement", ["UPDATE journal SET who = 'x'", "DELETE FROM journal", "TRUNCATE journal"])
def test_the_journal_cannot_be_altered(conn: Connection, statement: str) -> None:
    opened(conn)
    with pytest.raises(ProgrammingError, match="never changed"):
        conn.execute(text(statement))


def test_the_journal_outlives_its_draft(conn: Connection) -> None:
    begun = opened(conn)
    conn.execute(text("DELETE FROM draft"))
    assert [entry.action for entry in desk.since(conn, begun.record.id, -1)] == ["begin"]


@pytest.mark.slow
def test_of_two_who_write_at_once_exactly_one_wins_two_hundred_times(settings: Settings) -> None:
    with begin(settings) as conn:
        account, begun = planner(conn, "racer"), opened(conn)
    number = begun.record.id
    for race in range(200):
        won: list[int] = []
        lost: list[int] = []
        gate = threading.Barrier(2)

        def run(runner: int, seen: int, won: list[int], lost: list[int], gate: threading.Barrier) -> None:
            gate.wait()
            try:
                with begin(settings) as conn:
                    desk.act(
                        conn, number, "do", operation=Rename(0, f"网格{seen}之{runner}"), seen=seen, account=account
                    )
                won.append(runner)
            except StaleDraftError:
                lost.append(runner)

        threads = [threading.Thread(target=run, args=(runner, race, won, lost, gate)) for runner in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(won), len(lost)) == (1, 1)
        with reading(settings) as conn:
            now = desk.open_draft(conn, number)
        assert now.record.revision == race + 1
        assert now.draft.grids[0].name == f"网格{race}之{won[0]}"
    with reading(settings) as conn:
        assert len(drafts.load_entries(conn, draft=number)) == 201
