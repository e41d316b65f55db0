"""The register of findings: what an audit found, what was decided about it, by whom and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gis_service.audit.shortfalls import COVERAGE_GAP, TITLES
from gis_service.db import findings_register as store
from gis_service.db.accounts import Account
from gis_service.db.engine import Connection
from gis_service.db.findings_register import Entry
from gis_service.errors import InputError, NotAllowedError, Text
from gis_service.plan.finding_titles import SEVERITIES
from gis_service.plan.finding_titles import TITLES as OTHER_TITLES
from gis_service.workflows.audit_reading import OpenAudit
from gis_service.workflows.moments import office_today

STATES: dict[str, Text] = {
    "open": Text("待处理", "open"),
    "explained": Text("已说明", "explained"),
    "resolved": Text("已整改", "resolved"),
}
"""States of a finding, in the order in which people should look at them."""
NOT_CONFIRMED = Text("核对不一致", "not confirmed")
"""What an independent check did not confirm; only the software's makers can mend it."""
LONGEST_UNIT, LONGEST_NOTE = 60, 500
"""Longest office and note [characters]."""


@dataclass(frozen=True)
class Case:
    """A finding with what was decided about it.

    Parameters
    ----------
    key
        Its name: kind and what it is about; the same from audit to audit.
    kind, subject, severity, place
        As in the audit; ``place`` is the smallest region it lies in, empty for the city as a whole.
    text
        What was found.
    shares
        Of a gap: the visible communities of which somebody lives in it, with the households [count], most first.
    entries
        What was decided, the last first; empty: nothing yet.
    """

    key: str
    kind: str
    subject: str
    severity: str
    place: str
    text: Text
    shares: tuple[tuple[str, int], ...]
    entries: tuple[Entry, ...]

    @property
    def state(self) -> str:
        """Open unless something else was decided last."""
        return self.entries[0].state if self.entries else "open"

    @property
    def unit(self) -> str:
        """The responsible office; empty: none named."""
        return self.entries[0].unit if self.entries else ""

    @property
    def deadline(self) -> date | None:
        """The day until which it is to be mended; None: none set."""
        return self.entries[0].deadline if self.entries else None

    @property
    def overdue(self) -> bool:
        """Whether its deadline has passed, the day itself not included, and it is not resolved."""
        return self.deadline is not None and self.deadline < office_today() and self.state != "resolved"

    @property
    def others(self) -> tuple[str, ...]:
        """The communities it touches besides the one whose office answers for it."""
        return tuple(code for code, _ in self.shares if code != self.place)

    @property
    def title(self) -> Text:
        """What findings of its kind are called."""
        return kind_title(self.kind)


def kind_title(kind: str) -> Text:
    """Return what a kind of finding or shortfall is called."""
    return TITLES.get(kind) or OTHER_TITLES.get(kind) or NOT_CONFIRMED


def key_of(finding: Mapping[str, Any]) -> str:
    """Return the name of a finding, which stays the same from audit to audit."""
    return f"{finding['kind']}:{finding['subject']}"


def cases(conn: Connection, audit: OpenAudit, region: str | None = None) -> list[Case]:
    """Return the findings of an audit that people have to decide about, by state, severity, kind and deadline.

    Of these, what concerns most households comes first.

    Notes are no cases. Findings of one kind about one thing are one case. A gap is a case of every region it touches.
    """
    decided: dict[str, list[Entry]] = {}
    for entry in store.load_entries(conn, audit.head.city):
        decided.setdefault(entry.finding, []).append(entry)
    found: dict[str, Case] = {}
    for row in audit.findings(region):
        key = key_of(row)
        if row["severity"] == "note" or key in found:
            continue
        text, entries = Text(row["zh"], row["en"]), tuple(decided.get(key, ()))
        shares = audit.gap_shares[row["subject"]] if row["kind"] == COVERAGE_GAP else ()
        found[key] = Case(key, row["kind"], row["subject"], row["severity"], row["place"], text, shares, entries)
    concerned = _households(audit, region)
    states, severities = list(STATES), [str(severity) for severity in SEVERITIES]
    kinds = list(TITLES)
    return sorted(
        found.values(),
        key=lambda case: (
            states.index(case.state),
            severities.index(case.severity),
            kinds.index(case.kind) if case.kind in kinds else len(kinds),
            case.deadline or date.max,
            -concerned.get((case.kind, case.subject), 0),
            case.place,
            case.subject,
        ),
    )


