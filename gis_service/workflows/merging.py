"""Work of one draft done on another: repeated after a conflict, kept apart, and merged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from gis_service.db import drafts
from gis_service.db.accounts import Account
from gis_service.db.drafts import DraftRecord, Entry
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.plan.operation_records import operation_of
from gis_service.plan.operations import Operation
from gis_service.plan.rebase import Rebased, keys_of, rebase
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
    steps
        The work.
    rebased
        The work, repeated, step by step.
    """

    other: DraftRecord
    steps: tuple[Entry, ...]
    rebased: Rebased


@dataclass(frozen=True)
class _Work:
    """What was done in a draft, and not undone, since it and another parted.

    Parameters
    ----------
    steps
        What the other has not got yet.
    since
        Revision before all that was done since.
    shared
        ``next_key`` of the last state both have in common.
    known
        Keys in the other of the grids that were made by what it has got already.
    """

    steps: tuple[Entry, ...]
    since: int
    shared: int
    known: Mapping[int, int]


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
    base = desk.draft_at(conn, opened, seen)
    then = desk.steps_until(conn, opened.record, seen)
    common = _alike(then, drafts.load_entries(conn, numbers=opened.record.done))
    shared = base.next_key if common == len(then) else int(then[common].back["next_key"])
    return rebase(opened.draft, operations, base=base, shared=shared)


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
    earlier = [operation_of(entry.record) for entry in desk.steps_until(conn, record, seen)]
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
    found = [(other, _work_of(conn, other, record)) for other in others]
    return [(other, len(work.steps)) for other, work in found if work is not None and work.steps]


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
    if other.record.state != "draft":
        raise InputError(
            Text(
                f"草案 {number} 已提交、批准或作废，不能并入",
                f"draft {number} is submitted, approved or withdrawn and cannot be merged",
            )
        )
    work = _work_of(conn, other.record, opened.record)
    if work is None:
        raise InputError(
            Text(
                "两份草案不是从同一处开始的，不能并入；请用“对照”看差别",
                "the drafts have no beginning in common and cannot be merged; see Compare for what differs",
            )
        )
    if not work.steps:
        raise InputError(
            Text(
                "那份草案没有尚未并入的改动",
                "that draft has no work of its own that is not here already",
            )
        )
    base = desk.draft_at(conn, other, work.since)
    operations = [operation_of(entry.record) for entry in work.steps]
    rebased = rebase(opened.draft, operations, base=base, shared=work.shared, known=work.known)
    return Merging(other.record, work.steps, rebased)


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
    merged = desk.do_all(
        conn,
        opened,
        [step.operation for step in found.rebased.steps],
        account=account,
        reason=f"并自草案 {record.id}“{record.title}”",
        sources=[e.id for e, each in zip(found.steps, found.rebased.repeated, strict=True) if each.step is not None],
    )
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


def _work_of(conn: Connection, other: DraftRecord, into: DraftRecord) -> _Work | None:
    """Return what was done in a draft since it and another parted; None: they began apart."""
    done, here = (drafts.load_entries(conn, numbers=record.done) for record in (other, into))
    if (revision := _kept_at(other, into)) is not None:
        parted = desk.steps_until(conn, into, revision)
    elif (revision := _kept_at(into, other)) is not None:
        parted = desk.steps_until(conn, other, revision)
    elif any(other.base[part] != into.base[part] for part in ("labels", "grids", "next_key")):
        return None
    else:
        parted = here
    own = done[_alike(done, parted) :]
    if not own:
        return _Work((), other.revision, 0, {})
    has = {entry.back.get("source"): entry for entry in here} | {entry.id: entry for entry in here}
    twin = {entry.id: has.get(entry.id) or has.get(entry.back.get("source", entry.id)) for entry in own}
    known: dict[int, int] = {}
    for entry in own:
        if (merged := twin[entry.id]) is not None:
            pair = (keys_of(operation_of(each.record)) for each in (entry, merged))
            known |= {key: there for key, there in zip(*pair, strict=True) if key >= own[0].back["next_key"]}
    common = _alike(done[: len(done) - len(own)], here)
    steps = tuple(entry for entry in own if twin[entry.id] is None)
    return _Work(steps, own[0].revision - 1, int(done[common].back["next_key"]), known)


def _alike(steps: Sequence[Entry], others: Sequence[Entry]) -> int:
    """Return how many steps two rows of them have in common at the beginning."""
    pairs = zip(steps, others, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].record == pair[1].record, pairs))


def _kept_at(draft: DraftRecord, of: DraftRecord) -> int | None:
    """Return the revision of ``of`` from which a draft was kept apart; None: it was not."""
    kept = kept_from(draft.base["origin"])
    return kept[1] if kept is not None and kept[0] == of.id else None
