"""The planner's desk: drafts are begun, changed by operations one after the other, and never changed unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gis_service.db import approved_plans, drafts
from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_city
from gis_service.db.drafts import DraftRecord, Entry
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.plan.applying import apply, difference, restore
from gis_service.plan.draft import Draft
from gis_service.plan.history import Step
from gis_service.plan.operation_records import operation_of
from gis_service.plan.operations import Operation
from gis_service.plan.rules import Rules
from gis_service.workflows.desk_access import (
    refuse_finished,
    refuse_others,
    refuse_stale,
    refuse_untitled,
    storable,
    who,
)
from gis_service.workflows.draft_bases import base_land, base_of
from gis_service.workflows.draft_states import digest_of, draft_from, land_after, state_of
from gis_service.workflows.kept import Kept
from gis_service.workflows.kept_codes import with_lasting_codes

Action = Literal["do", "undo", "redo"]
DRAFTS_KEPT = 64
"""How many states of drafts a process keeps at hand."""


@dataclass(frozen=True)
class OpenDraft:
    """A draft with its land.

    Parameters
    ----------
    record
        What is stored of it.
    city
        Its city.
    draft
        Its state.
    """

    record: DraftRecord
    city: City
    draft: Draft

    @property
    def rules(self) -> Rules:
        """The rules it is judged by."""
        return Rules.from_dict(self.record.rules)


def begin_draft(
    conn: Connection,
    city_name: str,
    community: str,
    *,
    origin: str,
    title: str,
    rules: Rules,
    account: Account | None,
) -> OpenDraft:
    """Begin a draft of a community.

    Parameters
    ----------
    conn
        Transaction.
    city_name, community
        Name of the city and code of the community.
    origin
        `NOTHING`, `TODAY`, or the name of a stored plan.
    title
        What it is called.
    rules
        What it is judged by.
    account
        Whose it is; None: a program's.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city, or no such plan of this community.
    InputError
        No such community, it has no polygon, or no grids to begin with; or the title is empty.
    """
    refuse_untitled(title)
    city = load_city(conn, city_name)
    draft = base_of(conn, city, community, origin, rules)
    return begin_with(
        conn, city, community, draft, title=title, rules=rules, account=account, record={"origin": origin}
    )


def begin_with(
    conn: Connection,
    city: City,
    community: str,
    draft: Draft,
    *,
    title: str,
    rules: Rules,
    account: Account | None,
    record: Mapping[str, Any],
) -> OpenDraft:
    """Store a draft that was laid out, as its own beginning.

    Parameters
    ----------
    conn, city, community
        Transaction, city and code of the community.
    draft
        What it begins with; codes that it could not keep are taken off.
    title, rules, account
        As for :func:`begin_draft`.
    record
        What the journal tells of the beginning: its ``origin`` at least.
    """
    draft = with_lasting_codes(conn, city, community, draft, rules)
    last = approved_plans.last_approved(conn, city, community)
    number = drafts.save_draft(
        conn,
        city,
        community,
        title=storable(title),
        rules=rules.as_dict(),
        base={"origin": record["origin"], "after": None if last is None else last.name, **state_of(draft)},
        account_id=None if account is None else account.id,
    )
    stored = drafts.load_draft(conn, number)
    drafts.save_entry(
        conn, stored, revision=0, action="begin", digest=digest_of(draft), who=who(account), record=record
    )
    return OpenDraft(stored, city, draft)


def open_draft(conn: Connection, number: int, *, locked: bool = False) -> OpenDraft:
    """Return a draft as it stands.

    Parameters
    ----------
    conn
        Transaction.
    number
        Its number.
    locked
        Hold it until the transaction ends.

    Raises
    ------
    UnknownDraftError
        There is none of that number.
    """
    record = drafts.load_draft(conn, number, locked=locked)
    city = load_city(conn, record.city)
    return OpenDraft(record, city, _DRAFTS.get(_key(record), lambda: _draft(conn, city, record)))


def act(
    conn: Connection,
    number: int,
    action: Action,
    *,
    operation: Operation | None = None,
    seen: int,
    account: Account,
    reason: str = "",
) -> OpenDraft:
    """Do one thing to a draft and return it afterwards.

    Parameters
    ----------
    conn
        Transaction; committed by the caller.
    number
        The draft.
    action
        ``do`` an operation, ``undo`` the last, or ``redo`` the one undone last.
    operation
        What to do; None with the other actions.
    seen
        Revision the planner saw; a draft that has gone on since is not changed.
    account
        Who does it.
    reason
        Why, possibly empty.

    Raises
    ------
    UnknownDraftError
        There is none of that number.
    NotAllowedError
        The account is no planner of this community.
    StaleDraftError
        Somebody else has changed the draft since.
    InputError
        The draft is submitted, approved or withdrawn, the operation is refused, or there is nothing to undo or redo.
    """
    opened = held_for_change(conn, number, seen=seen, account=account)
    record = opened.record
    if action == "undo":
        return _undone(conn, opened, account, reason)
    if action == "redo":
        if not record.undone:
            raise InputError(Text("没有可以重做的操作", "there is nothing to do again"))
        operation = operation_of(drafts.load_entries(conn, numbers=record.undone[-1:])[0].record)
    assert operation is not None  # noqa: S101 the caller's contract
    return _done(conn, opened, action, operation, account, reason)


def held_for_change(conn: Connection, number: int, *, seen: int, account: Account) -> OpenDraft:
    """Return a draft that this account may change now; nobody else does until the transaction ends.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError, InputError
        As :func:`act`.
    """
    drafts.hold_draft(conn, number)
    return seen_for_change(conn, number, seen=seen, account=account)


def seen_for_change(conn: Connection, number: int, *, seen: int, account: Account) -> OpenDraft:
    """Return a draft that this account may change as it stands; others may go on while somebody looks for a change.

    Raises
    ------
    UnknownDraftError, NotAllowedError, StaleDraftError, InputError
        As :func:`act`.
    """
    opened = open_draft(conn, number)
    refuse_others(account, "planner", opened.record)
    refuse_stale(opened.record, seen)
    refuse_finished(opened.record)
    return opened


def since(conn: Connection, number: int, revision: int) -> list[Entry]:
    """Return what was done to a draft after a revision, the first first."""
    return drafts.load_entries(conn, draft=number, after=revision)


def do_all(
    conn: Connection,
    opened: OpenDraft,
    operations: Sequence[Operation],
    *,
    account: Account,
    reason: str = "",
    sources: Sequence[int] | None = None,
) -> OpenDraft:
    """Do operations one after the other to a draft that the transaction holds, and return it afterwards.

    Parameters
    ----------
    conn, opened, operations, account, reason
        As for :func:`act`.
    sources
        Journal entries of another draft that they repeat, one each; None: they repeat none.

    Raises
    ------
    InputError
        One of them is refused.
    """
    of: Sequence[int | None] = [None] * len(operations) if sources is None else sources
    for operation, source in zip(operations, of, strict=True):
        opened = _done(conn, opened, "do", operation, account, reason, source)
    return opened


def draft_at(conn: Connection, opened: OpenDraft, revision: int) -> Draft:
    """Return a draft as it was at a revision.

    Raises
    ------
    InputError
        It has never been at that revision.
    """
    record = opened.record
    if not 0 <= revision <= record.revision:
        raise InputError(
            Text(f"草案 {record.id} 没有第 {revision} 版", f"draft {record.id} has no revision {revision}")
        )
    draft = opened.draft
    for entry in reversed(since(conn, record.id, revision)):
        if entry.action in {"do", "redo"}:
            step = Step.from_dict({"operation": entry.record, "back": entry.back})
            draft = restore(draft, step.back)
        elif entry.action == "undo":
            undone = drafts.load_entries(conn, numbers=[entry.record["of"]])[0]
            draft = apply(draft, operation_of(undone.record))
    return draft


def steps_until(conn: Connection, record: DraftRecord, revision: int) -> list[Entry]:
    """Return the steps that were done to a draft and not undone at a revision, in their order."""
    done: list[Entry] = []
    for entry in drafts.load_entries(conn, draft=record.id):
        if entry.revision > revision:
            break
        if entry.action in {"do", "redo"}:
            done.append(entry)
        elif entry.action == "undo":
            done.pop()
    return done


def _done(
    conn: Connection,
    opened: OpenDraft,
    action: Action,
    operation: Operation,
    account: Account,
    reason: str,
    source: int | None = None,
) -> OpenDraft:
    record = opened.record
    after = apply(opened.draft, operation)
    step = Step(operation, difference(opened.draft, after)).as_dict()
    entry = drafts.save_entry(
        conn,
        record,
        revision=record.revision + 1,
        action=action,
        digest=digest_of(after),
        who=who(account),
        reason=reason,
        record=step["operation"],
        back=step["back"] if source is None else {**step["back"], "source": source},
    )
    undone = record.undone[:-1] if action == "redo" else ()
    return _saved(conn, opened, after, (*record.done, entry), undone)


def _undone(conn: Connection, opened: OpenDraft, account: Account, reason: str) -> OpenDraft:
    record = opened.record
    if not record.done:
        raise InputError(Text("没有可以撤销的操作", "there is nothing to undo"))
    *before, last = record.done
    entry = drafts.load_entries(conn, numbers=[last])[0]
    after = restore(opened.draft, Step.from_dict({"operation": entry.record, "back": entry.back}).back)
    drafts.save_entry(
        conn,
        record,
        revision=record.revision + 1,
        action="undo",
        digest=digest_of(after),
        who=who(account),
        reason=reason,
        record={"of": last},
    )
    return _saved(conn, opened, after, tuple(before), (*record.undone, last))


def _saved(
    conn: Connection, opened: OpenDraft, after: Draft, done: tuple[int, ...], undone: tuple[int, ...]
) -> OpenDraft:
    drafts.save_progress(conn, opened.record, now=state_of(after), done=done, undone=undone)
    record = drafts.load_draft(conn, opened.record.id)
    return OpenDraft(record, opened.city, _DRAFTS.put(_key(record), after))


def _draft(conn: Connection, city: City, record: DraftRecord) -> Draft:
    operations = [operation_of(entry.record) for entry in drafts.load_entries(conn, numbers=record.done)]
    return draft_from(land_after(base_land(conn, city, record), operations), record.now)


def _key(record: DraftRecord) -> tuple[object, ...]:
    """Return what a state is kept by; the time tells a revision that was rolled back from the one that was not."""
    return record.id, record.revision, record.changed_at


_DRAFTS: Kept[Draft] = Kept(DRAFTS_KEPT)
