"""The grids of an assignment: land, sums, status, code and name."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.plan.grids import grids_of
from gis_service.plan.rules import Rules

COMMUNITY = "350982001007"


def units():
    """Return a row of four squares, the third a market."""
    return gpd.GeoDataFrame(
        {
            "unit": np.arange(4),
            "special": np.array([None, None, "农贸市场", None], dtype=object),
            "households": np.array([200, 150, 3, 120], dtype=np.int64),
            "residents": pd.array([700, 500, pd.NA, 300], dtype="Int64"),
        },
        geometry=[shapely.box(100 * i, 0, 100 * i + 100, 100) for i in range(4)],
        crs="EPSG:4549",
    )


def test_a_grid_is_the_union_of_its_units_with_their_sums_status_code_and_name():
    grids, rows = grids_of(units(), np.array([7, 7, 0, 5]), COMMUNITY, Rules())
    assert grids["code"].tolist() == [COMMUNITY + "001", COMMUNITY + "002", COMMUNITY + "003"]
    assert grids["name"].tolist() == ["第1网格", "农贸市场", "第3网格"]
    assert grids["kind"].tolist() == ["base", "special", "base"]
    assert grids["status"].tolist() == ["normal", "special", "small"]
    assert grids["households"].tolist() == [350, 3, 120]
    assert grids["households"].dtype == np.int64
    assert grids["residents"].tolist() == [1200, pd.NA, 300]
    assert grids["residents"].dtype == "Int64"
    assert rows.tolist() == [0, 0, 1, 2]
    assert grids.crs == units().crs
    assert grids.geometry.iloc[0].equals(shapely.box(0, 0, 200, 100))
    assert set(grids.geom_type) == {"MultiPolygon"}


def test_residents_are_unknown_as_soon_as_one_units_are():
    grids, _ = grids_of(units(), np.array([0, 0, 0, 0]), COMMUNITY, Rules())
    assert grids["residents"].isna().all()
    assert grids["households"].tolist() == [473]


def test_a_grid_of_units_without_households_is_empty_and_a_special_one_stays_special():
    nobody = units().assign(households=np.zeros(4, dtype=np.int64), residents=pd.array([0] * 4, dtype="Int64"))
    grids, _ = grids_of(nobody, np.array([0, 0, 1, 2]), COMMUNITY, Rules())
    assert grids["status"].tolist() == ["empty", "special", "empty"]


def test_codes_in_use_are_not_given_again():
    grids, rows = grids_of(units(), np.array([0, 0, 1, 2]), COMMUNITY, Rules(), taken=[COMMUNITY + "001"])
    assert grids["code"].tolist() == [COMMUNITY + "002", COMMUNITY + "003", COMMUNITY + "004"]
    assert grids["name"].tolist() == ["第2网格", "农贸市场", "第4网格"]
    assert rows.tolist() == [0, 0, 1, 2]


def test_the_units_are_left_as_they_were():
    given = units()
    grids_of(given, np.array([1, 0, 2, 0]), COMMUNITY, Rules())
    pd.testing.assert_frame_equal(given, units())


def test_kept_codes_and_names_go_before_new_ones_which_avoid_them():
    kept = {"kept_codes": {4: COMMUNITY + "007", 9: COMMUNITY + "801"}, "kept_names": {4: "第2网格"}}
    grids, rows = grids_of(
        units(), np.array([5, 4, 9, 6]), COMMUNITY, Rules(), taken=[COMMUNITY + "001"], taken_names=["第3网格"], **kept
    )
    #  001 is taken, 002 and 003 would be named like others
    assert grids["code"].tolist() == [COMMUNITY + number for number in ("004", "005", "007", "801")]
    assert grids["name"].tolist() == ["第4网格", "第5网格", "第2网格", "农贸市场"]
    assert rows.tolist() == [0, 2, 3, 1]
