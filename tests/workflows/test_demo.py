"""The two shell roads a newcomer takes: demo.sh without and with the web service."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from gis_service.config import Settings
from tests.workflows.town import write_town

DEMO = Path(__file__).resolve().parents[2] / "scripts" / "demo.sh"


@pytest.fixture(scope="module")
def environment(make_database: Callable[[str], Settings]) -> dict[str, str]:
    settings = make_database("demo")
    assert settings.database_url is not None
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIS_SERVICE_")}
    return own | {"GIS_SERVICE_DATABASE_URL": settings.database_url}


def named_town(folder: Path) -> Path:
    """Write the town under the folder's own name, so that cities of one database do not meet."""
    toml = write_town(folder) / "dataset.toml"
    toml.write_text(toml.read_text().replace('name = "town"', f'name = "{folder.name}"'))
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_a_city_of_ones_own_goes_the_whole_road_from_any_folder(environment: dict[str, str], tmp_path: Path) -> None:
    write_town(tmp_path / "my town")
    command = [DEMO, "--city", "my town", "--no-serve"]
    for words in ("已导入 小镇", "沿用已有方案"):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        assert words in done.stderr
    assert "数据没有变化" in done.stderr


@pytest.mark.slow
def test_a_city_without_streets_is_still_partitioned(environment: dict[str, str], tmp_path: Path) -> None:
    folder = write_town(tmp_path / "no_streets")
    toml = folder / "dataset.toml"
    text = toml.read_text().replace('[files.streets]\npath = "streets.gpkg"\n', "")
    toml.write_text(text.replace('name = "town"', 'name = "no_streets"'))
    done = subprocess.run(
        [DEMO, "--city", folder, "--no-serve"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "跳过步行检查" in done.stderr
    assert "已划分" in done.stderr


@pytest.mark.slow
def test_the_map_is_served_and_ctrl_c_ends_it(environment: dict[str, str], tmp_path: Path) -> None:
    folder, port = named_town(tmp_path / "served"), free_port()
    running = subprocess.Popen(
        [DEMO, "--city", folder, "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        assert b"leaflet" in fetch(f"http://127.0.0.1:{port}/map/served", running)
        assert fetch(f"http://127.0.0.1:{port}/healthz", running)
        os.killpg(running.pid, signal.SIGINT)  # what Ctrl-C sends to everything in the terminal
        assert running.wait(timeout=30) in {0, 130}  # 0 where the server hears it first and ends by itself
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)


def test_a_wrong_argument_is_named(environment: dict[str, str]) -> None:
    for arguments, said in ((["--port"], "--port"), (["--port", "x"], "x"), (["--city", "nowhere"], "nowhere")):
        done = subprocess.run(
            [DEMO, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 2
        assert said in done.stderr


def fetch(address: str, running: subprocess.Popen[bytes]) -> bytes:
    for _ in range(240):
        assert running.poll() is None, "demo.sh ended before the map was served"
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 our own server
                return bytes(answer.read())
        except urllib.error.URLError:
            time.sleep(0.5)
    raise AssertionError(f"{address} was not served")
