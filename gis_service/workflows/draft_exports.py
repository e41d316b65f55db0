"""What is taken away of a draft or a stored plan: a file at once, or, where that takes long, by a job."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gis_service.config import Settings
from gis_service.db import job_files, plans
from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_city
from gis_service.db.drafts import load_draft
from gis_service.db.engine import Connection
from gis_service.db.jobs import JobRecord
from gis_service.db.plans import PlanRecord
from gis_service.db.regions import path_of_community
from gis_service.errors import InputError, NotAllowedError, Text
from gis_service.exports.change_table import write_change_table
from gis_service.exports.geojson import write_grids
from gis_service.exports.geopackage import write_plan
from gis_service.exports.plan_maps import write_plan_maps
from gis_service.exports.plan_paper import PlanPaper
from gis_service.exports.plan_statement import write_statement
from gis_service.exports.register import write_grid_register
from gis_service.exports.shapefile import write_shapefiles
from gis_service.exports.walk_sheets import write_walk_sheets
from gis_service.workflows.desk import OpenDraft, open_draft
from gis_service.workflows.draft_papers import paper_of_draft, paper_of_plan
from gis_service.workflows.jobs import ask_job
from gis_service.workflows.plan_versions import title_of_plan
from gis_service.workflows.progress import Report, silent
from gis_service.workflows.request_values import text_of, whole_of

KIND = "export"
_READING = Text("读取方案", "read the plan")
_DRAWING = Text("绘制图件", "draw the maps")
_NO_NAME = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Write = Callable[[Path, PlanPaper, Report], None]


@dataclass(frozen=True)
class Export:
    """One thing that is taken away.

    Parameters
    ----------
    title
        What people call it, also the name of the file.
    suffix, media_type
        Of the file.
    write
        Writes it.
    long
        It takes more than a moment, so that a job does it.
    """

    title: Text
    suffix: str
    media_type: str
    write: Write
    long: bool = False


@dataclass(frozen=True)
class PlanPlace:
    """Where a stored plan is found.

    Parameters
    ----------
    city, community, plan
        Name of the city, code of the community and name of the plan.
    """

    city: str
    community: str
    plan: str


@dataclass(frozen=True)
class Exported:
    """A file, ready to be sent.

    Parameters
    ----------
    name, media_type, content
        As a browser is told.
    """

    name: str
    media_type: str
    content: bytes


def export_draft(conn: Connection, number: int, what: str, account: Account, settings: Settings) -> Exported:
    """Return what is quickly made of a draft.

    Parameters
    ----------
    conn
        Transaction, for reading.
    number
        The draft.
    what
        One of `EXPORTS`.
    account
        Somebody with a role in the community.
    settings
        Names the operator and the map approval.

    Raises
    ------
    UnknownDraftError
        There is none of that number.
    NotAllowedError
        The account has no role in its community.
    InputError
        There is no such export, it takes long, it compares and there is nothing to compare with, or land of the draft
        is in no grid.
    """
    opened, export = _asked(conn, number, what, account)
    _refuse_long(export)
    return _made(paper_of_draft(conn, opened, settings), _mark(opened), export, silent)


def export_plan(conn: Connection, place: PlanPlace, what: str, account: Account, settings: Settings) -> Exported:
    """Return what is quickly made of a stored plan, whoever made it.

    Raises
    ------
    UnknownCityError, UnknownPlanError
        No such city, or no such plan.
    NotAllowedError, InputError
        As :func:`export_draft`; or the community has no plan of that name.
    """
    city, record, export = _asked_of_plan(conn, place, what, account)
    _refuse_long(export)
    return _made(paper_of_plan(conn, city, record, settings), title_of_plan(record).zh, export, silent)


def ask_export(conn: Connection, number: int, what: str, account: Account, settings: Settings) -> int:
    """Ask for what takes long and return the number of the job; see :func:`export_draft`."""
    opened, _ = _asked(conn, number, what, account)
    return _job(conn, {"draft": opened.record.id}, what, account, settings)


def ask_plan_export(conn: Connection, place: PlanPlace, what: str, account: Account, settings: Settings) -> int:
    """Ask for what takes long and return the number of the job; see :func:`export_plan`."""
    _asked_of_plan(conn, place, what, account)
    return _job(conn, asdict(place), what, account, settings)


def _job(conn: Connection, of: Mapping[str, Any], what: str, account: Account, settings: Settings) -> int:
    parameters = {**of, "what": what, "operator": settings.operator, "map_approval": settings.map_approval}
    return ask_job(conn, KIND, parameters, account)


def may_fetch(conn: Connection, values: Mapping[str, Any], account: Account) -> bool:
    """Return whether somebody who asked for a file has a role still where it is of.

    Parameters
    ----------
    conn
        Transaction, for reading.
    values
        Parameters of the job.
    account
        Who asked.
    """
    if "draft" in values:
        record = load_draft(conn, values["draft"])
        return any(grant.covers(record.city, record.regions) for grant in account.grants)
    path = path_of_community(conn, load_city(conn, values["city"]), values["community"])
    return any(grant.covers(values["city"], [region.code for region in path]) for grant in account.grants)


def do_export(conn: Connection, job: JobRecord, report: Report) -> dict[str, Any]:
    """Make the file of a job and keep it for its owner.

    Returns
    -------
    dict
        ``draft`` and its ``revision`` then, or ``city``, ``community`` and ``plan``; ``what``; ``file`` and ``bytes``.

    Raises
    ------
    UnknownCityError, UnknownDraftError, UnknownPlanError, InputError
        As :func:`export_draft` and :func:`export_plan`.
    """
    values = job.parameters
    report(_READING, 0, 0)
    what = text_of(values, "what")
    settings = Settings(operator=values["operator"], map_approval=values["map_approval"])
    if "draft" in values:
        opened = open_draft(conn, whole_of(values, "draft", 1, 2**63 - 1))
        of: dict[str, Any] = {"draft": opened.record.id, "revision": opened.record.revision}
        made = _made(paper_of_draft(conn, opened, settings), _mark(opened), _export(what), report)
    else:
        place = PlanPlace(**{name: text_of(values, name) for name in ("city", "community", "plan")})
        city, record = _plan(conn, place)
        of = asdict(place)
        made = _made(paper_of_plan(conn, city, record, settings), title_of_plan(record).zh, _export(what), report)
    job_files.save_file(conn, job.id, made.name, made.media_type, made.content)
    return {**of, "what": what, "file": made.name, "bytes": len(made.content)}


def _asked(conn: Connection, number: int, what: str, account: Account) -> tuple[OpenDraft, Export]:
    export = _export(what)
    opened = open_draft(conn, number)
    _refuse_strangers(account, opened.record.city, opened.record.regions)
    return opened, export


def _asked_of_plan(conn: Connection, place: PlanPlace, what: str, account: Account) -> tuple[City, PlanRecord, Export]:
    export = _export(what)
    city = load_city(conn, place.city)
    _refuse_strangers(account, city.name, [region.code for region in path_of_community(conn, city, place.community)])
    return *_plan(conn, place), export


def _plan(conn: Connection, place: PlanPlace) -> tuple[City, PlanRecord]:
    city = load_city(conn, place.city)
    found = [each for each in plans.load_plans(conn, city, place.plan) if each.community_code == place.community]
    if not found:
        raise InputError(
            Text(
                f"社区 {place.community} 没有名为“{place.plan}”的方案",
                f"community {place.community} has no plan of the name {place.plan!r}",
            )
        )
    return city, found[0]


def _refuse_strangers(account: Account, city: str, regions: Sequence[str]) -> None:
    if not any(grant.covers(city, regions) for grant in account.grants):
        raise NotAllowedError(
            Text(f"账号 {account.login} 在这个社区没有权限", f"account {account.login} has no role in this community")
        )


def _refuse_long(export: Export) -> None:
    if export.long:
        raise InputError(
            Text(f"{export.title.zh}需要一些时间，请提交为后台任务", f"{export.title.en}: ask for it as a job")
        )


def _export(what: str) -> Export:
    if what not in EXPORTS:
        raise InputError(Text(f"没有“{what}”这种导出", f"there is no export {what!r}"))
    return EXPORTS[what]


def _mark(opened: OpenDraft) -> str:
    """Return what tells a draft from others in the name of a file."""
    return f"草案{opened.record.id}第{opened.record.revision}版"


def _made(paper: PlanPaper, mark: str, export: Export, report: Report) -> Exported:
    name = f"{paper.community_name}-{export.title.zh}-{mark}{export.suffix}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export{export.suffix}"
        export.write(path, paper, report)
        return Exported(name.translate(_NO_NAME), export.media_type, path.read_bytes())


def _register(path: Path, paper: PlanPaper, report: Report) -> None:  # noqa: ARG001 quick
    write_grid_register(path, paper)


def _changes(path: Path, paper: PlanPaper, report: Report) -> None:  # noqa: ARG001 quick
    if paper.before is None:
        raise InputError(
            Text(
                "这是首次划分：此前没有生效的方案，也没有现有网格，没有可以对照的；请用网格划分登记表",
                "this is the first division: no plan was in force and there were no grids to compare with; "
                "take the register",
            )
        )
    write_change_table(path, paper, paper.before)


def _geopackage(path: Path, paper: PlanPaper, report: Report) -> None:  # noqa: ARG001 quick
    write_plan(path, paper.grids, paper.buildings, paper.units, about=paper.about)


def _geojson(path: Path, paper: PlanPaper, report: Report) -> None:  # noqa: ARG001 quick
    write_grids(path, paper.grids, about=paper.about)


def _shapefiles(path: Path, paper: PlanPaper, report: Report) -> None:  # noqa: ARG001 quick
    write_shapefiles(path, paper)


def _statement(path: Path, paper: PlanPaper, report: Report) -> None:  # noqa: ARG001 one page
    write_statement(path, paper)


def _map_a3(path: Path, paper: PlanPaper, report: Report) -> None:
    report(_DRAWING, 0, 0)
    write_plan_maps(path, paper, "A3")


def _map_a4(path: Path, paper: PlanPaper, report: Report) -> None:
    report(_DRAWING, 0, 0)
    write_plan_maps(path, paper, "A4")


def _walk_sheets(path: Path, paper: PlanPaper, report: Report) -> None:
    write_walk_sheets(path, paper, lambda done, total: report(_DRAWING, done, total))


EXPORTS: Mapping[str, Export] = {
    "register": Export(Text("网格划分登记表", "register of grids"), ".xlsx", _XLSX, _register),
    "changes": Export(Text("新旧网格对照表", "table of old and new grids"), ".xlsx", _XLSX, _changes),
    "map_a3": Export(Text("网格划分图A3", "map on A3"), ".pdf", "application/pdf", _map_a3, long=True),
    "map_a4": Export(Text("网格划分图A4", "map on A4"), ".pdf", "application/pdf", _map_a4, long=True),
    "walk_sheets": Export(Text("踏勘核对单", "walk sheets"), ".pdf", "application/pdf", _walk_sheets, long=True),
    "statement": Export(Text("网格划分说明", "statement"), ".pdf", "application/pdf", _statement, long=True),
    "gpkg": Export(Text("网格方案", "GeoPackage"), ".gpkg", "application/geopackage+sqlite3", _geopackage),
    "geojson": Export(Text("网格方案", "GeoJSON"), ".geojson", "application/geo+json", _geojson),
    "shapefile": Export(Text("网格方案", "shapefiles"), ".zip", "application/zip", _shapefiles),
}
"""What there is, by the word in addresses."""
