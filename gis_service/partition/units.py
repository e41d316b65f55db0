"""A community cut into units: the smallest pieces of land that a grid border may follow."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray, pieces
from gis_service.partition.community import CommunityInput
from gis_service.partition.estates import estate_of_clusters, estates_of, stay_whole, without_strangers
from gis_service.partition.footprints import gather_clusters
from gis_service.partition.ground import NOBODY, Ground, holders, survey
from gis_service.partition.pieces import cut_pieces, join_pieces
from gis_service.partition.remarks import remarks
from gis_service.partition.shares import Atoms, share_out
from gis_service.partition.unit_frames import sum_up, unit_frame
from gis_service.plan.findings import Finding


@dataclass(frozen=True)
class CutUnits:
    """The units of a community.

    Parameters
    ----------
    units
        The units frame.
    unit_buildings
        The unit-buildings frame; every building of the community stands in it once.
    findings
        What people should know about the cut, sorted.
    """

    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame
    findings: tuple[Finding, ...]


def cut_units(community: CommunityInput) -> CutUnits:
    """Return the units of a community.

    Parameters
    ----------
    community
        The community and what lies in it, all in one metric CRS.

    Returns
    -------
    CutUnits
        The units tile the community and are a valid coverage; each is one polygon inside one part of the community. No
        footprint is cut, except by the border of the community itself. Estates that are not too large by the rules are
        one unit each, as far as their land hangs together. The result does not depend on the order of any rows.

    Raises
    ------
    CoverageError
        The faces between the lines do not tile the community: its geometry is invalid.
    """
    buildings = community.buildings.sort_values("id", ignore_index=True)
    barriers = community.barriers.iloc[np.argsort(shapely.to_wkb(community.barriers.geometry.to_numpy()))]
    estates, special = estates_of(community), _special_of(community)
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
    whole = stay_whole(estate_of_cluster, clusters, buildings, len(estates.id), community.rules)
    atoms = Atoms(len(special), len(estates.id), len(clusters.footprint))
    label_of_cluster = _label_of_clusters(grounds, estate_of_cluster, whole, atoms)
    cut = []
    for ground in without_strangers(grounds, estate_of_cluster, estates, community):
        shares = share_out(ground, clusters, label_of_cluster, whole, atoms)
        cut.append(cut_pieces(ground, shares, clusters, label_of_cluster, atoms))
    land = join_pieces(cut)
    units, unit_of_cluster = unit_frame(
        land, clusters, estate_of_cluster, estates=estates, special=special, atoms=atoms
    )
    unit = unit_of_cluster[clusters.member]
    return CutUnits(
        units=sum_up(units, buildings, unit),
        unit_buildings=pd.DataFrame({"building_id": buildings["id"].astype(object), "unit": unit}),
        findings=remarks(
            community,
            buildings,
            clusters,
            estates=estates,
            estate_of_cluster=estate_of_cluster,
            part_of_cluster=part_of_cluster,
            units=units,
        ),
    )


def _special_of(community: CommunityInput) -> gpd.GeoDataFrame:
    """Return the special grids that overlap the community, in an order of their own, with a name each."""
    frame = community.special
    polygon = frame.geometry.to_numpy()
    here = frame[shapely.intersects(polygon, community.geometry) & ~shapely.touches(polygon, community.geometry)]
    here = here.assign(name=here["name"].fillna(here["code"]).fillna(""), wkb=shapely.to_wkb(here.geometry.to_numpy()))
    return here.sort_values(["name", "wkb"], ignore_index=True)


def _label_of_clusters(
    grounds: list[Ground], estate_of_cluster: IndexArray, whole: NDArray[np.bool_], atoms: Atoms
) -> IndexArray:
    """Return the atom of every cluster: its special grid, its estate if that stays whole, else itself."""
    label = np.where(
        whole[estate_of_cluster], atoms.estate(estate_of_cluster), atoms.cluster(np.arange(len(estate_of_cluster)))
    )
    for ground in grounds:
        here = np.flatnonzero(ground.face_of_cluster != NOBODY)
        special = ground.special_of_face[ground.face_of_cluster[here]]
        label[here] = np.where(special != NOBODY, special, label[here])
    return label
