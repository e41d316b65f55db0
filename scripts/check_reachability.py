#!/usr/bin/env python3
"""Check who reaches a facility within the 15-minute service circle, on foot."""

import argparse
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import decimal, place
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import Text
from gis_service.exports.geopackage import write_reach
from gis_service.reach.check import PACES, ReachRules
from gis_service.workflows.check_city_reach import ReachChecked, check_city_reach
from gis_service.workflows.progress import Report
from gis_service.workflows.provenance import about_reach

GAPS_SHOWN = 5


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    rules = ReachRules()
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    parser.option(
        "--minutes",
        type=decimal,
        default=rules.minutes,
        help_text=Text("步行时限，分钟，含端点（默认 15）", "cut-off [min], inclusive (default 15)"),
    )
    paces = "、".join(f"{name}={speed}" for name, speed in PACES.items())
    parser.option(
        "--speed",
        type=_speed,
        default=rules.speed_m_per_s,
        help_text=Text(f"步行速度，米/秒，或预设 {paces}（默认 1.0）", f"walking speed [m/s] or a preset: {paces}"),
    )
    parser.option(
        "--kind",
        nargs="+",
        default=list(rules.kinds),
        metavar="KIND",
        help_text=Text("计入的设施类别", "kinds of facility that count"),
    )
    parser.option(
        "--add",
        nargs="+",
        type=place,
        default=[],
        metavar="LON,LAT",
        help_text=Text("假设新增设施（WGS84 经度,纬度）；结果不入库", "imagine facilities here; nothing is stored"),
    )
    parser.option(
        "--without",
        nargs="+",
        default=[],
        metavar="FACILITY",
        help_text=Text("假设关闭这些设施；结果不入库", "imagine these closed; nothing is stored"),
    )
    parser.option("--to", type=Path, metavar="FILE.gpkg", help_text=Text("导出 GeoPackage", "write a GeoPackage"))
    parser.option(
        "--unless-current",
        action="store_true",
        help_text=Text("数据与参数都没变时沿用已有结果", "keep a run with the same inputs and rules"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Check, store or export, and say what is covered and where the gaps are."""
    rules = ReachRules(minutes=arguments.minutes, speed_m_per_s=arguments.speed, kinds=tuple(arguments.kind))
    with begin(settings) as conn:
        checked = check_city_reach(
            conn,
            arguments.city,
            rules=rules,
            add=arguments.add,
            without=arguments.without,
            unless_current=arguments.unless_current,
            report=report,
        )
        if arguments.to is not None:
            result = checked.result
            about = about_reach(checked.city, rules, settings)
            write_reach(arguments.to, checked.buildings, result.buildings, result.circles, result.gaps, about=about)
    return Outcome(_lines(checked, arguments.to), _data(checked))


def _speed(text: str) -> float:
    return PACES[text] if text in PACES else decimal(text)


def _lines(checked: ReachChecked, exported: Path | None) -> list[Text]:
    rules, result = checked.rules, checked.result
    metres = round(rules.minutes * 60 * rules.speed_m_per_s)
    reused = Text("（沿用已有结果）", " (kept)") if checked.reused else Text("", "")
    lines = [
        Text(
            f"{checked.city.title}：{rules.minutes:g} 分钟 × {rules.speed_m_per_s:g} 米/秒 = {metres} 米，"
            f"{len(checked.facilities)} 处设施{reused.zh}",
            f"{checked.city.title}: {rules.minutes:g} min x {rules.speed_m_per_s:g} m/s = {metres} m, "
            f"{len(checked.facilities)} facilities{reused.en}",
        )
    ]
    if checked.scenario is not None:
        lines.append(Text(f"  【{checked.scenario.zh}】", f"  [{checked.scenario.en}]"))
    off = result.summary["facilities_off_network"]
    if off:
        lines.append(
            Text(
                f"  注意：{len(off)} 处设施离步行路网超过 {rules.max_gap_m:g} 米，谁也走不到：{'、'.join(off)}",
                f"  note: {len(off)} facilities lie more than {rules.max_gap_m:g} m off the network: {', '.join(off)}",
            )
        )
    outside = result.summary["households_outside_communities"]
    if outside:
        lines.append(
            Text(
                f"  注意：另有 {outside} 户的楼栋不在任何社区内，不计入以下数字",
                f"  note: {outside} households outside every community are not in these figures",
            )
        )
    for row in result.coverage[result.coverage["level"] == "city"].itertuples():
        zh = f"  覆盖住户 {row.households_covered}/{row.households}（{_share(row.households_covered, row.households)}）"
        en = f"  households {row.households_covered}/{row.households}"
        lines.append(
            Text(
                f"{zh}，楼栋 {row.buildings_covered}/{row.buildings}（{_share(row.buildings_covered, row.buildings)}）",
                f"{en}, buildings {row.buildings_covered}/{row.buildings}",
            )
        )
    lines.append(Text(f"  盲区 {len(result.gaps)} 处", f"  {len(result.gaps)} gaps"))
    for gap in result.gaps.head(GAPS_SHOWN).itertuples():
        known = gap.nearest_walk_m == gap.nearest_walk_m
        nearest = Text(
            f"最近步行 {gap.nearest_walk_m:.0f} 米" if known else "没有步行路径",
            f"nearest walk {gap.nearest_walk_m:.0f} m" if known else "no path",
        )
        lines.append(
            Text(
                f"    第 {gap.rank} 位：{gap.households} 户，{gap.buildings} 栋，{nearest.zh}",
                f"    no. {gap.rank}: {gap.households} households, {gap.buildings} buildings, {nearest.en}",
            )
        )
    if exported is not None:
        lines.append(Text(f"  已写入 {exported}", f"  written to {exported}"))
    return lines


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def _data(checked: ReachChecked) -> dict[str, object]:
    result = checked.result
    coverage = result.coverage.astype(object).where(result.coverage.notna(), None)
    gaps = result.gaps.drop(columns="geometry").astype(object)
    return {
        "city": checked.city.name,
        "run": checked.run_id,
        "minutes": checked.rules.minutes,
        "speed_m_per_s": checked.rules.speed_m_per_s,
        "kinds": list(checked.rules.kinds),
        "facilities": len(checked.facilities),
        "reused": checked.reused,
        "scenario": None if checked.scenario is None else checked.scenario.en,
        "coverage": coverage.to_dict("records"),
        "gaps": gaps.where(gaps.notna(), None).to_dict("records"),
        "statuses": result.buildings["status"].value_counts().to_dict(),
        "summary": result.summary,
    }


if __name__ == "__main__":
    run(
        Text(
            "检查每栋楼步行到最近设施要多久，谁在 15 分钟服务圈之外。",
            "Check who reaches a facility within the 15-minute service circle, on foot.",
        ),
        add_options,
        work,
    )
