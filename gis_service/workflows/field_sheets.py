"""Sheets to take along to the grids of a sample: one PDF a community, one page a grid, made by a job."""

from collections.abc import Collection
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile, ZipInfo

import shapely

from gis_service.config import Settings
from gis_service.db import findings_register as store
from gis_service.db import job_files
from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_city
from gis_service.db.engine import Connection
from gis_service.db.findings_register import Sample
from gis_service.db.jobs import JobRecord
from gis_service.db.regions import path_of_community
from gis_service.errors import InputError, Text
from gis_service.exports.plan_paper import PlanPaper
from gis_service.exports.walk_sheets import write_walk_sheets
from gis_service.partition.community import clip_to
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.compare_plans import grids_with_bounds, lines_of_city, named_lines
from gis_service.workflows.draft_bases import estate_names
from gis_service.workflows.jobs import ask_job
from gis_service.workflows.plan_versions import load_version
from gis_service.workflows.progress import Report
from gis_service.workflows.provenance import about_community

KIND = "field_sheets"
MEDIA_TYPE = "application/zip"
_DRAWING = Text("绘制核对单", "draw the sheets")
_MARGIN = 0.5
"""What a map may show around the grids of a community, as a share of its longer side."""


def ask_sheets(conn: Connection, audit: OpenAudit, sample: Sample, account: Account, settings: Settings) -> int:
    """Ask for the sheets of a sample and return the number of the job."""
    parameters = {
        "city": audit.head.city,
        "snapshot": audit.head.id,
        "sample": sample.id,
        "operator": settings.operator,
        "map_approval": settings.map_approval,
    }
    return ask_job(conn, KIND, parameters, account)


def make_sheets(conn: Connection, job: JobRecord, report: Report) -> dict[str, Any]:
    """Draw the sheets of a job and keep them for its owner.

    Returns
    -------
    dict
        ``sample``, how many ``sheets``, the ``missing`` grids, which the plans no longer have, and the ``file``.

    Raises
    ------
    InputError
        Sample or snapshot are not there, or the plans have none of the grids any more.
    """
    values = job.parameters
    city = load_city(conn, values["city"])
    audit = open_audit(conn, city.name, values["snapshot"])
    sample = next((each for each in store.load_samples(conn, city.name) if each.id == values["sample"]), None)
    if audit is None or sample is None:
        raise InputError(Text("样本或快照已不存在", "the sample or its snapshot is not there any more"))
    settings = Settings(operator=values["operator"], map_approval=values["map_approval"])
    communities = {grid["code"]: grid["community_code"] for grid in audit.content["grids"]}
    plans = {plan["community"]: plan["plan"] for plan in audit.content["plans"]}
    wanted: dict[str, set[str]] = {}
    for code in sample.grids:
        if code in communities:
            wanted.setdefault(communities[code], set()).add(code)
    drawn: set[str] = set()
    content = BytesIO()
    with ZipFile(content, "w") as archive, TemporaryDirectory() as folder:
        for community, codes in sorted(wanted.items()):
            paper = _paper(conn, city, community, plans[community], settings)
            there = codes & set(paper.grids["code"])
            if not there:
                continue
            path = Path(folder) / f"{community}.pdf"
            _write(path, paper, there, report, len(drawn), len(sample.grids))
            entry = ZipInfo(f"{paper.community_name}-{community}.pdf", date_time=sample.at.timetuple()[:6])
            archive.writestr(entry, path.read_bytes())
            drawn |= there
    if not drawn:
        raise InputError(
            Text("样本中的网格在现有方案里都已不存在", "the plans have none of the grids of the sample any more")
        )
    name = f"{city.name}-sample-{sample.id}.zip"
    job_files.save_file(conn, job.id, name, MEDIA_TYPE, content.getvalue())
    missing = sorted(set(sample.grids) - drawn)
    return {"sample": sample.id, "sheets": len(drawn), "missing": missing, "file": name}


def _write(path: Path, paper: PlanPaper, codes: Collection[str], report: Report, before: int, total: int) -> None:
    write_walk_sheets(path, paper, lambda done, _: report(_DRAWING, before + done, total), codes)


def _paper(conn: Connection, city: City, community: str, plan: str, settings: Settings) -> PlanPaper:
    """Return what the sheets of one community say; they tell nothing of faults or of what there was before."""
    version = load_version(conn, city, community, plan)
    path = path_of_community(conn, city, community)
    told = grids_with_bounds(version.grids, named_lines(conn, city), community)
    estate_name = version.buildings["estate_id"].map(estate_names(conn, city)).astype(object)
    west, south, east, north = version.grids.total_bounds.tolist()
    more = _MARGIN * max(east - west, north - south)
    around = shapely.box(west - more, south - more, east + more, north + more)
    return PlanPaper(
        about=about_community(
            city,
            version.buildings,
            settings,
            title=version.title.zh,
            rules=version.rules,
            made_at=version.made_at,
            approved=version.official,
        ),
        community_code=community,
        community_name=path[0].name,
        place="".join(region.name for region in reversed(path[1:3])),
        title=version.title.zh,
        state="抽样核查",
        rules=version.rules,
        grids=version.grids.assign(
            label=[grid.label for grid in told], bounds=[grid.bounds.text.zh for grid in told], note=""
        ),
        buildings=version.buildings.assign(estate_name=estate_name.where(estate_name.notna(), None)),
        units=version.units,
        lines=clip_to(lines_of_city(conn, city), around),
        irregular=(),
        before=None,
    )
