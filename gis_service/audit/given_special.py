"""Special grids as they were given: whether they overlap one another or lie over several communities."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.audit.tiling import sound, tolerance_m2
from gis_service.plan.findings import Finding

LEAST_SHARE = 0.01
"""Smaller shares of a special grid, exclusive, are taken for inexact drawing."""


def check_given_special(special: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> list[Finding]:
    """Return special grids that share land or do not lie in one community.

    Parameters
    ----------
    special
        Given grids of kind special: ``code`` and ``name`` (None: has none), ``community_code``, ``geometry``.
    communities
        ``code``, ``name`` and ``geometry`` (None where unknown), same metric CRS.

    Returns
    -------
    list of Finding
        Warnings. ``special_grids_overlap``, one a pair that shares at least `LEAST_SHARE` of the smaller one;
        ``special_grid_across_communities``, one a grid with at least that share of its land in another community than
        its own.
    """
    special = special.sort_values(["code", "name"], ignore_index=True)
    shapes = sound(special.geometry.to_numpy())
    titles = [_title(code, name) for code, name in zip(special["code"], special["name"], strict=True)]
    subjects = special["code"].fillna(special["name"]).fillna(special["community_code"]).to_list()
    return [*_overlaps(shapes, titles, subjects), *_across(special, shapes, titles, subjects, communities)]


def _overlaps(shapes: NDArray[np.object_], titles: list[str], subjects: list[str]) -> list[Finding]:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared_m2 = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    smaller_m2 = np.minimum(shapely.area(shapes[first]), shapely.area(shapes[second]))
    large = (shared_m2 > tolerance_m2(smaller_m2)) & (shared_m2 >= LEAST_SHARE * smaller_m2)
    return [
        Finding(
            "special_grids_overlap",
            "warning",
            subjects[one],
            f"专属网格 {titles[one]} 与 {titles[other]} 重叠 {area:.1f} m²，重叠部分只归其中一个；请改正 plan 文件",
            f"special grids {titles[one]} and {titles[other]} overlap by {area:.1f} m², which one of them alone gets; "
            "correct the plan file",
        )
        for one, other, area in sorted(zip(first[large], second[large], shared_m2[large], strict=True))
    ]


def _across(
    special: gpd.GeoDataFrame,
    shapes: NDArray[np.object_],
    titles: list[str],
    subjects: list[str],
    communities: gpd.GeoDataFrame,
) -> list[Finding]:
    communities = communities[communities.geometry.notna()].sort_values("code", ignore_index=True)
    extents = sound(communities.geometry.to_numpy())
    grid, community = shapely.STRtree(extents).query(shapes, predicate="intersects")
    shared_m2 = shapely.area(shapely.intersection(shapes[grid], extents[community]))
    share = shared_m2 / shapely.area(shapes)[grid]
    codes, names = communities["code"].to_numpy(dtype=object), communities["name"].to_numpy(dtype=object)
    findings = []
    for one in range(len(shapes)):
        own = special["community_code"].iloc[one]
        here = np.flatnonzero((grid == one) & (share >= LEAST_SHARE) & (shared_m2 > tolerance_m2(shapes[one].area)))
        others = sorted(
            (codes[community[i]], names[community[i]], share[i]) for i in here if codes[community[i]] != own
        )
        if not others:
            continue
        zh = "、".join(f"{name}（{code}）{part:.0%}" for code, name, part in others)
        en = ", ".join(f"{part:.0%} in {name} ({code})" for code, name, part in others)
        findings.append(
            Finding(
                "special_grid_across_communities",
                "warning",
                subjects[one],
                f"专属网格 {titles[one]} 跨社区：归入 {own}，另有面积在 {zh}，那里不作专属网格；请按社区拆分",
                f"special grid {titles[one]} lies over several communities: it counts in {own}, but has {en}, where it "
                "is no special grid; give it in one part a community",
            )
        )
    return findings


def _title(code: str | None, name: str | None) -> str:
    known = [text for text in (name, code) if pd.notna(text)]
    return f"{known[0]}（{known[1]}）" if len(known) > 1 else (known or ["（无名称）"])[0]
