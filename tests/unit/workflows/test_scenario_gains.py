"""What a scenario gains is told of every region above the people it reaches, however many levels lie between."""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from gis_service.reach.comparison import Difference
from gis_service.workflows.scenario_gains import _regions

REGIONS = pd.DataFrame(
    [
        ("1", "市", "city", None),
        ("11", "东县", "county", "1"),
        ("111", "河街道", "street", "11"),
        ("1111", "甲社区", "community", "111"),
        ("1112", "乙社区", "community", "111"),
        ("12", "西县", "county", "1"),
        ("1201", "丙社区", "community", "12"),  # right under its county
    ],
    columns=["code", "name", "level", "parent_code"],
)
CITY = SimpleNamespace(
    regions=REGIONS,
    communities=tuple({"code": code} for code in ("1111", "1112", "1201")),
    community=np.array([0, 0, 1, 2, -1]),
)
STANDING = SimpleNamespace(
    counts={
        "households": np.array([10.0, 5.0, 40.0, 30.0, 0.0]),
        "residents": np.array([20.0, np.nan, 80.0, 60.0, 0.0]),
        "elderly": np.array([1.0, 2.0, 3.0, 4.0, 0.0]),
    }
)


def changed(gained: list[int], lost: list[int]) -> Difference:
    return Difference(pd.DataFrame(), np.array(gained, np.int64), np.array(lost, np.int64), 0, 0)


def test_every_region_above_sums_its_communities_and_those_with_most_come_first() -> None:
    told = _regions(CITY, STANDING, changed([0, 2, 3], [1]))
    households = [(row["code"], row["households_gained"], row["households_lost"]) for row in told]
    assert households == [
        ("11", 50, 5), ("12", 30, 0), ("111", 50, 5), ("1112", 40, 0), ("1201", 30, 0), ("1111", 10, 5),
    ]  # fmt: skip
    assert told[0] == {
        "code": "11",
        "name": "东县",
        "level": "county",
        "households_gained": 50,
        "households_lost": 5,
        "residents_gained": 100,
        "residents_lost": None,  # unknown of the one building that is lost
        "elderly_gained": 4,
        "elderly_lost": 2,
    }


def test_where_nothing_changes_no_region_is_told() -> None:
    assert _regions(CITY, STANDING, changed([], [])) == []
