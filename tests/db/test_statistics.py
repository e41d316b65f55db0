"""The planner knows what has just been written, whenever autovacuum passes."""

import geopandas as gpd
from sqlalchemy import Connection, text

from gis_service.config import Settings
from gis_service.db.engine import engine
from gis_service.db.regions import save_regions
from gis_service.db.statistics import TABLES, refresh_statistics

from .town import CRS, save_test_city

COUNTED = text("SELECT reltuples FROM pg_class WHERE oid = to_regclass('region')")


def test_a_vacuum_that_passes_before_the_commit_leaves_no_table_looking_empty(
    connection: Connection, database_settings: Settings, town_regions: gpd.GeoDataFrame
) -> None:
    save_regions(connection, save_test_city(connection, "counted", CRS), town_regions)
    rows = connection.scalar(text("SELECT count(*) FROM region"))
    with engine(database_settings).connect().execution_options(isolation_level="AUTOCOMMIT") as passing:
        passing.execute(text("VACUUM region"))
    assert connection.scalar(COUNTED) == rows - len(town_regions), "the trap: pages without the rows in them"
    refresh_statistics(connection, "dataset")
    assert connection.scalar(COUNTED) == rows


def test_what_was_written_is_not_given_up_where_others_hold_the_tables(
    connection: Connection, database_settings: Settings, town_regions: gpd.GeoDataFrame
) -> None:
    save_regions(connection, save_test_city(connection, "counted", CRS), town_regions)
    connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
    with engine(database_settings).begin() as other:
        other.execute(text("LOCK TABLE region IN SHARE UPDATE EXCLUSIVE MODE"))
        refresh_statistics(connection, "dataset")
    assert connection.scalar(text("SELECT count(*) FROM region")) >= len(town_regions)


def test_no_table_is_counted_twice() -> None:
    named = [table for tables in TABLES.values() for table in tables]
    assert len(named) == len(set(named))
