"""Whether the walks of neighbours on the same street, or on streets that meet, obey the triangle inequality."""

import numpy as np
from numpy.typing import NDArray

from gis_service.audit.walk_case import TOLERANCE_M, WalkCase, fault
from gis_service.audit.walk_graph import Access, Streets
from gis_service.plan.findings import Finding


def check_neighbours(case: WalkCase) -> list[Finding]:
    """Return walks longer than walking to a neighbour's place on the street and on as the neighbour does."""
    ids = np.concatenate((case.results["id"], case.facilities["id"]))
    streets = case.streets
    inner_m, edge, at, owner = _street_walks(case)
    is_building = owner < len(case.results)
    bounds_m, via = _bounds_at_vertices(streets, inner_m, edge, at)
    excess = []
    for vertex, end in ((streets.u[edge], np.zeros_like(at)), (streets.v[edge], np.ones_like(at))):
        bound_m = bounds_m[vertex] + streets.between_m(edge, at, end)
        longer = is_building & (inner_m > bound_m + TOLERANCE_M)
        excess += [(i, via[vertex[i]], bound_m[i]) for i in np.flatnonzero(longer)]
    for rows in (np.flatnonzero(is_building), np.arange(len(edge))):
        order = rows[np.lexsort((at[rows], edge[rows]))]
        left, right = order[:-1], order[1:]
        same = edge[left] == edge[right]
        for a, b in ((left[same], right[same]), (right[same], left[same])):
            bound_m = inner_m[b] + streets.between_m(edge[a], at[a], at[b])
            longer = is_building[a] & (inner_m[a] > bound_m + TOLERANCE_M)
            excess += [(a[i], b[i], bound_m[i]) for i in np.flatnonzero(longer)]
    worst: dict[str, tuple[float, str, float]] = {}
    for row, neighbour, bound_m in excess:
        building = str(ids[owner[row]])
        found = (float(inner_m[row] - bound_m), str(ids[owner[neighbour]]), float(bound_m))
        worst[building] = max(found, worst.get(building, found))
    return [
        fault(
            "walk_breaks_triangle",
            building,
            f"楼栋 {building} 的步行比经过 {neighbour} 再走的 {bound_m:.1f} m 还长 {excess_m:.2f} m",
            f"building {building} walks {excess_m:.2f} m longer than the {bound_m:.1f} m by way of {neighbour}",
        )
        for building, (excess_m, neighbour, bound_m) in worst.items()
    ]


def _street_walks(
    case: WalkCase,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Return, of buildings reached and then facilities, what the walk from the street on counts, edge, share, owner.

    A place whose nearest street is ambiguous is left out. A facility's own walk from the street is its gap.
    """
    walk_m = case.results["counted_m"].to_numpy(dtype=np.float64)
    usable = np.isfinite(walk_m) & ~case.origins.ambiguous
    origins = _first_rows(case.origins, usable)
    targets = _first_rows(case.targets, ~case.targets.ambiguous)
    edge = np.concatenate((case.origins.edge[origins], case.targets.edge[targets]))
    fraction = np.concatenate((case.origins.fraction[origins], case.targets.fraction[targets]))
    own = case.origins.point[origins]
    inner_m = np.concatenate((walk_m[own] - case.origins.gap_m[origins], case.targets.gap_m[targets]))
    return inner_m, edge, fraction, np.concatenate((own, len(walk_m) + case.targets.point[targets]))


def _first_rows(access: Access, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
    first = np.unique(access.point, return_index=True)[1]
    rows: NDArray[np.int64] = first[wanted[access.point[first]]].astype(np.int64)
    return rows


def _bounds_at_vertices(
    streets: Streets, inner_m: NDArray[np.float64], edge: NDArray[np.int64], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return for every vertex the quickest walk by way of a place on an edge that ends there, and that place's row."""
    vertex = np.concatenate((streets.u[edge], streets.v[edge]))
    ends = (np.zeros_like(at), np.ones_like(at))
    through_m = np.concatenate([inner_m + streets.between_m(edge, end, at) for end in ends])
    row = np.tile(np.arange(len(edge)), 2)
    order = np.lexsort((row, through_m, vertex))
    first = order[np.unique(vertex[order], return_index=True)[1]]
    bounds_m = np.full(streets.nodes, np.inf)
    via = np.full(streets.nodes, -1, dtype=np.int64)
    bounds_m[vertex[first]] = through_m[first]
    via[vertex[first]] = row[first]
    return bounds_m, via
