"""The rules of a reach check: cut-off, pace, kinds of facility, limits of the network."""

from dataclasses import asdict, dataclass
from math import inf
from types import MappingProxyType
from typing import Any

from gis_service.errors import InputError, Text
from gis_service.plan.rules import refuse_unknown_rules

PACES = MappingProxyType({"standard": 1.0, "elderly": 0.8})
"""Walking speeds [m/s]: 15 minutes are 900 m and 720 m. GB 50180-2018 frames the 15-minute circle by 800-1000 m."""
MAX_MINUTES = 120.0
"""Longest cut-off [min]: nobody walks longer to what serves a neighbourhood, and a search has to end."""
MIN_SPEED_M_PER_S, MAX_SPEED_M_PER_S = 0.1, 3.0
"""Slowest and fastest walk [m/s]; beyond them somebody mistook a unit, as km/h for m/s."""


@dataclass(frozen=True)
class ReachRules:
    """What counts as reached; stored with every run.

    Parameters
    ----------
    minutes
        Cut-off [min], inclusive: more than 0, at most `MAX_MINUTES`.
    speed_m_per_s
        Walking speed [m/s], see `PACES`: from `MIN_SPEED_M_PER_S` to `MAX_SPEED_M_PER_S`, both inclusive.
    kinds
        Kinds of facility that count.
    bands
        Shorter cut-offs [min], more than 0, that are drawn and counted too; those not below `minutes` do not apply.
    max_gap_m
        Longest straight line from a building or facility to a street [m], inclusive: more than 0.
    min_component_m
        At least 0. Pieces of the network shorter than this in total [m] are not walked on; the longest piece always is.

    Raises
    ------
    InputError
        A number is outside its bounds, infinite or nan, or no kind is given.
    """

    minutes: float = 15.0
    speed_m_per_s: float = 1.0
    kinds: tuple[str, ...] = ("red_station", "service_centre")
    max_gap_m: float = 500.0
    min_component_m: float = 2000.0
    bands: tuple[float, ...] = (5.0, 10.0)

    def __post_init__(self) -> None:
        """Refuse rules that mean nothing."""
        slowest, fastest = MIN_SPEED_M_PER_S, MAX_SPEED_M_PER_S
        for name, value, holds, zh, en in (
            (
                Text("时间上限（分钟）", "minutes"),
                self.minutes,
                0 < self.minutes <= MAX_MINUTES,
                f"大于 0 且不超过 {MAX_MINUTES:g}",
                f"greater than 0 and at most {MAX_MINUTES:g}",
            ),
            (
                Text("步行速度（米/秒）", "speed_m_per_s"),
                self.speed_m_per_s,
                slowest <= self.speed_m_per_s <= fastest,
                f"在 {slowest:g} 到 {fastest:g} 之间",
                f"from {slowest:g} to {fastest:g}",
            ),
            (
                Text("到街道的最大距离（米）", "max_gap_m"),
                self.max_gap_m,
                0 < self.max_gap_m < inf,
                "大于 0",
                "greater than 0",
            ),
            (
                Text("路网片段的最小长度（米）", "min_component_m"),
                self.min_component_m,
                0 <= self.min_component_m < inf,
                "不小于 0",
                "at least 0",
            ),
        ):
            if not holds:
                raise InputError(Text(f"{name.zh}为 {value:g}，必须{zh}", f"{name.en} is {value:g}; it must be {en}"))
        if not self.kinds:
            raise InputError(
                Text("没有选择设施种类，请至少选一种", "no kind of facility is chosen; choose at least one")
            )

        if not all(0 < minutes < inf for minutes in self.bands):
            told = ", ".join(f"{minutes:g}" for minutes in self.bands)
            raise InputError(
                Text(f"分级时间（分钟）为 {told}，都必须大于 0", f"bands are {told} min; each must be greater than 0")
            )

    @property
    def band_minutes(self) -> tuple[float, ...]:
        """Return the cut-offs that are drawn and counted [min], ascending; the last is `minutes`."""
        return (*sorted({minutes for minutes in self.bands if minutes < self.minutes}), self.minutes)

    @property
    def cutoff_m(self) -> float:
        """Return the longest walk within the cut-off [m], inclusive."""
        return self.walk_of(self.minutes)

    def walk_of(self, minutes: float) -> float:
        """Return the walk [m] of some minutes."""
        return minutes * 60.0 * self.speed_m_per_s

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values for JSON."""
        return asdict(self) | {"kinds": list(self.kinds), "bands": list(self.bands)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "ReachRules":
        """Return the rules that ``as_dict`` wrote.

        Raises
        ------
        InputError
            A name is not one of the rules', or a value is not valid.
        """
        refuse_unknown_rules(values, cls.__dataclass_fields__)
        arguments: dict[str, Any] = dict(values)
        for name in ("kinds", "bands"):
            if name in arguments:
                arguments[name] = tuple(arguments[name])
        return cls(**arguments)
