"""Walks from every demand point to every candidate within a limit, as a sparse matrix."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import (
    REACHED,
    Edges,
    Rows,
    Search,
    Sources,
    Spots,
    begin_again,
    new_search,
    spread,
    walks_to_spots,
)
from gis_service.reach.siting.candidates import Candidates
from gis_service.reach.siting.problem import SitingProblem
from gis_service.reach.snapping import Snaps, snap, spots
from gis_service.reach.times import nearest_facility, sources

FIRST_ROOM = 1 << 16


class _Walks(NamedTuple):
    """Spot, candidate and walk [m] of each pair."""

    spot: NDArray[np.int64]
    candidate: NDArray[np.int64]
    walk_m: NDArray[np.float64]


class _OnEdges(NamedTuple):
    """Spots sorted by edge: those on edge ``e`` are ``spot[start[e]] … spot[start[e + 1] - 1]``."""

    start: NDArray[np.int64]
    spot: NDArray[np.int64]


def walk_matrix(network: WalkingNetwork, demand: Snaps, candidates: Snaps, *, limit_m: float) -> csr_array:
    """Return the walks [m] from demand points (rows) to candidates (columns) that are no longer than the limit.

    One search from each candidate, no further than the limit; every walk is the one `nearest_facility` finds for that
    candidate alone.

    Parameters
    ----------
    network
        The walking network.
    demand, candidates
        Snapped points; those that are not snapped have no walks.
    limit_m
        Longest walk kept [m], inclusive.

    Returns
    -------
    scipy.sparse.csr_array
        Walks of length 0 are stored; columns ascend within a row.
    """
    people, sites = spots(network, demand), sources(network, candidates)
    snapped = np.flatnonzero(people.edge >= 0)
    snapped = snapped[np.argsort(people.edge[snapped], kind="stable")]
    on_edge = np.bincount(people.edge[snapped], minlength=len(network.edges.u))
    on_edges = _OnEdges(np.r_[0, np.cumsum(on_edge)].astype(np.int64), snapped)
    search = new_search(network.rows, sites)
    found = _all_walks(search, network.rows, network.edges, sites, people, on_edges, limit_m)
    pairs = coo_array((found.walk_m, (found.spot, found.candidate)), shape=(len(demand), len(candidates)))
    return csr_array(pairs)


def siting_problem(
    network: WalkingNetwork,
    demand: Snaps,
    households: NDArray[np.float64],
    facilities: Snaps,
    candidates: Candidates,
    *,
    limit_m: float,
    max_gap_m: float,
) -> SitingProblem:
    """Return the siting problem of demand points, facilities that stay and candidates on a walking network.

    Parameters
    ----------
    network
        The walking network.
    demand, facilities
        Snapped demand points and facilities that stay.
    households
        Weight of each demand point, >= 0.
    candidates
        Where facilities could be opened.
    limit_m
        Longest walk to a candidate that is looked at [m]: at least the cut-off of covering and the longest walk of the
        p-median.
    max_gap_m
        Longest straight line from a candidate to a street [m], inclusive.

    Returns
    -------
    SitingProblem
        A candidate too far from any street serves nobody.
    """
    _, existing_m = nearest_facility(network, demand, facilities)
    sites = snap(network, candidates.xy, max_gap_m=max_gap_m)
    return SitingProblem(
        walk_m=walk_matrix(network, demand, sites, limit_m=limit_m),
        households=np.asarray(households, np.float64),
        existing_walk_m=np.where(np.isnan(existing_m), np.inf, existing_m),
        candidate_ids=candidates.ids,
        cost=candidates.cost,
        capacity=candidates.capacity,
    )


@njit(cache=True, nogil=True)
def _all_walks(
    search: Search, rows: Rows, edges: Edges, sites: Sources, people: Spots, on_edges: _OnEdges, limit_m: float
) -> _Walks:
    """Search from each candidate and note the walks of the demand points on the edges it reaches."""
    spot, candidate = np.empty(FIRST_ROOM, np.int64), np.empty(FIRST_ROOM, np.int64)
    walk_m, size = np.empty(FIRST_ROOM), 0
    seen, near = np.full(len(edges.u), -1), np.empty(len(people.edge), np.int64)
    for c in range(len(sites.edge)):
        here = slice(c, c + 1)
        site = Sources(sites.edge[here], sites.offset_m[here], sites.gap_m[here], sites.owner[here])
        spread(search, rows, edges, site, limit_m)
        these = near[: _people_near(search, rows, on_edges, sites.edge[c], c, seen, near)]
        some = Spots(people.edge[these], people.offset_m[these], people.gap_m[these])
        walks = walks_to_spots(some, edges, search.field, site).walk_m
        while size + len(these) > len(spot):
            spot = np.concatenate((spot, np.empty_like(spot)))
            candidate = np.concatenate((candidate, np.empty_like(candidate)))
            walk_m = np.concatenate((walk_m, np.empty_like(walk_m)))
        for k in np.flatnonzero(walks <= limit_m):
            spot[size], candidate[size], walk_m[size] = these[k], sites.owner[c], walks[k]
            size += 1
        begin_again(search)
    return _Walks(spot[:size], candidate[:size], walk_m[:size])


@njit(cache=True, nogil=True)
def _people_near(
    search: Search,
    rows: Rows,
    on_edges: _OnEdges,
    own: int,
    c: int,
    seen: NDArray[np.int64],
    near: NDArray[np.int64],
) -> int:
    """Write the demand points on the candidate's own edge and at the nodes reached; return how many they are."""
    size = 0
    seen[own] = c
    for k in range(on_edges.start[own], on_edges.start[own + 1]):
        near[size] = on_edges.spot[k]
        size += 1
    for node in search.touched[: search.counters[REACHED]]:
        for edge in rows.edge[rows.start[node] : rows.start[node + 1]]:
            if seen[edge] == c:
                continue
            seen[edge] = c
            for k in range(on_edges.start[edge], on_edges.start[edge + 1]):
                near[size] = on_edges.spot[k]
                size += 1
    return size
