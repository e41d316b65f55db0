"""Catchments: who walks where, as polygons that tile the ground within the cut-off."""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from gis_service.reach.cells import cells_of
from gis_service.reach.network import WalkingNetwork
from gis_service.reach.premises import Premises
from gis_service.reach.raster import CELL_M, PAINTED_M, TILE, StreetRaster, Tiles, segments_of, street_raster, towns
from gis_service.reach.search import Field, Sources, new_search, spread, walks_to_spots
from gis_service.reach.snapping import ROUNDING_M, Snaps
from gis_service.reach.times import sources

SMOOTHING_M = CELL_M
"""Borders between catchments cut off corners of triangles up to the square of this [m], the stairs of the raster."""
_NOBODY = -1


class _Faces(NamedTuple):
    """Polygons and the facility of each."""

    polygon: NDArray[np.object_]
    owner: NDArray[np.int64]


def catchments(
    network: WalkingNetwork, facilities: Snaps, cutoff_m: float, merged: shapely.MultiPolygon, premises: Premises
) -> NDArray[np.object_]:
    """Return the ground from which each facility is the nearest on foot.

    Every cell of the raster goes to the facility nearest to its centre over its own nearest street; ground inside the
    circle that is farther than `PAINTED_M` off the street goes to the nearest such cell. The stairs between cells are
    smoothed without opening gaps (Visvalingam and Whyatt 1993, on shared borders). Footprints of buildings go to the
    facility their people walk to.

    Parameters
    ----------
    network
        The walking network.
    facilities
        Snapped facilities.
    cutoff_m
        Longest walk [m], inclusive.
    merged
        Merged service circle of that cut-off: what the catchments tile.
    premises
        Buildings.

    Returns
    -------
    numpy.ndarray
        MultiPolygon of every facility, in their order; empty where nobody walks to it. They do not overlap; together
        they are the merged circle.
    """
    targets = sources(network, facilities)
    search = new_search(network.rows, targets)
    spread(search, network.rows, network.edges, targets, cutoff_m + ROUNDING_M)
    homes = walks_to_spots(premises.spots, network.edges, search.field, targets)
    within = np.flatnonzero(homes.walk_m <= cutoff_m + ROUNDING_M)
    empty = np.full(len(facilities), shapely.MultiPolygon(), dtype=object)
    if merged.is_empty:
        return empty
    raster = _raster_over(network, merged)
    found = [_faces(network, raster, part, search.field, targets, cutoff_m) for part in towns(raster.tiles)]
    faces = _Faces(np.concatenate([f.polygon for f in found]), np.concatenate([f.owner for f in found]))
    smooth = shapely.coverage_simplify(faces.polygon, SMOOTHING_M, simplify_boundary=False)
    tree = shapely.STRtree(premises.body[within])
    grounds = shapely.get_parts(merged)
    ground_tree = shapely.STRtree(grounds)
    shapely.prepare(grounds)
    for owner in np.unique(np.concatenate([faces.owner, homes.owner[within]])):
        own = shapely.union_all(smooth[faces.owner == owner])
        pieces = grounds[np.unique(ground_tree.query(own, predicate="intersects"))]
        ground = shapely.union_all(shapely.intersection(pieces, own))
        near = within[np.unique(tree.query(ground, predicate="intersects"))]
        theirs = premises.body[near[homes.owner[near] != owner]]
        mine = premises.body[within[homes.owner[within] == owner]]
        ground = shapely.difference(ground, shapely.union_all(theirs))
        ground = shapely.union_all([ground, shapely.intersection(shapely.union_all(mine), merged)])
        empty[owner] = _polygons(ground)
    return _disjoint(empty, premises, within, homes)


def _disjoint(
    areas: NDArray[np.object_], premises: Premises, within: NDArray[np.int64], homes: Field
) -> NDArray[np.object_]:
    """Return catchments without the footprints in which buildings of different facilities overlap, save the first's."""
    bodies = premises.body[within]
    one, other = shapely.STRtree(bodies).query(bodies, predicate="intersects")
    owner = homes.owner[within]
    # Of two overlapping footprints the one that walks to the first facility keeps what is common.
    for i, k in zip(one[owner[one] > owner[other]], other[owner[one] > owner[other]], strict=True):
        areas[owner[i]] = _polygons(shapely.difference(areas[owner[i]], shapely.intersection(bodies[i], bodies[k])))
    return areas


def _raster_over(network: WalkingNetwork, merged: shapely.MultiPolygon) -> StreetRaster:
    """Return the raster over a merged circle and a little around it."""
    segments = segments_of(network)
    around = PAINTED_M * np.array([-1.0, -1.0, 1.0, 1.0])
    # Part by part, so that land between towns takes no memory.
    return street_raster(segments, shapely.bounds(shapely.get_parts(merged)) + around)


def _faces(
    network: WalkingNetwork, raster: StreetRaster, tiles: Tiles, field: Field, targets: Sources, cutoff_m: float
) -> _Faces:
    """Return the areas of equal owner on a piece of the raster, with corners wherever two cells meet."""
    cells = cells_of(tiles.number, raster.spots, network.edges, field, targets)
    rows, columns = tiles.number.shape
    owner = np.full((rows * TILE + 2, columns * TILE + 2), _NOBODY, np.int64)
    # Ground too small to hold the centre of a cell goes with the cell that is the nearest to its facility.
    least_m = cells.field.walk_m.min(initial=np.inf)
    inside = (cells.field.walk_m <= max(cutoff_m, least_m)) & (cells.field.owner >= 0)
    owner[cells.row[inside] + 1, cells.column[inside] + 1] = cells.field.owner[inside]
    nowhere = owner == _NOBODY
    if nowhere.all():
        return _Faces(np.empty(0, dtype=object), np.empty(0, np.int64))
    row, column = ndimage.distance_transform_edt(nowhere, return_distances=False, return_indices=True)
    owner[1:-1, 1:-1] = owner[row, column][1:-1, 1:-1]
    lines = _borders(owner, tiles.x - CELL_M, tiles.y - CELL_M)
    polygon: NDArray[np.object_] = np.asarray(shapely.get_parts(shapely.polygonize(lines)), dtype=object)
    xy = shapely.get_coordinates(shapely.point_on_surface(polygon))
    r, c = ((xy[:, 1] - tiles.y) // CELL_M).astype(int) + 1, ((xy[:, 0] - tiles.x) // CELL_M).astype(int) + 1
    whose = owner[r, c]
    return _Faces(polygon[whose >= 0], whose[whose >= 0])


def _borders(owner: NDArray[np.int64], west: float, south: float) -> NDArray[np.object_]:
    """Return the sides [m] of cells between different owners."""
    row, column = np.nonzero(owner[:, 1:] != owner[:, :-1])
    upright = np.stack([[column + 1, row], [column + 1, row + 1]])
    row, column = np.nonzero(owner[1:] != owner[:-1])
    level = np.stack([[column, row + 1], [column + 1, row + 1]])
    ends = np.concatenate([upright, level], axis=2).transpose(2, 0, 1)
    return np.asarray(shapely.linestrings(ends * CELL_M + np.array([west, south])), dtype=object)


def _polygons(ground: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the polygons of a geometry."""
    parts = shapely.get_parts(shapely.get_parts(ground))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon" and part.area > 0])
