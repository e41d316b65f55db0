"""Land without households: which grids may reach it, and which of it is a grid of its own."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from gis_service.geo.coverage import FloatArray, IndexArray, group_sums
from gis_service.partition.contiguity import UnitGraph, without_edges
from gis_service.partition.sides import Edges, Sides, any_of, components, edges_of, inhabited, sides_of
from gis_service.plan.arithmetic import may_fit, target_count, totals_of
from gis_service.plan.rules import Rules

BEYOND_M2 = 30_000.0
"""Land without households beyond a river, railway or expressway is a grid of its own from this area on [m²]."""
REMOTE_M2 = 100_000.0
"""Other land without households can be a grid of its own from this area on [m², inclusive] …"""
REMOTE_TIMES = 4.0
"""… if it is so many times as large as the other land of its community per grid [inclusive]."""
NONE = -1
_ENTRY_M2 = 1e-3


@dataclass(frozen=True)
class _Land:
    """The units of a community as far as this matters here: who lives where, on how much land [m²]."""

    lived_in: NDArray[np.bool_]
    households: IndexArray
    residents: IndexArray
    area_m2: FloatArray
    free: NDArray[np.bool_]
    walled: NDArray[np.bool_]
    open: NDArray[np.bool_]
    rules: Rules

    def fits(self, chosen: NDArray[np.bool_]) -> bool:
        """Tell whether arithmetic allows to cut the chosen units into grids in range."""
        return may_fit(totals_of(self.households[chosen], self.residents[chosen]), self.rules)


def within_reach(
    units: gpd.GeoDataFrame,
    graph: UnitGraph,
    barriers: gpd.GeoDataFrame,
    rules: Rules,
    start: IndexArray | None = None,
) -> UnitGraph:
    """Return the neighbourhood without the borders that no grid should reach across.

    Parameters
    ----------
    units, graph
        The units frame of a community and its neighbourhood.
    barriers
        The barriers frame.
    rules
        The size rule.
    start
        Grid of every unit today, negative for none: what is one grid today may stay one. None: there are none.

    Returns
    -------
    UnitGraph
        Without the following borders:

        - Land without households on a side of rivers, railways and expressways where people live is not reached across
          them.
        - Where nobody lives on its side and that has `BEYOND_M2` or more, it is a grid of its own; smaller sides and
          the water of rivers are reached from one neighbouring side only, that with the longest common border.
        - Stretches of `REMOTE_M2` or more without households on a side with people are grids of their own if they are
          at least `REMOTE_TIMES` as large as the other land of the community is per grid, and there is more than one
          grid; with them goes what is reached over them only.

        People whom no number of grids fits keep a way over such borders to others with whom they fit, or else to any.
        Where a side without people is reached across a barrier, nothing is straddled: that border counts as if it ran
        along no line.
    """
    edges, sides = edges_of(units, graph), sides_of(units, graph, barriers)
    land = _Land(
        inhabited(units),
        units["households"].to_numpy(np.int64),
        units["residents"].fillna(-1).to_numpy(np.int64),
        shapely.area(units.geometry.to_numpy()),
        units["special"].isna().to_numpy(),
        units["estate_id"].notna().to_numpy(),
        (units["kind"] == "open").to_numpy() & ~inhabited(units),
        rules,
    )
    host = _hosts(graph, edges, sides, group_sums(sides.of_unit, land.area_m2, len(sides.vacant)))
    one, other = sides.of_unit[edges.left], sides.of_unit[edges.right]
    across = edges.free & (one != other) & (host[one] != other) & (host[other] != one)
    across &= ~(land.lived_in[edges.left] & land.lived_in[edges.right])
    joined = np.zeros(len(across), dtype=bool)
    if start is not None:
        joined = (start[edges.left] == start[edges.right]) & (start[edges.left] >= 0)
    alone = (one != other) & (sides.vacant[one] | sides.vacant[other])
    harmless = replace(
        graph, barrier_m=np.where(alone, 0.0, graph.barrier_m), follow_m=np.where(alone, 0.0, graph.follow_m)
    )
    return without_edges(harmless, _kept_apart(land, edges, across, joined, ~sides.vacant[sides.of_unit]))


def _hosts(graph: UnitGraph, edges: Edges, sides: Sides, area_m2: FloatArray) -> IndexArray:
    """Return for every vacant side the one it is reached from; `NONE` for the others and for grids of their own."""
    count = len(sides.vacant)
    ends = (sides.of_unit[edges.left[edges.free]], sides.of_unit[edges.right[edges.free]])
    shared_m = coo_array((graph.length_m[edges.free], ends), shape=(count, count)).tocsr()
    host, settled = np.full(count, NONE), ~sides.vacant
    waiting = np.flatnonzero(sides.vacant & (sides.water | (area_m2 < BEYOND_M2)))
    while len(waiting):
        length_m = shared_m[waiting].toarray() * settled
        found = length_m.max(axis=1) > 0.0
        if not found.any():
            break
        host[waiting[found]] = length_m[found].argmax(axis=1)
        settled[waiting[found]] = True
        waiting = waiting[~found]
    return host


def _large(land: _Land, peopled: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], float]:
    """Return the large units without households, and the area [m²] from which a stretch of them is a grid."""
    free = land.free
    grids = target_count(totals_of(land.households[free], land.residents[free]), land.rules)
    large = free & peopled & ~land.lived_in & ~land.walled & (land.area_m2 >= BEYOND_M2)
    settled_m2 = float(land.area_m2[free & ~large].sum()) / grids
    return large, max(REMOTE_M2, REMOTE_TIMES * settled_m2) if grids > 1 else np.inf


def _remote(
    land: _Land,
    edges: Edges,
    large: NDArray[np.bool_],
    least_m2: float,
    reached: NDArray[np.bool_],
    way: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return the units of large enough stretches, those beside such, and those that are reached over such only.

    None has people, and none is on the ``way`` that people keep; those beside a stretch have no buildings and more
    border with it than with land that has.
    """
    stretch = components(len(large), edges, edges.open & large[edges.left] & large[edges.right])
    remote = large & (np.bincount(stretch, land.area_m2 * large)[stretch] >= least_m2)
    along_m = edges.length_m * reached
    to_remote_m = np.bincount(edges.left, along_m * remote[edges.right], minlength=len(large))
    to_built_m = np.bincount(edges.left, along_m * ~land.open[edges.right], minlength=len(large))
    remote |= land.free & land.open & ~land.walled & ~large & ~way & (to_remote_m > to_built_m)
    rest = components(len(large), edges, reached & ~remote[edges.left] & ~remote[edges.right])
    beside = np.zeros(len(large), dtype=bool)
    beside[edges.left[reached & remote[edges.right]]] = True
    lonely = ~any_of(rest, land.lived_in | way) & any_of(rest, beside)
    enclosed: NDArray[np.bool_] = remote | lonely[rest]
    return enclosed


