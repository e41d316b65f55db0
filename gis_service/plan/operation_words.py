"""What an operation does, in a few words: to which grids, from which to which, under what name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gis_service.errors import Text
from gis_service.plan.applying import Restore
from gis_service.plan.draft import UNASSIGNED, DraftGrid
from gis_service.plan.operations import (
    Assign,
    Lock,
    MakeBase,
    MakeSpecial,
    Merge,
    NewGrid,
    Note,
    Operation,
    Rename,
    SplitUnits,
    Together,
    Unassign,
    Unlock,
)

NOTE_TOLD = 40
"""Characters of a remark that are told."""
Names = Mapping[int, Text]
"""What grids are called, by key."""


def operation_words(operation: Operation, names: Names, back: Restore | None) -> Text:
    """Return what an operation does, without its kind: that stands before it.

    Parameters
    ----------
    operation
        What was done, or is to be.
    names
        What the grids are called; those that are not named are new ones.
    back
        What takes it back, which tells where land came from and what grids were called; None: it was not done.

    Examples
    --------
    >>> operation_words(Assign(((1, ("u1", "u2")),)), {1: Text("南片", "South")}, None).zh
    '南片（2 个单元）'
    """
    if isinstance(operation, Together):
        return _joined([operation_words(single, names, back) for single in operation.operations], "，", ", ")
    if back is not None:
        names = {**names, **{grid.key: grid.label for grid in back.grids}}
    return _WORDS[type(operation)](operation, names, () if back is None else tuple(key for key, _ in back.labels))


def _assign(operation: Assign, names: Names, givers: Sequence[int]) -> Text:
    takers = _joined([_with_units(_name(names, key), len(units)) for key, units in operation.moves], "、", ", ")
    return _from(givers, takers, names)


def _unassign(operation: Unassign, names: Names, givers: Sequence[int]) -> Text:
    return _from(givers, _with_units(_name(names, UNASSIGNED), len(operation.units)), names)


def _merge(operation: Merge, names: Names, _: Sequence[int]) -> Text:
    return _from([key for key in operation.grids if key != operation.into], _name(names, operation.into), names)


def _split_units(operation: SplitUnits, names: Names, givers: Sequence[int]) -> Text:
    units, pieces = len(operation.cuts), sum(len(codes) for _, codes in operation.cuts)
    cut = Text(f"{units} 个单元切成 {pieces} 个", f"{units} units into {pieces}")
    within = _joined([_name(names, key) for key in givers], "、", ", ")
    return Text(f"{within.zh}（{cut.zh}）", f"{within.en} ({cut.en})") if within.zh else cut


def _make_special(operation: MakeSpecial, names: Names, _: Sequence[int]) -> Text:
    return _becomes(_name(names, operation.grid), Text(operation.name, operation.name))


def _rename(operation: Rename, names: Names, _: Sequence[int]) -> Text:
    by_number = Text("按编号命名", "named by its number")
    new = by_number if operation.name is None else Text(operation.name, operation.name)
    return _becomes(_name(names, operation.grid), new)


def _new_grid(operation: NewGrid, names: Names, _: Sequence[int]) -> Text:
    return _name(names, operation.grid) if operation.name is None else Text(operation.name, operation.name)


def _note(operation: Note, names: Names, _: Sequence[int]) -> Text:
    grid, note = _name(names, operation.grid), operation.note.strip()
    told = note if len(note) <= NOTE_TOLD else f"{note[: NOTE_TOLD - 1]}…"
    return Text(f"{grid.zh}：{told}", f"{grid.en}: {told}") if told else grid


def _grid_alone(operation: MakeBase | Lock | Unlock, names: Names, _: Sequence[int]) -> Text:
    return _name(names, operation.grid)


_WORDS: Mapping[type[Operation], Callable[[Any, Names, Sequence[int]], Text]] = {
    Assign: _assign,
    Unassign: _unassign,
    Merge: _merge,
    SplitUnits: _split_units,
    NewGrid: _new_grid,
    MakeSpecial: _make_special,
    MakeBase: _grid_alone,
    Rename: _rename,
    Lock: _grid_alone,
    Unlock: _grid_alone,
    Note: _note,
}


def _name(names: Names, key: int) -> Text:
    if key == UNASSIGNED:
        return Text("未划入", "in no grid")
    return names[key] if key in names else DraftGrid(key).label


def _with_units(grid: Text, units: int) -> Text:
    return Text(f"{grid.zh}（{units} 个单元）", f"{grid.en} ({units} units)")


def _from(givers: Sequence[int], takers: Text, names: Names) -> Text:
    if not givers:
        return takers
    before = _joined([_name(names, key) for key in givers], "、", ", ")
    return _becomes(before, takers)


def _becomes(before: Text, after: Text) -> Text:
    return Text(f"{before.zh} → {after.zh}", f"{before.en} → {after.en}")


def _joined(texts: Sequence[Text], zh: str, en: str) -> Text:
    return Text(zh.join(text.zh for text in texts), en.join(text.en for text in texts))
