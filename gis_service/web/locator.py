"""The public's page: the nearest stations of a place, a list first and a map second, with and without JavaScript."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext

from gis_service.db.cities import City, load_city
from gis_service.db.engine import Connection, reading
from gis_service.db.layers import load_edition, load_extent
from gis_service.web.audience import current_settings, version_for
from gis_service.web.labels import facility_kinds
from gis_service.web.language import language
from gis_service.web.locator_form import Asked, read_form
from gis_service.web.public_city import hold_locators, local_now, locator_of
from gis_service.web.sign_in import csrf, signed_in
from gis_service.workflows.gazetteer import BY_NAME, Place, find
from gis_service.workflows.kinds import kind_name
from gis_service.workflows.locator import ELDERLY, STANDARD, WITHIN_MIN, Listing, Locator, Question, ReachRules

blueprint = Blueprint("locator", __name__)
csrf.exempt(blueprint)  # changes nothing and asks nobody who they are
hold_locators(blueprint)

CITY_COOKIE = "city"
COOKIE_DAYS = 365
STATIONS = 5
ROUGH_M = 300
"""A position that is not known more exactly [m] leads to a list that may be another street's."""
CHOICES = 8
"""Places offered where a name may mean several."""


@dataclass(frozen=True)
class Origin:
    """Where the walks of a list begin.

    Parameters
    ----------
    name
        What it is called.
    lon, lat
        Where it is [degrees, WGS 84].
    key
        Of a place; None: a position, which has no name in any address.
    accuracy_m
        How well the position is known [m]; None: exactly, or not told.
    """

    name: str
    lon: float
    lat: float
    key: str | None = None
    accuracy_m: int | None = None


@dataclass(frozen=True)
class Found:
    """What the page answers: a list, places to choose from, or a sentence."""

    origin: Origin | None = None
    listing: Listing | None = None
    choices: tuple[Place, ...] = ()
    message: str | None = None


@dataclass(frozen=True)
class Ground:
    """What the map of a city needs: its box [degrees] and the version of its tiles."""

    extent: tuple[float, float, float, float] | None
    version: str


@blueprint.before_request
def allow_geolocation() -> None:
    """Let these pages, and no others, ask where somebody is; the browser asks once more."""
    g.geolocation = True


@blueprint.get("/find/<city>")
def show(city: str) -> Response:
    """Return the page before anything was asked."""
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        locator, ground = locator_of(conn, known), _ground(conn, known)
    return keepable(start_page(known, locator, ground), known)


@blueprint.post("/find/<city>")
def answer(city: str) -> Response:
    """Return the page with its answer; the position stands in the request's body and nowhere else."""
    asked = read_form(request.form)
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        locator, ground = locator_of(conn, known), _ground(conn, known)
    return make_response(_page(known, locator, ground, asked, _found(locator, asked)))


@blueprint.get("/find/<city>/at/<path:key>")
def at_place(city: str, key: str) -> Response:
    """Return the list of a place that has a name, to be shared as a link or a QR code."""
    with reading(current_settings()) as conn:
        known = load_city(conn, city)
        locator, ground = locator_of(conn, known), _ground(conn, known)
    place = locator.gazetteer.by_key.get(key)
    if place is None:
        abort(404)
    asked = Asked(words=place.name, place=key, chosen=True)
    return keepable(_page(known, locator, ground, asked, _found(locator, asked)), known)


@blueprint.get("/sw.js")
def service_worker() -> Response:
    """Return the worker that keeps what was seen for times without a network; its folder is what it may keep."""
    response = current_app.send_static_file("sw.js")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def start(conn: Connection, city: City) -> Response:
    """Return the page of a city before anything was asked, at an address that does not name the city."""
    allow_geolocation()
    return keepable(start_page(city, locator_of(conn, city), _ground(conn, city)))


def start_page(city: City, locator: Locator, ground: Ground) -> str:
    """Return the page before anything was asked."""
    return _page(city, locator, ground, Asked(), Found())


def keepable(page: str, chosen: City | None = None) -> Response:
    """Return a page that a browser may keep for times without a network, unless somebody is signed in.

    Parameters
    ----------
    page
        The page.
    chosen
        The city that its address names, which the first page then shows; None: it names none.
    """
    response = make_response(page)
    if signed_in() is None:
        response.headers["Cache-Control"] = "private, no-cache"
    if chosen is not None and request.cookies.get(CITY_COOKIE) != chosen.name:
        response.set_cookie(CITY_COOKIE, chosen.name, max_age=COOKIE_DAYS * 86_400, httponly=True, samesite="Lax")
    return response


def _ground(conn: Connection, city: City) -> Ground:
    return Ground(load_extent(conn, city), version_for(load_edition(conn, city).version, staff=False))


