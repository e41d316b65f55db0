"""From a draft to the plan in force: who may, when, with which codes, and what stays of the plan before."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.db import accounts as stored_accounts
from gis_service.db import plans
from gis_service.db.accounts import Account, Grant, Role
from gis_service.db.buildings import load_buildings
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, engine
from gis_service.errors import InputError, NotAllowedError
from gis_service.plan.final_codes import FinalGrids
from gis_service.plan.operations import Assign, Lock, Merge, Note, Rename, Unassign
from gis_service.plan.rules import Rules
from gis_service.workflows import approval, desk
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.desk_tools import cut_by_line
from gis_service.workflows.import_city import import_city
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.plan_names import NOTHING
from tests.workflows.town import CRS, EAST, NORTH, WEST_CODE, write_town

SPRING, SUMMER = date(2026, 3, 1), date(2026, 6, 1)


def farthest() -> date:
    """Return the last day that a plan may be approved for today."""
    return office_today() + approval.FARTHEST


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    made = make_database("approval")
    with begin(made) as conn:
        import_city(conn, write_town(Path(tmp_path_factory.mktemp("approval")) / "town"))
        partition_city(conn, "town", rules=Rules())
    yield made
    engine(made).dispose()


def somebody(conn: Connection, *roles: Role, login: str = "") -> Account:
    name = login or "-".join(roles)
    found = stored_accounts.load_account_of(conn, name)
    grants = [Grant(role, "town") for role in roles]
    return found or stored_accounts.save_account(conn, name, title="岗", password_hash=None, grants=grants)


def opened(conn: Connection, origin: str = "proposal") -> OpenDraft:
    return desk.begin_draft(conn, "town", WEST_CODE, origin=origin, title="调整", rules=Rules(), account=None)


def acted(conn: Connection, draft: OpenDraft, *operations: object) -> OpenDraft:
    for operation in operations:
        draft = desk.act(
            conn, draft.record.id, "do",
            operation=operation, seen=draft.record.revision, account=somebody(conn, "planner"),  # type: ignore[arg-type]
        )  # fmt: skip
    return draft


def submitted(conn: Connection, draft: OpenDraft, by: Account | None = None) -> OpenDraft:
    account = by or somebody(conn, "planner")
    return approval.submit(conn, draft.record.id, seen=draft.record.revision, account=account, reason="入住新小区")


def approved(conn: Connection, draft: OpenDraft, effective: date = SPRING) -> OpenDraft:
    draft = submitted(conn, draft)
    return approval.approve(
        conn,
        draft.record.id,
        seen=draft.record.revision,
        account=somebody(conn, "reviewer"),
        reason="",
        effective=effective,
        backdated=True,
    )


def plan_shown(conn: Connection, on: date | None = None) -> plans.PlanRecord:
    city = load_city(conn, "town")
    return next(record for record in plans.load_plans(conn, city, on=on) if record.community_code == WEST_CODE)


def codes(conn: Connection, plan: int) -> list[str]:
    return list(conn.scalars(text("SELECT code FROM grid WHERE plan_id = :plan ORDER BY code"), {"plan": plan}))


def test_an_approved_draft_is_the_plan_in_force_whatever_is_proposed_later(conn: Connection) -> None:
    done = approved(conn, opened(conn))
    shown = plan_shown(conn)
    assert (shown.id, shown.effective_from, shown.effective_to) == (done.record.plan_id, SPRING, None)
    assert codes(conn, shown.id) == [f"{WEST_CODE}{number:03d}" for number in range(1, len(done.draft.grids) + 1)]
    partition_city(conn, "town", rules=Rules(), plan="later")
    assert plan_shown(conn).id == shown.id
    view = conn.scalars(text("SELECT DISTINCT plan FROM api.grid WHERE community_code = :c"), {"c": WEST_CODE}).all()
    assert view == [shown.name]


def test_a_plan_ends_on_the_day_the_next_comes_into_force_and_past_days_keep_theirs(conn: Connection) -> None:
    first = approved(conn, opened(conn)).record.plan_id
    second = approved(conn, acted(conn, opened(conn, f"approved-{_number(conn, first)}"), Rename(0, "东园")), SUMMER)
    assert plan_shown(conn).id == second.record.plan_id
    assert plan_shown(conn, date(2026, 5, 31)).id == first
    assert plan_shown(conn, SUMMER).id == second.record.plan_id
    ended = conn.execute(text("SELECT effective_from, effective_to FROM plan WHERE id = :p"), {"p": first}).one()
    assert tuple(ended) == (SPRING, SUMMER)


def _number(conn: Connection, plan: int | None) -> int:
    return int(conn.execute(text("SELECT id FROM draft WHERE plan_id = :p"), {"p": plan}).scalar_one())


def test_a_plan_of_the_future_is_not_yet_in_force(conn: Connection) -> None:
    before = plan_shown(conn).id
    approved(conn, opened(conn), farthest())
    assert plan_shown(conn).id == before
    assert plan_shown(conn, farthest()).effective_from == farthest()


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_a_plan_comes_into_force_with_the_day_of_the_office_whatever_the_clock_of_the_session(
    conn: Connection, zone: str
) -> None:
    """In one of the two zones it is never the day it is in the office."""
    conn.execute(text("SELECT set_config('timezone', :zone, TRUE)"), {"zone": zone})
    shown = text("SELECT DISTINCT plan FROM api.grid WHERE community_code = :c")
    now = approved(conn, opened(conn), office_today())
    approved(conn, opened(conn), office_today() + timedelta(days=1))
    assert plan_shown(conn).id == now.record.plan_id
    assert conn.scalars(shown, {"c": WEST_CODE}).all() == [f"approved-{now.record.id}"]


def test_a_year_mistyped_does_not_keep_later_plans_from_coming_into_force(conn: Connection) -> None:
    with pytest.raises(InputError, match="请核对年份"):
        approved(conn, opened(conn), farthest() + timedelta(days=1))


def test_a_plan_cannot_come_into_force_on_or_before_the_day_of_the_last(conn: Connection) -> None:
    approved(conn, opened(conn))
    with pytest.raises(InputError, match="须晚于"):
        approved(conn, opened(conn), SPRING)


def test_an_approved_plan_is_frozen(conn: Connection) -> None:
    done = approved(conn, opened(conn))
    planner = somebody(conn, "planner")
    with pytest.raises(InputError, match="已批准"):
        desk.act(conn, done.record.id, "do", operation=Rename(0, "x"), seen=done.record.revision, account=planner)
    shown = plan_shown(conn)
    with pytest.raises(InputError, match="留给工作台"):
        partition_city(conn, "town", rules=Rules(), communities=[WEST_CODE], plan=shown.name)
    city = load_city(conn, "town")
    with pytest.raises(InputError, match="不能覆盖"):
        plans.save_plan(
            conn, city, WEST_CODE, name=shown.name, rules=shown.rules, findings={}, account={}, seed=1,
            software_version="0", labels=np.zeros(0, np.int64), grids=plans.load_grids(conn, city, [shown]),
        )  # fmt: skip


def test_codes_in_force_stay_new_ones_follow_and_none_is_given_twice(conn: Connection) -> None:
    first = approved(conn, opened(conn))
    grids = sorted(first.draft.grids)
    gone, heir = grids[-1], grids[0]
    last_code = codes(conn, first.record.plan_id or 0)[-1]
    again = opened(conn, f"approved-{first.record.id}")
    merged = acted(conn, again, Assign(((heir, tuple(again.draft.units_of(gone))),)), Note(heir, "集体宿舍"))
    second = approved(conn, merged, SUMMER)
    assert last_code not in codes(conn, second.record.plan_id or 0)
    third = opened(conn, f"approved-{second.record.id}")
    fresh = third.draft.next_key
    units = third.draft.units_of(heir)
    split = acted(
        conn, third, Assign(((fresh, tuple(units[: len(units) // 2])),)), *[Note(key, "试") for key in (heir, fresh)]
    )
    fourth = approved(conn, split, date(2026, 9, 1))
    new = sorted(set(codes(conn, fourth.record.plan_id or 0)) - set(codes(conn, second.record.plan_id or 0)))
    assert new == [f"{WEST_CODE}{int(last_code[-3:]) + 1:03d}"]


def test_who_was_merged_into_whom_is_told_although_the_code_is_no_more(conn: Connection) -> None:
    first = approved(conn, opened(conn))
    again = opened(conn, f"approved-{first.record.id}")
    heir, gone = min(again.draft.grids), max(again.draft.grids)
    code, households = again.draft.grids[gone].code, again.draft.totals[gone].households
    approved(conn, acted(conn, again, Merge((gone,), heir), Note(heir, "合并")), SUMMER)
    told = [each for each in plan_shown(conn).account["lineage"] if each["old"] == code]
    assert [(each["new"], each["how"], each["households"]) for each in told] == [
        (again.draft.grids[heir].code, "merged_into", households)
    ]


def test_a_draft_shows_no_code_that_it_could_not_keep(conn: Connection) -> None:
    of_proposal = opened(conn)
    assert [(grid.code, grid.name) for grid in of_proposal.draft.grids.values()] == [(None, None)] * len(
        of_proposal.draft.grids
    )
    assert of_proposal.draft.grids[0].title.zh == "暂编网格“第1网格”"
    done = approved(conn, of_proposal)
    in_force = codes(conn, done.record.plan_id or 0)
    begun = opened(conn, f"approved-{done.record.id}")
    assert [grid.code for grid in begun.draft.grids.values()] == in_force
    assert approval.finished(conn, begun).grids["code"].tolist() == in_force
    assert {grid.code for grid in opened(conn).draft.grids.values()} <= {*in_force, None}


def test_locks_and_notes_of_an_approved_plan_are_where_the_next_draft_begins(conn: Connection) -> None:
    begun = opened(conn)
    first, second = sorted(begun.draft.grids)[:2]
    done = approved(conn, acted(conn, begun, Note(second, "老街坊"), Lock(first)))
    assert plan_shown(conn).account["locked"] == codes(conn, done.record.plan_id or 0)[:1]
    again = opened(conn, f"approved-{done.record.id}")
    assert [grid.locked for grid in again.draft.grids.values()] == [key == first for key in again.draft.grids]
    assert {key: grid.note for key, grid in again.draft.grids.items() if grid.note} == {second: "老街坊"}
    with pytest.raises(InputError, match="已锁定"):
        acted(conn, again, Rename(first, "东园"))


def test_codes_of_a_mere_proposal_are_given_anew(conn: Connection) -> None:
    approved(conn, opened(conn))
    in_force = codes(conn, plan_shown(conn).id)
    begun = opened(conn, NOTHING)
    keys = dict.fromkeys(begun.draft.land.code.tolist(), 0)
    done = acted(conn, begun, Assign(((0, tuple(keys)),)), Note(0, "合为一格"))
    second = approved(conn, done, SUMMER)
    assert set(codes(conn, second.record.plan_id or 0)).isdisjoint(in_force)


def test_an_incomplete_draft_is_not_submitted_and_the_reason_is_told(conn: Connection) -> None:
    begun = opened(conn)
    free = acted(conn, begun, Unassign(tuple(begun.draft.units_of(0)[:1])))
    with pytest.raises(InputError, match="没有划入任何网格"):
        submitted(conn, free)


def test_a_broken_size_needs_a_note(conn: Connection) -> None:
    begun = opened(conn)
    first, second = sorted(begun.draft.grids)[:2]
    merged = acted(conn, begun, Assign(((first, tuple(begun.draft.units_of(second))),)))
    with pytest.raises(InputError, match="备注"):
        submitted(conn, merged)
    assert submitted(conn, acted(conn, merged, Note(first, "城中村改造，暂不拆分"))).record.state == "submitted"


def test_a_submitted_draft_waits_and_can_be_sent_back_with_remarks(conn: Connection) -> None:
    waiting = submitted(conn, opened(conn))
    planner, reviewer = somebody(conn, "planner"), somebody(conn, "reviewer")
    seen = waiting.record.revision
    with pytest.raises(InputError, match="已提交"):
        desk.act(conn, waiting.record.id, "do", operation=Rename(0, "x"), seen=seen, account=planner)
    with pytest.raises(InputError, match="修改意见"):
        approval.send_back(conn, waiting.record.id, seen=seen, account=reviewer, reason=" ")
    back = approval.send_back(conn, waiting.record.id, seen=seen, account=reviewer, reason="沿河走")
    assert back.record.state == "draft"
    assert acted(conn, back, Rename(0, "西园")).draft.grids[0].name == "西园"


def test_nobody_approves_what_she_submitted_and_planners_approve_nothing(conn: Connection) -> None:
    both = somebody(conn, "planner", "reviewer")
    waiting = submitted(conn, opened(conn), by=both)
    for account in (both, somebody(conn, "planner")):
        with pytest.raises(NotAllowedError):
            approval.approve(
                conn,
                waiting.record.id,
                seen=waiting.record.revision,
                account=account,
                reason="",
                effective=SPRING,
                backdated=True,
            )


def test_a_new_post_does_not_let_anybody_approve_what_she_submitted(conn: Connection) -> None:
    both = somebody(conn, "planner", "reviewer")
    draft = submitted(conn, opened(conn), by=both)
    renamed = replace(both, title="新岗位")
    with pytest.raises(NotAllowedError, match="不能审核自己"):
        approval.approve(
            conn,
            draft.record.id,
            seen=draft.record.revision,
            account=renamed,
            reason="",
            effective=SPRING,
            backdated=True,
        )


def test_who_submitted_last_does_not_approve_whoever_submitted_before(conn: Connection) -> None:
    reviewer, both = somebody(conn, "reviewer"), somebody(conn, "planner", "reviewer")
    draft = submitted(conn, opened(conn))
    draft = approval.send_back(conn, draft.record.id, seen=1, account=reviewer, reason="请修改")
    draft = submitted(conn, draft, by=both)
    with pytest.raises(NotAllowedError, match="不能审核自己"):
        approval.approve(conn, draft.record.id, seen=3, account=both, reason="", effective=SPRING, backdated=True)


def test_of_two_who_approve_at_once_the_second_sees_what_the_first_put_in_force(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two drafts of one community, ready for the same day: one comes into force, the other is told why it does not.

    Both would give codes at the same moment, if the second were let so far before the first has ended.
    """
    with begin(settings) as conn:
        reviewer = somebody(conn, "reviewer")
        drafts = [submitted(conn, opened(conn)) for _ in range(2)]
    gate, told = threading.Barrier(2), []
    finished = approval.finished

    def together(*arguments: Any) -> FinalGrids:
        with suppress(threading.BrokenBarrierError):
            gate.wait(timeout=3)
        return finished(*arguments)

    monkeypatch.setattr(approval, "finished", together)

    def run(draft: OpenDraft) -> None:
        try:
            with begin(settings) as conn:
                approval.approve(
                    conn, draft.record.id, seen=1, account=reviewer, reason="", effective=SPRING, backdated=True
                )
            told.append("")
        except InputError as fault:
            told.append(fault.text.zh)

    threads = [threading.Thread(target=run, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with begin(settings) as conn:
        conn.execute(text("DELETE FROM draft"))
        conn.execute(text("DELETE FROM plan WHERE effective_from IS NOT NULL"))
        conn.execute(text("DELETE FROM account"))
    assert min(told) == ""
    assert "须晚于" in max(told)


def test_only_what_is_submitted_is_approved_or_sent_back(conn: Connection) -> None:
    begun, reviewer = opened(conn), somebody(conn, "reviewer")
    with pytest.raises(InputError, match="还没有提交"):
        approval.approve(conn, begun.record.id, seen=0, account=reviewer, reason="", effective=SPRING, backdated=True)
    with pytest.raises(InputError, match="还没有提交"):
        approval.send_back(conn, begun.record.id, seen=0, account=reviewer, reason="x")


def test_a_draft_can_be_withdrawn_once(conn: Connection) -> None:
    begun, planner = opened(conn), somebody(conn, "planner")
    gone = approval.withdraw(conn, begun.record.id, seen=0, account=planner, reason="重来")
    assert gone.record.state == "withdrawn"
    with pytest.raises(InputError, match="作废"):
        approval.withdraw(conn, begun.record.id, seen=1, account=planner, reason="重来")


def test_units_that_a_draft_cut_are_stored_with_their_buildings_and_tile_the_community(conn: Connection) -> None:
    city = load_city(conn, "town")
    begun = opened(conn)
    buildings = load_buildings(conn, city, WEST_CODE)
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    line = [to_degrees.transform(EAST + x, NORTH + y) for x, y in ((-10, 307), (610, 293))]
    cut = acted(conn, begun, cut_by_line(conn, begun, line).operation)
    assert len(cut.draft.land) > len(begun.draft.land)
    done = approved(conn, acted(conn, cut, *[Note(key, "试") for key in cut.draft.grids]))
    assigned = plans.load_assignment(conn, city, [plan_shown(conn)])
    assert len(assigned.units) == len(cut.draft.land)
    assert sorted(assigned.buildings["building_id"]) == sorted(buildings["id"])
    assert assigned.units["households"].sum() == 1000
    assert shapely.coverage_is_valid(assigned.units.geometry.to_numpy())
    again = opened(conn, f"approved-{done.record.id}")
    assert again.draft.land.polygon.tolist() == cut.draft.land.polygon.tolist()


def revoked(conn: Connection, draft: OpenDraft, login: str = "reviewer", reason: str = "年份写错") -> OpenDraft:
    return approval.revoke(
        conn,
        draft.record.id,
        seen=draft.record.revision,
        account=somebody(conn, "reviewer", login=login),
        reason=reason,
    )


def test_an_approval_for_a_later_day_can_be_revoked_and_the_plan_before_it_goes_on(conn: Connection) -> None:
    first = approved(conn, opened(conn)).record.plan_id
    pending = approved(conn, acted(conn, opened(conn), Rename(0, "东园")), farthest())
    with pytest.raises(InputError, match="撤销批准"):
        approved(conn, opened(conn), SUMMER)
    done = revoked(conn, pending)
    assert (done.record.state, done.record.plan_id) == ("withdrawn", None)
    assert plan_shown(conn, farthest()).id == plan_shown(conn).id == first
    assert plan_shown(conn).effective_to is None
    last = desk.since(conn, done.record.id, -1)[-1]
    assert (last.action, last.reason, last.record) == ("withdraw", "年份写错", {"plan": pending.record.plan_id})
    assert approved(conn, opened(conn), SUMMER).record.state == "approved"


def test_where_no_plan_was_before_a_revoked_one_the_proposal_is_shown_again(conn: Connection) -> None:
    before = plan_shown(conn).id
    done = revoked(conn, approved(conn, opened(conn), farthest()))
    assert plan_shown(conn).id == before
    assert all(
        record.id != done.record.plan_id for record in plans.load_plans(conn, load_city(conn, "town"), on=farthest())
    )


def test_codes_of_a_revoked_plan_are_not_given_again_and_a_draft_can_begin_from_it(conn: Connection) -> None:
    pending = approved(conn, opened(conn), farthest())
    plan = pending.record.plan_id
    assert plan is not None
    given = set(codes(conn, plan))
    revoked(conn, pending)
    again = approved(conn, opened(conn, f"approved-{pending.record.id}"), SUMMER).record.plan_id
    assert again is not None
    assert given
    assert given.isdisjoint(codes(conn, again))


def test_a_day_gone_by_in_the_office_is_taken_only_where_it_is_meant(conn: Connection) -> None:
    draft, reviewer = submitted(conn, opened(conn)), somebody(conn, "reviewer")
    today = office_today()
    yesterday = today - timedelta(days=1)
    asked = {"seen": draft.record.revision, "account": reviewer, "reason": "", "effective": yesterday}
    with pytest.raises(InputError, match=f"{yesterday} 早于今天（{today}）"):
        approval.approve(conn, draft.record.id, **asked)  # type: ignore[arg-type]
    done = approval.approve(conn, draft.record.id, backdated=True, **asked)  # type: ignore[arg-type]
    assert plan_shown(conn).effective_from == yesterday
    assert done.record.state == "approved"


def test_today_in_the_office_is_no_day_gone_by(conn: Connection) -> None:
    draft = submitted(conn, opened(conn))
    approval.approve(
        conn,
        draft.record.id,
        seen=draft.record.revision,
        account=somebody(conn, "reviewer"),
        reason="",
        effective=office_today(),
    )
    assert plan_shown(conn).effective_from == office_today()


def test_only_the_last_of_the_plans_to_come_can_be_revoked(conn: Connection) -> None:
    sooner = approved(conn, opened(conn), farthest() - timedelta(days=1))
    later = approved(conn, opened(conn), farthest())
    with pytest.raises(InputError, match=f"其后还有 {farthest()} 起生效"):
        revoked(conn, sooner)
    revoked(conn, later)
    assert revoked(conn, sooner).record.state == "withdrawn"


def test_an_approval_is_revoked_with_a_reason_by_another_than_who_submitted_and_only_before_its_day(
    conn: Connection,
) -> None:
    both = somebody(conn, "planner", "reviewer")
    draft = submitted(conn, opened(conn), both)
    with pytest.raises(InputError, match="还没有批准"):
        revoked(conn, draft)
    reviewer = somebody(conn, "reviewer")
    draft = approval.approve(
        conn, draft.record.id, seen=draft.record.revision, account=reviewer, reason="", effective=farthest()
    )
    with pytest.raises(NotAllowedError):
        revoked(conn, draft, login=both.login)
    with pytest.raises(NotAllowedError):
        approval.revoke(
            conn, draft.record.id, seen=draft.record.revision, account=somebody(conn, "planner"), reason="年份写错"
        )
    with pytest.raises(InputError, match="写明理由"):
        revoked(conn, draft, reason=" ")
    revoked(conn, draft)
    today = approved(conn, opened(conn), office_today())
    with pytest.raises(InputError, match="已经生效"):
        revoked(conn, today)
