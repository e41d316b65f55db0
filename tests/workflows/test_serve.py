"""The program that serves: Ctrl-C ends it and everything it started; what people asked for outlives a kill."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gis_service.config import Settings
from gis_service.db.accounts import Grant
from gis_service.db.engine import begin
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows.accounts import add_account
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city
from tests.workflows.town import write_town

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
    for _ in range(3600):
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


@pytest.fixture
def audited(environment: dict[str, str], tmp_path: Path) -> int:
    """Return the number of an audit of the town, which an auditor may read."""
    with begin(Settings(database_url=environment["GIS_SERVICE_DATABASE_URL"])) as conn:
        import_city(conn, write_town(tmp_path / "town"))
        partition_city(conn, "town", rules=Rules())
        check_city_reach(conn, "town", rules=ReachRules(minutes=5))
        add_account(conn, "auditor", title="审计局", password=PASSWORD, grants=[Grant("auditor", "town")])
        return audit_city(conn, "town").snapshot_id


PASSWORD = "seven small stones in a row"  # noqa: S105 of a test


class Visitor:
    """Somebody with a browser."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> bytes:
        with self.opener.open(self.address + path) as answer:
            return bytes(answer.read())

    def post(self, path: str, *, seen: str, **form: str) -> bytes:
        """Send a form of a page that was just seen."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(seen).decode())
        assert token is not None
        form |= {"csrf_token": token[1]}
        sent = urllib.request.Request(self.address + path, urlencode(form).encode(), {"Referer": self.address + seen})  # noqa: S310 our own
        with self.opener.open(sent) as answer:
            return bytes(answer.read())

    def sign_in(self, login: str) -> None:
        self.post("/account/sign-in", seen="/account/sign-in", login=login, password=PASSWORD)

    def job(self, path: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.get(path))
        return told


@contextmanager
def serving(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Serve, and leave nothing behind."""
    command = [PROGRAM, "--port", str(port), "--workers", "1", "--jobs", "1"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        until(lambda: answers(port))
        started = descendants(process.pid)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()
            until(lambda: not [pid for pid in started if Path(f"/proc/{pid}").exists()])


@pytest.mark.slow
def test_a_paper_that_was_asked_for_outlives_the_kill_of_the_web_process(
    environment: dict[str, str], audited: int
) -> None:
    port = free_port()
    with serving(environment, port) as process:
        visitor = Visitor(port)
        visitor.sign_in("auditor")
        asked = json.loads(visitor.post(f"/audit/town/export/{audited}.pdf", seen="/account/"))
        until(lambda: visitor.job(asked["job"])["state"] != "waiting")
        process.kill()
    with serving(environment, port):
        visitor = Visitor(port)
        visitor.sign_in("auditor")
        until(lambda: visitor.job(asked["job"])["state"] == "done")
        assert visitor.get(f"{asked['job']}/file").startswith(b"%PDF-")
