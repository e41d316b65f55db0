"""The measures officials read: what each is called, how it is written, and in plain words how it is measured."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from gis_service.audit.limits import BEYOND_M, GROUP_KINDS, SERVICE_KINDS, Limits
from gis_service.errors import Text
from gis_service.reach.capacity import AREA_PER_HUNDRED_HOUSEHOLDS_M2
from gis_service.workflows.kinds import any_of

Unit = Literal["count", "share", "area", "day"]
Evidence = Literal[
    "", "grids", "buildings", "uncovered", "beyond", "elderly", "children", "facilities", "estates", "gridless",
    "outside",
]  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """One figure of a region or grid.

    Parameters
    ----------
    key
        Column of the indicators.
    label
        What it is called.
    unit
        How it is written: whole number, share [%], floor area [m²] or day.
    method
        How it is measured, in a sentence an official understands.
    evidence
        The list that a click on it leads to; empty: none.
    better
        Whether more is better (1), less is (-1) or neither (0).
    of_grids
        Whether grids have it too.
    beside
        Column of a second figure shown beside it; empty: none.
    minutes
        The cut-off that its evidence does not keep [min]; None: the one that decides, or none.
    """

    key: str
    label: Text
    unit: Unit
    method: Text
    evidence: Evidence = ""
    better: int = 0
    of_grids: bool = True
    beside: str = ""
    minutes: float | None = None


def measures(limits: Limits | None, kinds: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the measures of an audit in the order in which they are read.

    Parameters
    ----------
    limits
        What counted as reached; None: nothing was walked, and there are no measures of walks.
    kinds
        Kinds of facility that counted.
    """
    return (*_of_grids(), *_of_people(), *(_of_walks(limits, kinds) if limits is not None else ()), *_of_service())


def written(value: Any, unit: Unit) -> str:
    """Return a figure as people write it; a dash where it is unknown."""
    if value is None or value != value:  # noqa: PLR0124 nan is not itself
        return "—"
    forms: Mapping[Unit, Callable[[Any], str]] = {
        "count": lambda number: f"{number:,}",
        "share": _percent,
        "area": lambda number: f"{number:,.1f}",
        "day": str,
    }
    return forms[unit](value)


def _percent(share: float) -> str:
    """Return a share in percent; what is not quite all or nothing never reads as all or nothing."""
    percent = f"{100 * share:.1f}%"
    if percent == "100.0%" and share < 1:
        return ">99.9%"
    return "<0.1%" if percent == "0.0%" and share > 0 else percent


def _of_grids() -> tuple[Measure, ...]:
    return (
        Measure(
            "grids",
            Text("网格", "grids"),
            "count",
            Text(
                "各社区现行方案（没有时取最新的草拟方案）中的网格数",
                "grids of each community's plan in force, or of its newest proposal where none is",
            ),
            "grids",
            of_grids=False,
        ),
        Measure(
            "normal_share",
            Text("规模合规网格占比", "grids in range"),
            "share",
            Text(
                "规模合规的网格数除以应检网格数；专属网格和无住户的网格不检验规模，不在分子也不在分母",
                "grids within the size rule over those with a size test; special grids and land without households "
                "have none and stand in neither number",
            ),
            "grids",
            1,
            of_grids=False,
        ),
        Measure(
            "unchanged_since",
            Text("网格未变始于", "unchanged since"),
            "day",
            Text(
                "网格以同一编码保持同一范围（相差不超过 1 平方米）的起始日；区域取其中最晚的一天，有网格无从得知时不填",
                "day since which a grid has had the same land (within 1 m²) under the same code; of a region the "
                "latest of its grids, empty where one is not known",
            ),
            "grids",
        ),
    )


def _of_people() -> tuple[Measure, ...]:
    people = Text(
        "辖区内全部楼栋之和；有楼栋人数不详时不填", "sum over all buildings; empty where that of one is unknown"
    )
    return (
        Measure("households", Text("户数", "households"), "count", people, "buildings"),
        Measure("residents", Text("常住人口", "residents"), "count", people, "buildings"),
        Measure(
            "buildings_without_grid",
            Text("无网格楼栋", "buildings without a grid"),
            "count",
            Text(
                "在社区内、但不属于任何网格的楼栋；社区没有方案时全部计入",
                "buildings of a community that are in no grid; all of them where the community has no plan",
            ),
            "gridless",
            -1,
            of_grids=False,
        ),
        Measure(
            "buildings_without_community",
            Text("社区外楼栋", "buildings outside communities"),
            "count",
            Text("不在任何社区边界内的楼栋，不计入其他各项", "buildings in no community; they are in no other figure"),
            "outside",
            -1,
            of_grids=False,
        ),
    )


