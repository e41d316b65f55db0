"""What officials take to the meeting: fetched at once, or made by a job that they can watch."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, make_response, url_for

from gis_service.db.engine import Connection, begin, reading
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import asked_city, asked_region, open_numbered
from gis_service.web.sign_in import signed_in
from gis_service.workflows.audit_paper_jobs import ask_paper
from gis_service.workflows.audit_papers import MEDIA_TYPES, paper_name, write_papers
from gis_service.workflows.audit_reading import OpenAudit

blueprint = Blueprint("audit_exports", __name__, url_prefix="/audit")


@blueprint.get("/<city>/export/<int:number>.<suffix>")
def export(city: str, number: int, suffix: str) -> Response:
    """Return a snapshot as ``pdf``, ``xlsx``, ``csv`` or ``gpkg``; ``?region=``: only what lies in it."""
    settings, ending = current_settings(), f".{suffix}"
    with reading(settings) as conn, tempfile.TemporaryDirectory() as folder:
        audit, region = _asked(conn, city, number, ending)
        to = Path(folder) / f"audit{ending}"
        write_papers(conn, audit, to, region=region, settings=settings)
        response = make_response(to.read_bytes())
    response.mimetype = MEDIA_TYPES[ending]
    response.headers.set("Content-Disposition", "attachment", filename=paper_name(audit, ending, region))
    return response


@blueprint.post("/<city>/export/<int:number>.<suffix>")
def ask(city: str, number: int, suffix: str) -> Response:
    """Ask for what takes a while, and answer with the address of the job; for strangers there is nothing here."""
    settings, ending, account = current_settings(), f".{suffix}", signed_in()
    if account is None:
        abort(404)
    with begin(settings) as conn:
        audit, region = _asked(conn, city, number, ending)
        job = ask_paper(conn, audit, ending, region, account, settings)
    address = url_for("planner_jobs.show", number=job)
    response = jsonify(id=job, state="waiting", job=address)
    response.status_code = 202
    response.headers["Location"] = address
    return response


def _asked(conn: Connection, city: str, number: int, suffix: str) -> tuple[OpenAudit, str | None]:
    """Return the audit and the region asked for; 404 where there is none for this reader, or no such paper."""
    if suffix not in MEDIA_TYPES:
        abort(404)
    known, roots = asked_city(conn, city)
    audit = open_numbered(conn, known, number, roots)
    if audit is None:
        abort(404)
    return audit, asked_region(audit)
