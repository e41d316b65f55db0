"""The walk of every origin to its nearest facility: what it counts, how long it is on the ground, and the way back."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis_service.reach.k_nearest import Labels, k_labels, labels_of_spots
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import (
    Edges,
    Sources,
    Spots,
    begin_again,
    new_search,
    sparse_rows,
    spread,
    walks_to_spots,
)
from gis_service.reach.snapping import Snaps, spots
from gis_service.reach.times import nearest_facility, sources
from gis_service.reach.walked_lengths import node_lengths, spot_lengths

BACK_FACTOR = 2.0
"""Ways back are searched up to so many times the longest way there first; seldom is one longer."""


class Walks(NamedTuple):
    """Walks to facilities; -1 and nan where there is none.

    Parameters
    ----------
    owner
        Place of the facility.
    counted_m
        What the walk counts [m]: the level street that takes as long. It decides which facility is the nearest.
    length_m
        Its length on the ground [m]; of equally quick walks that of the shortest.
    back_m
        What the quickest way back from that facility counts [m]; nan: there is none either.
    """

    owner: NDArray[np.int64]
    counted_m: NDArray[np.float64]
    length_m: NDArray[np.float64]
    back_m: NDArray[np.float64]


def nearest_walks(network: WalkingNetwork, origins: Snaps, facilities: Snaps) -> Walks:
    """Return the walk of every origin to the facility that is the quickest to reach, and the way back from it.

    Parameters
    ----------
    network
        The walking network.
    origins, facilities
        Snapped points.
    """
    owner, counted_m = nearest_facility(network, origins, facilities)
    length_m = counted_m
    if not network.plain:
        length_m = k_walks(network, origins, facilities, 1).length_m[:, 0]
    return Walks(owner, counted_m, length_m, walks_back(network, origins, facilities, owner, counted_m))


class KWalks(NamedTuple):
    """Walks to the k nearest facilities, shape (origins, k), see `Walks`."""

    owner: NDArray[np.int64]
    counted_m: NDArray[np.float64]
    length_m: NDArray[np.float64]


def k_walks(
    network: WalkingNetwork,
    origins: Snaps,
    facilities: Snaps,
    k: int,
    *,
    allowed: NDArray[np.bool_] | None = None,
) -> KWalks:
    """Return the walks of every origin to the k facilities that are the quickest to reach, with their lengths.

    Parameters
    ----------
    network
        The walking network.
    origins, facilities
        Snapped points.
    k
        How many, >= 1.
    allowed
        Which facilities count: those of some kinds, or open at some time; None: all.

    Returns
    -------
    KWalks
        Facilities as their places in `facilities`, the quickest to reach first, all different. Of equally quick ones
        the first facility comes first.
    """
    targets, homes = sources(network, facilities, allowed), spots(network, origins)
    nodes = k_labels(network.rows, network.edges, targets, k)
    found = labels_of_spots(homes, network.edges, nodes, targets)
    length_m = found.walk_m
    if not network.plain:
        at_nodes = node_lengths(nodes, network.rows, network.edges, targets)
        off_gap = Labels(found.walk_m - homes.gap_m[:, None], found.owner, found.way)
        length_m = spot_lengths(off_gap, homes, network.edges, nodes, at_nodes, targets) + homes.gap_m[:, None]
    none = found.owner < 0
    return KWalks(found.owner.astype(np.int64), np.where(none, np.nan, found.walk_m), np.where(none, np.nan, length_m))


def walks_back(
    network: WalkingNetwork,
    origins: Snaps,
    facilities: Snaps,
    owner: NDArray[np.int64],
    counted_m: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what the quickest way from its own facility back to every origin counts [m].

    Where streets count the same either way it is the way there. Elsewhere one search from every facility that anybody
    walks to follows the streets as they are walked.

    Parameters
    ----------
    network, origins, facilities
        The network and the snapped points.
    owner, counted_m
        Facility of every origin (-1: none), and what the walk there counts [m].

    Returns
    -------
    numpy.ndarray
        nan where there is no facility, or no way back.
    """
    if network.alike_both_ways:
        return counted_m
    edges = network.edges
    turned = Edges(edges.u, edges.v, edges.length_m, edges.to_v_m, edges.to_u_m)
    rows = sparse_rows(len(network.node_xy), turned)
    homes, stations = spots(network, origins), spots(network, facilities)
    back_m = np.full(len(owner), np.nan)
    people = np.argsort(owner, kind="stable")
    first = np.searchsorted(owner[people], np.arange(len(facilities) + 1))
    one = Sources(np.zeros(1, np.int64), np.zeros(1), np.zeros(1), np.zeros(1, np.int64))
    search = new_search(rows, one)
    for facility in np.flatnonzero(np.diff(first)):
        own = people[first[facility] : first[facility + 1]]
        here = slice(facility, facility + 1)
        start = Sources(stations.edge[here], stations.offset_m[here], stations.gap_m[here], np.zeros(1, np.int64))
        place = Spots(homes.edge[own], homes.offset_m[own], homes.gap_m[own])
        for limit_m in (BACK_FACTOR * counted_m[own].max(), np.inf):
            spread(search, rows, turned, start, limit_m)
            walk_m = walks_to_spots(place, turned, search.field, start).walk_m
            begin_again(search)
            if np.all(walk_m <= limit_m):
                break
        back_m[own] = np.where(walk_m < np.inf, walk_m, np.nan)
    return back_m
