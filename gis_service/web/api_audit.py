"""The officials' part of the interface's description: its addresses and what they answer."""

from typing import Any, get_args

from gis_service.web.api_operations import NOT_FOUND, answer, in_path, in_query, operation
from gis_service.web.api_schemas import (
    COUNT,
    NUMBER,
    TEXT,
    TRUTH,
    Schema,
    described,
    list_of,
    one_of,
    optional,
    record,
    reference,
)
from gis_service.web.api_what_if import MOST_PLACES
from gis_service.workflows.kept_scenarios import HIGHEST_COST, LONGEST_NAME, MOST_SITES, Repeated
from gis_service.workflows.request_values import TEXT_LENGTH
from gis_service.workflows.scenario_gains import COUNTED, LEVELS
from gis_service.workflows.what_if_map import MOST_DRAWN

CITY = "/api/v1/cities/{city}/audit"
_READERS = "仅内部和本区域的审核人员：其他人一律 404 / staff, and auditors in their regions: 404 for all others"
_NUMBER: Schema = {"type": "integer", "minimum": 1}
_FIGURES: Schema = {
    "type": "object",
    "properties": {"code": TEXT, "name": TEXT},
    "required": ["name"],
    "additionalProperties": {"type": ["number", "string", "boolean", "null"]},
    "description": "各项指标按名称；空：不详 / figures by name; null: unknown",
}
_LIMITS = record(
    {
        "minutes": list_of({"type": "number", "exclusiveMinimum": 0}),
        "speed_m_per_s": {"type": "number"},
        "elderly_speed_m_per_s": {"type": "number"},
        "beyond_m": {"type": "number"},
    }
)
_AREA: Schema = {
    "type": "object",
    "properties": {
        "type": {"const": "Feature"},
        "properties": _FIGURES,
        "geometry": {"type": "object"},
    },
    "required": ["type", "properties", "geometry"],
}
_PLACE: Schema = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2, "description": "经度、纬度（度）"}
_DRAWN: Schema = {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3}
_SCENARIO = record(
    {
        "add": described(list_of(_PLACE) | {"maxItems": MOST_PLACES}, "新增的设施"),
        "close": described(list_of(TEXT) | {"maxItems": MOST_PLACES}, "关闭的设施（编号）"),
        "move": described(
            list_of(record({"facility_id": TEXT, "to": _PLACE})) | {"maxItems": MOST_PLACES}, "迁移的设施"
        ),
    },
    needed=(),
)
_REGION_GAINS = record(
    {
        "code": TEXT,
        "name": TEXT,
        "level": one_of(LEVELS),
        **{f"{name}_{side}": optional(COUNT) for name in COUNTED for side in ("gained", "lost")},
    }
)
_SITE = record(
    {
        "name": described(TEXT, f"不超过 {TEXT_LENGTH} 个字"),
        "lon": NUMBER,
        "lat": NUMBER,
        "cost": described(optional({"type": "number", "minimum": 0, "maximum": HIGHEST_COST}), "造价；空：不详"),
        "candidate": described(optional(TEXT), "取自候选点时的编号"),
    },
    needed=("name", "lon", "lat"),
)
_COVERAGE = list_of(
    record({"measure": TEXT, "total": optional(COUNT), "before": optional(COUNT), "after": optional(COUNT)})
)
_GAINS: dict[str, Schema] = {
    "coverage": _COVERAGE,
    "households_nearer": described(COUNT, "步行变短的户数"),
    "households_farther": described(COUNT, "步行变长的户数"),
    "households_gained": described(COUNT, "新覆盖的户数"),
    "households_lost": described(COUNT, "不再覆盖的户数"),
    "sites": list_of(
        record(
            {
                "on_street": described(TRUTH, "否：离道路太远，谁也走不到"),
                "households_gained": described({"type": "integer"}, "在前几处之外新覆盖的户数"),
            }
        )
    ),
    "regions": list_of(_REGION_GAINS),
    "buildings_gained": COUNT,
    "buildings_lost": COUNT,
}
_KEPT_SCENARIO = record(
    {
        "id": described(_NUMBER, "方案编号"),
        "name": TEXT,
        "regions": described(list_of(TEXT), "只计这些区划的住户；空：全市"),
        "sites": list_of(_SITE),
        "closed": list_of(record({"id": TEXT, "name": TEXT})),
        "gains": described(record(_GAINS), "留存时算得的数字"),
        "data_date": TEXT,
        "dataset_hash": described(TEXT, "所用数据的 SHA-256"),
        "reach_run": described(optional(_NUMBER), "取其口径的步行结果；空：没有"),
        "minutes": NUMBER,
        "speed_m_per_s": NUMBER,
        "software_version": TEXT,
        "who": described(TEXT, "留存人：当时的账号和岗位"),
        "at": TEXT,
        "current": described(TRUTH, "数据和口径与现在相同"),
        "removable": described(TRUTH, "请求者可以移出"),
    }
)
AUDIT_SCHEMAS: dict[str, Schema] = {
    "AuditFigures": record(
        {
            "city": TEXT,
            "snapshot": described(_NUMBER, "快照编号"),
            "content_hash": described(TEXT, "快照内容的 SHA-256"),
            "data_date": TEXT,
            "software_version": TEXT,
            "limits": optional(_LIMITS, "步行口径；空：没有步行结果"),
            "regions": list_of(_FIGURES),
            "grids": list_of(_FIGURES),
            "gaps": list_of(_FIGURES),
        }
    ),
    "AuditScenario": _SCENARIO,
    "AuditGains": record(
        _GAINS
        | {
            "gained": described(list_of(_DRAWN), f"新覆盖的楼栋：经度、纬度、户数；只给户数最多的 {MOST_DRAWN:,} 栋"),
            "lost": described(list_of(_DRAWN), "不再覆盖的楼栋，同上"),
        }
    ),
    "AuditScenarios": record({"scenarios": list_of(_KEPT_SCENARIO)}),
    "AuditRepeated": record(
        {
            "id": _NUMBER,
            "repeated": described(
                one_of(get_args(Repeated)), "equal 一致；different 不一致；changed 数据或口径已变，不能复算"
            ),
        }
    ),
    "AuditProposal": record(
        {
            "name": described(TEXT, f"不超过 {LONGEST_NAME} 个字"),
            "sites": list_of(_SITE) | {"maxItems": MOST_SITES},
            "close": described(list_of(TEXT) | {"maxItems": MOST_PLACES}, "关闭的设施（编号）"),
        },
        needed=("name",),
    ),
    "AuditAreas": record({"type": {"const": "FeatureCollection"}, "features": list_of(_AREA)}),
}
_SCENARIOS = answer("留存的方案 / the scenarios kept", reference("AuditScenarios"))


