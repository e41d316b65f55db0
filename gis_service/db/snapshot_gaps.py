"""The buildings of the gaps of frozen audits: who lives in them, where, and how far they walk."""

from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, select

from gis_service.db.frames import Kind, c_order, fetch_geometries, wkb
from gis_service.db.register_tables import SnapshotBuilding

GAP_MEMBERS: dict[str, Any] = {
    "gap_rank": "int64", "place": object, "households": "int64", "residents": "Int64", "elderly": "Int64",
    "walk_m": "float64", "walk_s": "float64",
}  # fmt: skip
"""Columns and types of `load_gap_members`."""
POINT_COLUMNS: dict[str, Kind] = {"gap_rank": "count", "place": "text"}


def load_gap_members(conn: Connection, snapshot: int) -> pd.DataFrame:
    """Return the buildings of a snapshot that are in a gap, by code.

    Returns
    -------
    pandas.DataFrame
        `GAP_MEMBERS`: rank of the gap, code of the smallest region the building lies in, households, residents and
        elderly (``<NA>``: unknown), walk to the nearest facility [m, s] (nan: no path).
    """
    columns = [getattr(SnapshotBuilding, name) for name in GAP_MEMBERS]
    query = (
        select(*columns)
        .where(SnapshotBuilding.snapshot_id == snapshot)
        .where(SnapshotBuilding.gap_rank.is_not(None))
        .order_by(c_order(SnapshotBuilding.code))
    )
    return pd.DataFrame(conn.execute(query).all(), columns=list(GAP_MEMBERS)).astype(GAP_MEMBERS)


def load_gap_points(conn: Connection, snapshot: int, metric_crs: str) -> gpd.GeoDataFrame:
    """Return where the buildings of gaps stand: ``gap_rank``, ``place`` and a point, by code, in ``metric_crs``."""
    found = SnapshotBuilding
    columns = [getattr(found, name) for name in POINT_COLUMNS]
    query = select(*columns, wkb(found.geometry)).where(found.snapshot_id == snapshot, found.gap_rank.is_not(None))
    return fetch_geometries(conn, query.order_by(c_order(found.code)), POINT_COLUMNS, metric_crs)
