"""Settings come from the environment and from nowhere else."""

from pathlib import Path

import pytest

from gis_service.config import Settings, read_settings
from gis_service.errors import SetupError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_empty_values_count_as_absent() -> None:
    assert read_settings({"GIS_SERVICE_DATABASE_URL": "", "GIS_SERVICE_LANGUAGE": ""}) == Settings()


def test_every_variable_is_read() -> None:
    read = read_settings(
        {
            "GIS_SERVICE_DATABASE_URL": "postgresql://db/gis",
            "GIS_SERVICE_CLUSTER_DIR": "/data/pg",
            "GIS_SERVICE_SECRET_KEY": "k",
            "GIS_SERVICE_LANGUAGE": "en",
            "GIS_SERVICE_BASEMAP": "tianditu",
            "GIS_SERVICE_TIANDITU_KEY": "t",
            "GIS_SERVICE_MAP_APPROVAL": "闽S(2026)1号",
            "GIS_SERVICE_OPERATOR": "某市网格中心",
            "GIS_SERVICE_STAFF_VIEW": "1",
            "GIS_SERVICE_PUBLIC_GRIDS": "1",
            "GIS_SERVICE_GRID_PHONES": "/data/phones.csv",
            "PATH": "/usr/bin",
        }
    )
    assert read == Settings(
        database_url="postgresql://db/gis",
        cluster_dir=Path("/data/pg"),
        secret_key="k",  # noqa: S106 not a secret
        language="en",
        basemap="tianditu",
        tianditu_key="t",
        map_approval="闽S(2026)1号",
        operator="某市网格中心",
        staff_view=True,
        public_grids=True,
        grid_phones=Path("/data/phones.csv"),
    )


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"GIS_SERVICE_DATABSE_URL": "x"}, "GIS_SERVICE_DATABSE_URL"),
        ({"GIS_SERVICE_LANGUAGE": "fr"}, "GIS_SERVICE_LANGUAGE"),
        ({"GIS_SERVICE_STAFF_VIEW": "yes"}, "GIS_SERVICE_STAFF_VIEW"),
        ({"GIS_SERVICE_BASEMAP": "tianditu"}, "GIS_SERVICE_TIANDITU_KEY"),
        ({"GIS_SERVICE_GRID_PHONES": "phones.csv"}, "GIS_SERVICE_PUBLIC_GRIDS"),
    ],
)
def test_a_wrong_variable_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        read_settings(environment)
