"""Operations repeated on a draft that somebody else has changed meanwhile, so that nobody's work is lost unseen."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gis_service.errors import InputError, Text
from gis_service.plan.draft import Draft
from gis_service.plan.history import History, do
from gis_service.plan.operations import Assign, Merge, Operation, SplitUnits, Together, Unassign


@dataclass(frozen=True)
class Refused:
    """An operation that could not be repeated, and why."""

    operation: Operation
    why: Text


@dataclass(frozen=True)
class Rebased:
    """Operations repeated on another draft.

    Parameters
    ----------
    draft
        The draft with those that could be.
    history
        Theirs.
    refused
        The others as they were, in their order.
    """

    draft: Draft
    history: History
    refused: tuple[Refused, ...]


def rebase(draft: Draft, operations: Iterable[Operation], *, since: int) -> Rebased:
    """Return a draft with every operation that its state allows.

    Parameters
    ----------
    draft
        What to repeat them on: the base they were made on (a replay), or one that has changed since.
    operations
        In the order they were done.
    since
        ``next_key`` of the base they were made on. Grids with this key or a higher one were made by these operations;
        they get the next keys of ``draft``, so that they are nobody else's grids.

    Returns
    -------
    Rebased
        On the base itself nothing is refused and the result is the same to the byte.
    """
    history, refused = History(), []
    keys: dict[int, int] = {}
    for operation in operations:
        known = {**keys, **_new_keys(operation, keys, since, draft.next_key)}
        try:
            draft, history = do(draft, history, _rekeyed(operation, known))
        except InputError as error:
            refused.append(Refused(operation, error.text))
        else:
            keys = known
    return Rebased(draft, history, tuple(refused))


def _new_keys(operation: Operation, keys: dict[int, int], since: int, next_key: int) -> dict[int, int]:
    """Return the keys an operation makes grids with, and those they get now."""
    made: dict[int, int] = {}
    for key in _keys(operation):
        if key >= since and key not in keys and key not in made:
            made[key] = next_key + len(made)
    return made


def _keys(operation: Operation) -> list[int]:
    if isinstance(operation, Together):
        return [key for single in operation.operations for key in _keys(single)]
    if isinstance(operation, Assign):
        return [key for key, _ in operation.moves]
    if isinstance(operation, Merge):
        return [*operation.grids, operation.into]
    return [] if isinstance(operation, Unassign | SplitUnits) else [operation.grid]


def _rekeyed(operation: Operation, keys: dict[int, int]) -> Operation:
    if isinstance(operation, Together):
        singles = (_rekeyed(single, keys) for single in operation.operations)
        return Together(tuple(single for single in singles if not isinstance(single, Together)))
    if isinstance(operation, Assign):
        return Assign(tuple((keys.get(key, key), units) for key, units in operation.moves))
    if isinstance(operation, Merge):
        grids = tuple(keys.get(key, key) for key in operation.grids)
        return Merge(grids, keys.get(operation.into, operation.into))
    if isinstance(operation, Unassign | SplitUnits):
        return operation
    return replace(operation, grid=keys.get(operation.grid, operation.grid))
