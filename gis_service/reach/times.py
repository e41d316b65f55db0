"""The nearest facility on foot for every origin, exactly."""

import numpy as np
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Sources, new_search, spread, walks_to_spots
from gis_service.reach.snapping import Snaps, spots


def sources(network: WalkingNetwork, facilities: Snaps, allowed: NDArray[np.bool_] | None = None) -> Sources:
    """Return the facilities that are snapped and allowed as the searches need them; each one's number is its place."""
    snapped = np.flatnonzero(facilities.edge >= 0 if allowed is None else (facilities.edge >= 0) & allowed)
    owner = snapped[np.argsort(facilities.edge[snapped], kind="stable")]
    everywhere = spots(network, facilities)
    return Sources(everywhere.edge[owner], everywhere.offset_m[owner], everywhere.gap_m[owner], owner)


def nearest_facility(
    network: WalkingNetwork, origins: Snaps, facilities: Snaps, *, allowed: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the nearest facility on foot of every origin and the walk to it.

    The walk is the origin's gap, the shortest way along the network and the facility's gap. It is exact: one search
    from all facilities at once (the graph Voronoi diagram, Erwig 2000), then both ends of the origin's edge and every
    facility on that same edge are compared.

    Parameters
    ----------
    network
        The walking network.
    origins, facilities
        Snapped points.
    allowed
        Which facilities count: those of some kinds, or open at some time; None: all.

    Returns
    -------
    owner : numpy.ndarray
        Place of the facility in `facilities`; -1 where the origin is not snapped or no path exists. Among equally
        long walks the first facility is taken.
    walk_m : numpy.ndarray
        Walk [m], a multiple of ``QUANTUM_M``; nan where `owner` is -1.
    """
    targets = sources(network, facilities, allowed)
    search = new_search(network.rows, targets)
    spread(search, network.rows, network.edges, targets, np.inf)
    found = walks_to_spots(spots(network, origins), network.edges, search.field, targets)
    return found.owner, np.where(found.owner >= 0, found.walk_m, np.nan)
