"""Regions: city, counties, streets and communities, those in force and those that were."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import aliased

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, next_ids, wkb
from gis_service.db.keys import REGION, in_force, resolve
from gis_service.db.tables import Region
from gis_service.geo.crs import to_stored

COLUMNS: dict[str, Kind] = {"code": "text", "name": "text", "level": "text", "parent_code": "text"}


@dataclass(frozen=True)
class RegionRecord:
    """What a code meant on some day.

    Parameters
    ----------
    code, name, level
        As given.
    parent_code
        Code of the region above; None: none is known.
    valid_from, valid_to
        First day on which the code meant this region; first day on which it no longer did, None: it still does.
    """

    code: str
    name: str
    level: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None


class RegionName(NamedTuple):
    """Code and name of a region."""

    code: str
    name: str


def save_regions(
    conn: Connection,
    city: City,
    regions: gpd.GeoDataFrame,
    *,
    since: Mapping[str, date] | None = None,
    former: gpd.GeoDataFrame | None = None,
) -> None:
    """Store the regions frame and, for looking up their codes, the regions that were.

    Parameters
    ----------
    conn
        Connection inside a transaction.
    city
        Where they belong.
    regions
        Regions in force on the city's data date.
    since
        Code → first day; the codes of all others are known to hold from the city's data date on.
    former
        Regions whose codes no longer hold: the columns of ``regions``, ``valid_from`` and ``valid_to`` (on or before
        the data date). A parent may be former or in force.

    Raises
    ------
    InputError
        A parent code names no region.
    sqlalchemy.exc.IntegrityError
        A code means two regions on one day.
    """
    keys = next_ids(conn, Region, len(regions)).tolist()
    by_code = dict(zip(regions["code"], keys, strict=True))
    begin = since or {}
    copy_rows(
        conn,
        Region,
        {
            "id": keys,
            "city_id": [city.id] * len(regions),
            "parent_id": resolve(regions["parent_code"], by_code, REGION),
            "code": regions["code"],
            "name": regions["name"],
            "level": regions["level"],
            "valid_from": [begin.get(code, city.data_date) for code in regions["code"]],
            "geometry": to_stored(regions).geometry,
        },
    )
    if former is not None and len(former):
        _save_former(conn, city, former, by_code)


def load_regions(conn: Connection, city: City, level: str | None = None) -> gpd.GeoDataFrame:
    """Return the regions in force on the city's data date, in its metric CRS, of one ``level`` or of all four."""
    above = aliased(Region)
    query = (
        select(Region.code, Region.name, Region.level, above.code, wkb(Region.geometry))
        .outerjoin(above, above.id == Region.parent_id)
        .where(Region.city_id == city.id, in_force())
        .order_by(c_order(Region.code), Region.id)
    )
    if level is not None:
        query = query.where(Region.level == level)
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)


def find_region(conn: Connection, city: City, code: str, on: date) -> RegionRecord | None:
    """Return the region that a code meant on a day; None where the store knows of none.

    The store knows what the dataset said on the city's data date: later days get the answer of that day.
    """
    above = aliased(Region)
    query = (
        select(Region.code, Region.name, Region.level, above.code, Region.valid_from, Region.valid_to)
        .outerjoin(above, above.id == Region.parent_id)
        .where(
            Region.city_id == city.id,
            Region.code == code,
            Region.valid_from <= on,
            or_(in_force(), Region.valid_to > on),
        )
    )
    found = conn.execute(query).one_or_none()
    return None if found is None else RegionRecord(*found)


def path_of_community(conn: Connection, city: City, code: str) -> tuple[RegionName, ...]:
    """Return a community and the regions above it, from below; empty where the city has none such."""
    own, street, county, town = Region, aliased(Region), aliased(Region), aliased(Region)
    query = (
        select(*(column for region in (own, street, county, town) for column in (region.code, region.name)))
        .outerjoin(street, street.id == own.parent_id)
        .outerjoin(county, county.id == street.parent_id)
        .outerjoin(town, town.id == county.parent_id)
        .where(own.city_id == city.id, own.code == code, own.level == "community", own.valid_to.is_(None))
    )
    found = conn.execute(query).one_or_none()
    if found is None:
        return ()
    pairs = zip(found[::2], found[1::2], strict=True)
    return tuple(RegionName(above, name) for above, name in pairs if above is not None)


def _save_former(conn: Connection, city: City, former: gpd.GeoDataFrame, by_code: Mapping[str, int]) -> None:
    keys = next_ids(conn, Region, len(former)).tolist()
    copy_rows(
        conn,
        Region,
        {
            "id": keys,
            "city_id": [city.id] * len(former),
            "parent_id": _parents_then(former.assign(key=keys), by_code),
            "code": former["code"],
            "name": former["name"],
            "level": former["level"],
            "valid_from": former["valid_from"],
            "valid_to": former["valid_to"],
            "geometry": to_stored(former).geometry,
        },
    )


def _parents_then(former: pd.DataFrame, by_code: Mapping[str, int]) -> list[int | None]:
    """Return the key of the last region of each row's parent code that held while the row did, else of today's."""
    parents: list[int | None] = []
    for row in former.itertuples():
        beside = former[
            (former["code"] == row.parent_code)
            & (former["valid_from"] < row.valid_to)
            & (former["valid_to"] > row.valid_from)
        ].sort_values("valid_from")
        parents += [int(beside["key"].iloc[-1])] if len(beside) else resolve([row.parent_code], by_code, REGION)
    return parents
