"""The register as an office opens it: codes as text, counts as numbers, the header fixed."""

from collections import defaultdict
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from gis_service.errors import InputError
from gis_service.exports.excel import COLUMNS, write_register
from gis_service.plan.rules import Rules

NAMES = {"999901001001": "河东社区", "999901001002": "河西社区"}

RULES = defaultdict(Rules)  # every community by the default rules


@pytest.fixture
def grids(plan):
    return plan.grids.assign(community_name=plan.grids["community_code"].map(NAMES))


@pytest.fixture
def book(tmp_path, plan, grids, about):
    path = tmp_path / "register.xlsx"
    write_register(path, grids, plan.buildings, rules=RULES, about=about)
    return openpyxl.load_workbook(path)


def test_the_workbook_has_the_register_the_buildings_and_the_parameters(book):
    assert book.sheetnames == ["网格划分登记表", "楼栋清单", "参数与口径"]


def test_the_register_has_a_row_for_each_grid(book):
    sheet = book["网格划分登记表"]
    assert [cell.value for cell in sheet[3]] == [label for label, _ in COLUMNS]
    assert [cell.value for cell in sheet[5]] == [
        "999901001001002",
        "河东第二网格",
        "999901001001",
        "河东社区",
        "基础网格",
        100,
        None,
        "过小",
        "不足",
        "未知",
        1,
        10000,
        None,
        None,
        None,
        None,
    ]
    assert [sheet.cell(row, 8).value for row in range(4, 9)] == ["正常", "过小", "过大", "两项相悖", "专属"]
    assert sheet.max_row == 8


def test_a_grid_without_households_is_told_as_such_and_not_tested(tmp_path, plan, grids, about):
    grids.loc[1, ["status", "households"]] = ["empty", 0]
    write_register(tmp_path / "empty.xlsx", grids, plan.buildings, rules=RULES, about=about)
    row = openpyxl.load_workbook(tmp_path / "empty.xlsx")["网格划分登记表"][5]
    assert [cell.value for cell in row[7:10]] == ["无住户", "不检验", "不检验"]


def test_totals_stand_above_the_register_with_what_lies_outside_every_community(tmp_path, book, plan, grids, about):
    date = "数据日期 2023-06-30"
    assert book["网格划分登记表"]["A2"].value == f"{date}　合计 5 个网格、1,690 户、人数未知"
    known = grids.assign(residents=pd.array([1200, 300, 2800, 1600, 0], dtype="Int64"))
    outside = replace(about, buildings_outside=2, households_outside=1031)
    write_register(tmp_path / "outside.xlsx", known, plan.buildings, rules=RULES, about=outside)
    found = openpyxl.load_workbook(tmp_path / "outside.xlsx")
    told = "另有 2 栋楼、1,031 户不在任何社区内，不计入各网格、各社区和全市的合计"
    assert found["网格划分登记表"]["A2"].value == f"{date}　合计 5 个网格、1,690 户、5,900 人；{told}"
    assert found["楼栋清单"]["A2"].value == date
    assert dict(row for row in found["参数与口径"].iter_rows(min_row=3, values_only=True))["未计入"] == told


def test_codes_are_text_and_counts_are_numbers(book):
    sheet = book["网格划分登记表"]
    assert sheet["A4"].data_type == "s"
    assert sheet["A4"].number_format == "@"
    assert sheet["F4"].data_type == "n"


def test_the_header_is_fixed_and_can_be_filtered(book):
    sheet = book["网格划分登记表"]
    assert sheet.freeze_panes == "B4"
    assert sheet.auto_filter.ref == "A3:P8"
    assert sheet.print_title_rows == "$3:$3"


def test_synthetic_data_are_marked_on_every_sheet_and_real_data_are_not(tmp_path, book, plan, grids, about):
    assert all("合成数据" in sheet["A1"].value and "合成数据" in sheet.oddHeader.right.text for sheet in book)
    write_register(tmp_path / "real.xlsx", grids, plan.buildings, rules=RULES, about=replace(about, synthetic=False))
    cells = [cell.value for sheet in openpyxl.load_workbook(tmp_path / "real.xlsx") for row in sheet for cell in row]
    assert not any("合成" in str(value) for value in cells)


def test_the_parameters_are_told(book):
    found = {row[0].value: row[1].value for row in book["参数与口径"].iter_rows(min_row=3)}
    assert found["步行口径"] == "15 分钟 × 1 米/秒 = 900 米（含）"
    assert found["数据日期"] == "2023-06-30"
    assert found["划分规则"].startswith("每个基础网格 300–500 户或 1000–1500 人")
    assert "审图号" not in found


def test_buildings_are_listed_by_grid_those_without_one_first(book):
    rows = [tuple(cell.value for cell in row) for row in book["楼栋清单"].iter_rows(min_row=4)]
    assert rows == [("B3", None, 0, 0), ("B1", "999901001001001", 400, 1200), ("B2", "999901001001002", 100, None)]


def test_a_name_that_begins_like_a_formula_stays_text(tmp_path, plan, grids, about):
    grids.loc[0, "name"] = "=1+1"
    write_register(tmp_path / "names.xlsx", grids, plan.buildings, rules=RULES, about=about)
    cell = openpyxl.load_workbook(tmp_path / "names.xlsx")["网格划分登记表"]["B4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_equal_exports_are_equal_bytes_whatever_the_order_of_rows(tmp_path, book, plan, grids, about):
    turned = (grids.iloc[::-1], plan.buildings.iloc[::-1])
    write_register(tmp_path / "again.xlsx", *turned, rules=RULES, about=about)
    assert (tmp_path / "again.xlsx").read_bytes() == (tmp_path / "register.xlsx").read_bytes()


def test_pandas_reads_the_register_back(tmp_path, book):
    found = pd.read_excel(tmp_path / "register.xlsx", header=2, dtype={"网格编码": str})
    assert found["户数"].sum() == 1690


def test_another_suffix_is_refused(tmp_path, plan, grids, about):
    with pytest.raises(InputError, match=r"\.xlsx"):
        write_register(tmp_path / "register.xls", grids, plan.buildings, rules=RULES, about=about)
