"""The officials' workbook (总表、网格、问题清单、盲区清单、参数与口径) and the table of indicators as CSV."""

import csv
from datetime import UTC, date
from math import ceil
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pandas as pd
import xlsxwriter

from gis_service.exports.about import SYNTHETIC_MARK
from gis_service.exports.audit_sheets import AuditPapers, AuditTable, Column, Unit
from gis_service.exports.excel import TEXTS_STAY_TEXTS
from gis_service.exports.files import replacing
from gis_service.exports.official_sheet import A3, A4, FACE

METHOD = "参数与口径"
BOM = "utf-8-sig"
"""Excel takes a CSV file for UTF-8 only with this mark."""
_HEADER_ROW = 2
_FORMATS = {"count": "#,##0", "share": "0.0%", "area": "#,##0.0", "day": "yyyy-mm-dd", "text": "@"}
_NUMBER_WIDTH = 10
_WIDEST_A4 = 170
"""A table wider than this [characters] is printed on A3."""
_TERM_WIDTH, _SENTENCE_WIDTH = 24, 100
_LINE_PT = 14.5
"""Height of a line in a cell [pt]; programs other than Excel do not fit rows to their texts."""
_BASE: dict[str, Any] = {"font_name": FACE, "font_size": 10, "valign": "vcenter"}
_BORDERED = _BASE | {"border": 1, "border_color": "#9AA5B1"}
_HEADING = _BORDERED | {"bold": True, "bg_color": "#E8EDF1"}


