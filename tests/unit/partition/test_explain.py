import json

import numpy as np
import pytest

from gis_service.partition.explain import Exchange, explain
from gis_service.plan.grids import grids_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import SIDE_M, graph_of, lattice, units_frame

RULES = Rules(households_min=300, households_max=500, basis="households")


def explained(cells, households, labels, *lines, rules=RULES, kind="river", locked=None, **columns):
    units = units_frame(cells, households, **columns)
    grids, rows = grids_of(units, np.asarray(labels), "350981001001", rules)
    return explain(units, graph_of(cells, *lines, kind=kind), rows, grids, rules, locked=locked), grids


def test_a_grid_may_give_a_unit_that_neither_grid_misses():
    (west, east), grids = explained(lattice(5, 1), [150, 150, 100, 150, 150], [0, 0, 0, 1, 1])
    code = dict(enumerate(grids["code"]))
    assert west.gives == (Exchange(code[1], 1, 100, 100),)
    assert east.takes == (Exchange(code[0], 1, 100, 100),)
    assert east.gives == ()  # 150 more would leave it with 150
    assert (west.room_down, west.room_up) == (100, 100)
    assert west.binding == "households"


def test_a_unit_that_holds_its_grid_together_is_not_offered():
    # The middle of the western row touches the eastern grid below it, but its neighbours hang on it.
    cells = [(0, 0), (1, 0), (2, 0), (1, 1), (1, 2)]
    (first, second), _ = explained(cells, [120, 60, 250, 300, 60], [0, 0, 0, 1, 1])
    assert first.gives == ()
    assert first.takes == ()
    assert second.households == 360


def test_a_grid_out_of_range_may_take_what_brings_it_nearer():
    (west, east), grids = explained(lattice(4, 1), [200, 50, 150, 300], [0, 0, 1, 1])
    assert west.verdict.status == "small"
    assert west.room_down == -50
    assert west.takes == (Exchange(grids["code"][1], 1, 150, 150),)
    assert east.gives == (Exchange(grids["code"][0], 1, 150, 150),)


def test_an_estate_changes_hands_as_a_whole():
    (west, east), grids = explained(
        lattice(5, 1), [300, 60, 40, 200, 200], [0, 0, 0, 1, 1], estate_id=[None, "E", "E", None, None]
    )
    assert west.gives == (Exchange(grids["code"][1], 1, 100, 100),)
    assert (west.estates, east.estates) == (1, 0)


def test_of_an_estate_in_two_grids_each_may_give_its_own_units_only():
    (west, east), grids = explained(
        lattice(5, 1), [300, 60, 40, 60, 300], [0, 0, 0, 1, 1], estate_id=[None, "E", "E", "E", None]
    )
    assert west.gives == (Exchange(grids["code"][1], 1, 40, 40),)
    assert east.gives == (Exchange(grids["code"][0], 1, 60, 60),)


def test_special_grids_neither_give_nor_take():
    (one, two), _ = explained(lattice(4, 1), [200, 200, 100, 100], [0, 0, 1, 1], special=[None, None, "市场", "市场"])
    base, special = (one, two) if one.binding != "none" else (two, one)
    assert base.gives == base.takes == special.gives == special.takes == ()
    assert special.verdict.status == "special"


def test_a_locked_grid_neither_gives_nor_takes():
    cells, households, labels = lattice(8, 1), [150, 150, 100, 150, 150, 100, 150, 150], [0, 0, 0, 1, 1, 1, 2, 2]
    (first, second, _), grids = explained(cells, households, labels)
    assert [each.code for each in first.gives] == [grids["code"][1]]
    assert [each.code for each in second.takes] == [grids["code"][0]]
    (west, middle, east), grids = explained(cells, households, labels, locked=np.array([True, False, False]))
    assert west.gives == west.takes == ()
    assert [each.code for each in middle.gives] == [grids["code"][2]]
    assert [each.code for each in east.takes] == [grids["code"][1]]


def test_residents_may_be_what_decides():
    rules = Rules(households_min=300, households_max=500, residents_min=1000, residents_max=1500, basis="either")
    (only,), _ = explained(lattice(2, 1), [100, 100], [0, 0], rules=rules, residents=[600, 600])
    assert only.binding == "residents"
    assert only.room_up is None
    (both,), _ = explained(lattice(2, 1), [200, 200], [0, 0], rules=rules, residents=[600, 600])
    assert both.binding == "both"
    (unknown,), _ = explained(lattice(2, 1), [200, 200], [0, 0], rules=rules)
    assert unknown.binding == "households"


def test_the_border_is_told_by_what_it_runs_along():
    river = [(2 * SIDE_M, 0), (2 * SIDE_M, -SIDE_M)]
    (west, _), _ = explained(lattice(4, 2), [100] * 8, [0, 0, 1, 1, 0, 0, 1, 1], river)
    assert west.border_m == pytest.approx({"community": 6 * SIDE_M, "barrier": SIDE_M, "line": 0.0, "open": SIDE_M})
    (west, _), _ = explained(lattice(4, 2), [100] * 8, [0, 0, 1, 1, 0, 0, 1, 1], river, kind="road")
    assert west.border_m["line"] == pytest.approx(SIDE_M)


def test_an_explanation_is_plain_json():
    (first, _), _ = explained(lattice(4, 1), [200, 200, 200, 200], [0, 0, 1, 1])
    values = json.loads(json.dumps(first.as_dict()))
    assert values["verdict"]["status"] == "normal"
    assert values["border_m"]["open"] == 100
