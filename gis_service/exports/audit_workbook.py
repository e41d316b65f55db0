"""The officials' workbook (总表、网格、问题清单、盲区清单、参数与口径) and the table of indicators as CSV."""

import csv
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from gis_service.exports.about import SYNTHETIC_MARK
from gis_service.exports.audit_sheets import AuditPapers, AuditTable, Column
from gis_service.exports.files import replacing

METHOD = "参数与口径"
BOM = "utf-8-sig"
"""Excel takes a CSV file for UTF-8 only with this mark."""
_HEADER_ROW = 2
_FORMATS = {"count": "#,##0", "share": "0.0%", "area": "#,##0.0", "day": "yyyy-mm-dd", "text": "@"}
_WRAPPED_FROM = 30


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
    with replacing(path, ".xlsx") as temporary, xlsxwriter.Workbook(temporary, {"strings_to_formulas": False}) as book:
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
    header = book.add_format({"bold": True, "bg_color": "#E8EDF1", "border": 1, "text_wrap": True, "valign": "vcenter"})
    formats = {unit: book.add_format({"num_format": form, "valign": "top"}) for unit, form in _FORMATS.items()}
    wrapped = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    _write_title(book, sheet, f"{papers.title} {table.name}", papers)
    sheet.set_row(_HEADER_ROW, 32)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(_HEADER_ROW, place, column.label, header)
    for line, row in enumerate(table.rows, start=_HEADER_ROW + 1):
        for place, column in enumerate(table.columns):
            form = wrapped if column.unit == "text" and column.width >= _WRAPPED_FROM else formats[column.unit]
            _write_cell(sheet, line, place, row[column.key], column, form)
    sheet.freeze_panes(_HEADER_ROW + 1, 2)
    sheet.autofilter(_HEADER_ROW, 0, _HEADER_ROW + max(len(table.rows), 1), len(table.columns) - 1)
    sheet.repeat_rows(_HEADER_ROW)
    _set_page(sheet, table.name, papers)


def _write_cell(sheet: Any, line: int, place: int, value: Any, column: Column, form: Any) -> None:
    if _missing(value):
        return
    if column.unit == "day":
        sheet.write_datetime(line, place, value if isinstance(value, date) else date.fromisoformat(value), form)
    elif column.unit == "text":
        sheet.write_string(line, place, str(value), form)
    else:
        sheet.write_number(line, place, value, form)


def _write_method(book: xlsxwriter.Workbook, papers: AuditPapers) -> None:
    sheet = book.add_worksheet(METHOD)
    _write_title(book, sheet, f"{papers.title} {METHOD}", papers)
    heading = book.add_format({"bold": True, "bg_color": "#E8EDF1"})
    term = book.add_format({"bold": True, "valign": "top", "text_wrap": True})
    sentence = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    line = _HEADER_ROW
    for title, lines in papers.lines:
        sheet.write_string(line, 0, title, heading)
        sheet.write_blank(line, 1, None, heading)
        line += 1
        for name, words in lines:
            sheet.write_string(line, 0, name, term)
            sheet.write_string(line, 1, words, sentence)
            line += 1
    _set_page(sheet, METHOD, papers)


def _write_title(book: xlsxwriter.Workbook, sheet: Any, title: str, papers: AuditPapers) -> None:
    mark = f"　【{SYNTHETIC_MARK}，不反映真实情况】" if papers.about.synthetic else ""
    sheet.write_string(0, 0, f"{title}{mark}", book.add_format({"bold": True, "font_size": 14}))
    told = f"数据日期 {papers.about.data_date.isoformat()}　快照 {papers.snapshot}（{papers.taken.isoformat()} 留存）"
    sheet.write_string(1, 0, told, book.add_format({"font_color": "#52606D"}))


def _set_page(sheet: Any, name: str, papers: AuditPapers) -> None:
    sheet.set_header(f"&L{name}&R{SYNTHETIC_MARK if papers.about.synthetic else ''}")
    sheet.set_footer(f"&L快照 {papers.snapshot}　{papers.about.operator}&R&P / &N")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
