"""Put points on the walking network: the nearest point of the nearest edge."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork, quantised
from gis_service.reach.search import Spots
from gis_service.reach.street_grid import Drawn, StreetGrid, nearest_piece

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
    return Snaps(
        *_snap(network.street_grid, network.drawn, np.ascontiguousarray(points_xy, np.float64), max_gap_m + ROUNDING_M)
    )


def spots(network: WalkingNetwork, snaps: Snaps) -> Spots:
    """Return the snapped points as metres along and off their edges, multiples of ``QUANTUM_M``."""
    length_m = np.append(network.edges.length_m, np.nan)[snaps.edge]
    return Spots(snaps.edge, quantised(snaps.fraction * length_m), quantised(snaps.gap_m))


@njit(cache=True, nogil=True)
def _snap(
    grid: StreetGrid, drawn: Drawn, points_xy: NDArray[np.float64], most_m: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return edge, fraction and gap [m] of every point."""
    edge = np.full(len(points_xy), -1, np.int64)
    fraction, gap_m = np.full(len(points_xy), np.nan), np.full(len(points_xy), np.nan)
    for k in range(len(points_xy)):
        edge[k], fraction[k], gap_m[k] = snap_point(grid, drawn, points_xy[k, 0], points_xy[k, 1], most_m)
    return edge, fraction, gap_m


@njit(cache=True, nogil=True)
def snap_point(grid: StreetGrid, drawn: Drawn, x: float, y: float, most_m: float) -> tuple[int, float, float]:
    """Return edge (-1: none), fraction and gap [m] of one point, see `snap`; `most_m` is the longest gap [m]."""
    i, at, square_m2 = nearest_piece(grid, drawn, x, y, most_m)
    if i < 0:
        return -1, np.nan, np.nan
    edge = int(grid.line[i])
    drawn_m = drawn.along_m[drawn.start[edge + 1] - 1]
    along_m = drawn.along_m[i] + at * (drawn.along_m[i + 1] - drawn.along_m[i])
    fraction = float(min(along_m / drawn_m, 1.0)) if drawn_m > 0.0 else 0.0
    return edge, fraction, square_m2**0.5
