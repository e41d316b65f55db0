"""The planner's desk as pages: one's communities, a community with its grids and drafts, and a draft on the map."""

from datetime import date
from itertools import groupby

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from gis_service.db import drafts, plan_history, plans
from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_cities
from gis_service.db.engine import Connection, begin, reading
from gis_service.db.estates import load_estates
from gis_service.db.given_grids import load_given_grids
from gis_service.db.layers import load_edition
from gis_service.db.plans import PlanRecord
from gis_service.errors import InputError
from gis_service.maps.city_map import city_map, render_parts
from gis_service.maps.plan_editor import PlanEditor
from gis_service.plan.priorities import SOFT_RULES, WISHES
from gis_service.plan.rules import BASIS_LABELS, Rules
from gis_service.web.audience import current_settings
from gis_service.web.desk_words import COMMAND_NAMES, STATE_NAMES, desk_texts, origin_name
from gis_service.web.labels import statuses
from gis_service.web.language import language
from gis_service.web.plan_choice import plan_label
from gis_service.web.planner_places import (
    Place,
    communities_of,
    for_account,
    ground_of,
    island_of,
    own_account,
    place_of,
)
from gis_service.workflows import desk
from gis_service.workflows.desk_access import who
from gis_service.workflows.desk_plans import kept_from
from gis_service.workflows.draft_uploads import DATUMS, MOST_BYTES, UPLOAD, Upload, begin_from_upload
from gis_service.workflows.draft_views import land_extent
from gis_service.workflows.moments import office_today
from gis_service.workflows.plan_names import NOTHING, TODAY
from gis_service.workflows.plan_versions import PlanVersion, load_version
from gis_service.workflows.version_views import grid_rows, history_of, shown_outlines

blueprint = Blueprint("planner", __name__, url_prefix="/planner")

TITLE_LENGTH = 80
DATUM_NAMES = dict(zip(DATUMS, ("WGS84", "CGCS2000", "GCJ-02", "BD-09"), strict=True))


@blueprint.get("/")
@for_account
def index() -> str:
    """Return the communities in which the account has a role, by city and street."""
    account = own_account()
    with reading(current_settings()) as conn:
        listed = [(city, communities_of(conn, city, account)) for city in _sorted(load_cities(conn))]
    return render_template(
        "planner_index.html",
        cities=[
            (city, [(name, list(rows)) for name, rows in groupby(known, lambda row: row.street_name)])
            for city, known in listed
            if known
        ],
        statuses=statuses(),
    )


@blueprint.get("/<city>/<community>")
@for_account
def community(city: str, community: str) -> str:
    """Return a community: its grids today, or of ``?plan=`` or on the day ``?on=``, its plans and drafts."""
    with reading(current_settings()) as conn:
        return _page(conn, place_of(conn, city, community))


@blueprint.post("/<city>/<community>/drafts")
@for_account
def begin_draft(city: str, community: str) -> Response | tuple[str, int]:
    """Begin a draft and go to its desk, or say in one sentence why not."""
    account, form = own_account(), request.form
    with reading(current_settings()) as conn:
        place = place_of(conn, city, community)
    if not account.may("planner", city, place.community.regions):
        abort(403)
    try:
        with begin(current_settings()) as conn:
            begun = _begin(conn, place, form.get("origin", ""), form.get("title", "").strip()[:TITLE_LENGTH], account)
    except InputError as fault:
        with reading(current_settings()) as conn:
            refused = fault.text.in_language(language())
            return _page(conn, place_of(conn, city, community), refused=refused), 400
    return redirect(url_for("planner.draft", number=begun.record.id))


@blueprint.get("/drafts/<int:number>")
@for_account
def draft(number: int) -> str:
    """Return the desk: a draft on the map, to be changed by those who may."""
    account, settings = own_account(), current_settings()
    with reading(settings) as conn:
        opened = desk.open_draft(conn, number)
        record, city = opened.record, opened.city
        if not any(grant.covers(city.name, record.regions) for grant in account.grants):
            abort(404)
        version = load_edition(conn, city).version
        names = _estate_names(conn, opened)
        listed = drafts.load_drafts(conn, city, record.community_code)
    others = {each.id for each in listed if each.state == "draft" and each.id != number}
    parent, _ = kept_from(record.base["origin"]) or (None, None)
    page_map = city_map(extent=land_extent(opened), layers=ground_of(city, version, settings.basemap))
    PlanEditor(url_for("desk_api.show", number=number)).add_to(page_map)
    return render_template(
        "planner_desk.html",
        record=record,
        city=city,
        parts=render_parts(page_map),
        island={
            "number": number,
            "who": who(account),
            "token": generate_csrf(),
            "urls": {
                "sign_in": url_for("account.sign_in", next=request.path),
                "draft": url_for("planner.draft", number=0),
                "map": url_for("map_page.show", city=city.name),
                "compare": url_for(
                    "plan_pages.compare", city=city.name, community=record.community_code, new=f"draft:{number}"
                ),
                "export": url_for("planner_jobs.export", number=number, what="WHAT"),
                "parent": url_for("planner.draft", number=parent, _anchor=f"merge={number}")
                if parent in others
                else None,
            },
            "others": bool(others),
            "estateNames": names,
            "texts": desk_texts(language()),
        },
        commands={name: text.in_language(language()) for name, text in COMMAND_NAMES.items()},
    )


