"""The web service over a small city for staff, one for the public and one with hostile names."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

from gis_service.app import create_app
from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.db.findings_register import save_sample
from gis_service.workflows.audit_city import audit_city
from tests.connecting import rolled_back
from tests.web.mini_city import HOSTILE, HOSTILE_NAMES, build_mini_city
from tests.web.mini_plans import tell_of_plans


@pytest.fixture(scope="session")
def cities_settings(make_database: Callable[[str], Settings]) -> Settings:
    """Return settings of a database with three cities: mini (synthetic), town (real) and hostile (synthetic)."""
    settings = make_database("web")
    with begin(settings) as conn:
        build_mini_city(conn, "mini", synthetic=True)
        build_mini_city(conn, "town", synthetic=False, code_prefix="9999010020")
        build_mini_city(conn, "hostile", synthetic=True, names=HOSTILE_NAMES, code_prefix="9999010030")
        tell_of_plans(conn, "mini", "9999010010")
        tell_of_plans(conn, "town", "9999010020")
        tell_of_plans(conn, "hostile", "9999010030", witness=HOSTILE[0])
        for city, grid in (("mini", "999901001001001"), ("town", "999901002001001"), ("hostile", "999901003001001")):
            taken = audit_city(conn, city, title="第四季度", taken_by="test").snapshot_id
            save_sample(conn, city, region="", seed="1", grids=[grid], snapshot=taken, who="test")
    return settings


@pytest.fixture
def changed(cities_settings: Settings) -> Iterator[Connection]:
    """Return a connection to the three cities; what a test changes on it is rolled back."""
    with rolled_back(cities_settings) as connected:
        yield connected


@pytest.fixture
def app(cities_settings: Settings) -> Flask:
    """Return the application over the three cities."""
    made = create_app(cities_settings)
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """Return a browser without a window."""
    with app.test_client() as browser:
        yield browser
