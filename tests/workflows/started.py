"""Programs as people start them: what they print, and how they leave."""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

from gis_service.config import Settings

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
PATIENCE_S = 900
LIBRARIES = [
    "geoalchemy2", "geopandas", "matplotlib.figure", "numba", "openpyxl", "pandas", "psycopg2", "pyarrow", "pyogrio",
    "pyproj", "rich.progress", "scipy.optimize", "scipy.sparse.csgraph", "scipy.spatial", "shapely", "sqlalchemy",
    "weasyprint", "xlsxwriter",
]  # fmt: skip
"""What takes most of a program's start; nothing of the service, which must find the environment it is started in."""


def own_environment(settings: Settings) -> dict[str, str]:
    """Return this process's environment with no settings of the service but the database."""
    assert settings.database_url is not None
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIS_SERVICE_")}
    return own | {"GIS_SERVICE_DATABASE_URL": settings.database_url}


def start_afresh(environment: Mapping[str, str], program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Start a program by its file and wait until it has left."""
    command = [str(SCRIPTS / program), *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def start(environment: Mapping[str, str], program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Start a program in a new process in which other people's libraries are loaded already, for that takes seconds.

    Everything else is as in :func:`start_afresh`: the process's environment, arguments, output and exit code are the
    program's own, and all of the service is loaded by it.
    """
    command = [str(SCRIPTS / program), *map(str, arguments)]
    with TemporaryDirectory() as folder:
        streams = [Path(folder, name) for name in ("out", "err")]
        running = _processes().Process(target=_become, args=(command, dict(environment), *map(str, streams)))
        running.start()
        running.join(PATIENCE_S)
        if running.exitcode is None:
            running.kill()
            running.join()
            raise subprocess.TimeoutExpired(command, PATIENCE_S)
        out, err = (stream.read_text(encoding="utf-8") for stream in streams)
        return subprocess.CompletedProcess(command, running.exitcode, out, err)


def answer(environment: Mapping[str, str], program: str, *arguments: object) -> dict[str, object]:
    """Return what a program prints for other programs."""
    return answer_of(start(environment, program, *arguments, "--json"))


def answer_of(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    """Return the object that a program printed, which left without a fault."""
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


@cache
def _processes() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    return context


def _become(command: list[str], environment: dict[str, str], out: str, err: str) -> None:
    """Be the program from here on."""
    for descriptor, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = command
    sys.path.insert(0, str(SCRIPTS))
    runpy.run_path(command[0], run_name="__main__")
