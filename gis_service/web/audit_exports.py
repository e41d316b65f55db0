"""What officials take to the meeting, for downloading."""

import tempfile
from pathlib import Path

from flask import Blueprint, Response, abort, make_response

from gis_service.db.engine import reading
from gis_service.web.audience import current_settings
from gis_service.web.audit_access import asked_city, asked_region, open_numbered
from gis_service.workflows.audit_papers import WRITERS, write_papers

blueprint = Blueprint("audit_exports", __name__, url_prefix="/audit")

MIMETYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "gpkg": "application/geopackage+sqlite3",
}


@blueprint.get("/<city>/export/<int:number>.<suffix>")
def export(city: str, number: int, suffix: str) -> Response:
    """Return a snapshot as ``pdf``, ``xlsx``, ``csv`` or ``gpkg``; ``?region=``: only what lies in it."""
    if f".{suffix}" not in WRITERS:
        abort(404)
    settings = current_settings()
    with reading(settings) as conn, tempfile.TemporaryDirectory() as folder:
        known, roots = asked_city(conn, city)
        audit = open_numbered(conn, known, number, roots)
        if audit is None:
            abort(404)
        region = asked_region(audit)
        to = Path(folder) / f"audit.{suffix}"
        write_papers(conn, audit, to, region=region, settings=settings)
        response = make_response(to.read_bytes())
    response.mimetype = MIMETYPES[suffix]
    part = f"-{region}" if region and audit.tops != (region,) else ""
    name = f"{city}-{number}{part}.{suffix}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
