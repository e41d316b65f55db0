"""What operations do, when they are refused, and that all of them can be taken back."""

import json
from dataclasses import replace

import pytest
import shapely

from gis_service.errors import InputError
from gis_service.plan.applying import apply, inverse, restore
from gis_service.plan.draft import UNASSIGNED, DraftGrid, draft_bytes, with_changes
from gis_service.plan.history import History, Step, do, redo, undo
from gis_service.plan.land import Border, LandUnit, Recut
from gis_service.plan.operation_records import KINDS, SENT_KINDS, operation_dict, operation_of, sent_operation
from gis_service.plan.operations import (
    Assign,
    Lock,
    MakeBase,
    MakeSpecial,
    Merge,
    NewGrid,
    Note,
    Rename,
    Single,
    SplitUnits,
    Together,
    Unassign,
    Unlock,
)
from gis_service.plan.rebase import rebase
from tests.unit.plan.drafts import draft_cells


def small():
    """Two grids of two units each, in a row of four."""
    return draft_cells(4, 1, [0, 0, 1, 1], 100, residents=[300, None, 200, 200])


def halves(code="u0001", households=(60, 40), residents=(100, 200)):
    """Return the cut of the first unit of `small` into a western and an eastern half."""
    shapes = (shapely.box(0, -100, 50, 0), shapely.box(50, -100, 100, 0))
    come = tuple(
        LandUnit(f"{code}.{number}", "cell", None, None, h, r, shape)
        for number, h, r, shape in zip((1, 2), households, residents, shapes, strict=True)
    )
    borders = (Border(f"{code}.1", f"{code}.2", 100.0, 0.0, 0.0), Border(f"{code}.2", "u0002", 100.0, 0.0, 0.0))
    names = (f"{code}.1", f"{code}.2")
    return SplitUnits(((code, names),), ((names[0], ("a",)), (names[1], ())), Recut((code,), come, (), borders))


STEPS = [
    Assign(((0, ("u0003",)),)),
    Assign(((2, ("u0002", "u0003")),)),
    Assign(((1, ("u0002",)), (2, ("u0003",)), (3, ("u0004",)))),
    Unassign(("u0001", "u0004")),
    Merge((1,), 0),
    halves(),
    NewGrid(2, "东片"),
    MakeSpecial(1, "农贸市场"),
    Together((MakeSpecial(1, "农贸市场"), MakeBase(1), Rename(1, "南片"))),
    Rename(0, "北片"),
    Rename(0, None),
    Lock(0),
    Together((Lock(0), Unlock(0), Note(0, "沿河"))),
    Note(1, "单栋超上限"),
    Together((halves(), Assign(((2, ("u0001.2",)),)))),
]


@pytest.mark.parametrize("operation", STEPS)
def test_every_operation_survives_json_and_is_taken_back_to_the_byte(operation):
    draft = small()
    before = draft_bytes(draft)
    done = apply(draft, operation)
    assert draft_bytes(draft) == before
    assert draft_bytes(done) != before
    assert operation_of(operation_dict(operation)) == operation
    assert draft_bytes(restore(done, inverse(draft, operation))) == before


def test_every_kind_of_operation_is_among_those_tried():
    singles = [single for step in STEPS for single in getattr(step, "operations", [step])]
    assert {Together, *map(type, singles)} == set(KINDS.values())


def test_units_and_counts_follow_the_operations():
    draft = apply(small(), Assign(((0, ("u0003",)), (2, ("u0004",)))))
    assert draft.labels.tolist() == [0, 0, 0, 2]
    assert [total.households for total in draft.totals.values()] == [300, 0, 100]
    assert [total.residents for total in draft.totals.values()] == [None, 0, 200]
    assert draft.next_key == 3
    assert draft.grids[2] == DraftGrid(2)
    assert draft.units_of(0) == ["u0001", "u0002", "u0003"]
    assert apply(draft, Unassign(("u0001",))).labels[0] == UNASSIGNED


def test_pieces_of_a_unit_stay_in_its_grid_and_count_the_same():
    draft = apply(small(), halves())
    assert draft.land.code.tolist() == ["u0001.1", "u0001.2", "u0002", "u0003", "u0004"]
    assert draft.labels.tolist() == [0, 0, 0, 1, 1]
    assert draft.totals[0].households == 200
    assert draft.land.borders.left.tolist() == [0, 1, 2, 3]


def test_a_grid_emptied_by_a_merger_stays_known_and_its_key_is_not_given_again():
    draft = apply(small(), Merge((0,), 1))
    assert draft.labels.tolist() == [1, 1, 1, 1]
    assert list(draft.grids) == [0, 1]
    assert list(apply(draft, Assign(((2, ("u0001",)),))).grids) == [0, 1, 2]


PROVISIONAL = with_changes(
    small(), grids={**small().grids, 1: replace(small().grids[1], code=None, name=None, was="第2网格")}
)
LOCKED = apply(small(), Lock(1))
SPECIAL = draft_cells(
    3,
    1,
    [0, 1, 1],
    10,
    special=[None, "市场", None],
    grids=[DraftGrid(0, "c0", "第1网格"), DraftGrid(1, "c1", "市场", "special")],
)


