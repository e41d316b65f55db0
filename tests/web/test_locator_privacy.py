"""A position is used and forgotten: a thousand canaries leave no trace in logs, statements or the database."""

import logging
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from gis_service.config import Settings
from gis_service.db.engine import engine, reading
from tests.web.mini_city import LAT, LON

CANARIES = 1000
SENT_OVER_TCP = 40
PATIENCE_S = 60


def canary(number: int) -> dict[str, float]:
    """Return a position in town whose digits occur nowhere else."""
    return {"lon": round(LON + 0.0001 * (number % 100) + 3.71e-6, 8), "lat": round(LAT + 0.0004 + number * 7.3e-7, 8)}


def traces(told: str) -> list[str]:
    """Return the canaries of which six digits behind the point stand in a text."""
    positions = [f"{value:.6f}" for number in range(CANARIES) for value in canary(number).values()]
    return [position for position in dict.fromkeys(positions) if position in told]


def tables(settings: Settings) -> dict[str, Any]:
    """Return count and fingerprint of every table."""
    with reading(settings) as conn:
        names = conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        return {
            name: tuple(
                conn.execute(
                    text(f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t")
                ).one()
            )
            for name in names
        }


@contextmanager
def statements(settings: Settings) -> Iterator[list[str]]:
    """Collect every statement that goes to the database, with its values."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        sent.append(f"{statement} {values}")

    event.listen(engine(settings), "before_cursor_execute", note)
    yield sent
    event.remove(engine(settings), "before_cursor_execute", note)


def test_a_trace_would_be_noticed() -> None:
    assert traces(f"POST {canary(7)['lon']:.6f}") == [f"{canary(7)['lon']:.6f}"]


def test_a_thousand_positions_leave_no_trace(
    client: FlaskClient, cities_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = tables(cities_settings)
    with statements(cities_settings) as sent:
        for number in range(CANARIES):
            here = canary(number)
            match number % 10:
                case 0:
                    answer = client.post("/find/town", data=here | {"accuracy": 12})
                case 1 | 2 | 3:
                    answer = client.post("/api/v1/where", json={"city": "town"} | here)
                case 4:
                    answer = client.post("/api/v1/nearest", json={"city": "nowhere"} | here)
                case _:
                    answer = client.post("/api/v1/nearest", json={"city": "town", "k": 1} | here)
            assert answer.status_code == (404 if number % 10 == 4 else 200)
            assert traces(str(answer.headers)) == []
            assert answer.headers["Cache-Control"] == "private, no-store"
    assert len(sent) > CANARIES
    assert traces("\n".join(sent)) == []
    assert traces(caplog.text) == []
    assert tables(cities_settings) == before


def test_faults_of_our_own_tell_no_position(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of order")

    caplog.set_level(logging.DEBUG)
    client.application.testing = False
    monkeypatch.setattr("gis_service.web.api_nearest.answer", fail)
    monkeypatch.setattr("gis_service.web.locator._listed", fail)
    for number in range(20):
        assert client.post("/api/v1/nearest", json={"city": "town"} | canary(number)).status_code == 500
        assert client.post("/find/town", data=canary(number)).status_code == 500
    assert "out of order" in caplog.text
    assert traces(caplog.text) == []


def test_the_servers_own_logs_hold_no_position(cities_settings: Settings, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    logs = [tmp_path / "access.log", tmp_path / "error.log"]
    command = [
        sys.executable, "-m", "gunicorn", "gis_service.app:create_app()", f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread", "--log-level=debug", f"--access-logfile={logs[0]}", f"--error-logfile={logs[1]}",
    ]  # fmt: skip
    environment = {**os.environ, "GIS_SERVICE_DATABASE_URL": str(cities_settings.database_url)}
    origin = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment) as server:
        try:
            wait_for(f"{origin}/healthz")
            for number in range(SENT_OVER_TCP):
                body = urlencode(canary(number)).encode()
                referrer = {"Referer": f"{origin}/find/town"}
                question = urllib.request.Request(f"{origin}/find/town", body, referrer)  # noqa: S310 our own
                with urllib.request.urlopen(question) as answer:  # noqa: S310 our own
                    assert answer.status == 200
        finally:
            server.terminate()
    told = "\n".join(log.read_text(encoding="utf-8") for log in logs)
    assert told.count("POST /find/town") >= SENT_OVER_TCP
    assert traces(told) == []


def wait_for(address: str) -> None:
    """Return when the server answers."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(address):  # noqa: S310 our own
                return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)