def write_workbook(path: Path, papers: AuditPapers) -> None:
    """Write the workbook: one sheet a table, and the method.

    Parameters
    ----------
    path
        An ``.xlsx`` file; one that exists is replaced.
    papers
        What it says.

    Raises
    ------
    InputError
        The suffix is not ``.xlsx`` or the folder does not exist.

    Notes
    -----
    Codes are text cells, because Excel keeps 15 digits of a number; counts, shares and days are numbers. Equal papers
    give equal bytes: the workbook's clock is the snapshot's.
    """
    with replacing(path, ".xlsx") as temporary, xlsxwriter.Workbook(temporary, TEXTS_STAY_TEXTS) as book:
        book.set_properties(
            {
                "title": papers.title,
                "company": papers.about.operator,
                "created": papers.about.made_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        for table in (papers.indicators, papers.cases, papers.gaps, papers.grids):
            _write_table(book, table, papers)
        _write_method(book, papers)


def write_csv(path: Path, table: AuditTable) -> None:
    """Write a table as CSV, UTF-8 with a byte order mark; equal tables give equal bytes.

    Parameters
    ----------
    path
        A ``.csv`` file; one that exists is replaced.
    table
        Shares are written as fractions, days in ISO 8601; what is unknown stays empty.
    """
    with replacing(path, ".csv") as temporary, temporary.open("w", encoding=BOM, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([column.label for column in table.columns])
        for row in table.rows:
            writer.writerow(["" if _missing(row[column.key]) else row[column.key] for column in table.columns])


def _write_table(book: xlsxwriter.Workbook, table: AuditTable, papers: AuditPapers) -> None:
    sheet = book.add_worksheet(table.name)
    header = book.add_format(_HEADING | {"text_wrap": True, "align": "center"})
    formats = {unit: book.add_format(_BORDERED | {"num_format": form}) for unit, form in _FORMATS.items()}
    formats["text"].set_text_wrap()
    formats["text"].set_indent(1)
    _write_title(book, sheet, f"{papers.title} {table.name}", papers)
    widths = [_width(column) for column in table.columns]
    for place, (column, width) in enumerate(zip(table.columns, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(_HEADER_ROW, place, column.label, header)
    labels = [(column.label, width) for column, width in zip(table.columns, widths, strict=True)]
    sheet.set_row(_HEADER_ROW, _height(labels) + _LINE_PT / 2)
    for line, row in enumerate(table.rows, start=_HEADER_ROW + 1):
        texts = [(str(row[column.key] or ""), width) for column, width in zip(table.columns, widths, strict=True)
                 if column.unit == "text"]  # fmt: skip
        sheet.set_row(line, _height(texts))
        for place, column in enumerate(table.columns):
            _write_cell(sheet, line, place, row[column.key], column.unit, formats[column.unit])
    sheet.freeze_panes(_HEADER_ROW + 1, 2)
    sheet.autofilter(_HEADER_ROW, 0, _HEADER_ROW + max(len(table.rows), 1), len(table.columns) - 1)
    sheet.repeat_rows(_HEADER_ROW)
    _set_page(sheet, table.name, papers, A3 if sum(widths) > _WIDEST_A4 else A4)


def _width(column: Column) -> int:
    """Return the width of a column [characters]."""
    return min(column.width, _NUMBER_WIDTH) if column.unit in {"count", "share", "area"} else column.width


def _height(texts: list[tuple[str, int]]) -> float:
    """Return the height of a row [pt] in which every text has room in the width [characters] that it is given."""
    signs = ((sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text), width) for text, width in texts)
    # A sign that does not fit at the end of a line leaves a gap, and the cell has margins.
    return _LINE_PT * max((ceil(count / (width - 1)) for count, width in signs if count), default=1)


def _write_cell(sheet: Any, line: int, place: int, value: Any, unit: Unit, form: Any) -> None:
    if _missing(value) or value == "":
        sheet.write_blank(line, place, None, form)
    elif unit == "day":
        sheet.write_datetime(line, place, value if isinstance(value, date) else date.fromisoformat(value), form)
    elif unit == "text":
        sheet.write_string(line, place, str(value), form)
    else:
        sheet.write_number(line, place, value, form)


def _write_method(book: xlsxwriter.Workbook, papers: AuditPapers) -> None:
    sheet = book.add_worksheet(METHOD)
    _write_title(book, sheet, f"{papers.title} {METHOD}", papers)
    heading = book.add_format(_HEADING)
    term = book.add_format(_BORDERED | {"bold": True, "text_wrap": True})
    sentence = book.add_format(_BORDERED | {"text_wrap": True, "num_format": "@"})
    sheet.set_column(0, 0, _TERM_WIDTH)
    sheet.set_column(1, 1, _SENTENCE_WIDTH)
    line = _HEADER_ROW
    for title, lines in papers.lines:
        sheet.set_row(line, _LINE_PT * 1.5)
        sheet.write_string(line, 0, title, heading)
        sheet.write_blank(line, 1, None, heading)
        line += 1
        for name, words in lines:
            sheet.set_row(line, _height([(name, _TERM_WIDTH), (words, _SENTENCE_WIDTH)]))
            sheet.write_string(line, 0, name, term)
            sheet.write_string(line, 1, words, sentence)
            line += 1
    _set_page(sheet, METHOD, papers, A4)


def _write_title(book: xlsxwriter.Workbook, sheet: Any, title: str, papers: AuditPapers) -> None:
    mark = f"　【{SYNTHETIC_MARK}，不反映真实情况】" if papers.about.synthetic else ""
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, f"{title}{mark}", book.add_format(_BASE | {"bold": True, "font_size": 14}))
    told = f"数据日期 {papers.about.data_date.isoformat()}　快照 {papers.snapshot}（{papers.taken.isoformat()} 留存）"
    sheet.set_row(1, _LINE_PT * 1.25)
    sheet.write_string(1, 0, told, book.add_format(_BASE | {"font_color": "#52606D"}))


def _set_page(sheet: Any, name: str, papers: AuditPapers, size: int) -> None:
    sheet.set_header(f"&L{name}&R{SYNTHETIC_MARK if papers.about.synthetic else ''}")
    sheet.set_footer(f"&L快照 {papers.snapshot}　{papers.about.operator}&R&P / &N")
    sheet.set_landscape()
    sheet.set_paper(size)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 0)


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
