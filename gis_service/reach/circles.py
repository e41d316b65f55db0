"""Service circles: the ground within a walk of a facility, as polygons.

A place belongs to a circle exactly when its walk is within the cut-off: straight to its nearest street, along the
streets, and straight to the facility. Every place is judged by its own nearest street, as buildings are, so nothing
bleeds across a river or a railway; a place farther from every street than people are put on one belongs to none. The
polygon runs between samples of a fine lattice, see `gis_service.reach.ground`; where it would contradict the walk of a
building, a dot around the point where the building stands is taken in or left out. Streets are seen with fewer vertices
than they are drawn with, see `gis_service.reach.thinning`; walks along them are those of the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.dots import sides_of
from gis_service.reach.extents import reached_roots
from gis_service.reach.ground import survey
from gis_service.reach.lattice import SAMPLE_M, Survey, nowhere, to_nearest, together
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.outline import Rings, polygons_of, rings_of
from gis_service.reach.pieces import Scratch, Streets, Walks, scratch_for, streets_of
from gis_service.reach.premises import DOT_M, NOBODY, Premises, true_to
from gis_service.reach.search import Field, Search, Sources, Spots, begin_again, new_search, spread, walks_to_spots
from gis_service.reach.snapping import ROUNDING_M, Snaps
from gis_service.reach.street_grid import places_on
from gis_service.reach.times import sources

__all__ = ["ServiceCircles", "band_circles", "merged_circle", "service_circles"]


@dataclass(frozen=True)
class ServiceCircles:
    """The circles of one cut-off.

    Parameters
    ----------
    each
        MultiPolygon of every facility, in their order; empty where a facility is not on the network or too far off it.
    merged
        MultiPolygon of all facilities together.
    """

    each: NDArray[np.object_]
    merged: shapely.MultiPolygon


@dataclass(frozen=True)
class _Canvas:
    """What all circles of one call share; `target_xy` is where facilities meet their streets [m]."""

    network: WalkingNetwork
    streets: Streets
    scratch: Scratch
    premises: Premises
    cutoffs_m: NDArray[np.float64]
    target_xy: NDArray[np.float64]

    @property
    def limit_m(self) -> float:
        """Return how far searches have to come [m]."""
        return float(self.cutoffs_m.max()) + SAMPLE_M

    def survey(self, search: Search, own: Walks, everybody: Walks) -> Survey:
        """Return the blocks through which the borders of a finished search run."""
        rows, node_xy = self.network.rows, self.network.node_xy
        target_xy, longest_m = self.target_xy[own.targets.owner], float(self.cutoffs_m.max())
        roots = reached_roots(self.streets, rows, search, node_xy, own.targets, target_xy, longest_m)
        return survey(self.streets, self.scratch, roots, own, everybody, self.cutoffs_m)

    def buildings_near(self, everybody: Walks) -> NDArray[np.int64]:
        """Return the buildings within the longest cut-off of any facility."""
        walk_m = self.walks_of(np.arange(len(self.premises.dot)), everybody)
        return np.flatnonzero(walk_m <= self.limit_m)

    def within(self, walks: Walks, buildings: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return those of some buildings whose walks are within each cut-off."""
        walk_m = self.walks_of(buildings, walks)
        return [buildings[walk_m <= cutoff_m + ROUNDING_M] for cutoff_m in self.cutoffs_m]

    def circles(self, drawn: Sequence[Rings], within: Sequence[Sequence[NDArray[np.int64]]]) -> NDArray[np.object_]:
        """Return the ground inside outlines, with the buildings within each and no others; shape (drawn, cut-offs)."""
        circles = polygons_of(drawn, len(self.cutoffs_m))
        if len(self.premises.dot):
            for i, bands in enumerate(within):
                side = sides_of(drawn[i], len(bands), self.premises.at_xy, DOT_M)
                for band, buildings in enumerate(bands):
                    circles[i, band] = true_to(circles[i, band], self.premises, buildings, side[band])
        return circles

    def walks_of(self, buildings: NDArray[np.int64], walks: Walks) -> NDArray[np.float64]:
        """Return the walks [m] of some buildings."""
        edge, offset_m, gap_m = self.premises.spots
        here = Spots(edge[buildings], offset_m[buildings], gap_m[buildings])
        return walks_to_spots(here, self.network.edges, walks.field, walks.targets).walk_m


