"""Papers of one community's plan: what stands in them, in which cells, and that every character is printed."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from PIL import Image

from gis_service.errors import InputError
from gis_service.exports import plan_statement, walk_sheets
from gis_service.exports.change_table import write_change_table
from gis_service.exports.community_map import DOTS_PER_INCH, community_map
from gis_service.exports.fonts import face_for, missing_from
from gis_service.exports.grid_numbers import LARGEST_POINTS, placed_numbers
from gis_service.exports.plan_maps import map_content, write_plan_maps
from gis_service.exports.plan_paper import MOST_NAMES, ChangeRow, Irregular, PlanPaper, buildings_of, estates_of
from gis_service.exports.plan_statement import statement, write_statement
from gis_service.exports.printing import SUBSTITUTE, printable, rendered
from gis_service.exports.register import write_grid_register
from gis_service.exports.shapefile import DICTIONARY, TEXT_BYTES, write_shapefiles
from gis_service.exports.street_names import placed_names
from gis_service.exports.walk_sheets import write_walk_sheets
from tests.unit.exports.paper import CODES, CRS, FORMULA, RARE, X, Y, a_paper, box


def pages(path: Path) -> list[str]:
    """Return the text of each page of a PDF."""
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    return text.split("\f")[:-1]


def book(write: Callable[[Path], None], path: Path) -> openpyxl.Workbook:
    write(path)
    return openpyxl.load_workbook(path)


@pytest.fixture
def register(tmp_path: Path) -> openpyxl.Workbook:
    return book(lambda path: write_grid_register(path, a_paper()), tmp_path / "register.xlsx")


def test_a_plan_of_another_script_is_set_apart_from_the_sentence_that_names_it() -> None:
    before = a_paper().before
    assert before is not None
    assert replace(before, title="Plan A").sentence.startswith("对照 Plan A：共 430 户")
    assert before.sentence.startswith("对照现有网格：共 430 户")


def test_the_register_has_a_row_a_grid_with_codes_as_text_and_numbers_as_numbers(register: openpyxl.Workbook) -> None:
    sheet = register["网格划分登记表"]
    labels = [cell.value for cell in sheet[4]]
    first = dict(zip(labels, sheet[5], strict=True))
    assert first["网格编码"].value == CODES[0]
    assert (first["网格编码"].data_type, first["网格编码"].number_format) == ("s", "@")
    assert (first["户数"].value, first["户数"].data_type) == (400, "n")
    assert first["四至"].value.startswith("东至网格 002")
    assert (first["户数检验"].value, first["规模判定"].value) == ("符合", "正常")
    assert first["小区清单"].value == "花园&小区（300 户）"
    assert first["楼栋清单"].value == "@B2、B1"
    assert (first["楼栋数"].value, first["面积（平方米）"].value) == (2, 20000)
    second = dict(zip(labels, sheet[6], strict=True))
    assert second["人数"].value is None
    assert second["备注"].value == "+沿用老街坊"
    assert [cell.value for cell in sheet[7]][:7] == ["合计", None, None, None, None, 520, None]
    assert sheet.freeze_panes == "C5"


def test_names_of_people_are_left_to_be_filled_in_by_hand(register: openpyxl.Workbook) -> None:
    sheet = register["网格划分登记表"]
    labels = [cell.value for cell in sheet[4]]
    for label in ("网格长", "专职网格员", "兼职网格员", "网格党支部"):
        assert [sheet.cell(row, labels.index(label) + 1).value for row in (5, 6)] == [None, None]


def test_no_text_becomes_a_formula(register: openpyxl.Workbook, tmp_path: Path) -> None:
    cells = [cell for sheet in register for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert FORMULA in {cell.value for cell in cells}
    path = tmp_path / "again.xlsx"
    write_grid_register(path, a_paper())
    with ZipFile(path) as archive:
        assert all(b"<f>" not in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("typed", [FORMULA, "http://x.test/", "external:c:\\x.exe"])
def test_no_title_reckons_or_leads_anywhere(tmp_path: Path, typed: str) -> None:
    paper = a_paper(title=typed, place=typed)
    sheet = book(lambda path: write_grid_register(path, paper), tmp_path / "register.xlsx")["网格划分登记表"]
    titles = [sheet["A1"], sheet["A2"]]
    assert [str(cell.value).startswith(typed) for cell in titles] == [True, True]
    assert [cell.data_type for cell in titles] == ["s", "s"]
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)


def test_the_table_of_old_and_new_tells_who_changes_grid(register: openpyxl.Workbook, tmp_path: Path) -> None:
    alone = book(lambda path: write_change_table(path, a_paper(), a_paper().before), tmp_path / "changes.xlsx")  # type: ignore[arg-type]
    for sheet in (register["新旧网格对照表"], alone["新旧网格对照表"]):
        rows = [row[:8] for row in sheet.iter_rows(min_row=5, max_row=8, values_only=True)]
        assert rows == [
            (CODES[0], "北片", CODES[0], RARE, 2, 400, 1200, "沿用"),
            (CODES[1], "南片", CODES[0], RARE, 1, 30, None, "调整"),
            (None, None, CODES[1], FORMULA, 1, 120, None, "新纳入"),
            ("999901001001009", "停用编码（不再使用）", None, None, None, None, None, "停用"),
        ]
        assert "共 430 户，其中 30 户（7.0%）、1 栋楼换网格" in sheet["A3"].value


def test_what_happens_to_people_is_told_in_a_word() -> None:
    rows = {("001", "001"): "沿用", (None, "001"): "沿用", ("003", "002"): "仅改编码"}
    for (old, new), word in rows.items():
        assert ChangeRow(old, "原", new, "现", 1, 40, None, stays=True).kind == word
    assert ChangeRow("003", "原", "002", "现", 1, 40, None, stays=False).kind == "调整"


def test_without_anything_before_there_is_no_such_table(tmp_path: Path) -> None:
    plain = book(lambda path: write_grid_register(path, a_paper(before=None)), tmp_path / "register.xlsx")
    assert plain.sheetnames == ["网格划分登记表", "楼栋清单", "参数与口径"]


def test_synthetic_data_are_marked_on_every_sheet(register: openpyxl.Workbook, tmp_path: Path) -> None:
    assert all("合成数据" in sheet["A1"].value for sheet in register)
    real = a_paper(about=replace(a_paper().about, synthetic=False))
    plain = book(lambda path: write_grid_register(path, real), tmp_path / "real.xlsx")
    assert not any("合成" in str(cell.value) for sheet in plain for row in sheet.iter_rows() for cell in row)


def test_long_lists_name_the_first_and_count_all() -> None:
    members = gpd.GeoDataFrame(
        {"id": [f"b{number:03d}" for number in range(100)], "estate_name": None, "households": 1},
        geometry=[shapely.Point(0, 0)] * 100,
    )
    told = buildings_of(members)
    assert told.startswith("b000、b001")
    assert told.count("、") == MOST_NAMES - 1
    assert told.endswith("等 100 栋（全部见楼栋清单）")
    assert not estates_of(members)


def test_walk_sheets_are_one_page_a_grid_with_every_character(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_walk_sheets(tmp_path / "walk.pdf", a_paper(), lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    first, second = pages(tmp_path / "walk.pdf")
    assert RARE in first
    assert CODES[0] in first
    assert "东至网格 002，南至社区边界" in first
    assert "花园&小区（300 户）" in first
    assert "更正与意见" in first
    assert FORMULA in second
    assert "<b>湖畔</b>（120 户）" in second
    assert "人数未知" in second
    assert "+沿用老街坊" in second
    fonts = subprocess.run(["pdffonts", tmp_path / "walk.pdf"], capture_output=True, text=True, check=True).stdout
    assert fonts.count("yes yes") == len(fonts.splitlines()) - 2, "every font is embedded"


def test_a_title_stands_in_the_foot_of_a_walk_sheet_as_it_was_typed(tmp_path: Path) -> None:
    typed = '<b>x</b> & "y" \\z'
    write_walk_sheets(tmp_path / "walk.pdf", replace(a_paper(), title=typed), lambda *_: None)
    for page in pages(tmp_path / "walk.pdf"):
        foot = next(line for line in reversed(page.splitlines()) if "数据日期" in line)
        assert typed in foot


def test_the_longest_lists_still_leave_one_page_a_grid(tmp_path: Path) -> None:
    many = [f"某某花园小区{number}号楼" for number in range(60)]
    buildings = gpd.GeoDataFrame(
        {
            "id": many,
            "households": 7,
            "residents": 20,
            "grid_code": CODES[0],
            "estate_name": [f"某某某花园新村{number}" for number in range(60)],
        },
        geometry=[shapely.Point(X + number, Y + 50) for number in range(60)],
        crs=CRS,
    )
    grids = a_paper().grids.assign(bounds="东至某某大道、某某路、某某街，" * 5, note="因故保留。" * 60)
    paper = a_paper(buildings=buildings.astype({"residents": "Int64"}), grids=grids)
    write_walk_sheets(tmp_path / "walk.pdf", paper, lambda *_: None)
    told = pages(tmp_path / "walk.pdf")
    assert len(told) == 2
    assert all("踏勘人" in page for page in told)


@pytest.mark.parametrize(("size", "millimetres"), [("A3", (420, 297)), ("A4", (297, 210))])
def test_maps_are_sheets_of_their_size(tmp_path: Path, size: str, millimetres: tuple[int, int]) -> None:
    write_plan_maps(tmp_path / "map.pdf", a_paper(), size)  # type: ignore[arg-type]
    told = pages(tmp_path / "map.pdf")
    assert [title in page for title, page in zip(("新旧网格对照图", "网格划分图", "调整前网格图"), told, strict=True)]
    assert "调整前：现有网格" in told[0]
    assert "其中 30 户（7.0%）" in told[0]
    info = subprocess.run(["pdfinfo", tmp_path / "map.pdf"], capture_output=True, text=True, check=True).stdout
    width, height = (round(side / 25.4 * 72, 2) for side in millimetres)
    measured = next(line for line in info.splitlines() if line.startswith("Page size")).split()
    assert float(measured[2]) == pytest.approx(width, abs=0.1)
    assert float(measured[4]) == pytest.approx(height, abs=0.1)


def test_with_nothing_before_there_is_one_map(tmp_path: Path) -> None:
    write_plan_maps(tmp_path / "map.pdf", a_paper(before=None), "A4")
    assert len(pages(tmp_path / "map.pdf")) == 1


def picture(show: str = "status", paper: PlanPaper | None = None, only: int | None = None) -> np.ndarray:
    paper = paper or a_paper()
    face = face_for([RARE])
    moved = paper.before.moved.geometry.to_numpy() if paper.before is not None else np.empty(0, dtype=object)
    content = map_content(paper, paper.grids, moved, face)
    png = community_map(content, show=show, width_mm=120, height_mm=80, face=face, only=only)  # type: ignore[arg-type]
    with Image.open(BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def test_a_map_has_the_size_it_was_asked_for_and_shows_what_it_should() -> None:
    plain, changed, one = picture(), picture("changes"), picture("one", only=0)
    dots = [round(side / 25.4 * DOTS_PER_INCH) for side in (80, 120)]
    assert plain.shape == (*dots, 3) or np.abs(np.subtract(plain.shape[:2], dots)).max() <= 1
    normal = (np.abs(plain - np.array([0xCF, 0xE3, 0xD6])).sum(axis=2) < 12).mean()
    assert normal > 0.1, "the grid in range is drawn in its colour"
    orange = np.array([0xC2, 0x41, 0x0C])
    hatched = [(np.abs(drawn - orange).sum(axis=2) < 60).sum() for drawn in (plain, changed, one)]
    assert hatched[0] == 0
    assert min(hatched[1:]) > 500


def test_labels_that_a_face_lacks_are_replaced_on_maps() -> None:
    assert printable({"a": ["虎𬇙", 1]}, "𬇙") == {"a": [f"虎{SUBSTITUTE}", 1]}
    assert not missing_from(face_for([RARE]), [RARE]), "the face of fonts-noto-cjk has it"


def test_street_names_stand_once_on_straight_stretches() -> None:
    twice = [shapely.LineString([(0, 50), (400, 50)]), shapely.LineString([(0, 50.001), (200, 50.001), (400, 50.001)])]
    short = shapely.LineString([(10, 90), (14, 90)])
    lines = gpd.GeoDataFrame({"name": ["中路", "中路", "短巷"]}, geometry=[*twice, short], crs=CRS)
    (name,) = placed_names(lines, (0, 0, 400, 100), 1.0)
    assert (name.text, round(name.y), round(name.angle)) == ("中路", 50, 0)
    upright = lines.assign(geometry=[shapely.LineString([(200, 100), (200, 0)])] * 3)
    assert {abs(placed.angle) for placed in placed_names(upright, (0, 0, 400, 100), 1.0)} == {90.0}
    crossing = gpd.GeoDataFrame(
        {"name": ["甲路", "乙路"]},
        geometry=[shapely.LineString([(0, 50), (400, 50)]), shapely.LineString([(0, 49), (300, 49)])],
        crs=CRS,
    )
    placed = placed_names(crossing, (0, 0, 400, 100), 1.0)
    assert len(placed) == 2
    assert abs(placed[0].x - placed[1].x) > 8, "they stand beside each other"


def test_the_statement_tells_rules_result_and_exceptions() -> None:
    told = statement(a_paper())
    assert told["facts"][:4] == [("2", "网格"), ("520", "户"), ("未知", "人"), ("1 / 2", "规模符合的网格")]
    assert told["statuses"] == "正常 1 个，过小 1 个"
    assert told["exceptions"][0] == {"grids": "002", "fault": "网格 002 过小：120 户", "reason": "沿用老街坊"}
    page = rendered(plan_statement.TEMPLATE, told, face_for([RARE]))
    assert "（待补充）" in page
    assert "停用编码：999901001001009" in page
    assert "没有例外" in rendered(plan_statement.TEMPLATE, statement(a_paper(irregular=())), face_for([RARE]))


LARGE = "网格“001”过大：1016 户（规则 300–500，超过），人数未知（规则 1000–1500，未知）"
LONG_FAULT, LONG_REASON = "小区被拆分到多个网格，" * 20, "居民代表会议表决，" * 50


@pytest.mark.parametrize(
    ("irregular", "told", "repeated"),
    [
        ([Irregular(("001",), "过大", "单栋超上限")] * 60, 18, 1),
        ([Irregular(("001",), "过大", "单栋超上限")] * 60, 12, 60),
        ([Irregular(("001", "002", "003"), LONG_FAULT, LONG_REASON)] * 6, 1, 60),
        ([Irregular(("001",), LARGE, "")] * 30, 10, 1),
        ([Irregular(("001",), LARGE, "")] * 30, 7, 60),
    ],
)
def test_the_statement_is_one_page_whatever_there_is_to_tell(
    tmp_path: Path, irregular: list[Irregular], told: int, repeated: int
) -> None:
    """What it tells it tells whole; for the rest it points to the register. Many sources take room from exceptions."""
    about = replace(a_paper().about, sources=("某某局年度统计资料，" * repeated,))
    write_statement(tmp_path / "statement.pdf", a_paper(irregular=tuple(irregular), about=about))
    (page,) = pages(tmp_path / "statement.pdf")
    assert f"另有 {len(irregular) - told} 项" in page
    assert "编制单位：示范市网格中心" in page
    kept = statement(a_paper(irregular=tuple(irregular), about=about))["exceptions"]
    assert [each["reason"] for each in kept] == [each.reason for each in irregular[:told]]


def test_sources_are_told_whole_or_end_with_a_sign_that_there_are_more() -> None:
    some = tuple(f"github.com/somebody/data-{number}: what there is, under some licence" for number in range(5))
    told = statement(a_paper(about=replace(a_paper().about, sources=some)))["data"]
    assert told.startswith("；".join(some))
    assert told.endswith("。")
    cut = statement(a_paper(about=replace(a_paper().about, sources=some * 20)))["data"]
    assert cut.endswith("…")
    assert told[:200] == cut[:200]


def test_names_of_places_in_letters_do_not_run_into_one_another() -> None:
    paper = a_paper(place="CENTRAL REGION OUTRAM", community_name="PEARL'S HILL")
    assert statement(paper)["heading"] == "CENTRAL REGION OUTRAM PEARL'S HILL 网格划分说明"
    assert statement(a_paper(place="示范街道", community_name="东社区"))["heading"] == "示范街道东社区网格划分说明"


def test_numbers_of_small_neighbours_do_not_cover_each_other_nor_names_of_streets_them() -> None:
    #  a metre of land is a hundredth of a millimetre of paper; the squares are 4 mm wide, the large one 30 mm
    shapes = [box(0, 0, 400, 400), box(400, 0, 800, 400), box(0, 400, 3000, 3400)]
    grids = gpd.GeoDataFrame({"label": ["001", "002", "003"]}, geometry=shapes, crs=CRS)
    first, second, large = placed_numbers(grids, shapely.box(*grids.total_bounds), 100.0)
    assert (first.points, second.points, large.points) == (pytest.approx(6.3, abs=0.01),) * 2 + (LARGEST_POINTS,)
    assert first.room.intersection(second.room).area < 1e-6, "they touch at most"
    x, y = large.x, large.y
    street = gpd.GeoDataFrame(
        {"name": ["中路"]}, geometry=[shapely.LineString([(x - 1400, y), (x + 1400, y)])], crs=CRS
    )
    (free,) = placed_names(street, grids.total_bounds, 100.0)
    (beside,) = placed_names(street, grids.total_bounds, 100.0, [large.room])
    assert free.x == pytest.approx(x)
    assert abs(beside.x - x) > 400


def test_shapefiles_have_short_names_utf_8_and_a_list_of_fields(tmp_path: Path) -> None:
    write_shapefiles(tmp_path / "plan.zip", a_paper())
    with ZipFile(tmp_path / "plan.zip") as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert {"grids.shp", "grids.dbf", "grids.shx", "grids.prj", "grids.cpg", "buildings.shp", DICTIONARY} <= set(names)
    assert (tmp_path / "grids.cpg").read_text().strip() == "UTF-8"
    grids = pyogrio.read_dataframe(tmp_path / "grids.shp")
    assert grids["code"].tolist() == CODES
    assert grids["name"].tolist() == [RARE, FORMULA]
    assert grids["hh"].tolist() == [400, 120]
    assert grids["people"].isna().tolist() == [False, True]
    assert grids.crs.to_epsg() == 4549
    assert grids.union_all().symmetric_difference(box(0, 0, 300, 100)).area < 1e-6
    told = (tmp_path / DICTIONARY).read_text(encoding="utf-8-sig")
    for frame in (grids, pyogrio.read_dataframe(tmp_path / "buildings.shp")):
        columns = [column for column in frame.columns if column != "geometry"]
        assert all(len(column) <= 10 and column.isascii() and column in told for column in columns)


def test_a_text_too_long_for_a_shapefile_is_cut_and_named(tmp_path: Path) -> None:
    long = "很长的名称" * 30
    paper = a_paper()
    paper = replace(paper, grids=paper.grids.assign(name=[long, "短"]))
    write_shapefiles(tmp_path / "plan.zip", paper)
    with ZipFile(tmp_path / "plan.zip") as archive:
        told = archive.read(DICTIONARY).decode("utf-8-sig")
        archive.extractall(tmp_path)
    (name, _) = pyogrio.read_dataframe(tmp_path / "grids.shp")["name"]
    assert long.startswith(name)
    assert TEXT_BYTES - 3 < len(name.encode()) <= TEXT_BYTES
    assert long in told


def test_equal_papers_make_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_shapefiles(tmp_path / f"{name}.zip", a_paper())
        write_grid_register(tmp_path / f"{name}.xlsx", a_paper())
    for suffix in ("zip", "xlsx"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_a_wrong_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_shapefiles(tmp_path / "plan.shp", a_paper())
    with pytest.raises(InputError):
        write_statement(tmp_path / "statement.txt", a_paper())
    assert walk_sheets.TEMPLATE.endswith(".html")
