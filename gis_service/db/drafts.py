"""Drafts of plans and the journal of what was done to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from gis_service.db.cities import City
from gis_service.db.desk_tables import Draft, Journal
from gis_service.db.keys import community_key
from gis_service.db.tables import City as CityTable
from gis_service.db.tables import Region
from gis_service.db.units import StoredUnits, load_units_of
from gis_service.errors import Text, UnknownDraftError

State = Mapping[str, Any]
"""Labels (``[[key, [codes]], …]``), ``grids`` and ``next_key`` of a draft, as plain values."""


@dataclass(frozen=True)
class DraftRecord:
    """A stored draft.

    Parameters
    ----------
    id
        Its number.
    city, community_code, community_name
        Name of the city; code and name of the community.
    regions
        Codes of the community and of the regions above it, from below.
    title, state
        What it is called; draft, submitted, approved or withdrawn.
    rules
        What it is judged by.
    base, now
        State it began with, with its ``origin`` and the name of the plan approved last then (``after``, None: none
        was), and state after the steps done.
    done, undone
        Journal entries of the steps done, in order, and of those that can be done again, the next one last.
    revision
        Counted up by everything done.
    plan_id
        The plan it became; None: not approved.
    account_id
        Whose it is; None: a program's.
    created_at, changed_at
        When it was begun; when something was last done.
    """

    id: int
    city: str
    community_code: str
    community_name: str
    regions: tuple[str, ...]
    title: str
    state: str
    rules: dict[str, Any]
    base: dict[str, Any]
    now: dict[str, Any]
    done: tuple[int, ...]
    undone: tuple[int, ...]
    revision: int
    plan_id: int | None
    account_id: int | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class Entry:
    """A row of the journal; see the table for what its parts mean."""

    id: int
    draft: int
    city: str
    community: str
    revision: int
    action: str
    record: dict[str, Any]
    back: dict[str, Any]
    digest: str
    who: str
    reason: str
    at: datetime
    effective: date | None


def save_draft(
    conn: Connection,
    city: City,
    community_code: str,
    *,
    title: str,
    rules: Mapping[str, Any],
    base: State,
    account_id: int | None,
) -> int:
    """Store a new draft at revision 0 and return its number.

    Raises
    ------
    InputError
        The city has no such community.
    """
    row = {
        "region_id": community_key(conn, city, community_code),
        "title": title,
        "rules": dict(rules),
        "base": dict(base),
        "now": {name: base[name] for name in ("labels", "grids", "next_key")},
        "done": [],
        "undone": [],
        "revision": 0,
        "account_id": account_id,
    }
    return conn.scalars(insert(Draft).values(row).returning(Draft.id)).one()


def load_draft(conn: Connection, number: int, *, locked: bool = False) -> DraftRecord:
    """Return a draft.

    Parameters
    ----------
    conn
        Transaction.
    number
        Its number.
    locked
        Hold it until the transaction ends, so that nobody else changes it meanwhile.

    Raises
    ------
    UnknownDraftError
        There is none of that number.
    """
    if locked:
        hold_draft(conn, number)
    row = conn.execute(_drafts().where(Draft.id == number)).mappings().one_or_none()
    if row is None:
        raise UnknownDraftError(
            Text(f"没有编号为 {number} 的草案，可能已随数据重新导入而删除", f"there is no draft number {number}")
        )
    return _record(dict(row))


def hold_draft(conn: Connection, number: int) -> None:
    """Hold a draft, if there is one of that number, until the transaction ends, so that nobody else changes it."""
    conn.execute(select(Draft.id).where(Draft.id == number).with_for_update())


def load_drafts(conn: Connection, city: City, community_code: str | None = None) -> list[DraftRecord]:
    """Return the drafts of a city, or of one community, those changed last first."""
    query = _drafts().where(Region.city_id == city.id)
    if community_code is not None:
        query = query.where(Region.code == community_code)
    rows = conn.execute(query.order_by(Draft.changed_at.desc(), Draft.id.desc())).mappings()
    return [_record(dict(row)) for row in rows]


def save_progress(
    conn: Connection,
    draft: DraftRecord,
    *,
    now: State | None = None,
    done: Sequence[int] | None = None,
    undone: Sequence[int] | None = None,
    state: str | None = None,
    plan_id: int | None = None,
    title: str | None = None,
) -> None:
    """Store what became of a draft that the transaction holds, and count its revision up."""
    given = {"state": state, "title": title}
    lists = {"done": done, "undone": undone}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    values |= {name: list(value) for name, value in lists.items() if value is not None}
    values |= {} if state is None else {"plan_id": plan_id}
    values |= {} if now is None else {"now": dict(now)}
    values |= {"revision": draft.revision + 1, "changed_at": func.clock_timestamp()}
    conn.execute(update(Draft).where(Draft.id == draft.id).values(values))


def save_entry(
    conn: Connection,
    draft: DraftRecord,
    *,
    revision: int,
    action: str,
    digest: str,
    who: str,
    reason: str = "",
    record: Mapping[str, Any] | None = None,
    back: Mapping[str, Any] | None = None,
    effective: date | None = None,
) -> int:
    """Write one thing done into the journal and return the entry's number."""
    row = {
        "draft": draft.id,
        "city": draft.city,
        "community": draft.community_code,
        "revision": revision,
        "action": action,
        "record": dict(record or {}),
        "back": dict(back or {}),
        "digest": digest,
        "who": who,
        "reason": reason,
        "effective": effective,
    }
    return conn.scalars(insert(Journal).values(row).returning(Journal.id)).one()


