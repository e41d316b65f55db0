"""Who stays and who goes, counted by hand."""

import pandas as pd
import pytest

from gis_service.plan.continuation import continuation


def table(*rows):
    frame = pd.DataFrame(rows, columns=["old_code", "new_code", "buildings", "households"])
    return frame.assign(residents=pd.array([pd.NA] * len(frame), dtype="Int64"))


def test_who_keeps_the_code_stays_and_the_others_move():
    told = continuation(table(("a", "a", 3, 300), ("a", "b", 1, 50), ("b", "b", 2, 400)))
    assert told.table["continued"].tolist() == [True, False, True]
    assert (told.households, told.households_moved, told.buildings_moved) == (750, 50, 1)
    assert told.share_moved == pytest.approx(50 / 750)


def test_a_grid_that_only_changes_its_code_moves_nobody():
    told = continuation(table(("W1", "001", 3, 300), ("W2", "001", 1, 20), ("W2", "002", 2, 280)))
    assert told.table["continued"].tolist() == [True, False, True]
    assert (told.households_moved, told.buildings_moved) == (20, 1)


def test_a_code_in_both_plans_counts_before_the_most_households():
    told = continuation(table(("a", "a", 1, 10), ("a", "b", 9, 390)))
    assert told.table["continued"].tolist() == [True, False]
    assert told.households_moved == 390


def test_codes_that_each_plan_gave_by_itself_say_nothing_of_who_stays():
    """The second of three grids was dissolved, and the third is numbered second now."""
    rows = table(("1", "1", 3, 300), ("2", "1", 1, 50), ("3", "2", 4, 400))
    assert continuation(rows, by_code=False).table["continued"].tolist() == [True, False, True]
    assert continuation(rows, by_code=False).households_moved == 50
    assert continuation(rows, by_code=True).households_moved == 450


def test_without_households_the_most_buildings_decide():
    told = continuation(table(("W1", "001", 1, 0), ("W1", "002", 4, 0)))
    assert told.table["continued"].tolist() == [False, True]
    assert pd.isna(told.share_moved)


def test_buildings_without_a_grid_on_one_side_neither_stay_nor_move():
    told = continuation(table((None, "a", 2, 90), ("a", "a", 1, 10), ("b", None, 3, 70)))
    assert told.table["continued"].tolist() == [False, True, False]
    assert (told.households, told.households_moved) == (10, 0)


def test_the_order_of_rows_does_not_matter():
    rows = [("W1", "001", 2, 50), ("W1", "002", 2, 50), ("W2", "001", 2, 50), ("W2", "002", 2, 50)]
    forward, backward = continuation(table(*rows)), continuation(table(*rows[::-1]))
    assert forward.table["continued"].tolist() == backward.table["continued"].tolist()[::-1]
    assert forward.households_moved == 100
