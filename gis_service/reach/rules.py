"""The rules of a reach check: cut-off, pace, kinds of facility, limits of the network."""

from dataclasses import asdict, dataclass, fields
from math import inf
from typing import Any

from gis_service.errors import InputError, Text
from gis_service.plan.rules import refuse_unknown_rules
from gis_service.reach.profile import MAX_SPEED_M_PER_S, MIN_SPEED_M_PER_S, PACES, WalkingProfile

__all__ = ["COSTS", "MAX_MINUTES", "MAX_SPEED_M_PER_S", "MIN_SPEED_M_PER_S", "PACES", "ReachRules"]

MAX_MINUTES = 120.0
"""Longest cut-off [min]: nobody walks longer to what serves a neighbourhood, and a search has to end."""
COSTS = ("steps_factor", "crossing_s", "signal_s", "slope")
"""What may count besides lengths; a rule at its default is not written down, as in runs made before there was any."""


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
    steps_factor, crossing_s, signal_s, slope
        What counts besides lengths, see :class:`gis_service.reach.profile.WalkingProfile`; by default nothing does.

    Raises
    ------
    InputError
        A number is outside its bounds, infinite or nan, no kind is given, or the slope is not known.
    """

    minutes: float = 15.0
    speed_m_per_s: float = 1.0
    kinds: tuple[str, ...] = ("red_station", "service_centre")
    max_gap_m: float = 500.0
    min_component_m: float = 2000.0
    bands: tuple[float, ...] = (5.0, 10.0)
    steps_factor: float = 1.0
    crossing_s: float = 0.0
    signal_s: float = 0.0
    slope: str = "off"

    def __post_init__(self) -> None:
        """Refuse rules that mean nothing."""
        for name, value, holds, zh, en in (
            (
                Text("时间上限（分钟）", "minutes"),
                self.minutes,
                0 < self.minutes <= MAX_MINUTES,
                f"大于 0 且不超过 {MAX_MINUTES:g}",
                f"greater than 0 and at most {MAX_MINUTES:g}",
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
        _ = self.profile  # refuses what it cannot hold
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
    def profile(self) -> WalkingProfile:
        """Return how people walk."""
        return WalkingProfile(self.speed_m_per_s, self.steps_factor, self.crossing_s, self.signal_s, self.slope)

    @property
    def band_minutes(self) -> tuple[float, ...]:
        """Return the cut-offs that are drawn and counted [min], ascending; the last is `minutes`."""
        return (*sorted({minutes for minutes in self.bands if minutes < self.minutes}), self.minutes)

    @property
    def cutoff_m(self) -> float:
        """Return the longest walk within the cut-off [m of level street], inclusive."""
        return self.walk_of(self.minutes)

    def walk_of(self, minutes: float) -> float:
        """Return the walk [m of level street] of some minutes."""
        return minutes * 60.0 * self.speed_m_per_s

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values for JSON, those of `COSTS` only where they count."""
        default = {field.name: field.default for field in fields(self)}
        values = asdict(self) | {"kinds": list(self.kinds), "bands": list(self.bands)}
        return {name: value for name, value in values.items() if name not in COSTS or value != default[name]}

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
