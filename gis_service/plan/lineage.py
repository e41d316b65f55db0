"""Which new grid continues which earlier one, so that codes and names stay with the households they belong to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gis_service.geo.coverage import IndexArray, dissolve


def no_grids() -> gpd.GeoDataFrame:
    """Return a generation of grids without rows."""
    return gpd.GeoDataFrame({"code": [], "name": [], "kind": []}, geometry=[])


@dataclass(frozen=True)
class Past:
    """What the grids of a community have been called until now.

    Parameters
    ----------
    given
        The given grids of kind base: ``code`` and ``name`` (None: has none), ``kind``, ``geometry``.
    plans
        The grids of the plans that a new one goes on from, same columns, those first that it follows first.
    taken
        Codes of grids that exist, and those of the plans it goes on from with all that ended before; none of them is
        given to other land. Codes of other proposals are free: nobody lives by them.
    ending
        Codes of which a new plan has to say that they end unless it continues them: those of the given grids, and
        those of the plans it goes on from with all that ended before.
    """

    given: gpd.GeoDataFrame = field(default_factory=no_grids)
    plans: tuple[gpd.GeoDataFrame, ...] = ()
    taken: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Successors:
    """The new grids, and where the buildings stand that decide what they continue.

    Parameters
    ----------
    units
        The units frame of the community.
    grid
        Grid of each unit, 0 … n-1.
    point
        A point of each building, in the CRS of the units.
    households
        Households of each building [count].
    unit
        Position in ``units`` of each building's unit.
    """

    units: gpd.GeoDataFrame
    grid: IndexArray
    point: NDArray[np.object_]
    households: NDArray[np.int64]
    unit: IndexArray


@dataclass(frozen=True, order=True)
class Heir:
    """A new grid that continues an earlier one.

    Parameters
    ----------
    grid
        The new grid.
    generation
        Position of the generation the earlier grid is of.
    code, name
        Code and name of the earlier grid; empty where it has none.
    households
        Households of buildings in both [count].
    """

    grid: int
    generation: int
    code: str
    name: str
    households: int


@dataclass(frozen=True)
class Heritage:
    """What new grids have from earlier ones.

    Parameters
    ----------
    heirs
        Who continues whom, sorted.
    codes, names
        By new grid: the code and the name it keeps.
    """

    heirs: tuple[Heir, ...]
    codes: dict[int, str]
    names: dict[int, str]


def inherit(generations: Sequence[gpd.GeoDataFrame], new: Successors, well_formed: Collection[str]) -> Heritage:
    """Return the codes and names that new grids keep from earlier ones.

    Parameters
    ----------
    generations
        Earlier grids: ``code`` (no two alike) and ``name`` (None: has none), ``kind`` and ``geometry``, in the CRS of
        the units. The first generation goes before the next; the first that knows a code decides about it.
    new
        The new grids.
    well_formed
        Codes that a grid of this community may have; others are not kept, names always are.

    Returns
    -------
    Heritage
        A code is kept by one grid at most. The result does not depend on the order of generations' rows or buildings,
        nor on how the new grids are numbered.

    Notes
    -----
    A base grid continues the base grid that it keeps more than half of the households of and has more than half of its
    own households from; where neither has households, land counts in their place. Where earlier grids overlap, so
    that several qualify, the assignment with the largest overlap in all counts (Crouse 2016). A special
    grid continues the special grid of its name. The name kept with a code is the one that the last generation
    has for it, unless other codes had that name, too: who renames a grid of the data in a plan names it for good.
    """
    order = np.unique(new.grid, return_index=True)[1].argsort(kind="stable")  # canonical: by first unit
    heirs: list[Heir] = []
    called = _last_names(generations)
    codes: dict[int, str] = {}
    names: dict[int, str] = {}
    decided: set[str] = set()
    for number, generation in enumerate(generations):
        old = _sorted(generation)
        old = old[~old["code"].isin(decided)].reset_index(drop=True)
        open_grids = np.array([grid for grid in order.tolist() if grid not in codes], dtype=np.int64)
        for row, grid, households in _continued(old, open_grids, new):
            heir = Heir(grid, number, old["code"].iloc[row], old["name"].iloc[row], households)
            heirs.append(heir)
            if heir.code in well_formed:
                codes.setdefault(grid, heir.code)
            name = called.get(heir.code, heir.name)
            if name:
                names.setdefault(grid, name)
        decided |= set(old["code"]) - {""}
    return Heritage(tuple(sorted(heirs)), codes, names)


def _last_names(generations: Sequence[gpd.GeoDataFrame]) -> dict[str, str]:
    """Return by code the name that its base grid has in the last generation with one, if no other code ever had it."""
    names: dict[str, str] = {}
    bearers: dict[str, set[str]] = {}
    for generation in generations:
        named = generation[(generation["kind"] == "base") & generation["code"].notna() & generation["name"].notna()]
        for code, name in zip(named["code"], named["name"], strict=True):
            names[code] = name
            bearers.setdefault(name, set()).add(code)
    return {code: name for code, name in names.items() if len(bearers[name]) == 1}


def _sorted(generation: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return earlier grids in an order of their own, missing texts empty."""
    texts = {column: generation[column].fillna("").astype(object) for column in ("code", "name")}
    wkb = shapely.to_wkb(shapely.normalize(generation.geometry.to_numpy()))
    return generation.assign(**texts, wkb=wkb).sort_values(["code", "name", "wkb"], ignore_index=True)


