"""Units: the smallest pieces of land, and the buildings in them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Subquery, case, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from gis_service.db.cities import City
from gis_service.db.frames import Kind, Query, c_order, copy_rows, fetch, fetch_geometries, next_ids, wkb
from gis_service.db.keys import BUILDING, ESTATE, building_keys, community_key, estate_keys, resolve
from gis_service.db.tables import Building, Estate, Unit, UnitBuilding
from gis_service.geo.crs import to_stored

UNIT_COLUMNS: dict[str, Kind] = {
    "unit": "count",
    "code": "text",
    "kind": "text",
    "special": "text",
    "estate_id": "text",
    "households": "count",
    "residents": "optional_count",
    "elderly": "optional_count",
    "children": "optional_count",
}


class StoredUnits(NamedTuple):
    """The units of a community.

    Parameters
    ----------
    units
        Units frame in the city's metric CRS.
    unit_buildings
        Unit buildings frame.
    """

    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame


def save_units(
    conn: Connection, city: City, community_code: str, units: gpd.GeoDataFrame, unit_buildings: pd.DataFrame
) -> None:
    """Store the units of a community, which must have none so far.

    Parameters
    ----------
    conn, city
        Transaction and city.
    community_code
        The community.
    units, unit_buildings
        The frames of those names.

    Raises
    ------
    InputError
        Community, estate or building is not stored.
    sqlalchemy.exc.IntegrityError
        The community has units already; plans share them, so they are never replaced.
    """
    region = community_key(conn, city, community_code)
    keys = next_ids(conn, Unit, len(units))
    by_number = dict(zip(units["unit"], keys.tolist(), strict=True))
    copy_rows(
        conn,
        Unit,
        {
            "id": keys.tolist(),
            "region_id": [region] * len(units),
            "code": units["code"],
            "kind": units["kind"],
            "special": units["special"],
            "estate_id": resolve(units["estate_id"], estate_keys(conn, city), ESTATE),
            "geometry": to_stored(units).geometry,
        },
    )
    copy_rows(
        conn,
        UnitBuilding,
        {
            "unit_id": [by_number[unit] for unit in unit_buildings["unit"]],
            "building_id": resolve(unit_buildings["building_id"], building_keys(conn, city), BUILDING),
        },
    )


def is_cut(conn: Connection, city: City, community_code: str) -> bool:
    """Return whether a community has been cut into units.

    Raises
    ------
    InputError
        The city has no such community.
    """
    region = community_key(conn, city, community_code)
    return bool(conn.scalar(select(exists().where(Unit.region_id == region, Unit.parent_id.is_(None)))))


def load_units(conn: Connection, city: City, community_code: str) -> StoredUnits | None:
    """Return the units a community was first cut into; None where it has not been cut.

    Raises
    ------
    InputError
        The city has no such community.
    """
    region = community_key(conn, city, community_code)
    first_cut = (
        select(Unit.id.label("id"), unit_number(Unit.region_id).label("unit"))
        .where(Unit.region_id == region, Unit.parent_id.is_(None))
        .subquery()
    )
    stored = _units_and_buildings(conn, city, first_cut)
    return None if stored.units.empty else stored


def load_units_of(conn: Connection, city: City, community_code: str, codes: Sequence[str]) -> StoredUnits:
    """Return units of a community by their codes, whatever generation they are of, numbered by code order.

    Raises
    ------
    InputError
        The city has no such community.
    ValueError
        A unit is not stored.
    """
    region = community_key(conn, city, community_code)
    chosen = (
        select(Unit.id.label("id"), unit_number(Unit.region_id).label("unit"))
        .where(Unit.region_id == region, Unit.code.in_(list(codes)))
        .subquery()
    )
    stored = _units_and_buildings(conn, city, chosen)
    missing = sorted(set(codes) - set(stored.units["code"]))
    if missing:
        message = f"units {missing[:3]} of community {community_code} are not stored"
        raise ValueError(message)
    return stored


def unit_keys(conn: Connection, region: int, codes: Sequence[str] | None) -> list[int]:
    """Return the keys of a community's units of these codes, in their order; None: of the first cut, by code."""
    query = select(Unit.code, Unit.id).where(Unit.region_id == region)
    if codes is None:
        return [row.id for row in conn.execute(query.where(Unit.parent_id.is_(None)).order_by(c_order(Unit.code)))]
    keys = {row.code: row.id for row in conn.execute(query.where(Unit.code.in_(list(codes))))}
    return [keys[code] for code in codes if code in keys]


def _units_and_buildings(conn: Connection, city: City, chosen: Subquery) -> StoredUnits:
    """Return the units of ``chosen``, which has their ``id`` and their number ``unit``, and their buildings."""
    query = units_query(chosen.c.unit).join(chosen, chosen.c.id == Unit.id).order_by(chosen.c.unit)
    units = fetch_geometries(conn, query, UNIT_COLUMNS, city.metric_crs)
    building_query = (
        select(Building.code, chosen.c.unit)
        .join(UnitBuilding, UnitBuilding.building_id == Building.id)
        .join(chosen, chosen.c.id == UnitBuilding.unit_id)
        .order_by(c_order(Building.code))
    )
    return StoredUnits(units, fetch(conn, building_query, {"building_id": "text", "unit": "count"}))


def unit_number(within: InstrumentedAttribute[int]) -> ColumnElement[int]:
    """Return the number of a unit, 0 … n-1 by code order, inside a community or a plan."""
    return func.row_number().over(partition_by=within, order_by=c_order(Unit.code)) - 1


def units_query(number: ColumnElement[int], *more: ColumnElement[Any]) -> Query:
    """Return the SELECT of the units frame (and ``more`` columns), which the caller joins to its choice of units."""
    sums = (
        select(
            UnitBuilding.unit_id.label("unit_id"),
            func.sum(Building.households).label("households"),
            *(_sum_if_known(getattr(Building, name)).label(name) for name in ("residents", "elderly", "children")),
        )
        .join(Building, Building.id == UnitBuilding.building_id)
        .where(UnitBuilding.unit_id == Unit.id)
        .group_by(UnitBuilding.unit_id)
        .lateral()
    )
    empty = sums.c.unit_id.is_(None)
    return (
        select(
            number,
            Unit.code,
            Unit.kind,
            Unit.special,
            Estate.code,
            *(case((empty, 0), else_=sums.c[name]) for name in ("households", "residents", "elderly", "children")),
            *more,
            wkb(Unit.geometry),
        )
        .select_from(Unit)
        .outerjoin(Estate, Estate.id == Unit.estate_id)
        .outerjoin(sums, sums.c.unit_id == Unit.id)
    )


def _sum_if_known(column: Any) -> ColumnElement[int | None]:
    """Return the sum of a count, NULL where it is unknown for some building: a part is not the whole."""
    return case((func.count() == func.count(column), func.sum(column)), else_=None)