def audit_paths() -> dict[str, Any]:
    """Return the officials' addresses."""
    city = in_path("city", "城市的 name / name of the city")
    snapshot = in_query("snapshot", "快照编号；默认最新 / number of a snapshot; default: the newest", _NUMBER | COUNT)
    region = in_query("region", "只要这个区划内的 / only what lies in this region")
    level = in_query(
        "level", "层级 / level", one_of(("county", "street", "community", "grid", "gap")) | {"default": "community"}
    )
    return {
        CITY: {
            "get": operation(
                "audit",
                "一个快照的指标",
                f"The figures of a snapshot, the same bytes every time. {_READERS}",
                {"200": answer("指标 / the figures", reference("AuditFigures")), "404": NOT_FOUND},
                (city, snapshot, region),
            )
        },
        f"{CITY}/areas.geojson": {
            "get": operation(
                "auditAreas",
                "一个快照的区划、网格或盲区范围",
                f"Extents of a snapshot with their figures; of a gap the part in the region. {_READERS}",
                {
                    "200": answer("范围 / the extents", reference("AuditAreas"), "application/geo+json"),
                    "404": NOT_FOUND,
                },
                (city, snapshot, region, level),
            )
        },
        f"{CITY}/what-if": {
            "post": operation(
                "auditWhatIf",
                "假设新增、关闭、迁移设施，各街道和社区新覆盖多少人",
                f"What a scenario would gain, by region and site by site; nothing is stored. {_READERS}",
                {
                    "200": answer("变化 / the gains", reference("AuditGains")),
                    "400": answer("问题看不懂 / the question cannot be understood", reference("Fault")),
                    "404": NOT_FOUND,
                    "413": answer("问题太长 / the question is too long", reference("Fault")),
                },
                (city,),
                requestBody={"required": True, "content": {"application/json": {"schema": reference("AuditScenario")}}},
            )
        },
        f"{CITY}/scenarios": {
            "get": operation(
                "auditScenarios",
                "留存的方案和当时算得的数字",
                f"The scenarios that were kept, with the figures they had. {_READERS}",
                {"200": _SCENARIOS, "404": NOT_FOUND},
                (city,),
            ),
            "post": operation(
                "auditKeepScenario",
                "算出一个方案新覆盖多少人，连同数字一起留存",
                f"Compute what a scenario gains, and keep both; for who is signed in. {_READERS}",
                {"200": _SCENARIOS, "404": NOT_FOUND},
                (city,),
                requestBody={"required": True, "content": {"application/json": {"schema": reference("AuditProposal")}}},
            ),
        },
        f"{CITY}/scenarios/{{number}}/repeat": {
            "post": operation(
                "auditRepeatScenario",
                "把留存的方案再算一遍，与留存的数字核对",
                f"Compute a kept scenario once more and hold it against what was kept; nothing is stored. {_READERS}",
                {"200": answer("核对结果 / whether they agree", reference("AuditRepeated")), "404": NOT_FOUND},
                (city, in_path("number", "方案编号 / number of the scenario", _NUMBER)),
            )
        },
        f"{CITY}/scenarios/{{number}}/withdraw": {
            "post": operation(
                "auditWithdrawScenario",
                "把一个方案移出对比",
                f"Take a scenario off the list; what it was stays in the store. {_READERS}",
                {
                    "200": _SCENARIOS,
                    "403": answer("别人留存的方案 / kept by somebody else", reference("Fault")),
                    "404": NOT_FOUND,
                },
                (city, in_path("number", "方案编号 / number of the scenario", _NUMBER)),
            )
        },
    }
