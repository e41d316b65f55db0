"""Schema api: what QGIS sees, and what its role may not."""

from collections.abc import Iterator
from contextlib import closing

import geopandas as gpd
import psycopg2
import psycopg2.errors
import pytest
from sqlalchemy import Connection, make_url, text

from gis_service.config import Settings
from gis_service.db.cities import City
from gis_service.db.cluster_place import READER
from gis_service.db.reader_role import reader_faults
from gis_service.db.tables import METADATA

from .town import LABELS, save_test_plan

VIEWS = {"community", "grid", "building", "estate", "barrier_line", "barrier_area", "facility", "service_circle", "gap"}


@pytest.fixture
def reader(database_settings: Settings) -> Iterator[psycopg2.extensions.cursor]:
    """Return a cursor of somebody who took the read-only role when signing in."""
    url = make_url(database_settings.database_url or "")
    host, port = url.query["host"], url.query["port"]
    options = f"-c role={READER}"
    with closing(
        psycopg2.connect(host=host, port=port, user=url.username, dbname=url.database, options=options)
    ) as connected:
        yield connected.cursor()


def test_every_view_has_an_integer_key_first_and_a_typed_geometry_last(connection: Connection) -> None:
    rows = connection.execute(
        text(
            "SELECT c.relname, min(a.attname) FILTER (WHERE a.attnum = 1), "
            "min(format_type(a.atttypid, a.atttypmod)) FILTER (WHERE a.attnum = 1), "
            "min(format_type(a.atttypid, a.atttypmod)) FILTER (WHERE a.attname = 'geometry') "
            "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v' AND a.attnum > 0 GROUP BY c.relname"
        )
    ).all()
    assert {row[0] for row in rows} == VIEWS
    assert {row[1:3] for row in rows} == {("id", "bigint")}
    kinds = {row[0]: row[3] for row in rows}
    assert kinds.pop("building") == "geometry(Geometry,4326)"
    assert kinds.pop("facility") == "geometry(Point,4326)"
    assert kinds.pop("barrier_line") == "geometry(MultiLineString,4326)"
    assert set(kinds.values()) == {"geometry(MultiPolygon,4326)"}


def test_every_view_and_column_is_commented(connection: Connection) -> None:
    uncommented = connection.scalars(
        text(
            "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = 'api'::regnamespace AND a.attnum > 0 AND "
            "(col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)"
        )
    ).all()
    assert uncommented == []


def test_the_views_show_the_newest_plan_only(
    connection: Connection, planned_town: City, town_grids: gpd.GeoDataFrame
) -> None:
    save_test_plan(connection, planned_town, "second", LABELS * 0, town_grids.iloc[1:])
    assert connection.execute(text("SELECT plan, code FROM api.grid")).all() == [("second", "990001001001002")]
    grid_of = connection.execute(text('SELECT code, grid_code FROM api.building ORDER BY code COLLATE "C"')).all()
    assert grid_of == [
        ("B01", "990001001001002"),
        ("B02", None),
        ("B03", "990001001001002"),
        ("b04", None),
        ("虎𬇙镇1", None),
    ]


def test_the_views_show_each_row_of_the_town_once(connection: Connection, planned_town: City) -> None:
    counts = {view: connection.scalar(text(f"SELECT count(*) FROM api.{view}")) for view in VIEWS}
    assert counts == {
        "community": 2,
        "grid": 2,
        "building": 5,
        "estate": 1,
        "barrier_line": 2,
        "barrier_area": 1,
        "facility": 2,
        "service_circle": 0,
        "gap": 0,
    }


def test_a_private_home_is_not_shown(connection: Connection, town: City) -> None:
    connection.execute(text("UPDATE facility SET level = 4, public = false WHERE code = 'F1'"))
    assert connection.scalars(text("SELECT code FROM api.facility")).all() == ["F2"]


def test_a_communitys_residents_are_unknown_where_one_buildings_are(connection: Connection, town: City) -> None:
    found = connection.execute(text("SELECT households, residents, buildings FROM api.community ORDER BY code")).all()
    assert found == [(153, None, 3), (7, 20, 1)]


def test_nobody_signs_in_as_the_reader_itself(connection: Connection) -> None:
    can_login = text("SELECT rolcanlogin FROM pg_roles WHERE rolname = :role")
    assert connection.scalars(can_login, {"role": READER}).all() == [False]
    assert reader_faults(connection) == ()


def test_a_missing_role_and_one_that_signs_in_are_told_with_the_cure(connection: Connection) -> None:
    connection.execute(text(f"ALTER ROLE {READER} LOGIN"))
    assert [f"ALTER ROLE {READER} NOLOGIN" in fault.zh for fault in reader_faults(connection)] == [True]
    connection.execute(text(f"ALTER ROLE {READER} RENAME TO another_{READER}"))
    assert [f"CREATE ROLE {READER} NOLOGIN" in fault.zh for fault in reader_faults(connection)] == [True]


def test_what_is_missing_of_the_readers_rights_is_told(connection: Connection) -> None:
    connection.execute(text(f"REVOKE SELECT ON api.grid FROM {READER}"))
    (fault,) = reader_faults(connection)
    assert "GRANT SELECT ON ALL TABLES IN SCHEMA api" in fault.zh
    connection.execute(text(f"GRANT SELECT ON api.grid TO {READER}; REVOKE USAGE ON SCHEMA api FROM {READER}"))
    assert reader_faults(connection) == (fault,)


def test_the_reader_reads_every_view(reader: psycopg2.extensions.cursor) -> None:
    for view in sorted(VIEWS):
        reader.execute(f"SELECT count(*) FROM api.{view}")
        assert reader.fetchone() == (0,)


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM public.{}", "DELETE FROM public.{}", "TRUNCATE public.{} CASCADE"]
)
def test_the_reader_may_touch_no_table(reader: psycopg2.extensions.cursor, statement: str) -> None:
    for table in METADATA.tables:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            reader.execute(statement.format(table))
        reader.connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE api.facility SET name = 'x'",
        "DELETE FROM api.estate",
        "INSERT INTO api.gap (rank) VALUES (1)",
        "CREATE TABLE public.mine (a int)",
        "CREATE TABLE api.mine (a int)",
    ],
)
def test_the_reader_may_write_nothing(reader: psycopg2.extensions.cursor, statement: str) -> None:
    # A view over several tables takes no rows from anybody; PostgreSQL says so before it looks at rights.
    refusals = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ObjectNotInPrerequisiteState)
    with pytest.raises(refusals):
        reader.execute(statement)
