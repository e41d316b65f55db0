"""The officials' pages: a city's figures, and from each of them down to grids, estates, buildings and source rows."""

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf

from gis_service.db import snapshots
from gis_service.db.engine import reading
from gis_service.plan.rules import STATUS_LABELS
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import (
    asked_audit,
    asked_city,
    asked_region,
    needed_audit,
    open_numbered,
    readable_cities,
)
from gis_service.web.audit_parts import (
    ROWS_PER_PAGE,
    asked_order,
    asked_snapshot,
    audit_map,
    job_texts,
    level_names,
    page_of,
    parameters,
    path_to,
)
from gis_service.web.labels import statuses
from gis_service.web.language import language
from gis_service.web.sign_in import signed_in
from gis_service.workflows.audit_method import method_sections
from gis_service.workflows.audit_reading import OpenAudit, Row
from gis_service.workflows.dashboard import grid_statuses, headline, measures_of, table_rows, tiles
from gis_service.workflows.measures import Measure
from gis_service.workflows.snapshot_comparison import compare_snapshots

blueprint = Blueprint("audit", __name__, url_prefix="/audit")

LONGEST_SEARCH = 60


@blueprint.get("/")
def index() -> str:
    """Return the cities whose audits one may read."""
    with reading(current_settings()) as conn:
        cities = readable_cities(conn)
        heads = {city.name: snapshots.load_head(conn, city.name) for city in cities}
    if not cities:
        abort(404)
    return render_template("audit_index.html", cities=cities, heads=heads)


@blueprint.get("/<city>")
def dashboard(city: str) -> str:
    """Return the figures of a city's regions, one sentence that says what matters, table and map."""
    with reading(current_settings()) as conn:
        known, audit = asked_audit(conn, city)
        if audit is None:
            return render_template("audit_none.html", city=known)
        region = asked_region(audit)
        heads = snapshots.load_heads(conn, city)
        parts = audit_map(conn, known)
    row = _region_row(audit, region)
    level = _level(audit, region)
    listed = measures_of(audit)
    columns = {"code", "name", "status", *(measure.key for measure in listed)}
    sort, direction = asked_order(columns, ("code", "asc"))
    rows = table_rows(
        audit,
        level,
        region,
        words=request.args.get("q", "").strip()[:LONGEST_SEARCH],
        status=request.args.get("status") or None,
        sort=sort,
        direction=direction,
    )
    page, pages = page_of(len(rows))
    return render_template(
        "audit_dashboard.html",
        city=known,
        audit=audit,
        heads=heads,
        region=region,
        row=row,
        path=path_to(audit, region),
        headline=headline(audit, row) if row is not None else None,
        tiles=tiles(audit, row) if row is not None else (),
        level=level,
        levels=audit.levels(region),
        level_names=level_names(),
        measures=_columns(listed, rows, level),
        rows=rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(rows),
        page=page,
        pages=pages,
        sort=sort,
        direction=direction,
        statuses=statuses(),
        parts=parts,
        island=_island(audit, region, level, listed) | {"sort": sort, "filtered": _filtered(rows)},
        grid_statuses=grid_statuses,
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/method")
def method(city: str) -> str:
    """Return what is measured and how, with the parameters in force."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
    return render_template(
        "audit_method.html",
        city=known,
        audit=audit,
        sections=method_sections(audit),
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/compare")
def compare(city: str) -> str:
    """Return what has changed between two snapshots; by default between the newest and the one before it."""
    with reading(current_settings()) as conn:
        known, roots = asked_city(conn, city)
        heads = snapshots.load_heads(conn, city)
        newest = [head.id for head in heads]
        older = request.args.get("from", newest[1] if len(newest) > 1 else None, type=int)
        newer = request.args.get("to", newest[0] if newest else None, type=int)
        opened = [open_numbered(conn, known, number, roots) for number in (older, newer) if number is not None]
        both = [audit for audit in opened if audit is not None]
        if len(both) < len(opened):
            abort(404)
        compared = compare_snapshots(conn, both[0], both[1]) if len(both) > 1 else None
    return render_template(
        "audit_compare.html",
        city=known,
        audit=both[-1] if both else None,
        heads=heads,
        compared=compared,
        level_names=level_names(),
    )


def _region_row(audit: OpenAudit, region: str | None) -> Row | None:
    """Return the indicators of the region asked for; None where the reader has several and asked for none."""
    return None if region is None else audit.all_regions[region]


def _level(audit: OpenAudit, region: str | None) -> str:
    """Return the level that the table shows: the one asked for, or the first below the region with several rows."""
    possible = audit.levels(region)
    asked = request.args.get("level", "")
    if asked in possible:
        return asked
    counts = {
        level: len(audit.grids(region) if level == "grid" else audit.regions(level, region)) for level in possible
    }
    return next((level for level in possible if counts[level] > 1), possible[-1] if possible else "community")


def _island(audit: OpenAudit, region: str | None, level: str, listed: tuple[Measure, ...]) -> dict[str, Any]:
    """Return what the browser's code needs to know: addresses, measures and texts."""
    spoken = language()
    here: dict[str, Any] = {"city": audit.head.city, "snapshot": audit.head.id, "region": region}
    shown = [measure for measure in listed if measure.unit == "share" and (measure.of_grids or level != "grid")]
    return {
        "areasUrl": url_for("audit_api.areas", **here, level=level),
        "gapsUrl": url_for("audit_api.areas", **here, level="gap"),
        "rowUrl": _row_address(audit, level),
        "level": level,
        "token": None if signed_in() is None else generate_csrf(),
        "measures": [{"key": measure.key, "label": measure.label.in_language(spoken)} for measure in shown],
        "texts": job_texts()
        | {
            "status": {status: text.in_language(spoken) for status, text in STATUS_LABELS.items()},
            "by_status": gettext("网格判定"),
            "unknown": gettext("无数据"),
            "gaps": gettext("盲区"),
            "failed": gettext("地图没有载入，请刷新页面。"),
            "zoom_in": gettext("放大"),
            "zoom_out": gettext("缩小"),
        },
    }


def _filtered(rows: list[Row]) -> list[str] | None:
    """Return the codes that the words and the status asked for leave; None: nothing was asked for."""
    return [row["code"] for row in rows] if request.args.get("q", "").strip() or request.args.get("status") else None


def _row_address(audit: OpenAudit, level: str) -> str:
    """Return where the name of a row leads, with ``CODE`` for its code."""
    here: dict[str, Any] = {"city": audit.head.city, "snapshot": asked_snapshot(audit)}
    if level == "grid":
        return url_for("audit_evidence.grid", **here, code="CODE")
    return url_for("audit.dashboard", **here, region="CODE")


def _columns(listed: tuple[Measure, ...], rows: list[Row], level: str) -> list[Measure]:
    """Return the measures that the table has columns for: days only where some are known."""
    possible = [measure for measure in listed if measure.of_grids or level != "grid"]
    return [each for each in possible if each.unit != "day" or any(row[each.key] for row in rows)]
