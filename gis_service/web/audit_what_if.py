"""What would help: try sites on the map, ask for the best ones, compare scenarios."""

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as Answer

from gis_service.db.engine import Connection, begin, reading
from gis_service.db.siting_heads import SitingHead, load_candidate_sites, load_siting_heads
from gis_service.errors import InputError, NoNetworkError
from gis_service.web.api_nearest import BadQuestionError, json_body, refusal
from gis_service.web.api_what_if import kept_city, read_what_if
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import asked_city, asked_region, needed_audit
from gis_service.web.audit_parts import asked_snapshot, audit_map, ground_island, job_texts, parameters, path_to
from gis_service.web.audit_scenarios import scenarios_told
from gis_service.web.language import language
from gis_service.web.sign_in import csrf, signed_in
from gis_service.workflows.ask_sites import DATUMS, MOST_SITES, ask_sites, room_list, run_words, sites_wanted
from gis_service.workflows.audit_reading import OpenAudit
from gis_service.workflows.kept_scenarios import LONGEST_NAME
from gis_service.workflows.kinds import any_of
from gis_service.workflows.scenario_gains import scenario_gains
from gis_service.workflows.what_if_map import Imagined, load_what_if_rules

blueprint = Blueprint("audit_what_if", __name__)

RUNS_SHOWN = 12
CANDIDATES_SHOWN = 500
"""Candidates that a page lists at most, those to be opened first: street corners come by the thousand."""
DATUM_NAMES = {"wgs84": "WGS 84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}


@blueprint.get("/audit/<city>/what-if")
def show(city: str) -> str:
    """Return the page on which scenarios are tried: ``?run=`` of a siting run, ``?job=`` that is finding one."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        region = asked_region(audit)
        runs = load_siting_heads(conn, known, RUNS_SHOWN)
        run = _chosen(runs)
        every = [] if run is None else _candidates(conn, audit, run)
        rules = load_what_if_rules(conn, known)
        same = audit.head.dataset_hash == known.content_hash and audit.reach_rules == rules
        parts = audit_map(conn, known)
        kept = scenarios_told(conn, known, audit, signed_in())
    candidates = every[:CANDIDATES_SHOWN]
    return render_template(
        "audit_what_if.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        runs=runs,
        run=run,
        words=None if run is None else run_words(run),
        candidates=candidates,
        left_out=len(every) - len(candidates),
        same=same,
        may_ask=signed_in() is not None and audit.roots is None,
        may_keep=signed_in() is not None,
        longest_name=LONGEST_NAME,
        most_sites=MOST_SITES,
        datums={datum: DATUM_NAMES[datum] for datum in DATUMS},
        kinds=any_of(rules.kinds),
        rules=rules,
        parts=parts,
        island=_island(audit, region, candidates, request.args.get("job", type=int))
        | {"scenarios": kept, "kinds": list(rules.kinds)},
        parameters=parameters(audit),
    )


@blueprint.post("/audit/<city>/what-if")
def ask(city: str) -> Answer:
    """Ask for the best sites; the page then follows the job."""
    account = signed_in()
    upload = request.files.get("rooms")
    job: int | None = None
    try:
        with begin(current_settings()) as conn:
            known, roots = asked_city(conn, city)
            if account is None or roots is not None:
                abort(404)
            rooms = None
            if upload is not None and upload.filename:
                rooms = room_list(upload.filename, upload.read(), request.form.get("datum", ""))
            job, notes = ask_sites(conn, known, sites_wanted(request.form, rooms), account)
    except InputError as fault:
        flash(fault.text.in_language(language()), "refusal")
    else:
        for note in notes:
            flash(note.zh if language() == "zh" else note.en, "notice")
    return redirect(url_for("audit_what_if.show", city=city, job=job))


@blueprint.post("/api/v1/cities/<city>/audit/what-if")
def gains(city: str) -> Response:
    """Return what a scenario would gain in the regions one may see."""
    try:
        imagined = _asked(city)
        with reading(current_settings()) as conn:
            known, roots = asked_city(conn, city)
            ready = kept_city(conn, known)
        return jsonify(scenario_gains(ready, imagined, roots))
    except BadQuestionError as fault:
        return refusal(fault)
    except (InputError, NoNetworkError) as fault:
        return refusal(BadQuestionError(fault.text.zh, fault.text.en))


csrf.exempt(gains)  # changes nothing


def _asked(city: str) -> Imagined:
    """Return what the request's body imagines."""
    body = json_body()
    if not isinstance(body, dict) or not set(body) <= {"add", "close", "move"}:
        raise BadQuestionError(
            "请求内容应为 JSON 对象，可用 add、close、move", "the body must be a JSON object with add, close, move"
        )
    _, imagined, _ = read_what_if({**body, "city": city})
    return imagined


def _chosen(runs: list[SitingHead]) -> SitingHead | None:
    """Return the run asked for; where none is, the newest with a list of rooms, or the newest."""
    number = request.args.get("run", type=int)
    if number is not None:
        found = next((run for run in runs if run.id == number), None)
        if found is None:
            abort(404)
        return found
    return next((run for run in runs if run.given), runs[0] if runs else None)


def _candidates(conn: Connection, audit: OpenAudit, run: SitingHead) -> list[dict[str, Any]]:
    """Return the candidates that lie where the reader may look."""
    rows = load_candidate_sites(conn, run.id)
    return [row for row in rows if audit.roots is None or row["community_code"] in audit.visible]


def _island(audit: OpenAudit, region: str | None, candidates: list[dict[str, Any]], job: int | None) -> dict[str, Any]:
    """Return what the browser's code needs to know: addresses, candidates and texts."""
    city = audit.head.city
    return ground_island(audit, region) | {
        "scenariosUrl": url_for("audit_scenarios.listed", city=city),
        "token": None if signed_in() is None else generate_csrf(),
        "gainsUrl": url_for("audit_what_if.gains", city=city),
        "jobUrl": None if job is None else url_for("planner_jobs.show", number=job),
        "pageUrl": url_for("audit_what_if.show", city=city, region=region, snapshot=asked_snapshot(audit)),
        "candidates": candidates,
        "texts": _texts(),
    }


def _texts() -> dict[str, Any]:
    return job_texts() | {
        "site": gettext("拟设点"),
        "close": gettext("假设关闭"),
        "reopen": gettext("恢复开放"),
        "closed": gettext("假设关闭："),
        "remove": gettext("移除"),
        "cost": gettext("造价"),
        "off_street": gettext("离道路太远，谁也走不到"),
        "gains": gettext("户新覆盖"),
        "balance": gettext("户净增减："),
        "gains_of": gettext("新覆盖"),
        "loses_of": gettext("不再覆盖"),
        "comma": gettext("，"),
        "households": gettext("户"),
        "moved": gettext("（已移位）"),
        "none": gettext("还没有拟设点：点一下地图，或从候选点中选。"),
        "no_change": gettext("没有人新进入服务圈。"),
        "unknown": gettext("不详"),
        "open": gettext("打开"),
        "withdraw": gettext("移出对比"),
        "repeat": gettext("复算"),
        "repeated": {
            "equal": gettext("复算一致"),
            "different": gettext("复算不一致"),
            "changed": gettext("数据或口径已变，不能复算"),
        },
        "minutes": gettext("分钟"),
        "speed": gettext("米/秒"),
        "outdated": gettext("数据或口径已变"),
        "kept": gettext("已留存，见下方的方案对比："),
        "not_kept": gettext("没有留存，请刷新页面后再试。"),
        "street": gettext("街道"),
        "no_street": gettext("街道以外"),
        "total": gettext("合计"),
        "zoom_in": gettext("放大"),
        "zoom_out": gettext("缩小"),
        "move_hint": gettext("可拖动，也可用方向键移动"),
    }
