"""Walks of a random sample of buildings, searched again from the buildings' side."""

import numpy as np
from numpy.typing import NDArray

from gis_service.audit.walk_case import TOLERANCE_M, WalkCase, fault
from gis_service.audit.walk_graph import Access, walking_distances
from gis_service.plan.findings import Finding


def check_sample(case: WalkCase, sample: int, rng: np.random.Generator) -> list[Finding]:
    """Return sampled buildings whose status, walk or nearest facility is not what an independent search finds.

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
    walks_m = walking_distances(case.streets, _only(case.origins, rows), case.targets)
    point = case.origins.point[rows]
    return [finding for building in chosen for finding in _check_building(case, building, walks_m[point == building])]


def _check_building(case: WalkCase, building: int, walks_m: NDArray[np.float64]) -> list[Finding]:
    """Return what is wrong with one building, given its walks from each equally near street to each facility's."""
    row = case.results.iloc[building]
    nearest_m, farthest_m = _range_by_facility(walks_m, case)
    status = _status(walks_m)
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
    walk_m, best = float(row["walk_m"]), int(np.argmin(nearest_m))
    shortest = str(case.facilities["id"].iloc[best])
    if not nearest_m.min() - TOLERANCE_M <= walk_m <= farthest_m.min() + TOLERANCE_M:
        return [
            fault(
                "walk_differs",
                row["id"],
                f"楼栋 {row['id']} 记为步行 {walk_m:.2f} m，独立复算为 {nearest_m[best]:.2f} m（到 {shortest}）",
                f"building {row['id']} is stored with a walk of {walk_m:.2f} m "
                f"but an independent search finds {nearest_m[best]:.2f} m (to {shortest})",
            )
        ]
    owner = np.flatnonzero((case.facilities["id"] == row["facility_id"]).to_numpy())
    if len(owner) == 0 or not nearest_m[owner[0]] - TOLERANCE_M <= walk_m <= farthest_m[owner[0]] + TOLERANCE_M:
        return [
            fault(
                "walk_owner_wrong",
                row["id"],
                f"楼栋 {row['id']} 的最近设施记为 {row['facility_id']}，独立复算为 {shortest}",
                f"building {row['id']} is stored with {row['facility_id']} as nearest facility "
                f"but an independent search finds {shortest}",
            )
        ]
    return []


def _status(walks_m: NDArray[np.float64]) -> str:
    if len(walks_m) == 0:
        return "no_network"
    return "ok" if np.isfinite(walks_m).any() else "no_path"


def _range_by_facility(walks_m: NDArray[np.float64], case: WalkCase) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shortest and longest walk to each facility over equally near streets; inf for those out of reach."""
    nearest_m = np.full(len(case.facilities), np.inf)
    farthest_m = np.full(len(case.facilities), -np.inf)
    if len(walks_m):
        np.minimum.at(nearest_m, case.targets.point, walks_m.min(axis=0))
        np.maximum.at(farthest_m, case.targets.point, walks_m.max(axis=0))
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
