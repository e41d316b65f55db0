"""From a draft to the plan in force: submit, recall, send back, approve, revoke, withdraw."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import numpy as np
import shapely

from gis_service import __version__
from gis_service.db import approved_plans, drafts, given_grids, plans
from gis_service.db.accounts import Account, Role
from gis_service.db.approved_plans import Piece
from gis_service.db.engine import Connection
from gis_service.errors import InputError, NotAllowedError, Text
from gis_service.plan.draft import Draft
from gis_service.plan.final_codes import FinalGrids, final_grids
from gis_service.plan.judged import Judged, gained, state_of
from gis_service.plan.judgement import judgement
from gis_service.plan.operation_records import operation_of
from gis_service.plan.operations import Operation
from gis_service.workflows.desk import OpenDraft, open_draft, since
from gis_service.workflows.desk_access import login_of, refuse_finished, refuse_others, refuse_stale, who
from gis_service.workflows.desk_plans import approved_name
from gis_service.workflows.draft_bases import base_land, estate_names
from gis_service.workflows.draft_states import buildings_of_pieces, digest_of, draft_from
from gis_service.workflows.kept_codes import official_grids, with_final_codes
from gis_service.workflows.moments import office_today
from gis_service.workflows.past_codes import RETIRED

FAULTS_TOLD = 3
FARTHEST = timedelta(days=731)
"""Plans come into force no later than this from now: none can be approved for an earlier day after it."""


def submit(conn: Connection, number: int, *, seen: int, account: Account, reason: str) -> OpenDraft:
    """Hand a draft to the reviewers; it cannot be changed until it is sent back.

    Parameters
    ----------
    conn
        Transaction.
    number
        The draft.
    seen
        Revision the planner saw.
    account
        A planner of the community.
    reason
        What was changed and why, for the reviewer.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`gis_service.workflows.desk.act`.
    InputError
        The draft is incomplete: a unit has no grid, or a rule is broken that was not before and no note says why.
    """
    opened = _held(conn, number, seen, account, "planner")
    refuse_finished(opened.record)
    refuse_incomplete(conn, opened)
    return _decided(conn, opened, "submit", "submitted", account, reason)


def send_back(conn: Connection, number: int, *, seen: int, account: Account, reason: str) -> OpenDraft:
    """Send a submitted draft back with remarks.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`gis_service.workflows.desk.act`, for a reviewer of the community.
    InputError
        The draft is not submitted, or there are no remarks.
    """
    opened = _held(conn, number, seen, account, "reviewer")
    _refuse_unsubmitted(opened)
    if not reason.strip():
        raise InputError(Text("退回时请写明修改意见", "say what should be changed when sending a draft back"))
    return _decided(conn, opened, "return", "draft", account, reason)


def recall(conn: Connection, number: int, *, seen: int, account: Account) -> OpenDraft:
    """Take a submitted draft back while nobody has decided on it, to go on with it.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`gis_service.workflows.desk.act`; or somebody else submitted it.
    InputError
        The draft is not submitted.
    """
    opened = _held(conn, number, seen, account, "planner")
    _refuse_unsubmitted(opened)
    if submitter(conn, number) != account.login:
        raise NotAllowedError(
            Text("草案由他人提交，只有提交人可以撤回", "only whoever submitted a draft takes it back")
        )
    return _decided(conn, opened, "return", "draft", account, "", record={"recalled": True})


def submitter(conn: Connection, number: int) -> str:
    """Return the login of who last submitted a draft that was submitted."""
    return login_of([entry for entry in since(conn, number, -1) if entry.action == "submit"][-1])


def withdraw(conn: Connection, number: int, *, seen: int, account: Account, reason: str) -> OpenDraft:
    """Give a draft up; it stays readable.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`gis_service.workflows.desk.act`.
    InputError
        The draft is approved or withdrawn already.
    """
    opened = _held(conn, number, seen, account, "planner")
    if opened.record.state != "submitted":
        refuse_finished(opened.record)
    return _decided(conn, opened, "withdraw", "withdrawn", account, reason)


def approve(
    conn: Connection,
    number: int,
    *,
    seen: int,
    account: Account,
    reason: str,
    effective: date,
    backdated: bool = False,
) -> OpenDraft:
    """Make a submitted draft the plan in force from a day on; the plan before it ends on that day.

    Parameters
    ----------
    conn
        Transaction.
    number
        The draft.
    seen
        Revision the reviewer saw.
    account
        A reviewer of the community who did not submit it.
    reason
        Remarks, possibly empty.
    effective
        First day in force; after that of the plan approved before.
    backdated
        True: the day may have passed in the office, which changes what is told of days gone by.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`gis_service.workflows.desk.act`, for a reviewer; or the reviewer submitted it.
    InputError
        The draft is not submitted or not complete, the day is not after that of the plan in force, has passed without
        leave, or is farther ahead than `FARTHEST`.
    """
    opened = _held(conn, number, seen, account, "reviewer")
    _refuse_unsubmitted(opened)
    _refuse_own(conn, number, account)
    _refuse_day(effective, office_today(), backdated=backdated)
    approved_plans.hold_community(conn, opened.city, opened.record.community_code)
    refuse_incomplete(conn, opened)
    final = finished(conn, opened)
    record, city, draft = opened.record, opened.city, opened.draft
    codes = _stored_units(conn, opened)
    plan = plans.save_plan(
        conn,
        city,
        record.community_code,
        name=approved_name(record.id),
        rules=record.rules,
        findings={
            "findings": [judged.finding.as_dict() for judged in judged_now(conn, opened)],
            RETIRED: list(final.retired),
        },
        account={
            "draft": record.id,
            "start": record.base["origin"],
            "lineage": [asdict(descended) for descended in final.lineage],
            "locked": sorted(code for key, code in final.codes.items() if draft.grids[key].locked),
            "notes": {code: draft.grids[key].note for key, code in final.codes.items() if draft.grids[key].note},
        },
        seed=0,
        software_version=__version__,
        labels=final.rows,
        grids=final.grids,
        unit_codes=codes,
    )
    approved_plans.put_in_force(conn, city, record.community_code, plan, effective)
    return _decided(
        conn, opened, "approve", "approved", account, reason, record={"plan": plan}, plan=plan, effective=effective
    )


def revoke(conn: Connection, number: int, *, seen: int, account: Account, reason: str) -> OpenDraft:
    """Take the approval of a plan back before its first day; the plan before it goes on, and its draft is withdrawn.

    The codes of its grids are not given again. A new draft can begin from the plan.

    Parameters
    ----------
    conn
        Transaction.
    number
        The approved draft.
    seen
        Revision the reviewer saw.
    account
        A reviewer of the community who did not submit it.
    reason
        Why.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`approve`.
    InputError
        The draft is not approved, its plan is in force already or another comes after it, or no reason is given.
    """
    opened = _held(conn, number, seen, account, "reviewer")
    record, plan = opened.record, opened.record.plan_id
    if plan is None:
        raise InputError(Text("草案还没有批准，没有可撤销的", "the draft is not approved: there is nothing to revoke"))
    _refuse_own(conn, number, account)
    if not reason.strip():
        raise InputError(Text("撤销批准时请写明理由", "say why the approval is revoked"))
    approved_plans.hold_community(conn, opened.city, record.community_code)
    if not is_pending(conn, opened):
        raise InputError(
            Text(
                "方案已经生效，不能撤销批准；请另行批准新的方案",
                "the plan is in force already; approve another one instead",
            )
        )
    approved_plans.take_back(conn, opened.city, record.community_code, plan)
    return _decided(conn, opened, "withdraw", "withdrawn", account, reason, record={"plan": plan})


def is_pending(conn: Connection, opened: OpenDraft) -> bool:
    """Return whether a draft is approved and its plan not yet in force."""
    plan = opened.record.plan_id
    first = None if plan is None else approved_plans.first_day(conn, plan)
    return first is not None and first > office_today()


def refuse_incomplete(conn: Connection, opened: OpenDraft) -> None:
    """Raise InputError unless a draft is complete, see :func:`gis_service.plan.judged.state_of`."""
    before, now = judged_base(conn, opened), judged_now(conn, opened)
    if state_of(before, now) == "complete":
        return
    new = [each.finding for each in gained(before, now) if not each.explained]
    left_out = [each.finding for each in now if each.finding.kind == "unit_unassigned"]
    told = list(dict.fromkeys([*left_out, *new]))
    more = f"等 {len(told)} 项" if len(told) > FAULTS_TOLD else ""
    raise InputError(
        Text(
            f"草案还不完整，不能提交：{'；'.join(each.zh for each in told[:FAULTS_TOLD])}{more}。"
            "请先处理，或在网格备注中写明理由",
            f"the draft is incomplete: {'; '.join(each.en for each in told[:FAULTS_TOLD])} ({len(told)} in all); mend "
            "it, or say why in the notes of the grids",
        )
    )


def judged_now(conn: Connection, opened: OpenDraft) -> list[Judged]:
    """Return what is wrong with a draft, by its rules; estates are called by their names."""
    return judgement(opened.draft, opened.rules, estate_names(conn, opened.city))


def judged_base(conn: Connection, opened: OpenDraft) -> list[Judged]:
    """Return what was wrong with the plan a draft began with, by the rules of the draft."""
    return judgement(base_draft(conn, opened), opened.rules)


def base_draft(conn: Connection, opened: OpenDraft) -> Draft:
    """Return a draft as it was begun."""
    return draft_from(base_land(conn, opened.city, opened.record), opened.record.base)


def finished(conn: Connection, opened: OpenDraft) -> FinalGrids:
    """Return the grids of a draft with the codes and names they would be approved with.

    Only codes of the plan approved last, or else of the grids given with the data, are kept, whatever the draft began
    with, see :func:`gis_service.workflows.kept_codes.with_final_codes`; those of mere proposals are numbered anew.

    Raises
    ------
    InputError
        A unit has no grid, or there are more grids than codes.
    """
    record, city, draft = opened.record, opened.city, opened.draft
    official = official_grids(conn, city, record.community_code)
    ever = approved_plans.codes_ever_in_force(conn, city) | frozenset(
        given_grids.load_given_grids(conn, city)["code"].dropna()
    )
    before, now = with_final_codes(base_draft(conn, opened), draft, official, record.community_code, opened.rules)
    final = final_grids(
        before,
        now,
        record.community_code,
        opened.rules,
        taken=ever,
        crs=city.metric_crs,
    )
    retired = sorted(set(official["code"]) - set(final.grids["code"]))
    return replace(final, retired=tuple(retired))


def _held(conn: Connection, number: int, seen: int, account: Account, role: Role) -> OpenDraft:
    opened = open_draft(conn, number, locked=True)
    refuse_others(account, role, opened.record)
    refuse_stale(opened.record, seen)
    return opened


def _refuse_unsubmitted(opened: OpenDraft) -> None:
    if opened.record.state != "submitted":
        raise InputError(Text("草案还没有提交审核", "the draft has not been submitted"))


def _refuse_own(conn: Connection, number: int, account: Account) -> None:
    if submitter(conn, number) == account.login:
        raise NotAllowedError(
            Text("提交人不能审核自己的草案，请由另一位审核员审核", "whoever submitted a draft does not approve it")
        )


def _refuse_day(effective: date, today: date, *, backdated: bool) -> None:
    if effective < today and not backdated:
        raise InputError(
            Text(
                f"生效日期 {effective} 早于今天（{today}）；请改为今天或以后的日期，确需追溯的请再次确认",
                f"{effective} is before today, {today}: choose a day from today on, or confirm once more that it shall "
                "be in force since then",
            )
        )
    if effective > today + FARTHEST:
        raise InputError(
            Text(
                f"生效日期 {effective} 太远，最晚为 {today + FARTHEST}；请核对年份",
                f"{effective} is too far ahead, {today + FARTHEST} at most; check the year",
            )
        )


def _decided(
    conn: Connection,
    opened: OpenDraft,
    action: str,
    state: str,
    account: Account,
    reason: str,
    *,
    plan: int | None = None,
    record: Mapping[str, Any] | None = None,
    effective: date | None = None,
) -> OpenDraft:
    drafts.save_entry(
        conn,
        opened.record,
        revision=opened.record.revision + 1,
        action=action,
        digest=digest_of(opened.draft),
        who=who(account),
        reason=reason,
        record=record,
        effective=effective,
    )
    drafts.save_progress(conn, opened.record, state=state, plan_id=plan)
    return open_draft(conn, opened.record.id)


def _stored_units(conn: Connection, opened: OpenDraft) -> list[str]:
    """Store the units a draft has cut or reshaped, and return the stored code of each of its units."""
    record, city, land = opened.record, opened.city, opened.draft.land
    community = record.community_code
    base = base_land(conn, city, record)
    held = approved_plans.buildings_of_units(conn, city, community)
    for operation in _operations(conn, opened):
        held |= dict(buildings_of_pieces(operation))
    taken = set(approved_plans.unit_codes(conn, city, community))
    codes, pieces = [], []
    for code, kind, polygon in zip(land.code.tolist(), land.kind.tolist(), land.polygon, strict=True):
        origin = code
        while origin not in base.position:
            origin = origin.rpartition(".")[0]
        if origin == code and np.array_equal(
            shapely.get_coordinates(base.polygon[base.position[code]]), shapely.get_coordinates(polygon)
        ):
            codes.append(code)
            continue
        free = next(name for name in _names(origin) if name not in taken)
        taken.add(free)
        pieces.append(Piece(free, origin, kind, polygon, held.get(code, ())))
        codes.append(free)
    approved_plans.save_pieces(conn, city, community, pieces)
    return codes


def _names(origin: str) -> Iterator[str]:
    """Yield the codes that pieces of a unit may get, without end."""
    return (f"{origin}.{number}" for number in count(1))


def _operations(conn: Connection, opened: OpenDraft) -> list[Operation]:
    return [operation_of(entry.record) for entry in drafts.load_entries(conn, numbers=opened.record.done)]
