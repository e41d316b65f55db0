"""The rules of a reach check: cut-off, pace, kinds of facility, limits of the network."""

from dataclasses import asdict, dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any

from gis_service.errors import InputError, Text

PACES = MappingProxyType({"standard": 1.0, "elderly": 0.8})
"""Walking speeds [m/s]: 15 minutes are 900 m and 720 m. GB 50180-2018 frames the 15-minute circle by 800-1000 m."""


@dataclass(frozen=True)
class ReachRules:
    """What counts as reached; stored with every run.

    Parameters
    ----------
    minutes
        Cut-off [min], inclusive.
    speed_m_per_s
        Walking speed [m/s], see `PACES`.
    kinds
        Kinds of facility that count.
    max_gap_m
        Longest straight line from a building or facility to a street [m], inclusive.
    min_component_m
        Pieces of the network shorter than this in total [m] are not walked on; the longest piece always is.

    Raises
    ------
    InputError
        A number is not positive (`min_component_m`: negative), or no kind is given.
    """

    minutes: float = 15.0
    speed_m_per_s: float = 1.0
    kinds: tuple[str, ...] = ("red_station", "service_centre")
    max_gap_m: float = 500.0
    min_component_m: float = 2000.0

    def __post_init__(self) -> None:
        """Refuse rules that mean nothing."""
        for name, zh, least in (
            ("minutes", "时间上限（分钟）", "> 0"),
            ("speed_m_per_s", "步行速度（米/秒）", "> 0"),
            ("max_gap_m", "到街道的最大距离（米）", "> 0"),
            ("min_component_m", "路网片段的最小长度（米）", ">= 0"),
        ):
            value = getattr(self, name)
            if not isfinite(value) or value < 0 or (value == 0 and least == "> 0"):
                raise InputError(
                    Text(f"{zh}为 {value}，必须是 {least} 的数", f"{name} is {value}; it must be a number {least}")
                )
        if not self.kinds:
            raise InputError(
                Text("没有选择设施种类，请至少选一种", "no kind of facility is chosen; choose at least one")
            )

    @property
    def cutoff_m(self) -> float:
        """Return the longest walk within the cut-off [m], inclusive."""
        return self.minutes * 60.0 * self.speed_m_per_s

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values for JSON."""
        return asdict(self) | {"kinds": list(self.kinds)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ReachRules":
        """Return the rules that ``as_dict`` wrote.

        Raises
        ------
        InputError
            A name is not one of the rules', or a value is not valid.
        """
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            names = ", ".join(unknown)
            raise InputError(Text(f"不认识的规则：{names}", f"unknown rules: {names}"))
        return cls(**(values | {"kinds": tuple(values["kinds"])} if "kinds" in values else values))
