"""How a partition, and the repetition of one, are told: lines for people and plain values for ``--json``."""

import shlex
from collections.abc import Sequence
from math import isnan

from _findings import finding_lines, size_lines

from gis_service.errors import Text
from gis_service.plan.priorities import SOFT_RULES
from gis_service.plan.rules import BASIS_LABELS, STATUS_LABELS
from gis_service.workflows.community_tasks import Left
from gis_service.workflows.partition_city import Partitioned
from gis_service.workflows.plans_made import PlanMade
from gis_service.workflows.replay_plan import Replayed


def partition_lines(partitioned: Partitioned) -> list[Text]:
    """Return how many grids meet the rules and what is to be said of the others."""
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
    lines += size_lines(first.quality.grids, first.quality.in_range, first.forced)
    if first.households_moved is not None:
        lines.append(
            Text(
                f"  调整户数：{first.households_moved}（占 {_percent(_share_moved(first))}）",
                f"  households that change grid: {first.households_moved} ({_percent(_share_moved(first))})",
            )
        )
    if others:
        lines += [_worth(made) for made in partitioned.plans]
    export = f"scripts/export_city.py {partitioned.city.name} --plan {shlex.quote(first.name)} --to"
    everything = Text(
        f"--json 输出，逐网格见 {export} 文件.xlsx", f"the output of --json, by grid in {export} FILE.xlsx"
    )
    lines += finding_lines(first.findings, everything)
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


def partition_data(partitioned: Partitioned) -> dict[str, object]:
    """Return the same as plain values, with every finding."""
    return {
        "city": partitioned.city.name,
        "communities": list(partitioned.communities),
        "reused": partitioned.reused,
        "left": left_data(partitioned.left),
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
        "forced": made.forced,
        "households_moved": made.households_moved,
        "findings": [finding.as_dict() for finding in made.findings],
    }


def left_lines(left: Sequence[Left]) -> tuple[Text, ...]:
    """Return which communities were left as they were and why, with the place in the program for the first."""
    if not left:
        return ()
    traces = [each.trace for each in left if each.trace][:1]
    return (
        *(Text(trace, trace) for trace in traces),
        *(each.text for each in left),
        Text(
            f"{len(left)} 个社区因程序出错（不是您的数据的问题）保持原样，其余社区已完成",
            f"{len(left)} communities were left as they were by our fault, not your data's; the others are done",
        ),
    )


def replay_lines(replayed: Replayed) -> list[Text]:
    """Return what came of making a plan again."""
    same = len(replayed.communities) - len(replayed.differing) - len(replayed.left)
    lines = [
        Text(
            f"重算方案“{replayed.plan}”：{replayed.city.title}，{len(replayed.communities)} 个社区，{same} 个完全一致",
            f"made plan {replayed.plan!r} of {replayed.city.title} again: {len(replayed.communities)} communities, "
            f"{same} identical",
        )
    ]
    if replayed.versions:
        versions = "、".join(replayed.versions)
        lines.append(
            Text(
                f"  注意：原方案由其他版本的软件（{versions}）所做，结果可能不同",
                f"  note: the plan was made by other software ({versions}), which may give another result",
            )
        )
    return lines


def replay_faults(replayed: Replayed) -> tuple[Text, ...]:
    """Return which communities have another plan now."""
    differing = replayed.differing
    told = Text(
        f"{len(differing)} 个社区与所存方案不一致：{'、'.join(differing)}",
        f"{len(differing)} communities differ from the stored plan: {', '.join(differing)}",
    )
    return (*([told] if differing else []), *left_lines(replayed.left))


def replay_data(replayed: Replayed) -> dict[str, object]:
    """Return the same as plain values."""
    return {
        "city": replayed.city.name,
        "plan": replayed.plan,
        "communities": list(replayed.communities),
        "equal": not replayed.differing and not replayed.left,
        "differing": list(replayed.differing),
        "left": left_data(replayed.left),
        "versions": list(replayed.versions),
    }


def left_data(left: Sequence[Left]) -> list[dict[str, str]]:
    """Return which communities were left as they were and why, as plain values."""
    return [{"community": each.community, "zh": each.text.zh, "en": each.text.en} for each in left]
