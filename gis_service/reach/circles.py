"""Service circles: the ground within a walk of a facility, as polygons.

A place belongs to a circle when the walk to its nearest street and on to the facility is within the cut-off and that
street is at most `ACCESS_M` away. Every place is judged by its own nearest street, as buildings are, so nothing bleeds
across a river or a railway. The walk is known exactly at the cells of a fine raster; the polygon is the contour between
cells within and cells beyond. Buildings are judged by their own walk: cells at those within and at their ways to the
street, however long, count as within, and the footprints of all others are left out of the polygon, so that the drawing
never contradicts the figures.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from gis_service.reach.contour import EDGE_M, contour, fill_blocks
from gis_service.reach.imprint import Imprint, first_cell, imprint_of, press, pressed_boxes
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.premises import NOBODY, Premises, leave_out
from gis_service.reach.raster import CELL_M, TILE, StreetRaster, Tiles, segments_of, street_raster
from gis_service.reach.search import (
    REACHED,
    Field,
    Rows,
    Search,
    Sources,
    Spots,
    begin_again,
    new_search,
    spread,
    walks_to_spots,
)
from gis_service.reach.snapping import ROUNDING_M, Snaps
from gis_service.reach.times import sources

ACCESS_M = 50.0
"""Ground counts at most this far off the street [m]; buildings count as far off as they are snapped."""
MAX_HOLE_M2 = 100_000.0
"""Ground too far from any street but enclosed by a circle belongs to it up to this area [m²]: the inside of a block."""
TINY_HOLE_M2 = 1_000.0
"""Enclosed ground up to this area belongs to the circle in any case [m²]: nobody would see what the hole means."""

# How far a cell lies beyond the cut-off is told up to one cell only: between two cells on different streets the contour
# then runs half-way.
_TOLD_M = CELL_M
# The walk off the street counts from here: nearer cells are those the street runs through, and the contour crosses the
# street exactly where the walk along it ends.
_ON_STREET_M = CELL_M / 2.0**0.5
_WHOLE_EDGE = 1e9
_Value = TypeVar("_Value", np.float64, np.bool_)


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


class _Extents(NamedTuple):
    """What bounds the reached part of an edge: node positions, box of each edge [m], drawn metres per walked metre."""

    node_xy: NDArray[np.float64]
    box: NDArray[np.float64]
    stretch: NDArray[np.float64]


@dataclass(frozen=True)
class _Canvas:
    """What all circles of one call share."""

    network: WalkingNetwork
    raster: StreetRaster
    premises: Premises
    imprint: Imprint
    cutoff_m: float

    def circle(
        self, tiles: Iterable[Tiles], field: Field, targets: Sources, within: NDArray[np.int64]
    ) -> shapely.MultiPolygon:
        """Return where the walks of a field are within the cut-off, on some of the raster's tiles.

        Parameters
        ----------
        tiles
            Pieces of the raster that do not touch.
        field, targets
            Walks and the facilities they lead to.
        within
            Buildings whose walk is within the cut-off; they lie on the tiles.
        """
        ground = [polygon for piece in tiles for polygon in self._contour(piece, field, targets, within)]
        return leave_out(shapely.MultiPolygon(ground), self.premises, within)

    def _contour(
        self, tiles: Tiles, field: Field, targets: Sources, within: NDArray[np.int64]
    ) -> list[shapely.Polygon]:
        held = tiles.number >= 0
        number, near = tiles.number[held], self.raster.spots
        gap_m = near.gap_m[number].ravel()
        spots = Spots(near.edge[number].ravel(), near.offset_m[number].ravel(), np.maximum(gap_m - _ON_STREET_M, 0.0))
        late_m = walks_to_spots(spots, self.network.edges, field, targets).walk_m - self.cutoff_m
        excess_m = _mosaic(held, np.clip(np.maximum(late_m, gap_m - ACCESS_M), -_TOLD_M, _TOLD_M), _TOLD_M)
        press(excess_m, held, self.imprint, within, first_cell(tiles, self.raster.tiles))
        excess_m[np.abs(excess_m) < EDGE_M] = -EDGE_M
        late = _mosaic(held, (late_m > 0) & (gap_m <= ACCESS_M), fill=False)
        whole = fill_blocks(excess_m, late, max_cells=MAX_HOLE_M2 / CELL_M**2, tiny_cells=TINY_HOLE_M2 / CELL_M**2)
        return contour(whole, tiles.x - CELL_M, tiles.y - CELL_M, CELL_M)


def service_circles(
    network: WalkingNetwork, facilities: Snaps, cutoff_m: float, premises: Premises = NOBODY
) -> ServiceCircles:
    """Return the service circles of facilities.

    Parameters
    ----------
    network
        The walking network.
    facilities
        Snapped facilities.
    cutoff_m
        Longest walk [m], inclusive; the facility's own gap and the walk to the street count.
    premises
        Buildings that a circle holds wholly or not at all, by their walk to its facility (the merged circle: to any).
        The footprints of those within, and their ways to the street, lie inside; the footprints of the others outside,
        save where they overlap one within.

    Returns
    -------
    ServiceCircles
        Valid MultiPolygons in the network's CRS. The circle of a longer cut-off contains that of a shorter one.
    """
    targets = sources(network, facilities)
    search = new_search(network.rows, targets)
    spread(search, network.rows, network.edges, targets, cutoff_m + _TOLD_M)
    within = _within(network, premises, np.arange(len(premises.body)), search.field, targets, cutoff_m)
    segments = segments_of(network)
    raster = street_raster(
        segments, _reached(network, search.field, targets)[segments.edge], pressed_boxes(premises, within)
    )
    canvas = _Canvas(network, raster, premises, imprint_of(premises, within, raster.tiles), cutoff_m)
    merged = canvas.circle(_groups(raster.tiles), search.field, targets, within)
    begin_again(search)
    each = np.full(len(facilities), shapely.MultiPolygon(), dtype=object)
    extents = _extents(network)
    own_box = _own_boxes(network, facilities, targets, extents, cutoff_m)
    for i, owner in enumerate(targets.owner):
        target = Sources(
            *(np.array([value]) for value in (targets.edge[i], targets.offset_m[i], targets.gap_m[i], owner))
        )
        spread(search, network.rows, network.edges, target, cutoff_m + _TOLD_M)
        own = _within(network, premises, within, search.field, target, cutoff_m)
        box = own_box[i].copy()
        _extend(box, search, network.rows, extents, cutoff_m)
        np.minimum(box[:2], premises.box[own, :2].min(axis=0, initial=np.inf), out=box[:2])
        np.maximum(box[2:], premises.box[own, 2:].max(axis=0, initial=-np.inf), out=box[2:])
        each[owner] = canvas.circle([raster.tiles.touching(box)], search.field, target, own)
        begin_again(search)
    return ServiceCircles(each, merged)


def _within(
    network: WalkingNetwork,
    premises: Premises,
    some: NDArray[np.int64],
    field: Field,
    targets: Sources,
    cutoff_m: float,
) -> NDArray[np.int64]:
    """Return those of some buildings whose walk in a field is within the cut-off."""
    edge, offset_m, gap_m = premises.spots
    here = Spots(edge[some], offset_m[some], gap_m[some])
    return some[walks_to_spots(here, network.edges, field, targets).walk_m <= cutoff_m + ROUNDING_M]


def _reached(network: WalkingNetwork, field: Field, targets: Sources) -> NDArray[np.bool_]:
    """Return the edges of which some part is reached."""
    reached: NDArray[np.bool_] = np.isfinite(np.minimum(field.walk_m[network.edges.u], field.walk_m[network.edges.v]))
    reached[targets.edge] = True
    return reached


def _groups(tiles: Tiles) -> Iterator[Tiles]:
    """Yield the tiles of each town: groups that do not touch, so that empty land between them takes no memory."""
    group, count = ndimage.label(tiles.number >= 0, structure=np.ones((3, 3)))
    for number, (rows, columns) in enumerate(ndimage.find_objects(group, count), start=1):
        part = tiles.part(rows, columns)
        yield part._replace(number=np.where(group[rows, columns] == number, part.number, -1))


def _mosaic(held: NDArray[np.bool_], values: NDArray[_Value], fill: _Value | float) -> NDArray[_Value]:
    """Return the values of the tiles held as one array, with a rim of one cell; `fill` where no tile is held."""
    rows, columns = held.shape
    tiled = np.full((rows, columns, TILE, TILE), fill, values.dtype)
    tiled[held] = values.reshape(-1, TILE, TILE)
    mosaic = np.full((rows * TILE + 2, columns * TILE + 2), fill, values.dtype)
    mosaic[1:-1, 1:-1] = tiled.swapaxes(1, 2).reshape(rows * TILE, columns * TILE)
    return mosaic


def _extents(network: WalkingNetwork) -> _Extents:
    """Return what bounds the reached parts of the network's edges."""
    length_m = network.edges.length_m
    drawn_m = shapely.length(network.edge_geometry)
    stretch = np.divide(drawn_m, length_m, out=np.full(len(length_m), _WHOLE_EDGE), where=length_m > 0)
    return _Extents(network.node_xy, shapely.bounds(network.edge_geometry), stretch)