def _kept_apart(
    land: _Land, edges: Edges, across: NDArray[np.bool_], joined: NDArray[np.bool_], peopled: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the edges that nothing is reached over: across barriers and around remote land, if not ``joined``."""
    joined, (large, least_m2) = joined.copy(), _large(land, peopled)
    way = np.zeros(len(large), dtype=bool)
    while True:
        remote = _remote(land, edges, large & ~way, least_m2, edges.free & (joined | ~across), way)
        dropped: NDArray[np.bool_] = edges.free & ~joined & (across | (remote[edges.left] != remote[edges.right]))
        part = components(len(large), edges, edges.free & ~dropped)
        bound = np.flatnonzero(any_of(part, land.lived_in))
        stuck = [number for number in bound if not land.fits(part == number)]
        passages = (_passage(land, edges, part, int(number), bound) for number in stuck)
        found = next((passage for passage in passages if passage is not None), None)
        if found is None:
            return dropped
        ends, over = found
        way |= over
        joined |= ends[edges.left] & ends[edges.right] & (over[edges.left] | over[edges.right])


def _passage(
    land: _Land, edges: Edges, part: IndexArray, number: int, bound: IndexArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return how a part without a fitting size reaches another with people, over as little empty land as can be.

    The units of both parts and on the way, and those on the way that nobody lives in. Parts with which it fits go
    before others; None where there is no other.
    """
    here, count = part == number, len(part)
    entry_m2 = np.where(land.lived_in, _ENTRY_M2, land.area_m2)[edges.right[edges.free]]
    ways = csr_array((entry_m2, (edges.left[edges.free], edges.right[edges.free])), shape=(count, count))
    far_m2, before, _ = dijkstra(ways, indices=np.flatnonzero(here), min_only=True, return_predecessors=True)
    nearest_m2 = np.full(int(part.max()) + 1, np.inf)
    np.minimum.at(nearest_m2, part[land.lived_in], far_m2[land.lived_in])
    others = [other for other in bound if other != number and np.isfinite(nearest_m2[other])]
    if not others:
        return None
    target = min(others, key=lambda other: (not land.fits(here | (part == other)), nearest_m2[other], other))
    goal = np.flatnonzero((part == target) & land.lived_in)
    unit = int(goal[far_m2[goal].argmin()])
    ends: NDArray[np.bool_] = here | (part == target)
    way = np.zeros(count, dtype=bool)
    while unit >= 0:
        way[unit] = True
        unit = int(before[unit])
    return ends | way, way & ~land.lived_in
