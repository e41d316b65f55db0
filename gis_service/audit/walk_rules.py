"""What the checks need to know of a reach run's rules."""

from typing import Protocol


class WalkRules(Protocol):
    """The parameters of a reach run that the checks need; `gis_service.reach.check.ReachRules` has them all."""

    @property
    def minutes(self) -> float:
        """Cut-off [min], inclusive."""

    @property
    def speed_m_per_s(self) -> float:
        """Walking speed [m/s]."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of facility that count."""

    @property
    def max_gap_m(self) -> float:
        """Longest straight line to a street [m]."""

    @property
    def min_component_m(self) -> float:
        """Shortest component of streets that counts [m]."""

    @property
    def steps_factor(self) -> float:
        """Stairs count as so many times their length."""

    @property
    def crossing_s(self) -> float:
        """Wait at a crossing without signals [s]."""

    @property
    def signal_s(self) -> float:
        """Wait at a crossing with signals [s]."""

    @property
    def slope(self) -> str:
        """How slopes count; off: they do not."""


def is_plain(rules: WalkRules) -> bool:
    """Return whether walks are measured by their length alone."""
    return (rules.steps_factor, rules.crossing_s, rules.signal_s, rules.slope) == (1, 0, 0, "off")
