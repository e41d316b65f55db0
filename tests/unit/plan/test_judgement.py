"""What is wrong with a draft, where, and what cures it, by hand-computable examples."""

from dataclasses import replace

import numpy as np
import pytest

from gis_service.plan.applying import apply
from gis_service.plan.draft import UNASSIGNED, DraftGrid
from gis_service.plan.judged import gained, state_of
from gis_service.plan.judgement import judgement
from gis_service.plan.operations import Assign, Lock, MakeSpecial, Note, Unassign, Unlock
from gis_service.plan.rules import Rules
from tests.unit.plan.drafts import draft_cells, draft_squares

HOUSEHOLDS = Rules(basis="households")
RIVER = [(200, 0), (200, -100)]


def kinds(draft, rules=HOUSEHOLDS):
    return [one.finding.kind for one in judgement(draft, rules)]


def only(draft, rules=HOUSEHOLDS):
    (found,) = judgement(draft, rules)
    return found


def test_a_clean_draft_is_complete():
    draft = draft_cells(4, 1, [0, 0, 1, 1], 200)
    assert judgement(draft, HOUSEHOLDS) == []
    assert state_of([], []) == "complete"


def test_a_grid_out_of_range_shows_both_tests_and_asks_the_tool():
    found = only(draft_cells(4, 1, [0, 0, 1, 1], [200, 200, 100, 100], residents=[600, 600, 300, 300]))
    assert found.finding.kind == "grid_small"
    assert "200 户（规则 300–500，不足）" in found.finding.zh
    assert "600 人" in found.finding.zh
    assert found.units == ("u0003", "u0004")
    assert (found.grids, found.cure.tool, found.cure.grid) == ((1,), "fix_grid", 1)
    assert found.extent == pytest.approx(1 / 3)


def test_a_number_at_the_end_of_a_grids_name_does_not_stick_to_the_words_after_it():
    draft = apply(draft_cells(4, 1, [0, 0, 1, 1], [200, 200, 200, 100]), Assign(((2, ("u0001",)),)))
    told = {one.finding.subject: one.finding.zh for one in judgement(draft, HOUSEHOLDS)}
    assert told["新网格 3"].startswith("新网格 3 过小：200 户")


def test_either_test_is_enough_where_the_rules_say_so():
    draft = draft_cells(4, 1, [0, 0, 1, 1], [200, 200, 100, 100], residents=[600, 600, 500, 500])
    assert judgement(draft, Rules()) == []


def test_special_grids_and_land_without_households_have_no_size():
    draft = draft_cells(4, 1, [0, 0, 1, 2], [200, 200, 0, 7])
    assert kinds(apply(draft, MakeSpecial(2, "市场"))) == []


def test_a_grid_in_pieces_gives_the_smaller_piece_to_its_neighbour():
    found = only(draft_cells(5, 1, [0, 0, 1, 1, 0], [200, 200, 200, 100, 50]))
    assert (found.finding.kind, found.finding.severity) == ("grid_in_pieces", "fault")
    assert found.units == ("u0005",)
    assert found.cure.operation == Assign(((1, ("u0005",)),))
    assert "网格 350982001007002" in found.cure.text.zh


def test_pieces_that_land_of_special_grids_parts_are_no_fault():
    draft = draft_cells(3, 1, [0, 1, 0], [200, 0, 150])
    assert kinds(draft) == ["grid_in_pieces"]
    assert kinds(apply(draft, MakeSpecial(1, "公园"))) == []


def test_units_without_a_grid_are_told_patch_by_patch_with_the_grid_they_border_most():
    draft = apply(draft_cells(3, 2, [0, 0, 1, 0, 1, 1], 120), Unassign(("u0002", "u0004")))
    first, second = (one for one in judgement(draft, HOUSEHOLDS) if one.finding.kind == "unit_unassigned")
    assert (first.units, second.units) == (("u0002",), ("u0004",))
    assert first.cure.operation == Assign(((1, ("u0002",)),))
    patch = apply(draft, Unassign(("u0005",)))
    assert next(one.units for one in judgement(patch, HOUSEHOLDS)) == ("u0002", "u0004", "u0005")


