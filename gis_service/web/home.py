"""The start page: the cities there are."""

from flask import Blueprint, Response, current_app, render_template

from gis_service.db.cities import load_cities
from gis_service.db.engine import reading
from gis_service.web.audience import current_settings

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> str:
    """Return the list of cities."""
    with reading(current_settings()) as conn:
        cities = load_cities(conn)
    return render_template(
        "home.html",
        cities=sorted(cities, key=lambda city: (city.synthetic, city.name)),
        staff=current_settings().staff_view,
    )


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Return the icon to browsers that look for it at its old address."""
    return current_app.send_static_file("favicon.svg")
