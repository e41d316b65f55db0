"""Estates of a community: their land and whose building is whose."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import GeometryArray, IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.footprints import Clusters
from gis_service.partition.ground import NOBODY, Ground


@dataclass(frozen=True)
class Estates:
    """The estates that meet a community.

    Parameters
    ----------
    id, name
        Sorted by id; the id stands for the name where the estates frame has none.
    polygon
        Extent; an empty polygon where unknown.
    """

    id: NDArray[np.object_]
    name: NDArray[np.object_]
    polygon: GeometryArray


def estates_of(community: CommunityInput) -> Estates:
    """Return the estates that overlap the community or that its buildings name."""
    frame = community.estates
    polygon = frame.geometry.to_numpy()
    near = shapely.intersects(polygon, community.geometry) & ~shapely.touches(polygon, community.geometry)
    named = community.buildings["estate_id"].dropna()
    ids = np.unique(np.concatenate((frame["id"].to_numpy()[near], named.to_numpy())).astype(str)).astype(object)
    known = frame.set_index("id").reindex(ids)
    extent = known.geometry.to_numpy().copy()
    extent[known.geometry.isna()] = shapely.Polygon()
    names = [estate if pd.isna(name) else name for estate, name in zip(ids, known["name"], strict=True)]
    return Estates(ids, np.array(names, dtype=object), extent)


def estate_of_clusters(
    grounds: list[Ground], clusters: Clusters, buildings: gpd.GeoDataFrame, estates: Estates
) -> IndexArray:
    """Return the estate of every cluster: the one around it, else the first its buildings name."""
    number = {estate: row for row, estate in enumerate(estates.id)}
    named = np.array([number.get(estate, len(number)) for estate in buildings["estate_id"]], dtype=np.int64)
    estate = np.full(len(clusters.footprint), len(number))
    np.minimum.at(estate, clusters.member, named)
    estate[estate == len(number)] = NOBODY
    for ground in grounds:
        here = np.flatnonzero(ground.face_of_cluster != NOBODY)
        face = ground.face_of_cluster[here]
        around = ground.estate_of_face[face]
        estate[here] = np.where(around != NOBODY, around, estate[here])
        estate[here[ground.special_of_face[face] != NOBODY]] = NOBODY
    return estate


def without_strangers(
    grounds: list[Ground], estate_of_cluster: IndexArray, estates: Estates, community: CommunityInput
) -> list[Ground]:
    """Return the grounds without estates that have no building here and lie mostly in another community."""
    inside_m2 = shapely.area(shapely.intersection(estates.polygon, community.geometry))
    at_home = np.append(2 * inside_m2 > shapely.area(estates.polygon), False)  # the last is for NOBODY
    at_home[estate_of_cluster[estate_of_cluster != NOBODY]] = True
    return [
        replace(
            ground,
            estate_of_face=np.where(at_home[ground.estate_of_face], ground.estate_of_face, NOBODY),
        )
        for ground in grounds
    ]
