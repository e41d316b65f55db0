"""What officials take to the meeting: bulletin, workbook, table and spatial data, all from one frozen audit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from gis_service.config import Settings
from gis_service.db import snapshots
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.exports.about import BEIJING, About
from gis_service.exports.audit_sheets import AuditPapers, AuditTable, Column, Unit
from gis_service.exports.audit_workbook import write_csv, write_workbook
from gis_service.exports.bulletin import write_bulletin
from gis_service.exports.geopackage import write_layers
from gis_service.plan.finding_titles import SEVERITIES
from gis_service.plan.rules import STATUS_LABELS
from gis_service.workflows.audit_method import caveats, method_sections, provenance_lines
from gis_service.workflows.audit_reading import OpenAudit, Row, open_audit
from gis_service.workflows.dashboard import headline, measures_of
from gis_service.workflows.findings_register import STATES, Case, cases
from gis_service.workflows.gap_outlines import gap_outlines
from gis_service.workflows.measures import written
from gis_service.workflows.snapshot_comparison import RegionChange, compare_snapshots

LEVEL_NAMES = {"city": "全市", "county": "区县", "street": "街道", "community": "社区", "grid": "网格"}
WORST = 5
PAPER = "网格与服务圈审核通报"
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".gpkg": "application/geopackage+sqlite3",
}
"""What the papers are, by suffix, as browsers are told."""
_FINDING_KIND_WIDTH, _SENTENCE_WIDTH = 18, 68
_PARTIAL = "（跨出本区域，只计区域内的）"


def write_papers(conn: Connection, audit: OpenAudit, to: Path, *, region: str | None, settings: Settings) -> None:
    """Write what officials take to the meeting to a file whose suffix says the format.

    Parameters
    ----------
    conn, audit
        Open transaction, for reading, and the audit as its reader may see it.
    to
        ``.pdf``, ``.xlsx``, ``.csv`` or ``.gpkg``.
    region
        Only what lies in it; None: everything the reader may see.
    settings
        Names the operator and the map approval.

    Raises
    ------
    InputError
        The suffix is none of the four, the place takes no file, or no region is named and the reader has several.
    SetupError
        A bulletin is asked for and no Chinese font is installed.
    """
    write = WRITERS.get(to.suffix.lower())
    if write is None:
        known = "、".join(WRITERS)
        raise InputError(
            Text(f"不支持导出为 {to.name}，可选：{known}", f"cannot write {to.name}; choose one of {known}")
        )
    write(conn, audit, to, papers_of(conn, audit, region, settings))


def paper_name(audit: OpenAudit, suffix: str, region: str | None) -> str:
    """Return what a paper's file is called: city, snapshot and, unless it is about all of the city, its region."""
    part = "" if audit.is_whole(region) else f"-{region or audit.tops[0]}"
    return f"{audit.head.city}-{audit.head.id}{part}{suffix}"


def papers_of(conn: Connection, audit: OpenAudit, region: str | None, settings: Settings) -> AuditPapers:
    """Return everything the officials' files say.

    Raises
    ------
    InputError
        No region is named, and the reader has several.
    """
    if region is None and len(audit.tops) != 1:
        raise InputError(Text("请先选择一个区域", "choose one of your regions first"))
    top = region or audit.tops[0]
    row = audit.all_regions[top]
    crs = audit.content["metric_crs"]
    communities = audit.regions("community", region)
    covered = {each["code"]: each["households_covered_share"] for each in communities}
    names = {each["code"]: each["name"] for each in communities}
    areas = snapshots.load_snapshot_areas(conn, audit.head.id, crs)
    of_communities = _of_kind(areas, "community", set(names))
    grids = {each["code"]: each for each in audit.grids(region)}
    of_grids = _of_kind(areas, "grid", set(grids))
    own = [grids[code] for code in of_grids["code"]]
    return AuditPapers(
        title=f"{row['name']}{PAPER}",
        headline=headline(audit, row).zh,
        key_figures=_key_figures(audit, row),
        worst=_worst(audit, region),
        changed=_changed(conn, audit, top),
        indicators=_indicators(audit, region),
        grids=_grids(audit, region),
        cases=_cases(conn, audit, region),
        gaps=_gaps(audit, audit.gaps(region)),
        lines=tuple(
            (section.title.zh, tuple((term.zh, words.zh) for term, words in section.lines))
            for section in method_sections(audit)
        ),
        provenance=tuple((term.zh, words.zh) for term, words in provenance_lines(audit)),
        caveats=tuple(text.zh for text in caveats(audit)),
        areas=of_communities.assign(
            name=[names[code] for code in of_communities["code"]],
            share=np.array([covered[code] for code in of_communities["code"]], dtype=np.float64),
        ),
        grid_areas=of_grids.assign(
            status=[each["status"] for each in own],
            community_code=[each["community_code"] for each in own],
            community_name=[audit.name_of(each["community_code"]) for each in own],
        ),
        gap_areas=gap_outlines(conn, audit, region).rename(columns={"code": "rank"}),
        about=about_audit(audit, settings),
        snapshot=audit.head.id,
        taken=audit.head.taken_at.astimezone(BEIJING).date(),
    )


