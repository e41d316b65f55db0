"""Words and signs for what the map shows, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from gis_service.errors import Text
from gis_service.plan.rules import BASIS_LABELS, KIND_LABELS, STATUS_LABELS, TEST_LABELS
from gis_service.web.language import language
from gis_service.workflows.kinds import KIND_NAMES, nearest_of
from gis_service.workflows.partition_city import DEFAULT_PLAN
from gis_service.workflows.plan_names import TODAY


@dataclass(frozen=True)
class FacilityKind:
    """How a kind of facility is named and drawn: a sign of one letter in a shape of its own, never colour alone."""

    name: Text
    sign: Text
    shape: str


FACILITY_KINDS = {
    "red_station": FacilityKind(KIND_NAMES["red_station"], Text("驿", "R"), "circle"),
    "service_centre": FacilityKind(KIND_NAMES["service_centre"], Text("党", "C"), "square"),
    "elder_day_care": FacilityKind(KIND_NAMES["elder_day_care"], Text("老", "D"), "diamond"),
    "elder_canteen": FacilityKind(KIND_NAMES["elder_canteen"], Text("餐", "E"), "diamond"),
    "after_school": FacilityKind(KIND_NAMES["after_school"], Text("学", "S"), "drop"),
    "shared": FacilityKind(KIND_NAMES["shared"], Text("享", "H"), "drop"),
}
"""Kinds with a sign of their own; all others share one."""
OTHER_KIND = FacilityKind(Text("其他服务点", "other service point"), Text("点", "O"), "square")

LAYERS = {
    "counties": lazy_gettext("区县界"),
    "streets": lazy_gettext("街道界"),
    "communities": lazy_gettext("社区"),
    "grids": lazy_gettext("网格"),
    "facilities": lazy_gettext("服务点"),
    "other_facilities": lazy_gettext("其他服务点"),
    "circles": lazy_gettext("服务圈（合并）"),
    "facility_circles": lazy_gettext("服务圈（逐个服务点）"),
    "catchments": lazy_gettext("服务范围（就近划分）"),
    "gaps": lazy_gettext("盲区"),
    "sites": lazy_gettext("建议新增点"),
    "estates": lazy_gettext("小区"),
    "barriers": lazy_gettext("河流、铁路和道路"),
    "base": lazy_gettext("底图"),
    "buildings": lazy_gettext("楼栋"),
}


def statuses() -> dict[str, str]:
    """Return the statuses of grids and their names."""
    return {status: text.in_language(language()) for status, text in STATUS_LABELS.items()}


def facility_kinds() -> dict[str, dict[str, str]]:
    """Return name, sign and shape of the kinds of facility; ``other`` stands for those unknown."""
    spoken = language()
    return {
        key: {"name": kind.name.in_language(spoken), "sign": kind.sign.in_language(spoken), "shape": kind.shape}
        for key, kind in {**FACILITY_KINDS, "other": OTHER_KIND}.items()
    }


def kinds_by_layer(present: Iterable[str], counting: Iterable[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Return the signs that the legend explains: for each layer of facilities those that it draws.

    Parameters
    ----------
    present
        Kinds of which there is at least one facility.
    counting
        Kinds that count in the reach check; the others are drawn by the second layer.
    """
    signs, counts, seen = facility_kinds(), frozenset(counting), frozenset(present)
    drawn = {
        layer: {kind if kind in FACILITY_KINDS else "other" for kind in kinds}
        for layer, kinds in (("facilities", seen & counts), ("other_facilities", seen - counts))
    }
    return {layer: {key: signs[key] for key in signs if key in keys} for layer, keys in drawn.items()}


def browser_texts(counting: Iterable[str]) -> dict[str, Any]:
    """Return everything the browser's code says, so that no sentence stands in it.

    Parameters
    ----------
    counting
        Kinds of facility that count in the reach check: the nearest facility is the nearest of these.
    """
    spoken = language()
    return {
        "status": statuses(),
        "test": {test: text.in_language(spoken) for test, text in TEST_LABELS.items()},
        "basis": {basis: text.in_language(spoken) for basis, text in BASIS_LABELS.items()},
        "kind": {kind: text.in_language(spoken) for kind, text in KIND_LABELS.items()},
        "plan": {DEFAULT_PLAN: gettext("自动划分的方案")},
        "start": {TODAY: gettext("今日现有网格"), DEFAULT_PLAN: gettext("自动划分的方案")},
        "binding": {
            "households": gettext("户数"),
            "residents": gettext("人数"),
            "both": gettext("户数和人数"),
            "none": TEST_LABELS["exempt"].in_language(spoken),
        },
        "border": {
            "community": gettext("社区界"),
            "barrier": gettext("河流、铁路、快速路"),
            "line": gettext("道路、围墙"),
            "open": gettext("楼间"),
        },
        "language": spoken,
        "facility": facility_kinds(),
        "facility_kind": {kind: name.in_language(spoken) for kind, name in KIND_NAMES.items()},
        "layer": {name: str(label) for name, label in LAYERS.items()} | {"nearest": gettext("步行最近的服务点")},
        "place": {"counties": gettext("区县"), "streets": gettext("街道")},
        "barrier": {
            "river": gettext("河流"),
            "railway": gettext("铁路"),
            "expressway": gettext("快速路"),
            "road": gettext("道路"),
            "wall": gettext("围墙"),
        },
        "source": {"observed": gettext("登记数"), "estimated": gettext("按建筑面积推算")},
        "walk": {
            "no_network": gettext("附近没有步行道路"),
            "no_path": gettext("没有步行路线可达"),
        },
        "field": {**_fields(), "facility": nearest_of(counting).in_language(spoken)},
        "unit": {
            "households": gettext("户"),
            "people": gettext("人"),
            "metres": gettext("米"),
            "minutes": gettext("分钟"),
            "floors": gettext("层"),
            "speed": gettext("米/秒"),
            "household_km": gettext("户·公里"),
        },
        "say": _sentences(),
        "tool": _tools(),
    }


