"""The officials' register: findings with state, office and deadline, and samples of grids checked on the spot."""

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from gis_service.audit.shortfalls import COVERAGE_GAP
from gis_service.db.cities import City
from gis_service.db.engine import Connection, begin, reading
from gis_service.db.findings_register import Sample
from gis_service.db.snapshots import load_heads
from gis_service.errors import InputError, NotAllowedError
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import asked_region, needed_audit
from gis_service.web.audit_parts import ROWS_PER_PAGE, asked_snapshot, job_texts, page_of, parameters, path_to
from gis_service.web.language import language
from gis_service.web.sign_in import signed_in
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.field_sample import (
    LONGEST_SEED,
    MOST_GRIDS,
    OUTCOMES,
    draw_sample,
    drawable,
    last_results,
    report_result,
    samples_of,
)
from gis_service.workflows.field_sheets import ask_sheets
from gis_service.workflows.findings_register import (
    LONGEST_NOTE,
    LONGEST_UNIT,
    STATES,
    Case,
    cases,
    counted_states,
    decide,
    kind_title,
    may_decide,
)
from gis_service.workflows.moments import office_today

blueprint = Blueprint("audit_register", __name__, url_prefix="/audit")

USUAL_SAMPLE = 30


@blueprint.get("/<city>/findings")
def findings(city: str) -> str:
    """Return the findings, open ones first: ``?state=``, ``?kind=``, ``?region=``."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        region = asked_region(audit)
        every = cases(conn, audit, region)
    state, kind = request.args.get("state", ""), request.args.get("kind", "")
    chosen = [case for case in every if state in {"", case.state} and kind in {"", case.kind}]
    page, pages = page_of(len(chosen))
    return render_template(
        "audit_findings.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        cases=chosen[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE],
        total=len(chosen),
        page=page,
        pages=pages,
        state=state,
        kind=kind,
        states=STATES,
        counts=counted_states(every),
        overdue_cases=sum(case.overdue for case in every),
        kinds={name: kind_title(name) for name in dict.fromkeys(case.kind for case in every)},
        parameters=parameters(audit),
    )


@blueprint.get("/<city>/findings/<path:key>")
def finding(city: str, key: str) -> str:
    """Return one finding with everything that was decided about it."""
    return _finding_page(city, key)


def _finding_page(city: str, key: str, typed: Mapping[str, str] | None = None) -> str:
    """Return the page of a finding; ``typed``: what stands in its form, by default what was decided last."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        case = _case(conn, audit, key)
    return render_template(
        "audit_finding.html",
        city=known,
        audit=audit,
        case=case,
        gap=next((row for row in audit.gaps() if (COVERAGE_GAP, row["centre_id"]) == (case.kind, case.subject)), None),
        path=path_to(audit, case.place if case.place in audit.visible else asked_region(audit)),
        states=STATES,
        may_decide=may_decide(signed_in(), audit, case.place),
        typed=typed or {"state": case.state, "unit": case.unit, "deadline": case.deadline or "", "note": ""},
        earliest=min(office_today(), case.deadline or date.max),
        longest_unit=LONGEST_UNIT,
        longest_note=LONGEST_NOTE,
        parameters=parameters(audit),
    )


@blueprint.post("/<city>/findings/<path:key>")
def decide_finding(city: str, key: str) -> Response | tuple[str, int]:
    """Add a decision about a finding; a refused one comes back with what was typed."""
    form = {name: request.form.get(name, "") for name in ("state", "unit", "deadline", "note")}
    try:
        with begin(current_settings()) as conn:
            _, audit = needed_audit(conn, city)
            _case(conn, audit, key)
            decide(conn, audit, key, account=signed_in(), **form)
    except (InputError, NotAllowedError) as fault:
        status = _refused(fault)
        return _finding_page(city, key, form), status
    flash(gettext("已登记。"), "notice")
    return redirect(url_for("audit_register.finding", city=city, key=key, snapshot=asked_snapshot(audit)))


@blueprint.get("/<city>/field")
def field(city: str) -> str:
    """Return the samples drawn so far, and the form to draw another."""
    return _field_page(city)


def _field_page(city: str, typed: Mapping[str, str] | None = None) -> str:
    """Return the page of the samples; ``typed``: what stands in its form, by default the usual number and no seed."""
    with reading(current_settings()) as conn:
        known, audit = needed_audit(conn, city)
        region = (typed or {}).get("region") or asked_region(audit)
        heads = load_heads(conn, city)
        samples = samples_of(conn, audit)
        found = {sample.id: last_results(conn, sample) for sample in samples}
    return render_template(
        "audit_field.html",
        city=known,
        audit=audit,
        region=region,
        path=path_to(audit, region),
        heads=heads,
        drawable=len(drawable(audit, region or "")),
        samples=samples,
        found=found,
        may_draw=may_decide(signed_in(), audit, region or ""),
        typed=typed or {"number": USUAL_SAMPLE, "seed": ""},
        most=MOST_GRIDS,
        longest_seed=LONGEST_SEED,
        parameters=parameters(audit),
    )


