"""What falls short: the estates, facilities, gaps and buildings that somebody has to do something about."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from gis_service.audit.inventory import Inventory
from gis_service.errors import Text
from gis_service.plan.findings import Finding
from gis_service.plan.spacing import set_apart

COVERAGE_GAP = "coverage_gap"
TITLES: dict[str, Text] = {
    COVERAGE_GAP: Text("服务盲区", "coverage gaps"),
    "estate_without_station": Text("小区无驿站", "estates without a station"),
    "facility_over_capacity": Text("服务面积不足", "facilities over capacity"),
    "buildings_without_grid": Text("楼栋无网格", "buildings without a grid"),
}
"""What kinds of shortfall are called, in the order in which people should look at them."""

Placed = tuple[Finding, str]
"""A finding and the code of the smallest region it lies in; empty: only of the city as a whole."""


def shortfalls(inventory: Inventory, gaps: pd.DataFrame, *, wanted_m2: float) -> list[Placed]:
    """Return the shortfalls of a city, each a warning about one thing that lies in one region, sorted.

    Parameters
    ----------
    inventory
        The things that were counted.
    gaps
        ``centre_id``, ``name``, ``community_code``, ``households``, ``nearest_walk_m`` (nan: no path); no row where
        nothing was walked.
    wanted_m2
        Floor area wanted per hundred households [m²], by which the run judged its facilities.
    """
    return sorted(
        [
            *map(_gap, gaps.to_dict("records")),
            *_estates(inventory.estates),
            *_facilities(inventory.facilities, wanted_m2),
            *_gridless(inventory.buildings),
        ]
    )


def gap_text(gap: Mapping[Any, Any], *, part: bool = False) -> Text:
    """Return the sentence about a gap, or about the part of one that lies in a region.

    Parameters
    ----------
    gap
        ``name``, ``households``, ``nearest_walk_m`` (nan or None: no path).
    part
        Whether people of the same gap live outside the region the figures are of.
    """
    walk, households = gap["nearest_walk_m"], f"{gap['households']:,}"
    far = (
        Text("没有步行路线可达", "no way on foot")
        if pd.isna(walk)
        else Text(f"最近 {walk:,.0f} 米", f"{walk:,.0f} m away at least")
    )
    if part:
        return Text(
            f"{gap['name']}：跨出本区域的盲区，其中本区域 {households} 户在服务圈外，{far.zh}",
            f"{gap['name']}: of a gap that goes beyond the region, {households} households of the region are outside "
            f"every service circle, {far.en}",
        )
    return Text(
        f"{gap['name']}：{households} 户在服务圈外，{far.zh}",
        f"{gap['name']}: {households} households outside every service circle, {far.en}",
    )


def _gap(gap: Mapping[Hashable, Any]) -> Placed:
    told = gap_text(gap)
    finding = Finding(COVERAGE_GAP, "warning", str(gap["centre_id"]), told.zh, told.en)
    return finding, str(gap["community_code"])


def _estates(estates: pd.DataFrame) -> Sequence[Placed]:
    lacking = estates[~estates["has_station"] & (estates["households"] > 0)]
    return [
        (
            Finding(
                "estate_without_station",
                "warning",
                row["id"],
                set_apart("小区", row["name"], f"（{row['households']:,} 户）内没有近邻红色驿站"),
                f"estate {row['name']} ({row['households']:,} households) has no red station",
            ),
            row["place"],
        )
        for row in lacking.to_dict("records")
    ]


def _facilities(facilities: pd.DataFrame, wanted_m2: float) -> Sequence[Placed]:
    over = facilities[facilities["over_capacity"]]
    return [
        (
            Finding(
                "facility_over_capacity",
                "warning",
                row["id"],
                set_apart(
                    row["name"],
                    f"每百户 {row['area_per_hundred_m2']:.1f} 平方米，不足 {wanted_m2:g} 平方米"
                    f"（就近 {row['households']:,} 户）",
                ),
                f"{row['name']} has {row['area_per_hundred_m2']:.1f} m² per hundred households, less than "
                f"{wanted_m2:g} (nearest to {row['households']:,})",
            ),
            row["place"],
        )
        for row in over.to_dict("records")
    ]


def _gridless(buildings: pd.DataFrame) -> Sequence[Placed]:
    """Return one shortfall a community: its buildings without a grid are mended together."""
    lacking = buildings[buildings["grid_code"].isna() & buildings["community_code"].notna()]
    found = []
    for community, own in lacking.groupby("community_code"):
        number, households = len(own), int(own["households"].sum())
        finding = Finding(
            "buildings_without_grid",
            "warning",
            str(community),
            f"社区 {community} 有 {number:,} 栋楼（{households:,} 户）不在任何网格内",
            f"{number:,} buildings ({households:,} households) of community {community} are in no grid",
        )
        found.append((finding, str(community)))
    return found
