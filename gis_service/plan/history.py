"""Undo and redo without limit: the operations done and undone, each with what takes it back."""

from dataclasses import asdict, dataclass
from typing import Any

from gis_service.errors import InputError, Text
from gis_service.plan.applying import Restore, apply, difference, restore
from gis_service.plan.draft import Draft, DraftGrid
from gis_service.plan.land import Recut
from gis_service.plan.operation_records import operation_dict, operation_of
from gis_service.plan.operations import Operation


@dataclass(frozen=True)
class Step:
    """An operation that was done, and what takes it back."""

    operation: Operation
    back: Restore

    def as_dict(self) -> dict[str, Any]:
        """Return the step as plain values for JSON."""
        recut = None if self.back.recut is None else self.back.recut.as_dict()
        back = {
            "labels": [[label, list(codes)] for label, codes in self.back.labels],
            "grids": [asdict(grid) for grid in self.back.grids],
            "drop": list(self.back.drop),
            "next_key": self.back.next_key,
            "recut": recut,
        }
        return {"operation": operation_dict(self.operation), "back": back}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Step":
        """Return the step that ``as_dict`` wrote; only for what this service itself has stored."""
        back = values["back"]
        return cls(
            operation_of(values["operation"]),
            Restore(
                labels=tuple((label, tuple(codes)) for label, codes in back["labels"]),
                grids=tuple(DraftGrid.from_dict(grid) for grid in back["grids"]),
                drop=tuple(back["drop"]),
                next_key=back["next_key"],
                recut=None if back["recut"] is None else Recut.from_dict(back["recut"]),
            ),
        )


@dataclass(frozen=True)
class History:
    """What was done to a draft since its base, and what was undone since.

    Parameters
    ----------
    done
        Steps in the order they were done; the draft is its base with all of them.
    undone
        Operations that can be done again, the next one last.
    """

    done: tuple[Step, ...] = ()
    undone: tuple[Operation, ...] = ()


def do(draft: Draft, history: History, operation: Operation) -> tuple[Draft, History]:
    """Return draft and history after an operation; what was undone before cannot be done again.

    Raises
    ------
    InputError
        The operation is refused, see :func:`gis_service.plan.applying.apply`.
    """
    after = apply(draft, operation)
    return after, History((*history.done, Step(operation, difference(draft, after))))


def undo(draft: Draft, history: History) -> tuple[Draft, History]:
    """Return draft and history without the last operation.

    Raises
    ------
    InputError
        There is nothing to undo.
    """
    if not history.done:
        raise InputError(Text("没有可以撤销的操作", "there is nothing to undo"))
    *before, last = history.done
    return restore(draft, last.back), History(tuple(before), (*history.undone, last.operation))


def redo(draft: Draft, history: History) -> tuple[Draft, History]:
    """Return draft and history with the operation undone last.

    Raises
    ------
    InputError
        There is nothing to do again.
    """
    if not history.undone:
        raise InputError(Text("没有可以重做的操作", "there is nothing to do again"))
    *others, last = history.undone
    after, done = do(draft, history, last)
    return after, History(done.done, tuple(others))
