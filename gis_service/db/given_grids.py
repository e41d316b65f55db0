"""Grids that came with the dataset: today's grids and special grids."""

import geopandas as gpd
from sqlalchemy import Connection, select

from gis_service.db.cities import City
from gis_service.db.frames import Kind, c_order, copy_rows, fetch_geometries, wkb
from gis_service.db.keys import COMMUNITY, region_keys, resolve
from gis_service.db.tables import GivenGrid, Region
from gis_service.geo.crs import to_stored

COLUMNS: dict[str, Kind] = {
    "code": "text",
    "name": "text",
    "kind": "text",
    "community_code": "text",
}


def save_given_grids(conn: Connection, city: City, given_grids: gpd.GeoDataFrame) -> None:
    """Store the given grids frame; regions come first.

    Raises
    ------
    InputError
        A grid names a community that is not stored.
    """
    copy_rows(
        conn,
        GivenGrid,
        {
            "city_id": [city.id] * len(given_grids),
            "region_id": resolve(given_grids["community_code"], region_keys(conn, city, "community"), COMMUNITY),
            "code": given_grids["code"],
            "name": given_grids["name"],
            "kind": given_grids["kind"],
            "geometry": to_stored(given_grids).geometry,
        },
    )


def load_given_grids(conn: Connection, city: City) -> gpd.GeoDataFrame:
    """Return the given grids frame in the city's metric CRS; grids without a code last, in the order saved."""
    query = (
        select(GivenGrid.code, GivenGrid.name, GivenGrid.kind, Region.code, wkb(GivenGrid.geometry))
        .join(Region, Region.id == GivenGrid.region_id)
        .where(GivenGrid.city_id == city.id)
        .order_by(c_order(GivenGrid.code).nulls_last(), GivenGrid.id)
    )
    return fetch_geometries(conn, query, COLUMNS, city.metric_crs)
