"""What if: add, move or close a facility, or open a path, and see whose walk changes, at once."""

from copy import copy
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.reach.calendar_queue import another_queue
from gis_service.reach.cut_streets import CutStreets
from gis_service.reach.network import WalkingNetwork, quantised
from gis_service.reach.search import (
    REACHED,
    Edges,
    Field,
    Rows,
    Search,
    Sources,
    Spots,
    Starts,
    carry_on,
    new_search,
    sparse_rows,
    spread,
    starts_of,
    walks_to_spots,
)
from gis_service.reach.snapping import Snaps

_NOBODY = -1
_ROOM = 1024
"""So many facilities may be added before the search needs more room."""


@dataclass(frozen=True)
class Change:
    """Whose walk changes.

    Parameters
    ----------
    origin
        Places of the origins whose walk or facility changes, ascending.
    before, after
        Their walks [m] (inf: none) and facilities (-1: none).
    """

    origin: NDArray[np.int64]
    before: Field
    after: Field

    def gained(self, weight: NDArray[np.float64] | NDArray[np.int64], cutoff_m: float) -> float:
        """Return how much more of a weight is covered than before; negative: less.

        Parameters
        ----------
        weight
            Households, residents … of every origin.
        cutoff_m
            Longest walk [m], inclusive.
        """
        more = (self.after.walk_m <= cutoff_m).astype(np.int8) - (self.before.walk_m <= cutoff_m).astype(np.int8)
        return float((weight[self.origin] * more).sum())


