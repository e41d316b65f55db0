"""Tables (.csv, .xlsx): find the header row, drop what is not data, keep row numbers as a person counts them."""

import csv
import io
import re
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from gis_service.ingest.archive import check_zip
from gis_service.ingest.cells import cell_text
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.encoding import decode
from gis_service.ingest.fields import is_known
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.source import RawTable

_HEADER_WITHIN = 20
_TOTALS = ("合计", "总计", "小计", "共计", "total", "sum")
_REMARK = re.compile(
    r"必填|选填|可不填|可空|填写|说明|示例|例如|如：|格式|文本|整数|数字|required|optional|example", re.IGNORECASE
)

Grid = list[list[str | None]]


@dataclass(frozen=True)
class _Sheet:
    name: str
    cells: Grid
    header: int
    known: int


def read_csv(spec: FileSpec) -> RawTable:
    """Return a CSV file whose header may stand below title rows.

    Parameters
    ----------
    spec
        The file; separators ``,``, ``;`` and tab are recognised in the header row.

    Returns
    -------
    RawTable
        Without geometry.

    Raises
    ------
    InputError
        The text cannot be decoded, no header is found, or a row has more cells than the header.
    """
    text = decode(spec.path.read_bytes(), spec.encoding, spec.label)
    head = "\n".join(text.splitlines()[:_HEADER_WITHIN])
    separator = max(",;\t", key=lambda candidate: _sheet(spec, spec.label, _parsed(head, candidate, spec)).known)
    return _table(spec, _sheet(spec, spec.label, _parsed(text, separator, spec)))