@blueprint.post("/<city>/field")
def draw(city: str) -> Response | tuple[str, int]:
    """Draw a sample; a refused question comes back with what was typed."""
    form = {name: request.form.get(name, "") for name in ("region", "number", "seed")}
    region = form["region"]
    try:
        with begin(current_settings()) as conn:
            _, audit = needed_audit(conn, city)
            if region and region not in audit.visible:
                abort(404)
            number = draw_sample(
                conn,
                audit,
                account=signed_in(),
                region=region,
                number=request.form.get("number", 0, type=int),
                seed=form["seed"],
            )
    except (InputError, NotAllowedError) as fault:
        status = _refused(fault)
        return _field_page(city, form), status
    return redirect(url_for("audit_register.sample", city=city, number=number))


@blueprint.get("/<city>/field/<int:number>")
def sample(city: str, number: int) -> str:
    """Return one sample: a list to take along, and what was found."""
    return _sample_page(city, number)


def _sample_page(city: str, number: int, typed: Mapping[str, str] | None = None) -> str:
    """Return the page of a sample; ``typed``: what stands in the form of its grid instead of what was found last."""
    with reading(current_settings()) as conn:
        known, audit, drawn = _asked_sample(conn, city, number)
        heads = load_heads(conn, city)
        results = last_results(conn, drawn)
    by_code = {row["code"]: row for row in audit.content["grids"]}
    return render_template(
        "audit_sample.html",
        city=known,
        audit=audit,
        sample=drawn,
        heads=heads,
        path=path_to(audit, drawn.region or None),
        grids=[by_code.get(code, {"code": code, "name": code}) for code in drawn.grids],
        results=results,
        typed=typed,
        outcomes=OUTCOMES,
        may_report=may_decide(signed_in(), audit, drawn.region),
        may_ask=signed_in() is not None,
        island=_island(),
        longest_note=LONGEST_NOTE,
        parameters=parameters(audit),
    )


@blueprint.post("/<city>/field/<int:number>")
def report(city: str, number: int) -> Response | tuple[str, int]:
    """Add what was found on the spot in one grid; a refused report comes back with what was typed."""
    form = {name: request.form.get(name, "") for name in ("grid", "outcome", "households", "note")}
    try:
        with begin(current_settings()) as conn:
            _, audit, drawn = _asked_sample(conn, city, number)
            report_result(conn, audit, drawn, account=signed_in(), **form)
    except (InputError, NotAllowedError) as fault:
        status = _refused(fault)
        return _sample_page(city, number, form), status
    return redirect(url_for("audit_register.sample", city=city, number=number, snapshot=asked_snapshot(audit)))


@blueprint.post("/<city>/field/<int:number>/sheets")
def ask_for_sheets(city: str, number: int) -> Response:
    """Ask for sheets to take along to the grids of a sample; the page then follows the job."""
    account = signed_in()
    with begin(current_settings()) as conn:
        _, audit, drawn = _asked_sample(conn, city, number)
        if account is None:
            abort(404)
        job = ask_sheets(conn, audit, drawn, account, current_settings())
    return redirect(url_for("audit_register.sample", city=city, number=number, snapshot=asked_snapshot(audit), job=job))


def _refused(fault: InputError | NotAllowedError) -> int:
    """Say why something was refused on the page that is returned now, and return the page's status."""
    flash(fault.text.in_language(language()), "refusal")
    return 403 if isinstance(fault, NotAllowedError) else 400


def _case(conn: Connection, audit: OpenAudit, key: str) -> Case:
    found = next((case for case in cases(conn, audit) if case.key == key), None)
    if found is None:
        abort(404)
    return found


def _asked_sample(conn: Connection, name: str, number: int) -> tuple[City, OpenAudit, Sample]:
    """Return a city, a sample and the snapshot it is read from: the one asked for, else the one it was drawn from.

    Where that one is of a form this version does not read, or holds none of the reader's regions, it is the newest.
    """
    city, audit = needed_audit(conn, name)
    found = next((drawn for drawn in samples_of(conn, audit) if drawn.id == number), None)
    if found is None:
        abort(404)
    if asked_snapshot(audit) is None:
        own = open_audit(conn, name, found.snapshot, roots=audit.roots)
        audit = own if own is not None and own.visible else audit
    return city, audit, found


def _island() -> dict[str, object]:
    """Return what the browser's code needs to follow a job: its address, and what it says meanwhile."""
    job = request.args.get("job", type=int)
    return {"jobUrl": None if job is None else url_for("planner_jobs.show", number=job), "texts": job_texts()}
