"""Connections: one pooled engine a process, transactions for writing and snapshots for reading."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import sqlalchemy
from psycopg2 import errorcodes
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from gis_service.config import Settings
from gis_service.db import cluster
from gis_service.errors import DatabaseUnavailableError, Text

__all__ = ["Connection", "begin", "engine", "reading"]

POSTGIS_MINIMUM = (3, 3)
CONNECT_TIMEOUT_S = 5
LOCK_TIMEOUT_S = 30
"""How long a statement waits for somebody else's lock [s]."""
READING_TIMEOUT_S = 60
"""How long one statement of a reader may take [s]; writers work as long as they need."""


@contextmanager
def begin(settings: Settings) -> Iterator[Connection]:
    """Yield a connection in one transaction: committed at the end, rolled back when anything is raised.

    Parameters
    ----------
    settings
        Names the database; without ``database_url`` the private cluster is started and used.

    Yields
    ------
    sqlalchemy.Connection
        Open for reading and writing.

    Raises
    ------
    DatabaseUnavailableError
        No PostgreSQL answers, it has no PostGIS of 3.3 or newer, its tables have not been made, its user lacks a right,
        or a statement took too long.
    SetupError
        The private cluster cannot be made on this machine.
    """
    with _translated(), engine(settings).begin() as connection:
        yield connection


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """Yield a connection that sees one unchanging state of the database and cannot write; see ``begin``."""
    with _translated(), engine(settings).connect() as connection:
        isolated = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with isolated.begin():
            isolated.execute(text(f"SET LOCAL statement_timeout = '{READING_TIMEOUT_S}s'"))
            yield isolated


def engine(settings: Settings) -> Engine:
    """Return this process's pooled engine for ``settings``; raises as ``begin`` does.

    A process that was forked gets an engine of its own, for a connection cannot serve two.
    """
    return _engine_of_process(settings, os.getpid())


@lru_cache(maxsize=8)
def _engine_of_process(settings: Settings, _process: int) -> Engine:
    """Make the engine and check once that the database is what this service needs."""
    made = sqlalchemy.create_engine(
        _address(settings),
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        connect_args={
            "application_name": "gis_service",
            "connect_timeout": CONNECT_TIMEOUT_S,
            "options": f"-c lock_timeout={LOCK_TIMEOUT_S}s -c timezone=UTC",
        },
    )
    with _translated(), made.connect() as connection:
        _check_postgis(connection)
    return made


def _address(settings: Settings) -> sqlalchemy.URL:
    """Return the database's address and refuse one that is not PostgreSQL's."""
    if settings.database_url is None:
        return make_url(cluster.start(settings))
    try:
        url = make_url(settings.database_url)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"}:
        given = "" if url is None else f"（{url.drivername}）"
        given_en = "" if url is None else f" ({url.drivername})"
        raise DatabaseUnavailableError(
            Text(
                f"GIS_SERVICE_DATABASE_URL 不是 PostgreSQL 地址{given}，应形如 postgresql://用户:密码@主机:5432/数据库",
                f"GIS_SERVICE_DATABASE_URL is not a PostgreSQL address{given_en}; "
                "it should read like postgresql://user:password@host:5432/database",
            )
        )
    return url.set(drivername="postgresql+psycopg2")


def _check_postgis(connection: Connection) -> None:
    """Raise unless the database has, or could have, PostGIS of the version needed."""
    version = connection.scalar(
        text(
            "SELECT coalesce("
            "(SELECT extversion FROM pg_extension WHERE extname = 'postgis'),"
            "(SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'))"
        )
    )
    minimum = ".".join(map(str, POSTGIS_MINIMUM))
    if version is None:
        raise DatabaseUnavailableError(
            Text(
                f"数据库服务器没有安装 PostGIS，需要 {minimum} 或更高版本",
                f"the database server has no PostGIS; {minimum} or newer is needed",
            )
        )
    if tuple(int(number) for number in re.findall(r"\d+", version)[:2]) < POSTGIS_MINIMUM:
        raise DatabaseUnavailableError(
            Text(
                f"数据库的 PostGIS 版本是 {version}，需要 {minimum} 或更高版本",
                f"the database's PostGIS is {version}; {minimum} or newer is needed",
            )
        )


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's words for an absent database or absent tables into ours."""
    try:
        yield
    except OperationalError as fault:
        code = getattr(fault.orig, "pgcode", None)
        if code == errorcodes.QUERY_CANCELED:
            raise DatabaseUnavailableError(
                Text(
                    f"数据库在时限（读取 {READING_TIMEOUT_S} 秒）内没有完成查询，或管理员取消了查询，请稍后重试",
                    f"the database did not finish a query in time ({READING_TIMEOUT_S} s for readers), or an "
                    "administrator cancelled it; try again later",
                )
            ) from fault
        if code == errorcodes.LOCK_NOT_AVAILABLE:
            raise DatabaseUnavailableError(
                Text(
                    "另一个程序正在写入同样的数据，请等它结束后重试",
                    "another program is writing the same data; try again when it has finished",
                )
            ) from fault
        if not _is_connection_lost(fault):
            raise
        reason = str(fault.orig).strip().splitlines()[0]
        raise DatabaseUnavailableError(
            Text(f"无法连接数据库：{reason}", f"the database cannot be reached: {reason}")
        ) from fault
    except ProgrammingError as fault:
        code = getattr(fault.orig, "pgcode", None)
        if code == errorcodes.INSUFFICIENT_PRIVILEGE:
            raise _not_allowed(fault) from fault
        if code != errorcodes.UNDEFINED_TABLE:
            raise
        raise DatabaseUnavailableError(
            Text(
                "数据库里还没有本服务的表，请先运行 scripts/database.py upgrade",
                "the database does not have this service's tables yet; run scripts/database.py upgrade first",
            )
        ) from fault


def _not_allowed(fault: DBAPIError) -> DatabaseUnavailableError:
    """Return the error for a database user who lacks a right, with the statements that grant it."""
    reason = str(fault.orig).strip().splitlines()[0]
    if "CREATE EXTENSION" in (fault.statement or ""):
        cure = "CREATE EXTENSION postgis; CREATE EXTENSION btree_gist;"
    else:
        cure = "ALTER DATABASE … OWNER TO …; ALTER SCHEMA public OWNER TO …;"
    return DatabaseUnavailableError(
        Text(
            f"数据库用户权限不足（{reason}），请数据库管理员在本数据库执行：{cure}",
            f"the database user lacks a right ({reason}); let the database's administrator run in this database: "
            f"{cure}",
        )
    )


def _is_connection_lost(fault: DBAPIError) -> bool:
    """Return whether the server was never reached or has gone, rather than refused a statement."""
    code = getattr(fault.orig, "pgcode", None)
    return fault.connection_invalidated or code is None or code.startswith(("08", "57P"))