def _own_boxes(
    network: WalkingNetwork, facilities: Snaps, targets: Sources, extents: _Extents, cutoff_m: float
) -> NDArray[np.float64]:
    """Return a box [m] around what each facility reaches of its own edge."""
    lines, fraction = network.edge_geometry[targets.edge], facilities.fraction[targets.owner]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, fraction, normalized=True))
    reach_m = (np.maximum(cutoff_m - targets.gap_m, 0.0) * extents.stretch[targets.edge])[:, None]
    edge_box = extents.box[targets.edge]
    return np.hstack([np.maximum(at - reach_m, edge_box[:, :2]), np.minimum(at + reach_m, edge_box[:, 2:])])


@njit(cache=True, nogil=True)
def _extend(box: NDArray[np.float64], search: Search, rows: Rows, extents: _Extents, cutoff_m: float) -> None:
    """Extend a box [m], in place, by what a search reaches within the cut-off."""
    for i in range(search.counters[REACHED]):
        node = search.touched[i]
        left_m = cutoff_m - search.field.walk_m[node]
        if left_m < 0.0:
            continue
        x, y = extents.node_xy[node]
        for arc in range(rows.start[node], rows.start[node + 1]):
            edge = rows.edge[arc]
            reach_m = left_m * extents.stretch[edge]
            box[0] = min(box[0], max(x - reach_m, extents.box[edge, 0]))
            box[1] = min(box[1], max(y - reach_m, extents.box[edge, 1]))
            box[2] = max(box[2], min(x + reach_m, extents.box[edge, 2]))
            box[3] = max(box[3], min(y + reach_m, extents.box[edge, 3]))
