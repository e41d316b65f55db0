"""Facilities: the service points."""

import geopandas as gpd
from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, wkb
from gis_service.db.tables import Facility
from gis_service.geo.crs import to_stored

COLUMNS: dict[str, Kind] = {
    "id": "text",
    "name": "text",
    "kind": "text",
    "level": "optional_count",
    "address": "text",
    "hours": "text",
    "phone": "text",
    "owner": "text",
    "functions": "texts",
    "area_m2": "measure",
    "public": "truth",
}
STORED = tuple(name for name in COLUMNS if name != "id")


def save_facilities(conn: Connection, city: City, facilities: gpd.GeoDataFrame) -> None:
    """Store the facilities frame."""
    copy_rows(
        conn,
        Facility,
        {
            "city_id": [city.id] * len(facilities),
            "code": facilities["id"],
            **{name: facilities[name] for name in STORED},
            "geometry": to_stored(facilities).geometry,
        },
    )


def load_facilities(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the facilities frame in the city's metric CRS, those that are not public included."""
    query = (
        select(Facility.code, *(getattr(Facility, name) for name in STORED), wkb(Facility.geometry))
        .where(Facility.city_id == city.id)
        .order_by(c_order(Facility.code))
    )
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)
