import numpy as np
import pandas as pd
import pytest

from gis_service.plan.comparison import compare


def plan(**grid_of_building):
    return pd.DataFrame(
        {
            "building_id": np.array(list(grid_of_building), dtype=object),
            "grid_code": np.array(list(grid_of_building.values()), dtype=object),
        }
    )


def buildings(**counts):
    return pd.DataFrame(
        {
            "id": np.array(list(counts), dtype=object),
            "households": np.array([households for households, _ in counts.values()], dtype=np.int64),
            "residents": pd.array([residents for _, residents in counts.values()], dtype="Int64"),
        }
    )


PEOPLE = buildings(a=(10, 30), b=(20, None), c=(40, 100), d=(5, 9))


def test_people_move_with_their_building():
    found = compare(plan(a="1", b="1", c="2"), plan(a="1", b="2", c="2"), PEOPLE)
    assert (found.households, found.households_moved, found.buildings_moved) == (70, 20, 1)
    assert found.share_moved == pytest.approx(20 / 70)
    assert found.table.to_numpy().tolist()[0] == ["1", "1", 1, 10, 30]
    assert found.table["old_code"].tolist() == ["1", "1", "2"]
    assert found.table["new_code"].tolist() == ["1", "2", "2"]


def test_unknown_residents_stay_unknown():
    found = compare(plan(a="1", b="1"), plan(a="1", b="1"), PEOPLE)
    assert found.table["households"].tolist() == [30]
    assert found.table["residents"][0] is pd.NA


def test_a_building_of_one_plan_only_did_not_move():
    found = compare(plan(a="1", c="2"), plan(a="1", d="2"), PEOPLE)
    assert found.table[["old_code", "new_code"]].to_numpy().tolist() == [["1", "1"], ["2", None], [None, "2"]]
    assert (found.households, found.households_moved) == (10, 0)


def test_the_same_plan_twice_moves_nobody():
    same = plan(a="1", b="2", c="2", d="1")
    found = compare(same, same.iloc[::-1], PEOPLE.iloc[::-1])
    assert found.households_moved == found.buildings_moved == 0
    assert found.table["households"].tolist() == [15, 60]


def test_plans_without_buildings_have_no_share():
    found = compare(plan(), plan(), PEOPLE)
    assert np.isnan(found.share_moved)
    assert len(found.table) == 0
