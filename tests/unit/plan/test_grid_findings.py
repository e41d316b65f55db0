"""A remark reaches the grids it concerns, and no other."""

import pytest

from gis_service.plan.findings import Finding
from gis_service.plan.grid_findings import Members, findings_of_grid

MEMBERS = Members("c1001", "c1", frozenset({"u1", "u2"}), frozenset({"b1", "7"}), frozenset({"e1"}))


def finding(kind, subject):
    return Finding(kind, "warning", subject, "句", "sentence")


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("grid_large", "c1001"), ("straddling", "c1001"), ("no_households", "c1001"), ("building_too_large", "b1"),
        ("buildings_inseparable", "7"), ("estate_split", "e1"), ("size_indivisible", "u2"), ("size_impossible", "c1"),
    ],
)  # fmt: skip
def test_what_names_a_grid_or_a_part_of_it_concerns_it(kind, subject):
    found = finding(kind, subject)
    assert findings_of_grid([found], MEMBERS) == (found,)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("grid_large", "c1002"), ("building_too_large", "b2"), ("estate_split", "7"), ("size_indivisible", "u3"),
        ("residents_unknown", "c1"), ("grid_small", "u1"),
    ],
)  # fmt: skip
def test_what_names_something_else_does_not(kind, subject):
    assert findings_of_grid([finding(kind, subject)], MEMBERS) == ()


def test_the_order_is_kept():
    told = [finding("straddling", "c1001"), finding("building_too_large", "b1"), finding("grid_large", "c1001")]
    assert findings_of_grid(told, MEMBERS) == tuple(told)
