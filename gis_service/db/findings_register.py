"""The register of findings and the checks in the field: rows are added, never changed; the last one counts."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from gis_service.db.register_tables import FieldResult, FieldSample, RegisterEntry


@dataclass(frozen=True)
class Entry:
    """What was decided about a finding; columns as in the table ``register_entry``."""

    id: int
    city: str
    finding: str
    place: str
    state: str
    unit: str
    deadline: date | None
    note: str
    snapshot: int
    who: str
    at: datetime


@dataclass(frozen=True)
class Sample:
    """Grids drawn for a check in the field; columns as in the table ``field_sample``."""

    id: int
    city: str
    region: str
    seed: str
    grids: tuple[str, ...]
    snapshot: int
    who: str
    at: datetime


@dataclass(frozen=True)
class Result:
    """What was found on the spot; columns as in the table ``field_result``."""

    id: int
    sample_id: int
    grid: str
    outcome: str
    households: int | None
    note: str
    who: str
    at: datetime


def save_entry(
    conn: Connection,
    city: str,
    finding: str,
    *,
    place: str,
    state: str,
    unit: str,
    deadline: date | None,
    note: str,
    snapshot: int,
    who: str,
) -> None:
    """Add what was decided about a finding."""
    values: dict[str, Any] = {"city": city, "finding": finding, "place": place, "state": state, "unit": unit}
    values |= {"deadline": deadline, "note": note, "snapshot": snapshot, "who": who}
    conn.execute(insert(RegisterEntry).values(values))


def load_entries(conn: Connection, city: str, finding: str | None = None) -> list[Entry]:
    """Return what was decided about a finding, or about all of a city, the last first."""
    query = select(*(getattr(RegisterEntry, field.name) for field in fields(Entry))).where(RegisterEntry.city == city)
    if finding is not None:
        query = query.where(RegisterEntry.finding == finding)
    return [Entry(*row) for row in conn.execute(query.order_by(RegisterEntry.id.desc()))]


def save_sample(
    conn: Connection, city: str, *, region: str, seed: str, grids: Sequence[str], snapshot: int, who: str
) -> int:
    """Add a sample and return its number."""
    values: dict[str, Any] = {"city": city, "region": region, "seed": seed, "grids": list(grids)}
    values |= {"snapshot": snapshot, "who": who}
    return conn.scalars(insert(FieldSample).values(values).returning(FieldSample.id)).one()


def load_samples(conn: Connection, city: str) -> list[Sample]:
    """Return the samples of a city, the last first."""
    query = select(*(getattr(FieldSample, field.name) for field in fields(Sample))).where(FieldSample.city == city)
    rows = conn.execute(query.order_by(FieldSample.id.desc())).mappings()
    return [Sample(**{**row, "grids": tuple(row["grids"])}) for row in rows]


def save_result(
    conn: Connection, sample: int, grid: str, *, outcome: str, households: int | None, note: str, who: str
) -> None:
    """Add what was found on the spot."""
    values: dict[str, Any] = {"sample_id": sample, "grid": grid, "outcome": outcome, "households": households}
    values |= {"note": note, "who": who}
    conn.execute(insert(FieldResult).values(values))


def load_results(conn: Connection, sample: int) -> list[Result]:
    """Return what was found on the spot in a sample, the last first."""
    query = select(*(getattr(FieldResult, field.name) for field in fields(Result)))
    return [
        Result(*row)
        for row in conn.execute(query.where(FieldResult.sample_id == sample).order_by(FieldResult.id.desc()))
    ]
