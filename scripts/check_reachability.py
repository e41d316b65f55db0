#!/usr/bin/env python3
"""Check who reaches a facility within the 15-minute service circle, on foot."""

import argparse
from collections.abc import Hashable, Mapping
from math import isnan
from pathlib import Path
from typing import Any

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import place
from _program import Outcome, Parser, run
from _walking import add_walking_options, remarks, share_of, walking_rules

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import Text
from gis_service.exports.files import check_writable
from gis_service.exports.geopackage import write_reach
from gis_service.workflows.check_city_reach import ReachChecked, check_city_reach
from gis_service.workflows.kinds import any_of, nearest_of
from gis_service.workflows.progress import Report
from gis_service.workflows.provenance import about_reach

GAPS_SHOWN = 5


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    add_walking_options(parser)
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
    rules = walking_rules(arguments)
    if arguments.to is not None:
        check_writable(arguments.to, ".gpkg")
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
            about = about_reach(
                checked.city, rules, checked.buildings, settings, add=arguments.add, without=arguments.without
            )
            write_reach(
                arguments.to,
                checked.buildings,
                result.buildings,
                result.circles,
                result.gaps,
                about=about,
                nearest=nearest_of(rules.kinds),
            )
    return Outcome(_lines(checked, arguments.to), _data(checked))


def _lines(checked: ReachChecked, exported: Path | None) -> list[Text]:
    rules, result = checked.rules, checked.result
    metres = round(rules.minutes * 60 * rules.speed_m_per_s)
    kinds = any_of(rules.kinds)
    reused = Text("（沿用已有结果）", " (kept)") if checked.reused else Text("", "")
    lines = [
        Text(
            f"{checked.city.title}：{rules.minutes:g} 分钟 × {rules.speed_m_per_s:g} 米/秒 = {metres} 米，"
            f"{len(checked.facilities)} 处设施（{kinds.zh}）{reused.zh}",
            f"{checked.city.title}: {rules.minutes:g} min x {rules.speed_m_per_s:g} m/s = {metres} m, "
            f"{len(checked.facilities)} facilities ({kinds.en}){reused.en}",
        )
    ]
    if checked.scenario is not None:
        lines.append(Text(f"  【{checked.scenario.zh}】", f"  [{checked.scenario.en}]"))
    lines += remarks(rules, result.summary)
    lines += [_covered(row) for row in result.coverage[result.coverage["level"] == "city"].to_dict("records")]
    lines.append(Text(f"  盲区 {len(result.gaps)} 处", f"  {len(result.gaps)} gaps"))
    lines += [_gap(gap) for gap in result.gaps.head(GAPS_SHOWN).to_dict("records")]
    if exported is not None:
        lines.append(Text(f"  已写入 {exported}", f"  written to {exported}"))
    return lines


def _covered(row: Mapping[Hashable, Any]) -> Text:
    households, buildings = (share_of(row[f"{name}_covered"], row[name]) for name in ("households", "buildings"))
    return Text(
        f"  覆盖住户 {households.zh}，楼栋 {buildings.zh}", f"  households {households.en}, buildings {buildings.en}"
    )


def _gap(gap: Mapping[Hashable, Any]) -> Text:
    known = not isnan(gap["nearest_walk_m"])
    nearest = Text(
        f"最近步行 {gap['nearest_walk_m']:.0f} 米" if known else "没有步行路径",
        f"nearest walk {gap['nearest_walk_m']:.0f} m" if known else "no path",
    )
    return Text(
        f"    第 {gap['rank']} 位：{gap['households']} 户，{gap['buildings']} 栋，{nearest.zh}",
        f"    no. {gap['rank']}: {gap['households']} households, {gap['buildings']} buildings, {nearest.en}",
    )


def _data(checked: ReachChecked) -> dict[str, object]:
    result = checked.result
    coverage = result.coverage.astype(object).where(result.coverage.notna(), None)
    gaps = result.gaps.drop(columns="geometry").astype(object)
    inside = checked.buildings.loc[checked.buildings["community_code"].notna(), "id"]
    statuses = result.buildings.loc[result.buildings["id"].isin(inside), "status"]
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
        "statuses": statuses.value_counts().to_dict(),
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
