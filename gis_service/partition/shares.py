"""Who gets which land: every face of the ground goes to one atom, or is shared out among several."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis_service.geo.coverage import GeometryArray, IndexArray
from gis_service.partition.absorption import is_leftover
from gis_service.partition.cells import SPACING_M, Sites, distinct_sites, join_sites, sites_of
from gis_service.partition.footprints import Clusters
from gis_service.partition.ground import NOBODY, Ground, street_blocks
from gis_service.partition.linework import Borders
from gis_service.partition.verges import verges_of


@dataclass(frozen=True)
class Atoms:
    """What a unit may be made of, as ranges of labels: special grids, open land of estates, clusters, open land.

    Parameters
    ----------
    specials, estates, clusters
        How many there are of each; the label of open land is counted on from there.
    """

    specials: int
    estates: int
    clusters: int

    def estate(self, estate: IndexArray) -> IndexArray:
        """Return the labels of the open land of estates."""
        return self.specials + estate

    def cluster(self, cluster: IndexArray) -> IndexArray:
        """Return the labels of clusters."""
        return self.specials + self.estates + cluster

    def open_land(self, face: IndexArray) -> IndexArray:
        """Return the labels of open land that begins at the given faces."""
        return self.specials + self.estates + self.clusters + face

    def is_special(self, label: IndexArray) -> NDArray[np.bool_]:
        """Return which labels are special grids."""
        return label < self.specials

    def is_estate(self, label: IndexArray) -> NDArray[np.bool_]:
        """Return which labels are open land of estates."""
        return (label >= self.specials) & (label < self.specials + self.estates)

    def is_cluster(self, label: IndexArray) -> NDArray[np.bool_]:
        """Return which labels are clusters."""
        return (label >= self.specials + self.estates) & ~self.is_open(label)

    def estate_of(self, label: IndexArray, estate_of_cluster: IndexArray) -> IndexArray:
        """Return the estate of every label, or `NOBODY`."""
        estate = np.where(self.is_estate(label), label - self.specials, NOBODY)
        of_cluster = self.is_cluster(label)
        estate[of_cluster] = estate_of_cluster[label[of_cluster] - self.specials - self.estates]
        return estate

    def is_open(self, label: IndexArray) -> NDArray[np.bool_]:
        """Return which labels are open land."""
        return label >= self.specials + self.estates + self.clusters


@dataclass(frozen=True)
class Shared:
    """Land that several atoms share: each gets what is nearest to it.

    Parameters
    ----------
    area
        The land, Polygon or MultiPolygon.
    sites
        The atoms, by points along their outlines.
    """

    area: BaseGeometry
    sites: Sites


@dataclass(frozen=True)
class Shares:
    """Who gets the faces of a ground.

    Parameters
    ----------
    block
        Street block of every face.
    label
        Atom of every face that goes to one as a whole; `NOBODY` where the face is shared.
    shared_of_face
        Row of `shared` for the faces that are; `NOBODY` for the others.
    shared
        The land that is shared.
    """

    block: IndexArray
    label: IndexArray
    shared_of_face: IndexArray
    shared: list[Shared]

    def outlines(self, faces: GeometryArray, chosen: IndexArray) -> Sites:
        """Return points along the outlines of the chosen faces for whoever got the land there."""
        xy, row = shapely.get_coordinates(shapely.segmentize(faces[chosen], SPACING_M[1]), return_index=True)
        face = chosen[row]
        label = self.label[face]
        for number in np.unique(self.shared_of_face[chosen]):
            if number != NOBODY:
                inside = self.shared_of_face[face] == number
                label[inside] = self.shared[number].sites.nearest(xy[inside])
        return distinct_sites(xy, label)

    def give(self, faces: GeometryArray, members: IndexArray, sites: Sites) -> None:
        """Give faces to the only atom among the sites, or share them out among all of them."""
        atoms = np.unique(sites.label)
        if len(atoms) == 1:
            self.label[members] = atoms[0]
        else:
            self.shared_of_face[members] = len(self.shared)
            self.shared.append(Shared(shapely.coverage_union_all(faces[members]), sites))


def share_out(
    ground: Ground,
    clusters: Clusters,
    label_of_cluster: IndexArray,
    atoms: Atoms,
) -> Shares:
    """Return who gets the faces of a ground.

    Parameters
    ----------
    ground
        The ground of one part of a community.
    clusters, label_of_cluster
        Every cluster of the community, and its atom.
    atoms
        The ranges of labels.

    Returns
    -------
    Shares
        The land of an estate is shared out among its buildings, street block by street block; stretches of it without
        buildings that are no leftovers are its open land.
    """
    faces = ground.faces
    here = np.flatnonzero(ground.face_of_cluster != NOBODY)
    home = ground.face_of_cluster[here]
    spacing_m = np.clip(clusters.gap_m, *SPACING_M)
    built = np.bincount(home, minlength=len(faces)) > 0
    estate = ground.estate_of_face
    of_estate = estate != NOBODY
    leftover = is_leftover(shapely.area(faces), shapely.length(faces))
    claimed = (ground.special_of_face != NOBODY) | of_estate
    block = street_blocks(ground, built | claimed)
    verges = verges_of(ground, built | claimed)
    inhabited = np.bincount(block, weights=built | claimed, minlength=len(faces))[block] > 0
    park = inhabited & ~built & ~claimed & ~leftover & ~verges.face
    divided = np.zeros(len(faces), dtype=bool)
    for members in _groups(np.column_stack((block, estate)), of_estate & (built | leftover)):
        divided[members] = built[members].any()
    vacant = of_estate & ~divided

    label = ground.special_of_face.copy()
    label[vacant] = atoms.estate(estate[vacant])
    label[park] = atoms.open_land(np.flatnonzero(park))
    label[~inhabited] = atoms.open_land(_first_of_group(block)[~inhabited])
    label[verges.face] = atoms.open_land(_first_of_group(verges.strip)[verges.face])
    shares = Shares(block, label, np.full(len(faces), NOBODY), [])
    plain = (label == NOBODY) & ~divided
    for members in _groups(np.column_stack((block, estate)), divided):
        standing = here[np.isin(home, members)]
        shares.give(
            faces, members, sites_of(clusters.footprint[standing], label_of_cluster[standing], spacing_m[standing])
        )
    verge = plain & ~built & _beside(ground.borders, park)
    for members in _groups(block[:, None], plain & ~verge):
        standing = here[np.isin(home, members)]
        sites = sites_of(clusters.footprint[standing], label_of_cluster[standing], spacing_m[standing])
        around = shares.outlines(faces, np.flatnonzero((block == block[members[0]]) & of_estate))
        sites = join_sites(sites, around)
        if len(sites.label) > 0:
            shares.give(faces, members, sites)
        else:
            verge[members] = True
    # Verges of open land come last: they go to whoever got the land beside them. Special grids stay as they were given:
    # a strip between two rivers that meets one, for instance, is land of its own.
    for members in _groups(block[:, None], verge):
        around = (block == block[members[0]]) & ~verge & ~verges.face & (ground.special_of_face == NOBODY)
        if around.any():
            shares.give(faces, members, shares.outlines(faces, np.flatnonzero(around)))
        else:
            label[members] = atoms.open_land(_first_of_group(block)[members])
    return shares


def _beside(borders: Borders, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which faces are neighbours of chosen ones."""
    beside = np.zeros(len(chosen), dtype=bool)
    beside[borders.left[chosen[borders.right]]] = True
    beside[borders.right[chosen[borders.left]]] = True
    return beside


def _groups(keys: IndexArray, chosen: NDArray[np.bool_]) -> list[IndexArray]:
    """Return the positions of the chosen rows, grouped by equal keys."""
    rows = np.flatnonzero(chosen)
    _, group = np.unique(keys[rows], axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(group[order])) + 1) if len(rows) else []


def _first_of_group(group: IndexArray) -> IndexArray:
    """Return for every row the first row of its group."""
    _, first, member = np.unique(group, return_index=True, return_inverse=True)
    rows: IndexArray = first[member]
    return rows
