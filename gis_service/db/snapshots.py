"""Snapshots: audits, frozen, with the buildings and extents that their figures come from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import geopandas as gpd
from sqlalchemy import ColumnElement, Connection, Select, case, false, func, insert, not_, or_, select

from gis_service.audit.limits import ROUNDING_M, Limits
from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, wkb
from gis_service.db.register_tables import Snapshot as Table
from gis_service.db.register_tables import SnapshotArea, SnapshotBuilding
from gis_service.geo.crs import to_stored

FORM = 2
"""Form of the contents written and read now; snapshots of earlier versions of the software have another, or none."""

BUILDING_COLUMNS: dict[str, Kind] = {
    "id": "text",
    "place": "text",
    "community_code": "text",
    "grid_code": "text",
    "estate_id": "text",
    "households": "count",
    "residents": "optional_count",
    "elderly": "optional_count",
    "children": "optional_count",
    "facility_id": "text",
    "walk_m": "measure",
    "walk_s": "measure",
    "straight_m": "measure",
    "elderly_walk_s": "measure",
    "children_walk_s": "measure",
    "covered": "truth",
    "gap_rank": "optional_count",
}
"""Columns of the evidence; ids are codes in the store."""
AREA_COLUMNS: dict[str, Kind] = {"kind": "text", "code": "text"}

Only = Literal["", "uncovered", "beyond", "elderly", "children", "gridless", "outside"]
"""Which buildings are listed, see `load_building_rows`."""
SORTED_BY = (
    "id", "community_code", "grid_code", "households", "residents", "elderly", "children", "walk_m", "straight_m",
    "covered", "elderly_walk_s", "children_walk_s",
)  # fmt: skip
"""Columns by which buildings may be listed, of `BUILDING_COLUMNS`."""


@dataclass(frozen=True)
class SnapshotHead:
    """A frozen audit without its content.

    Parameters
    ----------
    id
        Number people know it by.
    city, title
        Name of the city; what people call the snapshot, possibly empty.
    content_hash
        SHA-256 [hex] of the content's canonical JSON.
    dataset_hash
        SHA-256 [hex] over the files of the dataset it was made from. The same rows in another order are other files, so
        it is no part of the content.
    software_version, taken_by, taken_at
        What made it, for whom, and when it was saved.
    """

    id: int
    city: str
    title: str
    content_hash: str
    dataset_hash: str
    software_version: str
    taken_by: str
    taken_at: datetime


def save_snapshot(
    conn: Connection,
    city: City,
    content: Mapping[str, Any],
    canonical: str,
    buildings: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    *,
    software_version: str,
    title: str = "",
    taken_by: str = "",
) -> SnapshotHead:
    """Store a snapshot and return its head.

    Parameters
    ----------
    conn, city
        Transaction and city.
    content
        Plain values for JSON.
    canonical
        The same content as canonical JSON, of which the hash is taken.
    buildings
        `BUILDING_COLUMNS` and a point, in the city's metric CRS.
    areas
        `AREA_COLUMNS` and a MultiPolygon, same CRS.
    software_version, title, taken_by
        What made it, what it is called, and for whom it was made.
    """
    row = {
        "city": city.name,
        "title": title,
        "content": dict(content),
        "content_hash": hashlib.sha256(canonical.encode()).hexdigest(),
        "dataset_hash": city.content_hash,
        "software_version": software_version,
        "taken_by": taken_by,
    }
    key = conn.scalars(insert(Table).values(row).returning(Table.id)).one()
    copy_rows(
        conn,
        SnapshotBuilding,
        {
            "snapshot_id": [key] * len(buildings),
            **{_stored_name(name): buildings[name] for name in BUILDING_COLUMNS},
            "geometry": to_stored(buildings).geometry,
        },
    )
    copy_rows(
        conn,
        SnapshotArea,
        {
            "snapshot_id": [key] * len(areas),
            **{name: areas[name] for name in AREA_COLUMNS},
            "geometry": to_stored(areas).geometry,
        },
    )
    return SnapshotHead(*conn.execute(_heads().where(Table.id == key)).one())


def load_heads(conn: Connection, city_name: str) -> list[SnapshotHead]:
    """Return the snapshots of a city that this version reads, newest first."""
    query = _heads().where(Table.city == city_name, _readable()).order_by(Table.taken_at.desc(), Table.id.desc())
    return [SnapshotHead(*row) for row in conn.execute(query)]


def load_head(conn: Connection, city_name: str, snapshot: int | None = None) -> SnapshotHead | None:
    """Return one snapshot of a city, by default the newest; None where there is none."""
    query = _heads().where(Table.city == city_name, _readable()).order_by(Table.taken_at.desc(), Table.id.desc())
    if snapshot is not None:
        query = query.where(Table.id == snapshot)
    row = conn.execute(query.limit(1)).one_or_none()
    return None if row is None else SnapshotHead(*row)


def load_content(conn: Connection, snapshot: int) -> dict[str, Any]:
    """Return the content of a snapshot."""
    content: dict[str, Any] = conn.scalars(select(Table.content).where(Table.id == snapshot)).one()
    return content


def load_snapshot_buildings(conn: Connection, snapshot: int, metric_crs: str) -> gpd.GeoDataFrame:
    """Return the buildings of a snapshot as they were counted, by id, in ``metric_crs``."""
    found = SnapshotBuilding
    columns = [getattr(found, _stored_name(name)) for name in BUILDING_COLUMNS]
    query = select(*columns, wkb(found.geometry)).where(found.snapshot_id == snapshot).order_by(c_order(found.code))
    return fetch_geometries(conn, query, BUILDING_COLUMNS, metric_crs)


def load_snapshot_areas(conn: Connection, snapshot: int, metric_crs: str, kind: str | None = None) -> gpd.GeoDataFrame:
    """Return the extents of a snapshot, of one kind or of all, by kind and code, in ``metric_crs``."""
    found = SnapshotArea
    query = select(found.kind, found.code, wkb(found.geometry)).where(found.snapshot_id == snapshot)
    if kind is not None:
        query = query.where(found.kind == kind)
    query = query.order_by(c_order(found.kind), c_order(found.code))
    return fetch_geometries(conn, query, AREA_COLUMNS, metric_crs)


@dataclass(frozen=True)
class ListTotals:
    """What a list of buildings comes to, all pages together.

    Parameters
    ----------
    buildings, households
        How many [count].
    residents, elderly, children
        How many [count]; None: that of one building is unknown.
    """

    buildings: int
    households: int
    residents: int | None
    elderly: int | None
    children: int | None


def load_building_rows(
    conn: Connection,
    snapshot: int,
    conditions: Mapping[str, Any],
    *,
    only: Only = "",
    limits: Limits | None = None,
    minutes: float | None = None,
    sort: str = "households",
    descending: bool = True,
    limit: int,
    offset: int,
) -> tuple[list[dict[str, Any]], ListTotals]:
    """Return a page of the buildings of a snapshot in an order, and what all of them come to.

    Parameters
    ----------
    conditions
        Column of `BUILDING_COLUMNS` to the value it must have: a list for one of several, None for missing.
    only
        Only those ``uncovered`` (with households), ``beyond`` (with households that walk strictly farther than the
        limits' ``beyond_m`` or have no path), with ``elderly`` or ``children`` who do not reach their facilities in
        time, ``gridless`` (of a community, in no grid) or ``outside`` every community; empty: all.
    limits
        What counted as reached; needed for ``beyond``, ``elderly``, ``children`` and `minutes`.
    minutes
        Of ``uncovered``: the cut-off that is not kept [min]; None: the one that decides.
    sort, descending
        One of `SORTED_BY`, and whether the greatest comes first; by default most households. What is not known comes
        last either way, ties are ordered by id.
    limit, offset
        The page; an offset beyond the last row gives no row.
    """
    found = SnapshotBuilding
    wanted = [found.snapshot_id == snapshot, *_only(only, limits, minutes)]
    for name, value in conditions.items():
        column = getattr(found, _stored_name(name))
        if isinstance(value, (list, tuple, set, frozenset)):
            wanted.append(column.in_(list(value)))
        else:
            wanted.append(column.is_(None) if value is None else column == value)
    people = (found.residents, found.elderly, found.children)
    known = [case((func.count() == func.count(column), func.coalesce(func.sum(column), 0))) for column in people]
    sums = select(func.count(), func.coalesce(func.sum(found.households), 0), *known).select_from(found)
    number, households, *counts = conn.execute(sums.where(*wanted)).one()
    columns = [getattr(found, _stored_name(name)).label(name) for name in BUILDING_COLUMNS]
    column = getattr(found, _stored_name(sort))
    key = c_order(column) if BUILDING_COLUMNS[sort] == "text" else column
    order = (key.desc() if descending else key.asc()).nulls_last()
    query = select(*columns).where(*wanted).order_by(order, c_order(found.code))
    rows = conn.execute(query.limit(limit).offset(offset)).mappings()
    totals = ListTotals(int(number), int(households), *(None if count is None else int(count) for count in counts))
    return [dict(row) for row in rows], totals


def _only(only: Only, limits: Limits | None, minutes: float | None) -> list[ColumnElement[bool]]:
    found = SnapshotBuilding
    if only in {"", "gridless", "outside"}:
        housed = found.community_code.is_not(None)
        chosen: dict[Only, list[ColumnElement[bool]]] = {
            "": [],
            "gridless": [housed, found.grid_code.is_(None)],
            "outside": [not_(housed)],
        }
        return chosen[only]
    counted = [found.community_code.is_not(None), found.households > 0]
    if only == "uncovered" and minutes is None:
        return [*counted, not_(found.covered)]
    return [*counted, *(_late(only, limits, minutes) if limits is not None else [false()])]


def _late(only: Only, limits: Limits, minutes: float | None) -> list[ColumnElement[bool]]:
    """Return the conditions that somebody walks longer than wanted, or not at all."""
    found, last = SnapshotBuilding, limits.minutes[-1]
    if only == "beyond":
        return [_more(found.walk_m, limits.beyond_m + ROUNDING_M)]
    if only == "uncovered":
        reach_s = 60.0 * (last if minutes is None else minutes)
        return [_more(found.walk_s, reach_s + ROUNDING_M / limits.speed_m_per_s)]
    if only == "elderly":
        reach_s = 60.0 * last + ROUNDING_M / limits.elderly_speed_m_per_s
        return [found.elderly > 0, _more(found.elderly_walk_s, reach_s)]
    return [found.children > 0, _more(found.children_walk_s, 60.0 * last + ROUNDING_M / limits.speed_m_per_s)]


def _more(column: Any, most: float) -> ColumnElement[bool]:
    """Return the condition that a walk is longer, or that there is none."""
    return or_(column.is_(None), column > most)


def _heads() -> Select[*tuple[Any, ...]]:
    return select(*(getattr(Table, field.name) for field in fields(SnapshotHead)))


def _readable() -> Any:
    return Table.content["form"].as_integer() == FORM


def _stored_name(name: str) -> str:
    return {"id": "code", "estate_id": "estate_code", "facility_id": "facility_code"}.get(name, name)