def about_audit(audit: OpenAudit, settings: Settings) -> About:
    """Return the provenance of a frozen audit, made when it was taken, so that equal exports are equal."""
    content = audit.content
    outside = [row for row in content["indicators"] if row["parent_code"] not in audit.all_regions]
    about = About(
        city=audit.head.city,
        title=content["title"],
        data_date=date.fromisoformat(content["data_date"]),
        synthetic=content["synthetic"],
        licence=content["licence"],
        sources=tuple(content["sources"]),
        software_version=content["software_version"],
        made_at=audit.head.taken_at,
        content_hash=audit.head.dataset_hash,
        plan="、".join(sorted({plan["plan"] for plan in content["plans"]})),
        seeds=tuple(sorted({plan["seed"] for plan in content["plans"]})),
        buildings_outside=sum(row["buildings_without_community"] for row in outside),
        households_outside=sum(row["households_without_community"] for row in outside),
        map_approval=settings.map_approval,
        operator=settings.operator,
    )
    rules = audit.reach_rules
    if rules is None:
        return about
    return replace(about, minutes=rules.minutes, speed_m_per_s=rules.speed_m_per_s, kinds=rules.kinds)


def _of_kind(areas: gpd.GeoDataFrame, kind: str, codes: set[str]) -> gpd.GeoDataFrame:
    chosen = areas[(areas["kind"] == kind) & areas["code"].isin(codes)]
    return chosen.drop(columns="kind").reset_index(drop=True)


def _key_figures(audit: OpenAudit, row: Row) -> tuple[tuple[str, str, str], ...]:
    """Return the three figures: people reached, grids in range, and who is far from everything."""
    tested = row["grids"] - row["grids_special"] - row["grids_empty"]
    sizes = (
        written(row["normal_share"], "share"), "规模合规网格占比",
        f"应检 {tested:,} 个，合规 {row['grids_normal']:,} 个",
    )  # fmt: skip
    stations = (
        f"{row['estates_without_station']:,}", "无驿站小区（个）", f"共 {row['estates']:,} 个小区",
    )  # fmt: skip
    if audit.limits is None:
        return (sizes, stations, (f"{row['households']:,}", "户数", f"{row['grids']:,} 个网格"))
    band, minutes = audit.limits.names()[-1], audit.limits.minutes[-1]
    walked, straight = row[f"households_{band}_share"], row[f"households_{band}_straight_share"]
    reached = (
        written(walked, "share"), f"步行 {minutes:g} 分钟覆盖住户",
        f"直线画圈为 {written(straight, 'share')}，只作对照",
    )  # fmt: skip
    beyond = (
        f"{row['households_beyond']:,}", f"{audit.limits.beyond_m:,.0f} 米外住户（户）", "含没有步行路线的住户",
    )  # fmt: skip
    return (reached, sizes, beyond)


def _worst(audit: OpenAudit, region: str | None) -> AuditTable:
    """Return the five communities with most households outside every circle, or most grids out of range."""
    rows = []
    for row in audit.regions("community", region):
        tested = row["grids"] - row["grids_special"] - row["grids_empty"]
        missing = None if row["households_covered"] is None else row["households"] - row["households_covered"]
        rows.append(
            {
                "name": row["name"],
                "street": audit.name_of(row["parent_code"] or ""),
                "missing": missing,
                "share": row["households_covered_share"],
                "out_of_range": tested - row["grids_normal"],
                "stations": row["estates_without_station"],
                "code": row["code"],
            }
        )
    rows = [row for row in rows if row["missing"] or row["out_of_range"]]
    rows.sort(key=lambda row: (-(row["missing"] or 0), -row["out_of_range"], row["code"]))
    columns = (
        Column("name", "社区"), Column("street", "街道"), Column("missing", "服务圈外住户", "count"),
        Column("share", "覆盖率", "share"), Column("out_of_range", "规模不合规网格", "count"),
        Column("stations", "无驿站小区", "count"),
    )  # fmt: skip
    return AuditTable("最需要改善的社区", columns, rows[:WORST])


