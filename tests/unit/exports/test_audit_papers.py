"""The officials' workbook and bulletin: what stands in cells, how sheets are printed, and what stays on one line."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

from gis_service.exports.about import About
from gis_service.exports.audit_sheets import AuditPapers, AuditTable, Column
from gis_service.exports.audit_workbook import write_csv, write_workbook
from gis_service.exports.bulletin import bulletin_html

LONG = "网格 999901003002011 跨越铁路，其内长约 813 米：不可避免，所在一侧合计 256 户，单独划不成合规的网格。" * 3
CODE = Column("code", "区划代码", width=15)
FIGURES = (CODE, Column("name", "区划", width=16), Column("count", "户数", "count"), Column("share", "覆盖率", "share"))


def table(name: str, columns: tuple[Column, ...] = FIGURES, *rows: dict[str, object]) -> AuditTable:
    return AuditTable(name, columns, rows)


@pytest.fixture
def papers(about: About) -> AuditPapers:
    cases = (
        Column("number", "序号", "count", 6),
        Column("text", "问题", width=60),
        Column("deadline", "整改时限", "day", 12),
        Column("unit", "责任单位", width=18),
    )
    wide = tuple(Column(f"figure{place}", f"指标 {place}（直线）", "share") for place in range(20))
    shapes = gpd.GeoDataFrame({"name": [], "share": [], "rank": [], "code": [], "community_name": []}, geometry=[])
    return AuditPapers(
        title="合成市通报",
        headline="一句话。",
        key_figures=(("1", "二", "三"),) * 3,
        worst=table("最需要改善的社区"),
        changed=(),
        indicators=table("总表", FIGURES + wide, {
            "code": "999901001001", "name": "=1+1", "count": 1234, "share": None, **{each.key: 0.5 for each in wide}
        }),
        grids=table("网格"),
        cases=table("问题清单", cases,
                    {"number": 1, "text": LONG, "deadline": "2026-12-31", "unit": ""},
                    {"number": 2, "text": "短", "deadline": None, "unit": "街道办"}),
        gaps=table("盲区清单"),
        lines=(("口径", (("覆盖", LONG),)),),
        provenance=(("快照", "1"),),
        caveats=("注意。",),
        areas=shapes,
        grid_areas=shapes,
        gap_areas=shapes,
        about=about,
        snapshot=1,
        taken=date(2026, 11, 22),
    )  # fmt: skip


@pytest.fixture
def book(papers: AuditPapers, tmp_path: Path) -> openpyxl.Workbook:
    write_workbook(tmp_path / "audit.xlsx", papers)
    return openpyxl.load_workbook(tmp_path / "audit.xlsx")


def test_codes_are_texts_numbers_numbers_days_days_and_the_unknown_is_empty(book: openpyxl.Workbook) -> None:
    code, name, count, share = book["总表"][4][:4]
    assert [(cell.value, cell.data_type) for cell in (code, name, count)] == [
        ("999901001001", "s"),
        ("=1+1", "s"),
        (1234, "n"),
    ]
    assert share.value is None
    first, second = book["问题清单"][4], book["问题清单"][5]
    assert (first[2].value.date(), second[2].value, first[3].value) == (date(2026, 12, 31), None, None)


def test_headers_stay_in_view_and_are_printed_on_every_page(book: openpyxl.Workbook) -> None:
    for name in ("总表", "问题清单", "盲区清单", "网格"):
        assert book[name].freeze_panes == "C4"
        assert book[name].print_title_rows == "$3:$3"
    assert book.sheetnames[-1] == "参数与口径"


def test_rows_are_as_high_as_their_texts_need_in_any_program(book: openpyxl.Workbook) -> None:
    heights = {line: book["问题清单"].row_dimensions[line].height for line in (4, 5)}
    assert heights[4] >= 3 * heights[5]
    assert book["参数与口径"].row_dimensions[4].height >= 2 * heights[5]


def test_a_table_too_wide_for_a4_is_printed_on_a3(book: openpyxl.Workbook) -> None:
    assert {name: book[name].page_setup.paperSize for name in ("总表", "问题清单")} == {"总表": 8, "问题清单": 9}


def test_csv_begins_with_a_byte_order_mark_and_leaves_the_unknown_empty(papers: AuditPapers, tmp_path: Path) -> None:
    write_csv(tmp_path / "told.csv", papers.cases)
    assert (tmp_path / "told.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "told.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["序号", "问题", "整改时限", "责任单位"]
    assert rows[2] == ["2", "短", "", "街道办"]


def test_tables_of_the_bulletin_have_room_for_their_texts_and_headings_stay_on_one_line(papers: AuditPapers) -> None:
    page = bulletin_html(papers)
    assert '<th class=" k">责任单位</th>' in page
    assert '<th class="n">指标 19（直线）</th>' in page
    assert '<col style="width: 62.5%">' in page  # 60 of 96 characters are for what the finding says


def test_a_bulletin_of_what_nobody_walked_shows_no_empty_map_and_says_that_gaps_are_unknown(
    papers: AuditPapers,
) -> None:
    areas = gpd.GeoDataFrame({"name": ["甲"], "share": [float("nan")]}, geometry=[shapely.box(0, 0, 9, 9)])
    page = bulletin_html(replace(papers, areas=areas, about=replace(papers.about, minutes=None)))
    assert "步行覆盖" not in page
    assert "没有步行结果，盲区未知" in page
    known = bulletin_html(replace(papers, areas=areas.assign(share=0.5), about=replace(papers.about, minutes=15.0)))
    assert "步行覆盖" in known
    assert "没有步行结果" not in known
