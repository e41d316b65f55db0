"""Answers for one point: the nearest facilities on foot, how far they are and the way there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.k_nearest import Labels, k_labels, label_spot
from gis_service.reach.network import WalkingNetwork, quantised
from gis_service.reach.search import QUANTUM_M, Edges, Sources, Spots
from gis_service.reach.snapping import ROUNDING_M, Snaps, snap_point
from gis_service.reach.street_grid import Drawn, StreetGrid
from gis_service.reach.times import sources
from gis_service.reach.walked_lengths import node_lengths, spot_lengths
from gis_service.reach.walked_path import legs_to, length_of, line_of

MOST_NEAREST = 5
"""Facilities an index knows at every node."""
RESTRICTIONS_KEPT = 8
"""Sets of allowed facilities whose labels an index keeps, those used last."""


class _Tables(NamedTuple):
    """What the compiled query reads; without `node_length_m` every walk is as long as it counts."""

    grid: StreetGrid
    drawn: Drawn
    edges: Edges
    nodes: Labels
    node_length_m: NDArray[np.float64]
    targets: Sources
    facility_xy: NDArray[np.float64]
    facility_fraction: NDArray[np.float64]
    facility_gap_m: NDArray[np.float64]


@dataclass(frozen=True)
class Walk:
    """One facility and the walk to it.

    Parameters
    ----------
    facility
        Its place among the facilities.
    walk_m
        What the walk counts [m], both gaps included: its length, or that of the level walk that takes as long.
    length_m
        Length of the walk [m].
    path_xy
        Vertices of the walk from the point to the facility [m], shape (m, 2), m >= 1.
    """

    facility: int
    walk_m: float
    length_m: float
    path_xy: NDArray[np.float64]


@dataclass(frozen=True)
class Answer:
    """What is near one point.

    Parameters
    ----------
    status
        ok; no_network: too far from any street; no_path: no facility can be reached.
    gap_m
        Straight line from the point to the nearest street [m]; nan: no_network.
    walks
        The nearest facilities, nearest first, all different.
    """

    status: Literal["ok", "no_network", "no_path"]
    gap_m: float
    walks: tuple[Walk, ...]


@dataclass(frozen=True, eq=False)
class NearestIndex:
    """The nearest facilities of every node, ready to be asked.

    Parameters
    ----------
    network
        The walking network.
    facilities, facility_xy
        Snapped facilities and where they stand [m], shape (n, 2).
    nearest
        How many facilities are known at every node.
    """

    network: WalkingNetwork
    facilities: Snaps
    facility_xy: NDArray[np.float64]
    nearest: int

    @cached_property
    def tables(self) -> _Tables:
        """Return what is read to answer for all facilities."""
        return self._tables(None)

    @cached_property
    def restricted(self) -> Callable[[bytes], _Tables]:
        """Return a function that gives the tables for a set of allowed facilities; it remembers those used last."""
        return lru_cache(RESTRICTIONS_KEPT)(lambda allowed: self._tables(np.frombuffer(allowed, np.bool_)))

    def _tables(self, allowed: NDArray[np.bool_] | None) -> _Tables:
        """Return what is read to answer for the facilities allowed."""
        network = self.network
        targets = sources(network, self.facilities, allowed)
        nodes = k_labels(network.rows, network.edges, targets, self.nearest)
        lengths_m = np.empty((0, 0)) if network.plain else node_lengths(nodes, network.rows, network.edges, targets)
        return _Tables(
            network.street_grid,
            network.drawn,
            network.edges,
            nodes,
            lengths_m,
            targets,
            self.facility_xy,
            self.facilities.fraction,
            quantised(self.facilities.gap_m),
        )


def nearest_index(
    network: WalkingNetwork, facilities: Snaps, facility_xy: NDArray[np.float64], *, nearest: int = MOST_NEAREST
) -> NearestIndex:
    """Return an index that answers for any point which facilities are nearest.

    Parameters
    ----------
    network
        The walking network.
    facilities, facility_xy
        Snapped facilities and where they stand [m], shape (n, 2).
    nearest
        The most facilities one may ask for, >= 1.
    """
    index = NearestIndex(network, facilities, np.array(facility_xy, np.float64), nearest)
    _ = index.tables
    return index


def query(
    index: NearestIndex,
    x: float,
    y: float,
    k: int = 1,
    *,
    allowed: NDArray[np.bool_] | None = None,
    max_gap_m: float = 500.0,
) -> Answer:
    """Return the nearest facilities of one point and the way to each.

    The same walks as :func:`gis_service.reach.walks.k_walks`. For a set of allowed facilities that was not asked
    for lately every node is labelled first, which takes as long as building the index.

    Parameters
    ----------
    index
        The index of the city.
    x, y
        The point [m], in the CRS of the network.
    k
        How many facilities, 1 … ``index.nearest``.
    allowed
        Which facilities count: those of some kinds, or open at some time; None: all.
    max_gap_m
        Longest straight line to a street [m], inclusive.

    Raises
    ------
    ValueError
        `k` is not within its range.
    """
    if not 1 <= k <= index.nearest:
        raise ValueError(f"k is {k}; the index knows 1 to {index.nearest} facilities")
    tables = index.tables if allowed is None or allowed.all() else index.restricted(allowed.tobytes())
    edge, gap_m, walks_m, owner, lengths_m, paths = _ask(tables, x, y, k, max_gap_m + ROUNDING_M)
    walks = tuple(
        Walk(int(owner[i]), float(walks_m[i]), float(lengths_m[i]), paths[i]) for i in range(k) if owner[i] >= 0
    )
    status: Literal["ok", "no_network", "no_path"] = "no_network" if edge < 0 else "ok" if walks else "no_path"
    return Answer(status, gap_m, walks)


@njit(cache=True, nogil=True)
def _ask(
    tables: _Tables, x: float, y: float, k: int, most_m: float
) -> tuple[int, float, NDArray[np.float64], NDArray[np.int32], NDArray[np.float64], list[NDArray[np.float64]]]:
    """Return edge and gap [m] of a point; walk [m], facility, length [m] and line of each of its k nearest."""
    edges, nodes = tables.edges, tables.nodes
    found = Labels(np.full((1, k), np.inf), np.full((1, k), -1, np.int32), np.zeros((1, k), np.int32))
    length_m = np.zeros(k)
    paths = [np.empty((0, 2)) for _ in range(k)]
    edge, fraction, gap_m = snap_point(tables.grid, tables.drawn, x, y, most_m)
    if edge < 0:
        return edge, gap_m, found.walk_m[0], found.owner[0], length_m, paths
    offset_m = np.rint(fraction * edges.length_m[edge] / QUANTUM_M) * QUANTUM_M
    off_street_m = np.rint(gap_m / QUANTUM_M) * QUANTUM_M
    spot = Spots(np.array([edge]), np.array([offset_m]), np.array([off_street_m]))
    label_spot(found, 0, 0, spot, edges, nodes, tables.targets)
    if len(tables.node_length_m):
        spot_lengths(found, spot, edges, nodes, tables.node_length_m, tables.targets)
    for i in range(np.count_nonzero(found.owner[0] >= 0)):
        owner, way = int(found.owner[0, i]), int(found.way[0, i])
        legs = legs_to(edges, nodes, tables.facility_fraction, owner, way, fraction)
        length_m[i] = off_street_m + length_of(edges, legs) + tables.facility_gap_m[owner]
        end_x, end_y = tables.facility_xy[owner]
        paths[i] = line_of(tables.drawn, legs, x, y, end_x, end_y)
    return edge, gap_m, found.walk_m[0] + off_street_m, found.owner[0], length_m, paths
