"""Places by name, and names of where somebody is; a position is used and forgotten."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gis_service.db.cities import load_city
from gis_service.db.engine import reading
from gis_service.web.api_nearest import BadQuestionError, json_body, read_fields, refusal
from gis_service.web.audience import current_settings
from gis_service.web.language import language
from gis_service.web.locator_form import WORDS_LENGTH
from gis_service.web.public_city import hold_locators, local_now, locator_of
from gis_service.web.sign_in import csrf
from gis_service.workflows.gazetteer import Place, find

blueprint = Blueprint("api_places", __name__)
csrf.exempt(blueprint)  # changes nothing and asks nobody who they are
hold_locators(blueprint)

HITS = 8
WHERE_FIELDS = ("lon", "lat", "datum")


@blueprint.get("/api/v1/cities/<city>/places")
def places(city: str) -> Response:
    """Return the estates, communities, roads and public facilities that ``?q=`` may mean, the likeliest first."""
    words = request.args.get("q", "").strip()[:WORDS_LENGTH]
    with reading(current_settings()) as conn:
        gazetteer = locator_of(conn, load_city(conn, city)).gazetteer
    return jsonify(places=[_told(place) for place, _ in find(gazetteer, words, HITS)])


@blueprint.post("/api/v1/where")
def where() -> Response:
    """Return what is around a position, by name."""
    try:
        name, given = read_fields(json_body(), WHERE_FIELDS)
        with reading(current_settings()) as conn:
            locator = locator_of(conn, load_city(conn, name))
    except BadQuestionError as fault:
        return refusal(fault)
    found = locator.where(**given)
    contact = locator.contact(found, now=local_now(), **given)
    centre = None if contact is None else {"facility_id": contact.id, "name": contact.name, "phone": contact.phone}
    return jsonify(
        street=found.street,
        community=found.community,
        estate=found.estate,
        road=found.road,
        grid=found.grid,
        grid_phone=found.grid_phone,
        service_centre=centre,
    )


def _told(place: Place) -> dict[str, Any]:
    return {
        "key": place.key,
        "name": place.name,
        "kind": place.kind,
        "kind_name": place.kind_name.in_language(language()),
        "community": place.community,
        "address": place.address,
        "lon": place.lon,
        "lat": place.lat,
    }
