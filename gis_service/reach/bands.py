"""Coverage of every cut-off by region and grid, on foot and, beside it, as the crow flies."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from gis_service.reach.coverage import with_ancestors
from gis_service.reach.snapping import ROUNDING_M

MEASURES = ("buildings", "households", "residents", "elderly", "children")
"""What is counted; buildings are those with households."""
GRID = "grid"
"""Level of the grids of a plan, below those of the regions."""


def band_coverage(
    buildings: gpd.GeoDataFrame,
    reach_buildings: pd.DataFrame,
    regions: gpd.GeoDataFrame,
    cutoffs_m: Mapping[float, float],
    grid_codes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how much of every region and grid is within each cut-off.

    Buildings count as in :func:`gis_service.reach.coverage.coverage`. Beside the walk stands what a circle drawn with a
    pair of compasses would claim: the straight line to the nearest facility, held against the same metres.

    Parameters
    ----------
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code`` and, where known, ``elderly``, ``children``.
    reach_buildings
        Columns ``id``, ``walk_m`` (what the walk counts) and ``straight_m`` [m] (nan: none), one row per building.
    regions
        Columns ``code``, ``level``, ``parent_code``, ``geometry``.
    cutoffs_m
        Longest walk [m], inclusive, by minutes.
    grid_codes
        Columns ``id`` and ``grid_code``, a row for each building that lies in a grid; None: no grids.

    Returns
    -------
    pandas.DataFrame
        Columns ``level``, ``code``, ``minutes``, and for each of `MEASURES` the total, the part within on foot
        (``_covered``) and in a straight line (``_straight``), Int64; ``<NA>`` where that of a building that adds to it
        is unknown. Regions and grids where buildings count, sorted by level, code and minutes.
    """
    counted = buildings[(buildings["households"] > 0) & buildings["community_code"].notna()]
    people = pd.DataFrame({"id": counted["id"], "community_code": counted["community_code"], "buildings": 1})
    for measure in MEASURES[1:]:
        unknown = pd.array([pd.NA] * len(counted), dtype="Int64")
        people[measure] = counted[measure].astype("Int64").array if measure in counted else unknown
    people = people.merge(reach_buildings[["id", "walk_m", "straight_m"]], on="id", validate="one_to_one")
    areas = with_ancestors(regions).merge(regions[["code", "level"]], on="code")
    members = [people.merge(areas, on="community_code").drop(columns="community_code")]
    if grid_codes is not None:
        in_grids = people.drop(columns="community_code").merge(grid_codes[["id", "grid_code"]], on="id")
        members.append(in_grids.rename(columns={"grid_code": "code"}).assign(level=GRID))
    everybody = pd.concat(members, ignore_index=True)
    return pd.concat(
        [_within(everybody, minutes, cutoff_m + ROUNDING_M) for minutes, cutoff_m in cutoffs_m.items()],
        ignore_index=True,
    ).sort_values(["level", "code", "minutes"], ignore_index=True)


def _within(everybody: pd.DataFrame, minutes: float, cutoff_m: float) -> pd.DataFrame:
    """Return one row per region and grid for one cut-off."""
    table = _sums(everybody)
    for suffix, column in (("_covered", "walk_m"), ("_straight", "straight_m")):
        part = _sums(everybody[everybody[column] <= cutoff_m]).add_suffix(suffix)
        nobody = ~table.index.isin(part.index)
        part = part.reindex(table.index)
        part.loc[nobody] = 0
        table = table.join(part)
    order = [f"{measure}{suffix}" for measure in MEASURES for suffix in ("", "_covered", "_straight")]
    table = table[order].astype("Int64").reset_index()
    table.insert(2, "minutes", np.float64(minutes))
    return table


def _sums(members: pd.DataFrame) -> pd.DataFrame:
    """Return the sums by level and code; ``<NA>`` where one of them is unknown."""
    areas = [members["level"], members["code"]]
    sums = {name: members[name].groupby(areas).sum() for name in MEASURES}
    unknown = {name: members[name].isna().groupby(areas).any() for name in MEASURES}
    return pd.DataFrame({name: sums[name].where(~unknown[name]) for name in MEASURES}).astype("Int64")
