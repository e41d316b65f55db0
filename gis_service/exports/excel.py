"""The register of grids (网格划分登记表) and the list of sites to open (选址建议表) as Excel workbooks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import xlsxwriter

from gis_service.exports.about import SYNTHETIC_MARK, About
from gis_service.exports.files import replacing
from gis_service.exports.plan_sheets import (
    CHANGE_COLUMNS,
    CHANGES,
    CHOICE_COLUMNS,
    CHOICES,
    REASON_COLUMNS,
    REASONS,
    PlanAccount,
    change_rows,
    choice_rows,
    reason_rows,
)
from gis_service.geo.crs import to_stored
from gis_service.plan.rules import KIND_LABELS, STATUS_LABELS, TEST_LABELS, Rules, judge

TEXTS_STAY_TEXTS = {"strings_to_formulas": False, "strings_to_urls": False}
"""For a workbook: what people typed neither reckons nor leads anywhere, in merged cells neither."""
REGISTER = "网格划分登记表"
MEMBERS = "楼栋清单"
PARAMETERS = "参数与口径"

COLUMNS = (
    ("网格编码", 18),
    ("网格名称", 22),
    ("社区编码", 15),
    ("所属社区", 14),
    ("网格类型", 10),
    ("户数", 8),
    ("人数", 8),
    ("规模判定", 10),
    ("户数检验", 10),
    ("人数检验", 10),
    ("楼栋数", 8),
    ("面积（平方米）", 14),
    ("网格长", 10),
    ("专职网格员", 11),
    ("兼职网格员", 11),
    ("网格党支部", 14),
)
"""Headers and widths of the register; the last four are for the office to fill in."""

MEMBER_COLUMNS = (("楼栋编号", 18), ("网格编码", 18), ("户数", 8), ("人数", 8))

SITES = "选址建议表"
SITES_COVERAGE = "覆盖率变化"
SITE_COLUMNS = (
    ("顺序", 6),
    ("编号", 14),
    ("名称", 22),
    ("最近的有名街道", 18),
    ("社区编码", 15),
    ("所属社区", 14),
    ("经度", 12),
    ("纬度", 12),
    ("新增覆盖户数", 12),
    ("节省步行（户·米）", 16),
    ("造价", 10),
    ("服务能力（户）", 12),
)
COVERAGE_COLUMNS = (
    ("区划代码", 15),
    ("名称", 22),
    ("户数", 10),
    ("现状覆盖户数", 12),
    ("现状覆盖率（%）", 13),
    ("新增后覆盖户数", 13),
    ("新增后覆盖率（%）", 15),
)

_HEADER_ROW = 2
_WRAPPED_FROM = 36
"""Texts of columns from this width on may take several lines."""
_NO_ACCOUNT = PlanAccount()


def write_register(
    path: Path,
    grids: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    rules: Mapping[str, Rules],
    about: About,
    account: PlanAccount = _NO_ACCOUNT,
) -> None:
    """Write the register of grids, why they are so, the plans there are, who changes grid, buildings and parameters.

    Parameters
    ----------
    path
        An ``.xlsx`` file; one that exists is replaced.
    grids
        ``code``, ``name``, ``kind``, ``status``, ``households``, ``residents`` (``<NA>``: the cell stays empty),
        ``community_code``, ``community_name``, ``geometry`` in a metric CRS [m].
    buildings
        ``id``, ``grid_code`` (None: in no grid), ``households``, ``residents``.
    rules
        Community code to the size rule of its plan, by which both tests are reported.
    about
        Provenance; synthetic data are marked in the title of every sheet and in the printed header.
    account
        Reasons, plans and changes; each has a sheet where there is something to tell, plans where there are several.

    Raises
    ------
    InputError
        The suffix is not ``.xlsx`` or the folder does not exist.

    Notes
    -----
    Codes are text cells, because Excel keeps 15 digits of a number; counts are numbers.
    """
    with workbook(path, REGISTER, about) as book:
        totals = _totals(grids, about)
        write_table(book, REGISTER, COLUMNS, _register_rows(grids, buildings, rules), about, totals)
        if account.reasons:
            write_table(book, REASONS, REASON_COLUMNS, reason_rows(account.reasons, grids), about)
        if len(account.choices) > 1:
            write_table(book, CHOICES, CHOICE_COLUMNS, choice_rows(account.choices, account.exported), about)
        if account.changes is not None:
            rows = change_rows(account.changes, grids)
            write_table(book, CHANGES, CHANGE_COLUMNS, rows, about, account.changes.line())
        write_table(book, MEMBERS, MEMBER_COLUMNS, _member_rows(buildings), about)
        write_parameters(book, about)


def write_siting(
    path: Path, sites: gpd.GeoDataFrame, coverage: pd.DataFrame, regions: pd.DataFrame, *, about: About
) -> None:
    """Write the sites to open, what they change in every region, and the parameters.

    Parameters
    ----------
    path
        An ``.xlsx`` file; one that exists is replaced.
    sites, coverage
        Sites and coverage, see :class:`gis_service.reach.siting.result.SitingResult`.
    regions
        ``code`` and ``name``.
    about
        Provenance, question and answer among it.

    Raises
    ------
    InputError
        The suffix is not ``.xlsx`` or the folder does not exist.
    """
    names = dict(zip(regions["code"], regions["name"], strict=True))
    with workbook(path, SITES, about) as book:
        write_table(book, SITES, SITE_COLUMNS, _site_rows(sites, names), about, about.outside)
        write_table(book, SITES_COVERAGE, COVERAGE_COLUMNS, _coverage_rows(coverage, names), about)
        write_parameters(book, about)


@contextmanager
def workbook(path: Path, title: str, about: About) -> Iterator[xlsxwriter.Workbook]:
    """Yield a workbook that takes the place of ``path`` when it is complete; its clock is the results'."""
    with replacing(path, ".xlsx") as temporary, xlsxwriter.Workbook(temporary, TEXTS_STAY_TEXTS) as book:
        book.set_properties(
            {
                "title": f"{about.title} {title}",
                "company": about.operator,
                "created": about.made_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        yield book


def _site_rows(sites: gpd.GeoDataFrame, names: Mapping[str, str]) -> list[tuple[Any, ...]]:
    ordered = sites.sort_values("rank")
    place = to_stored(ordered).geometry
    columns = [
        ordered["rank"], ordered["id"], ordered["name"], ordered["street"], ordered["community_code"],
        ordered["community_code"].map(names), place.x.round(6), place.y.round(6), ordered["households_gained"],
        ordered["saved_m"].round(), ordered["cost"], ordered["capacity"],
    ]  # fmt: skip
    return list(zip(*columns, strict=True))


def _coverage_rows(coverage: pd.DataFrame, names: Mapping[str, str]) -> list[tuple[Any, ...]]:
    rows = []
    for region in coverage.to_dict("records"):
        everybody = region["households"]
        shares = [
            round(100 * region[f"households_{side}"] / everybody, 1) if everybody else None
            for side in ("before", "after")
        ]
        rows.append(
            (
                region["code"],
                names[region["code"]],
                everybody,
                region["households_before"],
                shares[0],
                region["households_after"],
                shares[1],
            )
        )
    return rows


def _register_rows(
    grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, rules: Mapping[str, Rules]
) -> list[tuple[Any, ...]]:
    members = buildings["grid_code"].value_counts()
    ordered = grids.sort_values("code")
    rows = []
    for grid, area_m2 in zip(ordered.to_dict("records"), shapely.area(ordered.geometry.to_numpy()), strict=True):
        own_rules = rules[grid["community_code"]]
        verdict = judge(grid["households"], grid["residents"], grid["kind"], own_rules)
        rows.append(
            (
                grid["code"],
                grid["name"],
                grid["community_code"],
                grid["community_name"],
                KIND_LABELS[grid["kind"]].zh,
                grid["households"],
                grid["residents"],
                STATUS_LABELS[grid["status"]].zh,
                TEST_LABELS[verdict.households_test].zh,
                TEST_LABELS[verdict.residents_test].zh,
                members.get(grid["code"], 0),
                round(float(area_m2)),
            )
        )
    return rows


def _totals(grids: gpd.GeoDataFrame, about: About) -> str:
    """Return the totals over all grids in one line, with what they leave out."""
    residents = grids["residents"].astype("Int64").sum(skipna=False)
    people = "人数未知" if pd.isna(residents) else f"{residents:,} 人"
    total = f"合计 {len(grids):,} 个网格、{grids['households'].sum():,} 户、{people}"
    return f"{total}；{about.outside}" if about.outside else total


def _member_rows(buildings: gpd.GeoDataFrame) -> list[tuple[Any, ...]]:
    ordered = buildings.sort_values(["grid_code", "id"], na_position="first")
    return list(ordered[["id", "grid_code", "households", "residents"]].itertuples(index=False, name=None))


def write_table(
    book: xlsxwriter.Workbook,
    name: str,
    columns: tuple[tuple[str, int], ...],
    rows: list[tuple[Any, ...]],
    about: About,
    totals: str = "",
) -> None:
    """Write a sheet with title, header and rows: texts as text cells, whatever they begin with, numbers as numbers."""
    sheet = book.add_worksheet(name)
    header = book.add_format({"bold": True, "bg_color": "#E8EDF1", "border": 1, "text_wrap": True, "valign": "vcenter"})
    text, number = book.add_format({"num_format": "@"}), book.add_format({"num_format": "#,##0"})
    fraction = book.add_format({"num_format": "#,##0.0#####"})
    wrapped = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    _write_title(book, sheet, name, about, totals)
    for column, (label, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEADER_ROW, column, label, header)
    for line, row in enumerate(rows, start=_HEADER_ROW + 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value, wrapped if columns[column][1] >= _WRAPPED_FROM else text)
            elif not pd.isna(value):
                sheet.write_number(line, column, value, number if value == round(value) else fraction)
    sheet.freeze_panes(_HEADER_ROW + 1, 1)
    sheet.autofilter(_HEADER_ROW, 0, _HEADER_ROW + max(len(rows), 1), len(columns) - 1)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def write_parameters(book: xlsxwriter.Workbook, about: About) -> None:
    """Write the sheet that tells where the figures come from."""
    sheet = book.add_worksheet(PARAMETERS)
    _write_title(book, sheet, PARAMETERS, about)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 90)
    for line, (label, value) in enumerate(about.lines(), start=_HEADER_ROW):
        sheet.write_string(line, 0, label, book.add_format({"bold": True, "valign": "top"}))
        sheet.write_string(line, 1, value, wrapped)


def _write_title(book: xlsxwriter.Workbook, sheet: Any, name: str, about: About, totals: str = "") -> None:
    mark = f"　【{SYNTHETIC_MARK}，不反映真实情况】" if about.synthetic else ""
    sheet.write_string(0, 0, f"{about.title} {name}{mark}", book.add_format({"bold": True, "font_size": 14}))
    date = f"数据日期 {about.data_date.isoformat()}{'　' if totals else ''}{totals}"
    sheet.write_string(1, 0, date, book.add_format({"font_color": "#52606D"}))
    sheet.set_header(f"&L{name}&R{SYNTHETIC_MARK if about.synthetic else ''}")
    sheet.set_footer(f"&L{about.data_date.isoformat()}&R&P / &N")
