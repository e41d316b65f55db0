"""What changes for people where facilities are added, moved or closed, or paths opened: before and after."""

from collections.abc import Hashable
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


@dataclass(frozen=True, eq=False)
class Standing:
    """A city as it is, ready to be compared with what is imagined, again and again.

    Parameters
    ----------
    network
        The walking network.
    buildings
        Sorted by id.
    origins_xy
        Where they stand [m], shape (n, 2).
    counts
        Of each measure what each building counts; 0: it has no households or lies outside every community; nan:
        unknown.
    facility_ids
        Those that count as things are, sorted.
    rules
        Cut-off and limits.
    state
        Their walks; not to be changed.
    """

    network: WalkingNetwork
    buildings: gpd.GeoDataFrame
    origins_xy: NDArray[np.float64]
    counts: dict[str, NDArray[np.float64]]
    facility_ids: tuple[str, ...]
    rules: ReachRules
    state: WhatIf

    def covered(self, walk_m: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return which walks [m] are within the cut-off."""
        return walk_m <= self.rules.cutoff_m + ROUNDING_M

    def after(self, edits: Edits) -> NDArray[np.float64]:
        """Return every walk with what is imagined [m of level street; inf: none]."""
        state, limit_m = self.state.copy(), self.rules.max_gap_m
        number = {facility: place for place, facility in enumerate(self.facility_ids)}
        for facility in edits.closed:
            state.close(number[facility])
        for facility, xy in edits.moved:
            state.move(number[facility], snap(self.network, np.array([xy]), max_gap_m=limit_m))
        for xy in edits.added_xy:
            state.add(snap(self.network, xy[None, :], max_gap_m=limit_m))
        for path in edits.paths:
            state.open_path(path.ends, float(path.line.length))
        return state.walks.walk_m


@dataclass(frozen=True, eq=False)
class Difference:
    """Who walks how far before and after.

    Parameters
    ----------
    coverage
        One row a measure (buildings, households, residents, elderly, children): ``measure``, ``total``, ``before``,
        ``after`` [count], Int64; ``<NA>`` where that of some building is unknown.
    gained, lost
        Rows of the inhabited buildings of the communities that are newly covered, and of those no longer.
    households_nearer, households_farther
        Households whose walk gets shorter (or possible), and longer (or impossible) [count].
    """

    coverage: pd.DataFrame
    gained: NDArray[np.int64]
    lost: NDArray[np.int64]
    households_nearer: int
    households_farther: int


@dataclass(frozen=True)
class Comparison:
    """Before and after.

    Parameters
    ----------
    coverage, households_nearer, households_farther
        As in `Difference`.
    gained, lost
        Ids of the inhabited buildings of the communities that are newly covered, and of those no longer.
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
        return {
            "coverage": plain_coverage(self.coverage),
            "buildings_gained": list(self.gained),
            "buildings_lost": list(self.lost),
            "households_nearer": self.households_nearer,
            "households_farther": self.households_farther,
            "gaps_mended": self.gaps.to_dict("records"),
            "gaps_worsened": self.gaps_worsened.to_dict("records"),
        }


def plain_coverage(coverage: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return the coverage of a `Difference` as plain values for JSON."""
    rows = zip(*(coverage[name].tolist() for name in coverage), strict=True)
    return [
        {name: None if pd.isna(value) else value for name, value in zip(coverage, row, strict=True)} for row in rows
    ]


def standing_of(
    network: WalkingNetwork, buildings: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, rules: ReachRules
) -> Standing:
    """Return a city as it is.

    Parameters
    ----------
    network, buildings, facilities, rules
        As for `compare`.
    """
    buildings = buildings.sort_values("id", ignore_index=True)
    facilities = facilities.sort_values("id", ignore_index=True)
    origins_xy = shapely.get_coordinates(shapely.point_on_surface(buildings.geometry.to_numpy()))
    targets_xy = shapely.get_coordinates(facilities.geometry.to_numpy())
    state = WhatIf(
        network,
        snap(network, origins_xy, max_gap_m=rules.max_gap_m),
        snap(network, targets_xy, max_gap_m=rules.max_gap_m),
    )
    return Standing(network, buildings, origins_xy, _counts(buildings), tuple(facilities["id"]), rules, state)


def difference(standing: Standing, after_m: NDArray[np.float64]) -> Difference:
    """Return what changes for people.

    Parameters
    ----------
    standing
        The city as it is.
    after_m
        Every walk with what is imagined [m], from `Standing.after`.
    """
    before_m = standing.state.walks.walk_m
    before, after = standing.covered(before_m), standing.covered(after_m)
    counted, households = standing.counts["buildings"] > 0, standing.counts["households"]
    return Difference(
        _coverage(standing.counts, before, after),
        np.flatnonzero(counted & after & ~before),
        np.flatnonzero(counted & before & ~after),
        int(households[after_m < before_m].sum()),
        int(households[after_m > before_m].sum()),
    )


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
    standing = standing_of(network, buildings, facilities, rules)
    return compare_with(standing, standing.after(edits), edges=edges, regions=regions, estates=estates)


def compare_with(
    standing: Standing,
    after_m: NDArray[np.float64],
    *,
    edges: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
    estates: gpd.GeoDataFrame | None = None,
) -> Comparison:
    """Return what `compare` does for a city that is ready, with every walk after what is imagined [m]."""
    buildings, before_m = standing.buildings, standing.state.walks.walk_m
    before, after = standing.covered(before_m), standing.covered(after_m)
    mended = _gaps(buildings, standing.origins_xy, before_m, before, after)
    worsened = _gaps(buildings, standing.origins_xy, after_m, after, before)
    both = pd.concat([mended, worsened])
    centres = np.asarray(shapely.points(both.pop("x_m"), both.pop("y_m")), dtype=object)
    both.insert(1, "name", gap_names(centres, both.pop("community_code"), edges, regions, estates))
    people, ids = difference(standing, after_m), buildings["id"].to_numpy(object)
    return Comparison(
        coverage=people.coverage,
        gained=tuple(ids[people.gained]),
        lost=tuple(ids[people.lost]),
        households_nearer=people.households_nearer,
        households_farther=people.households_farther,
        gaps=both.iloc[: len(mended)].rename(columns={"households_changed": "households_covered"}),
        gaps_worsened=both.iloc[len(mended) :].rename(columns={"households_changed": "households_lost"}),
    )


def _counts(buildings: gpd.GeoDataFrame) -> dict[str, NDArray[np.float64]]:
    """Return what each building counts of each measure, see `Standing`."""
    counted = ((buildings["households"] > 0) & buildings["community_code"].notna()).to_numpy(np.bool_)
    counts = {"buildings": counted.astype(np.float64)}
    for measure in MEASURES[1:]:
        known = np.full(len(buildings), np.nan)
        if measure in buildings:
            known = buildings[measure].to_numpy(np.float64, na_value=np.nan)
        counts[measure] = np.where(counted, known, 0.0)
    return counts


def _coverage(
    counts: dict[str, NDArray[np.float64]], before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return how much of each measure is covered before and after."""
    sums = np.array([[count.sum(), count[before].sum(), count[after].sum()] for count in counts.values()])
    whole = {name: pd.array(sums[:, i], dtype="Int64") for i, name in enumerate(("total", "before", "after"))}
    return pd.DataFrame({"measure": list(counts), **whole})


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
