"""The pieces of land a part of a community falls into, each with its atom and its buildings."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import FloatArray, GeometryArray, IndexArray, dissolve
from gis_service.partition.absorption import OPEN_LAND_M2, absorb, is_leftover
from gis_service.partition.arms import cut_arms
from gis_service.partition.cells import borders_between
from gis_service.partition.crosscuts import cut_across
from gis_service.partition.footprints import Clusters
from gis_service.partition.ground import NOBODY, Ground, connected, first_around, is_sliver
from gis_service.partition.linework import ON_LINE_M, borders_of, faces_of, inner_points
from gis_service.partition.shares import Atoms, Shares
from gis_service.partition.straightening import straightened
from gis_service.partition.strips import REACH_M, connectors, hand_over, loose_ends
from gis_service.partition.verges import to_their_side

CUT_OFF_M2 = 2 * OPEN_LAND_M2
"""Long land without buildings is cut across into units of about this area at least [m²]."""
POINT_RADIUS_M = 3.0
"""Land that certainly belongs to a building known as a point only: half the side of a square around it [m], at most."""


@dataclass(frozen=True)
class Pieces:
    """Land that will be units.

    Parameters
    ----------
    polygon
        Polygons that tile the part; a valid coverage.
    label
        Atom of every piece.
    alone
        Pieces that are all there is in their street block.
    piece_of_cluster
        For every cluster the piece it stands on; `NOBODY` where it stands on another part.
    """

    polygon: GeometryArray
    label: IndexArray
    alone: NDArray[np.bool_]
    piece_of_cluster: IndexArray


@dataclass(frozen=True)
class _Parted:
    """Land after long open land and arms have been cut.

    Parameters
    ----------
    polygon
        The pieces; a valid coverage.
    origin
        The land each is part of.
    strip
        Pieces of open land too thin to be a unit.
    apart
        Pieces of what had arms cut off, the arms among them.
    """

    polygon: GeometryArray
    origin: IndexArray
    strip: NDArray[np.bool_]
    apart: NDArray[np.bool_]


def cut_pieces(
    ground: Ground,
    shares: Shares,
    clusters: Clusters,
    label_of_cluster: IndexArray,
    estate_of_cluster: IndexArray,
    atoms: Atoms,
) -> Pieces:
    """Return the pieces of land of one part of a community.

    Parameters
    ----------
    ground, shares
        The ground of the part and who gets it.
    clusters, label_of_cluster, estate_of_cluster
        Every cluster of the community, its atom, and its estate or `NOBODY`.
    atoms
        The ranges of labels.

    Returns
    -------
    Pieces
        Land that lost touch with its buildings, medians and slivers have joined their neighbours.
    """
    here = np.flatnonzero(ground.face_of_cluster != NOBODY)
    standing = _with_extent(clusters.footprint[here], clusters.gap_m[here], ground)
    cells = [line for shared in shares.shared for line in borders_between(shared.sites, shared.area)]
    lines = ground.lines
    drawn = (ground.part.boundary, *lines.walkable, *lines.hard, *lines.outline, *lines.far)
    ends = loose_ends(
        np.concatenate((lines.walkable, lines.hard)), np.array([ground.part.boundary, *lines.outline, *lines.far])
    )
    led_on = connectors(ends, np.array(cells, dtype=object), standing, REACH_M)
    inner = np.array([*drawn[1:], *cells, *led_on], dtype=object)
    faces = faces_of((*drawn, *cells, *led_on, *_walls(standing, inner, ground.part)), ground.part)
    label, ground_face, covered = _labels(faces, ground, shares, standing, label_of_cluster[here])
    borders = borders_of(faces, lines.walkable, lines.hard)
    shared = shares.shared_of_face[ground_face]
    extents = shapely.area(faces), shapely.length(faces)
    label = hand_over(label, shared, borders, *extents, free=(shared != NOBODY) & ~covered)
    component = connected(borders, label[borders.left] == label[borders.right], len(faces))
    first = np.unique(component, return_index=True)[1]
    label = label[first]
    places = _places(clusters.footprint[here], ground.faces[ground.face_of_cluster[here]])
    face_of_cluster = _around(places, label_of_cluster[here], faces, label[component])

    component_of_cluster = component[face_of_cluster]
    land = dissolve(faces, component)
    empty = np.bincount(component_of_cluster, minlength=len(first)) == 0
    thin = is_leftover(shapely.area(land), shapely.length(land))
    open_land = empty & atoms.is_open(label) & ~is_sliver(shapely.area(land), shapely.length(land))
    outlined = np.bincount(component, ground.estate_of_face[ground_face] != NOBODY) > 0
    known = np.array([ground.part.boundary, *lines.given()], dtype=object)
    whole = outlined | atoms.is_special(label) | (empty & atoms.is_cluster(label))
    parted = _parted(land, open_land, thin, ~whole, standing, known)
    piece_of_place = _around(places, component_of_cluster, parted.polygon, parted.origin)
    empty = np.bincount(piece_of_place, minlength=len(parted.polygon)) == 0
    label, first = label[parted.origin], first[parted.origin]
    # What has been cut off from a building's land without being an arm is a place of its own.
    label = np.where(parted.apart & empty & atoms.is_cluster(label), atoms.open_land(parted.origin), label)
    area_m2, perimeter_m = shapely.area(parted.polygon), shapely.length(parted.polygon)
    arm = parted.apart & empty & is_leftover(area_m2, perimeter_m)
    beside = to_their_side(borders_of(parted.polygon, lines.roads, lines.hard), parted.origin, parted.strip, arm)
    special = atoms.is_special(label)
    keeper = absorb(
        beside,
        area_m2,
        perimeter_m,
        loose=empty & ~special,
        homeless=empty & (atoms.is_cluster(label) | (special & is_sliver(area_m2, perimeter_m))),
        special=special,
        estate=atoms.estate_of(label, estate_of_cluster),
    )
    kept, piece = np.unique(keeper, return_inverse=True)
    block = shares.block[ground_face[first[kept]]]
    piece_of_cluster = np.full(len(clusters.footprint), NOBODY)
    piece_of_cluster[here] = piece[piece_of_place]
    polygon = dissolve(parted.polygon, piece)
    own = label[kept]
    return Pieces(
        polygon=straightened(
            polygon, standing, piece_of_cluster[here], ground.lines.given(), atoms.estate_of(own, estate_of_cluster)
        ),
        label=own,
        alone=np.bincount(block)[block] == 1,
        piece_of_cluster=piece_of_cluster,
    )


def _parted(
    land: GeometryArray,
    open_land: NDArray[np.bool_],
    thin: NDArray[np.bool_],
    may_have_arms: NDArray[np.bool_],
    standing: GeometryArray,
    lines: GeometryArray,
) -> _Parted:
    """Return land with long open land cut across, and then with arms cut off what is no strip itself."""
    across = cut_across(land, open_land, np.where(thin, 0.0, CUT_OFF_M2))
    strip = (thin & open_land)[across.origin]
    cut = cut_arms(across.polygon, may_have_arms[across.origin] & ~strip, standing, lines)
    return _Parted(
        polygon=cut.polygon,
        origin=across.origin[cut.origin],
        strip=strip[cut.origin],
        apart=(np.bincount(cut.origin) > 1)[cut.origin],
    )


def _with_extent(standing: GeometryArray, gap_m: FloatArray, ground: Ground) -> GeometryArray:
    """Return the shapes, points grown to squares that reach neither another building nor a line of the ground."""
    shapes = standing.copy()
    points = np.flatnonzero(shapely.get_dimensions(standing) == 0)
    edges = shapely.boundary(ground.faces)
    found, distance_m = shapely.STRtree(edges).query_nearest(shapes[points], return_distance=True, all_matches=False)
    radius_m = np.zeros(len(points))
    radius_m[found[0]] = distance_m / 2
    radius_m = np.minimum(np.minimum(radius_m, gap_m[points] / 3), POINT_RADIUS_M)
    grown = radius_m > ON_LINE_M
    x, y, r = shapely.get_x(shapes[points])[grown], shapely.get_y(shapes[points])[grown], radius_m[grown]
    shapes[points[grown]] = shapely.box(x - r, y - r, x + r, y + r)
    return shapes


def _walls(standing: GeometryArray, lines: GeometryArray, part: shapely.Polygon) -> GeometryArray:
    """Return the outlines of buildings that lines or the border of the part touch; others lie in one face anyway."""
    shapely.prepare(part)
    touched = ~shapely.contains_properly(part, standing)
    touched[shapely.STRtree(lines).query(standing, predicate="intersects")[0]] = True
    walls: GeometryArray = shapely.boundary(standing[touched & (shapely.get_dimensions(standing) > 0)])
    return walls


def _labels(
    faces: GeometryArray, ground: Ground, shares: Shares, standing: GeometryArray, label_of_standing: IndexArray
) -> tuple[IndexArray, IndexArray, NDArray[np.bool_]]:
    """Return the atom of every face, the face of the ground it is part of, and whether a building stands there."""
    inner = inner_points(faces)
    ground_face = shapely.STRtree(ground.faces).query_nearest(inner, all_matches=False)[1].astype(np.int64)
    label = shares.label[ground_face]
    for row, shared in enumerate(shares.shared):
        members = np.flatnonzero(shares.shared_of_face[ground_face] == row)
        label[members] = shared.sites.nearest(shapely.get_coordinates(inner[members]))
    building = first_around(inner, standing, np.arange(len(standing)))
    covered = building != NOBODY
    label[covered] = label_of_standing[building[covered]]
    # A building that no line touches lies in one face, which it need not cover.
    number, around = shapely.STRtree(faces).query(standing, predicate="covered_by")
    shared = shares.label[ground_face[around]] == NOBODY
    label[around[shared]] = label_of_standing[number[shared]]
    covered[around] = True
    return label, ground_face, covered


def _places(footprints: GeometryArray, home: GeometryArray) -> GeometryArray:
    """Return one point of every footprint, inside the face of the ground that is its home."""
    known = shapely.get_dimensions(footprints) > 0
    places = footprints.copy()
    places[known] = shapely.point_on_surface(shapely.intersection(footprints[known], home[known]))
    return places


def _around(
    places: GeometryArray, label_of_place: IndexArray, faces: GeometryArray, label_of_face: IndexArray
) -> IndexArray:
    """Return the face around every place; on a border one of the place's own atom, else the first."""
    place, face = shapely.STRtree(faces).query_nearest(places, all_matches=True)
    foreign = label_of_face[face] != label_of_place[place]
    order = np.lexsort((face, foreign, place))
    around: IndexArray = face[order[np.unique(place[order], return_index=True)[1]]]
    return around


def join_pieces(cut: list[Pieces]) -> Pieces:
    """Return the pieces of all parts of a community as one, in the order of the parts."""
    offsets = np.cumsum([0, *(len(part.polygon) for part in cut[:-1])])
    placed = [
        np.where(part.piece_of_cluster != NOBODY, part.piece_of_cluster + offset, NOBODY)
        for part, offset in zip(cut, offsets, strict=True)
    ]
    return Pieces(
        polygon=np.concatenate([part.polygon for part in cut]),
        label=np.concatenate([part.label for part in cut]),
        alone=np.concatenate([part.alone for part in cut]),
        piece_of_cluster=np.max(placed, axis=0),
    )
