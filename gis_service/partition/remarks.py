"""What people should know about the data of a community, told with every plan."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray, pieces
from gis_service.partition.community import CommunityInput
from gis_service.partition.footprints import Clusters, gather_clusters
from gis_service.partition.ground import NOBODY, holders
from gis_service.plan.arithmetic import total_residents
from gis_service.plan.findings import Finding
from gis_service.plan.rules import judge


def remarks(community: CommunityInput, units: gpd.GeoDataFrame, unit_buildings: pd.DataFrame) -> list[Finding]:
    """Return the findings about the data behind the units, the same whether these are fresh or stored.

    Parameters
    ----------
    community
        The community.
    units, unit_buildings
        Its units and their buildings.

    Returns
    -------
    list of Finding
        In no particular order. Kinds: ``building_outside``, ``building_estate_differs``, ``buildings_inseparable``.
    """
    buildings = community.buildings.sort_values("id", ignore_index=True)
    clusters = gather_clusters(buildings.geometry.to_numpy(), community.geometry)
    part_of_cluster = holders(clusters.footprint, pieces(community.geometry))
    unit = unit_buildings.set_index("building_id")["unit"].loc[buildings["id"]].to_numpy()
    return [
        *_buildings_outside(community, buildings, part_of_cluster[clusters.member]),
        *_estates_elsewhere(community, buildings, units["estate_id"].to_numpy(dtype=object)[unit]),
        *_crowds(community, buildings, clusters),
    ]


def _buildings_outside(community: CommunityInput, buildings: gpd.GeoDataFrame, part: IndexArray) -> Iterator[Finding]:
    for building in buildings["id"].to_numpy()[part == NOBODY]:
        yield Finding(
            "building_outside",
            "warning",
            building,
            f"楼栋 {building} 登记在社区“{community.name}”，但位置在社区之外，已归入最近的单元",
            f"building {building} is registered in community {community.name} but stands outside it; "
            "it belongs to the nearest unit",
        )


def _estates_elsewhere(
    community: CommunityInput, buildings: gpd.GeoDataFrame, around: NDArray[np.object_]
) -> Iterator[Finding]:
    outline = community.estates.geometry.to_numpy()
    walled = set(community.estates["id"][~(shapely.is_missing(outline) | shapely.is_empty(outline))])
    for building, named, estate in zip(buildings["id"], buildings["estate_id"], around, strict=True):
        if estate in walled and pd.notna(named) and named != estate:
            yield Finding(
                "building_estate_differs",
                "note",
                building,
                f"楼栋 {building} 登记在小区 {named}，但位置在小区 {estate} 之内，按位置归属",
                f"building {building} is registered in estate {named} but stands in estate {estate}; its place decides",
            )


def _crowds(community: CommunityInput, buildings: gpd.GeoDataFrame, clusters: Clusters) -> Iterator[Finding]:
    table = buildings[["id", "households", "residents"]].assign(cluster=clusters.member)
    for _, crowd in table[table["cluster"].duplicated(keep=False)].groupby("cluster"):
        households = int(crowd["households"].sum())
        residents = total_residents(crowd["residents"].fillna(-1).to_numpy(np.int64))
        if judge(households, residents, "base", community.rules).status != "large":
            continue
        first = crowd["id"].iloc[0]
        yield Finding(
            "buildings_inseparable",
            "warning",
            first,
            f"楼栋 {first} 等 {len(crowd)} 栋的轮廓重叠或坐标相同，无法分开，共 {households} 户",
            f"building {first} and {len(crowd) - 1} more overlap or stand in one place and cannot be separated; "
            f"they hold {households} households",
        )
