"""What every building adds to the figures of the grid and the regions it lies in."""

import pandas as pd

from gis_service.audit.limits import GROUP_KINDS, ROUNDING_M, Limits

TOTALS = ("buildings", "households", "residents", "elderly", "children")
"""Counted over all buildings of a community; of people ``<NA>`` where those of a building are unknown."""
PEOPLE = ("residents", "elderly", "children")


def tallies(buildings: pd.DataFrame, limits: Limits | None) -> pd.DataFrame:
    """Return what each building counts for, to be added up by grid and by region.

    Parameters
    ----------
    buildings
        Buildings of communities as in :class:`gis_service.audit.inventory.Inventory`.
    limits
        What counts as reached; None: nothing was walked, and every figure about walks is ``<NA>``.

    Returns
    -------
    pandas.DataFrame
        Int64, index of `buildings`: the `TOTALS`, ``buildings_without_grid``, ``households_without_grid``; of buildings
        with households ``buildings_inhabited`` and ``residents_counted``, ``elderly_counted``, ``children_counted``; of
        these again ``…_covered`` of buildings, households and residents, for each cut-off ``households_15_min`` on foot
        and ``households_15_min_straight`` in a straight line, the same of residents, ``households_beyond`` (walk
        strictly more than the limit, or have no path), ``elderly_served`` and ``children_served``.
    """
    ones = pd.Series(1, index=buildings.index, dtype="Int64")
    counts = {"buildings": ones} | {name: buildings[name].astype("Int64") for name in TOTALS[1:]}
    gridless, inhabited = buildings["grid_code"].isna(), buildings["households"] > 0
    counted = {name: _only(counts[name], inhabited) for name in TOTALS}
    table = dict(counts)
    table |= {f"{name}_without_grid": _only(counts[name], gridless) for name in ("buildings", "households")}
    table["buildings_inhabited"] = counted["buildings"]
    table |= {f"{name}_counted": counted[name] for name in PEOPLE}
    return pd.DataFrame(table | _walked(buildings, counted, limits))


def walk_columns(limits: Limits | None) -> tuple[str, ...]:
    """Return the names of the columns that tell of walks."""
    bands = () if limits is None else limits.names()
    return (
        *("buildings_covered", "households_covered", "residents_covered"),
        *(
            f"{name}_{band}{side}"
            for band in bands
            for name in ("households", "residents")
            for side in ("", "_straight")
        ),
        "households_beyond",
        *(f"{group}_served" for group in GROUP_KINDS),
    )


def add_up(values: pd.DataFrame, keys: "pd.Series[str]") -> pd.DataFrame:
    """Return sums by key, sorted; ``<NA>`` where one of the values is."""
    summed = values.fillna(0).groupby(keys.to_numpy()).sum()
    unknown = values.isna().groupby(keys.to_numpy()).any()
    return summed.astype("Int64").mask(unknown)


def _walked(
    buildings: pd.DataFrame, counted: dict[str, "pd.Series[int]"], limits: Limits | None
) -> dict[str, "pd.Series[int]"]:
    if limits is None:
        unknown = pd.Series(pd.NA, index=buildings.index, dtype="Int64")
        return dict.fromkeys(walk_columns(None), unknown)
    found = {f"{name}_covered": _only(counted[name], buildings["covered"]) for name in TOTALS[:3]}
    for band, minutes in zip(limits.names(), limits.minutes, strict=True):
        reach_m = minutes * 60.0 * limits.speed_m_per_s + ROUNDING_M
        on_foot = buildings["walk_s"] * limits.speed_m_per_s <= reach_m
        straight = buildings["straight_m"] <= reach_m
        for name in ("households", "residents"):
            found[f"{name}_{band}"] = _only(counted[name], on_foot)
            found[f"{name}_{band}_straight"] = _only(counted[name], straight)
    found["households_beyond"] = _only(counted["households"], limits.is_beyond(buildings["walk_m"]))
    for group in GROUP_KINDS:
        speed = limits.elderly_speed_m_per_s if group == "elderly" else limits.speed_m_per_s
        reach_s = limits.minutes[-1] * 60.0 + ROUNDING_M / speed
        found[f"{group}_served"] = _only(counted[group], buildings[f"{group}_walk_s"] <= reach_s)
    return found


def _only(counts: "pd.Series[int]", chosen: "pd.Series[bool]") -> "pd.Series[int]":
    """Return the counts of the chosen buildings, zero for the others."""
    return counts.where(chosen.to_numpy(dtype=bool), 0)
