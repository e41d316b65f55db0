"""Pages that set plans of a community side by side: the proposals of a job, and any two versions."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from gis_service.db import drafts, jobs
from gis_service.db.engine import Connection, reading
from gis_service.db.given_grids import load_given_grids
from gis_service.db.jobs import JobRecord
from gis_service.db.plans import PlanRecord
from gis_service.errors import InputError, Text, UnknownDraftError, UnknownPlanError
from gis_service.maps.city_map import city_map, render_parts
from gis_service.plan.priorities import SOFT_RULES
from gis_service.plan.rules import STATUS_LABELS
from gis_service.web.audience import current_settings
from gis_service.web.desk_words import origin_name
from gis_service.web.language import language
from gis_service.web.planner_places import Place, for_account, island_of, own_account, place_of
from gis_service.workflows import propose_draft
from gis_service.workflows.compare_plans import compare_versions
from gis_service.workflows.desk_plans import APPROVED, OPEN, approved_name
from gis_service.workflows.moments import office_minute
from gis_service.workflows.plan_names import NOTHING, TODAY
from gis_service.workflows.plan_versions import DRAFT, TITLE_OF_TODAY, load_version, title_of_draft, title_of_plan
from gis_service.workflows.version_views import origins_of, outlines, retired_of, shown_outlines

blueprint = Blueprint("plan_pages", __name__, url_prefix="/planner")

SHOWN_COLUMNS = ("status", "households")


@blueprint.get("/<city>/<community>/proposals/<int:number>")
@for_account
def proposals(city: str, community: str, number: int) -> str:
    """Return how far a job is, and what it proposes as soon as it is done: side by side, to be taken as a draft."""
    with reading(current_settings()) as conn:
        place = place_of(conn, city, community)
        job = _job(conn, place, number)
        made = _made(conn, place, job)
    island = island_of(place, current_settings().basemap)
    account = own_account()
    island["versions"] = [each.pop("outlines") for each in made]
    if account.id == job.account_id:
        island["urls"] = {
            "job": url_for("planner_jobs.show", number=number),
            "cancel": url_for("planner_jobs.cancel", number=number),
        }
    return render_template(
        "planner_proposals.html",
        city=place.city,
        community=place.community,
        shown=place.shown,
        job=job,
        step=job.step.get(language()),
        fault=None if job.fault is None else job.fault.in_language(language()),
        start=None if job.parameters["start"] == NOTHING else origin_name(job.parameters["start"], language()),
        proposals=made,
        may_plan=account.may("planner", place.city.name, place.community.regions),
        island=island,
        parts=render_parts(city_map(extent=None, layers=())),
    )


@blueprint.get("/<city>/<community>/compare")
@for_account
def compare(city: str, community: str) -> tuple[str, int]:
    """Return two versions of a community's grids side by side, ``?old=`` and ``?new=``."""
    spoken, settings = language(), current_settings()
    with reading(settings) as conn:
        place = place_of(conn, city, community)
        versions = _versions(conn, place)
        new, old = _asked(place, [name for name, _ in versions])
        told, refused = None, None
        try:
            told = compare_versions(conn, city, community, old, new) if old and new else None
        except (InputError, UnknownPlanError, UnknownDraftError) as fault:
            refused = fault.text.in_language(spoken)
    island = island_of(place, settings.basemap)
    if told is not None:
        island["versions"] = [outlines(each.grids, SHOWN_COLUMNS, community) for each in (told.old, told.new)]
        island["moved"] = told.as_dict(spoken)["moved"]
    page = render_template(
        "planner_compare.html",
        city=place.city,
        community=place.community,
        versions=versions,
        old=old,
        new=new,
        told=told,
        spoken=spoken,
        titles=None if told is None else [each.title.in_language(spoken) for each in (told.old, told.new)],
        by_code=[]
        if told is None
        else [{each.code: each for each in side} for side in (told.old_grids, told.new_grids)],
        origins={} if told is None else origins_of(told),
        retired=retired_of(told, community) if told and _was_in_force(place, old) else [],
        status_names={status: label.in_language(spoken) for status, label in STATUS_LABELS.items()},
        papers=_papers_of(place, new),
        refused=refused,
        island=island,
        parts=render_parts(city_map(extent=None, layers=())),
    )
    return page, 400 if refused else 200