def load_entries(
    conn: Connection, *, draft: int | None = None, numbers: Sequence[int] | None = None, after: int = -1
) -> list[Entry]:
    """Return entries of the journal by their numbers: those of a draft after a revision, or those of some numbers."""
    columns = [getattr(Journal, field.name) for field in fields(Entry)]
    query = select(*columns).where(Journal.revision > after).order_by(Journal.id)
    if draft is not None:
        query = query.where(Journal.draft == draft)
    if numbers is not None:
        query = query.where(Journal.id.in_(list(numbers)))
    return [Entry(*row) for row in conn.execute(query)]


def load_last_decision(conn: Connection, draft: int) -> Entry | None:
    """Return the entry by which a draft was last handed in or sent back; None: it never was."""
    columns = [getattr(Journal, field.name) for field in fields(Entry)]
    decided = select(*columns).where(Journal.draft == draft, Journal.action.in_(["submit", "return"]))
    row = conn.execute(decided.order_by(Journal.id.desc()).limit(1)).one_or_none()
    return None if row is None else Entry(*row)


def load_base_units(conn: Connection, city: City, draft: DraftRecord) -> StoredUnits:
    """Return the units a draft began with, sorted by code and numbered so, with their buildings."""
    codes = [code for _, codes in draft.base["labels"] for code in codes]
    return load_units_of(conn, city, draft.community_code, codes)


def _drafts() -> Select[Any]:
    street = Region.__table__.alias("street")
    county = Region.__table__.alias("county")
    town = Region.__table__.alias("town")
    own = {
        field.name: getattr(Draft, field.name)
        for field in fields(DraftRecord)
        if field.name not in {"city", "community_code", "community_name", "regions"}
    }
    return (
        select(
            *own.values(),
            CityTable.name.label("city"),
            Region.code.label("community_code"),
            Region.name.label("community_name"),
            street.c.code.label("above_1"),
            county.c.code.label("above_2"),
            town.c.code.label("above_3"),
        )
        .join(Region, Region.id == Draft.region_id)
        .join(CityTable, CityTable.id == Region.city_id)
        .outerjoin(street, street.c.id == Region.parent_id)
        .outerjoin(county, county.c.id == street.c.parent_id)
        .outerjoin(town, town.c.id == county.c.parent_id)
    )


def _record(values: dict[str, Any]) -> DraftRecord:
    above = [values.pop(f"above_{level}") for level in (1, 2, 3)]
    regions = tuple(code for code in (values["community_code"], *above) if code is not None)
    values |= {name: tuple(values[name]) for name in ("done", "undone")}
    return DraftRecord(**values, regions=regions)