def _begin(conn: Connection, place: Place, origin: str, title: str, account: Account) -> desk.OpenDraft:
    """Begin a draft with a plan, with today's grids, with nothing, or with a file that was sent along."""
    city, community = place.city.name, place.community.code
    if origin != UPLOAD:
        rules = next((Rules.from_dict(plan.rules) for plan in place.plans if plan.name == origin), place.rules)
        return desk.begin_draft(conn, city, community, origin=origin, title=title, rules=rules, account=account)
    sent, datum = request.files.get("file"), request.form.get("datum", "")
    upload = Upload("", b"", datum) if sent is None else Upload(sent.filename or "", sent.read(), datum)
    return begin_from_upload(conn, city, community, upload=upload, title=title, rules=place.rules, account=account)


@blueprint.app_template_global()
def state_name(state: str) -> str:
    """Return what people call the state of a draft."""
    return STATE_NAMES[state].in_language(language())


blueprint.add_app_template_global(plan_label, "plan_label")


@blueprint.app_template_global("origin_name")
def origin_words(origin: str) -> str:
    """Return what people call what a draft begins with."""
    return origin_name(origin, language())


def _estate_names(conn: Connection, opened: desk.OpenDraft) -> dict[str, str]:
    """Return the names of the estates on a draft's land, by id."""
    here = {estate for estate in opened.draft.land.estate_id.tolist() if estate is not None}
    known = load_estates(conn, opened.city) if here else None
    return {} if known is None else dict(known.loc[known["id"].isin(here), ["id", "name"]].itertuples(index=False))


def _sorted(cities: list[City]) -> list[City]:
    return sorted(cities, key=lambda city: (city.synthetic, city.name))


def _page(conn: Connection, place: Place, refused: str | None = None) -> str:
    account, spoken, code = own_account(), language(), place.community.code
    given = load_given_grids(conn, place.city)
    today = int(((given["community_code"] == code) & (given["kind"] == "base")).sum())
    day, shown, missing = _asked(conn, place)
    version = _version(conn, place, shown, day, today)
    record = shown or place.shown
    approved = [each for each in plan_history.load_approved(conn, place.city) if each.community_code == code]
    drafted = drafts.load_drafts(conn, place.city, code)
    island = island_of(place, current_settings().basemap)
    island["outlines"] = None if version is None else shown_outlines(version, code)
    if version is not None and version.name != TODAY:
        island["urls"] = {
            "export": url_for(
                "planner_jobs.export_of_plan", city=place.city.name, community=code, what="WHAT", plan=version.name
            )
        }
    return render_template(
        "planner_community.html",
        city=place.city,
        community=place.community,
        day=day,
        missing=missing,
        shown=record if version is not None and version.name != TODAY else None,
        rules=place.rules if version is None else version.rules,
        grids=[] if version is None else grid_rows(version, code, spoken),
        locked=frozenset(record.account.get("locked", ())) if record is not None else frozenset(),
        drafts=drafted,
        history=history_of(approved, office_today()),
        draft_of={each.plan_id: each.id for each in drafted if each.plan_id is not None},
        approved={each.name: each.id for each in approved},
        plans=place.plans,
        may_plan=account.may("planner", place.city.name, place.community.regions),
        may_review=account.may("reviewer", place.city.name, place.community.regions),
        revoked=frozenset(plan.name for plan in place.plans if plan.revoked),
        origins=[*([TODAY] if today else []), *(plan.name for plan in place.plans), UPLOAD, NOTHING],
        starts=[NOTHING, *([TODAY] if today else []), *(plan.name for plan in place.plans)],
        most_bytes=MOST_BYTES,
        datums=DATUM_NAMES,
        wishes={wish: SOFT_RULES[wish].in_language(spoken) for wish in WISHES},
        bases={basis: label.in_language(spoken) for basis, label in BASIS_LABELS.items()},
        given=today,
        form=request.form,
        refused=refused,
        island=island,
        parts=render_parts(city_map(extent=None, layers=())),
    )


def _asked(conn: Connection, place: Place) -> tuple[date | None, PlanRecord | None, str | None]:
    """Return the day and the plan a request asks for, and what to say where there is none."""
    named, day = request.args.get("plan", ""), request.args.get("on", "")
    if named:
        found = next((each for each in place.plans if each.name == named), None)
        return None, found, None if found else gettext("这个社区没有这个方案。")
    if not day:
        return None, None, None
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        return None, None, gettext("日期应写成 2026-01-31 的样子。")
    records = plans.load_plans(conn, place.city, on=wanted)
    found = next((each for each in records if each.community_code == place.community.code), None)
    said = gettext("%(day)s 没有已批准的方案在实施。", day=wanted.isoformat())
    return wanted, found, None if found else said


def _version(
    conn: Connection, place: Place, asked: PlanRecord | None, day: date | None, today: int
) -> PlanVersion | None:
    """Return what the page shows: the plan asked for, else the plan shown, else the grids in the data."""
    record = asked if asked is not None or day is not None else place.shown
    if record is not None:
        return load_version(conn, place.city, place.community.code, record.name)
    return load_version(conn, place.city, place.community.code, TODAY, place.rules) if today and day is None else None
