"""Kinds of argument that the programs take, each refused in one clear sentence."""

import argparse
from collections.abc import Callable

from gis_service.errors import Text

PLAN_NAME_CHARACTERS = 60


class ArgumentError(argparse.ArgumentTypeError):
    """An argument is at fault; the text says what is wanted, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.zh)
        self.text = text


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``, both inclusive."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ArgumentError(
                Text(f"“{text}”应是 {low} 到 {high} 的整数", f"{text!r} must be a whole number from {low} to {high}")
            )
        return number

    return read


def decimal(text: str) -> float:
    """Return a number; its range is judged by the rules it becomes part of."""
    try:
        return float(text)
    except ValueError as fault:
        raise ArgumentError(Text(f"“{text}”应是一个数", f"{text!r} must be a number")) from fault


def place(text: str) -> tuple[float, float]:
    """Return longitude and latitude [degrees] from ``LON,LAT``."""
    try:
        longitude, latitude = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError as fault:
        raise ArgumentError(
            Text(f"“{text}”应写成“经度,纬度”，如 120.2167,27.3243", f"{text!r} must read LON,LAT, as 120.2167,27.3243")
        ) from fault
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):  # noqa: PLR2004 the bounds of a globe
        raise ArgumentError(
            Text(f"“{text}”不是经度,纬度（经度在前）", f"{text!r} is not longitude,latitude (longitude comes first)")
        )
    return longitude, latitude


def options_given(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> list[str]:
    """Return the options that differ from their defaults, as people type them, sorted."""
    given = [name for name, value in vars(arguments).items() if value != parser.get_default(name)]
    return sorted(f"--{name.replace('_', '-')}" for name in given)


def plan_name(text: str) -> str:
    """Return a plan's name: not empty, short enough to print, without control characters."""
    name = text.strip()
    if not name or len(name) > PLAN_NAME_CHARACTERS or not name.isprintable():
        raise ArgumentError(
            Text(
                f"方案名称应为 1 到 {PLAN_NAME_CHARACTERS} 个可见字符",
                f"a plan's name has 1 to {PLAN_NAME_CHARACTERS} visible characters",
            )
        )
    return name
