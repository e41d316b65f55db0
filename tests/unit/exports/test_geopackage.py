"""GeoPackages hold exactly the layers and columns that other tools rely on, and equal exports are equal bytes."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geoseries_equal

from gis_service.errors import InputError, Text
from gis_service.exports.geopackage import CLOCK, write_plan, write_reach

NEAREST = Text("最近的长者食堂", "Nearest elder canteen")


def layers(path):
    return dict(pyogrio.list_layers(path))


def rows(path, query):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def plan_file(tmp_path, plan, about):
    path = tmp_path / "plan.gpkg"
    write_plan(path, plan.grids, plan.buildings, plan.units, about=about)
    return path


@pytest.fixture
def reach_file(tmp_path, reach, about):
    path = tmp_path / "reach.gpkg"
    write_reach(path, reach.buildings, reach.results, reach.circles, reach.gaps, about=about, nearest=NEAREST)
    return path


def test_a_plan_has_the_layers_and_columns_of_the_design(plan_file):
    assert layers(plan_file) == {"grids": "MultiPolygon", "buildings": "Unknown", "units": "Polygon", "about": None}
    for layer, columns in {
        "grids": ["code", "name", "kind", "community_code", "households", "residents", "geometry"],
        "buildings": ["id", "grid_code", "households", "residents", "geometry"],
        "units": ["id", "grid_code", "geometry"],
    }.items():
        assert gpd.read_file(plan_file, layer=layer).columns.tolist() == columns


def test_a_plan_comes_back_as_it_went_in(plan_file, plan):
    grids = gpd.read_file(plan_file, layer="grids")
    assert grids["code"].tolist() == plan.grids["code"].tolist()
    assert grids["name"].tolist() == plan.grids["name"].tolist()
    assert grids["households"].tolist() == [400, 100, 900, 290, 0]
    assert_geoseries_equal(grids.geometry, plan.grids.geometry)
    buildings = gpd.read_file(plan_file, layer="buildings")
    assert buildings.geom_type.tolist() == ["Polygon", "MultiPolygon", "Point"]
    assert_geoseries_equal(buildings.geometry, plan.buildings.geometry)
    assert rows(plan_file, "SELECT id, grid_code, residents FROM buildings WHERE id > 'B1'") == [
        ("B2", "999901001001002", None),
        ("B3", None, 0),
    ]


def test_a_reach_run_has_the_layers_and_columns_of_the_design(reach_file):
    assert layers(reach_file) == {
        "buildings": "Unknown",
        "buildings_outside": "Unknown",
        "service_circles": "MultiPolygon",
        "gaps": "MultiPolygon",
        "about": None,
    }
    walks = ["id", "facility_id", "walk_m", "walk_s", "covered", "status", "straight_m", "geometry"]
    for layer, columns in {
        "buildings": walks,
        "buildings_outside": walks,
        "service_circles": ["facility_id", "minutes", "geometry"],
        "gaps": ["households", "residents", "nearest_walk_m", "geometry"],
    }.items():
        assert gpd.read_file(reach_file, layer=layer).columns.tolist() == columns


def test_buildings_outside_every_community_have_a_layer_of_their_own(reach_file):
    assert rows(reach_file, "SELECT id, facility_id, walk_m, walk_s, covered FROM buildings ORDER BY id") == [
        ("B1", "S1", 120.5, 120.5, 1),
        ("B2", "S1", 1000.0, 1000.0, 0),
    ]
    assert rows(reach_file, "SELECT id FROM buildings_outside") == [("B3",)]


def test_the_layers_of_buildings_say_whose_nearest_facility_is_meant(reach_file):
    told = dict(rows(reach_file, "SELECT table_name, description FROM gpkg_contents"))
    assert told["buildings"].endswith("facility_id：步行最近的长者食堂 / Nearest elder canteen on foot")
    assert told["buildings_outside"].startswith("不在任何社区内的楼栋，不计入合计 / buildings outside every community.")
    assert told["gaps"].startswith("盲区，人多的在前 / gaps, most people first.")


def test_what_no_path_reaches_is_null(reach_file):
    assert rows(reach_file, "SELECT facility_id, walk_m, walk_s, covered FROM buildings_outside") == [
        (None, None, None, 0)
    ]
    assert rows(reach_file, "SELECT households, residents, nearest_walk_m FROM gaps") == [
        (100, None, 1000.0),
        (0, 0, None),
    ]
    assert rows(reach_file, "SELECT facility_id FROM service_circles WHERE facility_id IS NULL") == [(None,)]


def test_ways_back_are_written_where_they_differ_from_ways_there(tmp_path, reach, about):
    path = tmp_path / "hill.gpkg"
    for back_s, written in (([120.5, 1000.0, None], False), ([110.0, 1000.0, None], True)):
        results = reach.results.assign(walk_back_s=pd.Series(back_s, dtype="float64"))
        write_reach(path, reach.buildings, results, reach.circles, reach.gaps, about=about, nearest=NEAREST)
        assert ("walk_back_s" in gpd.read_file(path, layer="buildings")) is written
    assert rows(path, "SELECT walk_s, walk_back_s FROM buildings WHERE id = 'B1'") == [(120.5, 110.0)]


def test_the_provenance_travels_along(plan_file):
    found = dict(zip(*rows_with_names(plan_file), strict=True))
    assert found["city"] == "demo"
    assert found["title"] == "示范市"
    assert found["data_date"] == "2023-06-30"
    assert found["synthetic"] == 1
    assert found["speed_m_per_s"] == 1.0
    assert found["sources"] == "虚构数据; 随机生成 <不是真实城市>"
    assert "300–500 户或 1000–1500 人" in found["rules"]


def rows_with_names(path):
    with closing(sqlite3.connect(path)) as connection:
        cursor = connection.execute("SELECT * FROM about")
        [row] = cursor.fetchall()
        return [column[0] for column in cursor.description], row


def test_equal_plans_are_equal_bytes_whatever_the_order_of_rows(tmp_path, plan_file, plan, about):
    turned = [frame.iloc[::-1] for frame in (plan.grids, plan.buildings, plan.units)]
    write_plan(tmp_path / "again.gpkg", *turned, about=about)
    assert (tmp_path / "again.gpkg").read_bytes() == plan_file.read_bytes()


def test_why_a_building_has_no_walk_is_told_behind_the_columns_of_the_design(tmp_path, reach, about):
    path = tmp_path / "reach.gpkg"
    results = reach.results.assign(
        status=["ok", "ok", "no_network"], straight_m=[100.0, 800.0, 90.0], access_m2=[26.0, 0.0, 0.0]
    )
    write_reach(path, reach.buildings, results, reach.circles, reach.gaps, about=about, nearest=NEAREST)
    columns = gpd.read_file(path, layer="buildings").columns.tolist()
    assert columns[:5] == ["id", "facility_id", "walk_m", "walk_s", "covered"]
    assert columns[5:] == ["status", "straight_m", "access_m2", "geometry"]
    outside = rows(path, "SELECT id, status, straight_m, access_m2 FROM buildings_outside")
    assert outside == [("B3", "no_network", 90.0, 0.0)]


def test_equal_runs_are_equal_bytes_whatever_the_order_of_rows(tmp_path, reach_file, reach, about):
    turned = [frame.iloc[::-1] for frame in (reach.buildings, reach.results, reach.circles, reach.gaps)]
    write_reach(tmp_path / "again.gpkg", *turned, about=about, nearest=NEAREST)
    assert (tmp_path / "again.gpkg").read_bytes() == reach_file.read_bytes()


def test_the_clock_of_gdal_is_left_as_it_was(plan_file):
    assert pyogrio.get_gdal_config_option(CLOCK) is None


def test_empty_layers_are_written_with_their_columns(tmp_path, reach, about):
    path = tmp_path / "empty.gpkg"
    frames = [frame.iloc[:0] for frame in (reach.buildings, reach.results, reach.circles, reach.gaps)]
    write_reach(path, *frames, about=about, nearest=NEAREST)
    assert len(layers(path)) == 5
    assert gpd.read_file(path, layer="gaps").columns.tolist() == [
        "households",
        "residents",
        "nearest_walk_m",
        "geometry",
    ]


def test_without_walks_minutes_and_speed_are_null(tmp_path, plan, about):
    path = tmp_path / "plan.gpkg"
    write_plan(path, plan.grids, plan.buildings, plan.units, about=replace(about, minutes=None, speed_m_per_s=None))
    assert rows(path, "SELECT minutes, speed_m_per_s FROM about") == [(None, None)]


def test_a_file_that_exists_is_replaced_and_nothing_is_left_beside_it(plan_file, plan, about):
    write_plan(plan_file, plan.grids.iloc[:1], plan.buildings, plan.units, about=about)
    assert len(gpd.read_file(plan_file, layer="grids")) == 1
    assert [entry.name for entry in plan_file.parent.iterdir()] == ["plan.gpkg"]


def test_an_export_that_fails_half_way_leaves_the_old_file_and_nothing_else(plan_file, plan, about, monkeypatch):
    before, write = plan_file.read_bytes(), pyogrio.write_dataframe

    def fail_at_units(frame, path, *, layer, **options):
        if layer == "units":
            raise OSError("disk full")
        write(frame, path, layer=layer, **options)

    monkeypatch.setattr(pyogrio, "write_dataframe", fail_at_units)
    with pytest.raises(OSError, match="disk full"):
        write_plan(plan_file, plan.grids, plan.buildings, plan.units, about=about)
    assert plan_file.read_bytes() == before
    assert [entry.name for entry in plan_file.parent.iterdir()] == ["plan.gpkg"]
    assert pyogrio.get_gdal_config_option(CLOCK) is None


@pytest.mark.parametrize("name", ["plan.shp", "plan", "nowhere/plan.gpkg"])
def test_an_unknown_suffix_or_a_missing_folder_is_refused_in_both_languages(tmp_path, plan, about, name):
    with pytest.raises(InputError) as caught:
        write_plan(tmp_path / name, plan.grids, plan.buildings, plan.units, about=about)
    assert caught.value.text.zh != caught.value.text.en
    assert list(tmp_path.iterdir()) == []
