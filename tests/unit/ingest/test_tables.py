import openpyxl
import pytest

from gis_service.errors import InputError
from gis_service.ingest.cells import cell_text
from gis_service.ingest.reading import read_source
from gis_service.ingest.tables import read_csv, read_xlsx


def workbook(town, rows, *, merged=(), name="buildings.xlsx", sheets=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    for title, others in sheets:
        sheet = book.create_sheet(title)
        for row in others:
            sheet.append(row)
    book.save(town.folder / name)
    return town.spec("buildings", name)


def test_title_rows_notes_blank_rows_and_totals_are_no_data(town):
    spec = workbook(
        town,
        [
            ["楼栋户数表", None, None],
            ["截止 2023-06-30", None, None],
            ["楼栋编号", "户数", "所属社区"],
            ["必填", "整数", "选填"],
            [350902001001001, 12, "海滨社区"],
            [None, None, None],
            [350902001001002, 30, None],
            ["合计", 42, None],
        ],
        merged=["A1:C1", "C5:C7"],
    )
    table = read_xlsx(spec)
    assert table.columns.to_numpy().tolist() == [
        ["350902001001001", "12", "海滨社区"],
        ["350902001001002", "30", "海滨社区"],
    ]
    assert table.rows.tolist() == [5, 7]
    assert [(note.row, note.severity) for note in table.notes] == [(4, "dropped"), (8, "dropped")]


def test_a_header_of_two_rows_with_merged_groups_is_found(town):
    spec = workbook(
        town,
        [["楼栋编号", "户数", "坐标", None], [None, None, "经度", "纬度"], ["b1", 3, 120.2, 27.3]],
        merged=["A1:A2", "B1:B2", "C1:D1"],
    )
    table = read_xlsx(spec)
    assert table.columns.to_dict("records") == [{"楼栋编号": "b1", "户数": "3", "经度": "120.2", "纬度": "27.3"}]


def test_a_second_header_of_field_names_is_dropped(town):
    spec = workbook(town, [["编号", "户数"], ["id", "households"], ["b1", 3]])
    assert read_xlsx(spec).rows.tolist() == [3]


def test_a_sheet_of_explanations_does_not_disturb(town):
    spec = workbook(town, [["编号", "户数"], ["b1", 3]], sheets=[("说明", [["本表由街道填写"]])])
    assert read_xlsx(spec).rows.tolist() == [2]


def test_two_sheets_of_data_are_refused_by_name(town):
    spec = workbook(town, [["编号", "户数"], ["b1", 3]], sheets=[("蕉北", [["编号", "户数"], ["b2", 3]])])
    with pytest.raises(InputError, match="工作表Sheet、蕉北都像数据表"):
        read_xlsx(spec)


def test_what_is_no_workbook_is_refused(town):
    (town.folder / "a.xlsx").write_bytes(b"old xls")
    with pytest.raises(InputError, match=r"另存为 \.xlsx"):
        read_xlsx(town.spec("buildings", "a.xlsx"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_separators_and_encodings_are_recognised(town, separator, encoding):
    rows = [["楼栋编号", "户数", "地址"], ["b1", "3", "虎𬇙镇"]]
    town.csv("b.csv", "\r\n".join(separator.join(row) for row in rows), encoding)
    table = read_csv(town.spec("buildings", "b.csv"))
    assert table.columns.to_numpy().tolist() == [["b1", "3", "虎𬇙镇"]]


def test_a_short_row_is_filled_with_nothing(town):
    town.csv("b.csv", "id,户数,地址\nb1,3\n")
    assert read_csv(town.spec("buildings", "b.csv")).columns.to_numpy().tolist() == [["b1", "3", None]]


def test_a_quoted_line_break_counts_as_one_row(town):
    town.csv("b.csv", 'id,户数,地址\nb1,3,"甲\n乙"\nb2,4,丙\n')
    assert read_csv(town.spec("buildings", "b.csv")).rows.tolist() == [2, 3]


def test_columns_overrule_the_synonyms(town):
    town.csv("b.csv", "id,户数,户籍数\nb1,3,9\n")
    source, _ = read_source(town.spec("buildings", "b.csv", columns={"households": "户籍数"}))
    assert source.texts("households").tolist() == ["9"]


def test_of_two_matching_headers_the_preferred_one_is_taken_and_it_is_said(town):
    town.csv("b.csv", "id,总户数,常住户数\nb1,9,3\n")
    source, notes = read_source(town.spec("buildings", "b.csv"))
    assert source.texts("households").tolist() == ["3"]
    assert "采用了“常住户数”" in notes[0].zh


@pytest.mark.parametrize("header", ["户数（户）", " 户 数 ", "*户数", "户数(2023年)", "Households", "总户数"])
def test_headers_are_known_with_units_blanks_and_marks(town, header):
    town.csv("b.csv", f"id,{header}\nb1,3\n")
    source, _ = read_source(town.spec("buildings", "b.csv"))
    assert source.texts("households").tolist() == ["3"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [({"户": "户数"}, "不认识字段 户"), ({"households": "家庭"}, "没有 columns 为 households 指定的“家庭”列")],
)
def test_a_wrong_override_is_refused(town, columns, said):
    town.csv("b.csv", "id,户数\nb1,3\n")
    with pytest.raises(InputError, match=said):
        read_source(town.spec("buildings", "b.csv", columns=columns))


@pytest.mark.parametrize("header", ["业主户数", "业主委员会", "楼栋名称", "物业公司"])
def test_columns_about_no_person_are_welcome(town, header):
    town.csv("b.csv", f"id,户数,{header}\nb1,3,x\n")
    source, _ = read_source(town.spec("buildings", "b.csv"))
    assert len(source) == 1


def test_an_18_digit_code_without_a_valid_check_digit_is_no_identity_number(town):
    town.csv("b.csv", "id,户数\n110101199003077890,3\n")
    source, _ = read_source(town.spec("buildings", "b.csv"))
    assert source.texts("id").tolist() == ["110101199003077890"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (350902001001001.0, "350902001001001"),
        (12.5, "12.5"),
        (3.50982001007e19, "3.509820e+19"),
        (float("nan"), None),
        ("  ", None),
        (" a ", "a"),
        (True, "true"),
        (0, "0"),
        (None, None),
    ],
)
def test_cells_become_text(value, text):
    assert cell_text(value) == text
