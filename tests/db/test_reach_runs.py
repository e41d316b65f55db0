"""Reach runs come back whole, and only what is stored can be spoken of."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from gis_service.db import reach_runs
from gis_service.db.cities import City
from gis_service.errors import InputError
from gis_service.reach.check import ReachResult
from gis_service.reach.rules import ReachRules

from .town import frame, multi, table

RULES = ReachRules(minutes=12.5, speed_m_per_s=0.8)


@pytest.fixture
def result() -> ReachResult:
    return ReachResult(
        buildings=table(
            {
                "id": ["B01", "B02", "B03"],
                "facility_id": ["F1", None, None],
                "walk_m": [123.456_789_012_345_67, np.nan, np.nan],
                "walk_s": [154.320_986_265_432_1, np.nan, np.nan],
                "walk_back_s": [145.2, np.nan, np.nan],
                "straight_m": [100.0, 0.1 + 0.2, np.nan],
                "covered": [True, False, False],
                "status": ["ok", "no_path", "no_network"],
                "access_m2": [12.5, 0.0, 0.0],
            }
        ),
        circles=frame(
            {"facility_id": ["F1", None], "minutes": [12.5, 12.5]},
            [multi(shapely.box(0, 0, 10, 10)), multi(shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10))],
        ),
        catchments=frame({"facility_id": ["F1"]}, [multi(shapely.box(0, 0, 5, 10))]),
        gaps=frame(
            {
                "rank": [1, 2],
                "name": ["甲社区 · 长街", ""],
                "community_code": ["990001001001", None],
                "buildings": [2, 1],
                "households": [500, 20],
                "residents": pd.array([pd.NA, 60], dtype="Int64"),
                "elderly": pd.array([pd.NA, 6], dtype="Int64"),
                "nearest_walk_m": [np.nan, 1200.5],
                "mean_walk_m": [np.nan, 1350.0],
                "farthest_walk_m": [np.nan, 1400.25],
                "missing_min": [np.nan, 7.5],
                "households_no_path": pd.array([500, pd.NA], dtype="Int64"),
                "facility_id": [None, "F1"],
                "facility_name": [None, "红色驿站"],
            },
            [multi(shapely.box(50, 50, 60, 60)), multi(shapely.box(70, 50, 80, 60))],
        ),
        coverage=table(
            {
                "code": ["990000000000", "990001001001"],
                "level": ["city", "community"],
                "buildings": [5, 3],
                "buildings_covered": [1, 1],
                "households": [162, 153],
                "households_covered": [120, 120],
                "residents": pd.array([pd.NA, 300], dtype="Int64"),
                "residents_covered": pd.array([pd.NA, 300], dtype="Int64"),
            }
        ),
        bands=table(
            {
                "level": ["city", "grid"],
                "code": ["990000000000", "990001001001001"],
                "minutes": [12.5, 12.5],
                **{
                    f"{name}{part}": pd.array([5, 3 if name != "elderly" else pd.NA], dtype="Int64")
                    for name in ("buildings", "households", "residents", "elderly", "children")
                    for part in ("", "_covered", "_straight")
                },
            }
        ),
        service=table(
            {
                "facility_id": ["F1"],
                "households": [120],
                "households_in_reach": [130],
                "area_m2": [np.nan],
                "area_per_hundred_m2": [np.nan],
                "shared_per_hundred_m2": [np.nan],
                "over_capacity": [False],
            }
        ),
        summary={"components": 1, "unreachable": 2, "remark": "桥"},
    )


def save(connection: Connection, town: City, result: ReachResult, input_hash: str = "ab") -> int:
    return reach_runs.save_run(connection, town, result, rules=RULES, input_hash=input_hash, software_version="0.0.0")


def test_a_run_comes_back_bit_by_bit(connection: Connection, town: City, result: ReachResult) -> None:
    run_id = save(connection, town, result)
    stored = reach_runs.load_run(connection, town, run_id)
    assert stored is not None
    assert (stored.id, stored.rules, stored.input_hash, stored.data_date) == (run_id, RULES, "ab", town.data_date)
    assert stored.result.summary == result.summary
    assert_frame_equal(stored.result.buildings, result.buildings, check_exact=True)
    for name in ("coverage", "bands", "service"):
        assert_frame_equal(getattr(stored.result, name), getattr(result, name), check_exact=True)
    for name in ("circles", "catchments", "gaps"):
        found, expected = getattr(stored.result, name), getattr(result, name)
        assert_geodataframe_equal(found, expected)
        assert found.geometry.to_wkb().tolist() == expected.geometry.to_wkb().tolist()


def test_the_newest_run_is_loaded_by_default(connection: Connection, town: City, result: ReachResult) -> None:
    save(connection, town, result)
    newest = save(connection, town, result)
    stored = reach_runs.load_run(connection, town)
    assert stored is not None
    assert stored.id == newest


def test_a_run_that_counts_more_than_lengths_does_not_stand_in_for_the_standard_one(
    connection: Connection, town: City, result: ReachResult
) -> None:
    hashes = {"input_hash": "ab", "software_version": "0.0.0"}
    plain = reach_runs.save_run(connection, town, result, rules=ReachRules(), **hashes)
    steps = reach_runs.save_run(connection, town, result, rules=ReachRules(steps_factor=2.0), **hashes)
    assert reach_runs.load_run(connection, town).id == plain
    assert reach_runs.load_run(connection, town, steps).rules.steps_factor == 2.0


def test_there_may_be_no_run(connection: Connection, town: City) -> None:
    assert reach_runs.load_run(connection, town) is None
    assert reach_runs.load_run(connection, town, 7) is None


def test_an_imagined_facility_cannot_be_stored(connection: Connection, town: City, result: ReachResult) -> None:
    imagined = replace(result, buildings=result.buildings.assign(facility_id=["added-1", None, None]))
    with pytest.raises(InputError, match="added-1"):
        save(connection, town, imagined)


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("walk_m", -1.0, "walk_not_negative"),
        ("walk_m", np.nan, "walk_iff_facility"),
        ("status", "no_path", "facility_iff_ok"),
    ],
)
def test_a_walk_that_contradicts_itself_is_refused(
    connection: Connection, town: City, result: ReachResult, column: str, value: object, constraint: str
) -> None:
    wrong = replace(result, buildings=result.buildings.assign(**{column: value}).iloc[:1])
    with pytest.raises(IntegrityError, match=f"ck_reach_building_{constraint}"):
        save(connection, town, wrong)


def test_the_views_show_the_newest_run_only(connection: Connection, town: City, result: ReachResult) -> None:
    save(connection, town, result)
    save(connection, town, replace(result, gaps=result.gaps.iloc[:1]))
    assert connection.execute(text("SELECT rank, minutes, households FROM api.gap")).all() == [(1, 12.5, 500)]
    circles = connection.execute(text("SELECT facility_name, speed_m_per_s FROM api.service_circle ORDER BY 1")).all()
    assert circles == [("红色驿站", 0.8), (None, 0.8)]
