"""The limits an audit measures by, frozen with its figures."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

BEYOND_M = 1000.0
"""Households farther than this from a service point on foot [m] are counted as beyond; 1,000 m itself is not.

Xiamen's rule of 2023 for party-mass service centres: an urban village more than 1,000 m from its community's centre
may open a branch point (hxnews.com, 2023-02-17).
"""

ROUNDING_M = 1e-6
"""Walks are sums of rounded lengths; a difference up to this [m] is none."""

STATION_KINDS = ("red_station",)
"""An estate has a station when a public facility of one of these kinds lies in it."""

SERVICE_KINDS = ("red_station", "service_centre", "elder_day_care", "elder_canteen", "after_school")
"""Public facilities whose floor area counts as community service facility."""

GROUP_KINDS = {"elderly": ("elder_day_care", "elder_canteen"), "children": ("after_school",)}
"""The facilities that a group of residents is to reach within the cut-off."""


@dataclass(frozen=True)
class Limits:
    """What counts as reached.

    Parameters
    ----------
    minutes
        Cut-offs [min], ascending and inclusive; the last is the one that decides what is covered.
    speed_m_per_s
        Walking speed [m/s] of these cut-offs and of children.
    elderly_speed_m_per_s
        Walking speed [m/s] at which the elderly are to reach their facilities within the last cut-off.
    beyond_m
        Households that walk strictly more than this [m] are counted as beyond.
    """

    minutes: tuple[float, ...]
    speed_m_per_s: float
    elderly_speed_m_per_s: float
    beyond_m: float = BEYOND_M

    def names(self) -> tuple[str, ...]:
        """Return what the cut-offs are called in the names of columns: ``5_min``, ``10_min``, ``15_min``."""
        return tuple(f"{minutes:g}_min" for minutes in self.minutes)

    def is_beyond(self, walk_m: "pd.Series[float]") -> "pd.Series[bool]":
        """Return whether each walk [m] is strictly longer than `beyond_m`; without a path (nan) one is far as well."""
        return ~(walk_m <= self.beyond_m + ROUNDING_M)

    def as_dict(self) -> dict[str, Any]:
        """Return the limits as plain values for JSON."""
        return asdict(self) | {"minutes": list(self.minutes)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Limits":
        """Return the limits that ``as_dict`` wrote."""
        return cls(**{**values, "minutes": tuple(values["minutes"])})
