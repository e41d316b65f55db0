"""What a proposed plan could not do as the rules wish, each with its reason and a witness."""

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.errors import Text
from gis_service.partition.bound_findings import NOT_IMPROVED
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import UnitGraph
from gis_service.partition.contraction import whole_estates
from gis_service.partition.parts import parts_of
from gis_service.plan.arithmetic import may_fit, total_residents, totals_of
from gis_service.plan.findings import Finding
from gis_service.plan.rules import STATUS_LABELS, UNTESTED, Rules, describe, is_empty, judge
from gis_service.plan.unit_places import side_of


def plan_findings(
    community: CommunityInput,
    units: gpd.GeoDataFrame,
    unit_buildings: pd.DataFrame,
    graph: UnitGraph,
    labels: NDArray[np.int64],
    grids: gpd.GeoDataFrame,
    known: Mapping[int, Text],
) -> list[Finding]:
    """Return the violated soft rules and impossible sizes of a plan.

    Parameters
    ----------
    community
        The community the plan is for.
    units, unit_buildings, graph
        Its units, their buildings and neighbourhood.
    labels
        Row of ``grids`` for each unit.
    grids
        The grids frame.
    known
        By row of ``grids``: what the search knows of why that grid may be out of range.

    Returns
    -------
    list of Finding
        In no particular order. Kinds: ``no_households``, ``residents_unknown``, ``size_impossible``,
        ``building_too_large``, ``grid_small``, ``grid_large``, ``grid_conflict``, ``estate_split``.
    """
    if is_empty(int(units["households"].sum()), int(units["residents"].sum())):
        return [
            Finding(
                "no_households",
                "note",
                community.code,
                f"社区“{community.name}”没有住户，无需按规模划分；每片相连的土地自成一个网格",
                f"community {community.name} has no households, so there is nothing to divide by size; "
                "each connected piece of land is one grid",
            )
        ]
    free = units["special"].isna().to_numpy()
    reason = {**known, **_inseparable(community, unit_buildings, labels)}
    findings = [
        *_impossible_parts(community, units, graph, free, labels, reason),
        *_large_buildings(community, unit_buildings, labels, grids, reason),
        *_sizes(grids, reason, community.rules),
        *_split_estates(community, units, labels, grids),
    ]
    if community.rules.basis != "households" and units["residents"][free].isna().any():
        findings.append(
            Finding(
                "residents_unknown",
                "note",
                community.code,
                f"社区“{community.name}”有楼栋缺少人数，相关网格只按户数判断",
                f"residents of some buildings of community {community.name} are unknown; "
                "grids with such buildings are judged by households alone",
            )
        )
    return findings


def _impossible_parts(
    community: CommunityInput,
    units: gpd.GeoDataFrame,
    graph: UnitGraph,
    free: NDArray[np.bool_],
    labels: NDArray[np.int64],
    reason: dict[int, Text],
) -> Iterator[Finding]:
    """Yield parts with people whose totals fit no number of grids, and note that for their grids."""
    rules = community.rules
    households = units["households"].to_numpy(np.int64)
    residents = units["residents"].fillna(-1).to_numpy(np.int64)
    part = parts_of(graph, households, residents, rules, np.where(free, -1, 0))
    codes = units["code"].to_numpy(dtype=object)
    for number in range(int(part.max(initial=-1)) + 1):
        here = np.flatnonzero(part == number)
        total, people = int(households[here].sum()), total_residents(residents[here])
        if is_empty(total, people) or may_fit(totals_of(households[here], residents[here]), rules):
            continue
        verdict = judge(total, people, "base", rules)
        sizes = describe(total, people, verdict, rules)
        first, count = str(codes[here[0]]), len(here)
        whole = count == len(units)
        where = side_of(units.geometry.to_numpy(), here)
        land = Text(
            f"{where.zh}的单元 {first} 等 {count} 个相连单元",
            f"{count} connected units around {first} on the {where.en}",
        )
        if whole:
            land = Text("全部土地", "all land")
        elif count == 1:
            land = Text(f"{where.zh}的单元 {first}", f"unit {first} on the {where.en}")
        for row in np.unique(labels[here]):
            reason.setdefault(
                int(row),
                Text(
                    f"所在的一片（{land.zh}）合计也不能合规",
                    f"its part of the community ({land.en}) cannot be divided into grids in range",
                ),
            )
        yield Finding(
            "size_impossible",
            "warning",
            community.code if whole else first,
            f"社区“{community.name}”中{land.zh}合计 {sizes.zh}，无论怎样划分都不能使每个网格合规",
            f"{land.en} in community {community.name}: {sizes.en}; no division puts every grid in range",
        )


