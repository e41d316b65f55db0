"""The table of old and new grids (新旧网格对照表): who changes grid."""

from pathlib import Path
from typing import Any

import xlsxwriter

from gis_service.exports.excel import workbook, write_parameters
from gis_service.exports.official_sheet import Column, write_official
from gis_service.exports.plan_paper import Before, PlanPaper

CHANGES = "新旧网格对照表"
COLUMNS = (
    Column("原网格编码", 21),
    Column("原网格名称", 22),
    Column("现网格编码", 21),
    Column("现网格名称", 22),
    Column("楼栋数", 8),
    Column("户数", 9),
    Column("人数", 9),
    Column("变化", 9),
    Column("备注", 24),
)
RETIRED = "停用编码（不再使用）"


def write_change_table(path: Path, paper: PlanPaper, before: Before) -> None:
    """Write the table as a workbook of its own.

    Parameters
    ----------
    path
        An ``.xlsx`` file; one that exists is replaced.
    paper
        The plan.
    before
        What it is compared with.

    Raises
    ------
    InputError
        The suffix is not ``.xlsx`` or the folder does not exist.
    """
    with workbook(path, CHANGES, paper.about) as book:
        add_change_sheet(book, paper, before)
        write_parameters(book, paper.about)


def add_change_sheet(book: xlsxwriter.Workbook, paper: PlanPaper, before: Before) -> None:
    """Add the sheet to a workbook."""
    rows: list[tuple[Any, ...]] = [
        (
            row.old_code,
            row.old_name,
            row.new_code,
            row.new_name,
            row.buildings,
            row.households,
            row.residents,
            row.kind,
            None,
        )
        for row in before.rows
    ]
    rows += [(code, RETIRED, None, None, None, None, None, "停用", None) for code in before.retired]
    write_official(
        book,
        CHANGES,
        paper,
        COLUMNS,
        rows,
        remark=before.sentence,
        strong=[number for number, row in enumerate(before.rows) if not row.stays],
    )
