"""The private PostGIS cluster: made, started and stopped by whoever runs the programs, reached by a Unix socket."""

import os
import pwd
import re
import shlex
import shutil
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

from gis_service.config import REPOSITORY, Settings
from gis_service.db.cluster_place import (
    ADMIN,
    PORT,
    ROLE,
    Place,
    locked,
    make_private,
    place_of,
    prepare_socket,
)
from gis_service.db.server_programs import EXTENSIONS, find_programs
from gis_service.errors import DatabaseUnavailableError, SetupError, Text

DATABASE = "gis_service"
PATIENCE_S = 60.0
"""How long a server may take to come up or to recover [s]."""
NO_PROCESS = 2**31 - 1
"""A process number beyond Linux's largest: certainly nobody's."""


@dataclass(frozen=True)
class ClusterStatus:
    """What is known of the private cluster.

    Parameters
    ----------
    folder
        Folder of configuration, data and socket.
    initialised
        The data folder exists.
    running
        The server answers.
    """

    folder: Path
    initialised: bool
    running: bool


def start(settings: Settings, *, database: str = DATABASE, durable: bool = True) -> str:
    """Make the private cluster and ``database`` in it where they are missing, and see to it that the server runs.

    The server outlives the caller; ``stop`` ends it. It listens on a Unix socket only, in a folder that nobody but its
    owner (and root) can enter, and lets nobody in but the operating-system users the cluster was started for
    (PostgreSQL's ``peer`` method), so there is no password to keep. Root's server runs as ``postgres``, else as
    ``nobody``, because PostgreSQL refuses to run as root.

    Parameters
    ----------
    settings
        ``cluster_dir`` overrides the place, which otherwise belongs to this checkout alone.
    database
        Name of the database; it is owned by ``ROLE`` and has PostGIS.
    durable
        False switches ``fsync`` off: quick, and lost when the machine fails. Counts when this call starts the server.

    Returns
    -------
    str
        SQLAlchemy address of ``database``.

    Raises
    ------
    SetupError
        PostgreSQL or PostGIS is not installed, or the server's user cannot reach the folder.
    DatabaseUnavailableError
        The server does not come up.
    """
    place = place_of(settings)
    if not _is_complete(place, database):
        with locked(place):
            _initialise(place)
            if not _answers(place):
                _launch(place, durable=durable)
            _create_database(place, database)
    return place.url(ROLE, database)


def stop(settings: Settings) -> None:
    """Stop the server after rolling back what is open; nothing happens where none runs."""
    place = place_of(settings)
    if not place.data.exists():
        return
    with locked(place):
        if _postmaster_lives(place):
            _run(place, "pg_ctl", "stop", "-D", str(place.data), "-m", "fast", "-w", "-t", f"{PATIENCE_S:.0f}")


def status(settings: Settings) -> ClusterStatus:
    """Return where the cluster lies and whether its server answers; changes nothing."""
    place = place_of(settings)
    return ClusterStatus(folder=place.folder, initialised=place.data.exists(), running=_answers(place))


def admin_url(settings: Settings, *, database: str = "postgres") -> str:
    """Return the address of ``database`` for the cluster's superuser; for making and dropping databases only."""
    return place_of(settings).url(ADMIN, database)


def _initialise(place: Place) -> None:
    """Make the data folder where it is missing; under another name first, so that a killed attempt leaves none."""
    if place.data.exists():
        return
    find_programs()
    draft = place.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    make_private(draft, place.owner)
    writable = ["/usr/bin/test", "-w", str(draft)]
    reachable = subprocess.run(writable, cwd="/", check=False, **place.as_owner())  # noqa: S603 a fixed program
    if reachable.returncode != 0:
        draft.rmdir()
        raise SetupError(
            Text(
                f"用户 {place.owner.pw_name} 无法进入 {place.folder}，请用 GIS_SERVICE_CLUSTER_DIR 另选目录",
                f"user {place.owner.pw_name} cannot reach {place.folder}; "
                "choose a folder it can enter in GIS_SERVICE_CLUSTER_DIR",
            )
        )
    _run(place, "initdb", "-D", str(draft), "-U", ADMIN, "-A", "peer", "-E", "UTF8", "--locale=C", "--data-checksums")
    draft.rename(place.data)


def _launch(place: Place, *, durable: bool) -> None:
    """Start the server, or wait for one that is just coming up, and return when it answers."""
    deadline = time.monotonic() + PATIENCE_S
    while _postmaster_lives(place):
        if _answers(place):
            return
        if time.monotonic() > deadline:
            raise _unavailable(place, "an earlier server neither answers nor ends")
        time.sleep(0.1)
    prepare_socket(place)
    _configure(place, durable=durable)
    for leftover in (place.data / "postmaster.pid", place.socket / f".s.PGSQL.{PORT}.lock"):
        _disown(leftover)
    log = place.data / "startup.log"
    configuration = shlex.quote(str(place.folder / "postgresql.conf"))
    while True:
        log.unlink(missing_ok=True)
        fault = _attempt(
            place, "pg_ctl", "start", "-D", str(place.data), "-w", "-t", f"{PATIENCE_S:.0f}", "-l", str(log),
            "-o", f"-c config_file={configuration}",
        )  # fmt: skip
        if fault is None:
            return
        said = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        reason = next((line for line in said if re.search("FATAL|PANIC", line)), said[-1] if said else fault)
        # Sessions of a killed server need a moment to notice; until then PostgreSQL rightly refuses.
        if time.monotonic() > deadline or "still in use" not in reason:
            raise _unavailable(place, reason)
        time.sleep(0.5)


