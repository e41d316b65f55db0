"""The first page: the public's where the city is clear, otherwise the cities there are."""

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, make_response, render_template, request

from gis_service.db.cities import City, load_cities
from gis_service.db.engine import reading
from gis_service.web import locator
from gis_service.web.audience import current_settings
from gis_service.web.sign_in import signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> Response:
    """Return the public's page of the city chosen before or the only one there is; staff choose a city's map."""
    settings = current_settings()
    with reading(settings) as conn:
        known = load_cities(conn)
        city = None if settings.staff_view or signed_in() else _clear_city(known)
        return make_response(_list(known)) if city is None else locator.start(conn, city)


@blueprint.get("/cities")
def cities() -> str:
    """Return the list of cities."""
    with reading(current_settings()) as conn:
        return _list(load_cities(conn))


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Return the icon to browsers that look for it at its old address."""
    return current_app.send_static_file("favicon.svg")


def _list(known: Sequence[City]) -> str:
    return render_template(
        "home.html",
        cities=sorted(known, key=lambda city: (city.synthetic, city.name)),
        staff=current_settings().staff_view,
    )


def _clear_city(known: Sequence[City]) -> City | None:
    """Return the city that the reader looked at last, else the only real one, else the only one; None: unclear."""
    chosen = request.cookies.get(locator.CITY_COOKIE)
    candidates = (
        [city for city in known if city.name == chosen],
        [city for city in known if not city.synthetic],
        list(known),
    )
    return next((cities[0] for cities in candidates if len(cities) == 1), None)