def test_a_unit_nobody_can_take_gets_a_new_grid():
    draft = apply(apply(draft_cells(2, 1, [0, 0], 200), Unassign(("u0002",))), Lock(0))
    found = judgement(draft, HOUSEHOLDS)[0]
    assert found.cure.operation == Assign(((1, ("u0002",)),))
    assert "新网格" in found.cure.text.zh


def test_a_grid_on_both_sides_of_a_river_gives_the_lesser_side_away():
    found = only(draft_cells(4, 1, [0, 0, 0, 1], [150, 150, 100, 350], lines=[RIVER]))
    assert found.finding.kind == "straddling"
    assert "100 米" in found.finding.zh
    assert found.units == ("u0003",)
    assert found.cure.operation == Assign(((1, ("u0003",)),))


def test_a_side_that_cannot_stand_alone_is_named_as_the_reason():
    few = only(draft_cells(4, 1, [0, 0, 0, 1], [150, 100, 100, 350], lines=[RIVER]))
    assert "不可避免，西侧合计 250 户" in few.finding.zh
    assert "it is forced, for the western side has 250 households" in few.finding.en
    enough = only(draft_cells(4, 1, [0, 0, 0, 1], [150, 150, 100, 350], lines=[RIVER]))
    assert "不可避免" not in enough.finding.zh


def test_empty_land_beyond_a_river_is_no_straddling():
    assert kinds(draft_cells(4, 1, [0, 0, 0, 1], [200, 150, 0, 350], lines=[RIVER])) == []


def test_an_island_reached_by_a_bridge_is_on_the_side_of_its_bridgehead():
    cells, river = [(0, 0), (1, 0), (2, 0), (4, 0)], [(100, 0), (100, -100)]
    assert kinds(draft_squares(cells, [0, 0, 0, 0], [0, 200, 150, 50], lines=[river])) == []
    assert kinds(draft_squares(cells, [0, 0, 0, 0], [50, 200, 100, 50], lines=[river])) == ["straddling"]


def test_an_island_does_not_stand_alone_where_a_bridge_leads_to_it():
    cells, river = [(0, 0), (1, 0), (2, 0), (4, 0)], [(100, 0), (100, -100)]
    draft = draft_squares(cells, [0, 0, 0, 0], [300, 150, 100, 50], lines=[river])
    (finding,) = (one.finding for one in judgement(draft, HOUSEHOLDS) if one.finding.kind == "straddling")
    assert "不可避免" not in finding.zh


def test_an_estate_that_fits_is_told_where_it_is_split_without_need():
    estate = [None, "e1", "e1", None]
    found = only(draft_cells(4, 1, [0, 0, 1, 1], [200, 150, 100, 250], estate_id=estate))
    assert found.finding.kind == "estate_split"
    assert found.cure.operation == Assign(((0, ("u0003",)),))
    large = draft_cells(4, 1, [0, 0, 1, 1], [100, 300, 300, 100], estate_id=estate)
    assert kinds(large) == []
    apart = draft_cells(4, 1, [0, 0, 1, 1], [150, 200, 200, 150], estate_id=["e1", None, None, "e1"])
    assert kinds(apart) == []


def test_an_estate_counts_with_all_its_patches_and_what_is_in_no_grid_yet():
    def split(labels, households, estate):
        found = judgement(draft_cells(4, 1, labels, households, estate_id=estate), HOUSEHOLDS)
        return [one.finding for one in found if one.finding.kind == "estate_split"]

    patches = ["e1", "e1", None, "e1"]
    (fits,) = split([0, 1, 2, 2], [100, 300, 350, 100], patches)
    assert "共 500 户，可整体放入一个网格" in fits.zh
    assert "with 500 households fits" in fits.en
    assert split([0, 1, 2, 2], [100, 300, 350, 101], patches) == []
    assert len(split([0, 1, UNASSIGNED, UNASSIGNED], [100, 300, 100, 0], ["e1"] * 4)) == 1
    assert split([0, 1, UNASSIGNED, UNASSIGNED], [100, 300, 101, 0], ["e1"] * 4) == []


