"""The statement on the division of a community (划分说明): rules, basis, result and exceptions on one page."""

from collections.abc import Sequence
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from gis_service.exports.about import SYNTHETIC_MARK, target_of
from gis_service.exports.plan_paper import Irregular, PlanPaper, listed
from gis_service.exports.printing import face_of, write_pdf
from gis_service.plan.priorities import HARD_RULES, SOFT_RULES
from gis_service.plan.rules import BASIS_LABELS, STATUS_LABELS, UNTESTED
from gis_service.plan.spacing import set_apart

TEMPLATE = "plan_statement.html"
FIRST = "首次划分，此前没有生效的方案，也没有现有网格"
"""What changes where there was nothing before."""
ROOM_MM, ROW_MM, LINE_MM = 100.0, 1.7, 3.7
"""Height that the rows of the table of exceptions have on the one page, and of a row: its edges, and each line."""
GRIDS_SIGNS, FAULT_SIGNS, REASON_SIGNS = 7, 30, 20
"""Full-width signs a line of each column has room for."""
TEXT_SIGNS, TEXT_LINE_MM = 49, 5.1
"""Full-width signs a line of plain text has room for, and its height."""
DATA_LINES, MOST_DATA_LINES = 3, 9
"""Lines that the sources have without taking room from the exceptions, and at most."""
LONGEST_SIGNS = 500
"""Longer sentences are cut; the register has them whole."""


def write_statement(path: Path, paper: PlanPaper) -> None:
    """Write the statement.

    Parameters
    ----------
    path
        A ``.pdf`` file; one that exists is replaced.
    paper
        The plan.

    Raises
    ------
    InputError
        The suffix is not ``.pdf`` or the folder does not exist.
    SetupError
        No Chinese font is installed.
    """
    write_pdf(path, TEMPLATE, statement(paper), face_of(paper))


def statement(paper: PlanPaper) -> dict[str, Any]:
    """Return what the statement says, as plain values."""
    about, rules = paper.about, paper.rules
    data = _data(paper)
    told = _fitting(paper.irregular, ROOM_MM - TEXT_LINE_MM * max(0, lines_of(data) - DATA_LINES))
    return {
        "heading": set_apart(paper.full_name, "网格划分说明"),
        "community": paper.community_name,
        "title": paper.title,
        "state": paper.state,
        "mark": SYNTHETIC_MARK if about.synthetic else "",
        "date": about.data_date.isoformat(),
        "size": f"每个基础网格 {rules.households_min}–{rules.households_max} 户，或 {rules.residents_min}–"
        f"{rules.residents_max} 人（含端点）；判定依据：{BASIS_LABELS[rules.basis].zh}；"
        f"目标每格 {target_of(rules):g} 户；专属网格和无住户的网格不检验规模",
        "hard": "；".join(rule.zh for rule in HARD_RULES.values()),
        "soft": " ＞ ".join(SOFT_RULES[rule].zh for rule in rules.soft_order),
        "data": data,
        "facts": _facts(paper),
        "statuses": "，".join(
            f"{label.zh} {count} 个" for status, label in STATUS_LABELS.items() if (count := _count(paper, status))
        ),
        "changed": FIRST if paper.before is None else paper.before.sentence,
        "compared": paper.before is not None,
        "retired": "" if paper.before is None else listed(paper.before.retired, "个"),
        "codes": f"{paper.grids['code'].iloc[0]} 至 {paper.grids['code'].iloc[-1]}",
        "exceptions": [
            {"grids": "、".join(each.grids) or "—", "fault": _short(each.fault), "reason": _short(each.reason)}
            for each in told
        ],
        "more": len(paper.irregular) - len(told),
        "operator": about.operator,
        "software": about.software_version,
    }


def _facts(paper: PlanPaper) -> list[tuple[str, str]]:
    base = paper.grids[~paper.grids["status"].isin(UNTESTED)]
    normal = int((base["status"] == "normal").sum())
    facts = [
        (f"{len(paper.grids)}", "网格"),
        (f"{int(paper.grids['households'].sum()):,}", "户"),
        ("未知" if paper.residents is None else f"{paper.residents:,}", "人"),
        (f"{normal} / {len(base)}", "规模符合的网格"),
    ]
    if len(base):
        facts.append((f"{base['households'].min():,}–{base['households'].max():,}", "最少、最多户数"))
    return facts


def _count(paper: PlanPaper, status: str) -> int:
    return int((paper.grids["status"] == status).sum())


def _data(paper: PlanPaper) -> str:
    """Return where the data are from, cut where they would take the room of the first exception."""
    about = paper.about
    left_mm = ROOM_MM - sum(_height_mm(each) for each in paper.irregular[:1])
    most = min(MOST_DATA_LINES, DATA_LINES + max(0, int(left_mm // TEXT_LINE_MM)))
    return cut_to("；".join(about.sources) + "。" + (f"{about.derived}。" if about.derived else ""), most)


def lines_of(text: str) -> int:
    """Return how many lines of the page a text takes."""
    return ceil(_width(text) / TEXT_SIGNS)


def cut_to(text: str, lines: int) -> str:
    """Return a text, or as much of its beginning as some lines of the page hold, and a sign that it goes on."""
    if lines_of(text) <= lines:
        return text
    ends = accumulate(map(_width, text))
    return text[: sum(end <= lines * TEXT_SIGNS - 1 for end in ends)] + "…"


def _fitting(irregular: Sequence[Irregular], left_mm: float) -> list[Irregular]:
    """Return the first exceptions that some height has room for, none of them cut, and at least one."""
    told: list[Irregular] = []
    for each in irregular:
        left_mm -= _height_mm(each)
        if left_mm < 0.0 and told:
            break
        told.append(each)
    return told


def _height_mm(irregular: Irregular) -> float:
    """Return how high the row of an exception is."""
    texts = (
        ("、".join(irregular.grids), GRIDS_SIGNS),
        (irregular.fault, FAULT_SIGNS),
        (irregular.reason, REASON_SIGNS),
    )
    return ROW_MM + LINE_MM * max(ceil(_width(_short(text)) / signs) for text, signs in texts)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SIGNS else text[: LONGEST_SIGNS - 1] + "…"


def _width(text: str) -> float:
    """Return how wide a text is, in full-width signs."""
    return sum(1.0 if east_asian_width(sign) in "WFA" else 0.6 for sign in text)
