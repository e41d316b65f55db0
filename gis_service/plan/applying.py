"""What operations do to a draft, when they are refused, and how they are taken back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gis_service.errors import InputError, Text
from gis_service.geo.coverage import IndexArray
from gis_service.plan.draft import UNASSIGNED, Draft, DraftGrid, with_changes
from gis_service.plan.land import Recut, borders_of_units, recut_land
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
from gis_service.plan.recut_checks import check_recut
from gis_service.plan.spacing import set_apart

LONGEST_NAME = 40
"""Characters a name may have, at most."""
LONGEST_NOTE = 500
"""Characters a note may have, at most."""
MOST_GRIDS = 999
"""Grids a draft may make, emptied ones included; there are no more codes than that."""


@dataclass(frozen=True)
class Restore:
    """What gives a draft back the state it had before an operation; only :func:`inverse` makes one.

    Parameters
    ----------
    labels
        Key of a grid, or `UNASSIGNED`, and the codes of units that go back to it; units that were cut are among them.
    grids
        Grids as they were.
    drop
        Keys of grids that were not there.
    next_key
        Key the next new grid got.
    recut
        Cut units that come back; None: none were cut.
    """

    labels: tuple[tuple[int, tuple[str, ...]], ...]
    grids: tuple[DraftGrid, ...]
    drop: tuple[int, ...]
    next_key: int
    recut: Recut | None


def apply(draft: Draft, operation: Operation) -> Draft:
    """Return the draft after an operation.

    Parameters
    ----------
    draft
        The draft before; it does not change.
    operation
        What the planner does.

    Raises
    ------
    InputError
        A unit or grid is unknown, a grid concerned is locked, a unit given as special would go to a base grid, a name
        is empty, too long or taken, pieces do not make up their unit, or nothing would change. The text says which
        and how to cure it.
    """
    if isinstance(operation, Together):
        if not operation.operations:
            raise _nothing()
        for single in operation.operations:
            draft = apply(draft, single)
        return draft
    return _APPLY[type(operation)](draft, operation)


def inverse(draft: Draft, operation: Operation) -> Restore:
    """Return what takes an operation back.

    Parameters
    ----------
    draft
        The draft before the operation.
    operation
        An operation that is not refused.

    Returns
    -------
    Restore
        ``restore(apply(draft, operation), inverse(draft, operation))`` is ``draft`` to the byte. Holds what the
        operation changed and nothing else.

    Raises
    ------
    InputError
        As :func:`apply`.
    """
    return difference(draft, apply(draft, operation))


def difference(before: Draft, after: Draft) -> Restore:
    """Return what gives ``after`` back the state of ``before``; both are of one base."""
    recut = None if before.land is after.land else _land_difference(before, after)
    back = _codes_and_labels(before) - _codes_and_labels(after)
    labels: dict[int, list[str]] = {}
    for code, label in sorted(back):
        labels.setdefault(label, []).append(code)
    return Restore(
        labels=tuple((label, tuple(labels[label])) for label in sorted(labels)),
        grids=tuple(grid for key, grid in before.grids.items() if after.grids.get(key) != grid),
        drop=tuple(key for key in after.grids if key not in before.grids),
        next_key=before.next_key,
        recut=recut,
    )


def restore(draft: Draft, back: Restore) -> Draft:
    """Return the draft as it was before the operation that ``back`` is the inverse of."""
    land = draft.land if back.recut is None else recut_land(draft.land, back.recut)
    labels = np.full(len(land), UNASSIGNED, np.int64)
    if back.recut is None:
        labels[:] = draft.labels
    else:
        labels[:] = _carried(draft, land.code.tolist(), {})
    for key, codes in back.labels:
        labels[[land.position[code] for code in codes]] = key
    grids = {key: grid for key, grid in draft.grids.items() if key not in back.drop}
    grids.update({grid.key: grid for grid in back.grids})
    return with_changes(draft, land=land, labels=labels, grids=grids, next_key=back.next_key)


def _codes_and_labels(draft: Draft) -> set[tuple[str, int]]:
    return set(zip(draft.land.code.tolist(), draft.labels.tolist(), strict=True))


def _land_difference(before: Draft, after: Draft) -> Recut:
    old, new = before.land, after.land
    gone = [code for code in old.code.tolist() if code not in new.position]
    reshaped = [
        (code, polygon)
        for code, polygon in zip(old.code.tolist(), old.polygon, strict=True)
        if code in new.position and polygon is not new.polygon[new.position[code]]
    ]
    return Recut(
        leave=tuple(code for code in new.code.tolist() if code not in old.position),
        come=tuple(old.unit(code) for code in gone),
        reshaped=tuple(reshaped),
        borders=borders_of_units(old, gone),
    )


def _carried(draft: Draft, codes: Sequence[str], parent: Mapping[str, str]) -> list[int]:
    """Return the labels of units that have one, by themselves or by the unit they were cut from."""
    position, labels = draft.land.position, draft.labels.tolist()
    origin = (parent.get(code, code) for code in codes)
    return [labels[position[code]] if code in position else UNASSIGNED for code in origin]


def _assign(draft: Draft, operation: Assign) -> Draft:
    grids = dict(draft.grids)
    next_key = draft.next_key
    for key, _ in operation.moves:
        if key == next_key:
            grids[key], next_key = DraftGrid(key), next_key + 1
    _check_count(next_key)
    if len({key for key, _ in operation.moves}) < len(operation.moves) or _repeat(operation.moves):
        raise InputError(
            Text(
                "同一步操作中，一个单元或网格出现了两次；请刷新页面后重做这一步",
                "a unit or a grid is named twice in one step; reload the page and do this step again",
            )
        )
    labels = draft.labels.copy()
    for key, codes in operation.moves:
        _grid(grids, key)
        labels[_positions(draft, codes)] = key
    return _moved(draft, labels, grids, next_key)


def _unassign(draft: Draft, operation: Unassign) -> Draft:
    labels = draft.labels.copy()
    labels[_positions(draft, operation.units)] = UNASSIGNED
    return _moved(draft, labels, draft.grids, draft.next_key)


def _merge(draft: Draft, operation: Merge) -> Draft:
    into = _grid(draft.grids, operation.into)
    givers = [_grid(draft.grids, key) for key in operation.grids if key != operation.into]
    for giver in givers:
        if giver.kind != into.kind:
            raise InputError(
                Text(
                    set_apart(
                        giver.title.zh,
                        "与",
                        into.title.zh,
                        "一个是专属网格、一个是基础网格，不能合并；请先改为同一类型",
                    ),
                    f"{giver.title.en} and {into.title.en} are a special and a base grid and cannot be merged; "
                    "give both the same kind first",
                )
            )
    labels = np.where(np.isin(draft.labels, [giver.key for giver in givers]), into.key, draft.labels)
    return _moved(draft, labels, draft.grids, draft.next_key)


def _moved(draft: Draft, labels: IndexArray, grids: Mapping[int, DraftGrid], next_key: int) -> Draft:
    """Return the draft with other labels, unless a locked grid or the land of special ones would suffer."""
    changed = labels != draft.labels
    if not changed.any():
        raise _nothing()
    for key in np.union1d(labels[changed], draft.labels[changed]).tolist():
        if key != UNASSIGNED:
            _check_open(grids[key])
    base = [key for key, grid in grids.items() if grid.kind == "base"]
    wrong = np.flatnonzero(changed & draft.land.given_special & np.isin(labels, base))
    if len(wrong):
        code, name = draft.land.code[wrong[0]], draft.land.special[wrong[0]]
        raise InputError(
            Text(
                f"所选土地属于专属网格“{name}”（单元 {code}），不能划入基础网格；如范围有误，请先更正数据",
                f"this is land of special grid {name} (unit {code}) and cannot go to a base grid; "
                "correct the data first if that is wrong",
            )
        )
    return with_changes(draft, labels=labels, grids=grids, next_key=next_key)


def _split_units(draft: Draft, operation: SplitUnits) -> Draft:
    parent = {piece: unit for unit, pieces in operation.cuts for piece in pieces}
    at = _positions(draft, [unit for unit, _ in operation.cuts])
    for key in np.unique(draft.labels[at]).tolist():
        if key != UNASSIGNED:
            _check_open(draft.grids[key])
    check_recut(draft.land, operation.cuts, operation.recut)
    land = recut_land(draft.land, operation.recut)
    labels = np.array(_carried(draft, land.code.tolist(), parent), dtype=np.int64)
    return with_changes(draft, land=land, labels=labels)


def _new_grid(draft: Draft, operation: NewGrid) -> Draft:
    if operation.grid != draft.next_key:
        raise InputError(
            Text(
                f"新网格的序号应为 {draft.next_key}，收到 {operation.grid}；请刷新页面后重做这一步",
                f"the next new grid has key {draft.next_key}, not {operation.grid}; reload the page and do it again",
            )
        )
    _check_count(operation.grid + 1)
    name = None if operation.name is None else _name(draft, operation.grid, operation.name)
    grids = {**draft.grids, operation.grid: DraftGrid(operation.grid, name=name)}
    return with_changes(draft, grids=grids, next_key=operation.grid + 1)


def _make_special(draft: Draft, operation: MakeSpecial) -> Draft:
    grid = _open_grid(draft, operation.grid)
    name = _name(draft, grid.key, operation.name)
    return _with_grid(draft, replace(grid, kind="special", name=name))


def _make_base(draft: Draft, operation: MakeBase) -> Draft:
    grid = _open_grid(draft, operation.grid)
    given = np.flatnonzero((draft.labels == grid.key) & draft.land.given_special)
    if len(given):
        code, name = draft.land.code[given[0]], draft.land.special[given[0]]
        raise InputError(
            Text(
                set_apart(
                    grid.title.zh,
                    f"含专属网格“{name}”的土地（单元 {code}），不能改为基础网格；如范围有误，请先更正数据",
                ),
                f"{grid.title.en} holds land of special grid {name} (unit {code}) and cannot become a base grid; "
                "correct the data first if that is wrong",
            )
        )
    return _with_grid(draft, replace(grid, kind="base"))


def _rename(draft: Draft, operation: Rename) -> Draft:
    grid = _open_grid(draft, operation.grid)
    if operation.name is None and grid.kind == "special":
        raise InputError(
            Text("专属网格必须有名称；请填写名称", "a special grid needs a name; write one"),
        )
    if operation.name is not None:
        return _with_grid(draft, replace(grid, name=_name(draft, grid.key, operation.name)))
    if grid.was is not None:  # what the map shows of it without a name
        _check_free(draft, grid.key, grid.was)
    return _with_grid(draft, replace(grid, name=None))


def _lock(draft: Draft, operation: Lock) -> Draft:
    return _with_grid(draft, replace(_grid(draft.grids, operation.grid), locked=True))


def _unlock(draft: Draft, operation: Unlock) -> Draft:
    return _with_grid(draft, replace(_grid(draft.grids, operation.grid), locked=False))


def _note(draft: Draft, operation: Note) -> Draft:
    text = operation.note.strip()
    if len(text) > LONGEST_NOTE:
        raise InputError(
            Text(
                f"备注有 {len(text)} 字，最多 {LONGEST_NOTE} 字；请缩短",
                f"the note has {len(text)} characters, {LONGEST_NOTE} at most; shorten it",
            )
        )
    return _with_grid(draft, replace(_grid(draft.grids, operation.grid), note=text))


_APPLY: Mapping[type[Operation], Callable[[Draft, Any], Draft]] = {
    Assign: _assign,
    Unassign: _unassign,
    Merge: _merge,
    SplitUnits: _split_units,
    NewGrid: _new_grid,
    MakeSpecial: _make_special,
    MakeBase: _make_base,
    Rename: _rename,
    Lock: _lock,
    Unlock: _unlock,
    Note: _note,
}


def _with_grid(draft: Draft, grid: DraftGrid) -> Draft:
    if draft.grids[grid.key] == grid:
        raise _nothing()
    return with_changes(draft, grids={**draft.grids, grid.key: grid})


def _positions(draft: Draft, codes: Collection[str]) -> list[int]:
    position = draft.land.position
    unknown = [code for code in codes if code not in position]
    if unknown:
        raise InputError(
            Text(
                f"所选单元不在本草案中，可能已被切分（{unknown[0][:LONGEST_NAME]}）；请刷新页面后重做这一步",
                f"a unit chosen is not in this draft, it may have been cut ({unknown[0][:LONGEST_NAME]}); reload the "
                "page and do it again",
            )
        )
    return [position[code] for code in codes]


def _grid(grids: Mapping[int, DraftGrid], key: int) -> DraftGrid:
    if key not in grids:
        raise InputError(
            Text(
                f"草案中没有序号为 {key} 的网格；请刷新页面后重做这一步",
                f"the draft has no grid with key {key}; reload the page and do this step again",
            )
        )
    return grids[key]


def _open_grid(draft: Draft, key: int) -> DraftGrid:
    grid = _grid(draft.grids, key)
    _check_open(grid)
    return grid


def _check_open(grid: DraftGrid) -> None:
    if grid.locked:
        raise InputError(
            Text(
                set_apart(grid.title.zh, "已锁定，不能改动；请先解锁"),
                f"{grid.title.en} is locked and cannot change; unlock it first",
            )
        )


def _check_count(next_key: int) -> None:
    if next_key > MOST_GRIDS:
        raise InputError(
            Text(
                f"一份草案最多新建到第 {MOST_GRIDS} 个网格；请从当前划分另起一份草案",
                f"a draft can make {MOST_GRIDS} grids at most; begin a new draft from what is drawn now",
            )
        )


def _name(draft: Draft, key: int, name: str) -> str:
    """Return a name without blanks around it, unless it is empty, too long or another grid's."""
    text = name.strip()
    if not 0 < len(text) <= LONGEST_NAME or not text.isprintable():
        raise InputError(
            Text(
                f"网格名称须为 1–{LONGEST_NAME} 个字，且不含换行等控制字符；请修改名称",
                f"a grid's name has 1-{LONGEST_NAME} characters and no line breaks; change it",
            )
        )
    _check_free(draft, key, text)
    return text


def _check_free(draft: Draft, key: int, name: str) -> None:
    """Refuse a name that another grid has on the map."""
    for other in draft.grids.values():
        called = other.was if other.name is None else other.name  # what the map shows
        if other.key != key and called == name and (draft.totals[other.key].units or other.code is None):
            raise InputError(
                Text(
                    set_apart(f"名称“{name}”已被", other.title.zh, "使用；请换一个名称"),
                    f"{other.title.en} is called {name} already; choose another name",
                )
            )


def _repeat(moves: Sequence[tuple[int, tuple[str, ...]]]) -> bool:
    codes = [code for _, units in moves for code in units]
    return len(set(codes)) < len(codes)


def _nothing() -> InputError:
    return InputError(Text("这一步不会改变任何内容，未记录", "this step would change nothing and was not recorded"))
