"""Service circles: the ground within a walk of a facility, as polygons.

A place belongs to a circle when the walk to its nearest street and on to the facility is within the cut-off and that
street is at most `ACCESS_M` away. Every place is judged by its own nearest street, as buildings are, so nothing bleeds
across a river or a railway. The walk is known exactly at the cells of a fine raster; the polygon is the contour between
cells within and cells beyond. Buildings are judged by their own walk: cells at those within and at their ways to the
street, however long, count as within, and the footprints of all others are left out of the polygon, so that the drawing
never contradicts the figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.reach.contour import contour, fill_blocks
from gis_service.reach.excess import (
    ACCESS_M,
    TOLD_M,
    Cells,
    Window,
    cells_of,
    inner_window,
    lay_out,
    whole,
    window_over,
)
from gis_service.reach.extents import extend, extents_of, own_box
from gis_service.reach.imprint import Imprint, first_cell, imprint_of, press, pressed_boxes
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.premises import NOBODY, Premises, leave_out, take_in
from gis_service.reach.raster import CELL_M, PAINTED_M, StreetRaster, Tiles, segments_of, street_raster, towns
from gis_service.reach.search import Field, Sources, Spots, begin_again, new_search, spread, walks_to_spots
from gis_service.reach.snapping import ROUNDING_M, Snaps
from gis_service.reach.times import sources

__all__ = ["ACCESS_M", "ServiceCircles", "band_circles", "service_circles"]

MAX_HOLE_M2 = 100_000.0
"""Ground too far from any street but enclosed by a circle belongs to it up to this area [m²]: the inside of a block."""
TINY_HOLE_M2 = 1_000.0
"""Enclosed ground up to this area belongs to the circle in any case [m²]: nobody would see what the hole means."""


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


class Within(NamedTuple):
    """A cut-off [m] and the buildings within it."""

    cutoff_m: float
    buildings: NDArray[np.int64]


class _Walks(NamedTuple):
    """Buildings and their walks [m]."""

    building: NDArray[np.int64]
    walk_m: NDArray[np.float64]

    def up_to(self, cutoff_m: float) -> NDArray[np.int64]:
        """Return the buildings within a cut-off [m]."""
        return self.building[self.walk_m <= cutoff_m + ROUNDING_M]


@dataclass(frozen=True)
class _Canvas:
    """What all circles of one call share."""

    network: WalkingNetwork
    raster: StreetRaster
    premises: Premises
    imprint: Imprint

    def circles(
        self, parts: Iterable[tuple[Tiles, Window]], field: Field, targets: Sources, within: Sequence[Within]
    ) -> list[shapely.MultiPolygon]:
        """Return where the walks of a field are within each cut-off.

        Parameters
        ----------
        parts
            Pieces of the raster that do not touch.
        field, targets
            Walks and the facilities they lead to.
        within
            The cut-offs and the buildings within each; they lie on the pieces.
        """
        ground: list[list[shapely.Polygon]] = [[] for _ in within]
        for tiles, window in parts:
            cells = cells_of(tiles.number, self.raster.spots, window, self.network.edges, field, targets)
            for polygons, of_band in zip(ground, within, strict=True):
                polygons.extend(self._contour(tiles, window, cells, of_band))
        return [
            leave_out(
                take_in(shapely.MultiPolygon(polygons), self.premises, of_band.buildings),
                self.premises,
                of_band.buildings,
            )
            for polygons, of_band in zip(ground, within, strict=True)
        ]

    def _contour(self, tiles: Tiles, window: Window, cells: Cells, within: Within) -> list[shapely.Polygon]:
        excess_m, late, late_street = lay_out(cells, window.rows, window.columns, within.cutoff_m)
        row, column = first_cell(tiles, self.raster.tiles)
        first = row + window.row, column + window.column
        press(excess_m, late_street, tiles.number, (window.row, window.column), self.imprint, within.buildings, first)
        first_row, first_column, rows, columns = inner_window(excess_m)
        if rows == 0:
            return []
        here = np.s_[first_row : first_row + rows, first_column : first_column + columns]
        filled = fill_blocks(
            excess_m[here], late[here], max_cells=MAX_HOLE_M2 / CELL_M**2, tiny_cells=TINY_HOLE_M2 / CELL_M**2
        )
        x = tiles.x + (window.column + first_column - 1) * CELL_M
        y = tiles.y + (window.row + first_row - 1) * CELL_M
        return contour(filled, x, y, CELL_M)


def service_circles(
    network: WalkingNetwork, facilities: Snaps, cutoff_m: float, premises: Premises = NOBODY
) -> ServiceCircles:
    """Return the service circles of facilities for one cut-off, see `band_circles`."""
    return band_circles(network, facilities, [cutoff_m], premises)[0]


def band_circles(
    network: WalkingNetwork, facilities: Snaps, cutoffs_m: Sequence[float], premises: Premises = NOBODY
) -> list[ServiceCircles]:
    """Return the service circles of facilities for several cut-offs, from one search each.

    Parameters
    ----------
    network
        The walking network.
    facilities
        Snapped facilities.
    cutoffs_m
        Longest walks [m], inclusive, at least one; the facility's own gap and the walk to the street count.
    premises
        Buildings that a circle holds wholly or not at all, by their walk to its facility (the merged circle: to any).
        The footprints of those within, and their ways to the street, lie inside; the footprints of the others outside,
        save where they overlap one within.

    Returns
    -------
    list of ServiceCircles
        One for each cut-off, in their order. Valid MultiPolygons in the network's CRS. The circle of a longer cut-off
        contains that of a shorter one.
    """
    targets = sources(network, facilities)
    search = new_search(network.rows, targets)
    limit_m = max(cutoffs_m) + TOLD_M
    spread(search, network.rows, network.edges, targets, limit_m)
    everybody = _walks(network, premises, np.arange(len(premises.body)), search.field, targets)
    bands = [Within(cutoff_m, everybody.up_to(cutoff_m)) for cutoff_m in cutoffs_m]
    most = everybody.up_to(max(cutoffs_m))
    segments = segments_of(network)
    near = _reached(network, search.field, targets)[segments.edge]
    raster = street_raster(segments, near, pressed_boxes(premises, most))
    canvas = _Canvas(network, raster, premises, imprint_of(premises, most, raster.tiles))
    groups = ((tiles, whole(tiles)) for tiles in towns(raster.tiles))
    merged = canvas.circles(groups, search.field, targets, bands)
    begin_again(search)
    each = [np.full(len(facilities), shapely.MultiPolygon(), dtype=object) for _ in cutoffs_m]
    extents = extents_of(network, facilities)
    for i, owner in enumerate(targets.owner):
        target = Sources(
            targets.edge[i : i + 1], targets.offset_m[i : i + 1], targets.gap_m[i : i + 1], targets.owner[i : i + 1]
        )
        spread(search, network.rows, network.edges, target, limit_m)
        own = _walks(network, premises, most, search.field, target)
        bands = [Within(cutoff_m, own.up_to(cutoff_m)) for cutoff_m in cutoffs_m]
        box = own_box(extents, network.edges, target, max(cutoffs_m))
        extend(box, search, network.rows, extents, max(cutoffs_m))
        there = premises.box[own.up_to(max(cutoffs_m))]
        np.minimum(box[:2], there[:, :2].min(axis=0, initial=np.inf), out=box[:2])
        np.maximum(box[2:], there[:, 2:].max(axis=0, initial=-np.inf), out=box[2:])
        if box[0] > box[2]:
            begin_again(search)
            continue
        window = window_over(raster.tiles, box, PAINTED_M)
        circles = canvas.circles([(raster.tiles, window)], search.field, target, bands)
        for of_band, circle in zip(each, circles, strict=True):
            of_band[owner] = circle
        begin_again(search)
    return [ServiceCircles(*of_band) for of_band in zip(each, merged, strict=True)]


def _walks(
    network: WalkingNetwork, premises: Premises, some: NDArray[np.int64], field: Field, targets: Sources
) -> _Walks:
    """Return the walks of some buildings in a field."""
    edge, offset_m, gap_m = premises.spots
    here = Spots(edge[some], offset_m[some], gap_m[some])
    return _Walks(some, walks_to_spots(here, network.edges, field, targets).walk_m)


def _reached(network: WalkingNetwork, field: Field, targets: Sources) -> NDArray[np.bool_]:
    """Return the edges of which some part is reached."""
    reached: NDArray[np.bool_] = np.isfinite(np.minimum(field.walk_m[network.edges.u], field.walk_m[network.edges.v]))
    reached[targets.edge] = True
    return reached