def _changed(conn: Connection, audit: OpenAudit, top: str) -> tuple[str, ...]:
    """Return what has changed since the snapshot before, as sentences; empty where there is none."""
    heads = snapshots.load_heads(conn, audit.head.city)
    before = next((head for head in heads if head.taken_at < audit.head.taken_at), None)
    older = None if before is None else open_audit(conn, audit.head.city, before.id, roots=audit.roots)
    if older is None or top not in older.visible:
        return ()
    compared = compare_snapshots(conn, older, audit)
    region = next(row for row in compared.regions if row.code == top)
    grids = compared.grids
    account = (
        f"网格：{grids['unchanged']:,} 个范围未变，{grids['other_land']:,} 个调整，{grids['new']:,} 个新增，"
        f"{grids['ended']:,} 个撤销；{compared.households_moved:,} 户换了网格"
    )
    since = f"与快照 {older.head.id}（数据日期 {older.content['data_date']}）相比："
    return (since, *_moves(region), account, *(caveat.zh for caveat in compared.caveats))


def _moves(region: RegionChange) -> list[str]:
    names = {"households": "户数", "households_covered": "时限内住户", "grids_normal": "规模合规网格"}
    told = []
    for key, name in names.items():
        change = region.changes[key]
        if change.before is None or change.after is None or change.reality is None or change.borders is None:
            continue
        told.append(
            f"{name} {change.before:,} → {change.after:,}：现实变化 {change.reality:+,}，"
            f"边界与规则变化 {change.borders:+,}"
        )
    return told


def _indicators(audit: OpenAudit, region: str | None) -> AuditTable:
    listed = measures_of(audit)
    columns = [
        Column("level_name", "层级", width=8), Column("name", "区划", width=16), Column("code", "区划代码", width=15),
    ]  # fmt: skip
    for measure in listed:
        columns.append(Column(measure.key, measure.label.zh, cast("Unit", measure.unit)))
        if measure.beside:
            columns.append(Column(measure.beside, f"{measure.label.zh}（直线）", cast("Unit", measure.unit)))
    rows = [
        row | {"level_name": LEVEL_NAMES[level]}
        for level in ("city", "county", "street", "community")
        for row in audit.regions(level, region)
    ]
    return AuditTable("总表", tuple(columns), rows)


def _grids(audit: OpenAudit, region: str | None) -> AuditTable:
    columns = (
        Column("code", "网格编码", width=18), Column("name", "网格", width=14), Column("community", "社区", width=14),
        Column("status_name", "规模判定", width=10),
        *(Column(each.key, each.label.zh, cast("Unit", each.unit)) for each in measures_of(audit) if each.of_grids),
    )  # fmt: skip
    rows = [
        row | {"community": audit.name_of(row["community_code"]), "status_name": STATUS_LABELS[row["status"]].zh}
        for row in audit.grids(region)
    ]
    return AuditTable("网格", tuple(columns), rows)


def _cases(conn: Connection, audit: OpenAudit, region: str | None) -> AuditTable:
    columns = (
        Column("number", "序号", "count", 8), Column("title", "问题类别", width=_FINDING_KIND_WIDTH),
        Column("text", "问题", width=_SENTENCE_WIDTH), Column("place", "所在区划", width=18),
        Column("severity", "程度", width=9), Column("state", "状态", width=12), Column("unit", "责任单位", width=16),
        Column("deadline", "整改时限", "day", 14), Column("note", "说明或整改情况", width=23),
    )  # fmt: skip
    rows = [
        {
            "number": number,
            "title": case.title.zh,
            "text": case.text.zh,
            "place": _touched(audit, case),
            "severity": SEVERITIES[cast("Any", case.severity)].zh,
            "state": STATES[case.state].zh,
            "unit": case.unit,
            "deadline": case.deadline,
            "note": case.entries[0].note if case.entries else "",
        }
        for number, case in enumerate(cases(conn, audit, region), start=1)
    ]
    return AuditTable("问题清单", columns, rows)


