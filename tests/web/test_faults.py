"""What readers see when something fails."""

import dataclasses
import socket
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, make_url, text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import cluster, layers
from gis_service.db.engine import begin
from gis_service.errors import (
    DatabaseUnavailableError,
    GisServiceError,
    InputError,
    SetupError,
    Text,
    UnknownCityError,
    UnknownPlanError,
)
from gis_service.web import home
from gis_service.web.errors import status_of

CALM = "数据库暂时不能用，请稍后再试。"
NOWHERE = Settings(database_url="postgresql://nobody@127.0.0.1:9/nothing")


def test_health_is_good_while_cities_can_be_read(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert response.status_code == 200
    assert response.get_json()["status"] == "ok"


def test_health_says_calmly_that_the_database_is_away_and_tells_its_operator_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = create_app(NOWHERE).test_client().get("/healthz")
    assert response.status_code == 503
    assert response.get_json()["reason"] == CALM
    assert "127.0.0.1" not in response.text
    assert "127.0.0.1" in caplog.text


def test_health_answers_though_the_database_keeps_silent(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(database_url=f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        response = create_app(settings).test_client().get("/healthz")
    assert response.status_code == 503
    assert response.get_json()["reason"] == CALM
    assert "did not answer" in caplog.text


@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"])
def test_health_is_bad_while_the_tables_are_those_of_another_version(
    make_database: Callable[[str], Settings], caplog: pytest.LogCaptureFixture, change: str
) -> None:
    settings = make_database("stale")
    client = create_app(settings).test_client()
    assert client.get("/healthz").status_code == 200
    with begin(settings) as conn:
        conn.execute(text(change))
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.get_json()["reason"] == CALM
    assert "database.py upgrade" in caplog.text


@pytest.mark.parametrize("address", ["/map/nowhere", "/api/v1/cities/nowhere/layers/circles.geojson"])
def test_visitors_of_an_unknown_city_read_no_internals(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    caplog.set_level("INFO")
    response = client.get(address)
    assert response.status_code == 404
    message = response.get_json()["message"] if response.is_json else response.text
    assert "没有这个城市，请从首页选择。" in message
    for internal in ("scripts", "mini", "hostile", "nowhere"):
        assert internal not in message.replace('lang="', "")
    assert "there is no city 'nowhere'" in caplog.text


@pytest.mark.parametrize("error", [InputError, SetupError, UnknownPlanError, GisServiceError])
def test_no_error_of_ours_speaks_to_visitors(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: type[GisServiceError]
) -> None:
    def break_down(_conn: object) -> None:
        raise error(Text("请运行 scripts/database.py", "run scripts/database.py"))

    monkeypatch.setattr(home, "load_cities", break_down)
    response = app.test_client().get("/")
    assert response.status_code == status_of(error(Text("", "")))
    assert "scripts" not in response.text


@pytest.mark.parametrize(("staff", "told"), [(True, True), (False, False)])
def test_only_staff_are_told_how_to_import_a_city(
    make_database: Callable[[str], Settings], staff: bool, told: bool
) -> None:
    settings = dataclasses.replace(make_database("empty"), staff_view=staff)
    page = create_app(settings).test_client().get("/").text
    assert ("scripts/import_city.py" in page) == told


def test_health_comes_back_with_the_database(
    cluster_settings: Settings, make_database: Callable[[str], Settings]
) -> None:
    settings = make_database("outage")
    client = create_app(settings).test_client()
    statuses = []
    for open_again in (True, False, True):
        _admit(cluster_settings, settings, admitted=open_again)
        statuses.append(client.get("/healthz").status_code)
    assert statuses == [200, 503, 200]


def _admit(cluster_settings: Settings, settings: Settings, *, admitted: bool) -> None:
    """Open the database to connections, or close it and cut those there are."""
    database = make_url(str(settings.database_url)).database
    server = create_engine(cluster.admin_url(cluster_settings), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connected:
        connected.execute(text(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS {admitted}'))
        if not admitted:
            connected.execute(
                text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"),
                {"name": database},
            )


def test_pages_say_so_calmly_when_the_database_is_away() -> None:
    response = create_app(NOWHERE).test_client().get("/map/mini")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert "服务暂时不可用" in response.text
    assert "127.0.0.1" not in response.text


def test_layers_say_so_in_json_when_the_database_is_away() -> None:
    response = create_app(NOWHERE).test_client().get("/api/v1/cities/mini/layers/grids.geojson")
    assert response.status_code == 503
    assert response.get_json()["message"] == "服务暂时不可用"


def test_a_fault_of_ours_shows_no_traceback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_conn: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(home, "load_cities", break_down)
    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "服务出错了" in response.text
    assert "secret detail" not in response.text


def test_a_request_that_is_not_get_is_refused(app: Flask) -> None:
    assert app.test_client().post("/map/mini").status_code == 405


def test_a_question_that_takes_too_long_is_given_up(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = layers._query
    monkeypatch.setattr(layers, "STATEMENT_TIMEOUT_S", 0.2)
    monkeypatch.setattr(layers, "_query", lambda name: "SELECT pg_sleep(30)" if name == "search" else ask(name))
    response = client.get("/api/v1/cities/mini/search?q=a")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    ("kind", "status"), [(InputError, 400), (UnknownCityError, 404), (DatabaseUnavailableError, 503), (SetupError, 503)]
)
def test_an_error_class_has_one_status(kind: type[InputError], status: int) -> None:
    assert status_of(kind(Text("错", "wrong"))) == status


def test_a_subclass_answers_like_its_class() -> None:
    class StrangeCityError(UnknownCityError):
        pass

    assert status_of(StrangeCityError(Text("错", "wrong"))) == 404
