"""The pieces of a walking network, and who hangs on each."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.snapping import Snaps


def components(network: WalkingNetwork, origins: Snaps, households: NDArray[np.int64]) -> pd.DataFrame:
    """Return the pieces of a network that no walk joins, with length and people.

    Parameters
    ----------
    network
        The network. For those who hang on pieces too short to be walked on, build it with ``min_component_m=0``, so
        that everybody is snapped to the nearest street of any piece.
    origins
        The buildings, snapped to it; those that are not snapped hang on none.
    households
        Households of each building [count].

    Returns
    -------
    pandas.DataFrame
        One row a component, longest first: ``component`` int64, ``length_m`` float [m], ``edges``, ``buildings``,
        ``households`` int64, ``walked_on`` bool (people are snapped to it in this network), and ``x_m``, ``y_m``, its
        westernmost, then southernmost node, to find it on a map. Nodes without edges have no row.
    """
    count = len(network.component_length_m)
    of_edge = network.component[network.edges.u]
    snapped = origins.edge >= 0
    of_origin = of_edge[origins.edge[snapped]]
    order = np.lexsort((network.node_xy[:, 1], network.node_xy[:, 0]))
    component, first = np.unique(network.component[order], return_index=True)
    place = np.empty((count, 2))
    place[component] = network.node_xy[order][first]
    walked_on = np.zeros(count, bool)
    walked_on[of_edge[network.snappable]] = True
    people = np.zeros(count, np.int64)
    np.add.at(people, of_origin, households[snapped])
    edges = np.bincount(of_edge, minlength=count)
    frame = pd.DataFrame(
        {
            "component": np.arange(count, dtype=np.int64),
            "length_m": network.component_length_m,
            "edges": edges.astype(np.int64),
            "buildings": np.bincount(of_origin, minlength=count).astype(np.int64),
            "households": people,
            "walked_on": walked_on,
            "x_m": place[:, 0],
            "y_m": place[:, 1],
        }
    )
    return frame[edges > 0].reset_index(drop=True)
