"""The time limit of a search, when it is good enough, and what is told while it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gis_service.errors import InputError, Text

Progress = Callable[[float, float], None]
"""Called with the best objective found so far and its proven bound."""


@dataclass(frozen=True)
class Watch:
    """When a search must end, how good is good enough, and whom to tell.

    A search knows values; what people read is the objective ``offset + sign * value``.

    Parameters
    ----------
    ends_at
        Reading of ``time.monotonic`` [s] at which the search stops; inf: never.
    enough_gap
        Relative gap of the objective at which the search may stop, >= 0.
    progress
        Who is told; None: nobody.
    offset, sign
        What turns a value into the objective.
    """

    ends_at: float
    enough_gap: float
    progress: Progress | None
    offset: float = 0.0
    sign: float = 1.0

    @property
    def left_s(self) -> float:
        """Return the time left [s], >= 0."""
        return max(0.0, self.ends_at - time.monotonic())

    @property
    def over(self) -> bool:
        """Return whether the time is up."""
        return self.left_s == 0.0

    def measuring(self, offset: float, sign: float) -> "Watch":
        """Return the same watch for values that turn into the objective in another way."""
        return replace(self, offset=offset, sign=sign)

    def objective(self, value: float) -> float:
        """Return the objective of a value, or of a bound."""
        return self.offset + self.sign * value

    def tell(self, value: float, bound: float) -> None:
        """Report the best value and the bound."""
        if self.progress is not None:
            self.progress(self.objective(value), self.objective(bound))

    def relative_gap(self, value: float, bound: float, most: float) -> float:
        """Return the gap, relative to values up to `most`, that keeps the objective's between value and bound."""
        distance = self.enough_gap * min(abs(self.objective(value)), abs(self.objective(bound)))
        return distance / most if most > 0.0 else 0.0

    def is_enough(self, value: float, bound: float) -> bool:
        """Return whether value and bound are near enough to stop."""
        distance = abs(value - bound)
        return distance == 0.0 or bool(distance <= self.enough_gap * abs(self.objective(value)))


def start_watch(time_limit_s: float | None, enough_gap: float, progress: Progress | None) -> Watch:
    """Return a watch that starts now.

    Raises
    ------
    InputError
        The limit or the gap is negative or not a number.
    """
    for zh, en, value in (("求解时限", "the time limit", time_limit_s), ("允许的差距", "the gap", enough_gap)):
        if value is not None and not value >= 0.0:
            raise InputError(Text(f"{zh}为 {value}，必须不小于 0", f"{en} is {value}; it must be >= 0"))
    ends_at = np.inf if time_limit_s is None else time.monotonic() + time_limit_s
    return Watch(ends_at, enough_gap, progress)