class WhatIf:
    """The walk of every origin to its nearest facility, kept right while facilities and paths change.

    Every change of a facility touches only what it changes, and leaves exactly what a search from scratch would find:
    walks are sums of multiples of ``QUANTUM_M``, which are exact, and of equal walks the lowest facility counts. A new
    facility is carried on as long as it is the better one. A closed one frees the nodes that walked to it; they are
    settled again from their rim (the two halves of the update of a shortest-path forest, Ramalingam and Reps 1996).

    Facilities keep their numbers: those given are 0 … n - 1, those added follow, those closed are never used again.
    Those off the network serve nobody until they are moved onto it.

    Parameters
    ----------
    network
        The walking network.
    origins, facilities
        Snapped points.
    """

    def __init__(self, network: WalkingNetwork, origins: Snaps, facilities: Snaps) -> None:
        self._streets = CutStreets(network, len(network.node_xy), network.edges)
        self._rows = network.rows
        self._homes = self._streets.spots(origins)
        self._facilities = self._streets.spots(facilities)
        self._closed = np.zeros(len(facilities), np.bool_)
        self._begin()

    @property
    def walks(self) -> Field:
        """Return the walk [m] (inf: none) and the facility (-1: none) of every origin; not to be written to."""
        return self._walks

    @property
    def nodes(self) -> Field:
        """Return the walk [m] and the facility of every node; those of added paths come last. Not to be written to."""
        return self._search.field

    def copy(self) -> "WhatIf":
        """Return the same facilities, paths and walks, to be changed apart from these."""
        other, search = copy(self), self._search
        edge, offset_m, gap_m = self._facilities
        vars(other).update(
            _facilities=Spots(edge.copy(), offset_m.copy(), gap_m.copy()),
            _closed=self._closed.copy(),
            _walks=_copied(self._walks),
            _search=Search(
                _copied(search.field),
                another_queue(search.queue),
                np.empty_like(search.touched),
                np.zeros_like(search.counters),
            ),
        )
        return other

    def add(self, place: Snaps) -> tuple[int, Change]:
        """Open a facility at a snapped place and return its number and what changes."""
        spot = self._streets.spots(place)
        edge, offset_m, gap_m = self._facilities
        self._facilities = Spots(
            np.append(edge, spot.edge), np.append(offset_m, spot.offset_m), np.append(gap_m, spot.gap_m)
        )
        self._closed = np.append(self._closed, False)
        return len(self._closed) - 1, self._update(_NOBODY, spot.edge)

    def move(self, facility: int, place: Snaps) -> Change:
        """Put an open facility at another snapped place, on the network or off it, and return what changes.

        Raises
        ------
        ValueError
            The facility is closed, or its number was never given.
        """
        self._require_open(facility)
        spot = self._streets.spots(place)
        edges = np.append(spot.edge, self._facilities.edge[facility])
        for column, new in zip(self._facilities, spot, strict=True):
            column[facility] = new[0]
        return self._update(facility, edges)

    def close(self, facility: int) -> Change:
        """Close a facility and return what changes.

        Raises
        ------
        ValueError
            The facility is closed already, or its number was never given.
        """
        self._require_open(facility)
        self._closed[facility] = True
        return self._update(facility, self._facilities.edge[facility : facility + 1])

    def open_path(self, ends: Snaps, length_m: float) -> Change:
        """Open a path between two snapped places and return what changes.

        People keep the street they stand at. Every walk is searched again, which takes as long as the first search.

        Parameters
        ----------
        ends
            The two ends, snapped; their gaps are part of the path.
        length_m
            Length of the path between the two points that were snapped [m].

        Raises
        ------
        ValueError
            An end is not on the network, or the length is negative or infinite.
        """
        if len(ends) != len(("begin", "end")) or (ends.edge < 0).any() or not 0.0 <= length_m < np.inf:
            raise ValueError("a path needs two ends on the network and a length >= 0")
        before = self._walks
        whole_m = float(quantised(np.array(length_m + ends.gap_m.sum())))
        self._streets = self._streets.with_path(ends, whole_m)
        self._homes = self._streets.placed(self._homes)
        self._facilities = self._streets.placed(self._facilities)
        self._rows = sparse_rows(self._streets.node_count, self._streets.edges)
        self._begin()
        return _difference(np.arange(len(before.owner)), before, self._walks)

    def _require_open(self, facility: int) -> None:
        if not 0 <= facility < len(self._closed) or self._closed[facility]:
            raise ValueError(f"facility {facility} is not open")

    def _begin(self) -> None:
        """Search from scratch."""
        targets = self._targets()
        self._search = new_search(self._rows, targets, spare=self._streets.node_count + 2 * _ROOM)
        self._most_open = len(targets.owner) + _ROOM
        spread(self._search, self._rows, self._streets.edges, targets, np.inf)
        self._walks = walks_to_spots(self._homes, self._streets.edges, self._search.field, targets)
        self._homes_of = _homes_by_edge(self._homes.edge, len(self._streets.edges.u))

    def _targets(self) -> Sources:
        """Return the open facilities that are on the network, sorted by edge."""
        owner = np.flatnonzero(~self._closed & (self._facilities.edge >= 0))
        owner = owner[np.argsort(self._facilities.edge[owner], kind="stable")]
        edge, offset_m, gap_m = self._facilities
        return Sources(edge[owner], offset_m[owner], gap_m[owner], owner)

    def _update(self, gone: int, changed_edges: NDArray[np.int64]) -> Change:
        """Bring all walks up to date after a facility left its place, or none did, and return what changes."""
        targets, edges, search = self._targets(), self._streets.edges, self._search
        if len(targets.owner) > self._most_open:
            before = self._walks
            self._begin()
            return _difference(np.arange(len(before.owner)), before, self._walks)
        freed = _free(search.field, gone)
        search.counters[REACHED] = 0
        carry_on(search, self._rows, _starts_again(freed, search.field, self._rows, edges, targets), np.inf)
        touched = np.concatenate([freed, search.touched[: search.counters[REACHED]]])
        homes = _homes_near(touched, changed_edges[changed_edges >= 0], self._rows, *self._homes_of)
        before = Field(self._walks.walk_m[homes], self._walks.owner[homes])
        edge, offset_m, gap_m = self._homes
        after = walks_to_spots(Spots(edge[homes], offset_m[homes], gap_m[homes]), edges, search.field, targets)
        self._walks.walk_m[homes], self._walks.owner[homes] = after
        return _difference(homes, before, after)


