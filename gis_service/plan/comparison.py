"""Two plans side by side: which buildings, and how many people, are in another grid than before."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """What changes for the people of a community, or of many, from one plan to another.

    Parameters
    ----------
    table
        One row a pair of old and new grid that share buildings: ``old_code`` and ``new_code`` (None: the building is in
        no grid of that plan), ``buildings``, ``households`` [count, int64], ``residents`` [count, Int64, <NA> where
        those of a building are unknown], sorted by old and new code, None last.
    households, households_moved
        Households of buildings that are in both plans, and those of them whose grid has another code [count].
    buildings_moved
        Buildings of those [count].
    """

    table: pd.DataFrame
    households: int
    households_moved: int
    buildings_moved: int

    @property
    def share_moved(self) -> float:
        """Share of the households that are in another grid than before; nan without households."""
        return self.households_moved / self.households if self.households else float("nan")


def compare(before: pd.DataFrame, after: pd.DataFrame, buildings: pd.DataFrame) -> Comparison:
    """Return what changes from one plan to another.

    Parameters
    ----------
    before, after
        Grid of each building: columns ``building_id`` and ``grid_code``; a building stands in each at most once.
    buildings
        Columns ``id``, ``households``, ``residents`` of every building in either; today's counts serve both plans.

    Returns
    -------
    Comparison
        Grids are told apart by their codes, which stay with the households they belong to.
    """
    joined = (
        before.rename(columns={"grid_code": "old_code"})
        .merge(after.rename(columns={"grid_code": "new_code"}), on="building_id", how="outer")
        .merge(buildings[["id", "households", "residents"]], left_on="building_id", right_on="id", how="inner")
    )
    by_grids = joined.groupby(["old_code", "new_code"], dropna=False, sort=True)
    residents = by_grids["residents"].sum().astype("Int64").mask(by_grids["residents"].count() < by_grids.size())
    table = pd.DataFrame(
        {
            "buildings": by_grids.size().astype("int64"),
            "households": by_grids["households"].sum().astype("int64"),
            "residents": residents,
        }
    ).reset_index()
    for column in ("old_code", "new_code"):
        table[column] = table[column].astype(object).where(table[column].notna(), None)
    both = joined["old_code"].notna() & joined["new_code"].notna()
    moved = both & (joined["old_code"] != joined["new_code"])
    return Comparison(
        table=table,
        households=int(joined.loc[both, "households"].sum()),
        households_moved=int(joined.loc[moved, "households"].sum()),
        buildings_moved=int(moved.sum()),
    )
