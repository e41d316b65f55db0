"""Buildings with their counts."""

import geopandas as gpd
from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, wkb
from gis_service.db.keys import COMMUNITY, ESTATE, estate_keys, region_keys, resolve
from gis_service.db.tables import Building, Estate, Region
from gis_service.geo.crs import to_stored

COUNTS = ("households", "residents", "elderly", "children", "floors")
COLUMNS: dict[str, Kind] = {
    "id": "text",
    "households": "count",
    "residents": "optional_count",
    "elderly": "optional_count",
    "children": "optional_count",
    "floors": "optional_count",
    "estate_id": "text",
    "community_code": "text",
    "households_source": "text",
}


def save_buildings(conn: Connection, city: City, buildings: gpd.GeoDataFrame) -> None:
    """Store the buildings frame; regions and estates come first.

    Raises
    ------
    InputError
        A building names a community or an estate that is not stored.
    """
    copy_rows(
        conn,
        Building,
        {
            "city_id": [city.id] * len(buildings),
            "region_id": resolve(buildings["community_code"], region_keys(conn, city, "community"), COMMUNITY),
            "estate_id": resolve(buildings["estate_id"], estate_keys(conn, city), ESTATE),
            "code": buildings["id"],
            **{name: buildings[name] for name in COUNTS},
            "households_source": buildings["households_source"],
            "geometry": to_stored(buildings).geometry,
        },
    )


def load_buildings(conn: Connection, city: City, community_code: str | None = None) -> gpd.GeoDataFrame:
    """Return the buildings frame in the city's metric CRS, of one community or of the whole city."""
    query = (
        select(
            Building.code,
            *(getattr(Building, name) for name in COUNTS),
            Estate.code,
            Region.code,
            Building.households_source,
            wkb(Building.geometry),
        )
        .outerjoin(Estate, Estate.id == Building.estate_id)
        .outerjoin(Region, Region.id == Building.region_id)
        .where(Building.city_id == city.id)
        .order_by(c_order(Building.code))
    )
    if community_code is not None:
        query = query.where(Region.code == community_code)
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)
