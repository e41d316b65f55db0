"""From the officials' figures down to what is behind them: grids, gaps, estates, facilities, buildings, source rows."""

from typing import Any, cast, get_args

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext

from gis_service.db import snapshots
from gis_service.db.cities import load_notes
from gis_service.db.engine import Connection, reading
from gis_service.plan.rules import KIND_LABELS
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import asked_region, needed_audit
from gis_service.web.audit_parts import (
    ROWS_PER_PAGE,
    asked_order,
    asked_page,
    audit_map,
    ground_island,
    page_of,
    parameters,
    path_to,
)
from gis_service.web.labels import statuses
from gis_service.web.language import language
from gis_service.workflows.audit_reading import OpenAudit, Row
from gis_service.workflows.dashboard import Direction, measures_of
from gis_service.workflows.kinds import kind_name

blueprint = Blueprint("audit_evidence", __name__, url_prefix="/audit")

BUILDING_FILTERS = get_args(snapshots.Only)
OF_WALKS = ("uncovered", "beyond", "elderly", "children")
USUAL_ORDER: tuple[str, Direction] = ("households", "desc")


@blueprint.get("/<city>/grids/<path:code>")
def grid(city: str, code: str) -> str:
    """Return one grid: its figures and the buildings in it."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        row = next((row for row in audit.grids() if row["code"] == code), None)
        if row is None:
            abort(404)
        order = asked_order(snapshots.SORTED_BY, USUAL_ORDER)
        members, totals = _buildings(conn, audit, {"grid_code": code}, order)
    page, pages = page_of(totals.buildings)
    return render_template(
        "audit_grid.html",
        city=known,
        audit=audit,
        grid=row,
        path=path_to(audit, row["community_code"]),
        measures=[measure for measure in measures_of(audit) if measure.of_grids],
        statuses=statuses(),
        kind=KIND_LABELS[row["kind"]].in_language(language()),
        rows=members,
        order=order,
        total=totals.buildings,
        page=page,
        pages=pages,
        findings=[entry for entry in audit.findings() if entry["subject"] == code],
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/buildings")
def buildings(city: str) -> str:
    """Return the buildings behind a figure: ``?only=`` of them, ``?minutes=`` of a cut-off, ``?gap=`` of a gap."""
    only = cast("snapshots.Only", request.args.get("only", ""))
    gap = request.args.get("gap", type=int)
    if only not in BUILDING_FILTERS:
        abort(404)
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        if only in OF_WALKS and audit.limits is None:
            abort(404)  # where nothing was walked nobody is known to be far away
        region = asked_region(audit)
        asked_gap = next((row for row in audit.gaps(region) if row["rank"] == gap), None)
        if gap is not None and asked_gap is None:
            abort(404)
        minutes = _minutes(audit)
        order = asked_order(snapshots.SORTED_BY, USUAL_ORDER)
        rows, totals = _buildings(conn, audit, _conditions(audit, region, gap), order, only, minutes)
    page, pages = page_of(totals.buildings)
    return render_template(
        "audit_buildings.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        only=only,
        minutes=minutes,
        gap=asked_gap,
        rows=rows,
        order=order,
        usual=order == USUAL_ORDER,
        totals=totals,
        page=page,
        pages=pages,
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/buildings/<path:code>")
def building(city: str, code: str) -> str:
    """Return one building as the audit counted it, and what is known of its row in the source."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        found, _ = snapshots.load_building_rows(conn, audit.head.id, {"id": code}, limit=1, offset=0)
        row = next(iter(found), None)
        if row is None or (audit.roots is not None and row["place"] not in audit.visible):
            abort(404)
        current = audit.head.dataset_hash == known.content_hash
        notes = [note for note in load_notes(conn, known) if code in note.zh] if current else []
    return render_template(
        "audit_building.html",
        city=known,
        audit=audit,
        building=row,
        path=path_to(audit, row["place"] or None),
        estate=next((each for each in audit.content["estates"] if each["id"] == row["estate_id"]), None),
        facility=next((each for each in audit.content["facilities"] if each["id"] == row["facility_id"]), None),
        current=current,
        notes=notes,
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/estates")
def estates(city: str) -> str:
    """Return the estates behind a figure; ``?station=no``: those without one."""
    lacking = request.args.get("station") == "no"
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
    region = asked_region(audit)
    rows = [row for row in audit.estates(region) if not lacking or not row["has_station"]]
    rows.sort(key=lambda row: -row["households"])
    return render_template(
        "audit_estates.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        lacking=lacking,
        rows=rows,
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/facilities")
def facilities(city: str) -> str:
    """Return the facilities behind a figure; ``?over=1``: those over capacity."""
    over = request.args.get("over") == "1"
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
    region = asked_region(audit)
    rows = [row for row in audit.facilities(region) if (row["over_capacity"] if over else row["serves"])]
    rows.sort(key=lambda row: (row["area_per_hundred_m2"] is None, row["area_per_hundred_m2"] or 0.0))
    return render_template(
        "audit_facilities.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        over=over,
        rows=rows,
        whole=None if over or region is None else audit.all_regions[region],
        kind_name=lambda kind: kind_name(kind).in_language(language()),
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/gaps")
def gaps(city: str) -> str:
    """Return the gaps, most people first."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        parts = audit_map(conn, known)
    region = asked_region(audit)
    return render_template(
        "audit_gaps.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        rows=audit.gaps(region),
        limits=audit.limits,
        parts=parts,
        island=ground_island(audit, region)
        | {
            "texts": {
                "households": gettext("户"),
                "map_failed": gettext("地图没有载入，请刷新页面。"),
                "zoom_in": gettext("放大"),
                "zoom_out": gettext("缩小"),
            }
        },
        parameters=parameters(audit),
    )


def _conditions(audit: OpenAudit, region: str | None, gap: int | None) -> dict[str, Any]:
    inside = {} if audit.is_whole(region) else {"place": sorted(audit.within(region))}
    return inside if gap is None else inside | {"gap_rank": gap}


def _minutes(audit: OpenAudit) -> float | None:
    """Return the cut-off asked for; 404 where the audit knows none of so many minutes."""
    asked = request.args.get("minutes", type=float)
    if asked is not None and (audit.limits is None or asked not in audit.limits.minutes):
        abort(404)
    return asked


def _buildings(
    conn: Connection,
    audit: OpenAudit,
    conditions: dict[str, Any],
    order: tuple[str, Direction],
    only: snapshots.Only = "",
    minutes: float | None = None,
) -> tuple[list[Row], snapshots.ListTotals]:
    def of_page(page: int) -> tuple[list[Row], snapshots.ListTotals]:
        return snapshots.load_building_rows(
            conn,
            audit.head.id,
            conditions,
            only=only,
            limits=audit.limits,
            minutes=minutes,
            sort=order[0],
            descending=order[1] == "desc",
            limit=ROWS_PER_PAGE,
            offset=(page - 1) * ROWS_PER_PAGE,
        )

    rows, totals = of_page(asked_page())
    last, _ = page_of(totals.buildings)
    return (rows, totals) if last == asked_page() else of_page(last)  # beyond the end is the last page
