"""How far a search comes on the map: the box around all it reaches within a cut-off."""

from typing import NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import REACHED, Edges, Rows, Search, Sources
from gis_service.reach.snapping import Snaps


class Extents(NamedTuple):
    """Where streets lie: position of each node, box and drawn length of each edge, place of each facility [m]."""

    node_xy: NDArray[np.float64]
    box: NDArray[np.float64]
    drawn_m: NDArray[np.float64]
    facility_xy: NDArray[np.float64]


def extents_of(network: WalkingNetwork, facilities: Snaps) -> Extents:
    """Return the extents of a network's edges and where facilities meet them (nan: nowhere)."""
    facility_xy = np.full((len(facilities), 2), np.nan)
    on = facilities.edge >= 0
    places = shapely.line_interpolate_point(
        network.edge_geometry[facilities.edge[on]], facilities.fraction[on], normalized=True
    )
    facility_xy[on] = shapely.get_coordinates(places)
    lines = network.edge_geometry
    return Extents(network.node_xy, shapely.bounds(lines).reshape(-1, 4), shapely.length(lines), facility_xy)


@njit(cache=True, nogil=True)
def _drawn_reach(left_m: float, whole_m: float, drawn_m: float) -> float:
    """Return how many metres of a drawing somebody can have walked who has some metres left.

    Parameters
    ----------
    left_m
        Metres left, >= 0.
    whole_m
        What walking the whole street counts in that direction [m]; inf: closed.
    drawn_m
        Drawn length of the street [m].
    """
    return drawn_m if left_m >= whole_m else left_m / whole_m * drawn_m


@njit(cache=True, nogil=True)
def own_box(extents: Extents, edges: Edges, target: Sources, cutoff_m: float) -> NDArray[np.float64]:
    """Return a box [m] around what one facility reaches of its own edge; empty (inf, -inf) where it reaches nothing."""
    edge, left_m = target.edge[0], cutoff_m - target.gap_m[0]
    box = np.array([np.inf, np.inf, -np.inf, -np.inf])
    if left_m >= 0.0:
        x, y = extents.facility_xy[target.owner[0]]
        # People come from both sides: the direction that counts less decides.
        cheapest_m = min(edges.to_u_m[edge], edges.to_v_m[edge])
        _stretch(box, extents, edge, x, y, _drawn_reach(left_m, cheapest_m, extents.drawn_m[edge]))
    return box


@njit(cache=True, nogil=True)
def extend(box: NDArray[np.float64], search: Search, rows: Rows, extents: Extents, cutoff_m: float) -> None:
    """Extend a box [m], in place, by what a search reaches within the cut-off.

    A walk towards a node counts what its direction counts, which downhill may be less than the street is long.
    """
    for i in range(search.counters[REACHED]):
        node = search.touched[i]
        left_m = cutoff_m - search.field.walk_m[node]
        if left_m < 0.0:
            continue
        x, y = extents.node_xy[node]
        for arc in range(rows.start[node], rows.start[node + 1]):
            edge = rows.edge[arc]
            _stretch(box, extents, edge, x, y, _drawn_reach(left_m, rows.length_m[arc], extents.drawn_m[edge]))


@njit(cache=True, nogil=True)
def _stretch(box: NDArray[np.float64], extents: Extents, edge: int, x: float, y: float, reach_m: float) -> None:
    """Extend a box [m], in place, by the part of an edge that lies within some metres of a place on it."""
    box[0] = min(box[0], max(x - reach_m, extents.box[edge, 0]))
    box[1] = min(box[1], max(y - reach_m, extents.box[edge, 1]))
    box[2] = max(box[2], min(x + reach_m, extents.box[edge, 2]))
    box[3] = max(box[3], min(y + reach_m, extents.box[edge, 3]))
