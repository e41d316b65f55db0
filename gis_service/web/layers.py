"""Layers of a city's map and what belongs to them: GeoJSON, one building, the search."""

from dataclasses import asdict
from datetime import date
from typing import cast

from flask import Blueprint, Response, abort, jsonify, request

from gis_service.db.cities import load_city
from gis_service.db.engine import reading
from gis_service.db.layers import (
    SHOWN_FROM,
    Detail,
    LayerName,
    layer_geojson,
    load_building,
    load_grid_account,
    search_places,
)
from gis_service.db.regions import find_region
from gis_service.web.audience import current_settings, is_staff, layers_for, staff_only
from gis_service.web.editions import asked_edition
from gis_service.web.responses import versioned

blueprint = Blueprint("layers", __name__, url_prefix="/api/v1/cities/<city>")

SEARCH_LIMIT = 20
SEARCH_LENGTH = 60
"""Longest search that is looked at [characters]."""


@blueprint.get("/layers/<layer>.geojson")
def geojson(city: str, layer: str) -> Response:
    """Return a layer; ``?detail=`` simplifies large areas for small scales; ``?plan=`` chooses for staff."""
    detail = request.args.get("detail", "full")
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        staff = is_staff(known)
        if layer not in layers_for(staff=staff) or detail not in SHOWN_FROM:
            abort(404)
        edition = asked_edition(conn, known, staff=staff)
        return versioned(
            edition.version,
            layer,
            detail,
            staff=staff,
            mimetype="application/geo+json",
            body=lambda: layer_geojson(
                conn, edition, cast("LayerName", layer), staff=staff, detail=cast("Detail", detail)
            ),
        )


@blueprint.get("/buildings/<path:code>")
def building(city: str, code: str) -> Response:
    """Return one building with its grid and its walk; staff only."""
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        staff_only(known)
        found = load_building(conn, asked_edition(conn, known, staff=True), code)
    if found is None:
        abort(404)
    return jsonify(found)


@blueprint.get("/grids/<path:code>")
def grid(city: str, code: str) -> Response:
    """Return why one grid is as it is; staff only."""
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        staff_only(known)
        found = load_grid_account(conn, asked_edition(conn, known, staff=True), code)
    if found is None:
        abort(404)
    return jsonify(found)


@blueprint.get("/regions/<path:code>")
def region(city: str, code: str) -> Response:
    """Return what a code of a region meant on the day ``?on=``; without it, what it means by the newest data."""
    written = request.args.get("on")
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        try:
            on = known.data_date if written is None else date.fromisoformat(written)
        except ValueError:
            abort(400)
        found = find_region(conn, known, code, on)
    if found is None:
        abort(404)
    ends = None if found.valid_to is None else found.valid_to.isoformat()
    return jsonify(asdict(found) | {"valid_from": found.valid_from.isoformat(), "valid_to": ends})


@blueprint.get("/search")
def search(city: str) -> Response:
    """Return the places whose name or code contains ``?q=``."""
    words = request.args.get("q", "").strip()[:SEARCH_LENGTH]
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        staff = is_staff(known)
        edition = asked_edition(conn, known, staff=staff)
        places = search_places(conn, edition, words, staff=staff, limit=SEARCH_LIMIT) if words else []
    return jsonify(places=places)
