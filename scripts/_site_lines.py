"""Where the next facilities should open, in lines for people."""

from collections.abc import Hashable, Mapping
from math import isnan
from pathlib import Path
from typing import Any

from _walking import kept_line, remarks, share_of

from gis_service.errors import Text
from gis_service.geo.crs import to_stored
from gis_service.workflows.kinds import any_of
from gis_service.workflows.site_facilities import Sited
from gis_service.workflows.siting_words import answer_text, ended_texts, limited, question_text

COMMUNITIES_SHOWN = 10
CANDIDATES_SHOWN = 5


def site_lines(sited: Sited, exported: Path | None) -> list[Text]:
    """Return the question, the sites and what they bring, how good they are at best, and where they were written."""
    run, rules, summary = sited.run, sited.run.rules, sited.run.result.summary
    reach, kinds = rules.reach, any_of(rules.reach.kinds)
    question, answer = question_text(rules, summary, given=run.given), answer_text(rules, summary)
    reused = Text("（沿用已有结果）", " (kept)") if sited.reused else Text("", "")
    if run.id is None:
        reused = Text("（试算，未入库）", " (an experiment, not stored)")
    metres = f"{reach.minutes:g} 分钟 × {reach.speed_m_per_s:g} 米/秒 = {reach.cutoff_m:g} 米"
    lines = [
        Text(
            f"{sited.city.title}：{kinds.zh}，{metres}，现有 {summary['facilities']} 处保留；{question.zh}{reused.zh}",
            f"{sited.city.title}: {kinds.en}, {reach.minutes:g} min x {reach.speed_m_per_s:g} m/s = "
            f"{reach.cutoff_m:g} m, {summary['facilities']} facilities stay; {question.en}{reused.en}",
        )
    ]
    lines += [Text(f"  {note.file}：{note.zh}", f"  {note.file}: {note.en}") for note in sited.notes]
    lines += remarks(reach, summary)
    lines += _off_network(sited)
    lines += [Text("  没有值得新增的设施点", "  no site is worth opening")] * (not summary["sites"])
    lines += _sites(sited)
    lines += _coverage(sited)
    if summary["cost"] is not None:
        lines.append(Text(f"  造价合计 {summary['cost']:,.10g}", f"  total cost {summary['cost']:,.10g}"))
    lines.append(Text(f"  {answer.zh}", f"  {answer.en}"))
    lines += kept_line(run.id)
    if run.id is not None:
        lines += [Text(f"  {each.zh}", f"  {each.en}") for each in ended_texts(summary)]
    if exported is not None:
        lines.append(Text(f"  已写入 {exported}", f"  written to {exported}"))
    return lines


def _off_network(sited: Sited) -> list[Text]:
    """Return which candidates lie too far from any street; nothing where none does."""
    off: list[str] = sited.run.result.summary.get("candidates_off_network", [])  # earlier versions noted none
    if not off:
        return []
    zh, en = "、".join(off[:CANDIDATES_SHOWN]), ", ".join(off[:CANDIDATES_SHOWN])
    max_gap_m = sited.run.rules.reach.max_gap_m
    more = len(off) > CANDIDATES_SHOWN
    return [
        Text(
            f"  注意：{len(off)} 个候选点离步行路网超过 {max_gap_m:g} 米，谁也走不到：{zh}{' 等' if more else ''}",
            f"  note: {len(off)} candidates lie more than {max_gap_m:g} m off the network: {en}"
            f"{', ...' if more else ''}",
        )
    ]


def _sites(sited: Sited) -> list[Text]:
    sites = sited.run.result.sites
    places = to_stored(sites).geometry
    names = dict(zip(sited.regions["code"], sited.regions["name"], strict=True))
    return [
        _site(row, names.get(row["community_code"]), longitude, latitude)
        for row, longitude, latitude in zip(sites.to_dict("records"), places.x, places.y, strict=True)
    ]


def _site(row: Mapping[Hashable, Any], community: str | None, longitude: float, latitude: float) -> Text:
    where = Text(row["street"] or "附近没有有名字的街道", row["street"] or "no named street")
    within = Text(community or "不在任何社区内", community or "in no community")
    gained = Text(f"新增覆盖 {row['households_gained']:.0f} 户", f"{row['households_gained']:.0f} households gained")
    if not isnan(row["saved_m"]):
        gained = Text(
            f"{gained.zh}，节省步行 {row['saved_m'] / 1000:,.0f} 户·公里",
            f"{gained.en}, {row['saved_m'] / 1000:,.0f} household-kilometres saved",
        )
    if not isnan(row["cost"]):
        gained = Text(f"{gained.zh}，造价 {row['cost']:,.10g}", f"{gained.en}, at a cost of {row['cost']:,.10g}")
    place = Text(f"东经 {longitude:.6f} 北纬 {latitude:.6f}", f"{longitude:.6f} E {latitude:.6f} N")
    return Text(
        f"    {row['rank']}. {row['name']}：{where.zh}，{within.zh}，{place.zh}，{gained.zh}",
        f"    {row['rank']}. {row['name']}: {where.en}, {within.en}, {place.en}, {gained.en}",
    )


def _coverage(sited: Sited) -> list[Text]:
    """Return coverage before and after: the city's, and that of the communities that gain most."""
    summary, table = sited.run.result.summary, sited.run.result.coverage
    whole = summary["households"]
    before, after = (share_of(summary[f"households_covered_{side}"], whole) for side in ("before", "after"))
    near = Text("覆盖住户", "households covered")
    if limited(summary):
        near = Text("步行可达住户（不计服务能力）", "households near enough, whatever the capacities")
    lines = [
        Text(
            f"  {near.zh}：现状 {before.zh}，新增后 {after.zh}",
            f"  {near.en}: today {before.en}, with the sites {after.en}",
        )
    ]
    unreachable = whole - summary["households_reachable"]
    if unreachable:
        lines.append(
            Text(
                f"  候选点全部启用也够不到 {unreachable:.0f} 户",
                f"  {unreachable:.0f} households are beyond all candidates together",
            )
        )
    gain = table["households_after"] - table["households_before"]
    rows = table.assign(gain=gain)[(table["level"] == "community") & (gain > 0)]
    rows = rows.sort_values(["gain", "code"], ascending=[False, True])
    names = dict(zip(sited.regions["code"], sited.regions["name"], strict=True))
    for row in rows.head(COMMUNITIES_SHOWN).to_dict("records"):
        was, now = (share_of(row[f"households_{side}"], row["households"]) for side in ("before", "after"))
        lines.append(
            Text(f"    {names[row['code']]}：{was.zh} → {now.zh}", f"    {names[row['code']]}: {was.en} -> {now.en}")
        )
    if len(rows) > COMMUNITIES_SHOWN:
        more = len(rows) - COMMUNITIES_SHOWN
        lines.append(Text(f"    另有 {more} 个社区有所提高", f"    and {more} more communities"))
    return lines
