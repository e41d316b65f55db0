#!/usr/bin/env python3
"""Propose grids for the communities of a city."""

import argparse
import os

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import plan_name, whole_number
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import Text
from gis_service.plan.rules import BASIS_LABELS, STATUS_LABELS, Rules
from gis_service.workflows.partition_city import DEFAULT_PLAN, Partitioned, partition_city
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
        "--code-pattern",
        default=rules.code_pattern,
        metavar="PATTERN",
        help_text=Text("网格编码格式", "pattern of grid codes"),
    )
    parser.option(
        "--plan", type=plan_name, default=DEFAULT_PLAN, metavar="PLAN", help_text=Text("方案名称", "name of the plan")
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
        "--unless-current",
        action="store_true",
        help_text=Text("已有同名、同规则的方案时不再重算", "keep a plan made by the same rules"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Partition and say how many grids meet the rules and why others do not."""
    rules = Rules(
        households_min=arguments.households_min,
        households_max=arguments.households_max,
        residents_min=arguments.residents_min,
        residents_max=arguments.residents_max,
        basis=arguments.basis,
        code_pattern=arguments.code_pattern,
    )
    with begin(settings) as conn:
        partitioned = partition_city(
            conn,
            arguments.city,
            rules=rules,
            communities=arguments.community,
            plan=arguments.plan,
            seed=arguments.seed,
            workers=arguments.workers,
            unless_current=arguments.unless_current,
            report=report,
        )
    return Outcome(_lines(partitioned), _data(partitioned))


def _lines(partitioned: Partitioned) -> list[Text]:
    total = sum(partitioned.statuses.values())
    by_status = [(STATUS_LABELS[status], number) for status, number in partitioned.statuses.items()]
    basis = BASIS_LABELS[partitioned.rules.basis]
    verb = Text("沿用已有方案", "kept the plan") if partitioned.reused else Text("已划分", "partitioned")
    lines = [
        Text(
            f"{verb.zh}：{partitioned.city.title}，{len(partitioned.communities)} 个社区，{total} 个网格"
            f"（{'，'.join(f'{label.zh} {number}' for label, number in by_status)}）；"
            f"口径：{basis.zh}，方案“{partitioned.plan}”。",
            f"{verb.en}: {partitioned.city.title}, {len(partitioned.communities)} communities, {total} grids "
            f"({', '.join(f'{label.en} {number}' for label, number in by_status)}); "
            f"basis: {basis.en}, plan {partitioned.plan!r}.",
        )
    ]
    remarks = [finding for finding in partitioned.findings if finding.severity != "note"]
    lines += [Text(f"  - {finding.zh}", f"  - {finding.en}") for finding in remarks[:FINDINGS_SHOWN]]
    more = len(partitioned.findings) - len(remarks[:FINDINGS_SHOWN])
    if more > 0:
        lines.append(Text(f"  … 另有 {more} 条，见 --json 输出", f"  … {more} more, see --json"))
    return lines


def _data(partitioned: Partitioned) -> dict[str, object]:
    return {
        "city": partitioned.city.name,
        "plan": partitioned.plan,
        "rules": partitioned.rules.as_dict(),
        "communities": list(partitioned.communities),
        "grids": sum(partitioned.statuses.values()),
        "statuses": partitioned.statuses,
        "reused": partitioned.reused,
        "findings": [finding.as_dict() for finding in partitioned.findings],
    }


if __name__ == "__main__":
    run(
        Text("为城市的各个社区提出网格划分方案。", "Propose grids for the communities of a city."),
        add_options,
        work,
    )
