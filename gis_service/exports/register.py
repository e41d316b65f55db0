"""The register of a community's grids (网格划分登记表), with the table of old and new grids and the buildings."""

from pathlib import Path
from typing import Any

import pandas as pd
import shapely
import xlsxwriter

from gis_service.exports.change_table import add_change_sheet
from gis_service.exports.excel import workbook, write_parameters
from gis_service.exports.official_sheet import A3, Column, write_official
from gis_service.exports.plan_paper import PlanPaper, buildings_of, estates_of
from gis_service.plan.rules import KIND_LABELS, STATUS_LABELS, TEST_LABELS, judge

REGISTER = "网格划分登记表"
MEMBERS = "楼栋清单"
COLUMNS = (
    Column("网格编码", 21),
    Column("网格名称", 18),
    Column("所属社区", 12),
    Column("类型", 10),
    Column("四至", 44, wide=True),
    Column("户数", 8),
    Column("人数", 8),
    Column("户数检验", 9),
    Column("人数检验", 9),
    Column("规模判定", 9),
    Column("小区清单", 30, wide=True),
    Column("楼栋清单", 44, wide=True),
    Column("楼栋数", 7),
    Column("面积（平方米）", 10),
    Column("网格长", 9, by_hand=True),
    Column("专职网格员", 9, by_hand=True),
    Column("兼职网格员", 9, by_hand=True),
    Column("网格党支部", 12, by_hand=True),
    Column("备注", 24, wide=True),
)
MEMBER_COLUMNS = (
    Column("网格编码", 21),
    Column("网格名称", 20),
    Column("楼栋编号", 22),
    Column("所属小区", 24),
    Column("户数", 9),
    Column("人数", 9),
)


def write_grid_register(path: Path, paper: PlanPaper) -> None:
    """Write the register of a plan, who changes grid, the buildings of each grid and the parameters.

    Parameters
    ----------
    path
        An ``.xlsx`` file; one that exists is replaced.
    paper
        The plan.

    Raises
    ------
    InputError
        The suffix is not ``.xlsx`` or the folder does not exist.

    Notes
    -----
    Codes are text cells, because Excel keeps 15 digits of a number. Names of people are nowhere stored; their columns
    are empty, to be filled in by hand.
    """
    with workbook(path, REGISTER, paper.about) as book:
        _add_register(book, paper)
        if paper.before is not None:
            add_change_sheet(book, paper, paper.before)
        _add_members(book, paper)
        write_parameters(book, paper.about)


def _add_register(book: xlsxwriter.Workbook, paper: PlanPaper) -> None:
    households, people = int(paper.grids["households"].sum()), paper.residents
    rows = [_row(paper, grid) for grid in paper.grids.to_dict("records")]
    total: list[Any] = [None] * len(COLUMNS)
    total[0], total[5], total[6], total[12] = "合计", households, people, sum(row[12] for row in rows)
    total[13] = sum(row[13] for row in rows)
    said = f"共 {len(rows)} 个网格、{households:,} 户、{f'{people:,} 人' if people is not None else '人数未知'}"
    write_official(
        book,
        REGISTER,
        paper,
        COLUMNS,
        rows,
        remark=f"{said}；着色的行不在规模范围内；浅黄各列由街道、社区手工填写",
        strong=[number for number, row in enumerate(paper.grids["status"]) if row in {"small", "large", "conflict"}],
        total=total,
        size=A3,
    )


def _row(paper: PlanPaper, grid: dict[Any, Any]) -> tuple[Any, ...]:
    residents = None if pd.isna(grid["residents"]) else int(grid["residents"])
    verdict = judge(grid["households"], residents, grid["kind"], paper.rules)
    members = paper.members(grid["code"])
    return (
        grid["code"],
        grid["name"],
        paper.community_name,
        KIND_LABELS[grid["kind"]].zh,
        grid["bounds"],
        grid["households"],
        residents,
        TEST_LABELS[verdict.households_test].zh,
        TEST_LABELS[verdict.residents_test].zh,
        STATUS_LABELS[verdict.status].zh,
        estates_of(members) or None,
        buildings_of(members) or None,
        len(members),
        round(float(shapely.area(grid["geometry"]))),
        None,
        None,
        None,
        None,
        grid["note"] or None,
    )


def _add_members(book: xlsxwriter.Workbook, paper: PlanPaper) -> None:
    names = dict(zip(paper.grids["code"], paper.grids["name"], strict=True))
    ordered = paper.buildings.sort_values(["grid_code", "id"], na_position="last")
    rows = [
        (
            row["grid_code"],
            names.get(row["grid_code"]),
            row["id"],
            row["estate_name"],
            row["households"],
            row["residents"],
        )
        for row in ordered.to_dict("records")
    ]
    write_official(book, MEMBERS, paper, MEMBER_COLUMNS, rows, remark=f"共 {len(rows):,} 栋楼，按网格排列")