def _configure(place: Place, *, durable: bool) -> None:
    """Write the configuration; it lies outside the data folder, where the server's user cannot change it."""
    callers = sorted({pwd.getpwuid(os.geteuid()).pw_name, place.owner.pw_name})
    options = {
        "data_directory": place.data,
        "hba_file": place.folder / "pg_hba.conf",
        "ident_file": place.folder / "pg_ident.conf",
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": place.socket,
        "unix_socket_permissions": "0700",
        "max_connections": 200,  # every web process may hold fifteen, and jobs, QGIS and tests come beside them
        "shared_buffers": "256MB",
        "work_mem": "32MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
    }
    files = {
        "postgresql.conf": [f"{name} = {_quoted(str(value))}" for name, value in options.items()],
        "pg_hba.conf": ["local all all peer map=callers"],
        "pg_ident.conf": [f'callers "{caller}" {role}' for caller in callers for role in (ADMIN, ROLE)],
        "README": [f"The private PostGIS of the checkout {REPOSITORY}; delete this folder once its server is stopped."],
    }
    for name, lines in files.items():
        path = place.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o644)


def _quoted(value: str) -> str:
    """Return ``value`` as a string of PostgreSQL's configuration files."""
    return "'" + value.replace("'", "''") + "'"


def _create_database(place: Place, database: str) -> None:
    """Make role, database and extensions where they are missing."""
    with closing(psycopg2.connect(place.dsn(ADMIN, "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(ROLE)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if cursor.fetchone() is None:
                names = [sql.Identifier(name) for name in (database, ROLE)]
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(*names))
    with closing(psycopg2.connect(place.dsn(ADMIN, database))) as connection, connection, connection.cursor() as cursor:
        for name in EXTENSIONS:
            cursor.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))


def _is_complete(place: Place, database: str) -> bool:
    """Return whether the server answers for ``database`` and the extensions are there."""
    try:
        with closing(psycopg2.connect(place.dsn(ROLE, database))) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = ANY(%s)", [list(EXTENSIONS)])
            return cursor.fetchone() == (len(EXTENSIONS),)
    except psycopg2.OperationalError:
        return False


def _answers(place: Place) -> bool:
    """Return whether the server takes connections."""
    try:
        psycopg2.connect(place.dsn(ADMIN, "postgres")).close()
    except psycopg2.OperationalError:
        return False
    return True


def _postmaster_lives(place: Place) -> bool:
    """Return whether the process of ``postmaster.pid`` is this cluster's server; numbers are re-used after a crash."""
    process = _process_of(place.data / "postmaster.pid")
    try:
        return process is not None and Path(f"/proc/{process}/cwd").readlink() == place.data
    except (FileNotFoundError, PermissionError):
        return False


def _process_of(lock_file: Path) -> int | None:
    """Return the process number a PostgreSQL lock file begins with; None where there is no file."""
    try:
        return int(lock_file.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _disown(lock_file: Path) -> None:
    """Free a dead server's lock file whose process number belongs to an unrelated process by now.

    PostgreSQL would take that process for its server and refuse to start. The file itself must stay: its other lines
    are how PostgreSQL notices sessions of the dead server that still write.
    """
    process = _process_of(lock_file)
    if process is not None and Path(f"/proc/{process}").exists():
        lines = lock_file.read_text(encoding="utf-8").split("\n")
        lock_file.write_text("\n".join([str(NO_PROCESS), *lines[1:]]), encoding="utf-8")


def _run(place: Place, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the server's user and raise with its own words when it fails."""
    fault = _attempt(place, program, *arguments)
    if fault is not None:
        raise _unavailable(place, fault)


def _attempt(place: Place, program: str, *arguments: str) -> str | None:
    """Run one of PostgreSQL's programs as the server's user; return its first complaint when it fails."""
    version = place.data / "PG_VERSION"
    major = int(version.read_text(encoding="utf-8")) if version.exists() else None
    finished = subprocess.run(  # noqa: S603 the program is PostgreSQL's own
        [find_programs(major).folder / program, *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **place.as_owner(),
    )
    if finished.returncode == 0:
        return None
    return next(iter(finished.stderr.strip().splitlines()), f"{program}: exit code {finished.returncode}")


def _unavailable(place: Place, reason: str) -> DatabaseUnavailableError:
    """Return the error for a private cluster that does not do what it should."""
    return DatabaseUnavailableError(
        Text(
            f"私有 PostGIS 无法启动（{reason}），日志在 {place.data}",
            f"the private PostGIS cannot be started ({reason}); its logs are in {place.data}",
        )
    )
