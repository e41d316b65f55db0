"""A draft as the store keeps it: labels, grids and the units that were cut, and back."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from gis_service.plan.draft import Draft, DraftGrid, draft_of, with_changes
from gis_service.plan.land import Land, Recut, recut_land
from gis_service.plan.operations import Operation, SplitUnits, Together


def state_of(draft: Draft) -> dict[str, Any]:
    """Return labels, grids and next key of a draft as plain values; units by code, grids by key."""
    codes: dict[int, list[str]] = {}
    for code, label in zip(draft.land.code.tolist(), draft.labels.tolist(), strict=True):
        codes.setdefault(label, []).append(code)
    return {
        "labels": [[label, codes[label]] for label in sorted(codes)],
        "grids": [asdict(grid) for grid in draft.grids.values()],
        "next_key": draft.next_key,
    }


def draft_from(land: Land, state: Mapping[str, Any]) -> Draft:
    """Return the draft on ``land`` that :func:`state_of` wrote.

    Raises
    ------
    KeyError
        The state names a unit that the land does not have.
    ValueError
        The state leaves a unit out.
    """
    labels = np.full(len(land), np.iinfo(np.int64).min, np.int64)
    for label, codes in state["labels"]:
        labels[[land.position[code] for code in codes]] = label
    if (labels == np.iinfo(np.int64).min).any():
        message = "the state of the draft leaves units out"
        raise ValueError(message)
    draft = draft_of(land, labels, [DraftGrid.from_dict(grid) for grid in state["grids"]])
    return with_changes(draft, next_key=state["next_key"])


def digest_of(draft: Draft) -> str:
    """Return the SHA-256 of a draft's state; equal for equal labels and grids."""
    return hashlib.sha256(json.dumps(state_of(draft), ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def land_after(land: Land, operations: Iterable[Operation]) -> Land:
    """Return the land after the cuts of some operations, in their order."""
    for operation in operations:
        for recut in _recuts(operation):
            land = recut_land(land, recut)
    return land


def buildings_of_pieces(operation: Operation) -> list[tuple[str, tuple[str, ...]]]:
    """Return the code of each unit an operation makes by cutting, and the ids of the buildings in it."""
    if isinstance(operation, Together):
        return [pair for single in operation.operations for pair in buildings_of_pieces(single)]
    return list(operation.buildings) if isinstance(operation, SplitUnits) else []


def _recuts(operation: Operation) -> list[Recut]:
    if isinstance(operation, Together):
        return [recut for single in operation.operations for recut in _recuts(single)]
    return [operation.recut] if isinstance(operation, SplitUnits) else []
