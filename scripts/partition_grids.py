#!/usr/bin/env python3
"""Propose grids for the communities of a city."""

import argparse
import os

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import options_given, plan_name, whole_number
from _partitioned import left_lines, partition_data, partition_lines, replay_data, replay_faults, replay_lines
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db.engine import begin, reading
from gis_service.errors import InputError, Text
from gis_service.plan.priorities import WISHES, soft_order
from gis_service.plan.rules import BASIS_LABELS, Rules
from gis_service.workflows.partition_city import DEFAULT_PLAN, Start, partition_city
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.progress import Report
from gis_service.workflows.replay_plan import replay_plan

WITH_REPLAY = ("--city", "--community", "--json", "--parser", "--replay", "--scheduler", "--workers")
"""What may be given beside ``--replay``; the parser travels with the arguments."""
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
        "--seed",
        type=whole_number(0, MAX_SEED),
        default=1,
        metavar="N",
        help_text=Text("随机种子", "random seed"),
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
    parser.option(
        "--replay",
        type=plan_name,
        metavar="PLAN",
        help_text=Text(
            "按已存方案自己的规则、种子和起点重算并比对，不写入；不一致时退出码为 1",
            "make a stored plan again by its own rules, seed and start and compare; writes nothing, 1 if they differ",
        ),
    )
    parser.set_defaults(parser=parser)


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Partition and say how many grids meet the rules and why others do not."""
    if arguments.replay is not None:
        return _replay(settings, arguments, report)
    begun = vars(arguments)["from"]
    _refuse_meaningless(arguments, begun)
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
    start = None if begun is None else Start(begun, frozenset(arguments.lock))
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
    return Outcome(partition_lines(partitioned), partition_data(partitioned), left_lines(partitioned.left))


def _refuse_meaningless(arguments: argparse.Namespace, begun: str | None) -> None:
    """Raise InputError where options do not go together or would do nothing."""
    wrong = (
        (
            arguments.lock and begun is None,
            Text("--lock 要与 --from 合用：只有已有的网格才能锁定", "--lock needs --from: it keeps grids that exist"),
        ),
        (
            arguments.alternatives and begun is not None,
            Text("--alternatives 与 --from 不能同时使用，请分两次运行", "--alternatives and --from: run twice"),
        ),
        (
            arguments.unless_current and begun is not None,
            Text(
                "--unless-current 不能与 --from 合用：由已有网格出发的方案每次都重算",
                "--unless-current does not go with --from: what starts from grids is always made anew",
            ),
        ),
        (
            arguments.target is not None and arguments.basis == "residents",
            Text(
                "--target 是目标户数，按人数划分（--basis residents）时不起作用，请去掉",
                "--target is in households and does nothing with --basis residents; leave it out",
            ),
        ),
    )
    for happened, text in wrong:
        if happened:
            raise InputError(text)


def _replay(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    more = [option for option in options_given(arguments, arguments.parser) if option not in WITH_REPLAY]
    if more:
        raise InputError(
            Text(
                f"--replay 按方案自己的规则、种子和起点重算，不能与 {'、'.join(more)} 合用",
                f"--replay takes rules, seed and start from the plan and does not go with {', '.join(more)}",
            )
        )
    with reading(settings) as conn:
        replayed = replay_plan(
            conn,
            arguments.city,
            arguments.replay,
            communities=arguments.community,
            workers=arguments.workers,
            scheduler=arguments.scheduler,
            report=report,
        )
    return Outcome(replay_lines(replayed), replay_data(replayed), replay_faults(replayed))


if __name__ == "__main__":
    run(
        Text("为城市的各个社区提出网格划分方案。", "Propose grids for the communities of a city."),
        add_options,
        work,
    )