def _continued(old: gpd.GeoDataFrame, open_grids: IndexArray, new: Successors) -> list[tuple[int, int, int]]:
    """Return row of the earlier grid, new grid and shared households of all that continue one another."""
    if len(old) == 0 or len(open_grids) == 0:
        return []
    total = int(new.grid.max()) + 1
    of_building = new.grid[new.unit]
    row, building = shapely.STRtree(new.point).query(old.geometry.to_numpy(), predicate="intersects")
    shared = np.zeros((len(old), total), np.int64)
    np.add.at(shared, (row, of_building[building]), new.households[building])
    of_old = np.bincount(row, new.households[building], len(old)).astype(np.int64)
    of_new = np.bincount(of_building, new.households, total).astype(np.int64)
    first_unit = np.unique(new.grid, return_index=True)[1]
    name = new.units["special"].to_numpy(dtype=object)[first_unit]

    base = old["kind"].to_numpy() == "base"
    open_base = open_grids[pd.isna(name[open_grids])]
    rows, grids = np.flatnonzero(base & (of_old > 0)), open_base[of_new[open_base] > 0]
    pairs = _best(rows, grids, shared[np.ix_(rows, grids)], of_old[rows], of_new[grids])
    rows, grids = np.flatnonzero(base & (of_old == 0)), open_base[of_new[open_base] == 0]
    pairs += _best(rows, grids, *_common_land(old, rows, grids, new))
    special = {name[grid]: int(grid) for grid in open_grids if not pd.isna(name[grid])}
    named = np.flatnonzero(~base & old["name"].isin(special).to_numpy()).tolist()
    pairs += [(row, special[old["name"].iloc[row]]) for row in named]
    return [(row, grid, int(shared[row, grid])) for row, grid in pairs]


def _best(
    rows: IndexArray, grids: IndexArray, shared: NDArray[Any], of_old: NDArray[Any], of_new: NDArray[Any]
) -> list[tuple[int, int]]:
    """Return earlier and new grids that share more than half of both, each in one pair, with the largest sum shared."""
    most = (2 * shared > of_old[:, None]) & (2 * shared > of_new[None, :])
    first, second = linear_sum_assignment(np.where(most, shared, 0), maximize=True)
    chosen = most[first, second]
    return list(zip(rows[first[chosen]].tolist(), grids[second[chosen]].tolist(), strict=True))


def _common_land(
    old: gpd.GeoDataFrame, rows: IndexArray, grids: IndexArray, new: Successors
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the land that earlier and new grids share, that of the earlier and that of the new ones [m²]."""
    before = old.geometry.to_numpy()[rows]
    position = np.full(int(new.grid.max()) + 1, -1, np.int64)
    position[grids] = np.arange(len(grids))
    here = position[new.grid]
    after = dissolve(new.units.geometry.to_numpy()[here >= 0], here[here >= 0])
    shared = np.zeros((len(before), len(after)))
    first, second = shapely.STRtree(after).query(before, predicate="intersects")
    shared[first, second] = shapely.area(shapely.intersection(before[first], after[second]))
    return shared, shapely.area(before), shapely.area(after)
