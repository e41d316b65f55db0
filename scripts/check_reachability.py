#!/usr/bin/env python3
"""Check who reaches a facility within the 15-minute service circle, on foot."""

import argparse
from collections.abc import Hashable, Mapping
from datetime import datetime
from math import isnan
from pathlib import Path
from typing import Any

import _environment  # noqa: F401 starts the checkout's own Python first
import pandas as pd
from _arguments import ArgumentError, place, whole_number
from _changes import change_lines
from _program import Outcome, Parser, run
from _replay import add_replay_option, replay
from _walking import add_walking_options, remarks, share_of, walking_rules

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import InputError, Text
from gis_service.exports.files import check_writable
from gis_service.exports.geopackage import write_reach
from gis_service.reach.one_point import MOST_NEAREST
from gis_service.workflows.check_city_reach import ReachChecked, check_city_reach
from gis_service.workflows.kinds import any_of, nearest_of
from gis_service.workflows.moments import read_moment
from gis_service.workflows.progress import Report
from gis_service.workflows.provenance import about_reach
from gis_service.workflows.replays import replay_reach_run
from gis_service.workflows.scenario import LonLat, Scenario

GAPS_SHOWN = 5
FACILITIES_SHOWN = 5


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
    parser.option(
        "--move",
        nargs="+",
        type=moved,
        default=[],
        metavar="FACILITY=LON,LAT",
        help_text=Text("假设把设施迁到别处；结果不入库", "imagine these moved; nothing is stored"),
    )
    parser.option(
        "--add-path",
        nargs="+",
        type=path_or_places,
        default=[],
        metavar="FILE|LON,LAT,LON,LAT",
        help_text=Text(
            "假设新开步行通道：线图层文件，或两端（可加中间点）的经纬度；住户仍从原来的路出门；结果不入库",
            "imagine paths: a file of lines, or places from end to end; people keep their street; nothing is stored",
        ),
    )
    parser.option(
        "--at",
        type=moment,
        metavar="YYYY-MM-DDTHH:MM",
        help_text=Text("只计此时开放的设施；结果不入库", "only facilities open then count; nothing is stored"),
    )
    parser.option(
        "--unknown-open",
        action="store_true",
        help_text=Text("开放时间不明的设施按开放计", "facilities of unknown hours count as open"),
    )
    parser.option(
        "--nearest",
        type=whole_number(1, MOST_NEAREST),
        default=0,
        metavar="K",
        help_text=Text(
            "每栋楼最近的 K 处设施，写入 --to 的 nearest 表", "the K nearest of every building, a table of --to"
        ),
    )
    parser.option("--to", type=Path, metavar="FILE.gpkg", help_text=Text("导出 GeoPackage", "write a GeoPackage"))
    parser.option(
        "--unless-current",
        action="store_true",
        help_text=Text("数据与参数都没变时沿用已有结果", "keep a run with the same inputs and rules"),
    )
    add_replay_option(parser)


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Check, store or export, and say what is covered and where the gaps are."""
    if arguments.replay is not None:
        return replay(settings, arguments, replay_reach_run)
    if arguments.nearest and arguments.to is None:
        raise InputError(
            Text("--nearest 要与 --to 合用：它写成其中的一张表", "--nearest needs --to: it is a table of that file")
        )
    if arguments.unknown_open and arguments.at is None:
        raise InputError(
            Text(
                "--unknown-open 要与 --at 合用：不问时间时所有设施都计入",
                "--unknown-open needs --at: where no time is asked about all facilities count",
            )
        )
    scenario = Scenario(
        add=tuple(arguments.add),
        without=tuple(arguments.without),
        move=tuple(arguments.move),
        paths=tuple(arguments.add_path),
        at=arguments.at,
        unknown_open=arguments.unknown_open,
    )
    if arguments.unless_current and scenario.imagined:
        raise InputError(
            Text(
                "--unless-current 不能与假设情景（--add、--without、--move、--add-path、--at）合用：情景不入库",
                "--unless-current does not go with a scenario (--add, --without, --move, --add-path, --at): none is "
                "stored",
            )
        )
    rules = walking_rules(arguments)
    if arguments.to is not None:
        check_writable(arguments.to, ".gpkg")
    with begin(settings) as conn:
        checked = check_city_reach(
            conn,
            arguments.city,
            rules=rules,
            scenario=scenario,
            nearest=arguments.nearest,
            unless_current=arguments.unless_current,
            report=report,
        )
        if arguments.to is not None:
            result = checked.result
            about = about_reach(
                checked.city,
                rules,
                checked.buildings,
                settings,
                scenario=checked.scenario,
                summary=result.summary,
            )
            tables = {"facilities": result.service, "coverage": result.bands}
            write_reach(
                arguments.to,
                checked.buildings,
                result.buildings,
                result.circles,
                result.gaps,
                about=about,
                nearest=nearest_of(rules.kinds),
                catchments=result.catchments,
                tables=tables if checked.nearest is None else tables | {"nearest": checked.nearest},
            )
    return Outcome(_lines(checked, arguments.to), _data(checked))


def moved(text: str) -> tuple[str, LonLat]:
    """Return a facility's id and its new place."""
    facility, sign, where = text.rpartition("=")
    if not facility or not sign:
        raise ArgumentError(
            Text(
                f"“{text}”应写成“设施编号=经度,纬度”，如 s1=120.2167,27.3243",
                f"{text!r} must read FACILITY=LON,LAT, as s1=120.2167,27.3243",
            )
        )
    return facility, place(where)