def _copied(field: Field) -> Field:
    return Field(field.walk_m.copy(), field.owner.copy())


def _difference(origins: NDArray[np.int64], before: Field, after: Field) -> Change:
    """Return the change of those origins whose walk or facility changes."""
    changed = (before.walk_m != after.walk_m) | (before.owner != after.owner)
    return Change(
        origins[changed],
        Field(before.walk_m[changed], before.owner[changed]),
        Field(after.walk_m[changed], after.owner[changed]),
    )


def _homes_by_edge(edge: NDArray[np.int64], edge_count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the snapped origins sorted by edge, and where those of each edge start."""
    order = np.argsort(edge, kind="stable")
    return order, np.searchsorted(edge[order], np.arange(edge_count + 1))


@njit(cache=True, nogil=True)
def _free(field: Field, owner: int) -> NDArray[np.int64]:
    """Take their walks from the nodes of a facility (`_NOBODY`: none), in place, and return these nodes."""
    if owner == _NOBODY:
        return np.empty(0, np.int64)
    walk_m, owners = field
    freed = np.flatnonzero(owners == owner)
    for node in freed:
        walk_m[node], owners[node] = np.inf, -1
    return freed


@njit(cache=True, nogil=True)
def _starts_again(freed: NDArray[np.int64], field: Field, rows: Rows, edges: Edges, targets: Sources) -> Starts:
    """Return the walks with which freed nodes begin again: the best over a neighbour that kept its own, and targets."""
    walk_m, owner = np.full(len(freed), np.inf), np.full(len(freed), -1, np.int64)
    for i in range(len(freed)):
        node = freed[i]
        for arc in range(rows.start[node], rows.start[node + 1]):
            other, edge = rows.neighbour[arc], rows.edge[arc]
            whole_m = edges.to_v_m[edge] if edges.u[edge] == node else edges.to_u_m[edge]
            over_m, whose = whole_m + field.walk_m[other], field.owner[other]
            if over_m < walk_m[i] or (over_m == walk_m[i] and whose < owner[i]):
                walk_m[i], owner[i] = over_m, whose
    direct = starts_of(edges, targets)
    return Starts(
        np.concatenate((freed, direct.node)),
        np.concatenate((walk_m, direct.walk_m)),
        np.concatenate((owner, direct.owner)),
    )


@njit(cache=True, nogil=True)
def _homes_near(
    nodes: NDArray[np.int64],
    edges: NDArray[np.int64],
    rows: Rows,
    order: NDArray[np.int64],
    start: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return the origins on some edges and on all edges at some nodes, ascending, each once."""
    room = 0
    for edge in edges:
        room += start[edge + 1] - start[edge]
    for node in nodes:
        for arc in range(rows.start[node], rows.start[node + 1]):
            room += start[rows.edge[arc] + 1] - start[rows.edge[arc]]
    found, used = np.empty(room, np.int64), 0
    for edge in edges:
        used = _append(found, used, order, start[edge], start[edge + 1])
    for node in nodes:
        for arc in range(rows.start[node], rows.start[node + 1]):
            edge = rows.edge[arc]
            used = _append(found, used, order, start[edge], start[edge + 1])
    found.sort()
    different = np.ones(room, np.bool_)
    different[1:] = found[1:] != found[:-1]
    return found[different]


@njit(cache=True, nogil=True)
def _append(found: NDArray[np.int64], used: int, order: NDArray[np.int64], start: int, stop: int) -> int:
    """Copy a part of `order` behind what was found; return how much there is then."""
    for i in range(start, stop):
        found[used] = order[i]
        used += 1
    return used
