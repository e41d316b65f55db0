"""Findings on the screen: summed up first, the worst of them named, never a flood."""

from pathlib import Path

import pytest

from gis_service.errors import Text
from gis_service.plan.findings import Finding

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def lines(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import _findings  # noqa: PLC0415 a script's own module

    return _findings


def small(number, severity="warning", kind="grid_small"):
    return Finding(kind, severity, f"{number:03d}", f"第 {number} 个", f"number {number}")


def test_a_flood_is_summed_up_and_cut_off(lines):
    notes = [small(number, "note", "retired_codes") for number in range(30)]
    findings = [*notes, *(small(number) for number in range(40)), small(7, kind="estate_split")]
    told = [line.zh for line in lines.finding_lines(findings, Text("--json 输出", "the output of --json"))]
    assert told[:2] == ["  提醒 41：网格过小 40，小区被拆分 1", "  说明 30：停用编码 30"]
    assert told[2:-1] == [f"  - 第 {number} 个" for number in range(8)]
    assert told[-1] == "  … 另有 63 条，全部见 --json 输出"


def test_faults_come_first_by_the_word_in_the_code(lines):
    told = lines.finding_lines([small(1), small(2, "fault", "building_cut")], Text("x", "x"))
    assert [line.en for line in told] == [
        "  1 faults: 1 building_cut",
        "  1 warnings: 1 grids too small",
        "  - number 2",
        "  - number 1",
    ]


def test_without_findings_nothing_is_told(lines):
    assert lines.finding_lines([], Text("x", "x")) == []
    assert lines.size_lines(0, 0, 0) == []


def test_forced_misses_are_told_from_those_that_may_be_avoided(lines):
    (told,) = lines.size_lines(20, 15, 3)
    assert (
        told.zh == "  规模：20 个有住户的网格中 15 个合规（75.0%）；不合规 5 个，其中 3 个已证明不可避免，2 个可能避免"
    )
    assert told.en.endswith("5 out of range, 3 of them proven to be forced, 2 perhaps avoidable")
    for unknown in (lines.size_lines(20, 15, None), lines.size_lines(20, 20, 0)):
        assert "不可避免" not in unknown[0].zh
