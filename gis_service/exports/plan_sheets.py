"""Why grids are as they are, what plans are worth, and who changes grid: rows of the register's further sheets."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from gis_service.partition.explain import Exchange, Explanation
from gis_service.partition.plan_summary import PlanSummary
from gis_service.partition.quality import Quality
from gis_service.plan.continuation import Continuation
from gis_service.plan.findings import Finding
from gis_service.plan.priorities import SOFT_RULES
from gis_service.plan.rules import STATUS_LABELS

REASONS = "网格说明"
CHOICES = "方案比较"
CHANGES = "新旧对照"

BINDING_LABELS = {"households": "户数", "residents": "人数", "both": "户数和人数", "none": "不检验"}

REASON_COLUMNS = (
    ("网格编码", 18), ("网格名称", 22), ("规模判定", 10), ("决定项", 11), ("可减户数", 9), ("可增户数", 9),
    ("单元数", 8), ("整小区数", 9), ("沿社区界（米）", 10), ("沿河流、铁路、快速路（米）", 13),
    ("沿道路、围墙（米）", 11), ("楼间（米）", 10), ("可调出到（户）", 40), ("可调入自（户）", 40), ("说明", 60),
)  # fmt: skip
CHOICE_COLUMNS = (
    ("方案", 28), ("起点", 18), ("首要软性规则", 22), ("社区数", 8), ("网格数", 8), ("规模符合", 9),
    ("规模符合率（%）", 11), ("边界沿线（%）", 10), ("平均紧凑度", 10), ("户数离散（%）", 10), ("调整户数", 9),
    ("本文件", 8),
)  # fmt: skip
CHANGE_COLUMNS = (
    ("原网格编码", 22), ("原网格名称", 22), ("现网格编码", 22), ("现网格名称", 22), ("楼栋数", 8), ("户数", 8),
    ("人数", 8), ("变化", 12),
)  # fmt: skip


@dataclass(frozen=True)
class GridReason:
    """Why one grid is as it is.

    Parameters
    ----------
    explanation
        Sums, tests, room and exchanges.
    findings
        Remarks of the plan that concern it.
    """

    explanation: Explanation
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Changes:
    """Who changes grid from one plan to another.

    Parameters
    ----------
    before, after
        What people call the plans.
    continuation
        The old → new table.
    names_before
        Old code to the name of the grid.
    """

    before: str
    after: str
    continuation: Continuation
    names_before: Mapping[str, str]

    def line(self) -> str:
        """Return the sums in one Chinese sentence."""
        told = self.continuation
        share = "" if isnan(told.share_moved) else f"（{told.share_moved:.1%}）"
        return (
            f"{self.before} → {self.after}：共 {told.households:,} 户，其中 {told.households_moved:,} 户{share}、"
            f"{told.buildings_moved:,} 栋楼换网格；户数、人数均为数据日期当日"
        )


@dataclass(frozen=True)
class PlanAccount:
    """What is told of exported plans beside their grids.

    Parameters
    ----------
    reasons
        One for each grid; empty where the plans' makers did not note any.
    choices
        Every plan there is, the newest first.
    exported
        Names of the plans in the file.
    changes
        Who changes grid; None where there is nothing to compare with.
    quality, households_moved
        What the exported plans are worth together, and households that change grid against what they started from
        [count]; None where that was not noted, or they started from nothing.
    """

    reasons: tuple[GridReason, ...] = ()
    choices: tuple[PlanSummary, ...] = ()
    exported: frozenset[str] = frozenset()
    changes: Changes | None = None
    quality: Quality | None = None
    households_moved: int | None = None


def reason_rows(reasons: Sequence[GridReason], grids: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows of `REASON_COLUMNS`, sorted by code; counts and metres that are not known are None."""
    names = dict(zip(grids["code"], grids["name"], strict=True))
    rows = []
    for reason in sorted(reasons, key=lambda reason: reason.explanation.code):
        told = reason.explanation
        rows.append(
            (
                told.code,
                names.get(told.code),
                STATUS_LABELS[told.verdict.status].zh,
                BINDING_LABELS[told.binding],
                told.room_down,
                told.room_up,
                told.units,
                told.estates,
                *(round(told.border_m[by]) for by in ("community", "barrier", "line", "open")),
                _exchanged(told.gives),
                _exchanged(told.takes),
                "；".join(finding.zh for finding in reason.findings) or None,
            )
        )
    return rows


def choice_rows(choices: Sequence[PlanSummary], exported: frozenset[str]) -> list[tuple[Any, ...]]:
    """Return the rows of `CHOICE_COLUMNS`, in the order of ``choices``; what was not noted is None."""
    return [
        (
            choice.name,
            start_label("、".join(choice.starts)),
            "／".join(SOFT_RULES[rule].zh for rule in choice.first) or None,
            len(choice.keys),
            *_worth(choice),
            choice.households_moved,
            "是" if choice.name in exported else None,
        )
        for choice in choices
    ]


def change_rows(changes: Changes, grids: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows of `CHANGE_COLUMNS`, by old and new code."""
    names = dict(zip(grids["code"], grids["name"], strict=True))
    return [
        (
            row["old_code"],
            changes.names_before.get(row["old_code"]),
            row["new_code"],
            names.get(row["new_code"]),
            row["buildings"],
            row["households"],
            row["residents"],
            _change(row),
        )
        for row in changes.continuation.table.to_dict("records")
    ]


def start_label(start: str) -> str:
    """Return what a plan started from, in Chinese words."""
    return {"": "从头划分", "today": "今日现有网格"}.get(start, start)


def _worth(choice: PlanSummary) -> tuple[float | None, ...]:
    quality = choice.quality
    if quality is None:
        return (None,) * 6
    return (
        quality.grids,
        quality.in_range,
        _rounded(100 * quality.share_in_range, 1),
        _rounded(100 * quality.share_on_lines, 1),
        _rounded(quality.mean_compactness, 3),
        _rounded(100 * quality.imbalance, 1),
    )


def _rounded(value: float, digits: int) -> float | None:
    return None if isnan(value) else round(value, digits)


def _exchanged(exchanges: Sequence[Exchange]) -> str | None:
    return "；".join(f"{each.code}：{_households(each)}" for each in exchanges) or None


def _households(exchange: Exchange) -> str:
    least, most = exchange.households_min, exchange.households_max
    return f"{least}" if least == most else f"{least}–{most}"


def _change(row: Mapping[Hashable, Any]) -> str:
    if pd.isna(row["old_code"]):
        return "原无网格"
    if pd.isna(row["new_code"]):
        return "现无网格"
    return "沿用" if row["continued"] else "调整"
