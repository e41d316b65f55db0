"""Streets that are cut where a new path joins them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis_service.reach.network import WalkingNetwork
from gis_service.reach.search import Edges, Spots, along
from gis_service.reach.snapping import Snaps, spots


@dataclass(frozen=True)
class Cut:
    """An edge that is cut: where [m from u], and the edges before and behind that place."""

    edge: int
    at_m: float
    before: int
    behind: int


@dataclass(frozen=True)
class CutStreets:
    """The streets of a network and what was added to them.

    Parameters
    ----------
    network
        The walking network; points are snapped to it.
    node_count
        Number of nodes: those of the network, then one for every cut.
    edges
        The edges of the network, which all stay, then the pieces of those cut and the paths.
    cuts
        The cuts in the order in which they were made; a piece may be cut again.
    """

    network: WalkingNetwork
    node_count: int
    edges: Edges
    cuts: tuple[Cut, ...] = ()

    def spots(self, snaps: Snaps) -> Spots:
        """Return snapped points as metres along and off the edges that are there now."""
        return self.placed(spots(self.network, snaps))

    def placed(self, points: Spots) -> Spots:
        """Return points with those on edges that were cut put on the pieces."""
        edge, offset_m = points.edge.copy(), points.offset_m.copy()
        for cut in self.cuts:
            here = edge == cut.edge
            behind = here & (offset_m > cut.at_m)
            edge[here], edge[behind] = cut.before, cut.behind
            offset_m[behind] -= cut.at_m
        return Spots(edge, offset_m, points.gap_m)

    def with_path(self, ends: Snaps, length_m: float) -> "CutStreets":
        """Return the streets with a path of some length [m] between two snapped places, walked both ways."""
        streets, nodes = self, []
        for end in range(len(ends)):
            place = streets.spots(ends)
            nodes.append(streets.node_count)
            streets = streets._cut(int(place.edge[end]), float(place.offset_m[end]))
        return CutStreets(
            streets.network,
            streets.node_count,
            _with_edge(streets.edges, *nodes, length_m, length_m, length_m),
            streets.cuts,
        )

    def _cut(self, edge: int, at_m: float) -> "CutStreets":
        """Return the streets with an edge cut at some place [m from u]."""
        node, before = self.node_count, len(self.edges.u)
        u, v, length_m, to_u_m, to_v_m = (column[edge] for column in self.edges)
        first_to_u_m = along(self.edges, edge, at_m, 0.0)
        first_to_v_m = along(self.edges, edge, 0.0, at_m)
        edges = _with_edge(self.edges, u, node, at_m, first_to_u_m, first_to_v_m)
        edges = _with_edge(edges, node, v, length_m - at_m, _rest(to_u_m, first_to_u_m), _rest(to_v_m, first_to_v_m))
        return CutStreets(self.network, node + 1, edges, (*self.cuts, Cut(edge, at_m, before, before + 1)))


def _rest(whole_m: float, first_m: float) -> float:
    """Return what remains of a walk [m]; all of one that cannot be walked."""
    return whole_m - first_m if np.isfinite(whole_m) else whole_m


def _with_edge(edges: Edges, *values: float) -> Edges:
    """Return the edges and one more."""
    columns: list[NDArray[np.float64]] = [
        np.append(column, np.array([value], column.dtype)) for column, value in zip(edges, values, strict=True)
    ]
    return Edges(*columns)  # type: ignore[arg-type]  # each column keeps its own type
