"""The planner's desk as pages: one's communities, a community with its grids and drafts, and a draft on the map."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from itertools import groupby
from typing import Any, ParamSpec, TypeVar

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from gis_service.db import drafts
from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_cities, load_city
from gis_service.db.desk_lists import DeskCommunity, load_community_plans, load_desk_communities
from gis_service.db.engine import Connection, begin, reading
from gis_service.db.given_grids import load_given_grids
from gis_service.db.layers import Edition, load_edition, load_grid_rows
from gis_service.db.plans import PlanRecord
from gis_service.errors import InputError
from gis_service.maps.city_map import city_map, render_parts
from gis_service.maps.fetched_layer import LayerAddress
from gis_service.maps.plan_editor import PlanEditor
from gis_service.plan.rules import STATUS_LABELS, TEST_LABELS, Rules, judge
from gis_service.web.audience import current_settings, is_staff, version_for
from gis_service.web.desk_words import COMMAND_NAMES, STATE_NAMES, desk_texts, origin_name
from gis_service.web.labels import statuses
from gis_service.web.language import language
from gis_service.web.map_page import tiles_address
from gis_service.web.plan_choice import plan_label
from gis_service.web.sign_in import signed_in
from gis_service.workflows import desk
from gis_service.workflows.draft_bases import NOTHING, TODAY
from gis_service.workflows.draft_views import land_extent

blueprint = Blueprint("planner", __name__, url_prefix="/planner")

MOST_GRIDS = 999
"""Grids of one community that are listed; there are no more codes than that."""
TITLE_LENGTH = 80

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Place:
    """A community of a city, as the plans stand that are shown.

    Parameters
    ----------
    city
        Its city.
    edition
        What the city's map shows.
    community
        The community.
    plans
        Its plans, the one shown first.
    """

    city: City
    edition: Edition
    community: DeskCommunity
    plans: list[PlanRecord]

    @property
    def shown(self) -> PlanRecord | None:
        """The plan the map shows here; None: there is none yet."""
        return self.plans[0] if self.plans and self.plans[0].id in self.edition.plans else None

    @property
    def rules(self) -> Rules:
        """What a new draft is judged by: the rules of the plan shown, or the standard."""
        return Rules() if self.shown is None else Rules.from_dict(self.shown.rules)


def for_account(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
    """Send strangers to sign in."""

    @wraps(view)
    def guarded(*arguments: Parameters.args, **named: Parameters.kwargs) -> Answer:
        if signed_in() is None:
            answer: Answer = current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            return answer
        return view(*arguments, **named)

    return guarded


@blueprint.get("/")
@for_account
def index() -> str:
    """Return the communities in which the account has a role, by city and street."""
    account = _account()
    with reading(current_settings()) as conn:
        listed = [(city, _communities(conn, city, account)) for city in _sorted(load_cities(conn))]
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
    """Return a community: the grids of the plan shown, its drafts, and the form for a new draft."""
    with reading(current_settings()) as conn:
        return _page(conn, _place(conn, city, community))


@blueprint.post("/<city>/<community>/drafts")
@for_account
def begin_draft(city: str, community: str) -> Response | tuple[str, int]:
    """Begin a draft and go to its desk, or say in one sentence why not."""
    account, form = _account(), request.form
    with reading(current_settings()) as conn:
        place = _place(conn, city, community)
    if not account.may("planner", city, place.community.regions):
        abort(403)
    origin = form.get("origin", "")
    rules = next((Rules.from_dict(plan.rules) for plan in place.plans if plan.name == origin), place.rules)
    try:
        with begin(current_settings()) as conn:
            begun = desk.begin_draft(
                conn,
                city,
                community,
                origin=origin,
                title=form.get("title", "").strip()[:TITLE_LENGTH],
                rules=rules,
                account=account,
            )
    except InputError as fault:
        with reading(current_settings()) as conn:
            return _page(conn, _place(conn, city, community), refused=fault.text.in_language(language())), 400
    return redirect(url_for("planner.draft", number=begun.record.id))


@blueprint.get("/drafts/<int:number>")
@for_account
def draft(number: int) -> str:
    """Return the desk: a draft on the map, to be changed by those who may."""
    account, settings = _account(), current_settings()
    with reading(settings) as conn:
        opened = desk.open_draft(conn, number)
        record, city = opened.record, opened.city
        if not any(grant.covers(city.name, record.regions) for grant in account.grants):
            abort(404)
        version = load_edition(conn, city).version
    page_map = city_map(extent=land_extent(opened), layers=_ground(city, version, settings.basemap))
    PlanEditor(url_for("desk_api.show", number=number)).add_to(page_map)
    return render_template(
        "planner_desk.html",
        record=record,
        city=city,
        parts=render_parts(page_map),
        island={
            "number": number,
            "who": desk.who(account),
            "token": generate_csrf(),
            "urls": {
                "sign_in": url_for("account.sign_in", next=request.path),
                "draft": url_for("planner.draft", number=0),
                "map": url_for("map_page.show", city=city.name),
            },
            "texts": desk_texts(language()),
        },
        commands={name: text.in_language(language()) for name, text in COMMAND_NAMES.items()},
    )


@blueprint.app_template_global()
def state_name(state: str) -> str:
    """Return what people call the state of a draft."""
    return STATE_NAMES[state].in_language(language())


blueprint.add_app_template_global(plan_label, "plan_label")


@blueprint.app_template_global("origin_name")
def origin_words(origin: str) -> str:
    """Return what people call what a draft begins with."""
    return origin_name(origin, language())


def _ground(city: City, version: str, basemap: str) -> list[LayerAddress]:
    """Return what is drawn below a draft, and the buildings above it for those who may see them."""
    staff = is_staff(city)
    named = version_for(version, staff=staff)
    wanted = {"base": basemap == "own", "buildings": staff}
    return [tiles_address(name, city, named, shown=True) for name, present in wanted.items() if present]


def _account() -> Account:
    account = signed_in()
    assert account is not None  # noqa: S101 nobody else comes past the guard
    return account


def _sorted(cities: list[City]) -> list[City]:
    return sorted(cities, key=lambda city: (city.synthetic, city.name))


def _communities(conn: Connection, city: City, account: Account) -> list[DeskCommunity]:
    """Return the communities of a city in which an account has a role."""
    if not any(grant.city in {"", city.name} for grant in account.grants):
        return []
    return [
        row
        for row in load_desk_communities(conn, load_edition(conn, city))
        if any(grant.covers(city.name, row.regions) for grant in account.grants)
    ]


def _place(conn: Connection, city_name: str, code: str) -> Place:
    """Return a community; 404 for those without any role in it, as if it were not there."""
    city = load_city(conn, city_name)
    known = next((row for row in _communities(conn, city, _account()) if row.code == code), None)
    if known is None:
        abort(404)
    edition = load_edition(conn, city)
    return Place(city, edition, known, load_community_plans(conn, edition, code))


def _page(conn: Connection, place: Place, refused: str | None = None) -> str:
    account, code = _account(), place.community.code
    given = load_given_grids(conn, place.city)
    here = given[(given["community_code"] == code) & (given["kind"] == "base")]
    rows, _ = load_grid_rows(conn, place.edition, community=code, status=None, limit=MOST_GRIDS, offset=0)
    return render_template(
        "planner_community.html",
        city=place.city,
        community=place.community,
        shown=place.shown,
        rules=place.rules,
        grids=[_tested(row, place.rules) for row in rows],
        drafts=drafts.load_drafts(conn, place.city, code),
        may_plan=account.may("planner", place.city.name, place.community.regions),
        origins=[*([TODAY] if len(here) else []), *(plan.name for plan in place.plans), NOTHING],
        given=len(here),
        form=request.form,
        refused=refused,
    )


def _tested(row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """Return a grid with both its tests, in words."""
    verdict, spoken = judge(row["households"], row["residents"], row["kind"], rules), language()
    words = {name: TEST_LABELS[test].in_language(spoken) for name, test in asdict(verdict).items() if name != "status"}
    return {**row, **words, "status_label": STATUS_LABELS[row["status"]].in_language(spoken)}
