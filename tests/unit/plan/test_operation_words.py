"""What operations are told as: which grids they concern, before and after."""

import pytest

from gis_service.plan.applying import apply, inverse
from gis_service.plan.operation_words import operation_words
from gis_service.plan.operations import (
    Assign,
    Lock,
    MakeSpecial,
    Merge,
    NewGrid,
    Note,
    Operation,
    Rename,
    Together,
    Unassign,
)
from tests.unit.plan.drafts import draft_cells

BEFORE = apply(apply(draft_cells(4, 1, [0, 0, 1, 1], 100), Rename(0, "北片")), Rename(1, "南片"))


def told(operation: Operation) -> str:
    """Return what the journal tells of an operation: by the names after it, with what takes it back."""
    after = apply(BEFORE, operation)
    names = {key: grid.label for key, grid in after.grids.items()}
    return operation_words(operation, names, inverse(BEFORE, operation)).zh


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Assign(((0, ("u0003",)),)), "南片 → 北片（1 个单元）"),
        (Assign(((2, ("u0002", "u0003")),)), "北片、南片 → 新网格 3（2 个单元）"),
        (Assign(((0, ("u0003",)), (1, ("u0002",)))), "北片、南片 → 北片（1 个单元）、南片（1 个单元）"),
        (Unassign(("u0001",)), "北片 → 未划入（1 个单元）"),
        (Merge((1,), 0), "南片 → 北片"),
        (NewGrid(2, "东片"), "东片"),
        (MakeSpecial(1, "农贸市场"), "南片 → 农贸市场"),
        (Rename(0, "滨江"), "北片 → 滨江"),
        (Rename(0, None), "北片 → 按编号命名"),
        (Lock(0), "北片"),
        (Note(0, "校" * 50), "北片：" + "校" * 39 + "…"),
        (Together((Rename(0, "滨江"), Lock(1))), "北片 → 滨江，南片"),
    ],
)
def test_the_words_name_the_grids_before_and_after(operation: Operation, words: str) -> None:
    assert told(operation) == words


def test_what_was_not_done_is_told_without_where_land_would_come_from() -> None:
    names = {key: grid.label for key, grid in BEFORE.grids.items()}
    assert operation_words(Assign(((0, ("u0003",)),)), names, None).zh == "北片（1 个单元）"