def service_circles(
    network: WalkingNetwork,
    facilities: Snaps,
    cutoff_m: float,
    premises: Premises = NOBODY,
    *,
    max_gap_m: float = 500.0,
) -> ServiceCircles:
    """Return the service circles of facilities for one cut-off, see `band_circles`."""
    return band_circles(network, facilities, [cutoff_m], premises, max_gap_m=max_gap_m)[0]


def band_circles(
    network: WalkingNetwork,
    facilities: Snaps,
    cutoffs_m: Sequence[float],
    premises: Premises = NOBODY,
    *,
    max_gap_m: float = 500.0,
) -> list[ServiceCircles]:
    """Return the service circles of facilities for several cut-offs, from one search each.

    The true circle of a cut-off S is the set of places p with ``g(p) <= G`` and ``g(p) + d(p) <= S``: g is the straight
    line [m] to the nearest street (of equally near ones that which snapping takes), d the shortest walk [m] from there
    to the facility and its own gap, G the longest gap. The polygon differs from it by half a sample (`SAMPLE_M`) and
    what thinning moved the street (`THINNED_M`) at most where the border crosses a street, and along borders between
    two streets.

    Parameters
    ----------
    network
        The walking network.
    facilities
        Snapped facilities.
    cutoffs_m
        Longest walks [m], inclusive, at least one; the facility's own gap and the walk to the street count.
    premises
        Buildings, snapped with the same longest gap: the point where each stands lies in a circle exactly when its walk
        to that circle's facility (the merged circle: to any) is within the cut-off.
    max_gap_m
        Longest straight line from a place to its street [m], inclusive.

    Returns
    -------
    list of ServiceCircles
        One for each cut-off, in their order. Valid MultiPolygons in the network's CRS. The circle of a longer cut-off
        contains that of a shorter one, and the merged circle those of all facilities.
    """
    canvas, search, everybody = _canvas(network, facilities, cutoffs_m, premises, max_gap_m)
    targets, buildings = everybody.targets, canvas.buildings_near(everybody)
    drawn, within, grounds = [], [], [nowhere()]
    for i in range(len(targets.owner)):
        target = Sources(
            targets.edge[i : i + 1], targets.offset_m[i : i + 1], targets.gap_m[i : i + 1], targets.owner[i : i + 1]
        )
        begin_again(search)
        spread(search, network.rows, network.edges, target, canvas.limit_m)
        own = Walks(search.field, target)
        ground = canvas.survey(search, own, everybody)
        drawn.append(rings_of(ground, canvas.cutoffs_m))
        within.append(canvas.within(own, buildings))
        grounds.append(to_nearest(ground))
    drawn.append(rings_of(together(grounds), canvas.cutoffs_m))
    within.append(canvas.within(everybody, buildings))
    circles = canvas.circles(drawn, within)
    each = np.full((len(cutoffs_m), len(facilities)), shapely.MultiPolygon(), dtype=object)
    each[:, targets.owner] = circles[:-1].T
    return [ServiceCircles(*of_band) for of_band in zip(each, circles[-1], strict=True)]


def merged_circle(
    network: WalkingNetwork, facilities: Snaps, cutoff_m: float, premises: Premises, *, max_gap_m: float
) -> shapely.MultiPolygon:
    """Return the merged circle that `band_circles` does, to the last bit, without those of each facility."""
    canvas, search, everybody = _canvas(network, facilities, [cutoff_m], premises, max_gap_m)
    ground = together([to_nearest(canvas.survey(search, everybody, everybody))])
    within = canvas.within(everybody, canvas.buildings_near(everybody))
    merged = canvas.circles([rings_of(ground, canvas.cutoffs_m)], [within])[0, 0]
    assert isinstance(merged, shapely.MultiPolygon)  # noqa: S101 narrows shapely's type
    return merged


def _canvas(
    network: WalkingNetwork, facilities: Snaps, cutoffs_m: Sequence[float], premises: Premises, max_gap_m: float
) -> tuple[_Canvas, Search, Walks]:
    """Return what all circles share, a finished search from all facilities, and a copy of what it found."""
    targets = sources(network, facilities)
    streets = streets_of(network, targets, max_gap_m)
    target_xy = np.zeros((len(facilities), 2))
    target_xy[targets.owner] = places_on(streets.drawn, targets.edge, facilities.fraction[targets.owner])
    canvas = _Canvas(network, streets, scratch_for(streets, targets), premises, np.array(cutoffs_m), target_xy)
    search = new_search(network.rows, targets)
    spread(search, network.rows, network.edges, targets, canvas.limit_m)
    return canvas, search, Walks(Field(search.field.walk_m.copy(), search.field.owner.copy()), targets)
