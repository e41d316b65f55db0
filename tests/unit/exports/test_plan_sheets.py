"""The register's further sheets: why grids are so, what plans are worth, who changes grid."""

from collections import defaultdict
from datetime import UTC, datetime

import openpyxl
import pandas as pd
import pytest

from gis_service.exports.excel import write_register
from gis_service.exports.plan_sheets import (
    CHANGE_COLUMNS,
    CHOICE_COLUMNS,
    REASON_COLUMNS,
    Changes,
    GridReason,
    PlanAccount,
)
from gis_service.partition.explain import Exchange, Explanation
from gis_service.partition.plan_summary import PlanSummary
from gis_service.partition.quality import Quality
from gis_service.plan.continuation import continuation
from gis_service.plan.findings import Finding
from gis_service.plan.rules import Rules, Verdict

RULES = defaultdict(Rules)
ONE, TWO = "999901001001001", "999901001001002"
MADE = datetime(2026, 7, 1, tzinfo=UTC)


def explanation(code, households=400, binding="both", **more):
    values = {
        "code": code, "households": households, "residents": None, "verdict": Verdict("normal", "pass", "unknown"),
        "binding": binding, "room_down": households - 300, "room_up": 500 - households, "units": 4, "estates": 1,
        "border_m": {"community": 120.4, "barrier": 0.0, "line": 300.6, "open": 12.0}, "gives": (), "takes": (),
    }  # fmt: skip
    return Explanation(**{**values, **more})


@pytest.fixture
def account():
    small = Finding("grid_small", "warning", TWO, "网格过小：社区合计也不够", "too small")
    moves = pd.DataFrame(
        {
            "old_code": ["旧一", "旧一", None],
            "new_code": [ONE, TWO, TWO],
            "buildings": [1, 1, 1],
            "households": [400, 100, 0],
            "residents": pd.array([1200, pd.NA, 0], dtype="Int64"),
        }
    )
    return PlanAccount(
        reasons=(
            GridReason(explanation(TWO, 100, "households", takes=(Exchange(ONE, 2, 20, 60),)), (small,)),
            GridReason(explanation(ONE, gives=(Exchange(TWO, 1, 40, 40),)), ()),
        ),
        choices=(
            PlanSummary(
                "调整稿", (7, 8), MADE, Quality(4, 3, 1000.0, 800.0, 2.4, 1600, 650_000), 130, ("today",), ("lines",)
            ),
            PlanSummary("旧版", (1,), MADE),
        ),
        exported=frozenset({"调整稿"}),
        changes=Changes("今日现有网格", "调整稿", continuation(moves), {"旧一": "河东旧网格"}),
    )


@pytest.fixture
def book(tmp_path, plan, about, account):
    grids = plan.grids.assign(community_name="河东社区")
    write_register(tmp_path / "told.xlsx", grids, plan.buildings, rules=RULES, about=about, account=account)
    return openpyxl.load_workbook(tmp_path / "told.xlsx")


def rows_of(sheet):
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows(min_row=3)]


def test_sheets_stand_between_the_register_and_the_buildings(book):
    assert book.sheetnames == ["网格划分登记表", "网格说明", "方案比较", "新旧对照", "楼栋清单", "参数与口径"]


def test_every_grid_says_what_decides_what_bounds_it_and_who_could_give_or_take(book):
    header, first, second = rows_of(book["网格说明"])
    assert header == tuple(label for label, _ in REASON_COLUMNS)
    assert first == (
        ONE, "河东第一网格", "正常", "户数和人数", 100, 100, 4, 1, 120, 0, 301, 12, f"{TWO}：40", None, None,
    )  # fmt: skip
    assert second[3:6] == ("户数", -200, 400)
    assert second[-2:] == (f"{ONE}：20–60", "网格过小：社区合计也不够")


def test_plans_are_compared_and_what_was_not_noted_stays_empty(book):
    header, first, second = rows_of(book["方案比较"])
    assert header == tuple(label for label, _ in CHOICE_COLUMNS)
    assert first == (
        "调整稿", "今日现有网格", "边界沿道路、围墙、水系", 2, 4, 3, 75, 80, 0.6, 12.5, 130, "是",
    )  # fmt: skip
    assert second == ("旧版", "从头划分", None, 1, *(None,) * 8)


def test_the_old_and_the_new_grid_of_everybody_are_told_with_codes_as_text(book):
    sheet = book["新旧对照"]
    header, *rows = rows_of(sheet)
    assert header == tuple(label for label, _ in CHANGE_COLUMNS)
    assert rows == [
        ("旧一", "河东旧网格", ONE, "河东第一网格", 1, 400, 1200, "沿用"),
        ("旧一", "河东旧网格", TWO, "河东第二网格", 1, 100, None, "调整"),
        (None, None, TWO, "河东第二网格", 1, 0, 0, "原无网格"),
    ]
    assert sheet["C4"].data_type == "s"
    assert sheet["C4"].number_format == "@"
    assert "今日现有网格 → 调整稿：共 500 户，其中 100 户（20.0%）、1 栋楼换网格" in sheet["A2"].value


def test_one_plan_alone_is_compared_with_nothing(tmp_path, plan, about, account):
    grids = plan.grids.assign(community_name="河东社区")
    alone = PlanAccount(choices=account.choices[:1])
    write_register(tmp_path / "alone.xlsx", grids, plan.buildings, rules=RULES, about=about, account=alone)
    assert openpyxl.load_workbook(tmp_path / "alone.xlsx").sheetnames == ["网格划分登记表", "楼栋清单", "参数与口径"]
