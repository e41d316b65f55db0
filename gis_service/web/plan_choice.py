"""The plans that staff may look at, each with what it is worth in one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from flask import url_for
from flask_babel import gettext, ngettext

from gis_service.db.layers import Edition
from gis_service.db.plan_summaries import PlanSummary
from gis_service.plan.priorities import SOFT_RULES
from gis_service.web.language import language
from gis_service.workflows.desk_plans import desk_title
from gis_service.workflows.partition_city import DEFAULT_PLAN
from gis_service.workflows.plan_names import TODAY

UNKNOWN = "–"


@dataclass(frozen=True)
class PlanChoice:
    """One entry of the switch of plans.

    Parameters
    ----------
    label, lines
        What it is called and what it is worth, each line in pieces.
    address
        The map with that plan.
    current
        It is what the map shows.
    """

    label: str
    lines: tuple[tuple[str, ...], ...]
    address: str
    current: bool


def plan_choices(summaries: Sequence[PlanSummary], edition: Edition) -> list[PlanChoice]:
    """Return the entries of the switch: the newest plans, then those of each name.

    None where all plans are what is shown anyway, unless one has to say that its communities follow different rules.
    Plans of the desk, one community each, are chosen at the desk and listed here only while one is shown.
    """
    rules = _rules_of(summaries, edition)
    summaries = [each for each in summaries if each.name == edition.plan or desk_title(each.name) is None]
    if all(each.keys == edition.plans for each in summaries) and not any(map(_mixed, summaries)):
        return []
    same = [plan_label(summary.name) for summary in summaries if summary.keys == edition.plans]
    newest = PlanChoice(
        label=gettext("各社区最新的方案"),
        lines=(
            *((gettext("即“%(plan)s”", plan=name),) for name in same if edition.plan is None),
            *(_different() if edition.plan is None and len(rules) > 1 else ()),
        ),
        address=url_for("map_page.show", city=edition.city.name),
        current=edition.plan is None,
    )
    return [newest, *(_choice(summary, edition) for summary in summaries)]


def plan_label(name: str) -> str:
    """Return what people call a plan."""
    title = desk_title(name)
    if title is not None:
        return title.in_language(language())
    return str(gettext("自动划分的方案")) if name == DEFAULT_PLAN else name


def start_label(start: str) -> str:
    """Return what people call what a plan started from."""
    return str(gettext("今日现有网格")) if start == TODAY else plan_label(start)


def _choice(summary: PlanSummary, edition: Edition) -> PlanChoice:
    spoken = language()
    communities = len(summary.keys)
    origin = [ngettext("%(number)s 个社区", "%(number)s 个社区", communities, number=communities)]
    if summary.first:
        first = " / ".join(SOFT_RULES[rule].in_language(spoken) for rule in summary.first)
        origin.append(gettext("先顾%(rule)s", rule=first))
    if summary.starts:
        starts = " / ".join(start_label(start) for start in summary.starts)
        origin.append(gettext("由“%(start)s”调整", start=starts))
    return PlanChoice(
        label=plan_label(summary.name),
        lines=(*filter(None, (tuple(origin), _worth(summary))), *(_different() if _mixed(summary) else ())),
        address=url_for("map_page.show", city=edition.city.name, plan=summary.name),
        current=edition.plan == summary.name,
    )


def _mixed(summary: PlanSummary) -> bool:
    return len(set(summary.rules)) > 1


def _rules_of(summaries: Sequence[PlanSummary], edition: Edition) -> set[str]:
    """Return the rules of the plans that are shown, whatever their names."""
    known = {key: rules for each in summaries for key, rules in zip(each.keys, each.rules, strict=True)}
    return {known[key] for key in edition.plans}


def _different() -> tuple[tuple[str, ...], ...]:
    return ((gettext("各社区所依规则不同，不能直接比较"),),)


def _worth(summary: PlanSummary) -> tuple[str, ...]:
    quality, households_moved = summary.quality, summary.households_moved
    if quality is None:
        return ()
    said = [
        gettext("规模符合 %(in_range)s/%(grids)s", in_range=f"{quality.in_range:,}", grids=f"{quality.grids:,}"),
        gettext("边界沿线 %(share)s", share=_percent(quality.share_on_lines)),
        gettext(
            "紧凑度 %(value)s",
            value=UNKNOWN if isnan(quality.mean_compactness) else f"{quality.mean_compactness:.2f}",
        ),
        gettext("户数离散 %(share)s", share=_percent(quality.imbalance)),
    ]
    if households_moved is not None:
        said.append(gettext("调整 %(number)s 户", number=f"{households_moved:,}"))
    return tuple(said)


def _percent(share: float) -> str:
    return UNKNOWN if isnan(share) else f"{share:.0%}"
