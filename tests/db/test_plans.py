"""Units and plans come back, are shared and are replaced as a whole."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from sqlalchemy import Connection, text

from gis_service.db import plans, units
from gis_service.db.cities import City
from gis_service.errors import InputError, UnknownPlanError

from .town import LABELS, WEST, save_test_plan, table


def test_units_come_back_with_the_sums_of_their_buildings(
    connection: Connection, planned_town: City, town_units: gpd.GeoDataFrame, town_unit_buildings: pd.DataFrame
) -> None:
    found = units.load_units(connection, planned_town, WEST)
    assert found is not None
    assert_geodataframe_equal(found.units, town_units)
    assert found.units.geometry.to_wkb().tolist() == town_units.geometry.to_wkb().tolist()
    assert_frame_equal(found.unit_buildings, town_unit_buildings)


def test_a_community_that_was_never_cut_has_no_units(connection: Connection, planned_town: City) -> None:
    assert units.load_units(connection, planned_town, "990001001002") is None


def test_an_unknown_community_is_named(connection: Connection, planned_town: City) -> None:
    with pytest.raises(InputError, match="990001001009"):
        units.load_units(connection, planned_town, "990001001009")


def test_a_plans_record_comes_back(connection: Connection, planned_town: City) -> None:
    (record,) = plans.load_plans(connection, planned_town)
    assert (record.community_code, record.name, record.rules, record.seed, record.data_date) == (
        WEST,
        "first",
        {"basis": "either"},
        2**40,
        planned_town.data_date,
    )
    assert record.findings == {"findings": [{"kind": "grid_small"}]}
    assert record.created_at.tzinfo is not None


def test_grids_come_back_with_their_plan(
    connection: Connection, planned_town: City, town_grids: gpd.GeoDataFrame
) -> None:
    records = plans.load_plans(connection, planned_town)
    found = plans.load_grids(connection, planned_town, records)
    assert found["community_code"].tolist() == [WEST, WEST]
    assert found["plan_id"].tolist() == [records[0].id] * 2
    assert_geodataframe_equal(found.drop(columns=["community_code", "plan_id"]), town_grids)
    assert found.geometry.to_wkb().tolist() == town_grids.geometry.to_wkb().tolist()


def test_the_assignment_comes_back_for_units_and_buildings(
    connection: Connection, planned_town: City, town_units: gpd.GeoDataFrame
) -> None:
    records = plans.load_plans(connection, planned_town)
    found = plans.load_assignment(connection, planned_town, records)
    assert_geodataframe_equal(found.units[town_units.columns], town_units)
    assert found.units["grid_code"].tolist() == ["990001001001002", "990001001001002", "990001001001001"]
    expected = table(
        {
            "building_id": ["B01", "B03"],
            "unit": [0, 2],
            "community_code": [WEST, WEST],
            "plan_id": [records[0].id] * 2,
            "grid_code": ["990001001001002", "990001001001001"],
        }
    )
    assert_frame_equal(found.buildings, expected)


def test_no_plans_give_empty_frames_with_all_columns(connection: Connection, planned_town: City) -> None:
    full = plans.load_assignment(connection, planned_town, plans.load_plans(connection, planned_town))
    empty = plans.load_assignment(connection, planned_town, [])
    assert empty.units.dtypes.to_dict() == full.units.dtypes.to_dict()
    assert empty.buildings.dtypes.to_dict() == full.buildings.dtypes.to_dict()
    assert plans.load_grids(connection, planned_town, []).empty


def test_a_plan_of_the_same_name_is_replaced_and_units_are_kept(
    connection: Connection, planned_town: City, town_grids: gpd.GeoDataFrame
) -> None:
    before = connection.scalars(text("SELECT id FROM unit ORDER BY id")).all()
    save_test_plan(connection, planned_town, "first", LABELS[::-1], town_grids)
    (record,) = plans.load_plans(connection, planned_town)
    units = plans.load_assignment(connection, planned_town, [record]).units
    assert units["grid_code"].str[-1].tolist() == ["1", "2", "2"]
    assert connection.scalars(text("SELECT id FROM unit ORDER BY id")).all() == before
    assert connection.scalar(text("SELECT count(*) FROM grid")) == 2


def test_the_newest_plan_is_loaded_unless_another_is_named(
    connection: Connection, planned_town: City, town_grids: gpd.GeoDataFrame
) -> None:
    save_test_plan(connection, planned_town, "second", LABELS, town_grids)
    assert [record.name for record in plans.load_plans(connection, planned_town)] == ["second"]
    assert [record.name for record in plans.load_plans(connection, planned_town, "first")] == ["first"]


def test_an_unknown_plan_is_named_with_those_there_are(connection: Connection, planned_town: City) -> None:
    with pytest.raises(UnknownPlanError, match=r"third.*first"):
        plans.load_plans(connection, planned_town, "third")


def test_a_city_without_plans_gives_none(connection: Connection, town: City) -> None:
    assert plans.load_plans(connection, town) == []


def test_a_label_too_few_is_refused(connection: Connection, planned_town: City, town_grids: gpd.GeoDataFrame) -> None:
    with pytest.raises(ValueError, match="2 labels for the 3 units"):
        save_test_plan(connection, planned_town, "short", np.array([0, 1]), town_grids)