def read_xlsx(spec: FileSpec) -> RawTable:
    """Return the one data sheet of a workbook; merged cells count for every cell they cover.

    Parameters
    ----------
    spec
        The file.

    Returns
    -------
    RawTable
        Without geometry.

    Raises
    ------
    InputError
        The workbook is damaged or harmful, or no sheet, or more than one, has a header that is understood.
    """
    try:
        with zipfile.ZipFile(spec.path) as archive:
            check_zip(archive, spec.label)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl warns of styles and validations it leaves out
            book = openpyxl.load_workbook(spec.path, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise refusal(
            spec.label,
            "工作簿无法打开，请用 Excel 另存为 .xlsx",
            "the workbook cannot be opened; save it as .xlsx again",
        ) from error
    sheets = [_sheet(spec, sheet.title, _cells(sheet)) for sheet in book.worksheets]
    best = max(sheets, key=lambda sheet: sheet.known)
    rivals = [sheet.name for sheet in sheets if sheet.known == best.known]
    if best.known and len(rivals) > 1:
        raise refusal(
            spec.label,
            f"工作表{'、'.join(rivals)}都像数据表，请把数据合并到一个工作表并删去其余的",
            f"the sheets {', '.join(rivals)} all look like data; put the data into one sheet and delete the others",
        )
    return _table(spec, best)


def _parsed(text: str, separator: str, spec: FileSpec) -> Grid:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [[cell_text(cell) for cell in row] for row in rows]
    except csv.Error as error:
        raise refusal(
            spec.label,
            "CSV 格式有误，请用 Excel 另存为 CSV UTF-8",
            f"the CSV is malformed ({error}); save it again as CSV UTF-8",
        ) from error


def _cells(sheet: Worksheet) -> Grid:
    cells = [[cell_text(value) for value in row] for row in sheet.iter_rows(min_row=1, min_col=1, values_only=True)]
    blank = [all(cell is None for cell in row) for row in cells]
    for merged in sheet.merged_cells.ranges:
        value = cells[merged.min_row - 1][merged.min_col - 1]
        for at in range(merged.min_row - 1, merged.max_row):
            if not blank[at]:
                cells[at][merged.min_col - 1 : merged.max_col] = [value] * (merged.max_col - merged.min_col + 1)
    return cells


def _sheet(spec: FileSpec, name: str, cells: Grid) -> _Sheet:
    """Return the cells with the row that holds the most known headers, the first of equals."""
    wanted = set(spec.columns.values())
    counts = [
        len({cell for cell in row if cell is not None and (cell in wanted or is_known(cell, spec.kind))})
        for row in cells[:_HEADER_WITHIN]
    ]
    known = max(counts, default=0)
    return _Sheet(name, cells, counts.index(known) if known else 0, known)


def _table(spec: FileSpec, sheet: _Sheet) -> RawTable:
    if not sheet.known:
        first = "、".join(cell for cell in (sheet.cells[0] if sheet.cells else []) if cell)
        raise refusal(
            spec.label,
            f"前 {_HEADER_WITHIN} 行里没有认识的表头（第 1 行是：{first or '空'}），请{spec.cures.columns.zh}",
            f"no known header in the first {_HEADER_WITHIN} rows (row 1 holds: {first or 'nothing'}); "
            f"{spec.cures.columns.en}",
        )
    header = sheet.cells[sheet.header]
    used = [at for at, cell in enumerate(header) if cell is not None]
    names = [str(header[at]) for at in used]
    _refuse_twins(spec, names, sheet.header + 1)
    body = list(enumerate(sheet.cells[sheet.header + 1 :], start=sheet.header + 2))
    rows, notes = _data_rows(spec, body, sheet)
    values = np.full((len(rows), len(used)), None, dtype=object)
    for at, (number, row) in enumerate(rows):
        if any(cell is not None for cell in row[len(header) :]):
            raise refusal(
                spec.label,
                f"第 {number} 行有 {len(row)} 个单元格，多于表头的 {len(header)} 个，请检查逗号和引号",
                f"row {number} has {len(row)} cells, more than the {len(header)} of the header; check commas and "
                "quotes",
            )
        filled = [*row, *[None] * (len(header) - len(row))]
        values[at] = [filled[column] for column in used]
    return RawTable(
        columns=pd.DataFrame(values, columns=names, dtype=object),
        rows=np.array([number for number, _ in rows], dtype=np.int64),
        geometry=None,
        crs=None,
        is_table=True,
        cut_names=False,
        notes=notes,
    )


def _refuse_twins(spec: FileSpec, names: list[str], row: int) -> None:
    twins = [name for name, count in Counter(names).items() if count > 1]
    if twins:
        raise refusal(
            spec.label,
            f"第 {row} 行的表头“{twins[0]}”出现了多次，请改名或删除重复的列",
            f"the header {twins[0]!r} stands more than once in row {row}; rename or delete the extra column",
        )


def _data_rows(
    spec: FileSpec, body: list[tuple[int, list[str | None]]], sheet: _Sheet
) -> tuple[list[tuple[int, list[str | None]]], tuple[ImportNote, ...]]:
    """Return the rows that hold data, less blank rows, a row of remarks below the header, and rows of totals."""
    rows = [(number, row) for number, row in body if any(cell is not None for cell in row)]
    notes = []
    if rows and rows[0][0] == sheet.header + 2 and _is_remark(rows[0][1], spec.kind):
        number, _ = rows.pop(0)
        notes.append(
            ImportNote(
                "dropped",
                spec.label,
                number,
                f"第 {number} 行是填表说明，未作为数据",
                f"row {number} explains the columns and was not taken as data",
            )
        )
    kept = []
    for number, row in rows:
        first = next(cell for cell in row if cell is not None)
        if first.replace(" ", "").replace("\u3000", "").casefold().rstrip(":：") in _TOTALS:
            notes.append(
                ImportNote(
                    "dropped",
                    spec.label,
                    number,
                    f"第 {number} 行是“{first}”行，未作为数据",
                    f"row {number} is a row of totals ({first}) and was not taken as data",
                )
            )
        else:
            kept.append((number, row))
    return kept, tuple(notes)


def _is_remark(row: list[str | None], kind: str) -> bool:
    filled = [cell for cell in row if cell is not None]
    telling = sum(bool(_REMARK.search(cell)) or is_known(cell, kind) for cell in filled)
    return 2 * telling >= len(filled)
