"""Where a private cluster lies, which user owns it, and the folders nobody else may enter."""

import fcntl
import hashlib
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2.extensions
from sqlalchemy import URL

from gis_service.config import REPOSITORY, Settings
from gis_service.errors import SetupError, Text

ADMIN = "gis_service_admin"
"""Superuser of the cluster; makes databases and extensions, nothing else."""
ROLE = "gis_service"
"""Owner of the databases; no superuser, so that a fault in a query cannot reach the machine."""
READER = "gis_service_reader"
"""Read-only role of schema ``api``, for QGIS and the like; made by the migrations. Nobody signs in as it: people get
roles of their own that are its members, and ``ROLE`` is one, for ``SET ROLE``."""
PORT = 5432
"""Only a part of the socket's name: the server listens on no network."""
SOCKET_PATH_LIMIT = 107
"""Longest path of a Unix socket [bytes], Linux's ``sun_path`` less its final zero."""
SERVICE_HOME = Path("/var/lib/gis_service")
"""Home of clusters that root starts; the checkout itself may lie where no other user can go."""


@dataclass(frozen=True)
class Place:
    """Where a cluster lies and which user its server runs as.

    Parameters
    ----------
    folder
        Configuration, lock and data.
    socket
        Folder of the Unix socket.
    owner
        The server's user.
    """

    folder: Path
    socket: Path
    owner: pwd.struct_passwd

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
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

    def as_owner(self) -> dict[str, Any]:
        """Return the arguments of ``subprocess.run`` that run a child as the server's user, without our variables."""
        arguments: dict[str, Any] = {"env": {"PATH": os.defpath, "LC_ALL": "C"}}
        if os.geteuid() == 0:
            arguments |= {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return arguments


def place_of(settings: Settings) -> Place:
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
    return Place(folder=folder, socket=socket, owner=_owner())


def _owner() -> pwd.struct_passwd:
    """Return the user the server runs as: the caller, or for root another that exists."""
    candidates: tuple[str | int, ...] = ("postgres", "nobody") if os.geteuid() == 0 else (os.geteuid(),)
    for candidate in candidates:
        try:
            return pwd.getpwnam(candidate) if isinstance(candidate, str) else pwd.getpwuid(candidate)
        except KeyError:
            continue
    listed = " / ".join(map(str, candidates))
    raise SetupError(
        Text(
            f"PostgreSQL 需要以系统用户 {listed} 运行，而本机没有，请先创建，例如 useradd --system postgres",
            f"PostgreSQL needs to run as user {listed}, missing here; make it: useradd --system postgres",
        )
    )


@contextmanager
def locked(place: Place) -> Iterator[None]:
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


def prepare_socket(place: Place) -> None:
    """Make the socket's folder and refuse one that somebody else could enter."""
    if not place.socket.is_symlink() and not place.socket.exists():
        make_private(place.socket, place.owner)
    found = place.socket.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != place.owner.pw_uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise SetupError(
            Text(
                f"{place.socket} 不是只有用户 {place.owner.pw_name} 能进入的目录，请删除它",
                f"{place.socket} is not a folder that only user {place.owner.pw_name} can enter; remove it",
            )
        )


def make_private(folder: Path, owner: pwd.struct_passwd) -> None:
    """Make ``folder``, which must not exist, for ``owner`` alone."""
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
