"""How far a search comes on the map: the largest blocks of ground that hold all it reaches within a cut-off."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.lattice import ROOT_M, SHIFT_X, SHIFT_Y
from gis_service.reach.pieces import Streets
from gis_service.reach.search import REACHED, Rows, Search, Sources
from gis_service.reach.street_grid import drawn_length


@njit(cache=True, nogil=True)
def _radius(left_m: float, counted_m: float, drawn_m: float, max_gap_m: float) -> float:
    """Return how far from a place somebody can be who sets out along one street, in a straight line [m].

    Parameters
    ----------
    left_m
        Metres left, >= 0.
    counted_m
        What walking the whole street counts in that direction [m]; inf: closed.
    drawn_m
        Drawn length of the street [m].
    max_gap_m
        Longest way off a street [m].
    """
    along_m = drawn_m if left_m >= counted_m else left_m / counted_m * drawn_m
    # Where the street counts less than its length, more than the metres left is walked on the map.
    saved_m = max(along_m - min(left_m, counted_m), 0.0)
    return min(left_m + saved_m, along_m + max_gap_m)


@njit(cache=True, nogil=True)
def reached_roots(
    streets: Streets,
    rows: Rows,
    search: Search,
    node_xy: NDArray[np.float64],
    targets: Sources,
    target_xy: NDArray[np.float64],
    cutoff_m: float,
) -> NDArray[np.int64]:
    """Return rows and columns of the largest blocks that hold all ground within a cut-off, each once.

    Parameters
    ----------
    streets, rows, node_xy
        The network.
    search, targets, target_xy
        A finished search, the facilities from which it began and where they meet their streets [m]; shape (k, 2).
    cutoff_m
        Longest walk [m], inclusive.

    Returns
    -------
    numpy.ndarray
        Shape (k, 2), from south to north, then from west to east.
    """
    edges, max_gap_m = streets.edges, streets.max_gap_m
    reached, count = search.counters[REACHED], 0
    x, y, radius_m = np.empty((3, reached + len(targets.edge)))
    for i in range(len(targets.edge)):
        edge, left_m = targets.edge[i], cutoff_m - targets.gap_m[i]
        if left_m < 0.0:
            continue
        # People come from both sides: the direction that counts less decides.
        cheapest_m = min(edges.to_u_m[edge], edges.to_v_m[edge])
        x[count], y[count] = target_xy[i, 0], target_xy[i, 1]
        radius_m[count] = _radius(left_m, cheapest_m, drawn_length(streets.drawn, edge), max_gap_m)
        count += 1
    for i in range(reached):
        node = search.touched[i]
        left_m, most_m = cutoff_m - search.field.walk_m[node], 0.0
        if left_m < 0.0:
            continue
        for arc in range(rows.start[node], rows.start[node + 1]):
            drawn_m = drawn_length(streets.drawn, rows.edge[arc])
            most_m = max(most_m, _radius(left_m, rows.length_m[arc], drawn_m, max_gap_m))
        x[count], y[count], radius_m[count] = node_xy[node, 0], node_xy[node, 1], most_m
        count += 1
    return _roots(x[:count], y[:count], radius_m[:count])


@njit(cache=True, nogil=True)
def _roots(x: NDArray[np.float64], y: NDArray[np.float64], radius_m: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the largest blocks that some discs touch."""
    if len(x) == 0:
        return np.empty((0, 2), np.int64)
    first_row = int(np.floor(((y - radius_m).min() - SHIFT_Y) / ROOT_M))
    first_column = int(np.floor(((x - radius_m).min() - SHIFT_X) / ROOT_M))
    rows = int(np.floor(((y + radius_m).max() - SHIFT_Y) / ROOT_M)) - first_row + 1
    columns = int(np.floor(((x + radius_m).max() - SHIFT_X) / ROOT_M)) - first_column + 1
    touched = np.zeros((rows, columns), np.bool_)
    for i in range(len(x)):
        south = int(np.floor((y[i] - radius_m[i] - SHIFT_Y) / ROOT_M)) - first_row
        north = int(np.floor((y[i] + radius_m[i] - SHIFT_Y) / ROOT_M)) - first_row
        for row in range(south, north + 1):
            # The widest part of the disc in this row of blocks.
            low_m = SHIFT_Y + (first_row + row) * ROOT_M
            aside_m = max(low_m - y[i], y[i] - low_m - ROOT_M, 0.0)
            wide_m = max(radius_m[i] * radius_m[i] - aside_m * aside_m, 0.0) ** 0.5
            west = int(np.floor((x[i] - wide_m - SHIFT_X) / ROOT_M)) - first_column
            east = int(np.floor((x[i] + wide_m - SHIFT_X) / ROOT_M)) - first_column
            touched[row, west : east + 1] = True
    south_to_north, west_to_east = np.nonzero(touched)
    return np.column_stack((south_to_north + first_row, west_to_east + first_column))
