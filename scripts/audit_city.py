#!/usr/bin/env python3
"""Check a city's plans and walks independently, compute the indicators and take a snapshot."""

import argparse
from collections import Counter
from dataclasses import asdict

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import whole_number
from _findings import finding_lines, size_lines
from _program import Outcome, Parser, run
from _replay import refuse_others

from gis_service import __version__
from gis_service.config import Settings
from gis_service.db.engine import begin
from gis_service.errors import Text
from gis_service.plan.finding_titles import SEVERITIES
from gis_service.workflows.audit_city import Audited, audit_city
from gis_service.workflows.progress import Report
from gis_service.workflows.replay_audit import ReplayedAudit, replay_audit

PROGRAM = "scripts/audit_city.py"


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    parser.option(
        "--sample",
        type=whole_number(0, 1_000_000),
        default=50,
        metavar="N",
        help_text=Text("重新计算步行的楼栋数", "walks to compute again"),
    )
    parser.option(
        "--seed",
        type=whole_number(0, 2**31 - 1),
        default=1,
        metavar="N",
        help_text=Text("抽样的随机种子", "seed of the sample"),
    )
    parser.option(
        "--title",
        default="",
        metavar="NAME",
        help_text=Text("快照的名称，如“2026年第四季度”", "what the snapshot is called, such as a quarter"),
    )
    parser.option(
        "--by",
        default=PROGRAM,
        metavar="NAME",
        help_text=Text("为谁留存快照，记入快照", "for whom the snapshot is taken; noted in it"),
    )
    parser.option(
        "--replay",
        type=whole_number(1, 2**31 - 1),
        metavar="SNAPSHOT",
        help_text=Text(
            "按快照的方案、参数复算并逐字节比较；不写入任何内容",
            "compute this snapshot once more and compare the bytes; nothing is written",
        ),
    )
    parser.set_defaults(defaults_of=parser)


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Audit and say what was found, or compute a snapshot once more."""
    if arguments.replay is not None:
        refuse_others(arguments)
        with begin(settings) as conn:
            return _replayed(replay_audit(conn, arguments.city, arguments.replay, report=report))
    with begin(settings) as conn:
        audited = audit_city(
            conn,
            arguments.city,
            sample=arguments.sample,
            seed=arguments.seed,
            title=arguments.title.strip(),
            taken_by=arguments.by.strip(),
            report=report,
        )
    return Outcome(_lines(audited), _data(audited))


def _replayed(done: ReplayedAudit) -> Outcome:
    head = done.head
    data = {
        "city": head.city,
        "snapshot": head.id,
        "content_hash": head.content_hash,
        "replayed_hash": done.replayed_hash,
        "stored_by_version": head.software_version,
        "equal": not done.differing,
        "intact": done.intact,
        "differing": list(done.differing),
    }
    faults = []
    if not done.intact:
        faults.append(
            Text(
                f"快照 {head.id} 的内容与留存时的校验值不符，已被改动",
                f"snapshot {head.id} no longer has the hash it was frozen with; somebody has changed it",
            )
        )
    if done.differing:
        zh, en = "、".join(done.differing), ", ".join(done.differing)
        faults.append(
            Text(
                f"快照 {head.id} 复算不一致（{zh}）：留存时的软件版本是 {head.software_version}，现在是 {__version__}",
                f"snapshot {head.id} comes out different ({en}): taken by version {head.software_version}, "
                f"this is {__version__}",
            )
        )
    if faults:
        return Outcome([], data, faults=tuple(faults))
    line = Text(
        f"快照 {head.id} 复算一致，逐字节相同（{head.content_hash[:12]}）",
        f"snapshot {head.id} comes out equal, byte by byte ({head.content_hash[:12]})",
    )
    return Outcome([line], data)


def _lines(audited: Audited) -> list[Text]:
    counted = Counter(finding.severity for finding in audited.findings)
    lines = [
        Text(
            f"{audited.city.title}：{'，'.join(f'{label.zh} {counted[name]}' for name, label in SEVERITIES.items())}；"
            f"快照 {audited.snapshot_id}（{audited.content_hash[:12]}）",
            f"{audited.city.title}: {', '.join(f'{counted[name]} {label.en}' for name, label in SEVERITIES.items())}; "
            f"snapshot {audited.snapshot_id} ({audited.content_hash[:12]})",
        )
    ]
    if not audited.communities_checked:
        lines.append(Text("  没有网格方案，方案未审核", "  there is no plan, so none was checked"))
    elif audited.communities_without_plan:
        lacking = audited.communities_without_plan
        lines.append(
            Text(
                f"  审核了 {audited.communities_checked} 个社区的方案；另有 {lacking} 个社区还没有方案",
                f"  plans of {audited.communities_checked} communities were checked; {lacking} have none yet",
            )
        )
    for rules, communities in audited.rules:
        lines.append(
            Text(f"  规则（{communities} 个社区）：{rules.zh}", f"  rules ({communities} communities): {rules.en}")
        )
    lines += size_lines(audited.sizes.grids, audited.sizes.in_range, audited.sizes.forced)
    if audited.run_id is None:
        lines.append(Text("  没有步行结果，步行未审核", "  there is no reach run, so no walks were checked"))
    return [*lines, *finding_lines(audited.findings, Text("--json 输出", "the output of --json"))]


def _data(audited: Audited) -> dict[str, object]:
    table = audited.indicators
    return {
        "city": audited.city.name,
        "snapshot": audited.snapshot_id,
        "content_hash": audited.content_hash,
        "communities_checked": audited.communities_checked,
        "communities_without_plan": audited.communities_without_plan,
        "run": audited.run_id,
        "sizes": asdict(audited.sizes),
        "rules": [{"communities": communities, "zh": rules.zh, "en": rules.en} for rules, communities in audited.rules],
        "findings": [finding.as_dict() for finding in audited.findings],
        "indicators": table.astype(object).where(table.notna(), None).to_dict("records"),
    }


if __name__ == "__main__":
    run(
        Text(
            "独立审核城市的网格方案和步行结果，计算指标并留存快照。",
            "Check a city's plans and walks independently, compute the indicators and take a snapshot.",
        ),
        add_options,
        work,
    )