def _found(locator: Locator, asked: Asked) -> Found:
    """Return what the page answers to a question."""
    before = None if asked.place is None else locator.gazetteer.by_key.get(asked.place)
    if before is not None and (asked.chosen or asked.words in {"", before.name}):
        return _listed(locator, asked, Origin(before.name, before.lon, before.lat, key=before.key))
    if asked.words:
        hits = find(locator.gazetteer, asked.words, CHOICES)
        if not hits:
            return Found(
                message=gettext("没有找到“%(words)s”，请换个词，或只写小区、道路名称的一部分。", words=asked.words)
            )
        exact = [place for place, way in hits if way == BY_NAME]
        if len(exact) == 1:
            (place,) = exact
            return _listed(locator, asked, Origin(place.name, place.lon, place.lat, key=place.key))
        return Found(choices=tuple(place for place, _ in hits))
    if asked.lon is not None and asked.lat is not None:
        name = gettext("地图上选的位置") if asked.on_map else gettext("您的位置")
        return _listed(locator, asked, Origin(name, asked.lon, asked.lat, accuracy_m=asked.accuracy_m))
    return Found(message=gettext("请先写上小区、道路或地点的名称。"))


def _listed(locator: Locator, asked: Asked, origin: Origin) -> Found:
    now = local_now()
    kinds = tuple(kind for kind in asked.kinds if kind in locator.kinds)
    question = Question(
        origin.lon,
        origin.lat,
        k=STATIONS,
        kinds=kinds or None,
        at=now if asked.open_now else None,
        functions=asked.functions,
    )
    return Found(origin, locator.listing(question, asked.pace, now))


def _page(city: City, locator: Locator, ground: Ground, asked: Asked, found: Found) -> str:
    counting = ReachRules().kinds
    ticked = asked.kinds or counting
    if found.origin is not None:
        asked = replace(asked, words=found.origin.name if found.origin.key else "", place=found.origin.key)
    return render_template(
        "locator.html",
        city=city,
        asked=asked,
        found=found,
        kinds=[(kind, kind_name(kind).in_language(language()), kind in ticked) for kind in locator.kinds],
        signs=facility_kinds(),
        functions=locator.functions,
        within_min=round(WITHIN_MIN),
        rough_m=ROUGH_M,
        paces=(STANDARD, ELDERLY),
        posted=request.method == "POST",
        settings=current_settings(),
        island=_island(city, ground),
        drawing=_drawing(found) if found.listing is not None and found.listing.listed else None,
        share=None
        if found.origin is None or found.origin.key is None
        else url_for("locator.at_place", city=city.name, key=found.origin.key, _external=True),
    )


def _island(city: City, ground: Ground) -> dict[str, Any]:
    """Return what the browser's code needs to know: addresses, the map's box and every sentence it says."""
    settings = current_settings()
    tiles = url_for("tiles.mvt", layer="base", z=0, x=0, y=0, city=city.name, v=ground.version)
    return {
        "city": city.name,
        "places": url_for("api_places.places", city=city.name),
        "basemap": settings.basemap,
        "tianditu_key": settings.tianditu_key if settings.basemap == "tianditu" else "",
        "tiles": tiles.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt"),
        "extent": ground.extent,
        "vendor": {
            name: url_for("static", filename=f"vendor/{path}")
            for name, path in (
                ("leaflet", "leaflet/leaflet.js"),
                ("style", "leaflet/leaflet.css"),
                ("tiles", "protomaps-leaflet/protomaps-leaflet.js"),
            )
        },
        "texts": {
            "asking": gettext("正在取得您的位置…"),
            "denied": gettext("没有得到位置许可。可以写上小区、道路或地点的名称，或在地图上点选。"),
            "no_position": gettext("现在取不到您的位置。可以写上小区、道路或地点的名称，或在地图上点选。"),
            "busy": gettext("正在查找…"),
            "failed": gettext("服务暂时答不上来，请过一会儿再试。"),
            "offline": gettext("没有网络，或网络太慢。以下是上次看到的结果，开放时间可能已变。"),
            "offline_instead": gettext("要打开的页面没有存在这部手机里，这里是：%(city)s。", city=city.title),
            "offline_nothing": gettext("没有网络，或网络太慢；这部手机里也没有上次的结果。联网后再试。"),
            "returned": gettext("这是刚才看到的结果，开放时间可能已变。"),
            "tap": gettext("在地图上点一下您的位置"),
            "tap_again": gettext("放大了。请在准确的位置再点一下"),
            "here": gettext("出发点"),
            "zoom_in": gettext("放大"),
            "zoom_out": gettext("缩小"),
            "copied": gettext("链接已复制"),
            "map_failed": gettext("地图没有载入，请检查网络后再试。"),
        },
    }


def _drawing(found: Found) -> dict[str, Any]:
    """Return what the map draws of an answer."""
    listing, origin = found.listing, found.origin
    assert listing is not None  # noqa: S101 asked where there is one only
    assert origin is not None  # noqa: S101 every list has one
    return {
        "origin": [origin.lon, origin.lat],
        "accuracy_m": origin.accuracy_m,
        "stations": [
            {
                "id": each.station.id,
                "name": each.station.name,
                "kind": each.station.kind,
                "lon": each.station.lon,
                "lat": each.station.lat,
                "path": each.path,
            }
            for each in listing.listed
        ],
    }
