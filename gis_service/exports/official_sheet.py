"""A sheet as offices circulate it: a title over the whole width, a bordered table, lines to sign at its foot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import xlsxwriter

from gis_service.exports.about import SYNTHETIC_MARK
from gis_service.exports.plan_paper import PlanPaper
from gis_service.plan.spacing import set_apart

FACE = "宋体"
"""The face of the office's own documents; every Windows has it."""
A3, A4 = 8, 9
_TITLE_ROW, _STATE_ROW, _REMARK_ROW, HEADER_ROW = 0, 1, 2, 3
_SIGNED = "制表人：　　　　　　　　审核人：　　　　　　　　负责人：　　　　　　　　日期：　　　　年　　月　　日"


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    label, width
        Its header and width [characters].
    wide
        Its texts may take several lines.
    by_hand
        Left empty, to be filled in by hand; shaded lightly.
    """

    label: str
    width: float
    wide: bool = False
    by_hand: bool = False


def write_official(
    book: xlsxwriter.Workbook,
    name: str,
    paper: PlanPaper,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    *,
    remark: str,
    strong: Collection[int] = (),
    total: Sequence[Any] = (),
    size: int = A4,
) -> None:
    """Add a sheet: texts are text cells whatever they begin with, numbers are numbers, None stays empty.

    Parameters
    ----------
    book
        The workbook.
    name
        Name of the sheet; with the community's in front also its title.
    paper
        The plan it is about.
    columns, rows
        The table; rows as long as ``columns``.
    remark
        One sentence under the title.
    strong
        Numbers of the rows that are to catch the eye.
    total
        A last row, in bold; empty: none.
    size
        `A3` or `A4`, in landscape, as wide as the page.
    """
    sheet = book.add_worksheet(name)
    _write_head(book, sheet, name, paper, columns, remark)
    styles = {flags: _style(book, *flags) for flags in _FLAGS}
    lines = [(row, number in strong, False) for number, row in enumerate(rows)]
    lines += [(total, False, True)] if total else []
    for line, (row, catching, bold) in enumerate(lines, start=HEADER_ROW + 1):
        for number, (column, value) in enumerate(zip(columns, row, strict=True)):
            style = styles[column.wide, column.by_hand, catching, bold, not isinstance(value, str)]
            if isinstance(value, str):
                sheet.write_string(line, number, value, style)
            elif pd.isna(value):
                sheet.write_blank(line, number, None, style)
            else:
                sheet.write_number(line, number, value, style)
    foot = HEADER_ROW + len(lines) + 2
    sheet.merge_range(foot, 0, foot, len(columns) - 1, _SIGNED, book.add_format({"font_name": FACE, "font_size": 11}))
    sheet.freeze_panes(HEADER_ROW + 1, 2)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(len(rows), 1), len(columns) - 1)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_landscape()
    sheet.set_paper(size)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    mark = SYNTHETIC_MARK if paper.about.synthetic else ""
    if mark:
        sheet.set_header(f"&R{mark}")
    place = paper.community_name.replace("&", "＆")  # the narrow one begins a code of Excel's
    sheet.set_footer(f"&L{place} {name}　数据日期 {paper.about.data_date.isoformat()}&R第 &P 页 共 &N 页")


def _write_head(
    book: xlsxwriter.Workbook, sheet: Any, name: str, paper: PlanPaper, columns: Sequence[Column], remark: str
) -> None:
    mark = f"　【{SYNTHETIC_MARK}，不反映真实情况】" if paper.about.synthetic else ""
    last = len(columns) - 1
    title = {"bold": True, "font_name": FACE, "font_size": 16, "align": "center", "valign": "vcenter"}
    quiet = {"font_name": FACE, "font_size": 10, "font_color": "#52606D", "valign": "vcenter", "text_wrap": True}
    date = f"数据日期 {paper.about.data_date.isoformat()}"
    sheet.merge_range(
        _TITLE_ROW, 0, _TITLE_ROW, last, set_apart(paper.full_name, f"{name}{mark}"), book.add_format(title)
    )
    sheet.merge_range(_STATE_ROW, 0, _STATE_ROW, last, f"{paper.title}　{paper.state}　{date}", book.add_format(quiet))
    sheet.merge_range(_REMARK_ROW, 0, _REMARK_ROW, last, remark, book.add_format(quiet))
    sheet.set_row(_TITLE_ROW, 30)
    sheet.set_row(_STATE_ROW, 18)
    sheet.set_row(_REMARK_ROW, 18)
    sheet.set_row(HEADER_ROW, 32)
    header = book.add_format(
        {
            "bold": True,
            "font_name": FACE,
            "font_size": 10,
            "bg_color": "#E8EDF1",
            "border": 1,
            "text_wrap": True,
            "align": "center",
            "valign": "vcenter",
        }
    )
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width)
        sheet.write_string(HEADER_ROW, number, column.label, header)


_FLAGS = [
    (wide, by_hand, strong, bold, number)
    for wide in (False, True)
    for by_hand in (False, True)
    for strong in (False, True)
    for bold in (False, True)
    for number in (False, True)
]


def _style(book: xlsxwriter.Workbook, wide: bool, by_hand: bool, strong: bool, bold: bool, number: bool) -> Any:
    look: dict[str, Any] = {"font_name": FACE, "font_size": 10, "border": 1, "border_color": "#9AA5B1"}
    look |= {"num_format": "#,##0" if number else "@", "valign": "vcenter"}
    look |= {"text_wrap": True, "align": "left"} if wide else {}
    look |= {"bg_color": "#FFFDF3"} if by_hand else {"bg_color": "#FFF3E0"} if strong else {}
    look |= {"bold": True} if bold else {}
    return book.add_format(look)
