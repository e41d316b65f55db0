"""What people should know about how a community was cut into units."""

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.estates import Estates
from gis_service.partition.footprints import Clusters
from gis_service.partition.ground import NOBODY
from gis_service.plan.findings import Finding


def remarks(
    community: CommunityInput,
    buildings: gpd.GeoDataFrame,
    clusters: Clusters,
    *,
    estates: Estates,
    estate_of_cluster: IndexArray,
    part_of_cluster: IndexArray,
    units: gpd.GeoDataFrame,
) -> tuple[Finding, ...]:
    """Return the findings about a cut, sorted.

    Parameters
    ----------
    community
        The community.
    buildings
        Its buildings in the order of ``clusters.member``.
    clusters
        The clusters of its buildings.
    estates
        The estates of the community.
    estate_of_cluster, part_of_cluster
        The estate and the part of the community of every cluster, or `NOBODY`.
    units
        The units frame.
    """
    return tuple(
        sorted(
            [
                *_estates_in_pieces(units, estates),
                *_buildings_outside(community, buildings, part_of_cluster[clusters.member]),
                *_estates_elsewhere(buildings, estates, estate_of_cluster[clusters.member]),
                *_crowds(community, buildings, clusters),
            ]
        )
    )


def _estates_in_pieces(units: gpd.GeoDataFrame, estates: Estates) -> Iterator[Finding]:
    names = dict(zip(estates.id, estates.name, strict=True))
    counts = units.loc[units["kind"] == "estate", "estate_id"].value_counts()
    for estate, count in counts[counts > 1].items():
        name = names[estate]
        yield Finding(
            "estate_in_pieces",
            "warning",
            str(estate),
            f"小区“{name}”的用地不相连，分成了 {count} 个单元",
            f"the land of estate {name} does not hang together; it makes {count} units",
        )


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


def _estates_elsewhere(buildings: gpd.GeoDataFrame, estates: Estates, estate: IndexArray) -> Iterator[Finding]:
    walled = {name for name, polygon in zip(estates.id, estates.polygon, strict=True) if not polygon.is_empty}
    around = [*estates.id, None]
    for building, named, row in zip(buildings["id"], buildings["estate_id"], estate, strict=True):
        if around[row] in walled and pd.notna(named) and named != around[row]:
            yield Finding(
                "building_estate_differs",
                "note",
                building,
                f"楼栋 {building} 登记在小区 {named}，但位置在小区 {around[row]} 之内，按位置归属",
                f"building {building} is registered in estate {named} but stands in estate {around[row]}; "
                "its place decides",
            )


def _crowds(community: CommunityInput, buildings: gpd.GeoDataFrame, clusters: Clusters) -> Iterator[Finding]:
    table = pd.DataFrame({"cluster": clusters.member, "id": buildings["id"], "households": buildings["households"]})
    grouped = table.groupby("cluster").agg(
        first=("id", "first"), count=("id", "size"), households=("households", "sum")
    )
    crowded = (grouped["count"] > 1) & (grouped["households"] > community.rules.households_max)
    for first, count, households in grouped[crowded].itertuples(index=False):
        yield Finding(
            "buildings_inseparable",
            "warning",
            first,
            f"楼栋 {first} 等 {count} 栋的轮廓重叠或坐标相同，无法分开，共 {households} 户",
            f"building {first} and {count - 1} more overlap or stand in one place and cannot be separated; "
            f"they hold {households} households",
        )