def test_split_estates_are_called_by_their_names_each_by_its_own():
    estates = ["e1", "e2", "e1", "e2"]
    draft = draft_cells(2, 2, [0, 0, 1, 1], [150, 200, 100, 120], estate_id=estates)
    told = [
        one.finding for one in judgement(draft, HOUSEHOLDS, {"e1": "云祥花园"}) if one.finding.kind == "estate_split"
    ]
    assert [finding.subject for finding in told] == ["e1", "e2"]
    assert ["“云祥花园”" in finding.zh for finding in told] == [True, False]
    assert "“e2”" in told[1].zh


def test_a_locked_grid_has_to_be_unlocked_first():
    draft = apply(draft_cells(5, 1, [0, 0, 1, 1, 0], [100, 100, 200, 100, 50]), Lock(0))
    assert [one.cure.operation for one in judgement(draft, HOUSEHOLDS)] == [Unlock(0), Unlock(0)]


def test_a_legacy_plan_keeps_its_faults_but_gains_none_and_none_may_get_worse():
    base = draft_cells(6, 1, [0, 0, 0, 1, 1, 2], [200, 200, 200, 200, 150, 100])
    old = judgement(base, HOUSEHOLDS)
    assert [one.finding.kind for one in old] == ["grid_large", "grid_small"]
    assert state_of(old, old) == "complete"
    worse = judgement(apply(base, Assign(((0, ("u0004",)),))), HOUSEHOLDS)
    assert [one.about for one in gained(old, worse)] == [("grid_large", "0"), ("grid_small", "1")]
    assert state_of(old, worse) == "incomplete"
    better = judgement(apply(base, Assign(((2, ("u0005",)),))), HOUSEHOLDS)
    assert [one.about for one in gained(old, better)] == [("grid_small", "1")]


def test_two_patches_of_one_estate_that_were_split_before_are_no_gain():
    estate = ["e1", "e1", "e1", None, "e1", "e1"]
    base = draft_cells(6, 1, [0, 1, 2, 2, 3, 4], [60, 60, 60, 300, 60, 60], estate_id=estate)
    split = [one for one in judgement(base, HOUSEHOLDS) if one.finding.kind == "estate_split"]
    assert [one.extent for one in split] == [2.0, 1.0]
    assert gained(split, split) == gained(split, split[::-1]) == []
    assert gained(split[:1], split) == split
    assert gained(split, split[:1]) == []


def test_a_sum_of_metres_in_another_order_is_no_gain():
    (one,) = judgement(draft_cells(4, 1, [0, 0, 0, 1], [150, 150, 100, 350], lines=[RIVER]), HOUSEHOLDS)
    assert gained([one], [replace(one, extent=np.nextafter(one.extent, np.inf))]) == []
    assert len(gained([one], [replace(one, extent=one.extent + 1.0)])) == 1


def test_a_note_explains_a_soft_rule_but_never_a_hard_one():
    base = draft_cells(4, 1, [0, 0, 1, 1], 200)
    small = apply(base, Assign(((2, ("u0004",)),)))
    assert state_of([], judgement(small, HOUSEHOLDS)) == "incomplete"
    noted = apply(apply(small, Note(1, "河西飞地")), Note(2, "单独院落"))
    assert state_of([], judgement(noted, HOUSEHOLDS)) == "complete"
    pieces = apply(draft_cells(3, 1, [0, 1, 0], [200, 300, 200]), Note(0, "飞地"))
    assert state_of([], judgement(pieces, HOUSEHOLDS)) == "incomplete"


def test_units_without_a_grid_leave_a_draft_incomplete_even_if_they_had_none_before():
    empty = draft_cells(2, 1, [-1, -1], 200, grids=[DraftGrid(0)])
    found = judgement(empty, HOUSEHOLDS)
    assert state_of(found, found) == "incomplete"
