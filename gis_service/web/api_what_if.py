"""What would change in a city, asked again and again while somebody drags a marker; nothing of it is stored."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, current_app, jsonify

from gis_service.db.cities import City, load_city
from gis_service.db.engine import Connection, reading
from gis_service.errors import GisServiceError, InputError, NoNetworkError
from gis_service.web.api_nearest import BadQuestionError, json_body, read_city, read_degrees, refusal
from gis_service.web.audience import current_settings, staff_only
from gis_service.web.errors import log_for_operators
from gis_service.web.kept_cities import KeptCities, cities_ahead
from gis_service.web.sign_in import csrf
from gis_service.workflows.what_if_map import (
    Imagined,
    LonLat,
    WhatIfCity,
    load_what_if,
    load_what_if_rules,
    what_changes,
)

blueprint = Blueprint("api_what_if", __name__)
csrf.exempt(blueprint)  # changes nothing

MOST_PLACES = 100
"""Facilities that may be added, closed or moved in one question, and paths."""
MOST_VERTICES = 200
LONGEST_ID = 200
Value = TypeVar("Value")


@blueprint.record_once
def _hold_cities(state: Any) -> None:
    state.app.extensions["gis_service.what_if"] = KeptCities(load_what_if)


@blueprint.post("/api/v1/what-if")
def what_if() -> Response:
    """Return what would change for people, see docs of the address; staff only."""
    try:
        city_name, imagined, with_gaps = read_what_if(json_body())
        with reading(current_settings()) as conn:
            known = load_city(conn, city_name)
            staff_only(known)
            city = kept_city(conn, known)
        return jsonify(what_changes(city, imagined, with_gaps=with_gaps))
    except BadQuestionError as fault:
        return refusal(fault)
    except InputError as fault:
        return refusal(BadQuestionError(fault.text.zh, fault.text.en))


def kept_city(conn: Connection, city: City) -> WhatIfCity:
    """Return a city as it is now, ready to be asked."""
    cities: KeptCities[WhatIfCity] = current_app.extensions["gis_service.what_if"]
    return cities.of(conn, city, load_what_if_rules(conn, city))


def load_ahead(app: Flask) -> None:
    """Load the cities that are asked about most likely, one after the other, so that nobody's first question waits.

    A city that cannot be loaded, such as one without streets, is left to the first question, which tells why.
    """
    settings = app.extensions["gis_service.settings"]
    with app.app_context():
        try:
            with reading(settings) as conn:
                known = cities_ahead(conn)
            for city in known:
                _load_one(city)
        except GisServiceError as fault:  # the database is gone; questions say so themselves
            log_for_operators(fault)


def _load_one(city: City) -> None:
    try:
        with reading(current_settings()) as conn:
            ready = kept_city(conn, city)
        for lon, lat in ready.lonlat[:1].tolist():
            what_changes(ready, Imagined(add=((lon, lat),)), with_gaps=True)  # readies the kernels
    except (InputError, NoNetworkError) as fault:
        log_for_operators(fault, logging.INFO)


def read_what_if(body: object) -> tuple[str, Imagined, bool]:
    """Return city, what is imagined, and whether gaps are asked for, of a request's body.

    Raises
    ------
    BadQuestionError
        It is no JSON object, a name is unknown, or a value is of the wrong type or out of bounds.
    """
    fields = ("city", "add", "close", "move", "paths", "gaps")
    if not isinstance(body, dict):
        raise BadQuestionError("请求内容应为 JSON 对象", "the body must be a JSON object")
    if set(body) - set(fields):
        raise BadQuestionError(
            f"不认识的字段，可用：{'、'.join(fields)}", f"unknown field; there are: {', '.join(fields)}"
        )
    with_gaps = body.get("gaps", False)
    if not isinstance(with_gaps, bool):
        raise BadQuestionError("gaps 应为 true 或 false", "gaps must be true or false")
    imagined = Imagined(
        add=_list(body, "add", _place),
        close=_list(body, "close", _facility),
        move=_list(body, "move", _move),
        paths=_list(body, "paths", _path),
    )
    return read_city(body), imagined, with_gaps


def _list(body: dict[str, Any], name: str, read: Callable[[object], Value]) -> tuple[Value, ...]:
    values = body.get(name, [])
    if not isinstance(values, list) or len(values) > MOST_PLACES:
        raise BadQuestionError(
            f"{name} 应为列表，不超过 {MOST_PLACES} 项", f"{name} must be a list of {MOST_PLACES} at most"
        )
    return tuple(read(value) for value in values)


def _place(value: object) -> LonLat:
    if not isinstance(value, list) or len(value) != len(("lon", "lat")):
        raise BadQuestionError("每个位置应为 [经度, 纬度]", "every place must be a pair of longitude and latitude")
    return read_degrees("lon", value[0]), read_degrees("lat", value[1])


def _facility(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID:
        raise BadQuestionError("设施编号应为文字", "the id of a facility must be a text")
    return value


def _move(value: object) -> tuple[str, LonLat]:
    if not isinstance(value, dict) or set(value) != {"facility_id", "to"}:
        raise BadQuestionError("move 的每项应为 {facility_id, to}", "every entry of move must be {facility_id, to}")
    return _facility(value["facility_id"]), _place(value["to"])


def _path(value: object) -> tuple[LonLat, ...]:
    if not isinstance(value, list) or not len(("begin", "end")) <= len(value) <= MOST_VERTICES:
        raise BadQuestionError(
            f"每条通道应为 2 到 {MOST_VERTICES} 个位置", f"every path must be of 2 to {MOST_VERTICES} places"
        )
    return tuple(_place(each) for each in value)
