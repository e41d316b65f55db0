"""A community cut into units: the smallest pieces of land that a grid border may follow."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.geo.coverage import IndexArray, pieces
from gis_service.partition.community import CommunityInput
from gis_service.partition.estates import estate_of_clusters, estates_of, without_strangers
from gis_service.partition.footprints import gather_clusters
from gis_service.partition.ground import NOBODY, Ground, holders, survey
from gis_service.partition.pieces import cut_pieces, join_pieces
from gis_service.partition.shares import Atoms, share_out
from gis_service.partition.special_grids import special_grids_of
from gis_service.partition.unit_frames import sum_up, unit_frame


@dataclass(frozen=True)
class CutUnits:
    """The units of a community.

    Parameters
    ----------
    units
        The units frame.
    unit_buildings
        The unit-buildings frame; every building of the community stands in it once.
    """

    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame


def cut_units(community: CommunityInput) -> CutUnits:
    """Return the units of a community.

    Parameters
    ----------
    community
        The community and what lies in it, all in one metric CRS. Its rules do not matter: plans by any rules share the
        units.

    Returns
    -------
    CutUnits
        The units tile the community and are a valid coverage; each is one polygon inside one part of the community. No
        footprint is cut, except by the border of the community itself. Units know the estate they are part of. The
        result does not depend on the order of any rows.

    Raises
    ------
    CoverageError
        The faces between the lines do not tile the community: its geometry is invalid.
    """
    buildings = community.buildings.sort_values("id", ignore_index=True)
    barriers = community.barriers.iloc[np.argsort(shapely.to_wkb(community.barriers.geometry.to_numpy()))]
    estates, special = estates_of(community), special_grids_of(community)
    clusters = gather_clusters(buildings.geometry.to_numpy(), community.geometry)
    parts = pieces(community.geometry)
    part_of_cluster = holders(clusters.footprint, parts)
    grounds = []
    for number, part in enumerate(parts):
        here = np.flatnonzero(part_of_cluster == number)
        grounds.append(
            survey(
                part,
                clusters.footprint,
                here,
                barriers=barriers,
                estates=estates.polygon,
                special=special.geometry.to_numpy(),
            )
        )
    estate_of_cluster = estate_of_clusters(grounds, clusters, buildings, estates)
    atoms = Atoms(len(special), len(estates.id), len(clusters.footprint))
    label_of_cluster = _label_of_clusters(grounds, atoms)
    cut = []
    for ground in without_strangers(grounds, estate_of_cluster, estates, community):
        shares = share_out(ground, clusters, label_of_cluster, atoms)
        cut.append(cut_pieces(ground, shares, clusters, label_of_cluster, estate_of_cluster, atoms))
    land = join_pieces(cut)
    units, unit_of_cluster = unit_frame(
        land, clusters, estate_of_cluster, estates=estates, special=special, atoms=atoms
    )
    unit = unit_of_cluster[clusters.member]
    return CutUnits(
        units=sum_up(units, buildings, unit),
        unit_buildings=pd.DataFrame({"building_id": buildings["id"].astype(object), "unit": unit}),
    )


def _label_of_clusters(grounds: list[Ground], atoms: Atoms) -> IndexArray:
    """Return the atom of every cluster: the special grid it stands in, else itself."""
    label = atoms.cluster(np.arange(atoms.clusters))
    for ground in grounds:
        here = np.flatnonzero(ground.face_of_cluster != NOBODY)
        special = ground.special_of_face[ground.face_of_cluster[here]]
        label[here] = np.where(special != NOBODY, special, label[here])
    return label
