"""Pages of single stations, and posters with QR codes for notice boards."""

import segno
from flask import Blueprint, Response, abort, g, render_template, request, url_for

from gis_service.db.cities import City, load_city
from gis_service.db.engine import reading
from gis_service.web.audience import current_settings, is_staff, staff_only
from gis_service.web.labels import facility_kinds
from gis_service.web.language import language
from gis_service.web.locator import keepable
from gis_service.web.public_city import local_now, locator_of
from gis_service.workflows.functions import BARRIER_FREE, function_named
from gis_service.workflows.locator import STANDARD, Locator, Question

blueprint = Blueprint("stations", __name__)

ON_POSTER = 3
"""Stations named on the poster of a place."""


@blueprint.get("/station/<city>/<path:code>")
def show(city: str, code: str) -> Response:
    """Return everything that is known of a station."""
    g.geolocation = True  # its browser goes on to the list
    known, locator = _load(city)
    station = locator.station(code, local_now())
    if station is None:
        abort(404)
    page = render_template(
        "station.html",
        city=known,
        station=station,
        signs=facility_kinds(),
        staff=is_staff(known),
        share=request.base_url,
        settings=current_settings(),
    )
    return keepable(page, known)


@blueprint.get("/poster/<city>/station/<path:code>")
def station_poster(city: str, code: str) -> str:
    """Return a poster of a station, to be printed by staff."""
    known, locator = _load(city)
    staff_only(known)
    station = locator.station(code, local_now())
    if station is None:
        abort(404)
    address = url_for("stations.show", city=city, code=code, _external=True)
    offers = [function.name.in_language(language()) for function in station.functions]
    if station.barrier_free:
        offers.insert(0, function_named(BARRIER_FREE).name.in_language(language()))
    return _poster(known, title=station.name, address=address, station=station, offers=offers)


@blueprint.get("/poster/<city>/place/<path:key>")
def place_poster(city: str, key: str) -> str:
    """Return a poster of an estate or another place with its nearest stations, to be printed by staff."""
    known, locator = _load(city)
    staff_only(known)
    place = locator.gazetteer.by_key.get(key)
    if place is None:
        abort(404)
    listing = locator.listing(Question(place.lon, place.lat, k=ON_POSTER), STANDARD, local_now())
    address = url_for("locator.at_place", city=city, key=key, _external=True)
    return _poster(known, title=place.name, address=address, listing=listing)


def _load(city: str) -> tuple[City, Locator]:
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        return known, locator_of(conn, known)


def _poster(city: City, *, title: str, address: str, **shown: object) -> str:
    code = segno.make(address, error="m", micro=False)
    drawing = code.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass="qr-line")
    return render_template("poster.html", city=city, title=title, address=address, qr=drawing, **shown)
