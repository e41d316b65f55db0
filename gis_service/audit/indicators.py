"""The indicators officials read, one row a region and one row a grid."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.audit.inventory import Inventory
from gis_service.audit.limits import GROUP_KINDS, Limits
from gis_service.audit.region_counts import sums_by_region, with_ancestors
from gis_service.audit.tallies import PEOPLE, add_up, tallies, walk_columns

STATUSES = ("normal", "small", "large", "conflict", "special", "empty")


def region_indicators(regions: pd.DataFrame, inventory: Inventory, limits: Limits | None) -> pd.DataFrame:
    """Return the indicators of every region of every level.

    Parameters
    ----------
    regions
        ``code``, ``name``, ``level``, ``parent_code``.
    inventory
        The things that are counted.
    limits
        What counts as reached; None: nothing was walked, and every figure about walks is unknown.

    Returns
    -------
    pandas.DataFrame
        One row a region, sorted by ``code``, with ``name``, ``level``, ``parent_code`` and

        - ``communities``, and everything of :func:`gis_service.audit.tallies.tallies` [count], Int64 where it may be
          unknown, with the shares ``…_share`` of what is covered, within a cut-off or served;
        - ``buildings_without_community``, ``households_without_community``: in none of the counts above;
        - ``grids``, ``grids_normal`` … ``grids_empty``, and ``normal_share`` of the grids with a size test, which are
          the base grids with households or residents (nan: none);
        - ``grids_unchanged``: whose land is known to be the same since some day, and ``unchanged_since``: the day since
          which all grids are (None: not known of all, or no grid);
        - ``estates``, ``estates_without_station``;
        - ``service_facilities``, of them ``service_facilities_area_unknown``, ``service_area_m2`` [m²] of the others
          and ``service_m2_per_100_households`` (nan: no household, or no area known although facilities exist);
        - ``facilities_over_capacity``.

    Notes
    -----
    A building counts in its community and everything above it, see :func:`gis_service.audit.inventory.take_inventory`
    for where other things lie. Shares are nan where nobody counts or the parts are unknown.
    """
    above = with_ancestors(regions)
    outside = inventory.buildings["community_code"].isna()
    housed = inventory.buildings[~outside]
    of_communities = add_up(tallies(housed, limits), housed["community_code"])
    communities = regions.loc[regions["level"] == "community", "code"]
    grids, estates, facilities = inventory.grids, inventory.estates, inventory.facilities
    counts: tuple[tuple[Any, dict[str, Any]], ...] = (
        (communities, {"communities": np.ones(len(communities), dtype=np.int64)}),
        (
            inventory.buildings.loc[outside, "place"],
            {
                "buildings_without_community": np.ones(outside.sum(), dtype=np.int64),
                "households_without_community": inventory.buildings.loc[outside, "households"],
            },
        ),
        (grids["community_code"], _statuses(grids)),
        (
            estates["place"],
            {
                "estates": np.ones(len(estates), dtype=np.int64),
                "estates_without_station": ~estates["has_station"].to_numpy(dtype=bool),
            },
        ),
        (facilities["place"], _facilities(facilities)),
    )
    table = pd.DataFrame(regions.set_index("code")[["name", "level", "parent_code"]].sort_index())
    known = sums_by_region(above, of_communities.index, of_communities.fillna(0))
    unknown = sums_by_region(above, of_communities.index, of_communities.isna())
    table = table.join(known.astype("Int64").mask(unknown > 0))
    for places, values in counts:
        table = table.join(sums_by_region(above, places, values))
    if limits is None:
        table[list(walk_columns(None))] = pd.NA
    table["unchanged_since"] = _since(table, grids, above)
    return _with_region_shares(_with_shares(_typed(table, limits), limits)).rename_axis("code").reset_index()


def grid_indicators(inventory: Inventory, limits: Limits | None) -> pd.DataFrame:
    """Return the indicators of every grid, sorted by code.

    Parameters
    ----------
    inventory, limits
        As for :func:`region_indicators`.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``name``, ``kind``, ``status``, ``community_code``, ``unchanged_since`` (None: not known) and, over
        the buildings in it, what :func:`gis_service.audit.tallies.tallies` counts, with shares.
    """
    inside = inventory.buildings[inventory.buildings["grid_code"].notna()]
    values = tallies(inside, limits).drop(columns=["buildings_without_grid", "households_without_grid"])
    columns = ["name", "kind", "status", "community_code", "unchanged_since"]
    table = inventory.grids.set_index("code")[columns].sort_index()
    sums = add_up(values, inside["grid_code"]).reindex(table.index)
    nobody = ~table.index.isin(inside["grid_code"])
    sums.loc[nobody] = 0
    table = pd.DataFrame(table).join(sums)
    if limits is None:
        table[list(walk_columns(None))] = pd.NA
    return _with_shares(_typed(table, limits), limits).rename_axis("code").reset_index()


def _statuses(grids: pd.DataFrame) -> dict[str, Any]:
    by_status = {f"grids_{status}": grids["status"] == status for status in STATUSES}
    dated = {"grids_unchanged": grids["unchanged_since"].notna()}
    return {"grids": np.ones(len(grids), dtype=np.int64)} | by_status | dated


def _facilities(facilities: pd.DataFrame) -> dict[str, Any]:
    serves, area_m2 = facilities["serves"], facilities["area_m2"]
    return {
        "service_facilities": serves,
        "service_facilities_area_unknown": serves & area_m2.isna(),
        "service_area_m2": area_m2.where(serves, 0.0).fillna(0.0),
        "facilities_over_capacity": facilities["over_capacity"],
    }


def _since(table: pd.DataFrame, grids: pd.DataFrame, above: pd.DataFrame) -> "pd.Series[Any]":
    """Return the last of the days since which the grids of each region are unchanged; None: not known of all."""
    dated = grids[grids["unchanged_since"].notna()]
    latest = dated.merge(above, left_on="community_code", right_on="place").groupby("code_y")["unchanged_since"].max()
    all_known = (table["grids"] > 0) & (table["grids_unchanged"] == table["grids"])
    days = pd.Series(table.index.map(latest.to_dict().get), index=table.index, dtype=object)
    return days.where(all_known & days.notna(), None)


def _typed(table: pd.DataFrame, limits: Limits | None) -> pd.DataFrame:
    """Return the table with whole numbers as Int64 where they may be unknown and int64 where not."""
    unsure = {*PEOPLE, *(f"{name}_counted" for name in PEOPLE), *walk_columns(limits)}
    whole = [name for name in table if pd.api.types.is_numeric_dtype(table[name]) or name in unsure]
    types = {name: "Int64" if name in unsure else "int64" for name in whole if name != "service_area_m2"}
    return table.astype(types)


def _with_shares(table: pd.DataFrame, limits: Limits | None) -> pd.DataFrame:
    """Return the table with the shares of what is covered, each nan where nobody counts or a part is unknown."""
    whole = {"buildings": "buildings_inhabited", "households": "households", "residents": "residents_counted"}
    shares = {f"{name}_covered_share": _ratio(table[f"{name}_covered"], table[of]) for name, of in whole.items()}
    for band in () if limits is None else limits.names():
        for name in ("households", "residents"):
            for side in ("", "_straight"):
                part = table[f"{name}_{band}{side}"]
                shares[f"{name}_{band}{side}_share"] = _ratio(part, table[whole[name]])
    for group in GROUP_KINDS:
        shares[f"{group}_served_share"] = _ratio(table[f"{group}_served"], table[f"{group}_counted"])
    return table.assign(**shares)


def _with_region_shares(table: pd.DataFrame) -> pd.DataFrame:
    tested = table["grids"] - table["grids_special"] - table["grids_empty"]
    per_100 = _ratio(100 * table["service_area_m2"], table["households"])
    unknown = (table["service_facilities"] > 0) & (
        table["service_facilities"] == table["service_facilities_area_unknown"]
    )
    return table.assign(
        normal_share=_ratio(table["grids_normal"], tested),
        service_m2_per_100_households=np.where(unknown, np.nan, per_100),
    )


def _ratio(part: "pd.Series[Any]", whole: "pd.Series[Any]") -> NDArray[np.float64]:
    numerator = part.to_numpy(dtype=np.float64, na_value=np.nan)
    denominator = whole.to_numpy(dtype=np.float64, na_value=np.nan)
    ratio: NDArray[np.float64] = np.full(len(part), np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return ratio
