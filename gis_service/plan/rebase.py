"""Operations repeated on a draft that somebody else has changed meanwhile, so that nobody's work is lost unseen."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from gis_service.errors import InputError, Text
from gis_service.plan.applying import apply, difference
from gis_service.plan.draft import Draft
from gis_service.plan.history import Step
from gis_service.plan.operations import (
    Assign,
    Lock,
    MakeBase,
    MakeSpecial,
    Merge,
    Note,
    Operation,
    Rename,
    SplitUnits,
    Together,
    Unassign,
    Unlock,
)
from gis_service.plan.spacing import set_apart


@dataclass(frozen=True)
class Repeated:
    """What became of an operation.

    Parameters
    ----------
    operation
        As it was made.
    step
        As it was done on the other draft; None: it could not be.
    why
        Why not; None: it was done.
    """

    operation: Operation
    step: Step | None
    why: Text | None


@dataclass(frozen=True)
class Rebased:
    """Operations repeated on another draft.

    Parameters
    ----------
    base
        The draft they were made on.
    draft
        The other draft with those that could be.
    repeated
        What became of each, in their order.
    """

    base: Draft
    draft: Draft
    repeated: tuple[Repeated, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The operations that could be done, as they were."""
        return tuple(each.step for each in self.repeated if each.step is not None)


def rebase(
    draft: Draft,
    operations: Iterable[Operation],
    *,
    base: Draft,
    shared: int | None = None,
    known: Mapping[int, int] | None = None,
) -> Rebased:
    """Return a draft with every operation that its state allows.

    Parameters
    ----------
    draft
        What to repeat them on: the base they were made on (a replay), or one that has changed since.
    operations
        In the order they were done.
    base
        The draft they were made on. Grids with its ``next_key`` or a higher one were made by these operations; they
        get the next keys of ``draft``, so that they are nobody else's grids.
    shared
        ``next_key`` of the last state that ``base`` and ``draft`` have in common; None: that of ``base``. Grids of
        ``base`` from this key on were made by steps that ``draft`` does not have: what bears their key there is
        another grid.
    known
        Keys in ``draft`` of grids that earlier ones of the same operations made; None: there were no earlier ones.

    Returns
    -------
    Rebased
        On the base itself nothing is refused and the result is the same to the byte. What was said of a grid (a name,
        a lock, a remark, its kind) is refused where others have taken all land from it since: it would be kept for
        nothing but that. So is everything that concerns a grid whose making was undone.
    """
    repeated: list[Repeated] = []
    keys = dict(known or {})
    undone = range(base.next_key if shared is None else shared, base.next_key)
    gone = {
        key for key, grid in base.totals.items() if grid.units and key in draft.grids and not draft.totals[key].units
    }
    for operation in operations:
        made = {**keys, **_new_keys(operation, keys, base.next_key, draft.next_key)}
        try:
            _refuse_undone(operation, undone, base)
            _refuse_gone(operation, gone, draft)
            wanted = _rekeyed(operation, made)
            after = apply(draft, wanted)
        except InputError as error:
            repeated.append(Repeated(operation, None, error.text))
        else:
            repeated.append(Repeated(operation, Step(wanted, difference(draft, after)), None))
            draft, keys = after, made
    return Rebased(base, draft, tuple(repeated))


def keys_of(operation: Operation) -> list[int]:
    """Return the keys of the grids an operation names, in the order of its fields."""
    if isinstance(operation, Together):
        return [key for single in operation.operations for key in keys_of(single)]
    if isinstance(operation, Assign):
        return [key for key, _ in operation.moves]
    if isinstance(operation, Merge):
        return [*operation.grids, operation.into]
    return [] if isinstance(operation, Unassign | SplitUnits) else [operation.grid]


def _refuse_undone(operation: Operation, undone: Collection[int], base: Draft) -> None:
    """Raise InputError where an operation concerns a grid whose making was undone."""
    for key in keys_of(operation):
        if key in undone:
            grid = base.grids[key]
            raise InputError(
                Text(
                    set_apart(grid.title.zh, "的新建已被撤销，这一步不再适用"),
                    f"the making of {grid.title.en} was undone; there is nothing left to do this to",
                )
            )


def _refuse_gone(operation: Operation, gone: Collection[int], draft: Draft) -> None:
    """Raise InputError where something is said of a grid that others took all land from, and that has none yet."""
    if not isinstance(operation, Rename | MakeSpecial | MakeBase | Lock | Unlock | Note):
        return
    if operation.grid in gone and not draft.totals[operation.grid].units:
        grid = draft.grids[operation.grid]
        raise InputError(
            Text(
                set_apart(grid.title.zh, "已没有范围（被合并或移空），这一步不再适用"),
                f"{grid.title.en} has no land any more (merged or emptied); there is nothing left to do this to",
            )
        )


def _new_keys(operation: Operation, keys: dict[int, int], since: int, next_key: int) -> dict[int, int]:
    """Return the keys an operation makes grids with, and those they get now."""
    made: dict[int, int] = {}
    for key in keys_of(operation):
        if key >= since and key not in keys and key not in made:
            made[key] = next_key + len(made)
    return made


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
