"""Papers for the meeting that take a while to draw, made by a job and kept for whoever asked."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gis_service.config import Settings
from gis_service.db import job_files
from gis_service.db.accounts import Account
from gis_service.db.engine import Connection
from gis_service.db.jobs import JobRecord
from gis_service.errors import InputError, Text
from gis_service.workflows.audit_papers import MEDIA_TYPES, paper_name, write_papers
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.jobs import ask_job
from gis_service.workflows.progress import Report

KIND = "audit_paper"
_DRAWING = Text("绘制并排版", "draw and set the pages")


def ask_paper(
    conn: Connection, audit: OpenAudit, suffix: str, region: str | None, account: Account, settings: Settings
) -> int:
    """Ask for a paper of an audit and return the number of the job.

    Parameters
    ----------
    conn, audit
        Open transaction; the caller commits. The audit as its reader may see it: the paper holds no more.
    suffix
        ``.pdf``, ``.xlsx``, ``.csv`` or ``.gpkg``.
    region
        Only what lies in it; None: everything the reader may see.
    account
        Who asks, and may fetch it.
    settings
        Names the operator and the map approval.
    """
    parameters = {
        "city": audit.head.city,
        "snapshot": audit.head.id,
        "roots": None if audit.roots is None else list(audit.roots),
        "suffix": suffix,
        "region": region,
        "operator": settings.operator,
        "map_approval": settings.map_approval,
    }
    return ask_job(conn, KIND, parameters, account)


def make_paper(conn: Connection, job: JobRecord, report: Report) -> dict[str, Any]:
    """Make the paper of a job and keep it for its owner.

    Returns
    -------
    dict
        ``snapshot``, and the ``file`` with its ``bytes``.

    Raises
    ------
    InputError
        The snapshot is no longer there.
    """
    values = job.parameters
    report(_DRAWING, 0, 0)
    audit = open_audit(conn, values["city"], values["snapshot"], roots=values["roots"])
    if audit is None:
        raise InputError(Text(f"快照 {values['snapshot']} 已不存在", f"there is no snapshot {values['snapshot']} now"))
    settings = Settings(operator=values["operator"], map_approval=values["map_approval"])
    suffix, region = values["suffix"], values["region"]
    with TemporaryDirectory() as folder:
        to = Path(folder) / f"audit{suffix}"
        write_papers(conn, audit, to, region=region, settings=settings)
        content = to.read_bytes()
    name = paper_name(audit, suffix, region)
    job_files.save_file(conn, job.id, name, MEDIA_TYPES[suffix], content)
    return {"snapshot": audit.head.id, "file": name, "bytes": len(content)}
