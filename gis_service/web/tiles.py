"""Vector tiles of our own base map and of the buildings."""

from typing import cast

from flask import Blueprint, Response, abort, request

from gis_service.db.cities import load_city
from gis_service.db.engine import reading
from gis_service.db.layers import TileName, load_edition, tile_mvt
from gis_service.web.audience import current_settings, is_staff, tiles_for
from gis_service.web.responses import versioned

blueprint = Blueprint("tiles", __name__, url_prefix="/tiles")

MAX_ZOOM = 18
"""Closest zoom that tiles are made for; closer views enlarge it."""


@blueprint.get("/<layer>/<int:z>/<int:x>/<int:y>.mvt")
def mvt(layer: str, z: int, x: int, y: int) -> Response:
    """Return one tile of ``?city=``."""
    if z > MAX_ZOOM or x >= 2**z or y >= 2**z:
        abort(404)
    with reading(current_settings()) as conn:
        known = load_city(conn, request.args.get("city", ""))
        staff = is_staff(known)
        if layer not in tiles_for(staff=staff):
            abort(404)
        edition = load_edition(conn, known)
        return versioned(
            edition.version,
            layer,
            (z, x, y),
            staff=staff,
            mimetype="application/vnd.mapbox-vector-tile",
            body=lambda: tile_mvt(conn, edition, cast("TileName", layer), (z, x, y)),
        )
