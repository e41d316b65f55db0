"""Coverage: the share of buildings, households and residents within the cut-off, by region."""

import geopandas as gpd
import pandas as pd

_COUNTS = ["buildings", "buildings_covered", "households", "households_covered", "residents", "residents_covered"]


def coverage(buildings: gpd.GeoDataFrame, reach_buildings: pd.DataFrame, regions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return how much of every region is within the cut-off.

    Only buildings with households count. A building counts in its community and in every region above it; one outside
    every community counts nowhere.

    Parameters
    ----------
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code``.
    reach_buildings
        Columns ``id`` and ``covered``, one row per building.
    regions
        Columns ``code``, ``level``, ``parent_code``, ``geometry``.

    Returns
    -------
    pandas.DataFrame
        Columns ``code``, ``level`` and, each with its ``_covered`` part, ``buildings``, ``households`` and
        ``residents`` [count], sorted by code. A region without a geometry has a row only if
        buildings count in it. Residents are ``<NA>`` where those of any counted building are unknown.
    """
    counted = buildings.loc[buildings["households"] > 0, ["id", "households", "residents", "community_code"]]
    counted = counted.merge(reach_buildings[["id", "covered"]], on="id", validate="one_to_one")
    members = counted.merge(with_ancestors(regions), on="community_code")
    everybody = _totals(members)
    reached = _totals(members[members["covered"]]).add_suffix("_covered")
    has_shape = regions.geometry.notna().to_numpy()
    table = regions.loc[has_shape | regions["code"].isin(everybody.index).to_numpy(), ["code", "level"]]
    table = table.merge(everybody, left_on="code", right_index=True, how="left")
    table = table.merge(reached, left_on="code", right_index=True, how="left")
    # A region that no row of the totals names has nobody: zero, not unknown.
    for side in ("", "_covered"):
        nobody = table[f"buildings{side}"].isna()
        table.loc[nobody, [f"buildings{side}", f"households{side}", f"residents{side}"]] = 0
    table = table.astype(dict.fromkeys(_COUNTS, "int64") | {"residents": "Int64", "residents_covered": "Int64"})
    return table[["code", "level", *_COUNTS]].sort_values("code", ignore_index=True)


def with_ancestors(regions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return one row per community and region that contains it, itself included."""
    parent = dict(zip(regions["code"], regions["parent_code"], strict=True))
    pairs = []
    for community in regions.loc[regions["level"] == "community", "code"]:
        code, seen = community, set[str]()
        while code in parent and code not in seen:
            seen.add(code)
            pairs.append((community, code))
            code = parent[code]
    return pd.DataFrame(pairs, columns=["community_code", "code"], dtype=object)


def _totals(members: pd.DataFrame) -> pd.DataFrame:
    """Return the sums by region; residents stay ``<NA>`` where one of them is."""
    by_region = members.groupby("code")
    return pd.DataFrame(
        {
            "buildings": by_region.size(),
            "households": by_region["households"].sum(),
            "residents": by_region["residents"]
            .sum()
            .where(~members["residents"].isna().groupby(members["code"]).any()),
        }
    )
