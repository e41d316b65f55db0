"""Siting runs come back whole, and only what is stored can be spoken of."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from gis_service.db import cities, siting_runs
from gis_service.db.cities import City
from gis_service.errors import InputError
from gis_service.reach.rules import ReachRules
from gis_service.reach.siting.result import SitingResult
from gis_service.reach.siting.rules import SitingRules

from .town import frame, multi, table

RULES = SitingRules(ReachRules(minutes=12.5, speed_m_per_s=0.8), count=2, budget=9.5, time_limit_s=None)
COUNTS = {"buildings": [5, 3], "households": [162, 153], "residents": pd.array([pd.NA, 300], dtype="Int64")}


@pytest.fixture
def result() -> SitingResult:
    coverage = {"code": ["990000000000", "990001001001"], "level": ["city", "community"]}
    for name, counts in COUNTS.items():
        coverage |= {name: counts, f"{name}_before": counts, f"{name}_after": counts}
    return SitingResult(
        candidates=frame(
            {
                "id": ["B", "a", "b"],
                "name": ["东厅", "西厅", "虎𬇙厅"],
                "cost": [1.0, 0.1 + 0.2, np.nan],
                "capacity": [np.nan, 300.0, 0.0],
                "rank": pd.array([pd.NA, 1, 2], dtype="Int64"),
                "households_gained": [np.nan, 33.0, 7.5],
                "saved_m": [np.nan, 123.456_789_012_345_67, np.nan],
                "street": ["清水路", None, None],
                "community_code": ["990001001001", "990001001002", None],
            },
            [shapely.Point(10, 10), shapely.Point(600.123_456, 50), shapely.Point(2000, 2000)],
        ),
        assignment=table(
            {
                "id": ["B01", "B02", "B03"],
                "facility_id": ["F1", None, None],
                "site_id": [None, "a", None],
                "walk_m": [123.456_789_012_345_67, 0.0, np.nan],
                "walk_s": [154.320_986_265_432_1, 0.0, np.nan],
                "covered_before": [True, False, False],
                "covered": [True, True, False],
            }
        ),
        gaps=frame(
            {
                "rank": [1],
                "buildings": [2],
                "households": [500],
                "residents": pd.array([pd.NA], dtype="Int64"),
                "nearest_walk_m": [np.nan],
            },
            [multi(shapely.box(50, 50, 60, 60))],
        ),
        coverage=table(coverage),
        summary={"objective": 1.25, "gap": None, "proved_optimal": False},
    )


def save(connection: Connection, town: City, result: SitingResult, input_hash: str = "ab") -> int:
    made = siting_runs.StoredSiting(
        id=None,
        rules=RULES,
        result=result,
        given=True,
        on_map=False,
        input_hash=input_hash,
        candidates_hash="cd",
        data_date=town.data_date,
        software_version="0.0.0",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    stored = siting_runs.save_siting(connection, town, made)
    assert stored.id is not None
    return stored.id


def test_a_run_comes_back_bit_by_bit(connection: Connection, town: City, result: SitingResult) -> None:
    run_id = save(connection, town, result)
    stored = siting_runs.load_siting(connection, town, run_id)
    assert stored is not None
    assert (stored.id, stored.rules, stored.given, stored.data_date) == (run_id, RULES, True, town.data_date)
    assert (stored.input_hash, stored.candidates_hash, stored.software_version) == ("ab", "cd", "0.0.0")
    assert stored.result.summary == result.summary
    assert_frame_equal(stored.result.assignment, result.assignment, check_exact=True)
    assert_frame_equal(stored.result.coverage, result.coverage)
    for found, expected in ((stored.result.candidates, result.candidates), (stored.result.gaps, result.gaps)):
        assert_geodataframe_equal(found, expected)
        assert found.geometry.to_wkb().tolist() == expected.geometry.to_wkb().tolist()
    assert stored.result.sites["id"].tolist() == ["a", "b"]


def test_the_newest_run_is_loaded_by_default_and_others_by_their_inputs(
    connection: Connection, town: City, result: SitingResult
) -> None:
    assert siting_runs.load_siting(connection, town) is None
    older, newer = save(connection, town, result), save(connection, town, result, "other")
    newest, named = (siting_runs.load_siting(connection, town, input_hash=name) for name in (None, "ab"))
    assert newest is not None
    assert named is not None
    assert (newest.id, named.id) == (newer, older)
    assert cities.derived_work(connection, town)["siting_run"] == 2


def test_a_run_without_candidates_is_a_run_too(connection: Connection, town: City, result: SitingResult) -> None:
    none = replace(
        result,
        candidates=result.candidates.iloc[:0],
        assignment=result.assignment.assign(site_id=None, walk_m=np.nan, walk_s=np.nan, facility_id=None),
        gaps=result.gaps.iloc[:0],
    )
    stored = siting_runs.load_siting(connection, town, save(connection, town, none))
    assert stored is not None
    assert stored.result.sites.empty


def test_a_site_that_is_no_candidate_cannot_be_stored(connection: Connection, town: City, result: SitingResult) -> None:
    with pytest.raises(InputError, match="没有编号为 z 的候选点"):
        save(connection, town, replace(result, assignment=result.assignment.assign(site_id=[None, "z", None])))


@pytest.mark.parametrize(
    ("table_name", "column", "values", "constraint"),
    [
        ("candidates", "cost", [0.0, 1.0, 1.0], "siting_site_cost_positive"),
        ("candidates", "households_gained", [1.0, 1.0, 1.0], "siting_site_gain_iff_rank"),
        ("assignment", "site_id", ["a", "a", None], "siting_building_one_target"),
        ("assignment", "walk_m", [1.0, np.nan, np.nan], "siting_building_walk_iff_target"),
    ],
)
def test_a_run_that_contradicts_itself_is_refused(
    connection: Connection, town: City, result: SitingResult, table_name: str, column: str, values: list[object],
    constraint: str,
) -> None:  # fmt: skip
    wrong = replace(result, **{table_name: getattr(result, table_name).assign(**{column: values})})
    with pytest.raises(IntegrityError, match=f"ck_{constraint}"):
        save(connection, town, wrong)
