"""The desk's part of the interface: drafts, how they are read, changed, handed in and decided on."""

from typing import Any

from gis_service.plan.operation_records import KINDS, SENT_KINDS
from gis_service.plan.rules import BASIS_LABELS, KIND_LABELS, STATUS_LABELS
from gis_service.web.api_operations import NOT_FOUND, answer, in_path, in_query, operation
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
from gis_service.workflows.draft_views import ACTION_NAMES

DRAFT = "/api/v1/drafts/{number}"
STATES = ("draft", "submitted", "approved", "withdrawn")
_KEY = described({"type": "integer"}, "网格在草案中的序号")
_KEYS = list_of(_KEY)
_DAY = {"type": "string", "format": "date"}
_PAIR: Schema = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
_RANGE = described({"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}, "含两端")

_RULES = record({"basis": one_of(BASIS_LABELS), "households": _RANGE, "residents": _RANGE})
_GRID = record(
    {
        "key": _KEY,
        "code": optional(TEXT, "编码；空：批准时编号"),
        "name": optional(TEXT),
        "title": described(TEXT, "对人的称呼"),
        "label": described(TEXT, "简短的称呼，用于地图"),
        "kind": one_of(KIND_LABELS),
        "locked": TRUTH,
        "note": TEXT,
        "units": COUNT,
        "households": COUNT,
        "residents": optional(COUNT),
        "area_m2": COUNT,
        "status": described(one_of((*STATUS_LABELS, "gone")), "gone：已没有范围"),
        "status_label": TEXT,
        "households_test": TEXT,
        "residents_test": TEXT,
        "sentence": TEXT,
    }
)
_OPERATION: Schema = {
    "type": "object",
    "properties": {"kind": one_of(SENT_KINDS)},
    "required": ["kind"],
    "description": "一步操作，字段随 kind 而定，见 docs/architecture.md 的 plan/operations.py",
}
_CURE: Schema = record(
    {
        "text": TEXT,
        "operation": {"oneOf": [reference("DraftOperation"), {"type": "null"}]},
        "tool": optional(one_of(("fix_grid",))),
        "grid": optional({"type": "integer"}),
    }
)
_FINDING: Schema = record(
    {
        "kind": TEXT,
        "severity": one_of(("fault", "warning", "note")),
        "text": TEXT,
        "grids": _KEYS,
        "units": described(list_of(TEXT), "显示问题所在的单元"),
        "new": described(TRUTH, "起点没有，或比起点更重"),
        "explained": described(TRUTH, "网格备注已写明理由"),
        "cure": {"oneOf": [_CURE, {"type": "null"}]},
    }
)
_DECISION = described(
    record(
        {
            "action": one_of(("submit", "return")),
            "reason": TEXT,
            "who": TEXT,
            "at": described(TEXT, "办公所在地的时刻，到分钟"),
        }
    ),
    "最近一次提交的说明或退回的意见",
)
_STATE_FIELDS: dict[str, Schema] = {
    "number": {"type": "integer"},
    "city": TEXT,
    "community": record({"code": TEXT, "name": TEXT}),
    "title": TEXT,
    "state": one_of(STATES),
    "revision": described(COUNT, "与 ETag 相同；修改时写在 If-Match"),
    "today": described(_DAY, "办公所在地的今天"),
    "decision": {"oneOf": [_DECISION, {"type": "null"}]},
    "may": record(
        {"edit": TRUTH, "submit": TRUTH, "withdraw": TRUTH, "recall": TRUTH, "review": TRUTH, "revoke": TRUTH}
    ),
    "rules": _RULES,
    "land": described(TEXT, "land.geojson 的版本；切分单元后改变"),
    "labels": described(list_of({"type": "integer"}), "各单元所属网格的序号，与 land.geojson 同序；-1：未划入"),
    "next_key": _KEY,
    "grids": list_of(_GRID),
    "findings": list_of(_FINDING),
    "complete": described(TRUTH, "可以提交"),
    "undo": TRUTH,
    "redo": TRUTH,
}
_SAID = {"said": described(TEXT, "切分情况的说明；仅画线后")}
_KIND = one_of(KINDS)
_DETAIL = described(TEXT, "操作涉及的网格，改动前 → 改动后")
_REPEATED = record({"kind": _KIND, "detail": _DETAIL, "why": optional(TEXT, "不能做的理由；能做则为 null")})
_OTHER = record({"title": TEXT, "revision": COUNT})
_TOLD = {
    **_SAID,
    "repeated": described(list_of(_REPEATED), "每一步能否重做；仅 repeat 和 merge"),
    "other": described(_OTHER, "被并入的草案；仅 merge/trial"),
}
_UNIT = record(
    {
        "code": TEXT,
        "kind": TEXT,
        "special": optional(TEXT, "数据给出的专属网格"),
        "estate": optional(TEXT),
        "households": COUNT,
        "residents": optional(COUNT),
    }
)
_FEATURE = record(
    {
        "type": {"const": "Feature"},
        "properties": _UNIT,
        "geometry": record({"type": {"const": "Polygon"}, "coordinates": list_of(list_of(list_of(NUMBER)))}),
    }
)
_ENTRY = record(
    {
        "revision": COUNT,
        "action": one_of(ACTION_NAMES),
        "title": TEXT,
        "kind": optional(_KIND, "操作的种类；撤销的则是被撤销的那一步"),
        "detail": _DETAIL,
        "who": TEXT,
        "at": {"type": "string", "format": "date-time"},
        "reason": TEXT,
        "effective": optional(_DAY),
    }
)
_MERGEABLE = record(
    {
        "number": COUNT,
        "title": TEXT,
        "changed_at": {"type": "string", "format": "date-time"},
        "steps": described(COUNT, "自分开以来做的步数"),
    }
)
_CODE = record({"key": _KEY, "code": TEXT, "name": TEXT})
_STATUS = described({"type": "integer"}, "HTTP 状态")
DRAFT_SCHEMAS: dict[str, Schema] = {
    "DraftState": record({**_STATE_FIELDS, **_TOLD}, needed=tuple(_STATE_FIELDS)),
    "DraftOperation": _OPERATION,
    "DraftLand": record(
        {
            "type": {"const": "FeatureCollection"},
            "version": TEXT,
            "features": list_of(_FEATURE),
            "borders": described(
                list_of({"type": "array", "items": METRES, "minItems": 4, "maxItems": 4}),
                "相接的单元：[序号, 序号, 边界米数, 其中沿河流铁路快速路的米数]",
            ),
            "bridges": described(
                list_of({"type": "array", "items": COUNT, "minItems": 2, "maxItems": 2}),
                "不相接、但把分开的地块连在一起的单元：[序号, 序号]",
            ),
        }
    ),
    "DraftJournal": record({"entries": list_of(reference("DraftEntry"))}),
    "DraftEntry": _ENTRY,
    "DraftCodes": record({"revision": COUNT, "grids": described(list_of(_CODE), "空：还有单元未划入，或已处理完")}),
    "DraftsMergeable": record({"drafts": list_of(_MERGEABLE)}),
    "DraftRefusal": record({"status": _STATUS, "message": TEXT, "refused": {"const": True}}),
    "DraftStale": record(
        {
            "status": _STATUS,
            "message": TEXT,
            "revision": COUNT,
            "since": described(list_of(reference("DraftEntry")), "其间别人做了什么，最近的在前"),
        }
    ),
}
"""Schemas by name; all of them are for those who are signed in."""

_NUMBER = in_path("number", "草案编号 / number of the draft", {"type": "integer", "minimum": 0})
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": '看到的版本，如 "7"；没有则 428 / revision seen, else 428',
    "schema": TEXT,
}
_TOKEN = {
    "name": "X-CSRFToken",
    "in": "header",
    "required": False,
    "description": "页面的令牌；没有则 400 / the page's token, else 400",
    "schema": TEXT,
}
_REASON = described(TEXT | {"maxLength": 500}, "理由，记入日志")
_LINE = described(list_of(_PAIR) | {"minItems": 2, "maxItems": 1000}, "经纬度的序列")
_OPERATIONS = list_of(reference("DraftOperation")) | {"maxItems": 1000}


def draft_paths() -> dict[str, Any]:
    """Return the addresses under which drafts are read and written."""
    state = reference("DraftState")
    return {
        DRAFT: {"get": _read("draft", "草案的当前状态", "The state of a draft; its ETag is the revision.", state)},
        f"{DRAFT}/land.geojson": {
            "get": _read(
                "draft_land",
                "草案的单元",
                "The units of a draft, in the order of its labels.",
                reference("DraftLand"),
                mimetype="application/geo+json",
            )
        },
        f"{DRAFT}/journal": {
            "get": _read(
                "draft_journal",
                "草案的日志",
                "What was done to a draft, the last first.",
                reference("DraftJournal"),
                in_query("after", "只要此版之后的 / only after this revision", {"type": "integer"}),
            )
        },
        f"{DRAFT}/codes": {
            "get": _read(
                "draft_codes",
                "批准时的编码和名称",
                "The codes and names that the grids of a draft would be approved with.",
                reference("DraftCodes"),
            )
        },
        f"{DRAFT}/mergeable": {
            "get": _read(
                "draft_mergeable",
                "可以并入本草案的草案",
                "The open drafts of the community whose work can be done on this one, too.",
                reference("DraftsMergeable"),
            )
        },
        f"{DRAFT}/steps": {
            "post": _write(
                "draft_step",
                "做、撤销或重做一步",
                "Do, undo or redo one operation.",
                {"action": one_of(("do", "undo", "redo")), "operation": reference("DraftOperation"), "reason": _REASON},
                ("action",),
            )
        },
        f"{DRAFT}/cut": {
            "post": _write(
                "draft_cut",
                "沿线切分单元",
                "Cut units along a drawn line; it bends around buildings.",
                {"line": _LINE, "units": optional(list_of(TEXT), "只切这些单元"), "reason": _REASON},
                ("line",),
            )
        },
        f"{DRAFT}/split": {
            "post": _write(
                "draft_split",
                "沿线把一个网格分开",
                "Divide a grid along a drawn line; every part but the one with the most households is a new grid.",
                {"line": _LINE, "grid": _KEY, "reason": _REASON},
                ("line", "grid"),
            )
        },
        f"{DRAFT}/tools/{{tool}}": {
            "post": _write(
                "draft_tool",
                "让程序找最小的调整并执行",
                "Let a tool find the least change and do it.",
                {"grids": described(_KEYS | {"minItems": 1, "maxItems": 2}, "一个，或要平衡的两个"), "reason": _REASON},
                ("grids",),
                in_path("tool", "工具 / tool", one_of(("fix_grid", "balance_two"))),
            )
        },
        f"{DRAFT}/repeat": {
            "post": _write(
                "draft_repeat",
                "在最新状态上重做自己的操作",
                "Repeat operations made on an older revision, as far as they can be.",
                {"operations": _OPERATIONS},
                ("operations",),
            )
        },
        f"{DRAFT}/repeat/trial": {
            "post": _write(
                "draft_repeat_trial",
                "试算重做，不写入",
                "Tell which operations could be repeated; nothing is done.",
                {"operations": _OPERATIONS},
                ("operations",),
            )
        },
        f"{DRAFT}/merge": {
            "post": _write(
                "draft_merge",
                "并入另一份草案的改动",
                "Do the work of another draft on this one, too, as far as it can be done.",
                {
                    "other": described(COUNT, "另一份草案的编号"),
                    "revision": described(COUNT, "看到的那份草案的版本"),
                    "withdraw": described(TRUTH, "并入后作废那份草案"),
                },
                ("other", "revision"),
            )
        },
        f"{DRAFT}/merge/trial": {
            "post": _write(
                "draft_merge_trial",
                "试算并入，不写入",
                "Tell what merging another draft would do; nothing is done.",
                {"other": described(COUNT, "另一份草案的编号")},
                ("other",),
            )
        },
        f"{DRAFT}/keep": {
            "post": _write(
                "draft_keep",
                "把自己的操作另存为一份草案",
                "Begin a draft of one's own from an older revision with one's operations.",
                {"operations": _OPERATIONS, "title": TEXT},
                ("operations",),
            )
        },
        f"{DRAFT}/submit": {"post": _decide("draft_submit", "提交审核", "Hand a draft to the reviewers.")},
        f"{DRAFT}/return": {"post": _decide("draft_return", "退回修改", "Send a draft back with remarks.")},
        f"{DRAFT}/recall": {
            "post": _write("draft_recall", "撤回修改", "Take a draft one submitted back while nobody decided.", {}, ())
        },
        f"{DRAFT}/withdraw": {"post": _decide("draft_withdraw", "作废", "Give a draft up.")},
        f"{DRAFT}/approve": {
            "post": _write(
                "draft_approve",
                "批准并定生效日期",
                "Make a submitted draft the plan in force from a day on.",
                {
                    "effective": described(_DAY, "生效日期"),
                    "backdated": described(TRUTH, "生效日期早于今天时须为 true"),
                    "reason": _REASON,
                },
                ("effective",),
            )
        },
        f"{DRAFT}/revoke": {
            "post": _write(
                "draft_revoke",
                "撤销尚未生效的批准",
                "Take the approval of a plan back before its first day in force.",
                {"reason": _REASON},
                ("reason",),
            )
        },
    }


def _read(
    name: str, zh: str, en: str, schema: Schema, *more: dict[str, Any], mimetype: str = "application/json"
) -> dict[str, Any]:
    answers = {"200": answer(zh, schema, mimetype), "404": NOT_FOUND}
    if mimetype != "application/json":
        answers["304"] = {"description": "没有变化 / not changed"}
    return operation(name, zh, f"{en} For those with a role in its community.", answers, (_NUMBER, *more))


def _write(
    name: str, zh: str, en: str, fields: dict[str, Schema], needed: tuple[str, ...], *more: dict[str, Any]
) -> dict[str, Any]:
    fault = reference("Fault")
    refusal = reference("DraftRefusal")
    body = {"required": True, "content": {"application/json": {"schema": record(fields, needed=needed)}}}
    answers = {
        "200": answer("之后的状态 / the state afterwards", reference("DraftState")),
        "400": answer("这一步被拒绝，或请求无法读取 / refused, or not to be read", {"anyOf": [refusal, fault]}),
        "403": answer("没有这项权限 / not allowed", refusal),
        "404": NOT_FOUND,
        "412": answer("草案已被他人修改，没有写入 / somebody else was first", reference("DraftStale")),
        "428": answer("没有写明看到的版本 / no revision named", fault),
    }
    return operation(name, zh, en, answers, (_NUMBER, *more, _IF_MATCH, _TOKEN), requestBody=body)


def _decide(name: str, zh: str, en: str) -> dict[str, Any]:
    return _write(name, zh, en, {"reason": _REASON}, ())
