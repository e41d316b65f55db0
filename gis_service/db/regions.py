"""Regions: city, counties, streets and communities."""

import geopandas as gpd
from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, next_ids, wkb
from gis_service.db.keys import REGION, resolve
from gis_service.db.tables import Region
from gis_service.geo.crs import to_stored

COLUMNS: dict[str, Kind] = {"code": "text", "name": "text", "level": "text", "parent_code": "text"}


def save_regions(conn: Connection, city: City, regions: gpd.GeoDataFrame) -> None:
    """Store the regions frame; the codes are valid from the city's data date on.

    Raises
    ------
    InputError
        A parent code names no region of the frame.
    """
    keys = next_ids(conn, Region, len(regions)).tolist()
    by_code = dict(zip(regions["code"], keys, strict=True))
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
            "valid_from": [city.data_date] * len(regions),
            "geometry": to_stored(regions).geometry,
        },
    )


def load_regions(conn: Connection, city: City, level: str | None = None) -> gpd.GeoDataFrame:
    """Return the regions frame in the city's metric CRS, of one ``level`` or of all four."""
    above = aliased(Region)
    query = (
        select(Region.code, Region.name, Region.level, above.code, wkb(Region.geometry))
        .outerjoin(above, above.id == Region.parent_id)
        .where(Region.city_id == city.id, Region.valid_to.is_(None))
        .order_by(c_order(Region.code), Region.id)
    )
    if level is not None:
        query = query.where(Region.level == level)
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)