@pytest.mark.parametrize(
    ("draft", "operation", "words"),
    [
        (small(), Assign(((0, ("u9999",)),)), "u9999"),
        (small(), Assign(((5, ("u0001",)),)), "5"),
        (small(), Assign(((0, ("u0003",)), (1, ("u0003",)))), "两次"),
        (small(), Assign(((0, ("u0003",)), (0, ("u0004",)))), "两次"),
        (small(), Assign(((0, ("u0001",)),)), "不会改变"),
        (small(), Merge((0,), 0), "不会改变"),
        (small(), Together(()), "不会改变"),
        (small(), Unlock(0), "不会改变"),
        (small(), NewGrid(3), "2"),
        (small(), NewGrid(2, "第1网格"), "第1网格"),
        (small(), Rename(0, "  "), "名称"),
        (small(), Rename(0, "一\n二"), "名称"),
        (small(), Rename(0, "长" * 41), "名称"),
        (small(), Rename(0, "第2网格"), "第2网格"),
        (PROVISIONAL, Rename(0, "第2网格"), "暂编网格“第2网格”"),
        (apply(apply(PROVISIONAL, Rename(1, "临时")), Rename(0, "第2网格")), Rename(1, None), "名称“第2网格”已被"),
        (small(), Note(0, "长" * 501), "501"),
        (LOCKED, Assign(((0, ("u0003",)),)), "锁定"),
        (LOCKED, Assign(((1, ("u0001",)),)), "锁定"),
        (LOCKED, Unassign(("u0003",)), "锁定"),
        (LOCKED, Merge((1,), 0), "锁定"),
        (LOCKED, Rename(1, "南片"), "锁定"),
        (LOCKED, MakeSpecial(1, "市场"), "锁定"),
        (apply(small(), Lock(0)), halves(), "锁定"),
        (SPECIAL, Assign(((0, ("u0002",)),)), "专属网格“市场”"),
        (SPECIAL, MakeBase(1), "u0002"),
        (SPECIAL, Merge((0,), 1), "类型"),
        (SPECIAL, Rename(1, None), "名称"),
        (small(), halves("u0007"), "u0007"),
        (small(), halves(households=(60, 41)), "u0001"),
        (small(), halves(households=(110, -10)), "u0001"),
        (small(), halves(residents=(100, 201)), "u0001"),
        (small(), halves(residents=(None, 200)), "u0001"),
        (small(), Together((Assign(((0, ("u0003",)),)), Assign(((0, ("u9999",)),)))), "u9999"),
    ],
)
def test_what_must_not_be_is_refused_with_a_cure_and_changes_nothing(draft, operation, words):
    before = draft_bytes(draft)
    with pytest.raises(InputError) as refused:
        apply(draft, operation)
    assert words in refused.value.text.zh
    assert refused.value.text.en
    assert draft_bytes(draft) == before


def test_pieces_that_miss_land_are_refused():
    cut = halves()
    short = replace(cut.recut.come[1], polygon=shapely.box(50, -99, 100, 0))
    with pytest.raises(InputError, match="面积"):
        apply(small(), replace(cut, recut=replace(cut.recut, come=(cut.recut.come[0], short))))


@pytest.mark.parametrize("other", [{"estate_id": "E1"}, {"special": "市场"}])
def test_pieces_of_another_estate_or_special_grid_than_their_unit_are_refused(other):
    cut = halves()
    come = (cut.recut.come[0], replace(cut.recut.come[1], **other))
    with pytest.raises(InputError, match="u0001"):
        apply(small(), replace(cut, recut=replace(cut.recut, come=come)))


@pytest.mark.parametrize(
    "change",
    [
        lambda cut: {
            "come": tuple(replace(u, polygon=shapely.transform(u.polygon, lambda xy: xy + 7)) for u in cut.come)
        },
        lambda cut: {"come": (cut.come[0], replace(cut.come[1], polygon=shapely.box(40, -100, 90, 0)))},
        lambda _: {"reshaped": (("u0002", shapely.box(100, -100, 199, 0)),)},
        lambda _: {"reshaped": (("u0004", shapely.box(300, -100, 400, 0)),)},
        lambda _: {"reshaped": (("u0002", shapely.box(100, -100, 200, 0).segmentize(60)),)},
        lambda cut: {"borders": (*cut.borders, Border("u0001.1", "u0099", 1.0, 0.0, 0.0))},
    ],
)
def test_pieces_that_do_not_tile_with_the_units_around_are_refused(change):
    cut = halves()
    with pytest.raises(InputError, match="u0001"):
        apply(small(), replace(cut, recut=replace(cut.recut, **change(cut.recut))))


def test_a_locked_grid_may_be_annotated_and_unlocked():
    noted = apply(LOCKED, Note(1, " 已定 "))
    assert noted.grids[1].note == "已定"
    assert not apply(noted, Unlock(1)).grids[1].locked


