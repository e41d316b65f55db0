"""What exports tell of plans beside their grids: why each is so, what other plans are worth, who changes grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.db import given_grids, plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plan_summaries import load_plan_summaries
from gis_service.db.plans import PlanRecord, StoredAssignment
from gis_service.errors import InputError, Text
from gis_service.exports.plan_sheets import Changes, GridReason, PlanAccount, start_label
from gis_service.partition.explain import Exchange, Explanation
from gis_service.partition.plan_summary import PlanSummary
from gis_service.partition.quality import Quality
from gis_service.plan.comparison import compare
from gis_service.plan.continuation import continuation
from gis_service.plan.findings import Finding
from gis_service.plan.grid_findings import Members, findings_of_grid
from gis_service.plan.rules import Verdict
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.plans_made import origin_of

NO_CODE = "（无编码）"


def account_of_plans(
    conn: Connection,
    city: City,
    records: Sequence[PlanRecord],
    assigned: StoredAssignment,
    of_city: gpd.GeoDataFrame,
    versus: str | None,
) -> PlanAccount:
    """Return what is told of plans beside their grids.

    Parameters
    ----------
    conn, city
        Transaction and city.
    records
        The plans, one a community.
    assigned
        Their assignment.
    of_city
        The buildings frame of the city.
    versus
        Name of the plan to compare with, or `TODAY`; None: what the plans started from if that is stored still, else
        the base grids that exist today; where there are none either, nothing.

    Raises
    ------
    UnknownPlanError
        No plan of that name.
    InputError
        Today's grids are asked for and there are none, or the other plan has no community in common with these.
    """
    summaries = load_plan_summaries(conn, city)
    given = given_grids.load_given_grids(conn, city)
    other = versus or _usual(records, summaries, given)
    return PlanAccount(
        reasons=_reasons(records, assigned),
        choices=tuple(summaries),
        exported=frozenset(record.name for record in records),
        changes=None if other is None else _changes(conn, city, records, other, assigned, of_city, given),
        quality=_quality(records),
        households_moved=sum(moved) if (moved := _moved(records)) else None,
    )


def read_explanation(values: dict[str, Any]) -> Explanation:
    """Return the explanation that its ``as_dict`` wrote."""
    exchanges = {side: tuple(Exchange(**each) for each in values[side]) for side in ("gives", "takes")}
    return Explanation(**{**values, **exchanges, "verdict": Verdict(**values["verdict"])})


def _usual(records: Sequence[PlanRecord], summaries: Sequence[PlanSummary], given: gpd.GeoDataFrame) -> str | None:
    starts = {record.account.get("start", "") for record in records} - {""}
    replaced = {record.name for record in records}
    stored = {summary.name for summary in summaries} - replaced
    today = bool((given["kind"] == "base").any())
    if len(starts) == 1 and (start := starts.pop()) in (stored | {TODAY} if today else stored):
        return str(start)
    return TODAY if today else None


def _quality(records: Sequence[PlanRecord]) -> Quality | None:
    """Return the qualities of plans together; None where older software noted none for some."""
    noted = [record.account["quality"] for record in records if "quality" in record.account]
    return sum((Quality(**each) for each in noted), Quality()) if len(noted) == len(records) else None


def _moved(records: Sequence[PlanRecord]) -> list[int]:
    counts = (record.account.get("households_moved") for record in records)
    return [count for count in counts if count is not None]


def _reasons(records: Sequence[PlanRecord], assigned: StoredAssignment) -> tuple[GridReason, ...]:
    units = {code: frozenset(own) for code, own in assigned.units.groupby("grid_code")["code"]}
    homes = {code: frozenset(own) for code, own in assigned.buildings.groupby("grid_code")["building_id"]}
    estates = {code: frozenset(own.dropna()) for code, own in assigned.units.groupby("grid_code")["estate_id"]}
    reasons = []
    for record in records:
        findings = [Finding.from_dict(entry) for entry in record.findings.get("findings", ())]
        for values in record.account.get("explanations", ()):
            told, nothing = read_explanation(values), frozenset[str]()
            members = Members(
                grid=told.code,
                community=record.community_code,
                units=units.get(told.code, nothing),
                buildings=homes.get(told.code, nothing),
                estates=estates.get(told.code, nothing),
            )
            reasons.append(GridReason(told, findings_of_grid(findings, members)))
    return tuple(reasons)


def _changes(
    conn: Connection,
    city: City,
    records: Sequence[PlanRecord],
    other: str,
    assigned: StoredAssignment,
    of_city: gpd.GeoDataFrame,
    given: gpd.GeoDataFrame,
) -> Changes:
    if other == TODAY:
        by_code = True
        today = grids_of_today(given, of_city)
        before, names, communities = today.membership, today.names, set(given["community_code"])
    else:
        former = plans.load_plans(conn, city, other)
        in_force = all(record.effective_from is not None for record in former)
        by_code = in_force or all(origin_of(record).followed == other for record in records)
        before = plans.load_assignment(conn, city, former).buildings[["building_id", "grid_code"]]
        stored = plans.load_grids(conn, city, former)
        names, communities = dict(zip(stored["code"], stored["name"], strict=True)), set(stored["community_code"])
    common = communities & {record.community_code for record in records}
    if not common:
        raise InputError(
            Text(
                f"“{start_label(other)}”与所导出的方案没有共同的社区，无法对照",
                f"{other!r} has no community in common with the exported plan, so they cannot be compared",
            )
        )
    here = of_city[of_city["community_code"].isin(common)]
    compared = compare(
        before[before["building_id"].isin(here["id"])],
        assigned.buildings.loc[assigned.buildings["building_id"].isin(here["id"]), ["building_id", "grid_code"]],
        pd.DataFrame(here.drop(columns="geometry")),
    )
    after = "、".join(sorted({record.name for record in records}))
    return Changes(start_label(other), after, continuation(compared.table, by_code=by_code), names)


@dataclass(frozen=True, eq=False)
class GridsOfToday:
    """The given grids by codes that tell them apart.

    Parameters
    ----------
    membership
        ``building_id`` and ``grid_code`` of every building that stands in a grid.
    codes
        Code of each given grid, in their order, made up where none is given.
    names
        Names by code, of those that have one.
    """

    membership: pd.DataFrame
    codes: NDArray[np.object_]
    names: dict[str, str]


def grids_of_today(given: gpd.GeoDataFrame, of_city: gpd.GeoDataFrame) -> GridsOfToday:
    """Return the given grids with the buildings that stand in each today.

    A grid without a code is told by its community and its name, or its number there: many communities have a
    第一网格. Where grids overlap, one of the building's own community counts, the first in the order of codes.
    """
    if given.empty:
        raise InputError(
            Text(
                "数据集没有现有网格，无法与今日对照；请在数据集中给出 plan 文件",
                "the dataset has no grids of today to compare with; give a plan file in the dataset",
            )
        )
    number = (given.groupby("community_code").cumcount() + 1).astype(str)
    told = given["community_code"] + " " + given["name"].fillna(NO_CODE + number)
    codes = given["code"].fillna(told).to_numpy(dtype=object)
    points = shapely.point_on_surface(of_city.geometry.to_numpy())
    building, row = shapely.STRtree(given.geometry.to_numpy()).query(points, predicate="intersects")
    of_building = of_city["community_code"].to_numpy(dtype=object)[building]
    away = of_building != given["community_code"].to_numpy(dtype=object)[row]
    found = (
        pd.DataFrame({"building": building, "away": away, "row": row})
        .sort_values(["building", "away", "row"])
        .drop_duplicates("building")
    )
    before = pd.DataFrame(
        {
            "building_id": of_city["id"].to_numpy(dtype=object)[found["building"]],
            "grid_code": codes[found["row"]],
        }
    )
    named = given["name"].notna().to_numpy()
    names = dict(zip(codes[named], given["name"][named], strict=True))
    return GridsOfToday(before, codes, names)
