"""Put points on the walking network: the nearest point of the nearest edge."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork, quantised
from gis_service.reach.search import Spots

ROUNDING_M = 1e-6
"""A distance counts as within a limit up to this excess [m], which is rounding, not distance."""


@dataclass(frozen=True)
class Snaps:
    """Where points meet the walking network.

    Parameters
    ----------
    edge
        Edge of each point; -1: nothing within reach.
    fraction
        Share of the drawn edge between its first node and the snapped point, 0 … 1; nan where `edge` is -1.
    gap_m
        Straight line between the point and the snapped point [m]; nan where `edge` is -1.
    """

    edge: NDArray[np.int64]
    fraction: NDArray[np.float64]
    gap_m: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.edge)


def snap(network: WalkingNetwork, points_xy: NDArray[np.float64], *, max_gap_m: float) -> Snaps:
    """Return the nearest point of the nearest snappable edge for each point.

    Parameters
    ----------
    network
        The walking network.
    points_xy
        Points [m] in the network's CRS, shape (k, 2).
    max_gap_m
        Longest straight line to an edge [m], inclusive, > 0.

    Returns
    -------
    Snaps
        One entry per point. Where several edges are exactly equally near, the shortest is taken, then the one whose
        geometry sorts first: never the first by row.
    """
    points: NDArray[np.object_] = np.asarray(shapely.points(points_xy), dtype=object)
    point, found = network.tree.query_nearest(points, max_distance=max_gap_m + ROUNDING_M, all_matches=True)
    edge = network.snappable_edges[found]
    point, edge = _one_edge_each(network, point, edge)
    lines = network.edge_geometry[edge]
    gap_m = shapely.distance(lines, points[point])
    along_m, drawn_m = shapely.line_locate_point(lines, points[point]), shapely.length(lines)
    fraction = np.divide(along_m, drawn_m, out=np.zeros_like(gap_m), where=drawn_m > 0)
    snaps = Snaps(
        edge=np.full(len(points), -1, np.int64),
        fraction=np.full(len(points), np.nan),
        gap_m=np.full(len(points), np.nan),
    )
    snaps.edge[point], snaps.fraction[point], snaps.gap_m[point] = edge, np.clip(fraction, 0.0, 1.0), gap_m
    return snaps


def spots(network: WalkingNetwork, snaps: Snaps) -> Spots:
    """Return the snapped points as metres along and off their edges, multiples of ``QUANTUM_M``."""
    length_m = np.append(network.edges.length_m, np.nan)[snaps.edge]
    return Spots(snaps.edge, quantised(snaps.fraction * length_m), quantised(snaps.gap_m))


def _one_edge_each(
    network: WalkingNetwork, point: NDArray[np.int64], edge: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep one pair per point: of equally near edges the shortest, then the first by geometry."""
    several = np.bincount(point, minlength=1)[point] > 1
    tied = np.unique(edge[several])
    shape = shapely.to_wkb(shapely.normalize(network.edge_geometry[tied]))
    by_shape = np.unique(shape, return_inverse=True)[1]
    rank = np.empty(len(tied), np.int64)
    rank[np.lexsort((by_shape, network.edges.length_m[tied]))] = np.arange(len(tied))
    pair_rank = np.zeros(len(edge), np.int64)
    pair_rank[several] = rank[np.searchsorted(tied, edge[several])]
    order = np.lexsort((pair_rank, point))
    first = order[np.r_[True, np.diff(point[order]) > 0]] if len(order) else order
    return point[first], edge[first]
