"""The interface for programs, described by OpenAPI 3.1 at an address of its own."""

from typing import Any, get_args

from flask import Blueprint, Response, jsonify

from gis_service import __version__
from gis_service.db.layers import LayerName
from gis_service.web.api_schemas import SCHEMAS, TEXT, Schema, layer_schemas, one_of, reference
from gis_service.web.audience import PUBLIC_LAYERS
from gis_service.web.layers import SEARCH_LENGTH, SEARCH_LIMIT

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
                "get": _operation("describe", "本说明", "This description.", {"200": _json("说明", {"type": "object"})})
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
            f"{CITY}/search": {"get": _search()},
        },
        "components": {
            "schemas": SCHEMAS | {f"layer_{layer}": schema for layer, schema in layer_schemas().items()},
        },
    }


def _operation(
    name: str,
    zh: str,
    en: str,
    responses: dict[str, Any],
    parameters: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return an operation; every one may be asked what is no text, and fail for want of the database."""
    faults = {
        "400": _json("地址或内容无法读取 / the address or the body cannot be read", reference("Fault")),
        "503": _json("数据库暂时不能用，请稍后再试 / try again later", reference("Fault")),
    }
    asked = {"parameters": list(parameters)} if parameters else {}
    return {"operationId": name, "summary": zh, "description": en, **asked, **more, "responses": faults | responses}


def _json(words: str, schema: Schema, mimetype: str = "application/json") -> dict[str, Any]:
    return {"description": words, "content": {mimetype: {"schema": schema}}}


_NOT_FOUND = _json("没有，或不对外公开 / not there, or not for this reader", reference("Fault"))


def _in_path(name: str, words: str, schema: Schema = TEXT) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": words, "schema": schema}


def _in_query(name: str, words: str, schema: Schema = TEXT) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


_CITY = _in_path("city", "城市的 name / name of the city")
_PLAN = _in_query("plan", "方案名，仅内部；默认各社区最新的 / name of a plan, for staff; default: the newest of each")


def _layer() -> dict[str, Any]:
    names = get_args(LayerName)
    hidden = "、".join(name for name in names if name not in PUBLIC_LAYERS)
    collections = {"anyOf": [reference(f"layer_{name}") for name in names]}
    return _operation(
        "layer",
        "地图的一个图层",
        f"One layer of the map as GeoJSON. For staff only: {hidden}.",
        {
            "200": _json("图层 / the layer", collections, "application/geo+json"),
            "304": {"description": "没有变化 / not changed"},
            "404": _NOT_FOUND,
        },
        (
            _CITY,
            _in_path("layer", "图层 / layer", one_of(names)),
            _in_query(
                "detail",
                "overview：为小比例尺简化 / simplified for small scales",
                one_of(("full", "overview")) | {"default": "full"},
            ),
            _PLAN,
            _in_query("v", "版本；写明时浏览器可以保存 / version, by which browsers may keep the answer"),
        ),
    )


def _of_code(name: str, zh: str, en: str, schema: str) -> dict[str, Any]:
    answers = {"200": _json(zh, reference(schema)), "404": _NOT_FOUND}
    code = _in_path("code", "编码，可含斜杠 / code, which may hold slashes")
    return _operation(name, zh, f"{en} {_SIGNED_IN}", answers, (_CITY, code, _PLAN))


def _search() -> dict[str, Any]:
    words = _in_query("q", "名称或编码的一部分 / part of a name or code", TEXT | {"maxLength": SEARCH_LENGTH})
    answers = {"200": _json("找到的地方 / the places found", reference("Places")), "404": _NOT_FOUND}
    return _operation(
        "search",
        "按名称或编码查找",
        f"Places by name or code, the best first, at most {SEARCH_LIMIT}.",
        answers,
        (_CITY, words, _PLAN),
    )


def _nearest() -> dict[str, Any]:
    return _operation(
        "nearest",
        "步行最近的服务点",
        "The facilities that are the quickest to reach on foot. Where somebody stands is neither kept nor logged.",
        {
            "200": _json("回答 / the answer", reference("NearestAnswer")),
            "400": _json("问题看不懂 / the question cannot be understood", reference("Fault")),
            "404": _json("没有这个城市 / no such city", reference("Fault")),
            "413": _json("问题太长 / the question is too long", reference("Fault")),
        },
        requestBody={"required": True, "content": {"application/json": {"schema": reference("NearestQuestion")}}},
    )
