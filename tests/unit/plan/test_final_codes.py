"""Codes, retired codes and lineage of finished drafts, by hand-computable examples."""

import pytest

from gis_service.errors import InputError
from gis_service.plan.applying import apply
from gis_service.plan.draft import DraftGrid
from gis_service.plan.final_codes import Descended, final_grids
from gis_service.plan.operations import Assign, MakeSpecial, Merge, Rename, Unassign
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import CRS
from tests.unit.plan.drafts import draft_cells
from tests.unit.plan.test_operations import halves

COMMUNITY = "350982001007"
RULES = Rules()


def code(number):
    return f"{COMMUNITY}{number:03d}"


def final(base, draft, taken=()):
    return final_grids(base, draft, COMMUNITY, RULES, taken=taken, crs=CRS)


def two():
    return draft_cells(4, 1, [0, 0, 1, 1], 100)


def test_grids_keep_their_codes_and_names_whatever_land_they_get():
    base = two()
    done = final(base, apply(base, Assign(((0, ("u0003",)),))))
    assert done.codes == {0: code(1), 1: code(2)}
    assert done.grids["name"].tolist() == ["第1网格", "第2网格"]
    assert done.grids["households"].tolist() == [300, 100]
    assert done.retired == ()
    assert done.lineage == (
        Descended(code(1), code(1), "kept", 200, 2),
        Descended(code(2), code(1), "split_from", 100, 1),
        Descended(code(2), code(2), "kept", 100, 1),
    )


def test_new_grids_follow_from_west_to_east_and_pass_over_codes_once_used():
    base = two()
    draft = apply(base, Assign(((2, ("u0004",)), (3, ("u0001",)))))
    done = final(base, draft, taken=[code(4)])
    assert done.codes == {0: code(1), 1: code(2), 2: code(5), 3: code(3)}
    assert done.grids["name"].tolist() == ["第1网格", "第2网格", "第3网格", "第5网格"]
    assert Descended(code(1), code(3), "split_from", 100, 1) in done.lineage


def test_a_grid_without_land_retires_and_its_code_is_not_given_again():
    base = two()
    draft = apply(apply(base, Merge((0,), 1)), Assign(((2, ("u0001",)),)))
    done = final(base, draft)
    assert done.codes == {1: code(2), 2: code(3)}
    assert done.retired == (code(1),)
    assert done.lineage == (
        Descended(code(1), code(2), "merged_into", 100, 1),
        Descended(code(1), code(3), "merged_into", 100, 1),
        Descended(code(2), code(2), "kept", 200, 2),
    )


def test_codes_of_another_form_are_replaced_and_retire():
    grids = [DraftGrid(0, "A-1", "北片"), DraftGrid(1, None, None)]
    base = draft_cells(4, 1, [0, 0, 1, 1], 100, grids=grids)
    done = final(base, base)
    assert done.codes == {0: code(1), 1: code(2)}
    assert done.grids["name"].tolist() == ["北片", "第2网格"]
    assert done.retired == ("A-1",)
    assert [one.how for one in done.lineage] == ["new", "kept"]


def test_pieces_descend_from_the_grid_of_their_unit():
    base = draft_cells(4, 1, [0, 0, 1, 1], 100, residents=[300, 300, 300, 300])
    draft = apply(apply(base, halves()), Assign(((2, ("u0001.2",)),)))
    done = final(base, draft)
    assert done.codes[2] == code(3)
    assert Descended(code(1), code(3), "split_from", 40, 1) in done.lineage
    assert done.rows.tolist() == [0, 2, 0, 1, 1]


def test_special_grids_are_written_as_such_under_the_name_the_planner_gave():
    base = two()
    draft = apply(apply(base, MakeSpecial(1, "农贸市场")), Rename(0, "北片"))
    done = final(base, draft)
    assert done.grids[["code", "name", "kind", "status"]].to_numpy().tolist() == [
        [code(1), "北片", "base", "small"],
        [code(2), "农贸市场", "special", "special"],
    ]


def test_land_without_a_grid_keeps_a_draft_from_being_finished():
    base = two()
    with pytest.raises(InputError, match="还有 1 个单元、100 户没有划入网格"):
        final(base, apply(base, Unassign(("u0004",))))
