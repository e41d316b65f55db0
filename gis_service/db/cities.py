"""Cities: what is known of an imported dataset, and what hangs on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select

from gis_service.db import tables
from gis_service.db.columns import Base
from gis_service.db.desk_tables import Draft
from gis_service.errors import Text, UnknownCityError

NAME_LOCK = 1_735_290_733
"""First half of the advisory lock's key; the second is made from the city's name."""
CITIES_NAMED = 8
"""So many cities are named where one is not found."""


@dataclass(frozen=True)
class City:
    """One imported dataset.

    Parameters
    ----------
    id
        Key in the store.
    name, title
        Slug; what people read.
    data_date
        The data describe this day.
    synthetic
        True: invented data.
    metric_crs
        CRS in which lengths and areas are measured [m].
    licence, sources
        Provenance.
    content_hash
        SHA-256 over the dataset's files.
    software_version, imported_at
        What imported it, and when.
    """

    id: int
    name: str
    title: str
    data_date: date
    synthetic: bool
    metric_crs: str
    licence: str
    sources: tuple[str, ...]
    content_hash: str
    software_version: str
    imported_at: datetime


class ImportNote(Protocol):
    """What the import changed or noticed; the import's own notes have this form."""

    @property
    def severity(self) -> str:
        """``repaired``, ``dropped`` or ``notice``."""

    @property
    def file(self) -> str:
        """File of the dataset."""

    @property
    def row(self) -> int | None:
        """Row as a person counts it; None: the whole file."""

    @property
    def zh(self) -> str:
        """What and why, Chinese."""

    @property
    def en(self) -> str:
        """What and why, English."""


@dataclass(frozen=True)
class StoredNote:
    """An import note as stored; see ``ImportNote``."""

    severity: str
    file: str
    row: int | None
    zh: str
    en: str


def lock_name(conn: Connection, name: str) -> None:
    """Wait until no other transaction works on the city of that name, and keep others out until this one ends."""
    conn.execute(select(func.pg_advisory_xact_lock(NAME_LOCK, func.hashtext(name))))


def save_city(
    conn: Connection,
    *,
    name: str,
    title: str,
    data_date: date,
    synthetic: bool,
    metric_crs: str,
    licence: str,
    sources: Sequence[str],
    content_hash: str,
    software_version: str,
) -> City:
    """Store a city that is not there yet and return it with its key; parameters as in ``City``.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        A city of that name exists; ``delete_city`` comes first.
    """
    row = {
        "name": name,
        "title": title,
        "data_date": data_date,
        "synthetic": synthetic,
        "metric_crs": metric_crs,
        "licence": licence,
        "sources": list(sources),
        "content_hash": content_hash,
        "software_version": software_version,
    }
    conn.execute(insert(tables.City).values(row))
    return load_city(conn, name)


def load_city(conn: Connection, name: str) -> City:
    """Return the city of that name.

    Raises
    ------
    UnknownCityError
        There is none; the text lists those there are.
    """
    found = _load(conn, tables.City.name == name)
    if found:
        return found[0]
    known = [city.name for city in load_cities(conn)]
    listed, more = known[:CITIES_NAMED], len(known) > CITIES_NAMED
    raise UnknownCityError(
        Text(
            f"没有名为“{name}”的城市，已导入：{'、'.join(listed) or '无'}{f' 等 {len(known)} 个' if more else ''}；"
            "请先运行 scripts/import_city.py",
            f"there is no city {name!r}; imported are: {', '.join(listed) or 'none'}"
            f"{f' and others, {len(known)} in all' if more else ''}; run scripts/import_city.py first",
        )
    )


def load_cities(conn: Connection) -> list[City]:
    """Return all cities, sorted by name."""
    return _load(conn)


def delete_city(conn: Connection, city: City) -> None:
    """Delete a city with everything that hangs on it, plans and reach runs included."""
    conn.execute(delete(tables.City).where(tables.City.id == city.id))


def derived_work(conn: Connection, city: City) -> dict[str, int]:
    """Return how many rows of people's work would fall with the city, by table."""
    return {
        "plan": _count(conn, tables.Plan, tables.Plan.region_id.in_(_regions(city))),
        "draft": _count(conn, Draft, Draft.region_id.in_(_regions(city))),
        "reach_run": _count(conn, tables.ReachRun, tables.ReachRun.city_id == city.id),
        "siting_run": _count(conn, tables.SitingRun, tables.SitingRun.city_id == city.id),
    }


def count_rows(conn: Connection, city: City) -> dict[str, int]:
    """Return the number of rows imported, by table."""
    imported = (
        tables.Region,
        tables.Estate,
        tables.Building,
        tables.Barrier,
        tables.Facility,
        tables.GivenGrid,
        tables.NetworkNode,
        tables.NetworkEdge,
        tables.ImportNote,
    )
    return {model.__tablename__: _count(conn, model, model.city_id == city.id) for model in imported}


def count_households(conn: Connection, city: City) -> int:
    """Return the households of all buildings [count]."""
    total = func.coalesce(func.sum(tables.Building.households), 0)
    return int(conn.scalars(select(total).where(tables.Building.city_id == city.id)).one())


def save_notes(conn: Connection, city: City, notes: Iterable[ImportNote]) -> None:
    """Store what the import changed or noticed, in order."""
    rows = [
        {
            "city_id": city.id,
            "severity": note.severity,
            "file": note.file,
            "row": note.row,
            "zh": note.zh,
            "en": note.en,
        }
        for note in notes
    ]
    if rows:
        conn.execute(insert(tables.ImportNote), rows)


def load_notes(conn: Connection, city: City) -> list[StoredNote]:
    """Return what the import changed or noticed, in the order it was stored."""
    note = tables.ImportNote
    query = select(note.severity, note.file, note.row, note.zh, note.en).where(note.city_id == city.id)
    return [StoredNote(*row) for row in conn.execute(query.order_by(note.id))]


def _load(conn: Connection, *conditions: ColumnElement[bool]) -> list[City]:
    columns = [getattr(tables.City, field.name) for field in fields(City)]
    query = select(*columns).where(*conditions).order_by(tables.City.name.collate("C"))
    return [City(**{**row, "sources": tuple(row["sources"])}) for row in conn.execute(query).mappings()]


def _regions(city: City) -> Select[int]:
    return select(tables.Region.id).where(tables.Region.city_id == city.id)


def _count(conn: Connection, model: type[Base], condition: ColumnElement[bool]) -> int:
    return conn.scalars(select(func.count()).select_from(model).where(condition)).one()
