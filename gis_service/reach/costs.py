"""What walking an edge costs: its length, and by choice its steps, crossings and slopes."""

from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.errors import InputError, Text
from gis_service.reach.rules import MAX_SPEED_M_PER_S, MIN_SPEED_M_PER_S, PACES

STEPS = "steps"
"""Kind of the edges that are stairs."""
MAX_STEPS_FACTOR = 10.0
"""Stairs count as at most so many times their length; beyond it somebody mistook a speed for a factor."""
MAX_WAIT_S = 600.0
"""Longest wait at a crossing [s]; no signals keep people longer."""


@dataclass(frozen=True)
class WalkingProfile:
    """How somebody walks.

    Without any choice only lengths count: the plain rule of so many metres by which walks are measured and compared.

    Parameters
    ----------
    speed_m_per_s
        Speed on level ground [m/s], from `MIN_SPEED_M_PER_S` to `MAX_SPEED_M_PER_S`.
    steps_factor
        Stairs count as so many times their length on the map, from 1 to `MAX_STEPS_FACTOR`. At 1.0 m/s, 2 means 0.5
        m/s: up a long stairway most people make 0.4 to 0.5 m/s measured level (Kretz et al. 2008, *Upstairs walking
        speed distributions on a long stairway*, Safety Science 46).
    crossing_s, signal_s
        Wait at a crossing without and with signals [s], from 0 to `MAX_WAIT_S`; see `signal_wait_s`.
    slope
        Slopes count, by Tobler's hiking function, where the heights are known; uphill and downhill differ.

    Raises
    ------
    InputError
        A number is outside its bounds, infinite or nan.
    """

    speed_m_per_s: float = PACES["standard"]
    steps_factor: float = 1.0
    crossing_s: float = 0.0
    signal_s: float = 0.0
    slope: bool = False

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


PROFILES = MappingProxyType({name: WalkingProfile(speed) for name, speed in PACES.items()})
"""Profiles by name, without waits and slopes: ``standard`` and ``elderly``."""


class Costs(NamedTuple):
    """What walking each whole edge towards u and towards v counts [m of level street]."""

    to_u_m: NDArray[np.float64]
    to_v_m: NDArray[np.float64]


def edge_costs(edges: pd.DataFrame, profile: WalkingProfile) -> Costs:
    """Return what walking each edge counts, in metres of level street that take as long at the profile's speed.

    Parameters
    ----------
    edges
        Columns ``length_m`` [m], ``kind``, ``crossings``, ``signals``, and ``slope_to_u``, ``slope_to_v`` (time over
        that on level ground; nan: unknown, taken as level).
    profile
        How somebody walks.

    Returns
    -------
    Costs
        ``length_m`` times the greater of the factors of steps and of slope (stairs climb what the slope climbs, so the
        two are one effort), and the way one would have gone while waiting. Exactly ``length_m`` where nothing of this
        is chosen or known. An edge's waits are spread evenly over its length.
    """
    length_m = edges["length_m"].to_numpy(np.float64)
    steps = np.where(edges["kind"].to_numpy(dtype=object) == STEPS, profile.steps_factor, 1.0)
    waits_s = profile.crossing_s * edges["crossings"].to_numpy(np.float64)
    waits_s = waits_s + profile.signal_s * edges["signals"].to_numpy(np.float64)
    both = []
    for name in ("slope_to_u", "slope_to_v"):
        factor = steps
        if profile.slope:
            slope = np.nan_to_num(edges[name].to_numpy(np.float64), nan=1.0)
            factor = np.where(steps > 1.0, np.maximum(steps, slope), slope)
        both.append(length_m * factor + waits_s * profile.speed_m_per_s)
    return Costs(*both)


def with_costs(edges: gpd.GeoDataFrame, profile: WalkingProfile) -> gpd.GeoDataFrame:
    """Return an edges frame with the columns ``to_u_m`` and ``to_v_m`` that `build_network` reads, see `edge_costs`."""
    costs = edge_costs(edges, profile)
    return edges.assign(to_u_m=costs.to_u_m, to_v_m=costs.to_v_m)


def tobler(slope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the time that a slope takes over the time on level ground.

    Tobler (1993, *Three presentations on geographical analysis and modeling*, NCGIA technical report 93-1) has people
    walk at ``6 exp(-3.5 |s + 0.05|)`` km/h on a slope s. Of it the shape is taken, not the speed: the ratio of the
    speed on the level to that on the slope, ``exp(3.5 (|s + 0.05| - 0.05))``.

    Parameters
    ----------
    slope
        Rise over run in the direction of the walk; negative downhill.

    Returns
    -------
    numpy.ndarray
        1 on the level, least (0.839) at 5 % downhill, 1.42 at 10 % uphill; nan where the slope is.
    """
    ratio: NDArray[np.float64] = np.exp(3.5 * (np.abs(slope + 0.05) - 0.05))
    return ratio


def signal_wait_s(cycle_s: float, walk_s: float) -> float:
    """Return the mean wait at a crossing with signals, ``(C - g)² / 2C``.

    Who arrives during the red part ``C - g`` of a cycle waits half of it in the mean, and that share of people,
    arriving evenly, do. It is the delay of the *Highway Capacity Manual* 2000, chapter 18.

    Parameters
    ----------
    cycle_s
        Length of a cycle of the signals, C [s], > 0.
    walk_s
        Time in it during which people may set out, g [s], 0 … C.

    Returns
    -------
    float
        Wait [s].

    Raises
    ------
    InputError
        The times are not in these bounds.
    """
    if not 0 <= walk_s <= cycle_s < inf or cycle_s == 0:
        raise InputError(
            Text(
                f"信号周期 {cycle_s:g} 秒、行人绿灯 {walk_s:g} 秒不合理，绿灯应在 0 到周期之间",
                f"a cycle of {cycle_s:g} s with {walk_s:g} s to walk cannot be; give 0 to the cycle's length to walk",
            )
        )
    return (cycle_s - walk_s) ** 2 / (2 * cycle_s)
