"""Connections: commits, rollbacks, snapshots, and one clear sentence where there is no PostGIS."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import IntegrityError, InternalError

from gis_service.config import Settings
from gis_service.db import cities, cluster, engine, migrate
from gis_service.db.engine import begin, reading
from gis_service.errors import DatabaseUnavailableError

from .town import CRS, save_test_city

IMPORT_HALF_OF_A_CITY = """
import sys, time
from datetime import date
import geopandas as gpd, pandas as pd, shapely
from gis_service.config import Settings
from gis_service.db import buildings, cities
from gis_service.db.engine import begin

with begin(Settings(database_url=sys.argv[1])) as connection:
    city = cities.save_city(
        connection, name="half", title="", data_date=date(2023, 6, 30), synthetic=True, metric_crs="EPSG:4549",
        licence="", sources=[], content_hash="", software_version="",
    )
    number = 20_000
    frame = gpd.GeoDataFrame(
        {
            "id": [str(row) for row in range(number)], "households": 1, "residents": pd.NA, "elderly": pd.NA,
            "children": pd.NA, "floors": pd.NA, "estate_id": None, "community_code": None,
            "households_source": "observed",
        },
        geometry=gpd.points_from_xy([521_000.0] * number, range(3_000_000, 3_000_000 + number)), crs="EPSG:4549",
    )
    buildings.save_buildings(connection, city, frame)
    print("half", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def own_settings(make_database: Callable[[str], Settings]) -> Settings:
    return make_database("engine")


@pytest.fixture
def bare_settings(cluster_settings: Settings, own_settings: Settings) -> Iterator[Settings]:
    """Return settings of a database without PostGIS in it."""
    name = f"bare_{os.getpid()}"
    url = make_url(cluster.admin_url(cluster_settings))
    host, port = url.query["host"], url.query["port"]
    with closing(psycopg2.connect(host=host, port=port, user=url.username, dbname=url.database)) as admin:
        admin.autocommit = True
        admin.cursor().execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield Settings(database_url=url.set(database=name).render_as_string())
        admin.cursor().execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def save_first(connection: Connection) -> Connection:
    save_test_city(connection, "lost", CRS)
    return connection


def impatient(connection: Connection) -> Connection:
    connection.execute(text("SET LOCAL lock_timeout = '20ms'"))
    return connection


def count_cities(settings: Settings) -> int:
    with reading(settings) as connection:
        return len(cities.load_cities(connection))


def test_what_is_begun_is_committed_at_the_end(own_settings: Settings) -> None:
    with begin(own_settings) as connection:
        save_test_city(connection, "kept", CRS)
    assert count_cities(own_settings) == 1


def test_what_raises_leaves_nothing(own_settings: Settings) -> None:
    with pytest.raises(IntegrityError), begin(own_settings) as connection:
        save_test_city(save_first(connection), "lost", CRS)
    assert count_cities(own_settings) == 0


def test_a_killed_import_leaves_nothing_half_there_and_can_be_run_again(own_settings: Settings) -> None:
    program = [sys.executable, "-c", IMPORT_HALF_OF_A_CITY, own_settings.database_url or ""]
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, text=True, cwd=Path(engine.__file__).parents[2]
    ) as importing:
        assert importing.stdout is not None
        assert importing.stdout.readline() == "half\n"
        importing.send_signal(signal.SIGKILL)
    with reading(own_settings) as connection:
        assert connection.scalar(text("SELECT count(*) FROM city")) == 0
        assert connection.scalar(text("SELECT count(*) FROM building")) == 0
    with begin(own_settings) as connection:
        cities.lock_name(connection, "half")
        save_test_city(connection, "half", CRS)
    assert count_cities(own_settings) == 1


def test_of_two_imports_of_a_city_the_second_waits_and_then_says_why(own_settings: Settings) -> None:
    with begin(own_settings) as first:
        cities.lock_name(first, "same")
        with begin(own_settings) as another:
            cities.lock_name(another, "other")
        with pytest.raises(DatabaseUnavailableError, match="另一个程序"), begin(own_settings) as second:
            cities.lock_name(impatient(second), "same")
    with begin(own_settings) as second:
        cities.lock_name(second, "same")


def test_a_reader_cannot_write(own_settings: Settings) -> None:
    with pytest.raises(InternalError, match="read-only"), reading(own_settings) as connection:
        save_test_city(connection, "written", CRS)


def test_a_reader_sees_one_state_while_others_write(own_settings: Settings) -> None:
    with reading(own_settings) as reader:
        assert cities.load_cities(reader) == []
        with begin(own_settings) as writer:
            save_test_city(writer, "new", CRS)
        assert cities.load_cities(reader) == []
    assert count_cities(own_settings) == 1


def test_a_connection_lent_for_reading_can_write_again_later(own_settings: Settings) -> None:
    for number in range(12):
        with reading(own_settings) as connection:
            connection.execute(text("SELECT 1"))
        with begin(own_settings) as connection:
            save_test_city(connection, f"city-{number}", CRS)
    assert count_cities(own_settings) == 12


def test_the_server_knows_who_is_connected(connection: Connection) -> None:
    assert connection.scalar(text("SHOW application_name")) == "gis_service"
    assert connection.scalar(text("SHOW lock_timeout")) == "30s"


