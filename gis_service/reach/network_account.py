"""What a reader has to know of the network under a run: its pieces, who hangs on small ones, and where it ends."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis_service.reach.border import edge_effect
from gis_service.reach.components import components
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.snapping import Snaps, snap

PIECES_TOLD = 5
"""So many small pieces are told one by one, those with most households first."""
NETWORK_FACTS = (
    "network_m",
    "components",
    "largest_component_share",
    "households_other_components",
    "households_left_out_components",
    "households_near_border",
    "households_near_border_uncovered",
)
"""What people are told of the network wherever walks are."""


def network_account(
    network: WalkingNetwork,
    origins_xy: NDArray[np.float64],
    origins: Snaps,
    walk_m: NDArray[np.float64],
    covered: NDArray[np.bool_],
    households: NDArray[np.int64],
    *,
    max_gap_m: float,
) -> dict[str, Any]:
    """Return the pieces of the network and the effect of its end, as plain values for JSON.

    Parameters
    ----------
    network, origins
        The network that was walked on, and the buildings snapped to it.
    origins_xy, walk_m, covered, households
        Where each building stands [m], its walk [m] (nan: none), whether that is within the cut-off, and its households
        that count [count].
    max_gap_m
        Longest straight line from a building to a street [m].

    Returns
    -------
    dict
        ``network_m``, ``components``, ``components_walked_on``, ``components_left_out_m``, ``largest_component_share``
        (None: there is no length); ``households_other_components`` (they walk on a piece apart from the longest),
        ``households_left_out_components`` (their nearest street is on a piece too short to be walked on; their walk
        begins at another street), ``small_components`` (up to `PIECES_TOLD` pieces besides the longest that households
        hang on: ``length_m``, ``households``, ``walked_on``, ``x_m``, ``y_m``); ``households_near_border`` (the network
        ends nearer to them than their walk is long, so that a nearer facility may lie beyond) and
        ``households_near_border_uncovered``, those of them that are not covered.
    """
    everything = np.ones(len(network.snappable), np.bool_)
    whole = replace(network, snappable=everything, snappable_edges=np.arange(len(everything)))
    nearest = snap(whole, origins_xy, max_gap_m=max_gap_m)
    # Who hangs on a piece is told by the nearest street of all, which may be too short to be walked on.
    pieces = components(whole, nearest, households)
    walked_on = np.unique(network.component[network.edges.u[network.snappable]])
    apart = pieces[(pieces["component"] != 0) & (pieces["households"] > 0)]
    apart = apart.sort_values(["households", "component"], ascending=[False, True])
    told = apart.assign(walked_on=apart["component"].isin(walked_on)).head(PIECES_TOLD)
    border = edge_effect(network.edge_geometry, origins_xy, walk_m, households)
    length_m = network.component_length_m
    return {
        "network_m": float(network.edges.length_m.sum()),
        "components": len(length_m),
        "components_walked_on": len(walked_on),
        "components_left_out_m": float(np.delete(length_m, walked_on).sum()),
        "largest_component_share": float(length_m[0] / length_m.sum()) if length_m.sum() > 0 else None,
        "households_other_components": _households_apart(network, origins, households),
        "households_left_out_components": int(apart.loc[~apart["component"].isin(walked_on), "households"].sum()),
        "small_components": told[["length_m", "households", "walked_on", "x_m", "y_m"]].to_dict("records"),
        "households_near_border": border.households,
        "households_near_border_uncovered": int(households[border.near_end & ~covered].sum()),
    }


def _households_apart(network: WalkingNetwork, origins: Snaps, households: NDArray[np.int64]) -> int:
    """Return the households that are put on a piece apart from the longest."""
    snapped = origins.edge >= 0
    piece = network.component[network.edges.u[origins.edge[snapped]]]
    return int(households[snapped][piece != 0].sum())
