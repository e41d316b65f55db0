"""What walking an edge costs: its length, and by choice its steps, crossings and slopes."""

from math import inf
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.errors import InputError, Text
from gis_service.reach.network import WalkingNetwork, build_network
from gis_service.reach.profile import WalkingProfile
from gis_service.reach.rules import ReachRules

STEPS = "steps"
"""Kind of the edges that are stairs."""


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
        if profile.slope != "off":
            slope = np.nan_to_num(edges[name].to_numpy(np.float64), nan=1.0)
            factor = np.where(steps > 1.0, np.maximum(steps, slope), slope)
        both.append(length_m * factor + waits_s * profile.speed_m_per_s)
    return Costs(*both)


def with_costs(edges: gpd.GeoDataFrame, profile: WalkingProfile) -> gpd.GeoDataFrame:
    """Return an edges frame with the columns ``to_u_m`` and ``to_v_m`` that `build_network` reads, see `edge_costs`."""
    costs = edge_costs(edges, profile)
    return edges.assign(to_u_m=costs.to_u_m, to_v_m=costs.to_v_m)


def walking_network(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, rules: ReachRules) -> WalkingNetwork:
    """Return the network on which the walks of some rules are searched.

    Parameters
    ----------
    nodes, edges
        As for :func:`gis_service.reach.network.build_network`; where more than lengths counts, also as for
        `edge_costs`.
    rules
        What counts, and which components are walked on.

    Raises
    ------
    InputError
        Slopes are to count and no height is known; and as for `build_network`.
    """
    if rules.slope != "off" and len(edges) and edges["slope_to_v"].isna().all():
        raise InputError(
            Text(
                "路网没有高程，无法计坡度：请在 dataset.toml 的 [files.elevation] 提供高程并重新导入，或不计坡度",
                "the streets have no heights, so slopes cannot count: give [files.elevation] in dataset.toml, import "
                "again, or leave slopes out",
            )
        )
    counted = edges if rules.profile.plain else with_costs(edges, rules.profile)
    return build_network(nodes, counted, min_component_m=rules.min_component_m)


def counted_facts(edges: pd.DataFrame, profile: WalkingProfile) -> dict[str, float | None]:
    """Return how much there is on the streets of what a profile counts, as plain values for JSON.

    Returns
    -------
    dict
        ``steps_m``: length of the stairs [m]; ``crossings``, ``signals`` [count]; ``heights_share``: share of the
        streets' length whose slope is known, None: there are no streets. Only what the profile counts is told, so
        nothing of a plain one.
    """
    length_m = edges["length_m"].to_numpy(np.float64)
    facts: dict[str, float | None] = {}
    if profile.steps_factor != 1.0:
        facts["steps_m"] = float(length_m[edges["kind"].to_numpy(dtype=object) == STEPS].sum())
    if profile.crossing_s:
        facts["crossings"] = float(edges["crossings"].sum())
    if profile.signal_s:
        facts["signals"] = float(edges["signals"].sum())
    if profile.slope != "off":
        known_m, total_m = float(length_m[edges["slope_to_v"].notna().to_numpy()].sum()), float(length_m.sum())
        facts["heights_share"] = known_m / total_m if total_m > 0 else None
    return facts


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
