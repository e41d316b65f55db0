"""The small town, imported into a real PostGIS."""

from pathlib import Path

import pytest
from sqlalchemy import Connection

from gis_service.workflows.import_city import Imported, import_city
from tests.workflows.town import write_town


@pytest.fixture
def town_folder(tmp_path: Path) -> Path:
    return write_town(tmp_path / "town")


@pytest.fixture
def town(connection: Connection, town_folder: Path) -> Imported:
    return import_city(connection, town_folder)