def test_a_base_unit_may_join_a_special_grid_and_leave_it():
    draft = apply(SPECIAL, Assign(((1, ("u0001",)),)))
    assert apply(draft, Assign(((0, ("u0001", "u0003")),))).labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    "values",
    [
        {},
        [],
        None,
        {"kind": "drop_table"},
        {"kind": "assign"},
        {"kind": "lock", "grid": "1"},
        {"kind": "lock", "grid": True},
        {"kind": "lock", "grid": 1, "note": ""},
        {"kind": "assign", "moves": [[0, "u0001"]]},
        {"kind": "assign", "moves": [[0, [1]]]},
        {"kind": "note", "grid": 0, "note": None},
        {
            "kind": "split_units",
            "cuts": [],
            "buildings": [],
            "recut": {"leave": [], "come": [], "reshaped": {"u": "00"}},
        },
        {**operation_dict(halves()), "recut": {**halves().recut.as_dict(), "borders": [["a", "b", -1.0, 0.0, 0.0]]}},
        {
            **operation_dict(halves()),
            "recut": {**halves().recut.as_dict(), "reshaped": {"u": shapely.Point(0, 0).wkb_hex}},
        },
        {**operation_dict(halves(households=("6", 4)))},
        {"kind": "together", "operations": [{"kind": "together", "operations": []}]},
    ],
)
def test_records_that_are_none_are_refused(values):
    with pytest.raises(InputError):
        operation_of(values)


def test_cuts_are_believed_of_no_client():
    kept = [step for step in STEPS if SplitUnits not in map(type, getattr(step, "operations", [step]))]
    assert [sent_operation(operation_dict(step)) for step in kept] == kept
    assert set(KINDS) - set(SENT_KINDS) == {"split_units"}
    for step in (step for step in STEPS if step not in kept):
        with pytest.raises(InputError, match="划线"):
            sent_operation(operation_dict(step))


def through_json(history):
    """Return a history as the journal gives it back."""
    done = (Step.from_dict(json.loads(json.dumps(step.as_dict()))) for step in history.done)
    return History(tuple(done), tuple(operation_of(operation_dict(operation)) for operation in history.undone))


def test_undo_and_redo_walk_the_history_both_ways_also_over_json():
    draft, history, states = small(), History(), [draft_bytes(small())]
    for step in (Lock(0), Assign(((2, ("u0003",)),)), Rename(2, "东片"), Unlock(0), halves(), Merge((2,), 1)):
        draft, history = do(draft, history, step)
        states.append(draft_bytes(draft))
    history = through_json(history)
    for state in states[-2::-1]:
        draft, history = undo(draft, history)
        assert draft_bytes(draft) == state
    with pytest.raises(InputError, match="撤销"):
        undo(draft, history)
    history = through_json(history)
    for state in states[1:]:
        draft, history = redo(draft, history)
        assert draft_bytes(draft) == state
    with pytest.raises(InputError, match="重做"):
        redo(draft, history)


def test_a_new_operation_ends_what_could_be_done_again():
    draft, history = do(small(), History(), Lock(0))
    draft, history = undo(draft, history)
    draft, history = do(draft, history, Lock(1))
    assert history.undone == ()


def test_a_replay_on_the_same_base_gives_the_same_bytes():
    steps = (Assign(((2, ("u0003",)),)), halves(), NewGrid(3, "西片"), Assign(((3, ("u0001.1",)),)), Merge((3,), 0))
    draft, history = small(), History()
    for step in steps:
        draft, history = do(draft, history, step)
    replayed = rebase(small(), (step.operation for step in history.done), base=small())
    assert draft_bytes(replayed.draft) == draft_bytes(draft)
    assert replayed.steps == history.done
    assert [one.why for one in replayed.repeated] == [None] * len(steps)


def test_on_a_draft_others_have_changed_new_grids_get_new_keys_and_what_cannot_be_is_told():
    theirs = apply(apply(small(), Assign(((2, ("u0004",)),))), Lock(0))
    mine = [NewGrid(2, "东片"), Assign(((2, ("u0003",)),)), Assign(((2, ("u0001",)),)), Rename(2, "南片")]
    found = rebase(theirs, mine, base=small())
    assert found.draft.labels.tolist() == [0, 0, 3, 2]
    assert found.draft.grids[3].name == "南片"
    assert found.draft.grids[2].name is None
    refused = [one for one in found.repeated if one.why is not None]
    assert [(one.operation, one.step, "锁定" in one.why.zh) for one in refused] == [(mine[2], None, True)]


@pytest.mark.parametrize("said", [Rename(1, "临时"), Lock(1), Note(1, "学校"), MakeSpecial(1, "学校")])
def test_nothing_is_said_of_a_grid_that_others_have_merged_away(said: Single):
    merged = apply(small(), Merge((1,), 0))
    found = rebase(merged, [said], base=small())
    assert draft_bytes(found.draft) == draft_bytes(merged)
    assert [(one.step, "没有范围" in one.why.zh) for one in found.repeated if one.why] == [(None, True)]


def test_a_grid_that_never_had_land_can_be_named_again():
    empty = apply(small(), NewGrid(2))
    assert rebase(empty, [Rename(2, "南片")], base=empty).draft.grids[2].name == "南片"
