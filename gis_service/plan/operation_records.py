"""Operations as plain values for JSON and back; what is read from outside is checked value by value."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, cast

import shapely

from gis_service.errors import InputError, Text
from gis_service.plan.land import Recut
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
    Single,
    SplitUnits,
    Together,
    Unassign,
    Unlock,
)

KINDS: Mapping[str, type[Operation]] = {
    "assign": Assign,
    "unassign": Unassign,
    "merge": Merge,
    "split_units": SplitUnits,
    "new_grid": NewGrid,
    "make_special": MakeSpecial,
    "make_base": MakeBase,
    "rename": Rename,
    "lock": Lock,
    "unlock": Unlock,
    "note": Note,
    "together": Together,
}
"""What operations are called in records."""
SENT_KINDS = tuple(name for name, kind in KINDS.items() if kind is not SplitUnits)
"""Those that clients send; cuts are found by the service, which alone knows buildings and barriers."""
LARGEST_WHOLE = 2**53
"""Whole numbers of records are smaller, as a browser counts no further without leaving some out."""
_NAMES = {kind: name for name, kind in KINDS.items()}


def operation_dict(operation: Operation) -> dict[str, Any]:
    """Return an operation as plain values for JSON: its ``kind`` and its fields by name."""
    values = {field.name: _plain(getattr(operation, field.name)) for field in fields(operation)}
    return {"kind": _NAMES[type(operation)], **values}


def operation_of(values: Any) -> Operation:
    """Return the operation that :func:`operation_dict` wrote.

    Parameters
    ----------
    values
        What stood in the JSON; anything.

    Raises
    ------
    InputError
        It is no record of an operation: the kind is unknown, or a field is missing, unknown or not of its type.
    """
    try:
        kind = KINDS[values["kind"]]
        read: Operation = kind(**{name: _READERS[name](value) for name, value in values.items() if name != "kind"})
    except (LookupError, TypeError, ValueError, AttributeError, shapely.GEOSException) as error:
        raise InputError(
            Text(
                "操作记录无法识别；请刷新页面后重做这一步",
                "the record of the operation cannot be read; reload the page and do this step again",
            )
        ) from error
    return read


def sent_operation(values: Any) -> Operation:
    """Return the operation that a client sent, as :func:`operation_of` does.

    Raises
    ------
    InputError
        It is no record of an operation, or holds a cut of units: whose pieces hold which buildings, and along what
        their borders run, is believed of nobody.
    """
    if any(kind == "split_units" for kind in _kinds(values)):  # not even read
        raise InputError(
            Text(
                "切分单元须由本服务沿画的线完成，不能直接提交切好的单元；请用“划线”工具",
                "units are cut by this service along a drawn line; use the line tool instead of sending pieces",
            )
        )
    return operation_of(values)


def _kinds(values: Any) -> list[Any]:
    """Return the kind of an operation that was sent and those of its parts, as far as there are any."""
    if not isinstance(values, dict):
        return []
    parts = values.get("operations")
    inside = [part.get("kind") for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return [values.get("kind"), *inside]


def _plain(value: Any) -> Any:
    if isinstance(value, Recut):
        return value.as_dict()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return operation_dict(value) if type(value) in _NAMES else value


def _whole(value: Any) -> int:
    if type(value) is not int or abs(value) >= LARGEST_WHOLE:
        raise TypeError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(value)
    value.encode()  # halves of characters cannot be stored
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return list(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in _listed(value))


def _texts_of_texts(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((_text(name), _texts(listed)) for name, listed in _listed(value))


def _single(value: Any) -> Single:
    if value["kind"] == "together":
        raise ValueError(value)
    return cast("Single", operation_of(value))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "grid": _whole,
    "into": _whole,
    "grids": lambda value: tuple(_whole(one) for one in _listed(value)),
    "units": _texts,
    "moves": lambda value: tuple((_whole(grid), _texts(units)) for grid, units in _listed(value)),
    "name": _optional_text,
    "note": _text,
    "cuts": _texts_of_texts,
    "buildings": _texts_of_texts,
    "recut": Recut.from_dict,
    "operations": lambda value: tuple(_single(one) for one in _listed(value)),
}
"""How each field is read; a name means the same in every operation."""
