"""Residential estates (小区)."""

import geopandas as gpd
from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, wkb
from gis_service.db.tables import Estate
from gis_service.geo.crs import to_stored

COLUMNS: dict[str, Kind] = {"id": "text", "name": "text"}


def save_estates(conn: Connection, city: City, estates: gpd.GeoDataFrame) -> None:
    """Store the estates frame."""
    copy_rows(
        conn,
        Estate,
        {
            "city_id": [city.id] * len(estates),
            "code": estates["id"],
            "name": estates["name"],
            "geometry": to_stored(estates).geometry,
        },
    )


def load_estates(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the estates frame in the city's metric CRS."""
    query = (
        select(Estate.code, Estate.name, wkb(Estate.geometry))
        .where(Estate.city_id == city.id)
        .order_by(c_order(Estate.code))
    )
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)
