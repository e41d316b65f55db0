"""The private PostGIS cluster: made, started and stopped by whoever runs the programs, reached by a Unix socket."""

import fcntl
import hashlib
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import psycopg2.extensions
from psycopg2 import sql
from sqlalchemy import URL

from gis_service.config import REPOSITORY, Settings
from gis_service.db.server_programs import EXTENSIONS, find_programs
from gis_service.errors import DatabaseUnavailableError, SetupError, Text

ADMIN = "gis_service_admin"
"""Superuser of the cluster; makes databases and extensions, nothing else."""
ROLE = "gis_service"
"""Owner of the databases; no superuser, so that a fault in a query cannot reach the machine."""
READER = "gis_service_reader"
"""Read-only role of schema ``api``, for QGIS and the like; made by the migrations."""
DATABASE = "gis_service"
PORT = 5432
"""Only a part of the socket's name: the server listens on no network."""
SOCKET_PATH_LIMIT = 107
"""Longest path of a Unix socket [bytes], Linux's ``sun_path`` less its final zero."""
SERVICE_HOME = Path("/var/lib/gis_service")
"""Home of clusters that root starts; the checkout itself may lie where no other user can go."""
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


@dataclass(frozen=True)
class _Place:
    """Where a cluster lies and which user its server runs as."""

    folder: Path
    socket: Path
    owner: pwd.struct_passwd

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def dsn(self, role: str, database: str) -> str:
        """Return libpq's connection string; everything is named, so that PG* variables of the caller play no part."""
        parameters = {"host": str(self.socket), "port": PORT, "user": role, "dbname": database, "connect_timeout": 5}
        return psycopg2.extensions.make_dsn(None, **parameters)

    def url(self, role: str, database: str) -> str:
        """Return the SQLAlchemy address."""
        address = URL.create(
            "postgresql+psycopg2", role, database=database, query={"host": str(self.socket), "port": str(PORT)}
        )
        return address.render_as_string(hide_password=False)


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
    place = _place(settings)
    if not _is_complete(place, database):
        with _locked(place):
            _initialise(place)
            if not _answers(place):
                _launch(place, durable=durable)
            _create_database(place, database)
    return place.url(ROLE, database)


def stop(settings: Settings) -> None:
    """Stop the server after rolling back what is open; nothing happens where none runs."""
    place = _place(settings)
    if not place.data.exists():
        return
    with _locked(place):
        if _postmaster_lives(place):
            _run(place, "pg_ctl", "stop", "-D", str(place.data), "-m", "fast", "-w", "-t", f"{PATIENCE_S:.0f}")


def status(settings: Settings) -> ClusterStatus:
    """Return where the cluster lies and whether its server answers; changes nothing."""
    place = _place(settings)
    return ClusterStatus(folder=place.folder, initialised=place.data.exists(), running=_answers(place))


def admin_url(settings: Settings, *, database: str = "postgres") -> str:
    """Return the address of ``database`` for the cluster's superuser; for making and dropping databases only."""
    return _place(settings).url(ADMIN, database)


def _place(settings: Settings) -> _Place:
    """Return where the cluster of ``settings`` belongs; pure, nothing is made."""
    checkout = hashlib.sha256(os.fsencode(REPOSITORY)).hexdigest()[:12]
    if settings.cluster_dir is not None:
        folder = settings.cluster_dir.resolve()
    elif os.geteuid() == 0:
        folder = SERVICE_HOME / checkout
    else:
        folder = REPOSITORY / "var" / "postgres"
    socket = folder / "socket"
    longest = f"{socket}/.s.PGSQL.{PORT}.lock"
    if len(os.fsencode(longest)) > SOCKET_PATH_LIMIT or any(sign in longest for sign in "',\"\\"):
        socket = Path("/tmp") / f"gis_service_{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"  # noqa: S108 checked when made
    return _Place(folder=folder, socket=socket, owner=_owner())


def _owner() -> pwd.struct_passwd:
    """Return the user the server runs as: the caller, or for root another that exists."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SetupError(
        Text(
            "PostgreSQL 不能以 root 运行，而本机没有 postgres 或 nobody 用户，请先创建：useradd --system postgres",
            "PostgreSQL refuses to run as root and there is no user postgres or nobody: run useradd --system postgres",
        )
    )


@contextmanager
def _locked(place: _Place) -> Iterator[None]:
    """Make the cluster's folder and hold its lock, so that of two starts at once one waits for the other."""
    try:
        for folder, mode in ((place.folder.parent, 0o755), (place.folder, 0o711)):
            if not folder.exists():
                folder.mkdir(parents=True)
                folder.chmod(mode)
        lock = (place.folder / "lock").open("w")
    except OSError as fault:
        raise SetupError(
            Text(
                f"无法写入数据库目录 {place.folder}（{fault.strerror}），请用 GIS_SERVICE_CLUSTER_DIR 另选目录",
                f"cannot write the cluster's folder {place.folder} ({fault.strerror}); "
                "choose another in GIS_SERVICE_CLUSTER_DIR",
            )
        ) from fault
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(place: _Place) -> None:
    """Make the data folder where it is missing; under another name first, so that a killed attempt leaves none."""
    if place.data.exists():
        return
    find_programs()
    draft = place.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    _make_private(draft, place.owner)
    writable = ["/usr/bin/test", "-w", str(draft)]
    reachable = subprocess.run(writable, cwd="/", check=False, **_as_owner(place))  # noqa: S603 a fixed program
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


