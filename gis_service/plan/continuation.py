"""Which grid goes on as which from one plan to another, and how many people go elsewhere."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Continuation:
    """Who stays and who goes when one plan takes the place of another.

    Parameters
    ----------
    table
        The table of :class:`gis_service.plan.comparison.Comparison` with ``continued``: the new grid goes on as the
        old one, so those people stay.
    households, households_moved
        Households that have a grid in both plans, and those of them that do not stay [count].
    buildings_moved
        Buildings that do not stay [count].
    """

    table: pd.DataFrame
    households: int
    households_moved: int
    buildings_moved: int

    @property
    def share_moved(self) -> float:
        """Share of the households that do not stay; nan without households."""
        return self.households_moved / self.households if self.households else float("nan")


def continuation(table: pd.DataFrame, *, by_code: bool = True) -> Continuation:
    """Return who stays and who goes.

    Parameters
    ----------
    table
        The table of :func:`gis_service.plan.comparison.compare`.
    by_code
        The codes of the old plan bind the new one: it was in force or given, or the new one goes on with it. False:
        both have been numbered by themselves, so that equal codes mean nothing.

    Returns
    -------
    Continuation
        A grid goes on under its code where codes bind. Of the others (grids given without codes, or with codes of
        another form, and all where codes do not bind), the pair with the most households comes first, then that with
        the most buildings; each grid goes on as one at most.
    """
    both = table["old_code"].notna() & table["new_code"].notna()
    kept = set(table["old_code"].dropna()) & set(table["new_code"].dropna()) if by_code else set()
    ranked = table[both].sort_values(
        ["households", "buildings", "old_code", "new_code"], ascending=[False, False, True, True]
    )
    taken_old, taken_new, pairs = set(kept), set(kept), {(code, code) for code in kept}
    for old, new in zip(ranked["old_code"], ranked["new_code"], strict=True):
        if old not in taken_old and new not in taken_new:
            taken_old.add(old)
            taken_new.add(new)
            pairs.add((old, new))
    continued = [pair in pairs for pair in zip(table["old_code"], table["new_code"], strict=True)]
    moved = both & ~pd.Series(continued, index=table.index, dtype=bool)
    return Continuation(
        table=table.assign(continued=continued),
        households=int(table.loc[both, "households"].sum()),
        households_moved=int(table.loc[moved, "households"].sum()),
        buildings_moved=int(table.loc[moved, "buildings"].sum()),
    )
