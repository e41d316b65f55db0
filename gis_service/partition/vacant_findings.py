"""Land without households that lies across a barrier from the grid it belongs to."""

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import HARD_BARRIERS, UnitGraph, outlines
from gis_service.partition.sides import Sides, inhabited, sides_of
from gis_service.plan.findings import Finding

SLIGHT_M2 = 500.0
"""Land below this area is not worth a remark [m², exclusive]."""
BARRIERS = {
    "river": Text("河流", "a river"),
    "railway": Text("铁路", "a railway"),
    "expressway": Text("快速路", "an expressway"),
}
_INSIDE_M = 0.5


def vacant_findings(
    community: CommunityInput, units: gpd.GeoDataFrame, graph: UnitGraph, labels: IndexArray, grids: gpd.GeoDataFrame
) -> list[Finding]:
    """Return land without households in base grids that is parted from the people of its grid by a barrier.

    Parameters
    ----------
    community
        The community the plan is for.
    units, graph
        Its units and their neighbourhood.
    labels
        Row of ``grids`` for each unit.
    grids
        The grids frame.

    Returns
    -------
    list of Finding
        One of kind ``land_across`` for each stretch of `SLIGHT_M2` or more, but for the water of rivers: a warning
        where people live on its own side, a note where nobody does. It names the grid and the barrier.
    """
    sides = sides_of(units, graph, community.barriers)
    return [
        finding
        for row in np.flatnonzero(((grids["kind"] == "base") & (grids["status"] != "empty")).to_numpy())
        for finding in _across(community, units, sides, np.flatnonzero(labels == row), str(grids["code"].iloc[row]))
    ]


def _across(
    community: CommunityInput, units: gpd.GeoDataFrame, sides: Sides, members: IndexArray, code: str
) -> Iterator[Finding]:
    own = sides.of_unit[members]
    lived_on = np.unique(own[inhabited(units)[members]])
    polygons = units.geometry.to_numpy()
    for side in np.setdiff1d(own, lived_on):
        land = shapely.union_all(polygons[members[own == side]])
        if land.area < SLIGHT_M2 or sides.water[side]:
            continue
        barrier = barrier_between(community.barriers, land, shapely.union_all(polygons[members[own != side]]))
        why = (
            Text("那一侧没有住户", "where nobody lives")
            if sides.vacant[side]
            else Text("那一侧另有网格", "though that side has grids of its own")
        )
        hectares = land.area / 1e4
        yield Finding(
            "land_across",
            "note" if sides.vacant[side] else "warning",
            code,
            f"网格 {code} 含{barrier.zh}另一侧无住户的土地 {hectares:.1f} 公顷，{why.zh}",
            f"grid {code} includes {hectares:.1f} ha without households across {barrier.en}, {why.en}",
        )


def barrier_between(barriers: gpd.GeoDataFrame, land: shapely.Geometry, rest: shapely.Geometry) -> Text:
    """Return what the barrier is called that runs longest between two stretches of land."""
    hard = barriers[barriers["kind"].isin(HARD_BARRIERS)]
    border = shapely.intersection(shapely.buffer(land, _INSIDE_M), shapely.buffer(rest, _INSIDE_M))
    length_m = shapely.length(shapely.intersection(outlines(hard.geometry.to_numpy()), border))
    first = hard.iloc[int(np.lexsort((shapely.to_wkb(hard.geometry.to_numpy()), -length_m))[0])]
    kind = BARRIERS[first["kind"]]
    name = first["name"]
    return kind if pd.isna(name) else Text(f"{kind.zh}“{name}”", f"{kind.en} ({name})")
