"""Communities as the planner's pages know them: who may see which, with its plans and what a map of it is drawn on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, current_app
from flask_wtf.csrf import generate_csrf

from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_city
from gis_service.db.desk_lists import DeskCommunity, load_community_plans, load_desk_communities
from gis_service.db.engine import Connection
from gis_service.db.layers import Edition, load_edition
from gis_service.db.plans import PlanRecord
from gis_service.maps.fetched_layer import LayerAddress
from gis_service.plan.rules import Rules
from gis_service.web.audience import is_staff, version_for
from gis_service.web.desk_words import desk_texts
from gis_service.web.language import language
from gis_service.web.map_page import tiles_address
from gis_service.web.sign_in import signed_in

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
        """The plan that counts as today's; None: there is none yet. Tentative plans are none before approval."""
        return next((plan for plan in self.plans if plan.id in self.edition.plans), None)

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


def own_account() -> Account:
    """Return who is signed in, behind :func:`for_account`."""
    account = signed_in()
    assert account is not None  # noqa: S101 nobody else comes past the guard
    return account


def communities_of(conn: Connection, city: City, account: Account) -> list[DeskCommunity]:
    """Return the communities of a city in which an account has a role."""
    if not any(grant.city in {"", city.name} for grant in account.grants):
        return []
    return [
        row
        for row in load_desk_communities(conn, load_edition(conn, city))
        if any(grant.covers(city.name, row.regions) for grant in account.grants)
    ]


def place_of(conn: Connection, city_name: str, code: str) -> Place:
    """Return a community; 404 for those without any role in it, as if it were not there."""
    city = load_city(conn, city_name)
    known = next((row for row in communities_of(conn, city, own_account()) if row.code == code), None)
    if known is None:
        abort(404)
    edition = load_edition(conn, city)
    return Place(city, edition, known, load_community_plans(conn, edition, code))


def ground_of(city: City, version: str, basemap: str) -> list[LayerAddress]:
    """Return what is drawn below grids, and the buildings above them for those who may see them."""
    staff = is_staff(city)
    named = version_for(version, staff=staff)
    wanted = {"base": basemap == "own", "buildings": staff}
    return [tiles_address(name, city, named, shown=True) for name, present in wanted.items() if present]


def island_of(place: Place, basemap: str) -> dict[str, Any]:
    """Return what the code of a page with maps of a community needs: the ground, the page's token and all words."""
    ground = ground_of(place.city, place.edition.version, basemap)
    return {
        "token": generate_csrf(),
        "ground": [{"name": each.name, "url": each.url, "minZoom": each.min_zoom} for each in ground],
        "texts": desk_texts(language()),
        "urls": {},
    }
