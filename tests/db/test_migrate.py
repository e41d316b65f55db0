"""Migrations go up, down and up again, and make the tables of ``tables.py``."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text

from gis_service.config import Settings
from gis_service.db import migrate
from gis_service.db.engine import begin, reading
from gis_service.db.tables import METADATA
from gis_service.errors import DatabaseUnavailableError

from .town import CRS, save_test_city

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


@pytest.fixture
def own_settings(make_database: Callable[[str], Settings]) -> Settings:
    return make_database("migrations")


def tables(connection: Connection) -> set[str]:
    found = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
    return set(found) - {"spatial_ref_sys", "alembic_version"}


def test_the_migrated_database_has_exactly_the_tables_of_the_code(database_settings: Settings) -> None:
    migrate.check(database_settings)


def test_every_column_and_table_keeps_its_comment(connection: Connection) -> None:
    uncommented = connection.scalars(
        text(
            "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "JOIN pg_attribute a ON a.attrelid = c.oid WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 "
            "AND NOT a.attisdropped AND c.relname NOT IN ('spatial_ref_sys', 'alembic_version') AND "
            "(col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)"
        )
    ).all()
    assert uncommented == []


def test_down_leaves_nothing_and_up_again_restores_all(own_settings: Settings) -> None:
    migrate.downgrade(own_settings, "base")
    with reading(own_settings) as connection:
        assert tables(connection) == set()
        assert connection.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname = 'api'")) == 0
    migrate.upgrade(own_settings)
    migrate.check(own_settings)
    with reading(own_settings) as connection:
        assert tables(connection) == set(METADATA.tables)


def test_every_step_can_be_taken_back_and_forth_alone(own_settings: Settings) -> None:
    numbers = sorted((path.name[:4] for path in VERSIONS.glob("[0-9]*.py")), reverse=True)
    for number in numbers:
        migrate.downgrade(own_settings, "-1")
        migrate.upgrade(own_settings, number)
        migrate.downgrade(own_settings, "-1")
    migrate.upgrade(own_settings)
    migrate.check(own_settings)


def test_revisions_are_numbered_without_gaps() -> None:
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)


def test_homes_that_were_public_by_mistake_are_not_after_the_upgrade(own_settings: Settings) -> None:
    migrate.downgrade(own_settings, "0002")
    with begin(own_settings) as connection:
        city = save_test_city(connection, "homes", CRS)
        for code, level in (("home", 4), ("station", 3)):
            connection.execute(
                text(
                    "INSERT INTO facility (city_id, code, name, kind, level, public, geometry) "
                    "VALUES (:city, :code, '', 'red_station', :level, true, 'SRID=4326;POINT(120 27)')"
                ),
                {"city": city.id, "code": code, "level": level},
            )
    migrate.upgrade(own_settings)
    with reading(own_settings) as connection:
        assert connection.scalars(text("SELECT code FROM facility WHERE public")).all() == ["station"]


def test_grids_without_households_are_empty_after_the_upgrade_and_too_small_before(own_settings: Settings) -> None:
    def statuses() -> list[str]:
        with reading(own_settings) as connection:
            return list(connection.scalars(text("SELECT status FROM grid ORDER BY code")))

    migrate.downgrade(own_settings, "0003")
    with begin(own_settings) as connection:
        city = save_test_city(connection, "land", CRS)
        plan = connection.execute(
            text(
                "WITH community AS (INSERT INTO region (city_id, code, name, level, valid_from) "
                "VALUES (:city, '1', '', 'community', '2020-01-01') RETURNING id) "
                "INSERT INTO plan (region_id, name, rules, findings, seed, data_date, software_version) "
                "SELECT id, 'proposal', '{}', '{}', 1, '2023-06-30', '0' FROM community RETURNING id, region_id"
            ),
            {"city": city.id},
        ).one()
        rows = [("base", 0, 0), ("base", 0, None), ("base", 0, 9), ("base", 9, None), ("special", 0, 0)]
        for code, (kind, households, residents) in enumerate(rows):
            connection.execute(
                text(
                    "INSERT INTO grid (plan_id, region_id, code, name, kind, status, households, residents, geometry) "
                    "VALUES (:plan, :region, :code, '', :kind, :status, :households, :residents, "
                    "ST_Multi(ST_MakeEnvelope(120, 27, 121, 28, 4326)))"
                ),
                {
                    "plan": plan.id,
                    "region": plan.region_id,
                    "code": str(code),
                    "kind": kind,
                    "status": "special" if kind == "special" else "small",
                    "households": households,
                    "residents": residents,
                },
            )
    before = statuses()
    migrate.upgrade(own_settings)
    assert statuses() == ["empty", "empty", "small", "small", "special"]
    migrate.downgrade(own_settings, "0003")
    assert statuses() == before


def test_the_check_before_serving_is_one_query(own_settings: Settings) -> None:
    said = []
    with reading(own_settings) as connection:
        event.listen(connection, "before_cursor_execute", lambda *what: said.append(what[2]))
        migrate.require_current(connection)
    assert said == ["SELECT version_num FROM alembic_version"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", r"0001，需要 \d{4}，请运行 scripts/database\.py upgrade"),
        ("DELETE FROM alembic_version", r"空，需要 \d{4}，请运行 scripts/database\.py upgrade"),
        ("UPDATE alembic_version SET version_num = '9999'", "9999，比本软件的 .* 新，请升级软件"),
        ("DROP TABLE alembic_version", r"还没有本服务的表，请先运行 scripts/database\.py upgrade"),
    ],
)
def test_the_check_before_serving_says_what_to_do(own_settings: Settings, change: str, said: str) -> None:
    with begin(own_settings) as connection:
        connection.execute(text(change))
    with pytest.raises(DatabaseUnavailableError, match=said), reading(own_settings) as connection:
        migrate.require_current(connection)


def test_a_database_of_a_newer_version_is_refused(own_settings: Settings) -> None:
    with begin(own_settings) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailableError, match="更新版本"):
        migrate.upgrade(own_settings)
    with begin(own_settings) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