def _of_walks(limits: Limits, kinds: tuple[str, ...]) -> tuple[Measure, ...]:
    to = any_of(kinds)
    return (
        *(_band(limits, place, to) for place in range(len(limits.minutes))),
        _residents(limits, to),
        *(_group(group, limits) for group in GROUP_KINDS),
        Measure(
            "households_beyond",
            Text(f"{limits.beyond_m:,.0f} 米外户数", f"households beyond {limits.beyond_m:,.0f} m"),
            "count",
            Text(
                f"步行到最近的{to.zh}超过 {BEYOND_M:,.0f} 米（不含）或没有步行路线的住户",
                f"households that walk more than {BEYOND_M:,.0f} m to the nearest {to.en}, or have no way on foot",
            ),
            "beyond",
            -1,
        ),
    )


def _band(limits: Limits, place: int, to: Text) -> Measure:
    name, minutes = limits.names()[place], limits.minutes[place]
    metres = minutes * 60 * limits.speed_m_per_s
    return Measure(
        f"households_{name}_share",
        Text(f"{minutes:g} 分钟覆盖住户", f"households within {minutes:g} min"),
        "share",
        Text(
            f"沿道路步行 {minutes:g} 分钟（{limits.speed_m_per_s:g} 米/秒，{metres:,.0f} 米，含）内可到{to.zh}"
            "的住户占比；旁边“直线”是同样米数画圆圈的结果，只作对照",
            f"share of households that reach a {to.en} within {minutes:g} minutes along streets "
            f"({limits.speed_m_per_s:g} m/s, {metres:,.0f} m, inclusive); the straight line of the same metres stands "
            "beside it for comparison only",
        ),
        "uncovered",
        1,
        beside=f"households_{name}_straight_share",
        minutes=None if place == len(limits.minutes) - 1 else minutes,
    )


def _residents(limits: Limits, to: Text) -> Measure:
    name, minutes = limits.names()[-1], limits.minutes[-1]
    return Measure(
        f"residents_{name}_share",
        Text(f"{minutes:g} 分钟覆盖人口", f"residents within {minutes:g} min"),
        "share",
        Text(
            f"同上，按常住人口计：步行 {minutes:g} 分钟内可到{to.zh}的人口占比；有楼栋人数不详时不填",
            f"the same by residents: share that reaches a {to.en} within {minutes:g} minutes; empty where some are "
            "unknown",
        ),
        "uncovered",
        1,
        beside=f"residents_{name}_straight_share",
    )


def _group(group: str, limits: Limits) -> Measure:
    minutes = limits.minutes[-1]
    speed = limits.elderly_speed_m_per_s if group == "elderly" else limits.speed_m_per_s
    to = any_of(GROUP_KINDS[group])
    who = Text("老年人", "elderly") if group == "elderly" else Text("儿童", "children")
    age = Text("60 岁及以上", "60 and over") if group == "elderly" else Text("15 岁以下", "under 15")
    return Measure(
        f"{group}_served_share",
        Text(f"{who.zh}设施覆盖", f"{who.en} served"),
        "share",
        Text(
            f"{who.zh}（{age.zh}）中，步行 {minutes:g} 分钟（{speed:g} 米/秒，{minutes * 60 * speed:,.0f} 米）内"
            f"可到{to.zh}的占比",
            f"share of {who.en} ({age.en}) that reach a {to.en} within {minutes:g} minutes at {speed:g} m/s "
            f"({minutes * 60 * speed:,.0f} m)",
        ),
        "elderly" if group == "elderly" else "children",
        1,
    )


def _of_service() -> tuple[Measure, ...]:
    kinds = any_of(SERVICE_KINDS)
    return (
        Measure(
            "service_m2_per_100_households",
            Text("每百户服务面积（平方米）", "floor area per 100 households (m²)"),
            "area",
            Text(
                f"辖区内公开的{kinds.zh}建筑面积之和除以户数再乘 100；面积不详的设施不计面积；规划参考值每百户 "
                f"{AREA_PER_HUNDRED_HOUSEHOLDS_M2:g} 平方米",
                f"floor area of public {kinds.en} per 100 households; unknown areas add nothing; "
                f"{AREA_PER_HUNDRED_HOUSEHOLDS_M2:g} m² are wanted",
            ),
            "facilities",
            1,
            of_grids=False,
        ),
        Measure(
            "facilities_over_capacity",
            Text("面积不足的设施", "facilities over capacity"),
            "count",
            Text(
                f"就近到它的住户平均每百户不足 {AREA_PER_HUNDRED_HOUSEHOLDS_M2:g} 平方米的设施；面积不详的不判定",
                f"facilities with less than {AREA_PER_HUNDRED_HOUSEHOLDS_M2:g} m² per 100 households whose nearest "
                "they are; those of unknown area are not judged",
            ),
            "facilities",
            -1,
            of_grids=False,
        ),
        Measure(
            "estates_without_station",
            Text("无驿站小区", "estates without a station"),
            "count",
            Text(
                "小区边界内没有公开的近邻红色驿站；没有边界图形的小区以其楼栋的外包范围代替",
                "no public red station lies in the estate, or in the hull of its buildings where it has no outline",
            ),
            "estates",
            -1,
            of_grids=False,
        ),
    )
