"""Long work for the desk: ask for proposals and papers, see how far they are, give them up, fetch what came of them."""

from io import BytesIO
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request, send_file, url_for

from gis_service.db import job_files, jobs
from gis_service.db.accounts import Account
from gis_service.db.engine import begin, reading
from gis_service.db.jobs import JobRecord
from gis_service.errors import (
    GisServiceError,
    InputError,
    NotAllowedError,
    Text,
    UnknownCityError,
    UnknownDraftError,
    UnknownPlanError,
)
from gis_service.web.audience import current_settings
from gis_service.web.errors import status_of
from gis_service.web.language import language
from gis_service.web.sign_in import signed_in
from gis_service.workflows import draft_exports
from gis_service.workflows.draft_exports import PlanPlace, ask_export, ask_plan_export, export_draft, export_plan
from gis_service.workflows.propose_draft import ask_proposals, wanted_of
from gis_service.workflows.request_values import text_of

blueprint = Blueprint("planner_jobs", __name__)

REFUSED = (InputError, NotAllowedError, UnknownCityError, UnknownDraftError, UnknownPlanError)
"""What is answered in one sentence for whoever asked; everything else is a fault of ours or of the machine."""


@blueprint.post("/planner/<city>/<community>/proposals")
def propose(city: str, community: str) -> Response:
    """Ask for proposals, by a form or by JSON, and answer with the state of the job."""
    account = _account()
    try:
        wanted = wanted_of({**_asked(), "city": city, "community": community})
        with begin(current_settings()) as conn:
            number = ask_proposals(conn, wanted, account)
    except REFUSED as fault:
        return _refused(fault)
    return _accepted(number, account)


@blueprint.post("/planner/drafts/<int:number>/export/<what>")
def ask_for_paper(number: int, what: str) -> Response:
    """Ask for a paper that takes long to draw, and answer with the state of the job."""
    account = _account()
    try:
        with begin(current_settings()) as conn:
            job = ask_export(conn, number, what, account, current_settings())
    except REFUSED as fault:
        return _refused(fault)
    return _accepted(job, account)


@blueprint.get("/planner/drafts/<int:number>/export/<what>")
def export(number: int, what: str) -> Response:
    """Return a file that is made at once."""
    account = _account()
    try:
        with reading(current_settings()) as conn:
            made = export_draft(conn, number, what, account, current_settings())
    except REFUSED as fault:
        return _refused(fault)
    return _file(made.name, made.media_type, made.content)


@blueprint.post("/planner/<city>/<community>/export/<what>")
def ask_for_paper_of_plan(city: str, community: str, what: str) -> Response:
    """Ask for a paper of the stored plan ``?plan=`` that takes long to draw, and answer with the state of the job."""
    account = _account()
    try:
        place = PlanPlace(city, community, text_of(request.args, "plan"))
        with begin(current_settings()) as conn:
            job = ask_plan_export(conn, place, what, account, current_settings())
    except REFUSED as fault:
        return _refused(fault)
    return _accepted(job, account)


@blueprint.get("/planner/<city>/<community>/export/<what>")
def export_of_plan(city: str, community: str, what: str) -> Response:
    """Return a file of the stored plan ``?plan=`` that is made at once."""
    account = _account()
    try:
        place = PlanPlace(city, community, text_of(request.args, "plan"))
        with reading(current_settings()) as conn:
            made = export_plan(conn, place, what, account, current_settings())
    except REFUSED as fault:
        return _refused(fault)
    return _file(made.name, made.media_type, made.content)


@blueprint.get("/api/v1/jobs/<int:number>")
def show(number: int) -> Response:
    """Return where a job of one's own stands."""
    return jsonify(_state(_job(number, _account())))


@blueprint.get("/api/v1/jobs/<int:number>/file")
def fetch(number: int) -> Response:
    """Return the file that a job of one's own made, while one may see what is in it."""
    account = _account()
    job = _job(number, account)
    with reading(current_settings()) as conn:
        if job.kind == draft_exports.KIND and not draft_exports.may_fetch(conn, job.parameters, account):
            abort(404)
        stored = job_files.load_file(conn, number)
    if stored is None:
        abort(404)
    return _file(stored.name, stored.media_type, stored.content)


@blueprint.post("/api/v1/jobs/<int:number>/cancel")
def cancel(number: int) -> Response:
    """Give a job of one's own up; one that has ended stays as it is."""
    account = _account()
    _job(number, account)
    with begin(current_settings()) as conn:
        jobs.cancel_job(conn, number)
    return jsonify(_state(_job(number, account)))


def _account() -> Account:
    """Return who is signed in; for strangers there is nothing here."""
    account = signed_in()
    if account is None:
        abort(404)
    return account


def _job(number: int, account: Account) -> JobRecord:
    """Return a job of the account; others' look as if there were none."""
    with reading(current_settings()) as conn:
        job = jobs.load_job(conn, number)
    if job is None or job.account_id != account.id:
        abort(404)
    return job


def _asked() -> dict[str, Any]:
    """Return what a request asks for: the fields of its JSON object, or of its form."""
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise InputError(Text("请求内容应为 JSON 对象", "the body must be a JSON object"))
        return body
    form = request.form
    if "start" not in form:  # no form of ours, or one that was cut short: what it leaves out would be taken for wishes
        raise InputError(
            Text("表单不完整，请刷新页面后重新提交", "the form is not whole; reload the page and send it again")
        )
    asked: dict[str, Any] = {name: form[name] for name in ("basis", "target", "wish", "start", "seed") if name in form}
    boxes = {name: name in form for name in ("keep_estates", "follow_barriers")}
    return asked | boxes | {"locked": form.getlist("locked")}


def _state(job: JobRecord) -> dict[str, Any]:
    spoken = language()
    step = job.step
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "step": {"text": step[spoken], "done": step["done"], "total": step["total"]} if step else None,
        "result": job.result,
        "fault": None if job.fault is None else job.fault.in_language(spoken),
        "file": url_for("planner_jobs.fetch", number=job.id) if job.result and "file" in job.result else None,
        "created_at": job.created_at.isoformat(timespec="seconds"),
        "ended_at": None if job.ended_at is None else job.ended_at.isoformat(timespec="seconds"),
    }


def _accepted(number: int, account: Account) -> Response:
    response = jsonify(_state(_job(number, account)))
    response.status_code = 202
    response.headers["Location"] = url_for("planner_jobs.show", number=number)
    return response


def _refused(fault: GisServiceError) -> Response:
    status = status_of(fault)
    response = jsonify(status=status, message=fault.text.in_language(language()))
    response.status_code = status
    return response


def _file(name: str, media_type: str, content: bytes) -> Response:
    response = send_file(BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"  # it holds counts
    return response
