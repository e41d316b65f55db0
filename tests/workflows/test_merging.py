"""Work of one draft done on another: what goes over, what cannot, and that neither draft loses anything."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import drafts
from gis_service.db.accounts import Account, Grant
from gis_service.db.engine import begin, engine
from gis_service.errors import InputError, NotAllowedError, StaleDraftError
from gis_service.plan.draft import draft_bytes
from gis_service.plan.operations import Assign, Lock, NewGrid, Operation, Rename
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk, merging
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_names import NOTHING
from tests.workflows.town import EAST_CODE, WEST_CODE, write_town


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("merging")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("merging")) / "town"))
        partition_city(conn, "town", rules=Rules())
    yield made
    engine(made).dispose()


def planner(conn: Connection, login: str = "planner", region: str = "") -> Account:
    return stored_accounts.save_account(
        conn, login, title="规划岗", password_hash=None, grants=[Grant("planner", "town", region)]
    )


def begun(conn: Connection, origin: str = "proposal", community: str = WEST_CODE) -> int:
    return desk.begin_draft(conn, "town", community, origin=origin, title="调整", rules=Rules(), account=None).record.id


def done(conn: Connection, number: int, account: Account, *operations: Operation | str) -> None:
    """Do operations, ``undo`` and ``redo`` to a draft, each on its last revision."""
    for each in operations:
        seen = drafts.load_draft(conn, number).revision
        if isinstance(each, str):
            desk.act(conn, number, each, seen=seen, account=account)  # type: ignore[arg-type]
        else:
            desk.act(conn, number, "do", operation=each, seen=seen, account=account)


def merged(conn: Connection, into: int, other: int, account: Account, *, withdraw: bool = False) -> merging.Merging:
    """Merge a draft as it stands into another as it stands."""
    seen, other_seen = (drafts.load_draft(conn, number).revision for number in (into, other))
    _, found = merging.merge(
        conn, into, seen=seen, other=other, other_seen=other_seen, withdraw=withdraw, account=account
    )
    return found


def names(conn: Connection, number: int) -> list[str | None]:
    return [grid.name for grid in desk.open_draft(conn, number).draft.grids.values()]


def taken(conn: Connection, number: int, key: int) -> tuple[str, ...]:
    """Return the first unit of a grid of a draft."""
    return tuple(desk.open_draft(conn, number).draft.units_of(key)[:1])


def test_what_was_kept_apart_goes_back_into_the_draft_it_came_from(conn: Connection) -> None:
    account, number = planner(conn), begun(conn)
    done(conn, number, account, Rename(0, "东园"), Lock(1))
    mine = [Assign(((2, taken(conn, number, 0)),)), Rename(2, "南园")]
    kept = merging.keep_apart(conn, number, mine, seen=1, account=account, title="我的").record.id
    done(conn, number, account, NewGrid(desk.open_draft(conn, number).draft.next_key, "空片"))
    assert [(record.id, steps) for record, steps in merging.mergeable(conn, desk.open_draft(conn, number))] == [
        (kept, 2)
    ]
    found = merged(conn, number, kept, account, withdraw=True)
    assert [each.why for each in found.rebased.repeated] == [None, None]
    after = desk.open_draft(conn, number)
    assert after.draft.grids[0].name == "东园"
    assert after.draft.grids[1].locked
    assert mine[0].moves[0][1][0] in after.draft.units_of(2)  # type: ignore[union-attr]
    assert drafts.load_draft(conn, kept).state == "withdrawn"
    reasons = [entry.reason for entry in desk.since(conn, number, 3)]
    assert reasons == [f"并自草案 {kept}“我的”"] * 2
    assert desk.since(conn, kept, 3)[-1].reason == f"已并入草案 {number}“调整”"


def test_steps_of_the_draft_itself_that_it_has_undone_do_not_come_back_with_what_was_kept_apart(
    conn: Connection,
) -> None:
    account, number = planner(conn), begun(conn)
    done(conn, number, account, Rename(0, "东园"), Rename(1, "西园"))
    kept = merging.keep_apart(conn, number, [Rename(2, "南园")], seen=2, account=account, title="我的").record.id
    done(conn, number, account, "undo", "undo")
    before = names(conn, number)
    merged(conn, number, kept, account)
    assert names(conn, number) == [*before[:2], "南园", *before[3:]]


def test_what_the_draft_did_since_goes_into_the_one_that_was_kept_apart(conn: Connection) -> None:
    account, number = planner(conn), begun(conn)
    done(conn, number, account, Rename(0, "东园"))
    kept = merging.keep_apart(conn, number, [Rename(1, "西园")], seen=1, account=account, title="我的").record.id
    done(conn, number, account, Rename(2, "南园"), Rename(1, "北园"), "undo")
    merged(conn, kept, number, account)
    assert names(conn, kept)[:3] == ["东园", "西园", "南园"]
    assert drafts.load_draft(conn, number).state == "draft"


def test_drafts_that_began_alike_give_each_other_what_only_one_has(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    done(conn, one, account, Rename(0, "东园"))
    done(conn, other, account, Rename(0, "东园"), Rename(1, "西园"), Lock(2))
    found = merged(conn, one, other, account)
    assert [each.operation for each in found.rebased.repeated] == [Rename(1, "西园"), Lock(2)]
    assert draft_bytes(desk.open_draft(conn, one).draft) == draft_bytes(desk.open_draft(conn, other).draft)


def test_grids_that_both_have_made_stay_two(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    key = desk.open_draft(conn, one).draft.next_key
    unit_one, unit_other = taken(conn, one, 0), taken(conn, other, 1)
    done(conn, one, account, Assign(((key, unit_one),)), Rename(key, "甲片"))
    done(conn, other, account, Assign(((key, unit_other),)), Rename(key, "乙片"))
    merged(conn, one, other, account)
    draft = desk.open_draft(conn, one).draft
    assert [draft.grids[at].name for at in (key, key + 1)] == ["甲片", "乙片"]
    assert [draft.units_of(at) for at in (key, key + 1)] == [list(unit_one), list(unit_other)]


def test_what_was_merged_is_not_merged_again_and_what_follows_finds_its_grids(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    key = desk.open_draft(conn, one).draft.next_key
    done(conn, one, account, NewGrid(key, "甲片"))
    unit, later = taken(conn, other, 1), taken(conn, other, 0)
    done(conn, other, account, Assign(((key, unit),)))
    merged(conn, one, other, account)
    assert merging.mergeable(conn, desk.open_draft(conn, one)) == []
    with pytest.raises(InputError, match="没有尚未并入的改动"):
        merged(conn, one, other, account)
    done(conn, other, account, Rename(key, "乙片"), Assign(((key, later),)))
    assert len(merged(conn, one, other, account).rebased.repeated) == 2
    draft = desk.open_draft(conn, one).draft
    assert [draft.grids[at].name for at in (key, key + 1)] == ["甲片", "乙片"]
    assert draft.units_of(key + 1) == sorted([*unit, *later])


def test_merging_back_and_forth_brings_each_step_once(conn: Connection) -> None:
    account, number = planner(conn), begun(conn)
    key = desk.open_draft(conn, number).draft.next_key
    done(conn, number, account, Rename(0, "东园"))
    mine = [Assign(((key, taken(conn, number, 1)),)), Rename(key, "新格")]
    kept = merging.keep_apart(conn, number, mine, seen=1, account=account, title="我的").record.id
    done(conn, number, account, NewGrid(key, "空片"))
    merged(conn, number, kept, account)
    found = merged(conn, kept, number, account)
    assert [each.operation for each in found.rebased.repeated] == [NewGrid(key, "空片")]
    for into, of in ((number, kept), (kept, number)):
        with pytest.raises(InputError, match="没有尚未并入的改动"):
            merged(conn, into, of, account)
    assert sorted(filter(None, names(conn, number))) == sorted(filter(None, names(conn, kept)))


def test_a_merged_step_that_was_undone_can_be_merged_again(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    done(conn, other, account, Rename(1, "西园"))
    merged(conn, one, other, account)
    done(conn, one, account, "undo")
    merged(conn, one, other, account)
    assert names(conn, one)[1] == "西园"


def test_a_copied_step_that_was_undone_and_redone_is_no_work_of_its_own(conn: Connection) -> None:
    account, number = planner(conn), begun(conn)
    done(conn, number, account, NewGrid(desk.open_draft(conn, number).draft.next_key, "空片"))
    kept = merging.keep_apart(conn, number, [], seen=1, account=account, title="我的").record.id
    done(conn, kept, account, "undo", "redo", Rename(0, "东园"))
    found = merged(conn, number, kept, account)
    assert [each.operation for each in found.rebased.repeated] == [Rename(0, "东园")]


@pytest.mark.parametrize("way", ["repeated after a conflict", "merged"])
def test_a_grid_whose_making_was_undone_is_not_taken_for_another_that_got_its_key(conn: Connection, way: str) -> None:
    account, number = planner(conn), begun(conn)
    key = desk.open_draft(conn, number).draft.next_key
    done(conn, number, account, NewGrid(key, "甲片"))
    mine = [Assign(((key, taken(conn, number, 0)),)), Rename(1, "西园")]
    kept = merging.keep_apart(conn, number, mine, seen=1, account=account, title="我的").record.id
    done(conn, number, account, "undo", NewGrid(key, "别人的片"))
    if way == "merged":
        rebased = merged(conn, number, kept, account).rebased
    else:
        rebased = merging.repeat(conn, number, mine, seen=1, account=account)
    undone, renamed = (each.why for each in rebased.repeated)
    assert undone is not None
    assert "的新建已被撤销" in undone.zh
    assert renamed is None
    assert desk.open_draft(conn, number).draft.units_of(key) == []


def test_what_cannot_be_done_is_told_and_the_rest_is_done(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    done(conn, one, account, Lock(1))
    done(conn, other, account, Rename(1, "西园"), Rename(2, "南园"))
    assert [each.why is None for each in merged(conn, one, other, account).rebased.repeated] == [False, True]
    assert names(conn, one)[2] == "南园"
    assert names(conn, one)[1] != "西园"


def test_where_not_one_step_can_be_done_both_stay_as_they_are(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    done(conn, one, account, Lock(1))
    done(conn, other, account, Rename(1, "西园"))
    with pytest.raises(InputError, match="没有一步可以并入"):
        merged(conn, one, other, account, withdraw=True)
    assert drafts.load_draft(conn, other).state == "draft"
    assert drafts.load_draft(conn, one).revision == 1


def test_a_trial_stores_nothing(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    done(conn, other, account, Rename(1, "西园"))
    merging.merging(conn, desk.open_draft(conn, one), other)
    assert drafts.load_draft(conn, one).revision == 0


def test_only_what_belongs_together_is_merged(conn: Connection) -> None:
    account, number = planner(conn), begun(conn)
    apart = begun(conn, NOTHING)
    done(conn, apart, account, NewGrid(0, "东园"))
    with pytest.raises(InputError, match="不是从同一处开始"):
        merged(conn, number, apart, account)
    idle = begun(conn)
    with pytest.raises(InputError, match="没有尚未并入的改动"):
        merged(conn, number, idle, account)
    east = begun(conn, community=EAST_CODE)
    for stranger in (number, east, 10**30, -1):
        with pytest.raises(InputError, match="没有另一份编号为"):
            merging.merge(conn, number, seen=0, other=stranger, other_seen=0, withdraw=False, account=account)
    done(conn, idle, account, Lock(0))
    approval.withdraw(conn, idle, seen=1, account=account, reason="")
    with pytest.raises(InputError, match="已提交、批准或作废"):
        merged(conn, number, idle, account)
    assert merging.mergeable(conn, desk.open_draft(conn, number)) == []


def test_nothing_is_merged_unseen_or_by_those_who_may_not(conn: Connection) -> None:
    account, one, other = planner(conn), begun(conn), begun(conn)
    done(conn, other, account, Rename(1, "西园"), Rename(2, "南园"))
    with pytest.raises(InputError, match="刚被改到第 2 版"):
        merging.merge(conn, one, seen=0, other=other, other_seen=1, withdraw=True, account=account)
    done(conn, one, account, Lock(0))
    with pytest.raises(StaleDraftError):
        merging.merge(conn, one, seen=0, other=other, other_seen=2, withdraw=True, account=account)
    with pytest.raises(NotAllowedError):
        merged(conn, one, other, planner(conn, "east", EAST_CODE))
    assert drafts.load_draft(conn, other).state == "draft"
    assert drafts.load_draft(conn, one).revision == 1
