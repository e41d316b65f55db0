"""Barriers: rivers, railways, expressways, roads and walls."""

import geopandas as gpd
from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, wkb
from gis_service.db.tables import Barrier
from gis_service.geo.crs import to_stored

COLUMNS: dict[str, Kind] = {"kind": "text", "name": "text"}


def save_barriers(conn: Connection, city: City, barriers: gpd.GeoDataFrame) -> None:
    """Store the barriers frame."""
    copy_rows(
        conn,
        Barrier,
        {
            "city_id": [city.id] * len(barriers),
            "kind": barriers["kind"],
            "name": barriers["name"],
            "geometry": to_stored(barriers).geometry,
        },
    )


def load_barriers(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the barriers frame in the city's metric CRS; barriers of a kind in the order they were saved."""
    query = (
        select(Barrier.kind, Barrier.name, wkb(Barrier.geometry))
        .where(Barrier.city_id == city.id)
        .order_by(c_order(Barrier.kind), Barrier.id)
    )
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)