def _households(audit: OpenAudit, region: str | None) -> dict[tuple[str, str], int]:
    """Return the households that shortfalls concern, by kind and subject."""
    whose = (
        (COVERAGE_GAP, "centre_id", audit.gaps(region)),
        ("estate_without_station", "id", audit.content["estates"]),
        ("facility_over_capacity", "id", audit.content["facilities"]),
    )
    return {(kind, row[name]): row["households"] or 0 for kind, name, rows in whose for row in rows}


def may_decide(account: Account | None, audit: OpenAudit, place: str) -> bool:
    """Return whether somebody may decide about what lies in a region: auditors may, in their regions."""
    return account is not None and account.may("auditor", audit.head.city, audit.ancestors(place))


def decide(
    conn: Connection,
    audit: OpenAudit,
    key: str,
    *,
    account: Account | None,
    state: str,
    unit: str,
    deadline: str,
    note: str,
) -> None:
    """Add a decision about a finding.

    Parameters
    ----------
    conn, audit
        Open transaction, which the caller commits, and the audit the finding was read in.
    key
        Name of the finding.
    account
        Who decides.
    state, unit, deadline, note
        One of `STATES`; responsible office; ISO date from today on, that set before, or empty; why.

    Raises
    ------
    NotAllowedError
        Nobody is signed in, or no auditor of the finding's region.
    InputError
        There is no such finding, or a value is not what it should be.
    """
    case = next((case for case in cases(conn, audit) if case.key == key), None)
    if case is None:
        raise InputError(Text("没有这个问题，请从清单中选择", "there is no such finding; choose one from the list"))
    if account is None or not may_decide(account, audit, case.place):
        raise NotAllowedError(
            Text("只有本区域的审核人员可以登记，请先登录", "only auditors of the region may decide; sign in first")
        )
    note, unit = note.strip(), unit.strip()
    if state not in STATES:
        raise InputError(Text("状态应为待处理、已说明或已整改", "the state must be open, explained or resolved"))
    if state != "open" and not note:
        raise InputError(Text("请写明说明或整改情况", "say why, or what was done"))
    if len(unit) > LONGEST_UNIT or len(note) > LONGEST_NOTE:
        raise InputError(
            Text(
                f"责任单位最多 {LONGEST_UNIT} 字，说明最多 {LONGEST_NOTE} 字",
                f"the office has at most {LONGEST_UNIT} characters, the note {LONGEST_NOTE}",
            )
        )
    store.save_entry(
        conn,
        audit.head.city,
        key,
        place=case.place,
        state=state,
        unit=unit,
        deadline=_day(deadline, case.deadline),
        note=note,
        snapshot=audit.head.id,
        who=signature(account),
    )


def signature(account: Account) -> str:
    """Return how somebody is noted in what stays: login and post, as they are now."""
    return f"{account.login} {account.title}".strip()


def counted_states(found: Sequence[Case]) -> dict[str, int]:
    """Return how many cases are in each state."""
    return {state: sum(case.state == state for case in found) for state in STATES}


def _day(text: str, before: date | None) -> date | None:
    """Return the deadline that is meant; one that has passed is none, unless it was set ``before``."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as fault:
        raise InputError(
            Text("整改时限应为日期，如 2026-12-31", "the deadline must be a day, as 2026-12-31")
        ) from fault
    if day < (today := office_today()) and day != before:
        raise InputError(
            Text(
                f"整改时限 {day} 已过，请填今天（{today}）或以后的日期，或者留空",
                f"the deadline {day} has passed; give today ({today}) or a later day, or none",
            )
        )
    return day
