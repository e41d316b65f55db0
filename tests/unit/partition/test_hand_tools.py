"""Least changes between grids, by hand-computable examples and by trying everything."""

from itertools import combinations

import numpy as np
import pytest

from gis_service.errors import InputError
from gis_service.partition import hand_tools
from gis_service.partition.draft_land import land_graph
from gis_service.partition.hand_tools import balance_two, fix_grid
from gis_service.plan.applying import apply
from gis_service.plan.judgement import judgement
from gis_service.plan.operations import Assign, Lock, MakeSpecial, Unassign
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import is_connected
from tests.unit.plan.drafts import draft_cells

HOUSEHOLDS = Rules(basis="households")


def totals(draft):
    return {key: total.households for key, total in draft.totals.items() if total.units}


def test_one_unit_goes_from_a_grid_too_large_to_its_neighbour():
    draft = draft_cells(8, 1, [7, 7, 7, 7, 3, 3, 3, 3], [150, 150, 150, 100, 100, 100, 100, 50])
    assert fix_grid(draft, 7, HOUSEHOLDS) == Assign(((3, ("u0004",)),))
    assert balance_two(draft, 7, 3, HOUSEHOLDS) == Assign(((3, ("u0004",)),))


def test_a_grid_of_two_sizes_is_split_by_itself():
    draft = draft_cells(6, 1, [4] * 6, [130, 120, 120, 110, 110, 110])
    assert fix_grid(draft, 4, HOUSEHOLDS) == Assign(((5, ("u0004", "u0005", "u0006")),))


def test_a_small_grid_joins_the_neighbour_that_has_room():
    draft = draft_cells(5, 1, [0, 0, 1, 2, 2], [200, 250, 100, 150, 150])
    done = apply(draft, fix_grid(draft, 1, HOUSEHOLDS))
    assert totals(done) == {0: 450, 2: 400}


def test_of_a_grid_too_large_by_one_unit_is_told_without_a_search(monkeypatch):
    draft = draft_cells(3, 1, [0, 1, 2], [400, 900, 400])
    monkeypatch.setattr(hand_tools, "repair", None)
    with pytest.raises(InputError, match="900 户"):
        fix_grid(draft, 1, HOUSEHOLDS)


def test_more_grids_are_asked_only_where_one_neighbour_is_not_enough():
    # 0 has no room beside 1, but 1 has beside 2: households go through.
    draft = draft_cells(8, 1, [0, 0, 0, 1, 1, 1, 2, 2], [200, 200, 120, 170, 150, 160, 150, 160])
    done = apply(draft, fix_grid(draft, 0, HOUSEHOLDS))
    assert all(300 <= count <= 500 for count in totals(done).values())
    assert judgement(done, HOUSEHOLDS) == []


def test_a_stray_piece_goes_to_a_neighbour():
    draft = draft_cells(5, 1, [0, 0, 1, 1, 0], [200, 200, 200, 100, 50])
    assert fix_grid(draft, 0, HOUSEHOLDS) == Assign(((1, ("u0005",)),))


def test_locked_and_special_grids_and_land_without_a_grid_stay():
    draft = draft_cells(5, 1, [0, 0, 1, 2, 2], [200, 250, 100, 150, 150])
    locked = apply(draft, Lock(0))
    assert totals(apply(locked, fix_grid(locked, 1, HOUSEHOLDS))) == {0: 450, 2: 400}
    alone = apply(apply(draft, Lock(0)), MakeSpecial(2, "市场"))
    with pytest.raises(InputError, match="100 户"):
        fix_grid(alone, 1, HOUSEHOLDS)
    with pytest.raises(InputError, match="100 户"):
        fix_grid(apply(apply(draft, Lock(0)), Unassign(("u0004", "u0005"))), 1, HOUSEHOLDS)


def test_an_estate_that_lies_in_one_grid_stays_whole():
    estate = [None, None, "e", "e", None, None, None, None]
    draft = draft_cells(8, 1, [0] * 4 + [1] * 4, [150, 150, 120, 110, 60, 60, 60, 70], estate_id=estate)
    done = apply(draft, fix_grid(draft, 0, HOUSEHOLDS))
    assert done.labels.tolist() == [0, 0, 1, 1, 1, 1, 1, 1]


def test_where_range_is_out_of_reach_less_is_wrong_afterwards():
    # The first unit alone is too large; the next belongs to the small neighbour.
    draft = draft_cells(4, 1, [0, 0, 1, 1], [600, 100, 100, 150])
    done = apply(draft, fix_grid(draft, 0, HOUSEHOLDS))
    assert totals(done) == {0: 600, 1: 350}


def test_two_grids_in_range_are_evened_out():
    draft = draft_cells(8, 1, [0] * 6 + [1] * 2, [80, 80, 80, 80, 80, 80, 150, 170])
    done = apply(draft, balance_two(draft, 0, 1, HOUSEHOLDS))
    assert totals(done) == {0: 400, 1: 400}
    with pytest.raises(InputError, match="更均衡"):
        balance_two(done, 0, 1, HOUSEHOLDS)


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        (lambda draft: fix_grid(draft, 0, HOUSEHOLDS), "无需"),
        (lambda draft: fix_grid(draft, 9, HOUSEHOLDS), "9"),
        (lambda draft: fix_grid(apply(draft, Lock(0)), 0, HOUSEHOLDS), "解锁"),
        (lambda draft: fix_grid(apply(draft, MakeSpecial(0, "市场")), 0, HOUSEHOLDS), "基础网格"),
        (lambda draft: balance_two(draft, 0, 0, HOUSEHOLDS), "相邻"),
        (lambda draft: balance_two(draft, 0, 2, HOUSEHOLDS), "相邻"),
        (lambda draft: balance_two(draft, 1, 2, Rules(households_min=450, basis="households")), "800 户"),
    ],
)
def test_what_no_tool_can_do_is_refused_with_a_reason(tool, words):
    with pytest.raises(InputError, match=words):
        tool(draft_cells(6, 1, [0, 0, 1, 1, 2, 2], 200))


@pytest.mark.parametrize("seed", range(6))
def test_balancing_moves_no_more_than_the_best_of_all_divisions(seed):
    rng = np.random.default_rng(seed)
    households = rng.integers(30, 130, 12)
    households[:6] += 25
    draft = draft_cells(4, 3, [0, 0, 1, 1] * 3, households.tolist())
    graph = land_graph(draft.land)
    total, best = int(households.sum()), None
    for size in range(1, 12):
        for chosen in combinations(range(12), size):
            held = np.isin(np.arange(12), chosen)
            people = int(households[held].sum())
            sized = min(people, total - people) >= 300 and max(people, total - people) <= 500
            if sized and all(is_connected(graph, np.flatnonzero(half)) for half in (held, ~held)):
                moved = int(households[held != (draft.labels == 0)].sum())
                best = moved if best is None else min(best, moved)
    in_range = all(300 <= count <= 500 for count in totals(draft).values())
    if best is None:
        with pytest.raises(InputError):
            balance_two(draft, 0, 1, HOUSEHOLDS)
    elif not in_range:
        done = apply(draft, balance_two(draft, 0, 1, HOUSEHOLDS))
        assert all(300 <= count <= 500 for count in totals(done).values())
        assert judgement(done, HOUSEHOLDS) == []
        moved = int(households[done.labels != draft.labels].sum())
        # A little more may move where the shape gets much better.
        assert best <= moved <= best + 40