def path_or_places(text: str) -> tuple[LonLat, ...] | Path:
    """Return the places along a path, or the file of lines that the argument names."""
    numbers = text.replace("，", ",").split(",")
    if not all(_is_number(number) for number in numbers):
        return Path(text)
    if len(numbers) < 4 or len(numbers) % 2:  # noqa: PLR2004 two places at least
        raise ArgumentError(
            Text(
                f"“{text}”应写成“经度,纬度,经度,纬度”，或线图层文件",
                f"{text!r} must read LON,LAT,LON,LAT, or name a file of lines",
            )
        )
    return tuple(place(",".join(pair)) for pair in zip(numbers[::2], numbers[1::2], strict=True))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def moment(text: str) -> datetime:
    """Return a local time."""
    found = read_moment(text)
    if found is None:
        raise ArgumentError(
            Text(
                f"“{text}”应写成当地日期和时间，如 2026-11-22T09:30",
                f"{text!r} must be a local day and time, as 2026-11-22T09:30",
            )
        )
    return found


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
    if checked.scenario.imagined:
        said = checked.scenario.text
        lines.append(Text(f"  【{said.zh}】", f"  [{said.en}]"))
    if checked.comparison is not None:
        lines += change_lines(checked.comparison)
    lines += remarks(rules, result.summary)
    lines += _hours(checked)
    lines += [_covered(row) for row in result.coverage[result.coverage["level"] == "city"].to_dict("records")]
    if len(checked.facilities):
        # Else nobody walks anywhere: the floor area is not the city's, and every gap is the whole of its neighbourhood.
        lines += _without_walk(result.summary)
        lines += [_band(row) for row in result.bands[result.bands["level"] == "city"].to_dict("records")]
        lines += _capacity(checked)
        lines.append(Text(f"  盲区 {len(result.gaps)} 处", f"  {len(result.gaps)} gaps"))
        lines += [_gap(gap) for gap in result.gaps.head(GAPS_SHOWN).to_dict("records")]
    if exported is not None:
        lines.append(Text(f"  已写入 {exported}", f"  written to {exported}"))
    return lines


def _hours(checked: ReachChecked) -> list[Text]:
    """Return why nobody is served, if so, and what has to be known of opening hours where a time was asked about."""
    unknown = checked.hours_unknown
    if checked.result.summary.get("hours_unknown"):
        return [
            Text(
                f"  没有确知此时开放的设施：{len(unknown)} 处开放时间不明，请先打电话核实：{'、'.join(unknown)}",
                f"  nothing is known to be open then: hours of {len(unknown)} facilities unknown, please call first: "
                f"{', '.join(unknown)}",
            )
        ]
    if checked.result.summary.get("none_open"):
        return [
            Text(
                "  此时没有任何设施开放：谁都走不到，不是没有路",
                "  nothing is open then, so nobody is served",
            )
        ]
    if checked.result.summary.get("no_facility"):
        return [Text("  没有留下任何设施：谁都走不到，不是没有路", "  no facility is left, so nobody is served")]
    if not unknown:
        return []
    return [
        Text(
            f"  注意：{len(unknown)} 处设施开放时间不明：{'、'.join(unknown)}",
            f"  note: hours of {len(unknown)} facilities unknown: {', '.join(unknown)}",
        )
    ]


def _without_walk(summary: Mapping[str, Any]) -> list[Text]:
    """Return how many households have no street near, and how many no path; nothing where all have a walk."""
    off, cut_off = summary["households_no_network"], summary["households_no_path"]
    if not off and not cut_off:
        return []
    return [
        Text(
            f"  其中 {off:,} 户附近没有步行道路，{cut_off:,} 户没有步行路径，都算未覆盖",
            f"  {off:,} households have no street near, {cut_off:,} have no path; all of them count as not covered",
        )
    ]


def _covered(row: Mapping[Hashable, Any]) -> Text:
    households, buildings = (share_of(row[f"{name}_covered"], row[name]) for name in ("households", "buildings"))
    return Text(
        f"  覆盖住户 {households.zh}，楼栋 {buildings.zh}", f"  households {households.en}, buildings {buildings.en}"
    )


def _band(row: Mapping[Hashable, Any]) -> Text:
    """Return one band of the city: households, where known residents and elderly, and the straight line."""
    covered, straight = (share_of(row[f"households_{part}"], row["households"]) for part in ("covered", "straight"))
    zh, en = f"{covered.zh} 户", f"{covered.en} households"
    for name, word in (("residents", Text("人", "residents")), ("elderly", Text("老人", "elderly"))):
        if not (pd.isna(row[name]) or pd.isna(row[f"{name}_covered"])):
            part = share_of(row[f"{name}_covered"], row[name])
            zh, en = f"{zh}，{part.zh} {word.zh}", f"{en}, {part.en} {word.en}"
    return Text(
        f"    {row['minutes']:g} 分钟内 {zh}；按直线画圈会算成 {straight.zh} 户",
        f"    within {row['minutes']:g} min {en}; a straight line would claim {straight.en}",
    )


