"""A draft, or a stored plan, put together for print and export."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import geopandas as gpd
import shapely

from gis_service.config import Settings
from gis_service.db import given_grids, plans
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord
from gis_service.db.regions import path_of_community
from gis_service.errors import InputError, Text
from gis_service.exports.plan_paper import Before, ChangeRow, Irregular, PlanPaper
from gis_service.partition.community import clip_to
from gis_service.plan.draft import Draft, with_changes
from gis_service.plan.judgement import judgement
from gis_service.plan.rules import Rules
from gis_service.plan.spacing import place_name
from gis_service.workflows.compare_plans import (
    Compared,
    compared,
    grids_with_bounds,
    label_of,
    lines_of_city,
    named_lines,
)
from gis_service.workflows.desk import OpenDraft
from gis_service.workflows.desk_plans import approved_plan
from gis_service.workflows.draft_bases import base_of, estate_names
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.plan_versions import PlanVersion, load_version, version_of_draft
from gis_service.workflows.provenance import about_community

PROPOSED_STATE = "程序划分的方案，未经审核；编码以批准时为准"
REVOKED_STATE = "批准已撤销，未曾生效"


def paper_of_draft(conn: Connection, opened: OpenDraft, settings: Settings) -> PlanPaper:
    """Return a draft as paper: as it would be approved, or was.

    Parameters
    ----------
    conn
        Transaction, for reading.
    opened
        The draft.
    settings
        Names the operator and the map approval.

    Raises
    ------
    InputError
        Land of the draft is in no grid yet, so its grids have no codes.
    """
    record, city = opened.record, opened.city
    version = version_of_draft(conn, opened, city, record.community_code)
    if not version.final:
        raise InputError(
            Text(
                "草案还有单元没有划入网格，不能导出；请先全部划入网格",
                "land of the draft is in no grid yet; put all of it into grids before taking the plan away",
            )
        )
    became = None if record.plan_id is None else approved_plan(conn, city, record)
    words = {"draft": "未提交审核", "submitted": "已提交审核，尚未批准", "withdrawn": "已作废", "approved": "已批准"}
    revision = f"第 {record.revision} 版，{words[record.state]}；编码以批准时为准"
    return _paper(
        conn,
        city,
        record.community_code,
        version,
        opened.draft,
        settings,
        state=revision if became is None else _in_force(became),
        before=_before(conn, city, record.community_code, opened.rules, became),
        approved=became is not None,
    )


def paper_of_plan(conn: Connection, city: City, record: PlanRecord, settings: Settings) -> PlanPaper:
    """Return a stored plan of one community as paper, whoever made it: a program, or the desk.

    Parameters
    ----------
    conn
        Transaction, for reading.
    city
        The city.
    record
        The plan.
    settings
        Names the operator and the map approval.
    """
    community, rules = record.community_code, Rules.from_dict(record.rules)
    approved = record.effective_from is not None
    return _paper(
        conn,
        city,
        community,
        load_version(conn, city, community, record.name),
        base_of(conn, city, community, record.name, rules),
        settings,
        state=_in_force(record) if approved else REVOKED_STATE if record.revoked else PROPOSED_STATE,
        before=_before(conn, city, community, rules, record),
        approved=approved,
    )


def _paper(
    conn: Connection,
    city: City,
    community: str,
    version: PlanVersion,
    draft: Draft,
    settings: Settings,
    *,
    state: str,
    before: PlanVersion | None,
    approved: bool,
) -> PlanPaper:
    path = path_of_community(conn, city, community)
    named = named_lines(conn, city)
    told = grids_with_bounds(version.grids, named, community)
    grids = version.grids.assign(
        label=[grid.label for grid in told],
        bounds=[grid.bounds.text.zh for grid in told],
        note=[version.notes.get(grid.code, "") for grid in told],
        community_code=community,
    )
    names = estate_names(conn, city)
    estate_name = version.buildings["estate_id"].map(names).astype(object)
    return PlanPaper(
        about=about_community(
            city,
            version.buildings,
            settings,
            title=version.title.zh,
            rules=version.rules,
            made_at=version.made_at,
            approved=approved,
        ),
        community_code=community,
        community_name=path[0].name,
        place=place_name(*(region.name for region in reversed(path[1:3]))),
        title=version.title.zh,
        state=state,
        rules=version.rules,
        grids=grids,
        buildings=version.buildings.assign(estate_name=estate_name.where(estate_name.notna(), None)),
        units=version.units.assign(id=community + "-" + version.units["code"].astype(str)),
        lines=clip_to(lines_of_city(conn, city), shapely.box(*_around(version.grids))),
        irregular=_irregular(draft, version, community, names),
        before=None if before is None else _changes(compared(before, version, named, community), community),
    )


def _around(grids: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return what a map of the grids may show: their box and half as much on each side."""
    west, south, east, north = grids.total_bounds.tolist()
    more = 0.5 * max(east - west, north - south)
    return west - more, south - more, east + more, north + more


