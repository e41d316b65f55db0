"""What changes for people where facilities are added, moved or closed, or paths opened: before and after."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.reach.bands import MEASURES
from gis_service.reach.gap_names import gap_names
from gis_service.reach.gaps import gap_members, gap_table
from gis_service.reach.imagined_paths import ImaginedPath
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.rules import ReachRules
from gis_service.reach.snapping import ROUNDING_M, snap
from gis_service.reach.what_if import WhatIf


@dataclass(frozen=True)
class Edits:
    """What is imagined.

    Parameters
    ----------
    closed
        Ids of facilities that are closed.
    moved
        Ids of facilities that are moved, each with its new place [m].
    added_xy
        Places of new facilities [m], shape (k, 2).
    paths
        New paths, joined to the network.
    """

    closed: tuple[str, ...]
    moved: tuple[tuple[str, tuple[float, float]], ...]
    added_xy: NDArray[np.float64]
    paths: tuple[ImaginedPath, ...]


@dataclass(frozen=True)
class Comparison:
    """Before and after.

    Parameters
    ----------
    coverage
        One row a measure (buildings, households, residents, elderly, children): ``measure``, ``total``, ``before``,
        ``after`` [count], Int64; ``<NA>`` where that of some building is unknown.
    gained, lost
        Ids of the inhabited buildings of the communities that are newly covered, and of those no longer.
    households_nearer, households_farther
        Households whose walk gets shorter (or possible), and longer (or impossible) [count].
    gaps
        The gaps of before that lose people, those with most people first: ``rank``, ``name``, ``households``,
        ``households_covered`` (newly) int64.
    gaps_worsened
        The gaps of after that arise or grow, those with most people first: ``rank``, ``name``, ``households``,
        ``households_lost`` (no longer covered; all of its households: the gap is new) int64.
    """

    coverage: pd.DataFrame
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    households_nearer: int
    households_farther: int
    gaps: pd.DataFrame
    gaps_worsened: pd.DataFrame

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values for JSON."""
        coverage = self.coverage.astype(object).where(self.coverage.notna(), None)
        return {
            "coverage": coverage.to_dict("records"),
            "buildings_gained": list(self.gained),
            "buildings_lost": list(self.lost),
            "households_nearer": self.households_nearer,
            "households_farther": self.households_farther,
            "gaps_mended": self.gaps.to_dict("records"),
            "gaps_worsened": self.gaps_worsened.to_dict("records"),
        }


def compare(
    network: WalkingNetwork,
    buildings: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    edits: Edits,
    rules: ReachRules,
    *,
    edges: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame | None = None,
) -> Comparison:
    """Return whose walk and coverage change; equal to two checks from scratch.

    Parameters
    ----------
    network
        The network as it is.
    buildings
        Columns ``id``, ``households``, ``residents``, ``community_code``, ``geometry`` and, where known, ``elderly``
        and ``children``.
    facilities
        Those that count as things are: ``id`` and ``geometry`` (Point).
    edits
        What is imagined.
    rules
        Cut-off and limits.
    edges, regions, estates
        What gaps are called by, see :func:`gis_service.reach.gap_names.gap_names`.
    """
    buildings = buildings.sort_values("id", ignore_index=True)
    origins_xy = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy()))
    before_m, after_m = _walks(network, origins_xy, facilities.sort_values("id", ignore_index=True), edits, rules)
    limit_m = rules.cutoff_m + ROUNDING_M
    before, after = before_m <= limit_m, after_m <= limit_m
    counted = ((buildings["households"] > 0) & buildings["community_code"].notna()).to_numpy(np.bool_)
    households = buildings["households"].where(counted, 0).to_numpy(np.int64)
    ids = buildings["id"].to_numpy(object)
    mended = _gaps(buildings, origins_xy, before_m, before, after)
    worsened = _gaps(buildings, origins_xy, after_m, after, before)
    both = pd.concat([mended, worsened])
    centres = np.asarray(shapely.points(both.pop("x_m"), both.pop("y_m")), dtype=object)
    both.insert(1, "name", gap_names(centres, both.pop("community_code"), edges, regions, estates))
    return Comparison(
        coverage=_coverage(buildings[counted], before[counted], after[counted]),
        gained=tuple(ids[counted & after & ~before]),
        lost=tuple(ids[counted & before & ~after]),
        households_nearer=int(households[after_m < before_m].sum()),
        households_farther=int(households[after_m > before_m].sum()),
        gaps=both.iloc[: len(mended)].rename(columns={"households_changed": "households_covered"}),
        gaps_worsened=both.iloc[len(mended) :].rename(columns={"households_changed": "households_lost"}),
    )


def _walks(
    network: WalkingNetwork,
    origins_xy: NDArray[np.float64],
    facilities: gpd.GeoDataFrame,
    edits: Edits,
    rules: ReachRules,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return every walk before and after [m of level street; inf: none]."""
    limit_m = rules.max_gap_m
    origins = snap(network, origins_xy, max_gap_m=limit_m)
    targets_xy = shapely.get_coordinates(facilities.geometry.to_numpy())
    state = WhatIf(network, origins, snap(network, targets_xy, max_gap_m=limit_m))
    before_m = state.walks.walk_m.copy()
    number = {facility: place for place, facility in enumerate(facilities["id"])}
    for facility in edits.closed:
        state.close(number[facility])
    for facility, xy in edits.moved:
        state.move(number[facility], snap(network, np.array([xy]), max_gap_m=limit_m))
    for xy in edits.added_xy:
        state.add(snap(network, xy[None, :], max_gap_m=limit_m))
    for path in edits.paths:
        state.open_path(path.ends, float(path.line.length))
    return before_m, state.walks.walk_m.copy()


def _coverage(counted: gpd.GeoDataFrame, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> pd.DataFrame:
    """Return how much of each measure is covered before and after."""
    rows = []
    for measure in MEASURES:
        if measure == "buildings":
            counts = pd.Series(1, index=counted.index, dtype="Int64")
        elif measure in counted:
            counts = counted[measure].astype("Int64")
        else:
            counts = pd.Series(pd.NA, index=counted.index, dtype="Int64")
        rows.append((measure, *(counts[part].sum(skipna=False) for part in (np.ones_like(before), before, after))))
    table = pd.DataFrame(rows, columns=["measure", "total", "before", "after"])
    return table.astype({"total": "Int64", "before": "Int64", "after": "Int64"})


def _gaps(
    buildings: gpd.GeoDataFrame,
    origins_xy: NDArray[np.float64],
    walks_m: NDArray[np.float64],
    covered: NDArray[np.bool_],
    otherwise: NDArray[np.bool_],
) -> pd.DataFrame:
    """Return the gaps of one state in which people are covered in the other, and a place among the people of each."""
    walk_m = np.where(np.isfinite(walks_m), walks_m, np.nan)
    members = gap_members(buildings, pd.DataFrame({"id": buildings["id"], "walk_m": walk_m, "covered": covered}))
    table = gap_table(members)
    row = pd.Index(buildings["id"])
    changed = (
        members["households"].where(otherwise[row.get_indexer(members["id"])], 0).groupby(members["cluster"]).sum()
    )
    centre = origins_xy[row.get_indexer(table["centre_id"])]
    table = table.assign(
        households_changed=table["cluster"].map(changed).astype("int64"), x_m=centre[:, 0], y_m=centre[:, 1]
    )
    columns = ["rank", "community_code", "households", "households_changed", "x_m", "y_m"]
    return table.loc[table["households_changed"] > 0, columns].reset_index(drop=True)
