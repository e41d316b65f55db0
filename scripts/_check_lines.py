"""What a check of reachability found, in lines for people."""

from collections.abc import Hashable, Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
from _changes import change_lines
from _walking import kept_line, remarks, share_of

from gis_service.errors import Text
from gis_service.workflows.check_city_reach import ReachChecked
from gis_service.workflows.kinds import any_of

GAPS_SHOWN = 5
FACILITIES_SHOWN = 5


def check_lines(checked: ReachChecked, exported: Path | None) -> list[Text]:
    """Return what a check found, why nobody is served if so, what has to be known besides, and where it was written."""
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
        if checked.scenario.at is None:  # the standard is one of floor area, whatever the hour
            lines += _capacity(checked)
        lines.append(Text(f"  盲区 {len(result.gaps)} 处", f"  {len(result.gaps)} gaps"))
        lines += [_gap(gap) for gap in result.gaps.head(GAPS_SHOWN).to_dict("records")]
    lines += kept_line(checked.run_id)
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
