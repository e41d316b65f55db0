"""Drawing and storing a hand-made town, for the fixtures and for tests that need a second one."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection

from gis_service.db import cities, plans
from gis_service.db.cities import City
from gis_service.geo.crs import round_coordinates

CRS = "EPSG:4549"
ORIGIN = np.array([521_417.123_456, 3_023_580.654_321])
"""Near the demo city: no coordinate of the town is a round number."""
WEST = "990001001001"
LABELS = np.array([1, 1, 0])
"""Row of ``town_grids`` for every unit of ``town_units``."""


def place(geometries: list[Any]) -> gpd.GeoSeries:
    """Return shapes drawn in metres around (0, 0), moved to the town's place and turned: nothing is axis-parallel."""
    angle = np.radians(7.3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    drawn = np.array([*geometries, None], dtype=object)[:-1]
    placed = shapely.transform(drawn, lambda xy: xy @ turn.T + ORIGIN)
    return gpd.GeoSeries(round_coordinates(placed), crs=CRS)


def frame(columns: Mapping[str, Any], geometries: list[Any]) -> gpd.GeoDataFrame:
    """Return a frame of the contract: text columns hold None where missing, integer columns with NA are Int64."""
    return gpd.GeoDataFrame(table(columns), geometry=place(geometries), crs=CRS)


def table(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame of the contract without geometry."""
    return pd.DataFrame({name: series(values) for name, values in columns.items()})


def series(values: Any) -> "pd.Series[Any]":
    """Return a column: text, tuples and None as Python objects, everything else as pandas would have it."""
    objects = any(value is None or isinstance(value, str | tuple) for value in values)
    return pd.Series(values, dtype="object") if objects else pd.Series(values)


def multi(*boxes: Any) -> Any:
    return shapely.MultiPolygon(boxes)


def save_test_city(connection: Connection, name: str, metric_crs: str) -> City:
    return cities.save_city(
        connection,
        name=name,
        title="示例城",
        data_date=date(2023, 6, 30),
        synthetic=True,
        metric_crs=metric_crs,
        licence="CC0",
        sources=("手工", "a,b"),
        content_hash="00",
        software_version="0.0.0",
    )


def save_test_plan(connection: Connection, town: City, name: str, labels: Any, grids: gpd.GeoDataFrame) -> int:
    return plans.save_plan(
        connection,
        town,
        WEST,
        name=name,
        rules={"basis": "either"},
        findings={"findings": [{"kind": "grid_small"}]},
        account={"households_moved": 7},
        seed=2**40,
        software_version="0.0.0",
        labels=labels,
        grids=grids,
    )
