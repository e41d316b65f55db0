"""What readers see when something fails."""

import socket
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import NullPool, create_engine, make_url, text

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db import cluster, layers
from gis_service.errors import DatabaseUnavailableError, InputError, SetupError, Text, UnknownCityError
from gis_service.web import home
from gis_service.web.errors import status_of

NOWHERE = Settings(database_url="postgresql://nobody@127.0.0.1:9/nothing")


def test_health_is_good_while_cities_can_be_read(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert response.status_code == 200
    assert response.get_json()["status"] == "ok"


def test_health_names_the_reason_when_the_database_is_away() -> None:
    response = create_app(NOWHERE).test_client().get("/healthz")
    assert response.status_code == 503
    assert "无法连接数据库" in response.get_json()["reason"]


def test_health_answers_though_the_database_keeps_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = Settings(database_url=f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing")
        response = create_app(settings).test_client().get("/healthz")
    assert response.status_code == 503
    assert "没有回答" in response.get_json()["reason"]


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
