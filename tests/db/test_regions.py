"""Codes by date: the state re-uses them, so a code alone does not name a region."""

from datetime import date

import geopandas as gpd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from gis_service.db import regions
from gis_service.db.cities import City
from gis_service.errors import InputError

from .town import CRS, frame, multi, save_test_city

CODE = "350902500007"
TOWN = "350902500000"


@pytest.fixture
def now() -> gpd.GeoDataFrame:
    return frame(
        {
            "code": [TOWN, CODE],
            "name": ["漳湾镇", "湖滨社区"],
            "level": ["street", "community"],
            "parent_code": [None, TOWN],
        },
        [None, multi(shapely.box(0, 0, 500, 400))],
    )


def former(*rows: tuple[str, str, str, str | None, date, date]) -> gpd.GeoDataFrame:
    columns = zip(*rows, strict=True)
    names = ("code", "name", "level", "parent_code", "valid_from", "valid_to")
    return frame(dict(zip(names, map(list, columns), strict=True)), [multi(shapely.box(0, 0, 100, 100))] * len(rows))


WAN_AN = (CODE, "万安社区", "community", TOWN, date(2009, 1, 1), date(2020, 5, 1))


def test_a_code_means_the_region_of_its_time(connection: Connection, city: City, now: gpd.GeoDataFrame) -> None:
    regions.save_regions(connection, city, now, since={CODE: date(2020, 5, 1)}, former=former(WAN_AN))
    found = {year: regions.find_region(connection, city, CODE, date(year, 6, 30)) for year in (2008, 2017, 2023, 2026)}
    assert found[2008] is None
    assert found[2017] == regions.RegionRecord(*WAN_AN)
    assert found[2023] == regions.RegionRecord(CODE, "湖滨社区", "community", TOWN, date(2020, 5, 1), None)
    assert found[2026] == found[2023]


def test_a_region_ends_the_day_before_its_last_day_no_longer(
    connection: Connection, city: City, now: gpd.GeoDataFrame
) -> None:
    regions.save_regions(connection, city, now, since={CODE: date(2020, 5, 1)}, former=former(WAN_AN))
    names = [regions.find_region(connection, city, CODE, date(2020, month, day)) for month, day in ((4, 30), (5, 1))]
    assert [record.name for record in names if record is not None] == ["万安社区", "湖滨社区"]


def test_without_a_first_day_a_code_is_known_from_the_data_date_on(
    connection: Connection, city: City, now: gpd.GeoDataFrame
) -> None:
    regions.save_regions(connection, city, now)
    assert regions.find_region(connection, city, CODE, date(2023, 6, 29)) is None
    assert regions.find_region(connection, city, CODE, date(2023, 6, 30)) is not None


def test_other_cities_and_unknown_codes_find_nothing(connection: Connection, city: City, now: gpd.GeoDataFrame) -> None:
    regions.save_regions(connection, city, now)
    elsewhere = save_test_city(connection, "elsewhere", CRS)
    assert regions.find_region(connection, elsewhere, CODE, date(2023, 6, 30)) is None
    assert regions.find_region(connection, city, "350902500008", date(2023, 6, 30)) is None


def test_former_regions_are_not_loaded(connection: Connection, city: City, now: gpd.GeoDataFrame) -> None:
    regions.save_regions(connection, city, now, former=former(WAN_AN))
    assert_geodataframe_equal(regions.load_regions(connection, city), now)


def test_a_former_region_lies_in_the_parent_of_its_time(
    connection: Connection, city: City, now: gpd.GeoDataFrame
) -> None:
    early = ("350902500009", "甲", "community", TOWN, date(2001, 1, 1), date(2008, 1, 1))
    old_town = (TOWN, "漳湾乡", "street", None, date(2000, 1, 1), date(2009, 1, 1))
    regions.save_regions(connection, city, now, former=former(WAN_AN, early, old_town))
    parents = connection.exec_driver_sql(
        "SELECT own.name, above.name FROM region own JOIN region above ON above.id = own.parent_id "
        "WHERE own.valid_to IS NOT NULL ORDER BY own.valid_from"
    ).all()
    assert parents == [("甲", "漳湾乡"), ("万安社区", "漳湾镇")]


def test_a_former_region_of_an_unknown_parent_is_refused(
    connection: Connection, city: City, now: gpd.GeoDataFrame
) -> None:
    lost = (CODE, "万安社区", "community", "350902999000", date(2009, 1, 1), date(2020, 5, 1))
    with pytest.raises(InputError, match="350902999000"):
        regions.save_regions(connection, city, now, former=former(lost))


def test_the_store_refuses_a_code_that_means_two_regions_on_one_day(
    connection: Connection, city: City, now: gpd.GeoDataFrame
) -> None:
    with pytest.raises(IntegrityError, match="ex_region_code_in_time"):
        regions.save_regions(connection, city, now, since={CODE: date(2020, 4, 30)}, former=former(WAN_AN))
