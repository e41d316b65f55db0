"""The program that serves: Ctrl-C ends it and everything it started."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from gis_service.config import Settings

PROGRAM = Path(__file__).resolve().parents[2] / "scripts" / "serve.py"


@pytest.fixture(scope="module")
def environment(make_database: Callable[[str], Settings]) -> dict[str, str]:
    settings = make_database("serve")
    assert settings.database_url is not None
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIS_SERVICE_")}
    return own | {"GIS_SERVICE_DATABASE_URL": settings.database_url}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def descendants(process: int) -> set[int]:
    """Return every process that a process started, and those that these did."""
    found: set[int] = set()
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # it has ended since
            for child in children.read_text().split():
                found |= {int(child), *descendants(int(child))}
    return found


def until(true: Callable[[], object]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_the_service_ends_with_everything_it_started(
    environment: dict[str, str], sent: signal.Signals
) -> None:
    port = free_port()
    command = [PROGRAM, "--port", str(port), "--workers", "2", "--jobs", "1"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True) as serving:
        until(lambda: answers(port))
        until(lambda: len(descendants(serving.pid)) >= 4)  # two workers, the keeper of jobs and one process at work
        started = descendants(serving.pid)
        os.killpg(serving.pid, sent)  # what Ctrl-C does: everything in the foreground is told
        _, said = serving.communicate()
    assert serving.returncode == 0
    assert b"Traceback" not in said
    until(lambda: not [pid for pid in started if Path(f"/proc/{pid}").exists()])
    assert not answers(port)