def _capacity(checked: ReachChecked) -> list[Text]:
    """Return how much floor area there is for all households, and whose own is too small for those nearest to it."""
    result = checked.result
    unknown = result.summary["facilities_area_unknown"]
    lines = []
    per_hundred = result.summary["area_per_hundred_households_m2"]
    if per_hundred is not None:
        wanted, area_m2 = result.summary["area_wanted_per_hundred_households_m2"], result.service["area_m2"].sum()
        households = result.summary["households"]
        below = per_hundred < wanted
        kinds = any_of(checked.rules.kinds)
        verdict = Text("不足标准", "below it") if below else Text("达到标准", "enough")
        lines.append(
            Text(
                f"  每百户服务面积 {per_hundred:.1f} 平方米，{verdict.zh} {wanted:g}"
                f"（只计{kinds.zh}，共 {area_m2:,.0f} 平方米；全部住户 {households:,} 户）",
                f"  {per_hundred:.1f} m2 per 100 households, wanted {wanted:g}: {verdict.en} "
                f"({area_m2:,.0f} m2 of {kinds.en} for all {households:,} households)",
            )
        )
    if unknown:
        added = len(checked.scenario.add)
        of_added = Text(f"，其中拟设点 {added} 处", f", {added} of them imagined") if added else Text("", "")
        lines.append(
            Text(
                f"  {unknown} 处设施面积不详{of_added.zh}，没有计入面积",
                f"  the floor area of {unknown} facilities is not known{of_added.en}; they add none",
            )
        )
    over = result.summary["facilities_over_capacity"]
    if over:
        named = checked.facilities.set_index("id")["name"].reindex(over[:FACILITIES_SHOWN])
        names = [str(facility if pd.isna(name) else name) for facility, name in named.items()]
        more = len(over) > len(names)
        lines.append(
            Text(
                f"  按最近的住户算，面积不足标准的设施 {len(over)} 处：{'、'.join(names)}{' 等' if more else ''}",
                f"  {len(over)} facilities have less for those whose nearest they are: {', '.join(names)}"
                f"{', ...' if more else ''}",
            )
        )
    return lines


def _gap(gap: Mapping[Hashable, Any]) -> Text:
    walks = _gap_walks(gap)
    return Text(
        f"    第 {gap['rank']} 位 {gap['name']}：{gap['households']} 户，{gap['buildings']} 栋，{walks.zh}",
        f"    no. {gap['rank']} {gap['name']}: {gap['households']} households, {gap['buildings']} buildings, "
        f"{walks.en}",
    )


def _gap_walks(gap: Mapping[Hashable, Any]) -> Text:
    """Return the range and the mean of a gap's walks, what the mean misses, and who has no path."""
    if isnan(gap["mean_walk_m"]):
        return Text("没有步行路径", "no path")
    least, mean, most = (f"{gap[f'{which}_walk_m']:.0f}" for which in ("nearest", "mean", "farthest"))
    one = Text(f"步行 {mean} 米", f"a walk of {mean} m")
    several = Text(
        f"步行 {least}–{most} 米，按户平均 {mean} 米",
        f"walks of {least} to {most} m, {mean} m in the mean of its households",
    )
    walks = one if least == most else several
    said = Text(
        f"{walks.zh}（超 {gap['missing_min']:.1f} 分钟）", f"{walks.en} ({gap['missing_min']:.1f} min too long)"
    )
    without = gap["households_no_path"]
    if pd.isna(without) or not without:
        return said
    return Text(f"{said.zh}，另有 {without} 户没有步行路径", f"{said.en}, {without} households without any path")


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
        "rules": checked.rules.as_dict(),
        "kinds": list(checked.rules.kinds),
        "facilities": len(checked.facilities),
        "reused": checked.reused,
        "scenario": checked.scenario.text.en or None,
        "comparison": None if checked.comparison is None else checked.comparison.as_dict(),
        "coverage": coverage.to_dict("records"),
        "bands": _records(result.bands),
        "service": _records(result.service),
        "hours_unknown": list(checked.hours_unknown),
        "gaps": gaps.where(gaps.notna(), None).to_dict("records"),
        "statuses": statuses.value_counts().to_dict(),
        "summary": result.summary,
    }


def _records(frame: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """Return the rows as plain values for JSON."""
    plain = frame.astype(object)
    rows: list[dict[Hashable, Any]] = plain.where(plain.notna(), None).to_dict("records")
    return rows


if __name__ == "__main__":
    run(
        Text(
            "检查每栋楼步行到最近设施要多久，谁在 15 分钟服务圈之外。",
            "Check who reaches a facility within the 15-minute service circle, on foot.",
        ),
        add_options,
        work,
    )
