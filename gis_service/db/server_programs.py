"""Find the PostgreSQL programs of this machine that come with PostGIS."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gis_service.errors import SetupError, Text

POSTGRESQL_MINIMUM = 15
EXTENSIONS = ("postgis", "btree_gist")
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
"""Where Debian's and PostgreSQL's own packages put the programs."""


@dataclass(frozen=True)
class ServerPrograms:
    """The programs of one installed PostgreSQL.

    Parameters
    ----------
    folder
        Folder of ``initdb``, ``pg_ctl`` and ``postgres``.
    major
        Major version.
    extensions
        Those of ``EXTENSIONS`` that this installation offers.
    """

    folder: Path
    major: int
    extensions: frozenset[str]


def find_programs(major: int | None = None) -> ServerPrograms:
    """Return the newest PostgreSQL that has PostGIS.

    Parameters
    ----------
    major
        Accept this major version only: the one that made an existing cluster; None accepts all from
        ``POSTGRESQL_MINIMUM``.

    Raises
    ------
    SetupError
        None is installed; the text names the packages.
    """
    installed = [
        programs
        for programs in map(_inspect, _folders())
        if programs is not None and (programs.major >= POSTGRESQL_MINIMUM if major is None else programs.major == major)
    ]
    complete = [programs for programs in installed if programs.extensions == frozenset(EXTENSIONS)]
    if complete:
        return max(complete, key=lambda programs: programs.major)
    version = major or max((programs.major for programs in installed), default=POSTGRESQL_MINIMUM)
    packages = f"postgresql-{version} postgresql-{version}-postgis-3"
    missing = Text("PostGIS", "PostGIS") if installed else Text(f"PostgreSQL {version}", f"PostgreSQL {version}")
    raise SetupError(
        Text(
            f"本机缺少 {missing.zh}，请运行 apt-get install {packages}，或设置 GIS_SERVICE_DATABASE_URL",
            f"{missing.en} is not installed here: run apt-get install {packages}, "
            "or name a PostGIS of your own in GIS_SERVICE_DATABASE_URL",
        )
    )


def _folders() -> list[Path]:
    """Return the folders that hold a ``pg_ctl``, each once."""
    found = [folder for pattern in FOLDERS for folder in Path("/").glob(pattern.removeprefix("/"))]
    on_path = shutil.which("pg_ctl")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return sorted({folder for folder in found if (folder / "pg_ctl").exists() and (folder / "initdb").exists()})


def _inspect(folder: Path) -> ServerPrograms | None:
    """Return what ``folder`` holds; None where its ``pg_config`` is absent and nothing can be known."""
    config = folder / "pg_config"
    if not config.exists():
        return None
    version = re.findall(r"\d+", _answer(config, "--version"))
    shared = Path(_answer(config, "--sharedir")) / "extension"
    return ServerPrograms(
        folder=folder,
        major=int(version[0]),
        extensions=frozenset(name for name in EXTENSIONS if (shared / f"{name}.control").exists()),
    )


def _answer(program: Path, option: str) -> str:
    """Return what ``program option`` prints."""
    finished = subprocess.run([program, option], capture_output=True, text=True, check=True)  # noqa: S603 our own path
    return finished.stdout.strip()
