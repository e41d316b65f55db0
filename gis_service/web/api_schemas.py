"""What the programs' interface answers and is asked, as JSON Schemas (draft 2020-12) by name."""

from typing import Any, get_args

from gis_service.db.layers import DIGITS, LayerName
from gis_service.plan.rules import BASIS_LABELS, KIND_LABELS, STATUS_LABELS, TEST_LABELS
from gis_service.web.audience import PUBLIC_LAYERS
from gis_service.web.labels import LAYERS
from gis_service.workflows.nearest_places import (
    DATUM_NAMES,
    MAX_SPEED_M_PER_S,
    MIN_SPEED_M_PER_S,
    MOST_NEAREST,
    PACES,
)

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}
METRES: Schema = {"type": "number", "minimum": 0}
NUMBER: Schema = {"type": "number"}


def described(schema: Schema, words: str) -> Schema:
    """Return a schema with a description."""
    return schema | {"description": words}


def optional(schema: Schema, words: str = "") -> Schema:
    """Return a schema whose value may be null: unknown, or not for this reader."""
    either = schema | {"type": [schema["type"], "null"]}
    if "enum" in either:
        either["enum"] = [*either["enum"], None]
    return described(either, words) if words else either


def list_of(schema: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": schema}


def one_of(words: Any) -> Schema:
    """Return the schema of one of several words."""
    return {"type": "string", "enum": list(words)}


def record(fields: dict[str, Schema], *, needed: tuple[str, ...] | None = None) -> Schema:
    """Return the schema of an object of just these fields, all of them needed unless told otherwise."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields if needed is None else needed),
        "additionalProperties": False,
    }


def reference(name: str) -> Schema:
    """Return a reference to a schema by name."""
    return {"$ref": f"#/components/schemas/{name}"}


def properties_name(layer: str) -> str:
    """Return the name of the schema of a layer's properties: ``FacilityCirclesProperties``."""
    return "".join(word.capitalize() for word in layer.split("_")) + "Properties"


_REGION = record(
    {
        "code": described(TEXT, "区划编码"),
        "name": TEXT,
        "level": one_of(("county", "street", "community")),
        "parent_name": optional(TEXT),
        "covered_percent": optional(METRES, "步行时限内的家庭占比（%）；户数太少时不公布"),
        "households": optional(COUNT, "户数；仅内部"),
        "residents": optional(COUNT, "常住人口；仅内部"),
        "grids": optional(COUNT, "网格数；仅内部，且只有社区有"),
    }
)
_RANGE = described({"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}, "含两端")
_FACILITY = record(
    {
        "code": TEXT,
        "name": TEXT,
        "kind": described(TEXT, "设施类别"),
        "level": optional({"type": "integer"}),
        "address": optional(TEXT),
        "hours": optional(TEXT, "开放时间"),
        "functions": optional(list_of(TEXT)),
        "phone": optional(TEXT),
        "area_m2": optional(METRES, "建筑面积（平方米）；仅内部"),
        "owner": optional(TEXT, "仅内部"),
        "counted": optional(TRUTH, "是否参与可达性检查；没有检查时为空"),
    }
)
_MINUTES = described({"type": "number", "exclusiveMinimum": 0}, "步行时限（分钟，含）")
LAYER_PROPERTIES: dict[str, Schema] = {
    "counties": _REGION,
    "streets": _REGION,
    "communities": _REGION,
    "grids": record(
        {
            "code": TEXT,
            "name": TEXT,
            "kind": one_of(KIND_LABELS),
            "status": one_of(STATUS_LABELS),
            "households": COUNT,
            "residents": optional(COUNT),
            "community_code": TEXT,
            "community_name": TEXT,
            "plan_name": TEXT,
            "households_test": one_of(TEST_LABELS),
            "residents_test": one_of(TEST_LABELS),
            "households_range": _RANGE,
            "residents_range": _RANGE,
            "basis": one_of(BASIS_LABELS),
        }
    ),
    "facilities": _FACILITY,
    "other_facilities": _FACILITY,
    "circles": record({"minutes": _MINUTES, "band": described(COUNT, "从最宽的时限起，自 0 编号")}),
    "facility_circles": record({"facility_code": TEXT, "facility_name": TEXT, "minutes": _MINUTES}),
    "catchments": record(
        {
            "code": described(TEXT, "服务点编号"),
            "name": TEXT,
            "kind": TEXT,
            "households": optional(COUNT, "时限内就近来这里的户数；仅内部"),
            "households_in_reach": optional(COUNT, "时限内能到这里的户数；仅内部"),
            "area_per_hundred_m2": optional(METRES, "每百户建筑面积（平方米）；仅内部"),
            "over_capacity": optional(TRUTH, "是否低于标准；仅内部"),
            "shade": described(COUNT, "相邻的范围号码不同，便于着色"),
        }
    ),
    "gaps": record(
        {
            "rank": described({"type": "integer", "minimum": 1}, "1 为人最多"),
            "name": TEXT,
            "buildings": COUNT,
            "households": COUNT,
            "residents": optional(COUNT),
            "elderly": optional(COUNT),
            "nearest_walk_m": optional(METRES, "最近楼栋的步行距离（米）；空：没有路线"),
            "mean_walk_m": optional(METRES, "按户平均的步行距离（米）"),
            "farthest_walk_m": optional(METRES, "最远楼栋的步行距离（米）"),
            "missing_min": optional(NUMBER, "平均超出时限（分钟）"),
            "households_no_path": optional(COUNT, "没有步行路线的户数"),
            "community_code": optional(TEXT, "其中人最多的社区"),
            "facility_code": optional(TEXT, "最短的步行所到的服务点"),
            "facility_name": optional(TEXT, "最近的服务点"),
        }
    ),
    "sites": record(
        {
            "code": TEXT,
            "name": TEXT,
            "rank": {"type": "integer", "minimum": 1},
            "street": optional(TEXT),
            "community_name": optional(TEXT),
            "households_gained": optional(NUMBER, "新增覆盖户数"),
            "saved_m": optional(NUMBER, "节省的步行（户·米）"),
            "cost": optional(NUMBER),
            "capacity": optional(NUMBER),
            "minutes": _MINUTES,
            "speed_m_per_s": NUMBER,
            "kinds": list_of(TEXT),
            "run": described(COUNT, "选址结果的编号"),
            "proved_optimal": optional(TRUTH, "整套选址已证明最优；空：早期版本的结果，未记录"),
            "gap": optional(NUMBER, "整套选址与理论最优的差距（占比）；空：未知"),
        }
    ),
    "estates": record({"code": TEXT, "name": TEXT, "households": optional(COUNT, "仅内部")}),
    "barriers": record({"kind": one_of(("river", "railway", "expressway", "road", "wall")), "name": optional(TEXT)}),
}
"""Properties of the features of each layer."""


def _feature_collection(layer: str) -> Schema:
    geometry = {
        "type": "object",
        "properties": {"type": {"type": "string"}, "coordinates": {"type": "array"}},
        "required": ["type", "coordinates"],
        "description": f"WGS 84 经纬度，{DIGITS} 位小数",
    }
    feature = record(
        {"type": {"const": "Feature"}, "properties": reference(properties_name(layer)), "geometry": geometry}
    )
    readers = "公众可读" if layer in PUBLIC_LAYERS else "仅内部"
    named = described(record({"type": {"const": "FeatureCollection"}, "features": list_of(feature)}), readers)
    return named | {"title": str(LAYERS[layer])}


_EXCHANGE = record({"code": TEXT, "ways": COUNT, "households_min": COUNT, "households_max": COUNT})
_VERDICT = record(
    {"status": one_of(STATUS_LABELS), "households_test": one_of(TEST_LABELS), "residents_test": one_of(TEST_LABELS)}
)
_EXPLANATION = record(
    {
        "code": TEXT,
        "households": COUNT,
        "residents": optional(COUNT),
        "verdict": _VERDICT,
        "binding": one_of(("households", "residents", "both", "none")),
        "room_down": optional({"type": "integer"}, "还可减少的户数；负数：已不足"),
        "room_up": optional({"type": "integer"}, "还可增加的户数；负数：已超出"),
        "units": COUNT,
        "estates": COUNT,
        "border_m": {"type": "object", "additionalProperties": METRES, "description": "各类边界的长度（米）"},
        "gives": list_of(_EXCHANGE),
        "takes": list_of(_EXCHANGE),
    }
)
_FINDING = record(
    {"kind": TEXT, "severity": one_of(("fault", "warning", "note")), "subject": TEXT, "zh": TEXT, "en": TEXT}
)
_PLACE = record(
    {
        "layer": one_of(get_args(LayerName)),
        "code": TEXT,
        "name": TEXT,
        "context": optional(TEXT),
        **{side: optional(NUMBER, "度；空：没有图形") for side in ("west", "south", "east", "north")},
    }
)
_BUILDING = record(
    {
        "code": TEXT,
        "households": COUNT,
        "residents": optional(COUNT),
        "elderly": optional(COUNT),
        "children": optional(COUNT),
        "floors": optional({"type": "integer"}),
        "households_source": one_of(("observed", "estimated")),
        "estate_name": optional(TEXT),
        "community_name": optional(TEXT),
        "grid_code": optional(TEXT),
        "grid_name": optional(TEXT),
        "facility_name": optional(TEXT, "步行最近的服务点"),
        "walk_m": optional(METRES, "步行距离（米）；空：没有路线"),
        "walk_s": optional(METRES, "步行时间（秒）"),
        "walk_back_s": optional(METRES, "从那里走回来的时间（秒）；计坡度时与去程不同"),
        "straight_m": optional(METRES, "到直线最近的服务点的距离（米），不一定是同一处"),
        "access_m2": optional(METRES, "步行可达的建筑面积，每百户平方米（两步移动搜寻法）"),
        "covered": optional(TRUTH),
        "walk_status": optional(one_of(("ok", "no_network", "no_path"))),
    }
)
_PACE: Schema = {
    "oneOf": [
        one_of(PACES),
        {"type": "number", "minimum": MIN_SPEED_M_PER_S, "maximum": MAX_SPEED_M_PER_S},
        {"type": "null"},
    ],
    "description": "步速：预设名，或米/秒；默认 standard",
}
_POSITION: dict[str, Schema] = {
    "city": described(TEXT | {"minLength": 1}, "城市的 name"),
    "lon": described({"type": "number", "minimum": -180, "maximum": 180}, "经度（度，坐标系见 datum）"),
    "lat": described({"type": "number", "minimum": -90, "maximum": 90}, "纬度（度）"),
}
_QUESTION = record(
    {
        **_POSITION,
        "k": optional({"type": "integer", "minimum": 1, "maximum": MOST_NEAREST}, "几处；默认 3"),
        "kinds": optional(list_of(TEXT) | {"minItems": 1}, "设施类别或其名称；默认为可达性检查的类别"),
        "pace": _PACE,
        "at": optional(TEXT, "当地日期和时间，如 2026-11-22T09:30；只回答此时开放的"),
        "unknown_open": optional(TRUTH, "开放时间不明的按开放计；默认 false"),
        "functions": optional(list_of(TEXT), "只回答这些服务都有的；默认不限"),
        "datum": optional(one_of(DATUM_NAMES), "坐标系；路线也用它；默认 wgs84"),
    },
    needed=("city", "lon", "lat"),
)
_PAIR: Schema = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
_RESULT = record(
    {
        "facility_id": TEXT,
        "name": TEXT,
        "kind": TEXT,
        "address": optional(TEXT),
        "hours": optional(TEXT),
        "phone": optional(TEXT),
        "functions": list_of(TEXT),
        "walk_m": optional(METRES, "步行距离（米）；空：算不出路线"),
        "walk_s": optional(METRES, "步行时间（秒）"),
        "straight_m": described(METRES, "直线距离（米）"),
        "open": optional(TRUTH, "此时是否开放；空：不知道，节假日说不准，或没有问时间"),
        "path": optional(list_of(_PAIR), "路线：经纬度的序列"),
    }
)
_ANSWER = record(
    {
        "status": one_of(("ok", "no_network", "unreachable", "no_facility", "none_open", "hours_unknown")),
        "reason": optional(
            one_of(("outside_city", "off_network", "no_path", "no_network")),
            "unreachable 的原因；hours_unknown 时为算不出路线的原因",
        ),
        "message": optional(TEXT, "没有路线、没有服务点或开放时间不明时，对居民说的一句话"),
        "results": described(list_of(_RESULT), "最快到的在前；算不出路线时按直线由近到远"),
    }
)
_NAMED_PLACE = record(
    {
        "key": described(TEXT, "在地址中的叫法：/find/<city>/at/<key>"),
        "name": TEXT,
        "kind": described(TEXT, "estate、community、road 或设施类别"),
        "kind_name": TEXT,
        "community": optional(TEXT),
        "address": optional(TEXT),
        "lon": NUMBER,
        "lat": NUMBER,
    }
)
_SERVICE_CENTRE = record({"facility_id": TEXT, "name": TEXT, "phone": TEXT})
_WHEREABOUTS = record(
    {
        "street": optional(TEXT, "街道"),
        "community": optional(TEXT, "社区"),
        "estate": optional(TEXT, "小区"),
        "road": optional(TEXT, "最近的道路"),
        "grid": optional(TEXT, "网格；城市没有公开时为空"),
        "grid_phone": optional(TEXT, "网格工作人员的办公电话；城市没有公开时为空"),
        "service_centre": optional(_SERVICE_CENTRE, "社区的党群服务中心；没有登记电话时为街道内最近的"),
    }
)
SCHEMAS: dict[str, Schema] = {
    **{properties_name(layer): properties for layer, properties in LAYER_PROPERTIES.items()},
    "Building": _BUILDING,
    "GridAccount": record(
        {
            "code": TEXT,
            "explanation": optional(_EXPLANATION, "为什么是这样；空：方案没有记下"),
            "start": described(TEXT, "方案的起点；空串：没有"),
            "locked": TRUTH,
            "findings": list_of(_FINDING),
        }
    ),
    "Region": record(
        {
            "code": TEXT,
            "name": TEXT,
            "level": one_of(("city", "county", "street", "community")),
            "parent_code": optional(TEXT, "上级区划的编码"),
            "valid_from": described(TEXT, "编码从这一天起指它"),
            "valid_to": optional(TEXT, "编码从这一天起不再指它；空：仍指它"),
        }
    ),
    "Places": record({"places": list_of(_PLACE)}),
    "NamedPlaces": record({"places": list_of(_NAMED_PLACE)}),
    "WhereQuestion": record(
        {**_POSITION, "datum": optional(one_of(DATUM_NAMES), "坐标系；默认 wgs84")}, needed=("city", "lon", "lat")
    ),
    "Whereabouts": _WHEREABOUTS,
    "NearestQuestion": _QUESTION,
    "NearestAnswer": _ANSWER,
    "Fault": record({"status": described({"type": "integer"}, "HTTP 状态"), "message": TEXT}),
}
"""Schemas by name, without the layers, whose titles are in the reader's language."""


def layer_schemas() -> dict[str, Schema]:
    """Return the feature collections of all layers by the layer's name, titled in the reader's language."""
    return {layer: _feature_collection(layer) for layer in get_args(LayerName)}
