"""How somebody walks: the pace on level ground, and by choice what stairs, crossings and slopes cost."""

from dataclasses import dataclass
from math import exp
from types import MappingProxyType

from gis_service.errors import InputError, Text

PACES = MappingProxyType({"standard": 1.0, "elderly": 0.8})
"""Walking speeds [m/s]: 15 minutes are 900 m and 720 m. GB 50180-2018 frames the 15-minute circle by 800-1000 m."""
MIN_SPEED_M_PER_S, MAX_SPEED_M_PER_S = 0.1, 3.0
"""Slowest and fastest walk [m/s]; beyond them somebody mistook a unit, as km/h for m/s."""
STEPS_FACTORS = MappingProxyType({"plain": 1.0, "stairway": 2.0})
"""Stairs count as so many times their length on the map: not at all, or as people climb long stairways.

At 1.0 m/s a factor of 2 means 0.5 m/s: up a long stairway most people make 0.4 to 0.5 m/s measured level (Kretz et al.
2008, *Upstairs walking speed distributions on a long stairway*, Safety Science 46).
"""
SLOPES = ("off", "tobler")
"""Slopes do not count, or count by Tobler's hiking function where heights are known."""
MAX_STEPS_FACTOR = 10.0
"""Stairs count as at most so many times their length; beyond it somebody mistook a speed for a factor."""
MAX_WAIT_S = 600.0
"""Longest wait at a crossing [s]; no signals keep people longer."""


@dataclass(frozen=True)
class WalkingProfile:
    """How somebody walks.

    Without any choice only lengths count: the plain rule of so many metres by which walks are measured and compared. No
    standard sets what stairs, crossings or slopes cost in a service circle, so whoever wants them has to choose.

    Parameters
    ----------
    speed_m_per_s
        Speed on level ground [m/s], from `MIN_SPEED_M_PER_S` to `MAX_SPEED_M_PER_S`.
    steps_factor
        Stairs count as so many times their length on the map, from 1 to `MAX_STEPS_FACTOR`; see `STEPS_FACTORS`.
    crossing_s, signal_s
        Wait at a crossing without and with signals [s], from 0 to `MAX_WAIT_S`; see
        :func:`gis_service.reach.costs.signal_wait_s`.
    slope
        One of `SLOPES`. Uphill and downhill differ.

    Raises
    ------
    InputError
        A number is outside its bounds, infinite or nan, or the slope is none of `SLOPES`.
    """

    speed_m_per_s: float = PACES["standard"]
    steps_factor: float = 1.0
    crossing_s: float = 0.0
    signal_s: float = 0.0
    slope: str = "off"

    def __post_init__(self) -> None:
        """Refuse profiles that mean nothing."""
        for name, zh, least, most in (
            ("speed_m_per_s", "步行速度（米/秒）", MIN_SPEED_M_PER_S, MAX_SPEED_M_PER_S),
            ("steps_factor", "台阶系数", 1.0, MAX_STEPS_FACTOR),
            ("crossing_s", "过街等候（秒）", 0.0, MAX_WAIT_S),
            ("signal_s", "信号灯等候（秒）", 0.0, MAX_WAIT_S),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(
                    Text(
                        f"{zh}为 {value:g}，必须在 {least:g} 到 {most:g} 之间",
                        f"{name} is {value:g}; it must be from {least:g} to {most:g}",
                    )
                )
        if self.slope not in SLOPES:
            raise InputError(
                Text(
                    f"坡度的算法“{self.slope}”应是 {'、'.join(SLOPES)} 之一",
                    f"slope is {self.slope!r}; it must be one of {', '.join(SLOPES)}",
                )
            )

    @property
    def plain(self) -> bool:
        """Return whether only lengths count."""
        return self.steps_factor == 1.0 and self.crossing_s == self.signal_s == 0.0 and self.slope == "off"

    @property
    def least_effort(self) -> float:
        """Return the least that a metre of any street counts [m]: down a slope of 5 % where slopes do."""
        return 1.0 if self.slope == "off" else exp(-3.5 * 0.05)

    def described(self) -> Text:
        """Return what counts besides lengths, in words that stand beside every figure; empty texts: nothing."""
        zh, en = [], []
        if self.steps_factor != 1.0:
            zh.append(f"台阶按 {self.steps_factor:g} 倍长度")
            en.append(f"stairs at {self.steps_factor:g} times their length")
        if self.crossing_s:
            zh.append(f"过街每处 {self.crossing_s:g} 秒")
            en.append(f"{self.crossing_s:g} s a crossing")
        if self.signal_s:
            zh.append(f"信号灯每处 {self.signal_s:g} 秒")
            en.append(f"{self.signal_s:g} s a signal")
        if self.slope != "off":
            zh.append("坡度按 Tobler 函数")
            en.append("slopes by Tobler's function")
        return Text("、".join(zh), ", ".join(en))
