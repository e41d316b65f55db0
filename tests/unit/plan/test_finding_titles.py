"""Kinds of finding, counted and in the order in which people should look at them."""

from gis_service.plan.finding_titles import counted, title_of, worst_first
from gis_service.plan.findings import Finding


def one(kind, severity, subject="x"):
    return Finding(kind, severity, subject, "", "")


def test_kinds_are_counted_the_worst_first():
    findings = [
        one("no_households", "note"), one("straddling", "warning"), one("grid_small", "warning"),
        one("straddling", "warning", "y"), one("grid_gap", "fault"),
    ]  # fmt: skip
    assert [(severity, number) for severity, _, number in counted(findings)] == [
        ("fault", 1), ("warning", 1), ("warning", 2), ("note", 1),
    ]  # fmt: skip
    assert [finding.kind for finding in worst_first(findings)] == [
        "grid_gap", "grid_small", "straddling", "straddling", "no_households",
    ]  # fmt: skip


def test_a_kind_without_a_title_goes_by_its_word():
    assert title_of("grid_gap").en == "grid_gap"
    assert title_of("grid_small").zh == "网格过小"
