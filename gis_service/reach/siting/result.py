"""What a siting run found, as frames: candidates and sites, who walks where, coverage before and after."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.crs import round_coordinates
from gis_service.reach.check import WalksResult
from gis_service.reach.coverage import coverage
from gis_service.reach.network_account import NETWORK_FACTS
from gis_service.reach.siting.candidates import Candidates
from gis_service.reach.siting.demand import covered_households
from gis_service.reach.siting.problem import Siting, SitingProblem
from gis_service.reach.siting.rules import SitingRules
from gis_service.reach.siting.surroundings import community_of, nearest_street
from gis_service.reach.snapping import ROUNDING_M

COUNTS = ("buildings", "households", "residents")


@dataclass(frozen=True)
class SitingResult:
    """Which sites to open and what that changes.

    Parameters
    ----------
    candidates
        Every candidate, sorted by id: ``id``, ``name``, ``cost`` (nan: each costs the same), ``capacity`` [households]
        (nan: any number), ``rank`` (1: opened first; ``<NA>``: not opened), ``households_gained`` (newly covered by it
        after those before it, under capacities those it serves; nan: not opened), ``saved_m`` (household-metres of
        walking it saves after those before it; nan: not opened, or not what was aimed at), ``street`` (nearest one with
        a name; None: no names), ``community_code`` (None: in none), ``geometry`` (Point).
    assignment
        One row per building, sorted by id: ``id``, ``facility_id`` or ``site_id`` (nearest on foot once the sites are
        open; both None: none), ``walk_m``, ``walk_s`` (nan: no path), ``covered_before``, ``covered``.
    gaps
        What stays uncovered, see :func:`gis_service.reach.gaps.gap_clusters`.
    coverage
        One row per region, sorted by code: ``code``, ``level``, and of ``buildings``, ``households`` and ``residents``
        all, those covered today (``…_before``) and those covered with the sites (``…_after``).
    summary
        Plain values for JSON: objective and proven bound, and what the reader has to know.
    """

    candidates: gpd.GeoDataFrame
    assignment: pd.DataFrame
    gaps: gpd.GeoDataFrame
    coverage: pd.DataFrame
    summary: dict[str, Any]

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """Return the candidates to open, those that contribute most first."""
        return self.candidates[self.candidates["rank"].notna()].sort_values("rank", ignore_index=True)


def points_at(xy: NDArray[np.float64]) -> NDArray[np.object_]:
    """Return points [m], also of no places at all."""
    points: NDArray[np.object_] = np.empty(len(xy), dtype=object)
    points[:] = shapely.points(xy)
    return points


def candidate_frame(
    candidates: Candidates,
    names: list[str] | None,
    answer: Siting,
    rules: SitingRules,
    edges: gpd.GeoDataFrame,
    regions: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Return the candidates as in `SitingResult`; without `names` they are generated ones, called by their numbers."""
    size = len(candidates.ids)
    points = round_coordinates(points_at(candidates.xy))
    rank = np.zeros(size, np.int64)
    rank[answer.chosen] = np.arange(1, len(answer.chosen) + 1)
    gained, saved_m = np.full(size, np.nan), np.full(size, np.nan)
    gained[answer.chosen] = answer.newly_covered
    if rules.aim == "walk":
        saved_m[answer.chosen] = answer.gain
    called = [f"拟设点 {id_.removeprefix('new-')}" for id_ in candidates.ids] if names is None else names
    capacity = np.full(size, np.inf) if candidates.capacity is None else candidates.capacity
    frame = gpd.GeoDataFrame(
        {
            "id": pd.Series(list(candidates.ids), dtype=object),
            "name": pd.Series(called, dtype=object),
            "cost": np.full(size, np.nan) if candidates.cost is None else candidates.cost,
            "capacity": np.where(np.isinf(capacity), np.nan, capacity),
            "rank": pd.arrays.IntegerArray(rank, rank == 0),
            "households_gained": gained,
            "saved_m": saved_m,
            "street": nearest_street(points, edges),
            "community_code": community_of(points, regions),
        },
        geometry=points,
        crs=edges.crs,
    )
    return frame.sort_values("id", ignore_index=True)


def assignment_of(
    after: WalksResult, facility_ids: list[str], site_ids: list[str], covered_before: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return who walks where, as in `SitingResult`, from a check whose facilities are numbered, sites last."""
    number = after.buildings["facility_id"].astype("Float64").fillna(-1).to_numpy(np.int64)
    nobody = np.full(len(site_ids), None, dtype=object)
    facility = np.array([*facility_ids, *nobody, None], dtype=object)
    new = np.array([*np.full(len(facility_ids), None, dtype=object), *site_ids, None], dtype=object)
    return pd.DataFrame(
        {
            "id": after.buildings["id"],
            "facility_id": pd.Series(facility[number], dtype=object),
            "site_id": pd.Series(new[number], dtype=object),
            "walk_m": after.buildings["walk_m"],
            "walk_s": after.buildings["walk_s"],
            "covered_before": covered_before,
            "covered": after.buildings["covered"],
        }
    )


def before_and_after(
    buildings: gpd.GeoDataFrame, assignment: pd.DataFrame, after: WalksResult, regions: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Return coverage without and with the sites, as in `SitingResult`."""
    today = assignment[["id"]].assign(covered=assignment["covered_before"])
    before = coverage(buildings, today, regions)
    columns = {name: before[name] for name in ("code", "level")}
    for count in COUNTS:
        columns |= {
            count: before[count],
            f"{count}_before": before[f"{count}_covered"],
            f"{count}_after": after.coverage[f"{count}_covered"],
        }
    return pd.DataFrame(columns)


def summary_of(
    problem: SitingProblem, answer: Siting, after: WalksResult, facility_ids: list[str], rules: SitingRules
) -> dict[str, Any]:
    """Return objective, bound and gap, and what the reader has to know of people, candidates and facilities.

    The objective is the cost where a share is wanted, else covered households or household-metres walked. With
    capacities, ``households_served`` is how many the sites can take on besides those covered today; coverage counts all
    who could walk there.
    """
    cutoff_m = rules.reach.cutoff_m + ROUNDING_M
    reachable = covered_households(problem, cutoff_m, np.arange(len(problem.candidate_ids)))
    off_network = [int(number) for number in after.summary["facilities_off_network"]]
    return {
        "objective": float(answer.objective),
        "bound": float(answer.bound) if isfinite(answer.bound) else None,
        "gap": answer.gap if isfinite(answer.gap) else None,
        "before": float(answer.before),
        "proved_optimal": answer.proved_optimal,
        "stopped_by_limit": answer.stopped_by_limit,
        "sites": len(answer.chosen),
        "cost": float(problem.costs[answer.chosen].sum()) if problem.cost is not None else None,
        "candidates": len(problem.candidate_ids),
        "households": float(problem.households.sum()),
        "households_covered_before": float(answer.covered_before),
        "households_covered_after": covered_households(problem, cutoff_m, answer.chosen),
        "households_served": float(answer.covered_after) if problem.capacity is not None else None,
        "households_reachable": reachable,
        "facilities": len(facility_ids),
        "facilities_off_network": [facility_ids[number] for number in off_network if number < len(facility_ids)],
        "buildings_outside_communities": after.summary["buildings_outside_communities"],
        "households_outside_communities": after.summary["households_outside_communities"],
        **{name: after.summary[name] for name in NETWORK_FACTS},
    }
