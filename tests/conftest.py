"""Fixtures that every kind of test shares."""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psycopg2
import pytest
from psycopg2 import sql
from sqlalchemy import Connection, make_url
from xdist.remote import Producer

from gis_service.config import Settings
from gis_service.db import cluster, migrate
from gis_service.db.cluster_place import ROLE, SERVICE_HOME
from gis_service.db.engine import begin, engine
from gis_service.exports.about import BEIJING
from gis_service.workflows.import_city import import_city
from tests.connecting import rolled_back
from tests.days import seconds_to_wait
from tests.together import Together

REPOSITORY = Path(__file__).resolve().parent.parent
CHECKOUT = hashlib.sha256(os.fsencode(REPOSITORY)).hexdigest()[:12]


class MakeDatabase(Protocol):
    """Makes a new migrated database, named by a label; or a copy of one to which nobody is connected any more."""

    def __call__(self, label: str, like: Settings | None = None) -> Settings: ...


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Let several workers share the tests as :mod:`tests.together` says."""
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin no test right before midnight: it would see two days."""
    time.sleep(seconds_to_wait(datetime.now(BEIJING)))


@pytest.fixture(scope="session")
def cases_dir() -> Path:
    """Return the folder of real cases beside the checkout; skip, and say so, where it is absent."""
    folder = REPOSITORY.parent / "shared" / "cases"
    if not folder.is_dir():
        pytest.skip("the real cases are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def cluster_settings() -> Settings:
    """Return settings of the tests' own cluster; whoever uses it takes a database from ``make_database``."""
    home = SERVICE_HOME if os.geteuid() == 0 else REPOSITORY / "var"
    return Settings(cluster_dir=home / f"tests_{CHECKOUT}")


@pytest.fixture(scope="session")
def make_database(cluster_settings: Settings) -> Iterator[MakeDatabase]:
    """Return a function that makes a new migrated database, named by a label, and returns its settings.

    The first is migrated and never handed out: the others are copies of it. Names carry this process's number, so that
    workers and runs at the same time do not meet; the last one out stops the server.
    """
    made: list[str] = []

    def make(label: str, like: Settings | None = None) -> Settings:
        name = f"tests_{os.getpid()}_{len(made)}_{label}"
        if made:
            _copy_database(cluster_settings, made[0] if like is None else _name_of(like), name)
            made.append(name)
            return Settings(database_url=cluster.start(cluster_settings, database=name, durable=False))
        with _cluster_lock():
            url = cluster.start(cluster_settings, database=name, durable=False)
            _drop_databases_of_the_dead(cluster_settings)
        made.append(name)
        settings = Settings(database_url=url)
        migrate.upgrade(settings)
        engine(settings).dispose()
        return make(label)

    yield make
    with _cluster_lock():
        for name in made:
            _drop_database(cluster_settings, name)
        if made and not _databases(cluster_settings):
            cluster.stop(cluster_settings)


@pytest.fixture(scope="session")
def database_settings(make_database: Callable[[str], Settings]) -> Settings:
    """Return settings of a migrated, empty database; what a test commits there, it must delete."""
    return make_database("shared")


@pytest.fixture
def connection(database_settings: Settings) -> Iterator[Connection]:
    """Return a connection whose transaction is rolled back after the test."""
    with rolled_back(database_settings) as connected:
        yield connected


@pytest.fixture(scope="session")
def imported_case(cases_dir: Path, make_database: MakeDatabase) -> Callable[[str], Settings]:
    """Return a function that makes a new database with a real case in it; each case is imported once and copied.

    Tests of one case stay with one worker: see :mod:`tests.together`.
    """
    imported: dict[str, Settings] = {}

    def make(name: str) -> Settings:
        if name not in imported:
            imported[name] = make_database(f"{name}_imported")
            with begin(imported[name]) as conn:
                import_city(conn, cases_dir / name)
            engine(imported[name]).dispose()
        return make_database(name, imported[name])

    return make


@contextmanager
def _cluster_lock() -> Iterator[None]:
    """Let one process at a time make its first database or drop its last."""
    folder = REPOSITORY / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _name_of(settings: Settings) -> str:
    assert settings.database_url is not None
    name = make_url(settings.database_url).database
    assert name is not None
    return name


def _databases(settings: Settings) -> list[str]:
    with closing(_admin(settings)) as connected, connected.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'tests\\_%'")
        return [name for (name,) in cursor.fetchall()]


def _drop_databases_of_the_dead(settings: Settings) -> None:
    for name in _databases(settings):
        if not Path(f"/proc/{name.split('_')[1]}").exists():
            _drop_database(settings, name)


def _copy_database(settings: Settings, template: str, name: str) -> None:
    parts = [sql.Identifier(part) for part in (name, ROLE, template)]
    with closing(_admin(settings)) as connected, connected.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(*parts))


def _drop_database(settings: Settings, name: str) -> None:
    with closing(_admin(settings)) as connected, connected.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _admin(settings: Settings) -> psycopg2.extensions.connection:
    url = make_url(cluster.admin_url(settings))
    connected = psycopg2.connect(host=url.query["host"], port=url.query["port"], user=url.username, dbname=url.database)
    connected.autocommit = True
    return connected
