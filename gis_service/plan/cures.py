"""What would cure a finding: an operation ready to be done, or a hand tool to be asked."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.plan.draft import UNASSIGNED, Draft, DraftGrid
from gis_service.plan.operations import Assign, Operation, Unlock
from gis_service.plan.spacing import set_apart
from gis_service.plan.unit_places import border_lengths

Tool = Literal["fix_grid"]


@dataclass(frozen=True)
class Cure:
    """What would cure a finding.

    Parameters
    ----------
    text
        What it does, as the label of a button.
    operation
        An operation that :func:`gis_service.plan.applying.apply` accepts; None where a tool has to find it.
    tool
        A tool of :mod:`gis_service.partition.hand_tools` that finds the operation; None where it is known.
    grid
        Key of the grid the tool is for; None without a tool.
    """

    text: Text
    operation: Operation | None = None
    tool: Tool | None = None
    grid: int | None = None


def tool_cure(grid: DraftGrid, tool: Tool) -> Cure:
    """Return the cure that asks a tool for the least change; a locked grid has to be unlocked first."""
    if grid.locked:
        return _unlock(grid)
    return Cure(Text(set_apart("自动调整", grid.title.zh), f"mend {grid.title.en}"), tool=tool, grid=grid.key)


def assign_cure(draft: Draft, units: IndexArray, to: int | None = None) -> Cure | None:
    """Return the cure that puts units into a grid beside them.

    Parameters
    ----------
    draft
        The draft.
    units
        Positions of units, ascending, all of one grid or of none.
    to
        Key of the grid they go to; None: the base grid that is not locked with the longest border to them, the first
        among equals; a new grid where there is none.

    Returns
    -------
    Cure or None
        Unlocks a locked grid first where one is in the way; None where the units are land given as special.
    """
    for key in np.unique(draft.labels[units]).tolist():
        if key != UNASSIGNED and draft.grids[key].locked:
            return _unlock(draft.grids[key])
    if draft.land.given_special[units].any():
        return None
    target = _beside(draft, units) if to is None else to
    if target in draft.grids and draft.grids[target].locked:
        return _unlock(draft.grids[target])
    title = draft.grids[target].title if target in draft.grids else Text("新网格", "a new grid")
    codes = tuple(str(code) for code in draft.land.code[units])
    count = Text(f"{len(codes)} 个单元", f"{len(codes)} units" if len(codes) > 1 else "the unit")
    return Cure(
        Text(set_apart("把", count.zh, "划入", title.zh), f"put {count.en} into {title.en}"), Assign(((target, codes),))
    )


def _beside(draft: Draft, units: IndexArray) -> int:
    """Return the key of the open base grid with the longest border to some units, or that of a new grid."""
    own = set(draft.labels[units].tolist())
    open_grids = [
        (-metres, key)
        for key, metres in border_lengths(draft, units).items()
        if key not in own and key != UNASSIGNED and draft.grids[key].kind == "base" and not draft.grids[key].locked
    ]
    return min(open_grids)[1] if open_grids else draft.next_key


def _unlock(grid: DraftGrid) -> Cure:
    return Cure(Text(set_apart("先解锁", grid.title.zh), f"unlock {grid.title.en} first"), Unlock(grid.key))
