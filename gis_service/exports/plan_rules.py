"""The rules of exported plans in their order, and what the plans are worth by them, as lines of a report."""

from collections import Counter
from collections.abc import Iterable
from math import isnan

from gis_service.partition.quality import Quality
from gis_service.plan.priorities import HARD_RULES, SOFT_RULES
from gis_service.plan.rules import Rules


def rule_lines(rules: Iterable[Rules]) -> list[tuple[str, str]]:
    """Return the hard rules, then the soft ones in their order, as Chinese labels and texts.

    Parameters
    ----------
    rules
        Rules of the plan of each community; each order that occurs has a line of its own.
    """
    orders = Counter(own.soft_order for own in rules)
    lines = [("硬性规则（必须）", "；".join(rule.zh for rule in HARD_RULES.values()))]
    for order, communities in sorted(orders.items()):
        whose = "" if len(orders) == 1 else f"，{communities} 个社区"
        ranked = (f"{place} {SOFT_RULES[rule].zh}" for place, rule in enumerate(order, start=1))
        lines.append((f"软性规则（依次{whose}）", "；".join(ranked)))
    return lines


def quality_text(quality: Quality, households_moved: int | None) -> str:
    """Return what plans are worth by the soft rules in one Chinese line.

    Parameters
    ----------
    quality
        Their qualities together.
    households_moved
        Households that change grid against what they started from [count]; None: they started from nothing.
    """
    said = [
        f"规模符合 {quality.in_range:,}/{quality.grids:,}（{_percent(quality.share_in_range)}）",
        f"网格间边界沿道路、围墙、水系、铁路 {_percent(quality.share_on_lines)}",
        f"平均紧凑度 {'—' if isnan(quality.mean_compactness) else f'{quality.mean_compactness:.2f}'}",
        f"户数离散系数 {_percent(quality.imbalance)}",
    ]
    if households_moved is not None:
        said.append(f"相对起点调整 {households_moved:,} 户")
    return "；".join(said)


def _percent(share: float) -> str:
    return "—" if isnan(share) else f"{share:.1%}"
