"""Ask for the best sites from a page: how many or what share, among what candidates; a job finds them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from gis_service.db import reach_runs, regions
from gis_service.db.accounts import Account
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.jobs import JobRecord
from gis_service.db.siting_heads import SitingHead
from gis_service.errors import InputError, Text
from gis_service.geo.datum import Datum
from gis_service.ingest.candidates import read_candidates
from gis_service.ingest.cures import IN_FILE, Cures
from gis_service.ingest.notes import ImportNote
from gis_service.reach.rules import ReachRules
from gis_service.reach.siting.rules import SitingRules
from gis_service.workflows.jobs import ask_job
from gis_service.workflows.progress import Report
from gis_service.workflows.request_values import text_of, whole_of
from gis_service.workflows.site_facilities import site_facilities
from gis_service.workflows.siting_words import answer_text, question_text

KIND = "site"
MOST_SITES = 50
"""More new stations than that are no question for one meeting."""
MOST_FILE_BYTES = 600_000
"""Largest list of rooms that is taken from a page; some ten thousand rows."""
LONGEST_NAME = 60
"""Longest name of a file that is kept [characters]: files of longer ones cannot be stored everywhere."""
DATUMS = tuple(datum.value for datum in Datum)
TIME_LIMIT_S = 60.0
ON_PAGE = Cures(
    crs=Text("在“清单坐标所用坐标系”一栏选择", 'choose it under "System of the list\'s coordinates"'),
    columns=IN_FILE.columns,
)
"""Where people mend what an uploaded list does not tell of itself."""


@dataclass(frozen=True)
class RoomList:
    """A list of rooms as it was uploaded.

    Parameters
    ----------
    name, content
        What the file is called, without folders, and its bytes.
    crs
        System of its coordinates, one of `DATUMS`; None: what the file carries.
    """

    name: str
    content: bytes
    crs: str | None


@dataclass(frozen=True)
class SitesWanted:
    """What is asked for.

    Parameters
    ----------
    count, share
        How many sites at most, or the share of households to cover with the fewest or cheapest; one of the two.
    budget
        What the sites may cost together, in the unit of the candidates' costs; None: anything.
    rooms
        Candidates; None: street corners near people.
    """

    count: int | None
    share: float | None
    budget: float | None
    rooms: RoomList | None

    def rules(self, reach: ReachRules) -> SitingRules:
        """Return the rules of the siting run."""
        return SitingRules(
            reach=reach, count=self.count, share=self.share, budget=self.budget, time_limit_s=TIME_LIMIT_S
        )


def sites_wanted(values: Mapping[str, Any], rooms: RoomList | None) -> SitesWanted:
    """Return what the fields of a form ask for.

    Parameters
    ----------
    values
        ``question`` (count or share), ``count``, ``percent`` and perhaps ``budget``, as texts.
    rooms
        The list that came along; None: none.

    Raises
    ------
    InputError
        A value is missing, no number, or out of range; the file is too large, or of a datum nobody knows.
    """
    if rooms is not None and len(rooms.content) > MOST_FILE_BYTES:
        raise InputError(
            Text(
                f"{rooms.name} 超过 {MOST_FILE_BYTES // 1000} KB，请只留候选点所需的列",
                f"{rooms.name} is larger than {MOST_FILE_BYTES // 1000} kB; leave only the columns that are needed",
            )
        )
    if rooms is not None and rooms.crs not in {None, *DATUMS}:
        raise InputError(Text("请选择清单坐标所用的坐标系", "choose the system of the list's coordinates"))
    budget = _number(values, "budget", "预算", 0.0, 1e12) if str(values.get("budget") or "").strip() else None
    if text_of(values, "question", "count") == "share":
        percent = _number(values, "percent", "目标覆盖率", 0.1, 100.0)
        return SitesWanted(None, round(percent / 100, 6), None, rooms)
    return SitesWanted(whole_of(values, "count", 1, MOST_SITES), None, budget, rooms)


def ask_sites(conn: Connection, city: City, wanted: SitesWanted, account: Account) -> tuple[int, list[ImportNote]]:
    """Ask for sites; return the number of the job and what was noticed in the list of rooms.

    Raises
    ------
    InputError
        The list of rooms is at fault, or the questions do not go together.
    """
    rules = wanted.rules(_reach(conn, city))
    notes: tuple[ImportNote, ...] = ()
    rooms: dict[str, Any] | None = None
    if wanted.rooms is not None:
        with TemporaryDirectory() as folder:
            path = _written(wanted.rooms, Path(folder))
            _, notes = read_candidates(
                path, regions.load_regions(conn, city), city.metric_crs, crs=wanted.rooms.crs, cures=ON_PAGE
            )
        rooms = {
            "name": wanted.rooms.name,
            "content": base64.b64encode(wanted.rooms.content).decode(),
            "crs": wanted.rooms.crs,
        }
    parameters = {"city": city.name, "rules": rules.as_dict(), "rooms": rooms}
    return ask_job(conn, KIND, parameters, account), list(notes)


def find_sites(conn: Connection, job: JobRecord, report: Report) -> dict[str, Any]:
    """Find the sites of a job, and store the run for the page that asked; the map goes on showing its own.

    Returns
    -------
    dict
        ``city``, the ``run`` by its number, and how many ``sites`` it opens.

    Raises
    ------
    UnknownCityError, NoNetworkError, InputError
        As :func:`gis_service.workflows.site_facilities.site_facilities`.
    """
    values = job.parameters
    rules = SitingRules.from_dict(values["rules"])
    with TemporaryDirectory() as folder:
        path, crs = None, None
        if values["rooms"] is not None:
            rooms = RoomList(
                values["rooms"]["name"], base64.b64decode(values["rooms"]["content"]), values["rooms"]["crs"]
            )
            path, crs = _written(rooms, Path(folder)), rooms.crs
        sited = site_facilities(
            conn,
            values["city"],
            rules=rules,
            candidates=path,
            candidates_crs=crs,
            unless_current=True,
            on_map=False,
            report=report,
        )
    return {"city": values["city"], "run": sited.run.id, "sites": len(sited.run.result.sites)}


def run_words(run: SitingHead) -> tuple[Text, Text]:
    """Return what a siting run was asked, and how good its answer is; of a run no longer understood, that it is so."""
    try:
        rules = SitingRules.from_dict(run.rules)
        return question_text(rules, run.summary, given=run.given), answer_text(rules, run.summary)
    except (InputError, KeyError):  # another version of the software kept other rules or remarks
        version = run.software_version
        return (
            Text(f"选址结果 {run.id}，由版本 {version} 存储", f"siting run {run.id}, stored by version {version}"),
            Text(
                "本版本读不出它的条件和差距，请重新测算",
                "this version cannot read what was asked, nor how good the answer is; please ask again",
            ),
        )


def room_list(name: str, content: bytes, crs: str) -> RoomList:
    """Return an uploaded list; a name that is no file's is replaced by one that is.

    Raises
    ------
    InputError
        The file is empty.
    """
    plain = PurePosixPath(name.replace("\\", "/")).name
    if not content:
        raise InputError(Text("上传的清单是空文件，请重新选择", "the uploaded list is an empty file; choose it again"))
    if not plain.isprintable() or not 0 < len(plain) <= LONGEST_NAME or not plain.strip("."):
        plain = "rooms"
    return RoomList(plain, content, crs or None)


def _reach(conn: Connection, city: City) -> ReachRules:
    """Return what counts as reached: what does in the run that the city's map shows."""
    return reach_runs.load_rules(conn, city) or ReachRules()


def _written(rooms: RoomList, folder: Path) -> Path:
    path = folder / rooms.name
    path.write_bytes(rooms.content)
    return path


def _number(values: Mapping[str, Any], name: str, called: str, low: float, high: float) -> float:
    text = str(values.get(name) or "").strip().rstrip("%％")
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise InputError(
            Text(f"{called}应为 {low:g} 到 {high:g} 的数", f"{name} must be a number from {low:g} to {high:g}")
        )
    return number
