"""What an import stores comes back bit by bit: values, types, order and coordinates."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import Connection, text

from gis_service.db import barriers, buildings, cities, estates, facilities, given_grids, network, regions
from gis_service.db.cities import City, StoredNote
from gis_service.errors import InputError, NoNetworkError, UnknownCityError
from gis_service.geo.crs import to_metric

from .town import series

MakeCity = Callable[[str, str], City]


def assert_same_bits(found: gpd.GeoDataFrame, stored: gpd.GeoDataFrame) -> None:
    """Compare types, order, CRS and values, and the coordinates exactly."""
    assert_geodataframe_equal(found, stored, check_crs=True)
    assert found.geometry.to_wkb().tolist() == stored.geometry.to_wkb().tolist()


def test_regions_come_back_with_parents_and_missing_extents(
    connection: Connection, town: City, town_regions: gpd.GeoDataFrame
) -> None:
    assert_same_bits(regions.load_regions(connection, town), town_regions)


def test_regions_of_one_level_keep_their_parent_codes(connection: Connection, town: City) -> None:
    found = regions.load_regions(connection, town, level="community")
    assert found["parent_code"].tolist() == ["990001001000", "990001001000"]


def test_region_codes_are_valid_from_the_data_date(connection: Connection, town: City) -> None:
    assert connection.scalars(text("SELECT DISTINCT valid_from FROM region")).all() == [town.data_date]


def test_estates_come_back(connection: Connection, town: City, town_estates: gpd.GeoDataFrame) -> None:
    assert_same_bits(estates.load_estates(connection, town), town_estates)


def test_buildings_come_back(connection: Connection, town: City, town_buildings: gpd.GeoDataFrame) -> None:
    assert_same_bits(buildings.load_buildings(connection, town), town_buildings)


def test_buildings_of_one_community_leave_out_the_others(connection: Connection, town: City) -> None:
    assert buildings.load_buildings(connection, town, "990001001001")["id"].tolist() == ["B01", "B02", "B03"]


def test_barriers_come_back(connection: Connection, town: City, town_barriers: gpd.GeoDataFrame) -> None:
    assert_same_bits(barriers.load_barriers(connection, town), town_barriers)


def test_facilities_come_back(connection: Connection, town: City, town_facilities: gpd.GeoDataFrame) -> None:
    assert_same_bits(facilities.load_facilities(connection, town), town_facilities)


def test_given_grids_come_back(connection: Connection, town: City, town_given_grids: gpd.GeoDataFrame) -> None:
    assert_same_bits(given_grids.load_given_grids(connection, town), town_given_grids)


def test_the_network_comes_back(
    connection: Connection, town: City, town_network: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]
) -> None:
    nodes, edges = network.load_network(connection, town)
    assert_same_bits(nodes, town_network[0])
    assert_same_bits(edges, town_network[1])


def test_rows_come_back_sorted_by_code_point_whatever_order_they_were_stored_in(
    connection: Connection, city: City, town_regions: gpd.GeoDataFrame, town_estates: gpd.GeoDataFrame,
    town_buildings: gpd.GeoDataFrame,
) -> None:  # fmt: skip
    regions.save_regions(connection, city, town_regions.iloc[::-1])
    estates.save_estates(connection, city, town_estates.iloc[::-1])
    buildings.save_buildings(connection, city, town_buildings.iloc[[3, 0, 4, 2, 1]])
    assert_same_bits(regions.load_regions(connection, city), town_regions)
    assert_same_bits(buildings.load_buildings(connection, city), town_buildings)


def test_empty_frames_keep_their_columns_and_types(
    connection: Connection, city: City, town_buildings: gpd.GeoDataFrame
) -> None:
    nothing = town_buildings.iloc[:0]
    buildings.save_buildings(connection, city, nothing)
    found = buildings.load_buildings(connection, city)
    assert found.dtypes.to_dict() == town_buildings.dtypes.to_dict()
    assert found.crs == town_buildings.crs


def test_a_building_of_an_unknown_community_is_refused_by_name(
    connection: Connection, town: City, town_buildings: gpd.GeoDataFrame
) -> None:
    wrong = town_buildings.assign(id=town_buildings["id"] + "x", community_code="990001001009")
    with pytest.raises(InputError, match="990001001009"):
        buildings.save_buildings(connection, town, wrong)


def test_a_city_without_streets_says_so(connection: Connection, city: City) -> None:
    with pytest.raises(NoNetworkError, match="test-town"):
        network.load_network(connection, city)


def test_an_unknown_city_is_named_with_those_there_are(connection: Connection, city: City) -> None:
    with pytest.raises(UnknownCityError, match=r"nowhere.*test-town"):
        cities.load_city(connection, "nowhere")


def test_a_city_comes_back_whole(connection: Connection, city: City) -> None:
    assert cities.load_city(connection, city.name) == city
    assert cities.load_cities(connection) == [city]
    assert city.sources == ("手工", "a,b")


def test_import_notes_come_back_in_order(connection: Connection, city: City) -> None:
    notes = [
        StoredNote("repaired", "regions.gpkg", 3, "修复", "repaired"),
        StoredNote("notice", "b.csv", None, "提示", "n"),
    ]
    cities.save_notes(connection, city, notes)
    assert cities.load_notes(connection, city) == notes


def test_counts_are_those_of_the_city_alone(connection: Connection, town: City) -> None:
    assert cities.count_rows(connection, town) == {
        "region": 5,
        "estate": 2,
        "building": 5,
        "barrier": 3,
        "facility": 2,
        "given_grid": 2,
        "network_node": 3,
        "network_edge": 3,
        "import_note": 0,
    }
    assert cities.count_households(connection, town) == 162


def test_a_deleted_city_leaves_nothing(connection: Connection, planned_town: City) -> None:
    none = {"draft": 0, "reach_run": 0, "siting_run": 0}
    assert cities.derived_work(connection, planned_town) == {"plan": 1, **none}
    cities.delete_city(connection, planned_town)
    tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    kept = {"spatial_ref_sys", "alembic_version"}
    left = [name for name in tables if name not in kept and connection.scalar(text(f"SELECT count(*) FROM {name}"))]
    assert left == []


@pytest.mark.cases
def test_real_footprints_come_back_bit_by_bit(
    connection: Connection, make_city: MakeCity, town_buildings: gpd.GeoDataFrame, cases_dir: Path
) -> None:
    city = make_city("outram", "EPSG:3414")
    footprints = to_metric(
        gpd.read_file(cases_dir / "singapore_outram" / "buildings.gpkg")[["geometry"]], city.metric_crs
    )
    like = town_buildings.drop(columns="geometry").iloc[[1] * len(footprints)].reset_index(drop=True)
    stored = gpd.GeoDataFrame(like, geometry=footprints.geometry).assign(estate_id=None, community_code=None)
    stored["id"] = series([f"{row:06d}" for row in range(len(stored))])
    buildings.save_buildings(connection, city, stored)
    assert_same_bits(buildings.load_buildings(connection, city), stored)
