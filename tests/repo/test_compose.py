"""The container files name what the service really reads and runs; no container engine is needed to check that."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import make_url

from gis_service.config import PREFIX, read_settings

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def services() -> dict[str, Any]:
    loaded = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
    return dict(loaded["services"])


@pytest.mark.parametrize("service", ["web", "jobs"])
def test_the_service_gets_settings_it_knows(services: dict[str, Any], service: str) -> None:
    given = {name: str(value) for name, value in services[service]["environment"].items()}
    assert all(name.startswith(PREFIX) for name in given)
    assert read_settings(given).database_url == given["GIS_SERVICE_DATABASE_URL"]


def test_the_address_is_that_of_the_database_beside_it(services: dict[str, Any]) -> None:
    url = make_url(services["web"]["environment"]["GIS_SERVICE_DATABASE_URL"].replace("${DATABASE_PASSWORD}", "secret"))
    beside = services["database"]["environment"]
    assert (url.host, url.database, url.username) == ("database", beside["POSTGRES_DB"], beside["POSTGRES_USER"])
    assert beside["POSTGRES_PASSWORD"].startswith("${DATABASE_PASSWORD:?")


def test_long_work_is_done_by_one_service_in_the_database_of_the_other(services: dict[str, Any]) -> None:
    addresses = {services[name]["environment"]["GIS_SERVICE_DATABASE_URL"] for name in ("web", "jobs")}
    assert len(addresses) == 1
    assert services["jobs"]["command"] == ["scripts/run_jobs.py"]
    assert "--jobs 0" in services["web"]["command"][-1]
    assert services["jobs"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_the_postgis_is_new_enough(services: dict[str, Any]) -> None:
    version = re.fullmatch(r"postgis/postgis:(\d+)-(\d+)\.(\d+)", services["database"]["image"])
    assert version is not None
    assert int(version[1]) >= 15
    assert (int(version[2]), int(version[3])) >= (3, 3)


def test_the_web_waits_for_the_database_and_is_open_to_this_machine_only(services: dict[str, Any]) -> None:
    assert services["web"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "healthcheck" in services["database"]
    assert all(port.startswith("127.0.0.1:") for port in services["web"]["ports"])
    assert "ports" not in services["database"]


def test_every_program_the_containers_run_exists(services: dict[str, Any]) -> None:
    commands = [" ".join(services[name]["command"]) for name in ("web", "jobs")]
    texts = [*commands, (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")]
    named = {name for text in texts for name in re.findall(r"scripts/[a-z_]+\.(?:py|sh)", text)}
    assert named == {"scripts/database.py", "scripts/serve.py", "scripts/run_jobs.py", "scripts/bootstrap.sh"}
    for name in named:
        assert (REPOSITORY / name).stat().st_mode & 0o100, f"{name} is not executable"
