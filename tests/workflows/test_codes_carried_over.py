"""Codes of the plan approved last stay with its land, whatever a draft began with."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db.accounts import Account, Grant, Role
from gis_service.db.engine import begin, engine
from gis_service.plan.final_codes import FinalGrids
from gis_service.plan.operations import Merge, Note, Rename
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.compare_plans import compare_versions
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.draft_papers import paper_of_draft
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.days import day_ahead
from tests.workflows.town import WEST_CODE, write_town

PAST = date(2026, 3, 1)
IN_FORCE_OR_PENDING = pytest.mark.parametrize(
    "first_day", [lambda: PAST, lambda: day_ahead(1)], ids=["in force", "pending"]
)


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("carried")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("carried")) / "town"))
        partition_city(conn, "town", rules=Rules())
    yield made
    engine(made).dispose()


def somebody(conn: Connection, role: Role) -> Account:
    found = stored_accounts.load_account_of(conn, role)
    return found or stored_accounts.save_account(
        conn, role, title="岗", password_hash=None, grants=[Grant(role, "town")]
    )


def opened(conn: Connection, origin: str = "proposal") -> OpenDraft:
    return desk.begin_draft(conn, "town", WEST_CODE, origin=origin, title="调整", rules=Rules(), account=None)


def approved(conn: Connection, draft: OpenDraft, effective: date) -> OpenDraft:
    number, planner = draft.record.id, somebody(conn, "planner")
    waiting = approval.submit(conn, number, seen=draft.record.revision, account=planner, reason="入住新小区")
    seen, reviewer = waiting.record.revision, somebody(conn, "reviewer")
    return approval.approve(conn, number, seen=seen, account=reviewer, reason="", effective=effective, backdated=True)


def land_of_codes(conn: Connection, draft: OpenDraft) -> dict[str, str]:
    query = text("SELECT code, ST_AsText(ST_Normalize(geometry)) AS land FROM grid WHERE plan_id = :plan ORDER BY code")
    return {row.code: row.land for row in conn.execute(query, {"plan": draft.record.plan_id})}


@IN_FORCE_OR_PENDING
def test_an_unchanged_plan_approved_for_a_later_day_changes_no_code_and_retires_none(
    conn: Connection, first_day: Callable[[], date]
) -> None:
    first = approved(conn, opened(conn), first_day())
    again = opened(conn, f"approved-{first.record.id}")
    assert approval.finished(conn, again).retired == ()
    second = approved(conn, again, day_ahead(2))
    assert len(land_of_codes(conn, first)) > 1
    assert land_of_codes(conn, second) == land_of_codes(conn, first)


@IN_FORCE_OR_PENDING
def test_of_two_drafts_of_one_proposal_the_later_goes_on_with_the_codes_of_the_sooner(
    conn: Connection, first_day: Callable[[], date]
) -> None:
    sooner, later = opened(conn), opened(conn)
    first = approved(conn, sooner, first_day())
    final = approval.finished(conn, later)
    assert final.retired == ()
    assert {descended.how for descended in final.lineage} == {"kept"}
    assert land_of_codes(conn, approved(conn, later, day_ahead(2))) == land_of_codes(conn, first)


def named(conn: Connection, draft: OpenDraft, name: str) -> OpenDraft:
    operation, planner = Rename(min(draft.draft.grids), name), somebody(conn, "planner")
    return desk.act(conn, draft.record.id, "do", operation=operation, seen=draft.record.revision, account=planner)


def names_of(final: FinalGrids) -> list[str]:
    return sorted(final.grids["name"])


def test_a_name_given_by_hand_goes_on_with_its_code_whenever_the_next_draft_was_begun(conn: Connection) -> None:
    sooner, before = opened(conn), opened(conn)
    first = approved(conn, named(conn, sooner, "幸福里网格"), PAST)
    names = names_of(approval.finished(conn, before))
    assert "幸福里网格" in names
    after = opened(conn)
    assert names_of(approval.finished(conn, after)) == names
    assert names_of(approval.finished(conn, opened(conn, f"approved-{first.record.id}"))) == names


def test_a_name_given_in_the_next_draft_goes_before_the_one_before(conn: Connection) -> None:
    sooner, later = opened(conn), opened(conn)
    approved(conn, named(conn, sooner, "幸福里网格"), PAST)
    assert "幸福里网格" not in names_of(approval.finished(conn, named(conn, later, "金滩网格")))
    assert "幸福里网格" not in names_of(approval.finished(conn, named(conn, opened(conn), "金滩网格")))


def test_a_name_that_the_draft_gives_another_grid_is_not_given_twice(conn: Connection) -> None:
    sooner, later = opened(conn), opened(conn)
    approved(conn, named(conn, sooner, "幸福里网格"), PAST)
    other = Rename(max(later.draft.grids), "幸福里网格")
    given = desk.act(
        conn, later.record.id, "do", operation=other, seen=later.record.revision, account=somebody(conn, "planner")
    )
    assert names_of(approval.finished(conn, given)).count("幸福里网格") == 1


def merged_to_one(conn: Connection, draft: OpenDraft) -> OpenDraft:
    keys, planner = sorted(draft.draft.grids), somebody(conn, "planner")
    operation = Merge(tuple(keys[1:]), keys[0])
    return desk.act(conn, draft.record.id, "do", operation=operation, seen=draft.record.revision, account=planner)


def test_grids_that_hold_half_of_an_approved_one_or_less_do_not_get_its_code(conn: Connection) -> None:
    sooner, later = opened(conn), opened(conn)
    before = land_of_codes(conn, approved(conn, sooner, PAST))
    final = approval.finished(conn, merged_to_one(conn, later))
    assert final.retired == tuple(before)
    assert set(final.codes.values()).isdisjoint(before)


def test_an_approved_plan_moves_nobody_of_the_proposal_it_began_with_by_other_codes(conn: Connection) -> None:
    """The code of the plan in force until then is never given again, so that those of the proposal shift by one."""
    whole = merged_to_one(conn, opened(conn))
    noted = desk.act(
        conn, whole.record.id, "do", operation=Note(min(whole.draft.grids), "试点"), seen=whole.record.revision,
        account=somebody(conn, "planner"),
    )  # fmt: skip
    approved(conn, noted, PAST)
    later = approved(conn, opened(conn), day_ahead(1))
    for version in (f"approved-{later.record.id}", f"draft:{later.record.id}"):
        told = compare_versions(conn, "town", WEST_CODE, "proposal", version)
        assert {grid.code for grid in told.old_grids} & {grid.code for grid in told.new_grids}
        assert (told.households_moved, len(told.moved)) == (0, 0)


def test_papers_of_a_draft_compare_with_the_pending_plan_that_it_would_replace(
    conn: Connection, settings: Settings
) -> None:
    first = approved(conn, opened(conn), day_ahead(1))
    before = paper_of_draft(conn, opened(conn), settings).before
    assert before is not None
    assert before.title == f"已批准方案（{day_ahead(1)} 起生效）"
    assert set(before.grids["code"]) == set(land_of_codes(conn, first))
    assert (before.retired, before.households_moved) == ((), 0)
    assert {row.kind for row in before.rows} == {"沿用"}
