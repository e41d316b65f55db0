"""The officials' part of the interface's description: its addresses and what they answer."""

from typing import Any

from gis_service.web.api_operations import NOT_FOUND, answer, in_path, in_query, operation
from gis_service.web.api_schemas import COUNT, TEXT, Schema, described, list_of, one_of, optional, record, reference

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
    "AuditAreas": record({"type": {"const": "FeatureCollection"}, "features": list_of(_AREA)}),
}


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
                f"Extents of a snapshot with their figures. {_READERS}",
                {
                    "200": answer("范围 / the extents", reference("AuditAreas"), "application/geo+json"),
                    "404": NOT_FOUND,
                },
                (city, snapshot, region, level),
            )
        },
    }
