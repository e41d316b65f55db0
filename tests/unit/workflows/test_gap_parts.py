"""Gaps that cross borders, cut at those of a region."""

from typing import Any

import pandas as pd
import pytest

from gis_service.audit.limits import Limits
from gis_service.db.snapshot_gaps import GAP_MEMBERS
from gis_service.workflows.gap_parts import parts_of

LIMITS = Limits((5.0, 15.0), 1.0, 0.8)
BUILDINGS = [
    (1, "west", 10, 30, 4, 1000.0, 1000.0),
    (1, "west", 30, 90, None, 1400.0, 1400.0),
    (1, "east", 60, 180, 9, 950.0, 950.0),
    (2, "west", 45, 100, 1, None, None),
    (3, "east", 5, 9, 1, 901.0, 901.0),
    (3, "west", 0, 0, 0, 902.0, 902.0),
]


def gaps() -> list[dict[str, Any]]:
    return [{"rank": rank, "name": f"盲区{rank}", "households": -1, "community_code": "east"} for rank in (1, 2, 3)]


def members(rows: list[tuple[Any, ...]] = BUILDINGS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(GAP_MEMBERS)).astype(GAP_MEMBERS)


def test_a_region_is_told_of_the_part_of_a_gap_that_lies_in_it() -> None:
    second, first = parts_of(gaps(), members(), ["west"], LIMITS)[::-1]
    assert first == {
        "rank": 1, "name": "盲区1", "community_code": "east", "partial": True, "buildings": 2, "households": 40,
        "residents": 120, "elderly": None, "nearest_walk_m": 1000.0, "mean_walk_m": pytest.approx(1300.0),
        "farthest_walk_m": 1400.0, "missing_min": pytest.approx(1300 / 60 - 15), "households_no_path": 0,
        "households_beyond": 30,
    }  # fmt: skip
    assert second == {
        "rank": 2, "name": "盲区2", "community_code": "east", "partial": False, "buildings": 1, "households": 45,
        "residents": 100, "elderly": 1, "nearest_walk_m": None, "mean_walk_m": None, "farthest_walk_m": None,
        "missing_min": None, "households_no_path": 45, "households_beyond": 45,
    }  # fmt: skip


def test_gaps_in_which_nobody_of_the_region_lives_are_not_its_own() -> None:
    assert [part["rank"] for part in parts_of(gaps(), members(), ["west"], LIMITS)] == [1, 2]
    assert [part["rank"] for part in parts_of(gaps(), members(), ["east"], LIMITS)] == [1, 3]
    assert parts_of(gaps(), members(), ["north"], LIMITS) == []


def test_parts_of_all_regions_add_up_to_the_whole_gap() -> None:
    parts = [parts_of(gaps(), members(), [place], LIMITS) for place in ("west", "east")]
    (whole, *_), both = parts_of(gaps(), members(), ["west", "east"], LIMITS), [part for one in parts for part in one]
    for name in ("households", "residents", "buildings", "households_beyond"):
        assert whole[name] == sum(part[name] for part in both if part["rank"] == 1)
    assert whole["partial"] is False


def test_a_walk_as_long_as_the_limit_is_not_beyond_it_however_its_metres_were_added_up() -> None:
    rounded = [
        (1, "west", 10, 30, 4, LIMITS.beyond_m + 1e-9, 1000.0),
        (1, "west", 7, 20, 1, LIMITS.beyond_m + 0.1, 1000.1),
    ]
    assert parts_of(gaps(), members(rounded), ["west"], LIMITS)[0]["households_beyond"] == 7


def test_they_are_ranked_by_households_where_residents_are_unknown() -> None:
    unknown = [(*row[:3], None, *row[4:]) for row in BUILDINGS]
    assert [part["rank"] for part in parts_of(gaps(), members(unknown), ["west"], LIMITS)] == [2, 1]