def _touched(audit: OpenAudit, case: Case) -> str:
    """Return where a case lies, and the other communities that a gap touches."""
    place = audit.name_of(case.place) if case.place else str(audit.content["title"])
    others = "、".join(map(audit.name_of, case.others))
    return f"{place}（另涉及{others}）" if others else place


def _gaps(audit: OpenAudit, gaps: list[Row]) -> AuditTable:
    columns = (
        Column("rank", "排名", "count", 8), Column("told", "盲区", width=26), Column("community", "社区", width=14),
        Column("households", "户数", "count", 9), Column("residents", "人数", "count", 10),
        Column("elderly", "老年人", "count", 9), Column("buildings", "楼栋", "count", 8),
        Column("facility_name", "最近的服务点", width=22), Column("nearest_walk_m", "最近（米）", "area", 11),
        Column("mean_walk_m", "平均（米）", "area", 11), Column("missing_min", "超出（分钟）", "area", 11),
        Column("households_beyond", "1,000 米外户数", "count", 12),
    )  # fmt: skip
    names = {gap["rank"]: gap["name"] + (_PARTIAL if gap.get("partial") else "") for gap in gaps}
    rows = [gap | {"community": audit.name_of(gap["community_code"]), "told": names[gap["rank"]]} for gap in gaps]
    return AuditTable("盲区清单", columns, rows)


def _bulletin(_conn: Connection, _audit: OpenAudit, to: Path, papers: AuditPapers) -> None:
    write_bulletin(to, papers)


def _workbook(_conn: Connection, _audit: OpenAudit, to: Path, papers: AuditPapers) -> None:
    write_workbook(to, papers)


def _csv(_conn: Connection, _audit: OpenAudit, to: Path, papers: AuditPapers) -> None:
    write_csv(to, papers.indicators)


def _geopackage(conn: Connection, audit: OpenAudit, to: Path, papers: AuditPapers) -> None:
    crs = audit.content["metric_crs"]
    inside = {row["code"] for row in papers.indicators.rows}
    areas = snapshots.load_snapshot_areas(conn, audit.head.id, crs)
    buildings = snapshots.load_snapshot_buildings(conn, audit.head.id, crs)
    if audit.roots is not None or inside != set(audit.all_regions):
        buildings = buildings[buildings["place"].isin(inside)].reset_index(drop=True)
    regions = pd.DataFrame([row for row in audit.content["indicators"] if row["code"] in inside])
    grids = pd.DataFrame(papers.grids.rows, columns=None if papers.grids.rows else ["code", "community", "status_name"])
    gaps = pd.DataFrame(papers.gaps.rows, columns=None if papers.gaps.rows else ["rank", "community", "told"])
    located = areas[areas["kind"].isin(LEVEL_NAMES) & (areas["kind"] != "grid")]
    layers = {
        "regions": (_joined(located, regions, "code"), "MultiPolygon"),
        "grids": (_joined(areas[areas["kind"] == "grid"], grids.drop(columns=["community", "status_name"]), "code"),
                  "MultiPolygon"),
        "gaps": (_joined(papers.gap_areas, gaps.drop(columns=["community", "told"]).astype({"rank": str}), "rank"),
                 "MultiPolygon"),
        "buildings": (buildings, "Point"),
    }  # fmt: skip
    tables = {
        name: pd.DataFrame([row for row in audit.content[name] if row["place"] in inside or not row["place"]])
        for name in ("estates", "facilities")
    }
    tables = {"indicators": regions, **{name: table for name, table in tables.items() if len(table)}}
    write_layers(to, layers, papers.about, tables=tables)


def _joined(areas: gpd.GeoDataFrame, figures: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    """Return figures with their extents, without those that have none, numbers as numbers."""
    shapes = areas.set_index(key).geometry
    found = figures[figures[key].isin(shapes.index)].reset_index(drop=True)
    geometry = (
        np.array([shapes[code] for code in found[key]], dtype=object) if len(found) else np.array([], dtype=object)
    )
    return gpd.GeoDataFrame(found, geometry=geometry, crs=shapes.crs).convert_dtypes(dtype_backend="numpy_nullable")


Writer = Callable[[Connection, OpenAudit, Path, AuditPapers], None]
WRITERS: dict[str, Writer] = {".pdf": _bulletin, ".xlsx": _workbook, ".csv": _csv, ".gpkg": _geopackage}
"""Writers by suffix."""
