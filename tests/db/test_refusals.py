"""What the database itself refuses, whoever writes."""

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from gis_service.db import buildings, units
from gis_service.db.cities import City

from .town import CRS, LABELS, WEST, save_test_city, save_test_plan

BOWTIE = shapely.Polygon([(521_400, 3_023_500), (521_500, 3_023_600), (521_500, 3_023_500), (521_400, 3_023_600)])


@pytest.mark.parametrize("column", ["households", "residents", "elderly", "children"])
def test_a_negative_count_is_refused(connection: Connection, town: City, column: str) -> None:
    with pytest.raises(IntegrityError, match=f"ck_building_{column}_not_negative"):
        connection.execute(text(f"UPDATE building SET {column} = -1"))


def test_negative_households_are_refused_in_a_bulk_import(
    connection: Connection, town: City, town_buildings: gpd.GeoDataFrame
) -> None:
    wrong = town_buildings.assign(id=town_buildings["id"] + "x", households=[1, 2, -3, 4, 5])
    with pytest.raises(IntegrityError, match="ck_building_households_not_negative"):
        buildings.save_buildings(connection, town, wrong)


def test_an_invalid_geometry_is_refused(connection: Connection, town: City, town_buildings: gpd.GeoDataFrame) -> None:
    wrong = town_buildings.iloc[:1].assign(id="bowtie").set_geometry(gpd.GeoSeries([BOWTIE], crs=CRS))
    with pytest.raises(IntegrityError, match="ck_building_geometry_valid"):
        buildings.save_buildings(connection, town, wrong)


def test_an_empty_geometry_is_refused(connection: Connection, town: City) -> None:
    with pytest.raises(IntegrityError, match="ck_facility_geometry_valid"):
        connection.execute(text("UPDATE facility SET geometry = ST_SetSRID('POINT EMPTY'::geometry, 4326)"))


@pytest.mark.parametrize("table", ["region", "estate", "building", "barrier", "given_grid", "unit", "grid"])
def test_no_table_takes_an_invalid_polygon(connection: Connection, planned_town: City, table: str) -> None:
    bowtie = "SRID=4326;POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))"
    column = "ST_Multi(:bowtie ::geometry)" if table in {"region", "estate", "given_grid", "grid"} else ":bowtie"
    with pytest.raises(IntegrityError, match=f"ck_{table}_geometry_valid"):
        connection.execute(text(f"UPDATE {table} SET geometry = {column}"), {"bowtie": bowtie})


def test_a_building_twice_in_a_city_is_refused(
    connection: Connection, town: City, town_buildings: gpd.GeoDataFrame
) -> None:
    with pytest.raises(IntegrityError, match="uq_building_city_id_code"):
        buildings.save_buildings(connection, town, town_buildings.iloc[:1])


def test_a_unit_in_two_grids_of_a_plan_is_refused(connection: Connection, planned_town: City) -> None:
    with pytest.raises(IntegrityError, match="pk_assignment"):
        connection.execute(
            text(
                "INSERT INTO assignment (plan_id, unit_id, grid_id, region_id) "
                "SELECT a.plan_id, a.unit_id, g.id, a.region_id FROM assignment a "
                "JOIN grid g ON g.plan_id = a.plan_id AND g.id <> a.grid_id LIMIT 1"
            )
        )


def test_a_unit_in_a_grid_of_another_plan_is_refused(
    connection: Connection, planned_town: City, town_grids: gpd.GeoDataFrame
) -> None:
    save_test_plan(connection, planned_town, "second", LABELS, town_grids)
    with pytest.raises(IntegrityError, match="fk_assignment_grid_id_plan_id_region_id"):
        connection.execute(
            text(
                "UPDATE assignment SET grid_id = (SELECT min(g.id) FROM grid g WHERE g.plan_id <> assignment.plan_id) "
                "WHERE plan_id = (SELECT min(id) FROM plan)"
            )
        )


def test_a_grid_of_two_communities_is_refused(connection: Connection, planned_town: City) -> None:
    east = connection.scalars(text("SELECT id FROM region WHERE code = '990001001002'")).one()
    unit = connection.scalars(
        text(
            "INSERT INTO unit (region_id, code, kind, geometry) "
            "SELECT :east, 'E1', 'cell', geometry FROM unit LIMIT 1 RETURNING id"
        ),
        {"east": east},
    ).one()
    row = (
        "INSERT INTO assignment (plan_id, unit_id, grid_id, region_id) SELECT plan_id, :unit, id, {} FROM grid LIMIT 1"
    )
    with pytest.raises(IntegrityError, match="fk_assignment_unit_id_region_id"), connection.begin_nested():
        connection.execute(text(row.format("region_id")), {"unit": unit})
    with pytest.raises(IntegrityError, match="fk_assignment_grid_id_plan_id_region_id"), connection.begin_nested():
        connection.execute(text(row.format(":east")), {"unit": unit, "east": east})


def test_a_grid_of_another_community_than_its_plan_is_refused(connection: Connection, planned_town: City) -> None:
    east = connection.scalars(text("SELECT id FROM region WHERE code = '990001001002'")).one()
    with pytest.raises(IntegrityError, match="fk_"):
        connection.execute(text("UPDATE grid SET region_id = :east"), {"east": east})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("2020-01-01", None), ("2023-01-01", None)),
        (("2020-01-01", "2022-01-02"), ("2022-01-01", "2024-01-01")),
    ],
)
def test_one_code_for_two_regions_at_a_time_is_refused(
    connection: Connection, city: City, first: tuple[str, str | None], second: tuple[str, str | None]
) -> None:
    add_region(connection, city, *first)
    with pytest.raises(IntegrityError, match="ex_region_code_in_time"):
        add_region(connection, city, *second)


def test_a_code_may_be_used_again_from_the_day_it_was_given_up(connection: Connection, city: City) -> None:
    add_region(connection, city, "2020-01-01", "2022-01-01")
    add_region(connection, city, "2022-01-01", None)
    add_region(connection, save_test_city(connection, "elsewhere", CRS), "2020-01-01", None)
    assert connection.scalar(text("SELECT count(*) FROM region WHERE code = '990001001001'")) == 3


def test_a_region_that_ends_before_it_begins_is_refused(connection: Connection, city: City) -> None:
    with pytest.raises(IntegrityError, match="ck_region_valid_days"):
        add_region(connection, city, "2022-01-01", "2022-01-01")


@pytest.mark.parametrize("public", ["true", "false"])
@pytest.mark.parametrize("level", ["4", "3", "NULL"])
def test_only_a_private_home_cannot_be_public(connection: Connection, town: City, level: str, public: str) -> None:
    change = text(f"UPDATE facility SET level = {level}, public = {public}")
    if (level, public) == ("4", "true"):
        with pytest.raises(IntegrityError, match="ck_facility_home_not_public"):
            connection.execute(change)
    else:
        assert connection.execute(change).rowcount == 2


def test_units_of_a_community_are_not_replaced(
    connection: Connection, planned_town: City, town_units: gpd.GeoDataFrame, town_unit_buildings: gpd.GeoDataFrame
) -> None:
    with pytest.raises(IntegrityError, match="uq_unit_region_id_code"):
        units.save_units(connection, planned_town, WEST, town_units, town_unit_buildings)


def add_region(connection: Connection, city: City, valid_from: str, valid_to: str | None) -> None:
    connection.execute(
        text(
            "INSERT INTO region (city_id, code, name, level, valid_from, valid_to) "
            "VALUES (:city, '990001001001', 'x', 'community', :valid_from, :valid_to)"
        ),
        {"city": city.id, "valid_from": valid_from, "valid_to": valid_to},
    )