def _large_buildings(
    community: CommunityInput,
    unit_buildings: pd.DataFrame,
    labels: NDArray[np.int64],
    grids: gpd.GeoDataFrame,
    reason: dict[int, Text],
) -> Iterator[Finding]:
    """Yield buildings that are too large for a grid by themselves, and note that reason for their grids."""
    rules = community.rules
    buildings = community.buildings.set_index("id").loc[unit_buildings["building_id"]]
    rows = labels[unit_buildings["unit"].to_numpy(np.int64)]
    base = grids["kind"].to_numpy() == "base"
    codes = grids["code"].to_numpy(dtype=object)
    counts = zip(buildings.index, buildings["households"], _known(buildings["residents"]), rows, strict=True)
    for name, households, residents, row in counts:
        verdict = judge(households, residents, "base", rules)
        if verdict.status != "large" or not base[row]:
            continue
        sizes = describe(households, residents, verdict, rules)
        reason[int(row)] = Text(f"楼栋 {name} 一栋就已超过上限", f"building {name} alone is above the maximum")
        yield Finding(
            "building_too_large",
            "warning",
            str(name),
            f"楼栋 {name} 一栋就有 {sizes.zh}，楼栋不可拆分，所在网格 {codes[row]} 必然过大",
            f"building {name} alone has {sizes.en}; buildings are not cut, so its grid {codes[row]} is too large",
        )


def _inseparable(community: CommunityInput, unit_buildings: pd.DataFrame, labels: NDArray[np.int64]) -> dict[int, Text]:
    """Return the reason of grids whose buildings that cannot be separated are too large together, by row of the grid.

    Such buildings are the only ones that share a unit and exceed the maximum: see ``buildings_inseparable``.
    """
    buildings = community.buildings.set_index("id").loc[unit_buildings["building_id"]]
    people = buildings[["households", "residents"]].reset_index().assign(unit=unit_buildings["unit"].to_numpy(np.int64))
    reason = {}
    for _, here in people[people["unit"].duplicated(keep=False)].groupby("unit"):
        residents = total_residents(here["residents"].fillna(-1).to_numpy(np.int64))
        households, first = int(here["households"].sum()), here["id"].min()
        verdict = judge(households, residents, "base", community.rules)
        if verdict.status == "large":
            reason[int(labels[here["unit"].iloc[0]])] = Text(
                f"楼栋 {first} 等 {len(here)} 栋无法分开，合计 {households} 户",
                f"building {first} and {len(here) - 1} more cannot be separated and have {households} households",
            )
    return reason


def _sizes(grids: gpd.GeoDataFrame, reason: dict[int, Text], rules: Rules) -> Iterator[Finding]:
    """Yield base grids out of range, and a note for those where nobody lives."""
    counts = zip(grids["code"], grids["kind"], grids["households"], _known(grids["residents"]), strict=True)
    for row, (code, kind, households, residents) in enumerate(counts):
        verdict = judge(households, residents, kind, rules)
        if verdict.status == "empty":
            yield Finding(
                "no_households",
                "note",
                code,
                f"网格 {code} 的土地没有住户，自成一个网格，不检验规模",
                f"the land of grid {code} has no households and forms a grid of its own, which has no size to test",
            )
        if verdict.status == "normal" or verdict.status in UNTESTED:
            continue
        sizes = describe(households, residents, verdict, rules)
        why = reason.get(row, NOT_IMPROVED)
        label = STATUS_LABELS[verdict.status]
        yield Finding(
            f"grid_{verdict.status}",
            "warning",
            code,
            f"网格 {code} {label.zh}：{sizes.zh}；{why.zh}",
            f"grid {code}: {label.en}; {sizes.en}; {why.en}",
        )


def _split_estates(
    community: CommunityInput, units: gpd.GeoDataFrame, labels: NDArray[np.int64], grids: gpd.GeoDataFrame
) -> Iterator[Finding]:
    """Yield estates that lie in several grids though they would fit into one: their land does not hang together."""
    names = community.estates.set_index("id")["name"].dropna().to_dict()
    whole = whole_estates(units, community.rules)
    lived_in = units["estate_id"].isin(whole) & units["special"].isna() & (units["households"] > 0)
    for estate, here in units.assign(row=labels)[lived_in].groupby("estate_id"):
        rows = np.unique(here["row"].to_numpy(np.int64))
        if len(rows) == 1:
            continue
        codes = grids["code"].to_numpy(dtype=object)[rows]
        households, name = int(here["households"].sum()), names.get(estate, estate)
        yield Finding(
            "estate_split",
            "warning",
            str(estate),
            f"小区“{name}”共 {households} 户，本可整体放入一个网格，但用地不相连或有网格锁定，分在 {'、'.join(codes)}",
            f"estate {name} with {households} households would fit into one grid, but its land does not hang together "
            f"or a grid is locked; it lies in {', '.join(codes)}",
        )


def _known(counts: "pd.Series[int]") -> list[int | None]:
    """Return counts as plain numbers, None where unknown."""
    return [None if pd.isna(count) else int(count) for count in counts]
