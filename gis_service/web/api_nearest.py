"""The nearest facilities on foot of one place; where somebody stands is neither kept nor logged nor in an address."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from gis_service.db.cities import City, load_city
from gis_service.db.engine import Connection, reading
from gis_service.errors import Text
from gis_service.web.audience import current_settings
from gis_service.web.kept_cities import KeptCities
from gis_service.web.language import language
from gis_service.web.sign_in import csrf
from gis_service.workflows.kinds import kinds_meant
from gis_service.workflows.moments import read_moment
from gis_service.workflows.nearest_places import (
    DATUM_NAMES,
    MAX_SPEED_M_PER_S,
    MIN_SPEED_M_PER_S,
    MOST_NEAREST,
    PACES,
    WHY,
    NearestPlaces,
    Question,
    ReachRules,
    answer,
    load_nearest_places,
    load_rules,
)

blueprint = Blueprint("api_nearest", __name__)
csrf.exempt(blueprint)  # changes nothing and asks nobody who they are

MOST_KINDS = 50
_MOST_DEGREES = {"lon": 180.0, "lat": 90.0}
_NO_TEXT = re.compile(r"[\0\ud800-\udfff]")
"""Characters that JSON can carry and the database cannot: NUL and halves of surrogate pairs."""


class BadQuestionError(Exception):
    """A question cannot be understood; the text never repeats where somebody stands."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@blueprint.record_once
def _hold_indexes(state: Any) -> None:
    state.app.extensions["gis_service.nearest"] = KeptCities(_load)


def _load(conn: Connection, city: City, rules: ReachRules) -> NearestPlaces:
    return load_nearest_places(conn, city, rules)


def kept_places(conn: Connection, city: City) -> NearestPlaces:
    """Return the facilities and streets of a city as they are now."""
    indexes: KeptCities[NearestPlaces] = current_app.extensions["gis_service.nearest"]
    return indexes.of(conn, city, load_rules(conn, city))


@blueprint.post("/api/v1/nearest")
def nearest() -> Response:
    """Return the nearest public facilities of a place, see docs of the address."""
    try:
        city_name, question = read_question(json_body())
        with reading(current_settings()) as conn:
            places = kept_places(conn, load_city(conn, city_name))
        _require_known(question, places)
    except BadQuestionError as fault:
        return refusal(fault)
    told = answer(places, question)
    said = [WHY[each].in_language(language()) for each in (told["status"], told["reason"]) if each in WHY]
    return jsonify(told | {"message": ("; " if language() == "en" else "；").join(said) or None})


def refusal(fault: BadQuestionError) -> Response:
    """Return what is answered to a question that cannot be understood."""
    response = jsonify(status=400, message=fault.text.in_language(language()))
    response.status_code = 400
    return response


def _require_known(question: Question, places: NearestPlaces) -> None:
    """Refuse kinds of facility that neither the service nor the city knows."""
    if question.kinds is not None and not places.kinds.issuperset(question.kinds):
        kinds = sorted(places.kinds)
        raise BadQuestionError(
            f"kinds 中有不认识的类别，可用：{'、'.join(kinds)}", f"unknown kinds; there are: {', '.join(kinds)}"
        )


def json_body() -> object:
    """Return the request's JSON; None: it is none, or nested too deeply to be read."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def read_question(body: object) -> tuple[str, Question]:
    """Return city and question of a request's body.

    Raises
    ------
    BadQuestionError
        It is no JSON object, a name is unknown, or a value is missing, of the wrong type or out of bounds.
    """
    city, given = read_fields(body, tuple(_READERS))
    return city, Question(**{_FIELDS.get(name, name): value for name, value in given.items()})


def read_fields(body: object, names: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Return city and values of a request's body that may hold fields of these names and must hold a position.

    Raises
    ------
    BadQuestionError
        As `read_question`.
    """
    if not isinstance(body, dict):
        raise BadQuestionError("请求内容应为 JSON 对象", "the body must be a JSON object")
    if set(body) - {"city", *names}:
        raise BadQuestionError(
            f"不认识的字段，可用：city、{'、'.join(names)}", f"unknown field; there are: city, {', '.join(names)}"
        )
    city = read_city(body)
    for name in ("lon", "lat"):
        if body.get(name) is None:
            raise BadQuestionError(f"缺少 {name}", f"{name} is missing")
    return city, {name: _READERS[name](value) for name, value in body.items() if name != "city" and value is not None}


def read_city(body: dict[str, Any]) -> str:
    """Return the name of the city that a request's body names.

    Raises
    ------
    BadQuestionError
        It names none.
    """
    city = body.get("city")
    if not isinstance(city, str) or not city or _NO_TEXT.search(city):
        raise BadQuestionError("city 应为城市的名称", "city must be the name of a city")
    return city


def read_degrees(name: str, value: object) -> float:
    """Return a longitude (``lon``) or latitude (``lat``) [degrees].

    Raises
    ------
    BadQuestionError
        It is no number within its bounds.
    """
    most = _MOST_DEGREES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise BadQuestionError(
            f"{name} 应为 -{most:g} 到 {most:g} 的数（度）；请检查 lon、lat 是否填反",
            f"{name} must be a number from -{most:g} to {most:g}; check whether lon and lat are swapped",
        )
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_NEAREST:
        raise BadQuestionError(
            f"k 应为 1 到 {MOST_NEAREST} 的整数", f"k must be a whole number from 1 to {MOST_NEAREST}"
        )
    return value


def _kinds(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_KINDS or not all(isinstance(k, str) for k in value):
        raise BadQuestionError("kinds 应为设施类别的列表", "kinds must be a list of kinds of facility")
    return kinds_meant(value)


def _functions(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_KINDS or not all(isinstance(each, str) for each in value):
        raise BadQuestionError("functions 应为服务功能的列表", "functions must be a list of functions")
    return tuple(value)


def _choice(name: str, choices: Collection[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise BadQuestionError(
                f"{name} 应为 {'、'.join(choices)} 之一", f"{name} must be one of {', '.join(choices)}"
            )
        return value

    return read


def _pace(value: object) -> float:
    if isinstance(value, str) and value in PACES:
        return PACES[value]
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not MIN_SPEED_M_PER_S <= value <= MAX_SPEED_M_PER_S
    ):
        names, least, most = list(PACES), MIN_SPEED_M_PER_S, MAX_SPEED_M_PER_S
        raise BadQuestionError(
            f"pace 应为 {'、'.join(names)} 之一，或 {least:g} 到 {most:g} 的步行速度（米/秒）",
            f"pace must be one of {', '.join(names)}, or a walking speed from {least:g} to {most:g} m/s",
        )
    return float(value)


def _time(value: object) -> datetime:
    moment = read_moment(value) if isinstance(value, str) else None
    if moment is None:
        raise BadQuestionError(
            "at 应为当地日期和时间，如 2026-11-22T09:30", "at must be a local day and time, as 2026-11-22T09:30"
        )
    return moment


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadQuestionError("unknown_open 应为 true 或 false", "unknown_open must be true or false")
    return value


_FIELDS = {"pace": "speed_m_per_s"}
"""What a name of the body is called in a question, where that differs."""
_READERS: dict[str, Callable[[object], Any]] = {
    "lon": partial(read_degrees, "lon"),
    "lat": partial(read_degrees, "lat"),
    "k": _count,
    "kinds": _kinds,
    "pace": _pace,
    "at": _time,
    "unknown_open": _truth,
    "functions": _functions,
    "datum": _choice("datum", DATUM_NAMES),
}