def _launch(place: _Place, *, durable: bool) -> None:
    """Start the server, or wait for one that is just coming up, and return when it answers."""
    deadline = time.monotonic() + PATIENCE_S
    while _postmaster_lives(place):
        if _answers(place):
            return
        if time.monotonic() > deadline:
            raise _unavailable(place, "an earlier server neither answers nor ends")
        time.sleep(0.1)
    _prepare_socket(place)
    _configure(place, durable=durable)
    for leftover in (place.data / "postmaster.pid", place.socket / f".s.PGSQL.{PORT}.lock"):
        _disown(leftover)
    while True:
        try:
            _run(
                place, "pg_ctl", "start", "-D", str(place.data), "-w", "-t", f"{PATIENCE_S:.0f}",
                "-l", str(place.data / "startup.log"),
                "-o", "-c config_file=" + shlex.quote(str(place.folder / "postgresql.conf")),
            )  # fmt: skip
        except DatabaseUnavailableError:
            # Sessions of a killed server need a moment to notice; until then PostgreSQL rightly refuses.
            if time.monotonic() > deadline or "still in use" not in _log_tail(place):
                raise
            time.sleep(0.5)
        else:
            return


def _configure(place: _Place, *, durable: bool) -> None:
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
        "max_connections": 60,
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
        "pg_ident.conf": [f'callers "{caller}" {role}' for caller in callers for role in (ADMIN, ROLE, READER)],
        "README": [f"The private PostGIS of the checkout {REPOSITORY}; delete this folder once its server is stopped."],
    }
    for name, lines in files.items():
        path = place.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o644)


def _quoted(value: str) -> str:
    """Return ``value`` as a string of PostgreSQL's configuration files."""
    return "'" + value.replace("'", "''") + "'"


def _prepare_socket(place: _Place) -> None:
    """Make the socket's folder and refuse one that somebody else could enter."""
    if not place.socket.is_symlink() and not place.socket.exists():
        _make_private(place.socket, place.owner)
    found = place.socket.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != place.owner.pw_uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise SetupError(
            Text(
                f"{place.socket} 不是只有用户 {place.owner.pw_name} 能进入的目录，请删除它",
                f"{place.socket} is not a folder that only user {place.owner.pw_name} can enter; remove it",
            )
        )


def _make_private(folder: Path, owner: pwd.struct_passwd) -> None:
    """Make ``folder``, which must not exist, for ``owner`` alone."""
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _create_database(place: _Place, database: str) -> None:
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


def _is_complete(place: _Place, database: str) -> bool:
    """Return whether the server answers for ``database`` and the extensions are there."""
    try:
        with closing(psycopg2.connect(place.dsn(ROLE, database))) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_extension WHERE extname = ANY(%s)", [list(EXTENSIONS)])
            return cursor.fetchone() == (len(EXTENSIONS),)
    except psycopg2.OperationalError:
        return False


def _answers(place: _Place) -> bool:
    """Return whether the server takes connections."""
    try:
        psycopg2.connect(place.dsn(ADMIN, "postgres")).close()
    except psycopg2.OperationalError:
        return False
    return True


def _postmaster_lives(place: _Place) -> bool:
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


def _run(place: _Place, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs as the server's user and raise with its last words when it fails."""
    version = place.data / "PG_VERSION"
    major = int(version.read_text(encoding="ascii")) if version.exists() else None
    finished = subprocess.run(  # noqa: S603 the program is PostgreSQL's own
        [find_programs(major).folder / program, *arguments],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        **_as_owner(place),
    )
    if finished.returncode != 0:
        words = finished.stderr.strip().splitlines() or [f"exit code {finished.returncode}"]
        raise _unavailable(place, f"{program}: {words[-1]}")


def _as_owner(place: _Place) -> dict[str, Any]:
    """Return the arguments of ``subprocess.run`` that run the child as the server's user, without our variables."""
    arguments: dict[str, Any] = {"env": {"PATH": os.defpath, "LC_ALL": "C"}}
    if os.geteuid() == 0:
        arguments |= {"user": place.owner.pw_uid, "group": place.owner.pw_gid, "extra_groups": []}
    return arguments


def _log_tail(place: _Place) -> str:
    """Return the last lines of what the server said before its log was open."""
    log = place.data / "startup.log"
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]) if log.exists() else ""


def _unavailable(place: _Place, reason: str) -> DatabaseUnavailableError:
    """Return the error for a private cluster that does not do what it should."""
    return DatabaseUnavailableError(
        Text(
            f"私有 PostGIS 无法启动（{reason}），日志在 {place.data}",
            f"the private PostGIS cannot be started ({reason}); its logs are in {place.data}",
        )
    )
