#!/usr/bin/env python3
"""Propose grids for the communities of a city."""

import argparse
import os
from math import isnan

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import plan_name, whole_number
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import InputError, Text
from gis_service.plan.priorities import SOFT_RULES, WISHES, soft_order
from gis_service.plan.rules import BASIS_LABELS, STATUS_LABELS, Rules
from gis_service.workflows.partition_city import DEFAULT_PLAN, TODAY, Partitioned, Start, partition_city
from gis_service.workflows.plans_made import PlanMade
from gis_service.workflows.progress import Report

FINDINGS_SHOWN = 12
MAX_SEED = 2**31 - 1
MAX_COUNT = 1_000_000
"""Nobody draws a grid of more households or residents."""


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    rules = Rules()
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    parser.option(
        "--community", nargs="+", default=[], metavar="CODE", help_text=Text("只划分这些社区", "only these communities")
    )
    parser.option(
        "--basis",
        choices=list(BASIS_LABELS),
        default=rules.basis,
        help_text=Text("规模口径：either 任一项、households 户数、residents 人数", "what the size rule counts"),
    )
    for count, zh in (("households", "户数"), ("residents", "人数")):
        for end, zh_end in (("min", "下限"), ("max", "上限")):
            name = f"{count}_{end}"
            parser.option(
                f"--{name.replace('_', '-')}",
                type=whole_number(1, MAX_COUNT),
                default=getattr(rules, name),
                metavar="N",
                help_text=Text(f"每网格{zh}{zh_end}（默认 {getattr(rules, name)}）", f"default {getattr(rules, name)}"),
            )
    parser.option(
        "--target",
        type=whole_number(1, MAX_COUNT),
        metavar="N",
        help_text=Text(
            "每网格目标户数（默认取范围中点）", "households wanted per grid (default: the middle of the range)"
        ),
    )
    parser.option(
        "--prefer",
        choices=list(WISHES),
        default=WISHES[0],
        help_text=Text(
            "规模和大障碍之后先顾什么：lines 边界沿线、compactness 形状紧凑、balance 户数均衡",
            "what goes first after size and barriers",
        ),
    )
    parser.option(
        "--code-pattern",
        default=rules.code_pattern,
        metavar="PATTERN",
        help_text=Text("网格编码格式", "pattern of grid codes"),
    )
    parser.option(
        "--plan", type=plan_name, default=DEFAULT_PLAN, metavar="PLAN", help_text=Text("方案名称", "name of the plan")
    )
    parser.option(
        "--from",
        dest="start",
        type=plan_name,
        metavar="PLAN",
        help_text=Text(
            f"从已有方案出发，尽量少动（{TODAY} 表示数据集里的现有网格）",
            f"start from a plan and move few households ({TODAY}: the grids of the dataset)",
        ),
    )
    parser.option(
        "--lock",
        nargs="+",
        default=[],
        metavar="CODE",
        help_text=Text("这些网格保持不变（与 --from 合用）", "grids that must stay as they are (with --from)"),
    )
    parser.option(
        "--alternatives",
        action="store_true",
        help_text=Text("另提两个明显不同的方案供比较", "propose two clearly different plans beside it"),
    )
    parser.option(
        "--seed", type=whole_number(0, MAX_SEED), default=1, metavar="N", help_text=Text("随机种子", "random seed")
    )
    parser.option(
        "--workers",
        type=whole_number(1, 256),
        default=len(os.sched_getaffinity(0)),
        metavar="N",
        help_text=Text("并行进程数", "processes"),
    )
    parser.option(
        "--scheduler",
        metavar="ADDRESS",
        help_text=Text("改用 Dask 集群，如 tcp://10.0.0.5:8786", "use a Dask cluster, such as tcp://10.0.0.5:8786"),
    )
    parser.option(
        "--unless-current",
        action="store_true",
        help_text=Text("已有同名、同规则的方案时不再重算", "keep a plan made by the same rules"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Partition and say how many grids meet the rules and why others do not."""
    if arguments.lock and arguments.start is None:
        raise InputError(
            Text("--lock 要与 --from 合用：只有已有的网格才能锁定", "--lock needs --from: it keeps grids that exist")
        )
    if arguments.alternatives and arguments.start is not None:
        raise InputError(
            Text(
                "--alternatives 与 --from 不能同时使用，请分两次运行",
                "--alternatives and --from: run twice",
            )
        )
    rules = Rules(
        households_min=arguments.households_min,
        households_max=arguments.households_max,
        residents_min=arguments.residents_min,
        residents_max=arguments.residents_max,
        basis=arguments.basis,
        code_pattern=arguments.code_pattern,
        target_households=arguments.target,
        soft_order=soft_order(arguments.prefer),
    )
    start = None if arguments.start is None else Start(arguments.start, frozenset(arguments.lock))
    with begin(settings) as conn:
        partitioned = partition_city(
            conn,
            arguments.city,
            rules=rules,
            communities=arguments.community,
            plan=arguments.plan,
            start=start,
            several=arguments.alternatives,
            seed=arguments.seed,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            unless_current=arguments.unless_current,
            report=report,
        )
    return Outcome(_lines(partitioned), _data(partitioned))


def _lines(partitioned: Partitioned) -> list[Text]:
    first, *others = partitioned.plans
    verb = Text("沿用已有方案", "kept the plan") if partitioned.reused else Text("已划分", "partitioned")
    statuses, basis = _statuses(first), BASIS_LABELS[first.rules.basis]
    lines = [
        Text(
            f"{verb.zh}：{partitioned.city.title}，{len(partitioned.communities)} 个社区，"
            f"{sum(first.statuses.values())} 个网格（{statuses.zh}）；口径：{basis.zh}，方案“{first.name}”。",
            f"{verb.en}: {partitioned.city.title}, {len(partitioned.communities)} communities, "
            f"{sum(first.statuses.values())} grids ({statuses.en}); basis: {basis.en}, plan {first.name!r}.",
        )
    ]
    if first.households_moved is not None:
        lines.append(
            Text(
                f"  调整户数：{first.households_moved}（占 {_percent(_share_moved(first))}）",
                f"  households that change grid: {first.households_moved} ({_percent(_share_moved(first))})",
            )
        )
    if others:
        lines += [_worth(made) for made in partitioned.plans]
    remarks = [finding for finding in first.findings if finding.severity != "note"]
    lines += [Text(f"  - {finding.zh}", f"  - {finding.en}") for finding in remarks[:FINDINGS_SHOWN]]
    more = len(remarks) - FINDINGS_SHOWN
    if more > 0:
        lines.append(Text(f"  … 另有 {more} 条，见 --json 输出", f"  … {more} more, see --json"))
    return lines


def _statuses(made: PlanMade) -> Text:
    by_status = [(STATUS_LABELS[status], number) for status, number in made.statuses.items()]
    return Text(
        "，".join(f"{label.zh} {number}" for label, number in by_status),
        ", ".join(f"{label.en} {number}" for label, number in by_status),
    )


def _worth(made: PlanMade) -> Text:
    """Return one line that lets plans be weighed against each other."""
    quality, first = made.quality, SOFT_RULES[made.rules.soft_order[2]]
    return Text(
        f"  方案“{made.name}”（先顾{first.zh}）：合规 {quality.in_range}/{quality.grids}，"
        f"边界沿线 {_percent(quality.share_on_lines)}，紧凑度 {quality.mean_compactness:.2f}，"
        f"户数离散 {_percent(quality.imbalance)}",
        f"  plan {made.name!r} ({first.en} first): {quality.in_range}/{quality.grids} in range, "
        f"{_percent(quality.share_on_lines)} of borders on lines, compactness {quality.mean_compactness:.2f}, "
        f"spread of households {_percent(quality.imbalance)}",
    )


def _share_moved(made: PlanMade) -> float:
    return (made.households_moved or 0) / made.quality.households if made.quality.households else float("nan")


def _percent(share: float) -> str:
    return "—" if isnan(share) else f"{share:.1%}"


def _data(partitioned: Partitioned) -> dict[str, object]:
    return {
        "city": partitioned.city.name,
        "communities": list(partitioned.communities),
        "reused": partitioned.reused,
        **_plan_data(partitioned.plans[0]),
        "alternatives": [_plan_data(made) for made in partitioned.plans[1:]],
    }


def _plan_data(made: PlanMade) -> dict[str, object]:
    return {
        "plan": made.name,
        "rules": made.rules.as_dict(),
        "grids": sum(made.statuses.values()),
        "statuses": made.statuses,
        "quality": {name: None if isnan(value) else value for name, value in made.quality.as_dict().items()},
        "households_moved": made.households_moved,
        "findings": [finding.as_dict() for finding in made.findings],
    }


if __name__ == "__main__":
    run(
        Text("为城市的各个社区提出网格划分方案。", "Propose grids for the communities of a city."),
        add_options,
        work,
    )
