"""Whether the service can answer."""

from flask import Blueprint, Response, jsonify

from gis_service import __version__
from gis_service.db.cities import load_cities
from gis_service.db.engine import reading
from gis_service.errors import GisServiceError
from gis_service.web.audience import current_settings
from gis_service.web.language import language

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Return 200 when cities can be read, otherwise 503 with the reason."""
    try:
        with reading(current_settings()) as conn:
            cities = len(load_cities(conn))
    except GisServiceError as fault:
        response = jsonify(status="unavailable", reason=fault.text.in_language(language()), version=__version__)
        response.status_code = 503
    else:
        response = jsonify(status="ok", cities=cities, version=__version__)
    response.headers["Cache-Control"] = "no-store"
    return response