@pytest.mark.parametrize("url", ["sqlite:///x.db", "mysql://u@h/d", "nonsense"])
def test_an_address_that_is_not_postgresqls_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match="GIS_SERVICE_DATABASE_URL"), begin(Settings(database_url=url)):
        pass


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg2", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_is_understood(own_settings: Settings, scheme: str) -> None:
    url = (own_settings.database_url or "").replace("postgresql+psycopg2", scheme)
    assert count_cities(Settings(database_url=url)) == 0


def test_a_server_that_is_down_is_said_to_be_unreachable(tmp_path: Path) -> None:
    settings = Settings(database_url=f"postgresql://nobody:secret@/none?host={tmp_path}")
    with pytest.raises(DatabaseUnavailableError, match="无法连接数据库") as caught, begin(settings):
        pass
    assert "secret" not in caught.value.text.zh + caught.value.text.en


def test_a_server_that_goes_away_is_said_to_be_unreachable(own_settings: Settings) -> None:
    with pytest.raises(DatabaseUnavailableError, match="无法连接数据库"), begin(own_settings) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_a_lost_pooled_connection_is_replaced(own_settings: Settings) -> None:
    with begin(own_settings) as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
    with begin(Settings(database_url=own_settings.database_url, language="en")) as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
    assert count_cities(own_settings) == 0


def test_missing_tables_are_named_with_the_cure(own_settings: Settings) -> None:
    migrate.downgrade(own_settings, "base")
    with pytest.raises(DatabaseUnavailableError, match=r"database\.py upgrade"), reading(own_settings) as connection:
        cities.load_cities(connection)
    with pytest.raises(DatabaseUnavailableError, match=r"database\.py upgrade"), reading(own_settings) as connection:
        migrate.require_current(connection)
    migrate.upgrade(own_settings)
    with reading(own_settings) as connection:
        migrate.require_current(connection)


@pytest.fixture
def weak_settings(bare_settings: Settings) -> Iterator[Settings]:
    """Return settings of a database without PostGIS whose user owns it and may do nothing else."""
    url = make_url(bare_settings.database_url or "")
    weak, admin, database = (sql.Identifier(name or "") for name in (f"weak_{os.getpid()}", url.username, url.database))
    with closing(
        psycopg2.connect(host=url.query["host"], port=url.query["port"], user=url.username, dbname="postgres")
    ) as connected:
        connected.autocommit = True
        cursor = connected.cursor()
        cursor.execute(sql.SQL("CREATE ROLE {}").format(weak))
        cursor.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, weak))
        cursor.execute(sql.SQL("ALTER ROLE {} IN DATABASE {} SET role = {}").format(admin, database, weak))
        yield bare_settings
        cursor.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, admin))
        cursor.execute(sql.SQL("DROP ROLE {}").format(weak))


def test_a_user_who_may_not_create_extensions_is_told_who_may(weak_settings: Settings) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"权限不足.*执行：CREATE EXTENSION postgis; CREATE EXTENSION"):
        migrate.upgrade(weak_settings)


def test_a_user_who_lacks_another_right_is_told_who_grants_it(weak_settings: Settings) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"权限不足.*ALTER DATABASE"), begin(weak_settings) as connection:
        connection.execute(text("CREATE TABLE pg_catalog.mine (a int)"))


def test_a_reader_whose_statement_takes_too_long_is_told_so(own_settings: Settings) -> None:
    with pytest.raises(DatabaseUnavailableError, match="读取 60 秒"), reading(own_settings) as connection:
        connection.execute(text("SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(10)"))


def test_a_database_whose_postgis_can_still_be_created_is_accepted(bare_settings: Settings) -> None:
    migrate.upgrade(bare_settings)
    migrate.check(bare_settings)


@pytest.mark.parametrize(
    ("installed", "sentence"),
    [(None, "没有安装 PostGIS"), ("3.2.9", r"3\.2\.9，需要 3\.3"), ("2.5", r"2\.5，需要 3\.3")],
)
def test_an_absent_or_old_postgis_is_refused(
    bare_settings: Settings, own_settings: Settings, installed: str | None, sentence: str
) -> None:
    with begin(bare_settings) as connection:
        connection.execute(text("CREATE TABLE public.pg_extension (extname text, extversion text)"))
        connection.execute(text("CREATE TABLE public.pg_available_extensions (name text, default_version text)"))
        if installed is not None:
            connection.execute(text("INSERT INTO public.pg_extension VALUES ('postgis', :v)"), {"v": installed})
        connection.execute(text("SET LOCAL search_path = public, pg_catalog"))
        with pytest.raises(DatabaseUnavailableError, match=sentence):
            engine._check_postgis(connection)


@pytest.mark.parametrize("version", ["3.3.2", "3.10.0", "4.0dev"])
def test_a_newer_postgis_is_accepted(bare_settings: Settings, version: str) -> None:
    with begin(bare_settings) as connection:
        connection.execute(text("CREATE TABLE public.pg_extension (extname text, extversion text)"))
        connection.execute(text("INSERT INTO public.pg_extension VALUES ('postgis', :v)"), {"v": version})
        connection.execute(text("SET LOCAL search_path = public, pg_catalog"))
        engine._check_postgis(connection)
