"""Walks of a random sample of buildings, searched again from the buildings' side."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.audit.walk_case import TOLERANCE_M, WalkCase, fault
from gis_service.audit.walk_graph import Access, Distances, walking_distances
from gis_service.plan.findings import Finding


def check_sample(case: WalkCase, sample: int, rng: np.random.Generator) -> list[Finding]:
    """Return sampled buildings whose status, walks or nearest facility are not what an independent search finds.

    Parameters
    ----------
    case
        The run laid out.
    sample
        How many buildings to search; all of them where there are fewer.
    rng
        Chooses them.
    """
    chosen = np.sort(rng.choice(len(case.results), size=min(sample, len(case.results)), replace=False))
    rows = np.flatnonzero(np.isin(case.origins.point, chosen))
    walks = walking_distances(case.streets, _only(case.origins, rows), case.targets)
    point = case.origins.point[rows]
    found = []
    for building in chosen:
        own = Distances(*(distance_m[point == building] for distance_m in walks))
        found += _check_building(case, building, own)
    return found


def _check_building(case: WalkCase, building: int, walks: Distances) -> list[Finding]:
    """Return what is wrong with one building, given its walks from each equally near street to each facility's."""
    row = case.results.iloc[building]
    status = _status(walks.counted_m)
    if row["status"] != status:
        return [
            fault(
                "walk_status_differs",
                row["id"],
                f"楼栋 {row['id']} 记为 {row['status']}，独立复算为 {status}",
                f"building {row['id']} is stored as {row['status']} but an independent search says {status}",
            )
        ]
    if status != "ok":
        return []
    nearest_m, farthest_m = _range_by_facility(walks.counted_m, walks.counted_m, case)
    counted_m, best = float(row["counted_m"]), int(np.argmin(nearest_m))
    shortest = str(case.facilities["id"].iloc[best])
    if not _within(counted_m, nearest_m.min(), farthest_m.min()):
        return [
            fault(
                "walk_differs",
                row["id"],
                f"楼栋 {row['id']} 记为步行 {counted_m:.2f} m，独立复算为 {nearest_m[best]:.2f} m（到 {shortest}）",
                f"building {row['id']} is stored with a walk of {counted_m:.2f} m "
                f"but an independent search finds {nearest_m[best]:.2f} m (to {shortest})",
            )
        ]
    owner = np.flatnonzero((case.facilities["id"] == row["facility_id"]).to_numpy())
    if len(owner) == 0 or not _within(counted_m, nearest_m[owner[0]], farthest_m[owner[0]]):
        return [
            fault(
                "walk_owner_wrong",
                row["id"],
                f"楼栋 {row['id']} 的最近设施记为 {row['facility_id']}，独立复算为 {shortest}",
                f"building {row['id']} is stored with {row['facility_id']} as nearest facility "
                f"but an independent search finds {shortest}",
            )
        ]
    # Where lengths alone count, length and way back follow from the walk, and the values have been checked.
    return [] if case.streets.plain else _check_metres_and_back(case, row, walks, int(owner[0]))


def _check_metres_and_back(case: WalkCase, row: pd.Series, walks: Distances, owner: int) -> list[Finding]:
    """Return whether the length of a walk, or the way back from its facility, is not what the search finds."""
    found = []
    low_m, high_m = (side[owner] for side in _range_by_facility(walks.least_m, walks.most_m, case))
    if not _within(float(row["walk_m"]), low_m, high_m):
        found.append(
            fault(
                "walk_length_differs",
                row["id"],
                f"楼栋 {row['id']} 记为走 {row['walk_m']:.2f} m，最快的路独立复算长 {low_m:.2f}–{high_m:.2f} m",
                f"building {row['id']} is stored with {row['walk_m']:.2f} m walked "
                f"but the quickest walk is {low_m:.2f} to {high_m:.2f} m long",
            )
        )
    back_m = float(row["walk_back_s"]) * case.speed_m_per_s
    low_m, high_m = (side[owner] for side in _range_by_facility(walks.back_m, walks.back_m, case))
    if not _within(back_m, low_m, high_m):
        found.append(
            fault(
                "walk_back_differs",
                row["id"],
                f"楼栋 {row['id']} 的返程记为 {back_m:.2f} m（折算平路），独立复算为 {low_m:.2f} m",
                f"building {row['id']} is stored with a way back that counts {back_m:.2f} m "
                f"but an independent search finds {low_m:.2f} m",
            )
        )
    return found


def _within(value_m: float, low_m: float, high_m: float) -> bool:
    return bool(low_m - TOLERANCE_M <= value_m <= high_m + TOLERANCE_M)


def _status(walks_m: NDArray[np.float64]) -> str:
    if len(walks_m) == 0:
        return "no_network"
    return "ok" if np.isfinite(walks_m).any() else "no_path"


def _range_by_facility(
    low_m: NDArray[np.float64], high_m: NDArray[np.float64], case: WalkCase
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the most to each facility over equally near streets; inf for those out of reach."""
    nearest_m = np.full(len(case.facilities), np.inf)
    farthest_m = np.full(len(case.facilities), -np.inf)
    if len(low_m):
        np.minimum.at(nearest_m, case.targets.point, low_m.min(axis=0))
        np.maximum.at(farthest_m, case.targets.point, high_m.max(axis=0))
    farthest_m[np.isneginf(farthest_m)] = np.inf
    return nearest_m, farthest_m


def _only(access: Access, rows: NDArray[np.int64]) -> Access:
    return Access(
        access.point[rows],
        access.edge[rows],
        access.fraction[rows],
        access.gap_m[rows],
        access.ambiguous,
    )
