"""From the codes that frames speak of to the keys that rows hold, and never a silent miss."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, select

from gis_service.db.cities import City
from gis_service.db.tables import Building, Estate, Facility, Region
from gis_service.errors import InputError, Text

COMMUNITY = Text("社区", "community")
REGION = Text("行政区划", "region")
ESTATE = Text("小区", "estate")
BUILDING = Text("楼栋", "building")
FACILITY = Text("设施", "facility")


def in_force() -> ColumnElement[bool]:
    """Return the condition for regions in force on their city's data date; the import stores no later end than that."""
    return Region.valid_to.is_(None)


def region_keys(conn: Connection, city: City, level: str | None = None) -> dict[str, int]:
    """Return code → key of the regions in force, of one level or of all."""
    query = select(Region.code, Region.id).where(Region.city_id == city.id, in_force())
    return _keys(conn, query if level is None else query.where(Region.level == level))


def community_key(conn: Connection, city: City, code: str) -> int:
    """Return the key of one community; raises InputError where the city has none of that code."""
    keys: list[int] = resolve([code], region_keys(conn, city, "community"), COMMUNITY)
    return keys[0]


def estate_keys(conn: Connection, city: City) -> dict[str, int]:
    """Return id in the dataset → key of the estates."""
    return _keys(conn, select(Estate.code, Estate.id).where(Estate.city_id == city.id))


def building_keys(conn: Connection, city: City) -> dict[str, int]:
    """Return id in the dataset → key of the buildings."""
    return _keys(conn, select(Building.code, Building.id).where(Building.city_id == city.id))


def facility_keys(conn: Connection, city: City) -> dict[str, int]:
    """Return id in the dataset → key of the facilities."""
    return _keys(conn, select(Facility.code, Facility.id).where(Facility.city_id == city.id))


def resolve(codes: Iterable[Any], keys: Mapping[str, int], thing: Text) -> list[Any]:
    """Return the key of every code; None for a code that is missing.

    Raises
    ------
    InputError
        A code is not among ``keys``; the text says what kind of thing it should name.
    """
    wanted = [None if pd.isna(code) else code for code in codes]
    unknown = sorted({code for code in wanted if code is not None and code not in keys})
    if unknown:
        listed = ", ".join(unknown[:5])
        raise InputError(
            Text(
                f"没有编号为 {listed} 的{thing.zh}（共 {len(unknown)} 个未知编号），请核对数据",
                f"there is no {thing.en} {listed} ({len(unknown)} unknown in all); check the data",
            )
        )
    return [None if code is None else keys[code] for code in wanted]


def _keys(conn: Connection, query: Select[str, int]) -> dict[str, int]:
    return {row.code: row.id for row in conn.execute(query)}
