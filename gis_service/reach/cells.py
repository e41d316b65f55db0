"""The cells of a raster that lie near a street: whose people walk how far to which facility."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.raster import TILE
from gis_service.reach.search import Edges, Field, Sources, Spots, walks_to_spots


class Cells(NamedTuple):
    """Cells that lie near a street: place on the tiles, and the walk [m] and facility of each over its own street.

    Walks are inf where no facility is reached.
    """

    row: NDArray[np.int64]
    column: NDArray[np.int64]
    field: Field


@njit(cache=True, nogil=True)
def cells_of(number: NDArray[np.int64], near: Spots, edges: Edges, field: Field, targets: Sources) -> Cells:
    """Return the cells of some tiles that lie near a street.

    Parameters
    ----------
    number, near
        Tiles held, and the nearest street of each of their cells.
    edges, field, targets
        Streets, the walks of their nodes, and the facilities these lead to.
    """
    room = np.count_nonzero(number >= 0) * TILE * TILE
    row, column = np.empty(room, np.int64), np.empty(room, np.int64)
    edge, offset_m, gap_m = np.empty(room, np.int64), np.empty(room), np.empty(room)
    count = 0
    for r in range(number.shape[0] * TILE):
        for c in range(number.shape[1] * TILE):
            tile, y, x = number[r // TILE, c // TILE], r % TILE, c % TILE
            if tile < 0 or near.edge[tile, y, x] < 0:
                continue
            row[count], column[count], edge[count] = r, c, near.edge[tile, y, x]
            offset_m[count], gap_m[count] = near.offset_m[tile, y, x], near.gap_m[tile, y, x]
            count += 1
    walks = walks_to_spots(Spots(edge[:count], offset_m[:count], gap_m[:count]), edges, field, targets)
    return Cells(row[:count], column[:count], walks)