def _fields() -> dict[str, str]:
    return {
        "code": gettext("编码"),
        "status": gettext("判定"),
        "kind": gettext("类型"),
        "households": gettext("户数"),
        "residents": gettext("常住人口"),
        "households_test": gettext("户数检验"),
        "residents_test": gettext("人数检验"),
        "basis": gettext("划分依据"),
        "plan": gettext("方案"),
        "start": gettext("起点"),
        "binding": gettext("决定项"),
        "room": gettext("余地"),
        "made_of": gettext("组成"),
        "border": gettext("边界"),
        "gives": gettext("可调出到"),
        "takes": gettext("可调入自"),
        "community": gettext("社区"),
        "street": gettext("街道"),
        "estate": gettext("小区"),
        "grid": gettext("网格"),
        "grids": gettext("网格数"),
        "elderly": gettext("老年人（60岁以上）"),
        "children": gettext("儿童（15岁以下）"),
        "floors": gettext("层数"),
        "source": gettext("户数来源"),
        "walk": gettext("步行"),
        "covered": gettext("家庭覆盖率"),
        "level": gettext("级别"),
        "address": gettext("地址"),
        "hours": gettext("开放时间"),
        "functions": gettext("服务"),
        "phone": gettext("电话"),
        "area": gettext("面积"),
        "owner": gettext("管理单位"),
        "rank": gettext("排名"),
        "buildings": gettext("楼栋数"),
        "walks": gettext("步行距离"),
        "missing": gettext("平均超出时限"),
        "no_path": gettext("没有步行路线"),
        "goes_there": gettext("就近来这里"),
        "in_reach": gettext("步行可达"),
        "per_hundred": gettext("每百户面积"),
        "near_street": gettext("最近的街道"),
        "gained": gettext("新增覆盖"),
        "saved": gettext("节省步行"),
        "cost": gettext("造价"),
        "capacity": gettext("服务能力"),
        "limit": gettext("步行口径"),
        "worth": gettext("整套选址"),
        "walk_back": gettext("返回"),
        "straight": gettext("直线距离"),
        "access": gettext("每百户可用面积"),
    }


def _sentences() -> dict[str, str]:
    return {
        "unknown": gettext("未知"),
        "rule": gettext("规则"),
        "within": gettext("在服务圈内"),
        "outside": gettext("在服务圈外"),
        "counted": gettext("参与本次可达性检查"),
        "not_counted": gettext("不参与本次可达性检查"),
        "no_path": gettext("没有步行路线可达"),
        "mean_walk": gettext("按户平均"),
        "too_small": gettext("低于标准"),
        "catchment": gettext("从这里步行，最近的服务点是它"),
        "gap": gettext("盲区"),
        "proposal": gettext("建议新增，不是现状"),
        "run": gettext("结果"),
        "optimal": gettext("已证明最优"),
        "gap_to_best": gettext("未证明最优，与理论最优最多差"),
        "gap_unknown": gettext("未证明最优，差距未知"),
        "failed": gettext("图层没有载入，请检查网络后刷新页面："),
        "found": gettext("条结果"),
        "no_shape": gettext("没有边界图形"),
        "nothing": gettext("没有找到，请换个词试试"),
        "zoom_in": gettext("放大"),
        "zoom_out": gettext("缩小"),
        "whole": gettext("显示全部"),
        "listed": gettext("、"),
        "close": gettext("关闭"),
        "may_lose": gettext("可减"),
        "may_gain": gettext("可增"),
        "lacks": gettext("还差"),
        "exceeds": gettext("超出"),
        "units": gettext("个单元"),
        "estates": gettext("个完整小区"),
        "locked": gettext("已锁定"),
        "nobody": gettext("没有可单独调整的单元"),
        "straight": gettext("直线"),
    }


def _tools() -> dict[str, Any]:
    """Return what the tools of the map say."""
    return {
        "here": gettext("所问的位置，可拖动"),
        "nearest_hint": gettext("点地图上的一处；用键盘时按回车，问的是地图中心。"),
        "computing": gettext("正在计算……"),
        "what_if": gettext("假如……"),
        "what_if_hint": gettext("点地图新增一处，拖动标志迁移，点标志关闭或恢复；方向键也能移动。"),
        "not_present": gettext("假设情景，不是现状"),
        "add_facility": gettext("新增服务点"),
        "add_path": gettext("新增通道（点两端）"),
        "reset": gettext("全部还原"),
        "undo": gettext("撤销"),
        "added": gettext("新增"),
        "path": gettext("通道"),
        "moved": gettext("迁移"),
        "closed": gettext("已关闭"),
        "failed": gettext("没有算出来，请检查网络后再试"),
        "off_street": gettext("有的位置离道路太远，谁也服务不到，请移到路边。"),
        "covered": gettext("时限内步行可达"),
        "measure": gettext("口径"),
        "now": gettext("现状"),
        "then": gettext("假设"),
        "change": gettext("变化"),
        "measures": {
            "buildings": gettext("住宅楼"),
            "households": gettext("户数"),
            "residents": gettext("常住人口"),
            "elderly": gettext("老年人"),
            "children": gettext("儿童"),
        },
        "nearer": gettext("步行变近"),
        "farther": gettext("变远"),
        "gained": gettext("新覆盖"),
        "lost": gettext("不再覆盖"),
        "buildings": gettext("栋"),
        "communities": gettext("按社区"),
        "gaps_mended": gettext("补上的盲区"),
        "gaps_worsened": gettext("扩大或新出现的盲区"),
        "more": gettext("另有"),
    }
