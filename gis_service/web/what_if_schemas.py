"""The description of what is asked and answered about changes that are only imagined."""

from typing import Any

from gis_service.web.api_operations import NOT_FOUND, answer, operation
from gis_service.web.api_schemas import (
    COUNT,
    METRES,
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
from gis_service.web.api_what_if import MOST_PLACES, MOST_VERTICES
from gis_service.workflows.what_if_map import MOST_DRAWN

_PLACE: Schema = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2, "description": "经度、纬度（度）"}
_PATH: Schema = list_of(_PLACE) | {"minItems": 2, "maxItems": MOST_VERTICES}
_MOVE = record({"facility_id": TEXT, "to": _PLACE})
_DRAWN: Schema = {
    "type": "array",
    "items": {"type": "array", "items": NUMBER, "minItems": 3, "maxItems": 3},
}


def _most(schema: Schema, words: str) -> Schema:
    return described(list_of(schema) | {"maxItems": MOST_PLACES}, words)


_CHANGED_GAP = {"rank": {"type": "integer", "minimum": 1}, "name": TEXT, "households": COUNT}
WHAT_IF_SCHEMAS: dict[str, Schema] = {
    "WhatIfQuestion": record(
        {
            "city": described(TEXT | {"minLength": 1}, "城市的 name"),
            "add": _most(_PLACE, "新增的设施"),
            "close": _most(TEXT, "关闭的设施（编号）"),
            "move": _most(_MOVE, "迁移的设施"),
            "paths": _most(_PATH, "新增的步行通道，从一端到另一端"),
            "gaps": described(TRUTH, "也回答补上和新出现的盲区，稍慢；默认 false"),
        },
        needed=("city",),
    ),
    "WhatIfAnswer": record(
        {
            "minutes": NUMBER,
            "speed_m_per_s": METRES,
            "kinds": list_of(TEXT),
            "coverage": list_of(
                record(
                    {
                        "measure": one_of(("buildings", "households", "residents", "elderly", "children")),
                        "total": optional(COUNT),
                        "before": optional(COUNT),
                        "after": optional(COUNT),
                    }
                )
            ),
            "households_nearer": described(COUNT, "步行变短的户数"),
            "households_farther": described(COUNT, "步行变长的户数"),
            "buildings_gained": COUNT,
            "buildings_lost": COUNT,
            "gained": described(_DRAWN, f"新覆盖的楼栋：经度、纬度、户数；只给户数最多的 {MOST_DRAWN:,} 栋"),
            "lost": described(_DRAWN, "不再覆盖的楼栋，同上"),
            "communities": list_of(
                record(
                    {
                        "code": TEXT,
                        "name": TEXT,
                        "street": optional(TEXT),
                        "households_gained": COUNT,
                        "households_lost": COUNT,
                    }
                )
            ),
            "off_network": described(list_of(TEXT), "离道路太远、谁也服务不到的设施：新增的序号，迁移的编号"),
            "gaps_mended": optional(list_of(record(_CHANGED_GAP | {"households_covered": COUNT}))),
            "gaps_worsened": optional(list_of(record(_CHANGED_GAP | {"households_lost": COUNT}))),
        }
    ),
}


def what_if_paths() -> dict[str, Any]:
    """Return the addresses of questions about what is imagined, as OpenAPI paths."""
    asked = operation(
        "what_if",
        "假设新增、关闭、迁移设施或新增通道，覆盖会怎样变",
        "What would change if facilities were added, closed or moved or paths opened, by the rules of the run that "
        "the map shows; nothing is stored. Staff only: 404 for the public.",
        {
            "200": answer("变化 / what would change", reference("WhatIfAnswer")),
            "400": answer("问题看不懂 / the question cannot be understood", reference("Fault")),
            "404": NOT_FOUND,
            "413": answer("问题太长 / the question is too long", reference("Fault")),
        },
        requestBody={"required": True, "content": {"application/json": {"schema": reference("WhatIfQuestion")}}},
    )
    return {"/api/v1/what-if": {"post": asked}}
