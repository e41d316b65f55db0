"""The ground of one part of a community: street blocks, estates and special grids before buildings divide them."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray, pieces
from gis_service.partition.absorption import absorb, group_extents, width_m
from gis_service.partition.contiguity import HARD_BARRIERS, outlines
from gis_service.partition.footprints import OVERLAP_M2
from gis_service.partition.linework import Borders, borders_of, clip, faces_of, inner_points
from gis_service.partition.near_misses import led_on
from gis_service.partition.passages import beside_buildings

SLIVER_M2 = 25.0
"""Faces below this area come from lines that were drawn twice [m², exclusive]; they belong to nobody."""
SLIVER_WIDTH_M = 1.0
"""Faces of a smaller width likewise [m, exclusive]."""
HELD_SHARE = 0.75
"""Slivers are part of a special grid if so much of their outline lies along its other land [share, inclusive]."""
NEIGHBOURHOOD_M = 150.0
"""Land within this distance of a building is its surroundings [m]."""
ROUNDING_M = 300.0
"""Radius by which the outline of the surroundings is rounded; gaps between them below twice this close [m]."""
FAR_LAND_M2 = 30_000.0
"""Land beyond the surroundings of all buildings is a unit of its own from this area on [m², inclusive]."""
FAR_LAND_SMOOTHING_M = 10.0
"""The outline of the surroundings is simplified by this distance [m]."""
NOBODY = -1


@dataclass(frozen=True)
class Lines:
    """The lines that cut a part of a community, clipped to it.

    Parameters
    ----------
    walkable, hard
        Roads and walls; rivers, railways and expressways. Areas by their outline.
    roads
        The roads alone.
    outline
        Outlines of estates and special grids.
    far
        Outlines of land far from any building.
    """

    walkable: GeometryArray
    hard: GeometryArray
    roads: GeometryArray
    outline: GeometryArray
    far: GeometryArray

    def given(self) -> GeometryArray:
        """Return the lines that are known, not made up."""
        return np.concatenate((self.walkable, self.hard, self.outline))


@dataclass(frozen=True)
class Ground:
    """The faces between border, barriers, estates and special grids, and who stands on them.

    Parameters
    ----------
    part
        The part of the community, a polygon that touches no other part along a line.
    lines
        The lines that made the faces.
    faces
        Polygons that tile the part.
    borders
        Borders between the faces.
    face_of_cluster
        For every cluster of buildings the face that holds most of it; `NOBODY` where it stands on another part.
    special_of_face, estate_of_face
        Row of the special grid and of the estate that a face lies in, or `NOBODY`. Special grids go before estates.
    """

    part: shapely.Polygon
    lines: Lines
    faces: GeometryArray
    borders: Borders
    face_of_cluster: IndexArray
    special_of_face: IndexArray
    estate_of_face: IndexArray


def survey(
    part: shapely.Polygon,
    footprints: GeometryArray,
    here: IndexArray,
    *,
    barriers: gpd.GeoDataFrame,
    estates: GeometryArray,
    special: GeometryArray,
) -> Ground:
    """Return the ground of one part of a community.

    Parameters
    ----------
    part
        A polygon of the community.
    footprints
        Every cluster of buildings of the community: polygon or point.
    here
        Positions of the clusters that stand on this part.
    barriers
        The barriers frame.
    estates, special
        Polygons; where estates overlap the smallest counts, where special grids do the first.
    """
    barrier_lines = outlines(barriers.geometry.to_numpy())
    hard = barriers["kind"].isin(HARD_BARRIERS).to_numpy()
    walkable = beside_buildings(clip(barrier_lines[~hard], part), footprints[here])
    crossed = clip(barrier_lines[hard], part)
    outline = clip(shapely.boundary(np.concatenate((estates, special))), part)
    bounds = np.array([part.boundary, *outline], dtype=object)
    lines = Lines(
        walkable=np.concatenate((walkable, led_on(walkable, np.concatenate((crossed, bounds))))),
        hard=np.concatenate((crossed, led_on(crossed, np.concatenate((walkable, bounds))))),
        roads=clip(barrier_lines[(barriers["kind"] == "road").to_numpy()], part),
        outline=outline,
        far=np.empty(0, dtype=object),
    )
    cuts = (part.boundary, *lines.walkable, *lines.hard, *lines.outline)
    faces = faces_of(cuts, part)
    far = far_lands(faces, footprints[here], holders(footprints[here], faces))
    if len(far):
        lines = replace(lines, far=np.asarray(shapely.boundary(far), dtype=object))
        faces = faces_of((*cuts, *shapely.boundary(far)), part)
    face_of_cluster = np.full(len(footprints), NOBODY)
    face_of_cluster[here] = holders(footprints[here], faces)
    inner = inner_points(faces)
    sliver = is_sliver(shapely.area(faces), shapely.length(faces))
    sliver[face_of_cluster[here]] = False
    borders = borders_of(faces, lines.walkable, lines.hard)
    special_of_face = _without_edges(first_around(inner, special, np.arange(len(special))), sliver, faces, borders)
    by_size = np.lexsort((np.arange(len(estates)), shapely.area(estates)))
    estate_of_face = np.where(
        sliver | (special_of_face != NOBODY), NOBODY, first_around(inner, estates, np.argsort(by_size))
    )
    return Ground(part, lines, faces, borders, face_of_cluster, special_of_face, estate_of_face)


def _without_edges(
    special_of_face: IndexArray, sliver: NDArray[np.bool_], faces: GeometryArray, borders: Borders
) -> IndexArray:
    """Return the special grids of faces, `NOBODY` for slivers along their edges.

    Those come from a grid's outline and a street that mean the same line. Slivers between two streets inside a grid
    are part of it: it lies on both sides of them.
    """
    left, right = borders.left, borders.right
    same = (special_of_face[left] == special_of_face[right]) & (sliver[left] != sliver[right])
    length_m = (borders.plain_m + borders.walkable_m + borders.hard_m)[same]
    beside = np.where(sliver[left], left, right)[same]
    held = np.bincount(beside, length_m, len(faces)) >= HELD_SHARE * shapely.length(faces)
    return np.where(sliver & ~held, NOBODY, special_of_face)


def is_sliver(area_m2: FloatArray, perimeter_m: FloatArray) -> NDArray[np.bool_]:
    """Return which faces of given area [m²] and perimeter [m] come from lines drawn twice."""
    sliver: NDArray[np.bool_] = (area_m2 < SLIVER_M2) | (width_m(area_m2, perimeter_m) < SLIVER_WIDTH_M)
    return sliver


def street_blocks(ground: Ground, occupied: NDArray[np.bool_]) -> IndexArray:
    """Return the street block of every face: land between barriers, medians and verges joined to their neighbours.

    Parameters
    ----------
    ground
        The ground of a part.
    occupied
        Faces with buildings, of estates or of special grids.
    """
    borders = ground.borders
    block = connected(borders, borders.plain_m > 0, len(ground.faces))
    area_m2, perimeter_m = group_extents(borders, shapely.area(ground.faces), shapely.length(ground.faces), block)
    nothing = np.zeros(len(area_m2), dtype=bool)
    empty = np.bincount(block, weights=occupied) == 0
    keeper = absorb(
        borders.between(block),
        area_m2,
        perimeter_m,
        loose=empty,
        homeless=nothing,
        special=nothing,
        estate=np.full(len(area_m2), NOBODY),
    )
    result: IndexArray = keeper[block]
    return result


def connected(borders: Borders, joined: NDArray[np.bool_], count: int) -> IndexArray:
    """Return the component of every one of ``count`` faces, over the borders where ``joined``."""
    pairs = (borders.left[joined], borders.right[joined])
    graph = coo_array((np.ones(len(pairs[0])), pairs), shape=(count, count))
    component: IndexArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return component


def far_lands(faces: GeometryArray, footprints: GeometryArray, home: IndexArray) -> GeometryArray:
    """Return the stretches of land far from every building, which no building should draw long wedges into.

    Parameters
    ----------
    faces
        The faces between the lines.
    footprints, home
        Buildings and the face of each.

    Returns
    -------
    array of Polygon
        Each inside a face with buildings, more than `NEIGHBOURHOOD_M` from all of them and `FAR_LAND_M2` large or more.
    """
    lands = [np.empty(0, dtype=object)]
    for face in np.unique(home[shapely.area(faces[home]) >= FAR_LAND_M2]):
        wide = shapely.union_all(shapely.buffer(footprints[home == face], NEIGHBOURHOOD_M + ROUNDING_M, quad_segs=4))
        around = shapely.simplify(shapely.buffer(wide, -ROUNDING_M), FAR_LAND_SMOOTHING_M)
        lands.append(pieces(shapely.difference(faces[face], around)))
    candidates = np.concatenate(lands)
    far: GeometryArray = candidates[shapely.area(candidates) >= FAR_LAND_M2]
    return far


def holders(footprints: GeometryArray, faces: GeometryArray) -> IndexArray:
    """Return for every footprint the face that holds most of it; `NOBODY` for footprints that no face overlaps."""
    footprint, face = shapely.STRtree(faces).query(footprints, predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(footprints[footprint], faces[face]))
    overlap = (shared_m2 > OVERLAP_M2) | (shapely.get_dimensions(footprints[footprint]) == 0)
    footprint, face, shared_m2 = footprint[overlap], face[overlap], shared_m2[overlap]
    order = np.lexsort((face, -shared_m2, footprint))
    first = order[np.unique(footprint[order], return_index=True)[1]]
    holder = np.full(len(footprints), NOBODY)
    holder[footprint[first]] = face[first]
    return holder


def first_around(points: GeometryArray, polygons: GeometryArray, rank: IndexArray) -> IndexArray:
    """Return for every point the polygon around it that has the lowest rank, or `NOBODY`."""
    point, polygon = shapely.STRtree(polygons).query(points, predicate="within")
    order = np.lexsort((rank[polygon], point))
    first = order[np.unique(point[order], return_index=True)[1]]
    around = np.full(len(points), NOBODY)
    around[point[first]] = polygon[first]
    return around
