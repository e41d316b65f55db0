"""What the programs about walks share: the arguments that make the rules, and the remarks beside every figure."""

import argparse
from collections.abc import Mapping
from typing import Any

from _arguments import ArgumentError, decimal
from _program import Parser

from gis_service.errors import InputError, Text
from gis_service.reach.costs import signal_wait_s
from gis_service.reach.profile import PACES, SLOPES, STEPS_FACTORS
from gis_service.reach.rules import ReachRules
from gis_service.workflows.counted_words import counted_remark
from gis_service.workflows.kinds import kinds_meant
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
        help_text=Text("计入的设施类别，如 red_station 或近邻红色驿站", "kinds of facility that count"),
    )
    _add_costs(parser)


def _add_costs(parser: Parser) -> None:
    """Add what may count besides lengths."""
    rules = ReachRules()
    factors = "、".join(f"{name}={factor:g}" for name, factor in STEPS_FACTORS.items())
    parser.option(
        "--steps-factor",
        type=_steps_factor,
        default=rules.steps_factor,
        metavar="FACTOR",
        help_text=Text(
            f"台阶按几倍长度计，或预设 {factors}（默认不计）", f"stairs count so many times, or a preset: {factors}"
        ),
    )
    parser.option(
        "--crossing-seconds",
        type=decimal,
        default=rules.crossing_s,
        metavar="S",
        help_text=Text("每处无信号过街等候几秒（默认 0）", "wait at a crossing without signals [s] (default 0)"),
    )
    parser.option(
        "--signal-seconds",
        type=_signal_seconds,
        default=rules.signal_s,
        metavar="S|CYCLE/GREEN",
        help_text=Text(
            "每处信号灯过街等候几秒，或“周期/行人绿灯”秒数，如 90/30，按平均等候计（默认 0）",
            "wait at a crossing with signals [s], or the mean wait of CYCLE/GREEN seconds, as 90/30 (default 0)",
        ),
    )
    parser.option(
        "--slope",
        choices=SLOPES,
        default=rules.slope,
        help_text=Text(
            "坡度：off 不计（默认），tobler 按 Tobler 函数，需有高程", "slopes: off, or tobler where heights are known"
        ),
    )


def walking_rules(arguments: argparse.Namespace) -> ReachRules:
    """Return the rules that the arguments ask for."""
    return ReachRules(
        minutes=arguments.minutes,
        speed_m_per_s=arguments.speed,
        kinds=kinds_meant(arguments.kind),
        steps_factor=arguments.steps_factor,
        crossing_s=arguments.crossing_seconds,
        signal_s=arguments.signal_seconds,
        slope=arguments.slope,
    )


def remarks(rules: ReachRules, summary: Mapping[str, Any]) -> list[Text]:
    """Return what the reader of a run's summary has to know besides its figures.

    What counts besides lengths, facilities that nobody reaches, buildings that are in no figure, pieces of the network
    and where it ends.
    """
    counted = counted_remark(rules.profile, summary)
    lines = [] if counted is None else [Text(f"  {counted.zh}", f"  {counted.en}")]
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


def kept_line(run: int | None) -> list[Text]:
    """Return under which number a run is stored; nothing where it is not."""
    if run is None:
        return []
    return [
        Text(
            f"  已存为结果 {run}，可用 --replay {run} 复算", f"  stored as run {run}; --replay {run} computes it again"
        )
    ]


def share_of(part: float, whole: float) -> Text:
    """Return a part of a whole with its share, ``—`` where the whole is nothing."""
    share = f"{part / whole:.1%}" if whole else "—"
    return Text(f"{part:.0f}/{whole:.0f}（{share}）", f"{part:.0f}/{whole:.0f} ({share})")


def _speed(text: str) -> float:
    return PACES[text] if text in PACES else decimal(text)


def _steps_factor(text: str) -> float:
    return STEPS_FACTORS[text] if text in STEPS_FACTORS else decimal(text)


def _signal_seconds(text: str) -> float:
    cycle, slash, green = text.partition("/")
    if not slash:
        return decimal(text)
    try:
        return signal_wait_s(decimal(cycle), decimal(green))
    except InputError as fault:
        raise ArgumentError(fault.text) from fault