def _job(conn: Connection, place: Place, number: int) -> JobRecord:
    """Return a job that proposes plans for a community; whoever has a role there may look at what it proposes."""
    job = jobs.load_job(conn, number)
    if job is None or job.kind != propose_draft.KIND:
        abort(404)
    asked = job.parameters
    if (asked["city"], asked["community"]) != (place.city.name, place.community.code):
        abort(404)
    if job.state != "done" and job.account_id != own_account().id:
        abort(404)
    return job


def _made(conn: Connection, place: Place, job: JobRecord) -> list[dict[str, Any]]:
    """Return the proposals of a job that are still stored, with what maps draw of each."""
    code = place.community.code
    made = []
    for each in (job.result or {}).get("proposals", []):
        try:
            version = load_version(conn, place.city, code, each["name"])
        except (InputError, UnknownPlanError):
            continue  # deleted since
        made.append(
            {
                **each,
                "title": each["title"][language()],
                "first": SOFT_RULES[each["wish"]].in_language(language()),
                "outlines": shown_outlines(version, code),
            }
        )
    return made


def _asked(place: Place, names: list[str]) -> tuple[str, str]:
    """Return the new and the old version that a request names; else what is worked on, and what is shown today.

    What an approved draft became is never its own old version: that is the plan before it, or what it began with.
    """
    new = request.args.get("new") or next(iter(names), "")
    draft, shown = DRAFT.fullmatch(new), place.shown
    same = {new} if draft is None else {new, approved_name(int(draft[1]))}
    usual = [] if shown is None else [shown.name, *_before(place, shown), str(shown.account.get("start", ""))]
    old = request.args.get("old") or next(
        (name for name in [*usual, TODAY, *names] if name in names and name not in same), ""
    )
    return new, old


def _before(place: Place, shown: PlanRecord) -> list[str]:
    """Return the name of the plan that a plan in force took the place of, if there was one."""
    start = shown.effective_from
    return [plan.name for plan in place.plans if start is not None and plan.effective_to == start]


def _papers_of(place: Place, name: str) -> str | None:
    """Return where the papers of a version can be taken away; None: those of today's grids nowhere."""
    found = DRAFT.fullmatch(name) or APPROVED.fullmatch(name)
    if found is not None:
        return url_for("planner.draft", number=int(found[1]), _anchor="export")
    if not any(plan.name == name for plan in place.plans):
        return None
    code = place.community.code
    return url_for("planner.community", city=place.city.name, community=code, plan=name, _anchor="papers")


def _was_in_force(place: Place, name: str) -> bool:
    """Return whether the codes of a version were ever used: those of today's grids and of approved plans."""
    return name == TODAY or any(plan.name == name and plan.effective_from is not None for plan in place.plans)


def _versions(conn: Connection, place: Place) -> list[tuple[str, str]]:
    """Return the name and title of everything that can be compared, what is worked on first."""
    spoken, code = language(), place.community.code
    open_drafts = [each for each in drafts.load_drafts(conn, place.city, code) if each.state in OPEN]
    given = load_given_grids(conn, place.city)
    today = ((given["community_code"] == code) & (given["kind"] == "base")).any()
    named = [
        *((f"draft:{each.id}", _told_apart(title_of_draft(each), each.changed_at, each.id)) for each in open_drafts),
        *((each.name, _dated(each)) for each in place.plans),
        *([(TODAY, TITLE_OF_TODAY)] if today else []),
    ]
    return [(name, title.in_language(spoken)) for name, title in named]


def _dated(plan: PlanRecord) -> Text:
    """Return the title of a plan; with when it was made, where no day in force tells it from others."""
    title = title_of_plan(plan)
    return title if plan.effective_from is not None else _told_apart(title, plan.created_at)


def _told_apart(title: Text, at: datetime, number: int | None = None) -> Text:
    """Return a title with what tells it from others of the same words."""
    zh, en = ("", "") if number is None else (f"草案 {number}，", f"draft {number}, ")
    return Text(f"{title.zh}（{zh}{office_minute(at)}）", f"{title.en} ({en}{office_minute(at)})")
