"""Plain values of a request, read as what they should be; whatever is not is refused in one sentence."""

from collections.abc import Mapping
from typing import Any

from gis_service.errors import InputError, Text

TEXT_LENGTH = 200
"""Longer names and codes are nobody's."""
MOST_TEXTS = 1_000


def is_blank(value: object) -> bool:
    """Return whether a field is missing or was left empty; whatever else it holds, lists too, it is not blank."""
    return value is None or value == ""


def text_of(values: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """Return a text, without blanks at its ends; the default where there is none.

    Raises
    ------
    InputError
        It is missing without a default, no text, or longer than `TEXT_LENGTH`.
    """
    value = values.get(name)
    if is_blank(value) and default is not None:
        return default
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_LENGTH:
        raise InputError(Text(f"请填写 {name}（文字）", f"{name} must be a text"))
    return value.strip()


def texts_of(values: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return texts, sorted, each once; none where there are none.

    Raises
    ------
    InputError
        It is no list of texts, or has more than `MOST_TEXTS`.
    """
    listed = values.get(name) or []
    good = isinstance(listed, (list, tuple)) and len(listed) <= MOST_TEXTS
    if not good or not all(isinstance(each, str) and len(each) <= TEXT_LENGTH for each in listed):
        raise InputError(Text(f"{name} 应为文字的列表", f"{name} must be a list of texts"))
    return tuple(sorted({each.strip() for each in listed} - {""}))


def whole_of(values: Mapping[str, Any], name: str, low: int, high: int, default: int | None = None) -> int:
    """Return a whole number from ``low`` to ``high``, both inclusive, given as a number or in digits.

    Raises
    ------
    InputError
        It is missing without a default, no whole number, or out of range.
    """
    value = values.get(name)
    if is_blank(value) and default is not None:
        return default
    number = int(value) if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() else value
    if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
        raise InputError(
            Text(f"{name} 应为 {low} 到 {high} 的整数", f"{name} must be a whole number from {low} to {high}")
        )
    return number


def flag(values: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """Return a truth value; the default where it is missing.

    Raises
    ------
    InputError
        It is neither true nor false.
    """
    value = values.get(name, default)
    if not isinstance(value, bool):
        raise InputError(Text(f"{name} 应为 true 或 false", f"{name} must be true or false"))
    return value
