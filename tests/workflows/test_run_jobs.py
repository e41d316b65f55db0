"""The program that does the long work: it goes on when a process dies, and ends with its parent."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from gis_service.config import Settings
from gis_service.db import jobs
from gis_service.db.engine import begin, reading
from gis_service.workflows.jobs import UNKNOWN_KIND

PROGRAM = Path(__file__).resolve().parents[2] / "scripts" / "run_jobs.py"


@pytest.fixture(scope="module")
def settings(make_database: Callable[[str], Settings]) -> Settings:
    return make_database("run_jobs")


@pytest.fixture(scope="module")
def environment(settings: Settings) -> dict[str, str]:
    assert settings.database_url is not None
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIS_SERVICE_")}
    return own | {"GIS_SERVICE_DATABASE_URL": settings.database_url}


def ask(settings: Settings) -> int:
    with begin(settings) as conn:
        return jobs.save_job(conn, "of the future", {}, account_id=None)


def ended(settings: Settings, number: int) -> bool:
    with reading(settings) as conn:
        job = jobs.load_job(conn, number)
    return job is not None and job.fault == UNKNOWN_KIND


def state(settings: Settings, number: int) -> str:
    with reading(settings) as conn:
        job = jobs.load_job(conn, number)
    assert job is not None
    return job.state


def children(process: int, command: str) -> list[int]:
    """Return the children of a process that run a command; libraries start others for a moment."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(pid) for pid in listed if command in command_of(pid)]


def command_of(process: str) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except OSError:  # it has ended since
        return ""


def until(true: Callable[[], object]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError


def test_it_does_what_waits_and_ends(settings: Settings, environment: dict[str, str]) -> None:
    asked = [ask(settings), ask(settings)]
    done = subprocess.run([PROGRAM, "--until-idle", "--json"], env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b'{"jobs": 2}\n')
    assert all(ended(settings, number) for number in asked)


def test_a_cancelled_job_is_left_even_where_it_never_looks_up(settings: Settings, environment: dict[str, str]) -> None:
    """Its first question waits for a lock; the process becomes itself anew and does the next job."""
    with begin(settings) as conn:
        number = jobs.save_job(conn, "propose", {"city": "town", "community": "1"}, account_id=None)
    with begin(settings) as holder, subprocess.Popen([PROGRAM], env=environment, stdout=subprocess.PIPE) as program:
        holder.execute(text("LOCK TABLE city IN ACCESS EXCLUSIVE MODE"))
        until(lambda: state(settings, number) == "running")
        with begin(settings) as conn:
            assert jobs.cancel_job(conn, number)
        other = ask(settings)
        until(lambda: ended(settings, other))
        assert program.poll() is None, "the same process goes on"
        program.terminate()
    assert program.returncode == 0
    assert state(settings, number) == "cancelled"


@pytest.mark.slow
def test_a_process_that_dies_is_replaced_and_all_end_with_their_parent(
    settings: Settings, environment: dict[str, str]
) -> None:
    script = f"{PROGRAM} --keep 1 --end-with $$ & wait"
    with subprocess.Popen(["sh", "-c", script], env=environment) as parent:
        until(lambda: children(parent.pid, "--keep 1"))
        (keeper,) = children(parent.pid, "--keep 1")
        working = f"--end-with {keeper}"
        until(lambda: children(keeper, working))
        (first,) = children(keeper, working)
        os.kill(first, signal.SIGKILL)
        until(lambda: children(keeper, working) not in ([first], []))
        (second,) = children(keeper, working)
        number = ask(settings)
        until(lambda: ended(settings, number))
        parent.kill()
    until(lambda: not Path(f"/proc/{keeper}").exists() and not Path(f"/proc/{second}").exists())
