"""A choice of candidates on its way to be proved."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-12
"""Sums count as equal when they differ by less than this share."""


@dataclass(frozen=True)
class Choice:
    """The best choice known, and what none can exceed.

    Parameters
    ----------
    is_open
        Whether each candidate is chosen.
    value
        What it gains.
    bound
        Upper bound of the gain of any choice.
    stopped
        Whether the time limit ended the search.
    """

    is_open: NDArray[np.bool_]
    value: float
    bound: float
    stopped: bool = False

    def bounded(self, bound: float, step: float) -> "Choice":
        """Return the choice with the lower of both bounds.

        Where all gains are multiples of `step` (0: of nothing), so is the bound. A bound within `ROUNDING` of the value
        is the value.
        """
        if step > 0.0 and np.isfinite(bound):
            bound = float(np.floor(bound / step + 1e-6)) * step
        bound = min(self.bound, bound)
        return replace(self, bound=self.value if bound <= self.value + ROUNDING * abs(self.value) else bound)

    def improved(self, is_open: NDArray[np.bool_], value: float) -> "Choice":
        """Return the better of this and another choice."""
        return replace(self, is_open=is_open, value=value) if value > self.value else self
