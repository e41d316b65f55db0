"""The versions of a community's grids that can be compared and taken away: today's, a plan's, a draft's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.db import buildings, given_grids, plans
from gis_service.db.cities import City
from gis_service.db.drafts import DraftRecord
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.errors import InputError, Text
from gis_service.geo.coverage import dissolve
from gis_service.plan.draft import UNASSIGNED, Draft
from gis_service.plan.rules import Rules, judge
from gis_service.workflows.approval import finished
from gis_service.workflows.desk import OpenDraft, open_draft
from gis_service.workflows.desk_plans import approved_plan, desk_title
from gis_service.workflows.draft_buildings import unit_of_buildings
from gis_service.workflows.moments import office_today
from gis_service.workflows.partition_city import DEFAULT_PLAN
from gis_service.workflows.plan_account import grids_of_today
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.plans_made import origin_of

DRAFT = re.compile(r"draft:(\d{1,18})")
"""How a draft is named among versions."""
STATE_WORDS = {
    "draft": Text("草案", "draft"),
    "submitted": Text("待审草案", "draft under review"),
    "approved": Text("批准方案", "approved plan"),
    "withdrawn": Text("作废草案", "withdrawn draft"),
}
TITLE_OF_TODAY = Text("现有网格", "grids of today")


@dataclass(frozen=True, eq=False)
class PlanVersion:
    """The grids of a community in one version, with who and what is in them.

    Parameters
    ----------
    name
        ``today``, the name of a plan, or ``draft:`` and its number.
    title
        What people call it.
    grids
        The grids frame in the city's metric CRS, by code. Grids of today without a code come last, with one made up
        of their name in its place.
    units
        ``code``, ``estate_id``, ``grid_code`` and ``geometry``, sorted by code; those of no grid are left out, and
        today's grids have none.
    buildings
        The buildings frame of the community with ``grid_code`` (None: in no grid).
    rules
        The rules it is judged by.
    notes
        Planner's remarks by code of the grid.
    made_at
        When it last changed.
    final
        False where codes are still to be given: a draft that leaves land without a grid.
    official
        Its codes belong to its grids for good: it was approved, or given with the data.
    follows
        Name of the plan whose codes and names it goes on with; empty: only with those in force.
    """

    name: str
    title: Text
    grids: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    rules: Rules
    notes: Mapping[str, str]
    made_at: datetime
    final: bool = True
    official: bool = False
    follows: str = ""

    def binds(self, later: "PlanVersion") -> bool:
        """Return whether an equal code in a later version means the same grid."""
        return self.official or later.follows == self.name

    @property
    def membership(self) -> pd.DataFrame:
        """``building_id`` and ``grid_code`` of every building that is in a grid."""
        held = self.buildings.loc[self.buildings["grid_code"].notna(), ["id", "grid_code"]]
        return pd.DataFrame(held.rename(columns={"id": "building_id"}).reset_index(drop=True))


def load_version(conn: Connection, city: City, community: str, name: str, rules: Rules | None = None) -> PlanVersion:
    """Return a version of a community's grids.

    Parameters
    ----------
    conn, city, community
        Transaction, city and code of the community.
    name
        `TODAY`, the name of a stored plan, or ``draft:`` and a number.
    rules
        What today's grids are judged by; None: the standard.

    Raises
    ------
    UnknownPlanError, UnknownDraftError
        No such plan or draft.
    InputError
        It is of another community, or there are no grids today.
    """
    if name == TODAY:
        return _of_today(conn, city, community, rules or Rules())
    found = DRAFT.fullmatch(name)
    if found is not None:
        return version_of_draft(conn, open_draft(conn, int(found[1])), city, community)
    records = [record for record in plans.load_plans(conn, city, name) if record.community_code == community]
    if not records:
        raise InputError(
            Text(f"社区 {community} 没有名为“{name}”的方案", f"community {community} has no plan of the name {name!r}")
        )
    return _of_plan(conn, city, records[0], title_of_plan(records[0]))


def title_of_draft(record: DraftRecord) -> Text:
    """Return what people call a draft: by its state and title."""
    state = STATE_WORDS[record.state]
    return Text(f"{state.zh}“{record.title}”", f"{state.en} {record.title!r}")


def title_of_plan(record: PlanRecord) -> Text:
    """Return what people call a stored plan: by its days where it was approved, or by what was asked for."""
    start, end = record.effective_from, record.effective_to
    if start is None:
        if record.name == DEFAULT_PLAN:
            return Text("自动划分的方案", "the automatic plan")
        if record.revoked:
            return Text(f"已撤销批准的方案（{record.name}）", f"plan {record.name}, its approval revoked")
        return desk_title(record.name) or Text(f"方案“{record.name}”", f"plan {record.name}")
    if end is None and start > office_today():
        return Text(f"已批准方案（{start} 起生效）", f"approved plan, in force from {start}")
    if end is None:
        return Text(f"现行方案（{start} 起生效）", f"plan in force from {start}")
    return Text(f"原方案（{start} 至 {end}）", f"plan in force from {start} until {end}")


def version_of_draft(conn: Connection, opened: OpenDraft, city: City, community: str) -> PlanVersion:
    """Return a draft as a version: with the codes it would be approved with, or was.

    Raises
    ------
    InputError
        It is of another community.
    """
    record, draft = opened.record, opened.draft
    if (record.city, record.community_code) != (city.name, community):
        raise InputError(
            Text(f"草案 {record.id} 不属于社区 {community}", f"draft {record.id} is not of community {community}")
        )
    title = title_of_draft(record)
    if record.plan_id is not None:
        approved = approved_plan(conn, city, record)
        return _of_plan(conn, city, approved, title, name=f"draft:{record.id}")
    final = not (draft.labels == UNASSIGNED).any()
    if final:
        done = finished(conn, opened)
        grids, codes = done.grids, done.codes
    else:
        codes = {key: grid.code or grid.title.zh for key, grid in draft.grids.items() if draft.totals[key].units}
        grids = _provisional(draft, codes, opened.rules, city)
    land = draft.land
    units = gpd.GeoDataFrame(
        {
            "code": land.code,
            "estate_id": land.estate_id,
            "grid_code": pd.Series([codes.get(label) for label in draft.labels.tolist()], dtype=object),
        },
        geometry=land.polygon,
        crs=city.metric_crs,
    )
    unit_of = unit_of_buildings(conn, opened)
    grid_of = dict(zip(units["code"], units["grid_code"], strict=True))
    of_community = buildings.load_buildings(conn, city, community)
    return PlanVersion(
        name=f"draft:{record.id}",
        title=title,
        grids=grids,
        units=units[units["grid_code"].notna()].reset_index(drop=True),
        buildings=_placed(of_community, {number: grid_of[unit] for number, unit in unit_of.items()}),
        rules=opened.rules,
        notes={codes[key]: grid.note for key, grid in draft.grids.items() if grid.note and key in codes},
        made_at=record.changed_at,
        final=final,
    )


def _of_today(conn: Connection, city: City, community: str, rules: Rules) -> PlanVersion:
    given = given_grids.load_given_grids(conn, city)
    here = given[given["community_code"] == community].reset_index(drop=True)
    if not (here["kind"] == "base").any():
        raise InputError(Text(f"社区 {community} 没有现有网格", f"community {community} has no grids today"))
    own = buildings.load_buildings(conn, city, community)
    today = grids_of_today(here, own)
    grid_of = dict(zip(today.membership["building_id"], today.membership["grid_code"], strict=True))
    placed = _placed(own, grid_of)
    grids = here.assign(code=today.codes, name=[today.names.get(code, code) for code in today.codes])
    return PlanVersion(
        name=TODAY,
        title=TITLE_OF_TODAY,
        grids=_counted(grids, placed, rules),
        units=gpd.GeoDataFrame({"code": [], "estate_id": [], "grid_code": []}, geometry=[], crs=city.metric_crs),
        buildings=placed,
        rules=rules,
        notes={},
        made_at=city.imported_at,
        official=True,
    )


def _of_plan(conn: Connection, city: City, record: PlanRecord, title: Text, name: str | None = None) -> PlanVersion:
    assigned = plans.load_assignment(conn, city, [record])
    own = buildings.load_buildings(conn, city, record.community_code)
    grid_of = dict(zip(assigned.buildings["building_id"], assigned.buildings["grid_code"], strict=True))
    return PlanVersion(
        name=name or record.name,
        title=title,
        grids=plans.load_grids(conn, city, [record]),
        units=assigned.units[["code", "estate_id", "grid_code", "geometry"]].sort_values("code", ignore_index=True),
        buildings=_placed(own, grid_of),
        rules=Rules.from_dict(record.rules),
        notes=record.account.get("notes", {}),
        made_at=record.created_at,
        official=record.effective_from is not None,
        # The codes of a plan that was a draft were given on approval: they go on with no mere proposal's.
        follows="" if "draft" in record.account else origin_of(record).followed,
    )


def _placed(own: gpd.GeoDataFrame, grid_of: Mapping[str, str | None]) -> gpd.GeoDataFrame:
    """Return buildings with the code of the grid each is in, None where it is in none."""
    codes = np.empty(len(own), dtype=object)
    codes[:] = [grid_of.get(number) for number in own["id"]]
    return own.assign(grid_code=codes)


def _counted(grids: gpd.GeoDataFrame, placed: gpd.GeoDataFrame, rules: Rules) -> gpd.GeoDataFrame:
    """Return grids with the sums over the buildings in them and what these are by the rules."""
    by_grid = placed.groupby("grid_code")
    households = grids["code"].map(by_grid["households"].sum()).fillna(0).astype("int64")
    known = grids["code"].map(by_grid["residents"].count() == by_grid.size()).fillna(value=True).astype(bool)
    residents = grids["code"].map(by_grid["residents"].sum()).fillna(0).astype("Int64").mask(~known)
    rows = zip(households, residents, grids["kind"], strict=True)
    status = [judge(int(h), None if pd.isna(r) else int(r), kind, rules).status for h, r, kind in rows]
    return grids.assign(status=status, households=households, residents=residents)


def _provisional(draft: Draft, codes: Mapping[int, str], rules: Rules, city: City) -> gpd.GeoDataFrame:
    """Return the grids of a draft that is not finished, without any code that they do not have."""
    inside = np.flatnonzero(draft.labels != UNASSIGNED)
    keys, group = np.unique(draft.labels[inside], return_inverse=True)
    shapes = dissolve(draft.land.polygon[inside], group.astype(np.int64))
    rows = []
    for key in keys.tolist():
        grid, held = draft.grids[key], draft.totals[key]
        status = judge(held.households, held.residents, grid.kind, rules).status
        rows.append((codes[key], grid.name or grid.title.zh, grid.kind, status, held.households, held.residents))
    columns = ["code", "name", "kind", "status", "households", "residents"]
    table = pd.DataFrame(rows, columns=columns).astype({"residents": "Int64"})
    multi = [shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape in shapes]
    return gpd.GeoDataFrame(table, geometry=multi, crs=city.metric_crs).sort_values("code", ignore_index=True)
