"""What the programs about walks share: the arguments that make the rules, and the remarks beside every figure."""

import argparse
from collections.abc import Mapping
from typing import Any

from _arguments import decimal
from _program import Parser

from gis_service.errors import Text
from gis_service.reach.rules import PACES, ReachRules
from gis_service.workflows.network_words import network_remarks


def add_walking_options(parser: Parser) -> None:
    """Add cut-off, speed or pace, and kinds of facility."""
    rules = ReachRules()
    parser.option(
        "--minutes",
        type=decimal,
        default=rules.minutes,
        help_text=Text("步行时限，分钟，含端点（默认 15）", "cut-off [min], inclusive (default 15)"),
    )
    paces = "、".join(f"{name}={speed}" for name, speed in PACES.items())
    parser.option(
        "--speed",
        "--pace",
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


def walking_rules(arguments: argparse.Namespace) -> ReachRules:
    """Return the rules that the arguments ask for."""
    return ReachRules(minutes=arguments.minutes, speed_m_per_s=arguments.speed, kinds=tuple(arguments.kind))


def remarks(rules: ReachRules, summary: Mapping[str, Any]) -> list[Text]:
    """Return what the reader of a run's summary has to know besides its figures.

    Facilities that nobody reaches, buildings that are in no figure, pieces of the network and where it ends.
    """
    lines = []
    off: list[str] = summary["facilities_off_network"]
    if off:
        lines.append(
            Text(
                f"  注意：{len(off)} 处设施离步行路网超过 {rules.max_gap_m:g} 米，谁也走不到：{'、'.join(off)}",
                f"  note: {len(off)} facilities lie more than {rules.max_gap_m:g} m off the network: {', '.join(off)}",
            )
        )
    buildings, households = (summary[f"{name}_outside_communities"] for name in ("buildings", "households"))
    if buildings:
        lines.append(
            Text(
                f"  注意：另有 {buildings} 栋楼、{households} 户不在任何社区内，不计入以下数字",
                f"  note: {buildings} buildings, {households} households lie outside every community and in no figure",
            )
        )
    lines += [Text(f"  {remark.zh}", f"  {remark.en}") for remark in network_remarks(summary)]
    return lines


def share_of(part: float, whole: float) -> Text:
    """Return a part of a whole with its share, ``—`` where the whole is nothing."""
    share = f"{part / whole:.1%}" if whole else "—"
    return Text(f"{part:.0f}/{whole:.0f}（{share}）", f"{part:.0f}/{whole:.0f} ({share})")


def _speed(text: str) -> float:
    return PACES[text] if text in PACES else decimal(text)
