"""Findings travel through JSON and sort."""

from gis_service.errors import Text
from gis_service.plan.findings import Finding

SMALL = Finding("grid_small", "warning", "350982001007003", "网格过小", "the grid is too small")


def test_a_finding_survives_the_way_through_json():
    assert Finding.from_dict(SMALL.as_dict()) == SMALL


def test_a_finding_speaks_both_languages():
    assert SMALL.text == Text("网格过小", "the grid is too small")


def test_findings_sort_by_kind_then_severity_then_subject():
    other = Finding("estate_split", "warning", "z", "", "")
    assert sorted([SMALL, other]) == [other, SMALL]
