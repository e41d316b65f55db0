"""Work of one draft done on another: repeated after a conflict, kept apart, and merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from gis_service.db import drafts
from gis_service.db.accounts import Account
from gis_service.db.drafts import DraftRecord, Entry
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.plan.operation_records import operation_of
from gis_service.plan.operations import Operation
from gis_service.plan.rebase import Rebased, rebase
from gis_service.workflows import approval, desk
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.desk_access import refuse_finished, refuse_others, storable, who
from gis_service.workflows.desk_plans import kept_apart, kept_from
from gis_service.workflows.draft_bases import base_land
from gis_service.workflows.draft_states import digest_of, draft_from


@dataclass(frozen=True)
class Merging:
    """What becomes of a draft when the work of another is done on it, too.

    Parameters
    ----------
    other
        The draft whose work it is.
    rebased
        The work, repeated.
    """

    other: DraftRecord
    rebased: Rebased


def repeat(conn: Connection, number: int, operations: Sequence[Operation], *, seen: int, account: Account) -> Rebased:
    """Repeat operations, made on a revision that is no longer the last, on the draft as it stands.

    Parameters
    ----------
    conn
        Transaction.
    number
        The draft.
    operations
        In the order they were made.
    seen
        Revision on which they were made.
    account
        Who made them.

    Returns
    -------
    Rebased
        The draft with all operations that its state allows, which are stored, and the others with why not.

    Raises
    ------
    UnknownDraftError, NotAllowedError, InputError
        As :func:`gis_service.workflows.desk.act`.
    """
    opened = desk.open_draft(conn, number, locked=True)
    refuse_others(account, "planner", opened.record)
    refuse_finished(opened.record)
    rebased = repeated(conn, opened, operations, seen=seen)
    desk.do_all(conn, opened, [step.operation for step in rebased.steps], account=account)
    return rebased


def repeated(conn: Connection, opened: OpenDraft, operations: Sequence[Operation], *, seen: int) -> Rebased:
    """Return what :func:`repeat` would do to a draft; nothing is stored.

    Raises
    ------
    InputError
        The draft has never been at the revision ``seen``.
    """
    return rebase(opened.draft, operations, base=desk.draft_at(conn, opened, seen))


def keep_apart(
    conn: Connection, number: int, operations: Sequence[Operation], *, seen: int, account: Account, title: str
) -> OpenDraft:
    """Begin a draft of one's own from a revision that is no longer the last, with one's operations done on it.

    Raises
    ------
    UnknownDraftError, NotAllowedError, InputError
        As :func:`gis_service.workflows.desk.act`.
    """
    opened = desk.open_draft(conn, number)
    record = opened.record
    refuse_others(account, "planner", record)
    draft = desk.draft_at(conn, opened, seen)
    mine = drafts.save_draft(
        conn,
        opened.city,
        record.community_code,
        title=storable(title),
        rules=record.rules,
        base={**record.base, "origin": kept_apart(record.id, seen)},
        account_id=account.id,
    )
    kept = drafts.load_draft(conn, mine)
    start = draft_from(base_land(conn, opened.city, kept), kept.base)
    drafts.save_entry(
        conn, kept, revision=0, action="begin", digest=digest_of(start), who=who(account), record={"of": record.id}
    )
    earlier = desk.operations_until(conn, record, seen)
    own = desk.do_all(conn, OpenDraft(kept, opened.city, start), earlier, account=account)
    assert digest_of(own.draft) == digest_of(draft)  # noqa: S101 the journal tells the same story twice
    return desk.do_all(conn, own, operations, account=account)


def mergeable(conn: Connection, opened: OpenDraft) -> list[tuple[DraftRecord, int]]:
    """Return the open drafts whose work can be done on a draft, too, with their steps; those changed last first."""
    record = opened.record
    others = [
        other
        for other in drafts.load_drafts(conn, opened.city, record.community_code)
        if other.id != record.id and other.state == "draft"
    ]
    steps = [(other, len(_own_work(conn, other, record) or ())) for other in others]
    return [(other, count) for other, count in steps if count]


def merging(conn: Connection, opened: OpenDraft, number: int) -> Merging:
    """Return what would become of a draft with the work of another one; nothing is stored.

    Parameters
    ----------
    conn
        Transaction.
    opened
        The draft.
    number
        The other one. Its own work is what was done since it was kept apart from the draft (or the draft from it), and
        not undone; of two that began alike, what follows the steps both have.

    Raises
    ------
    InputError
        The community has no other draft of that number, or one of another beginning, no longer open, or without work of
        its own.
    """
    _refuse_strange(conn, opened, number)
    other = desk.open_draft(conn, number)
    refuse_finished(other.record)
    work = _own_work(conn, other.record, opened.record)
    if work is None:
        raise InputError(
            Text(
                "两份草案不是从同一处开始的，不能并入；请用“对照”看差别",
                "the drafts have no beginning in common and cannot be merged; see Compare for what differs",
            )
        )
    if not work:
        raise InputError(
            Text("那份草案没有自己的修改可以并入", "that draft has no work of its own that could be merged")
        )
    base = desk.draft_at(conn, other, work[0].revision - 1)
    operations = [operation_of(entry.record) for entry in work]
    return Merging(other.record, rebase(opened.draft, operations, base=base))


def merge(
    conn: Connection, number: int, *, seen: int, other: int, other_seen: int, withdraw: bool, account: Account
) -> tuple[OpenDraft, Merging]:
    """Do on a draft what was done in another, as far as its state allows; return it afterwards, and what became of it.

    Parameters
    ----------
    conn
        Transaction.
    number, seen
        The draft, and the revision of it the planner saw.
    other, other_seen
        The one whose work is wanted, and the revision of it the planner saw.
    withdraw
        Withdraw the other afterwards; it stays readable.
    account
        A planner of their community.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError
        As :func:`gis_service.workflows.desk.act`.
    InputError
        As :func:`merging`; the draft is no longer open, the other has changed since, or no step can be done.
    """
    _refuse_strange(conn, desk.open_draft(conn, number), other)
    if other < number:  # always in this order, so that two merges cannot wait for each other
        drafts.hold_draft(conn, other)
    opened = desk.held_for_change(conn, number, seen=seen, account=account)
    if other > number:
        drafts.hold_draft(conn, other)
    found = merging(conn, opened, other)
    record = found.other
    refuse_others(account, "planner", record)
    if record.revision != other_seen:  # no conflict: nothing of this draft is at stake
        raise InputError(
            Text(
                f"草案 {record.id} 刚被改到第 {record.revision} 版；请重新选择并查看",
                f"draft {record.id} has just gone to revision {record.revision}; choose it again and look",
            )
        )
    if not found.rebased.steps:
        raise InputError(Text("没有一步可以并入", "not one step can be merged"))
    operations = [step.operation for step in found.rebased.steps]
    merged = desk.do_all(conn, opened, operations, account=account, reason=f"并自草案 {record.id}“{record.title}”")
    if withdraw:
        words = f"已并入草案 {number}“{opened.record.title}”"
        approval.withdraw(conn, other, seen=other_seen, account=account, reason=words)
    return merged, found


def _refuse_strange(conn: Connection, opened: OpenDraft, number: int) -> None:
    """Raise InputError unless a number is that of another draft of the community, whatever else it may be."""
    here = {record.id for record in drafts.load_drafts(conn, opened.city, opened.record.community_code)}
    if number not in here - {opened.record.id}:
        raise InputError(
            Text(
                f"本社区没有另一份编号为 {number} 的草案；请刷新页面后再选",
                f"the community has no other draft number {number}; reload the page and choose again",
            )
        )


def _own_work(conn: Connection, other: DraftRecord, into: DraftRecord) -> Sequence[Entry] | None:
    """Return what was done in a draft, and not undone, since it and another parted; None: they began apart."""
    work = drafts.load_entries(conn, numbers=other.done)
    if (revision := _kept_at(other, into)) is not None:
        copied = len(desk.operations_until(conn, into, revision))  # its first revisions
        return [entry for entry in work if entry.revision > copied]
    if (revision := _kept_at(into, other)) is not None:
        return [entry for entry in work if entry.revision > revision]
    if any(other.base[part] != into.base[part] for part in ("labels", "grids", "next_key")):
        return None
    known = [entry.record for entry in drafts.load_entries(conn, numbers=into.done)]
    shared = sum(1 for _ in takewhile(lambda pair: pair[0].record == pair[1], zip(work, known, strict=False)))
    return work[shared:]


def _kept_at(draft: DraftRecord, of: DraftRecord) -> int | None:
    """Return the revision of ``of`` from which a draft was kept apart; None: it was not."""
    kept = kept_from(draft.base["origin"])
    return kept[1] if kept is not None and kept[0] == of.id else None