def _before(
    conn: Connection, city: City, community: str, rules: Rules, became: PlanRecord | None
) -> PlanVersion | None:
    """Return what there was before a plan.

    That is the plan in force until it (for one that is not approved, the plan approved last), or else the grids given
    with the data. Where there is neither it is a first division: what it began with was never in force.
    """
    start = None if became is None else became.effective_from
    until = date.max if start is None else start - timedelta(days=1)
    for each in plans.load_plans(conn, city, on=until):
        if each.community_code == community:
            return load_version(conn, city, community, each.name)
    given = given_grids.load_given_grids(conn, city)
    if ((given["community_code"] == community) & (given["kind"] == "base")).any():
        return load_version(conn, city, community, TODAY, rules)
    return None


def _in_force(plan: PlanRecord) -> str:
    """Return since when a plan that was approved is in force, and until when."""
    end = f"，{plan.effective_to} 起停用" if plan.effective_to else ""
    return f"已批准，自 {plan.effective_from} 起生效{end}"


def _irregular(draft: Draft, version: PlanVersion, community: str, estates: Mapping[str, str]) -> tuple[Irregular, ...]:
    """Return what is wrong with a plan, told by what maps write on its grids, and why by the notes."""
    labels = _labels(draft, version, community)
    notes = {key: grid.note for key, grid in draft.grids.items()}
    named = {key: replace(grid, code=None, name=labels.get(key, grid.name)) for key, grid in draft.grids.items()}
    return tuple(
        Irregular(
            grids=tuple(labels[key] for key in judged.grids if key in labels),
            fault=judged.finding.zh,
            reason="；".join(dict.fromkeys(notes[key] for key in judged.grids if notes.get(key))),
        )
        for judged in judgement(with_changes(draft, grids=named), version.rules, estates)
    )


def _labels(draft: Draft, version: PlanVersion, community: str) -> Mapping[int, str]:
    """Return what maps write on each grid of a draft that has land, by its key."""
    tree = shapely.STRtree(version.grids.geometry.to_numpy())
    codes, names = version.grids["code"].tolist(), version.grids["name"].tolist()
    labels = {}
    for key in draft.grids:
        own = draft.land.polygon[draft.labels == key]
        if len(own):
            row = int(tree.query(shapely.point_on_surface(own[0]), predicate="within")[0])
            labels[key] = label_of(codes[row], names[row], community)
    return labels


def _changes(told: Compared, community: str) -> Before:
    old_names = {grid.code: grid.name for grid in told.old_grids}
    new_names = {grid.code: grid.name for grid in told.new_grids}
    old = told.old.grids
    labels = [grid.label for grid in told.old_grids]
    kept = set(told.new.grids["code"])
    official = {code for code in old["code"] if str(code).startswith(community) and " " not in str(code)}
    return Before(
        title=told.old.title.zh,
        grids=old.assign(label=labels),
        rows=tuple(
            ChangeRow(
                old_code=change.old if change.old in official else None,
                old_name=None if change.old is None else old_names[change.old],
                new_code=change.new,
                new_name=None if change.new is None else new_names[change.new],
                buildings=change.buildings,
                households=change.households,
                residents=change.residents,
                stays=change.stays,
            )
            for change in told.changes
        ),
        households=told.households,
        households_moved=told.households_moved,
        buildings_moved=told.buildings_moved,
        moved=told.moved,
        retired=tuple(sorted(official - kept)) if told.old.official else (),
    )
