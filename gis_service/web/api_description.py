"""The interface for programs, described by OpenAPI 3.1 at an address of its own."""

from typing import Any, get_args

from flask import Blueprint, Response, jsonify

from gis_service import __version__
from gis_service.db.layers import LayerName
from gis_service.web.api_audit import AUDIT_SCHEMAS, audit_paths
from gis_service.web.api_drafts import DRAFT_SCHEMAS, draft_paths
from gis_service.web.api_jobs import JOB_SCHEMAS, job_paths
from gis_service.web.api_operations import NOT_FOUND, answer, in_path, in_query, operation
from gis_service.web.api_places import HITS
from gis_service.web.api_schemas import SCHEMAS, TEXT, layer_schemas, one_of, reference
from gis_service.web.audience import PUBLIC_LAYERS
from gis_service.web.layers import SEARCH_LENGTH, SEARCH_LIMIT
from gis_service.web.locator_form import WORDS_LENGTH
from gis_service.web.what_if_schemas import WHAT_IF_SCHEMAS, what_if_paths

blueprint = Blueprint("api_description", __name__)

OPENAPI = "3.1.0"
CITY = "/api/v1/cities/{city}"
_SIGNED_IN = "仅内部：对公众一律回答 404 / staff only: 404 for the public"


@blueprint.get("/api/v1/openapi.json")
def openapi() -> Response:
    """Return the description of every address under ``/api/v1``."""
    return jsonify(description())


def description() -> dict[str, Any]:
    """Return the OpenAPI document; the tests hold it against the routes there are and what they answer."""
    return {
        "openapi": OPENAPI,
        "info": {
            "title": "网格与十五分钟服务圈",
            "version": __version__,
            "description": "长度单位米，时间单位秒或分钟（见字段名），经纬度为 WGS 84。"
            "仅内部的字段对公众为空 / Lengths in metres, times as the names of fields say, positions in WGS 84; "
            "fields for staff only are null for the public.",
        },
        "paths": {
            "/api/v1/openapi.json": {
                "get": operation("describe", "本说明", "This description.", {"200": answer("说明", {"type": "object"})})
            },
            "/api/v1/nearest": {"post": _nearest()},
            f"{CITY}/layers/{{layer}}.geojson": {"get": _layer()},
            f"{CITY}/buildings/{{code}}": {
                "get": _of_code(
                    "building", "一栋楼，它的网格和步行", "One building, its grid and its walk.", "Building"
                )
            },
            f"{CITY}/grids/{{code}}": {
                "get": _of_code("grid", "一个网格为什么是这样", "Why a grid is as it is.", "GridAccount")
            },
            f"{CITY}/regions/{{code}}": {"get": _region()},
            f"{CITY}/search": {"get": _search()},
            f"{CITY}/places": {"get": _places()},
            "/api/v1/where": {"post": _where()},
            **what_if_paths(),
            **audit_paths(),
            **draft_paths(),
            **job_paths(),
        },
        "components": {
            "schemas": SCHEMAS
            | WHAT_IF_SCHEMAS
            | AUDIT_SCHEMAS
            | DRAFT_SCHEMAS
            | JOB_SCHEMAS
            | {f"layer_{layer}": schema for layer, schema in layer_schemas().items()},
        },
    }


_CITY = in_path("city", "城市的 name / name of the city")
_PLAN = in_query("plan", "方案名，仅内部；默认各社区最新的 / name of a plan, for staff; default: the newest of each")


def _layer() -> dict[str, Any]:
    names = get_args(LayerName)
    hidden = "、".join(name for name in names if name not in PUBLIC_LAYERS)
    collections = {"anyOf": [reference(f"layer_{name}") for name in names]}
    return operation(
        "layer",
        "地图的一个图层",
        f"One layer of the map as GeoJSON. For staff only: {hidden}.",
        {
            "200": answer("图层 / the layer", collections, "application/geo+json"),
            "304": {"description": "没有变化 / not changed"},
            "404": NOT_FOUND,
        },
        (
            _CITY,
            in_path("layer", "图层 / layer", one_of(names)),
            in_query(
                "detail",
                "far、overview：为小比例尺简化 / simplified for small scales",
                one_of(("full", "overview", "far")) | {"default": "full"},
            ),
            _PLAN,
            in_query("v", "版本；写明时浏览器可以保存 / version, by which browsers may keep the answer"),
        ),
    )


def _of_code(name: str, zh: str, en: str, schema: str) -> dict[str, Any]:
    answers = {"200": answer(zh, reference(schema)), "404": NOT_FOUND}
    code = in_path("code", "编码，可含斜杠 / code, which may hold slashes")
    return operation(name, zh, f"{en} {_SIGNED_IN}", answers, (_CITY, code, _PLAN))


def _region() -> dict[str, Any]:
    answers = {"200": answer("那一天的区划 / the region of that day", reference("Region")), "404": NOT_FOUND}
    return operation(
        "region",
        "一个区划编码在某一天指哪里",
        "The region that a code meant on a day: codes are given anew. Later than the data the newest is told.",
        answers,
        (_CITY, in_path("code", "区划编码 / code of the region"), in_query("on", "日期，如 2017-06-30 / day")),
    )


def _search() -> dict[str, Any]:
    words = in_query("q", "名称或编码的一部分 / part of a name or code", TEXT | {"maxLength": SEARCH_LENGTH})
    answers = {"200": answer("找到的地方 / the places found", reference("Places")), "404": NOT_FOUND}
    return operation(
        "search",
        "按名称或编码查找",
        f"Places by name or code, the best first, at most {SEARCH_LIMIT}.",
        answers,
        (_CITY, words, _PLAN),
    )


def _places() -> dict[str, Any]:
    words = in_query("q", "名称、拼音或首字母 / name, pinyin or initials", TEXT | {"maxLength": WORDS_LENGTH})
    answers = {"200": answer("可能的地方 / what may be meant", reference("NamedPlaces")), "404": NOT_FOUND}
    return operation(
        "places",
        "小区、社区、道路和公开的服务点",
        f"Estates, communities, roads and public facilities, mistyped too, the likeliest first, at most {HITS}.",
        answers,
        (_CITY, words),
    )


def _where() -> dict[str, Any]:
    return operation(
        "where",
        "一个位置在哪里",
        "Names of what is around a position, which is neither kept nor logged.",
        {
            "200": answer("所在的地方 / what is around", reference("Whereabouts")),
            "400": answer("位置看不懂 / the position cannot be understood", reference("Fault")),
            "404": answer("没有这个城市 / no such city", reference("Fault")),
            "413": answer("问题太长 / the question is too long", reference("Fault")),
        },
        requestBody={"required": True, "content": {"application/json": {"schema": reference("WhereQuestion")}}},
    )


def _nearest() -> dict[str, Any]:
    return operation(
        "nearest",
        "步行最近的服务点",
        "The facilities that are the quickest to reach on foot. Where somebody stands is neither kept nor logged.",
        {
            "200": answer("回答 / the answer", reference("NearestAnswer")),
            "400": answer("问题看不懂 / the question cannot be understood", reference("Fault")),
            "404": answer("没有这个城市 / no such city", reference("Fault")),
            "413": answer("问题太长 / the question is too long", reference("Fault")),
        },
        requestBody={"required": True, "content": {"application/json": {"schema": reference("NearestQuestion")}}},
    )
