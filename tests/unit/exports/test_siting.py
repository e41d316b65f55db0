"""What people carry away of a siting run: layers for QGIS, a list for the office; equal runs are equal bytes."""

import sqlite3
from contextlib import closing

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from gis_service.exports import excel, geopackage


@pytest.fixture
def siting_file(tmp_path, siting, reach, about):
    path = tmp_path / "siting.gpkg"
    geopackage.write_siting(path, siting.sites, siting.buildings, siting.assignment, reach.gaps, about=about)
    return path


@pytest.fixture
def book(tmp_path, siting, about):
    path = tmp_path / "siting.xlsx"
    excel.write_siting(path, siting.sites, siting.coverage, siting.regions, about=about)
    return openpyxl.load_workbook(path)


def test_a_siting_run_has_its_layers_and_columns(siting_file):
    assert dict(pyogrio.list_layers(siting_file)) == {
        "sites": "Point",
        "assignment": "Unknown",
        "gaps": "MultiPolygon",
        "about": None,
    }
    for layer, columns in {
        "sites": "rank id name street community_code households_gained saved_m cost capacity geometry",
        "assignment": "id facility_id site_id walk_m walk_s covered_before covered geometry",
        "gaps": "households residents nearest_walk_m geometry",
    }.items():
        assert gpd.read_file(siting_file, layer=layer).columns.tolist() == columns.split()


def test_sites_stand_in_their_order_and_nobody_is_sent_to_nowhere(siting_file):
    with closing(sqlite3.connect(siting_file)) as connection:
        sites = connection.execute("SELECT rank, id, name, capacity, saved_m FROM sites").fetchall()
        sent = connection.execute("SELECT id, facility_id, site_id, walk_m, covered FROM assignment").fetchall()
    assert sites == [(1, "r9", "虎𬇙厅", 300.0, None), (2, "007", "=1+1", None, None)]
    assert sent == [("B1", "S1", None, 120.5, 1), ("B2", None, "r9", 80.0, 1), ("B3", None, None, None, 0)]


def test_equal_runs_are_equal_bytes_whatever_the_order_of_rows(tmp_path, siting_file, siting, reach, about):
    turned = [frame.iloc[::-1] for frame in (siting.sites, siting.buildings, siting.assignment, reach.gaps)]
    geopackage.write_siting(tmp_path / "again.gpkg", *turned, about=about)
    assert (tmp_path / "again.gpkg").read_bytes() == siting_file.read_bytes()


def test_the_list_for_the_office_keeps_codes_as_text_and_formulas_as_words(book):
    assert book.sheetnames == ["选址建议表", "覆盖率变化", "参数与口径"]
    first, second = ([cell.value for cell in row] for row in book["选址建议表"].iter_rows(min_row=4, max_row=5))
    assert first[:6] == [1, "r9", "虎𬇙厅", "清水路", "999901001001", "河东社区"]
    assert (round(first[6], 2), round(first[7], 2)) == (120.22, 27.32)
    assert first[8:] == [100, None, 3, 300]
    assert second[:6] == [2, "007", "=1+1", None, None, None]
    assert second[10] == 12.5


def test_coverage_before_and_after_stands_beside_each_region(book):
    rows = [[cell.value for cell in row] for row in book["覆盖率变化"].iter_rows(min_row=4)]
    assert rows == [
        ["999901001001", "河东社区", 500, 400, 80, 500, 100],
        ["999901001002", "河西社区", 0, 0, None, 0, None],
    ]
