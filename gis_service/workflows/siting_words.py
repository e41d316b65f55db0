"""What a siting run asked and how good its answer is, in words that go wherever the result goes."""

from collections.abc import Mapping
from typing import Any

from gis_service.errors import Text
from gis_service.reach.siting.rules import LONGEST_CUTOFFS, SitingRules


def question_text(rules: SitingRules, summary: Mapping[str, Any], *, given: bool) -> Text:
    """Return what was asked: how many sites for what, among which candidates, until when.

    Parameters
    ----------
    rules, summary
        Of the run.
    given
        Whether the candidates came from a file.
    """
    asked, wanted = _asked(rules, summary), _candidates(rules, summary, given=given)
    limit_s = rules.time_limit_s
    limit = (
        Text("求解不限时", "no time limit")
        if limit_s is None
        else Text(f"求解时限 {limit_s:,.10g} 秒", f"time limit {limit_s:,.10g} s")
    )
    return Text(f"{asked.zh}；{wanted.zh}；{limit.zh}", f"{asked.en}; {wanted.en}; {limit.en}")


def answer_text(rules: SitingRules, summary: Mapping[str, Any]) -> Text:
    """Return the objective, its proven bound and the gap between them; what capacities allow, where they count."""
    what, side = _objective(rules, summary)
    objective, bound, gap = summary["objective"], summary["bound"], summary["gap"]
    proved = Text("已证明最优", "proved optimal")
    if not summary["proved_optimal"]:
        why_zh = "到求解时限为止的最好方案" if summary["stopped_by_limit"] else "目前最好的方案"
        proved = Text(f"未证明最优，是{why_zh}", "not proved optimal, the best found")
        if summary["stopped_by_limit"]:
            proved = Text(proved.zh, f"{proved.en} within the time limit")
    write = cost_text if rules.share is not None and summary["cost"] is not None else "{:,.0f}".format
    bound_zh, bound_en = ("未知", "unknown") if bound is None else (write(bound), write(bound))
    gap_zh, gap_en = ("未知", "unknown") if gap is None else (f"{gap:.2%}", f"{gap:.2%}")
    served = _served(rules, summary)
    return Text(
        f"{what.zh} {write(objective)}，理论{side.zh} {bound_zh}，差距 {gap_zh}，{proved.zh}{served.zh}",
        f"{what.en} {write(objective)}, proven {side.en} bound {bound_en}, gap {gap_en}, {proved.en}{served.en}",
    )


def cost_text(cost: float) -> str:
    """Return a cost as people write it: hundredths at most, but three digits of what is less than one."""
    return f"{cost:.3g}" if abs(cost) < 1 else f"{cost:,.2f}".rstrip("0").rstrip(".")


def ended_texts(summary: Mapping[str, Any]) -> tuple[Text, ...]:
    """Return what becomes of a stored run that its time limit ended; nothing of one that was done in time."""
    if not summary["stopped_by_limit"]:
        return ()
    return (
        Text(
            "求解到时限为止：地图优先显示在时限内算完的同类选址；可加大 --time-limit 再算",
            "ended by its time limit: the map prefers sitings of its kind that were done in time; raise --time-limit",
        ),
    )


def limited(summary: Mapping[str, Any]) -> bool:
    """Return whether the candidates of a run have capacities, so that to be near is not yet to be served."""
    return summary.get("households_served") is not None


def _served(rules: SitingRules, summary: Mapping[str, Any]) -> Text:
    if not limited(summary):
        return Text("", "")
    minutes, served = f"{rules.reach.minutes:g}", f"{summary['households_served']:,.0f}"
    return Text(
        f"；按服务能力，{minutes} 分钟内可服务 {served} 户，覆盖率只看步行能否到达",
        f"; within capacities and {minutes} min {served} households can be served, coverage counts who can walk there",
    )


def _objective(rules: SitingRules, summary: Mapping[str, Any]) -> tuple[Text, Text]:
    """Return what the objective counts, and the side on which it is bounded."""
    if rules.share is not None:
        costs = summary["cost"] is not None
        name = Text("总造价", "total cost") if costs else Text("新增数量", "number of sites")
        return name, Text("下限", "lower")
    if rules.aim == "walk":
        return Text("步行总量（户·米）", "walking (household-metres)"), Text("下限", "lower")
    covered = Text("可服务户数", "households served") if limited(summary) else Text("覆盖户数", "households covered")
    return covered, Text("上限", "upper")


def _asked(rules: SitingRules, summary: Mapping[str, Any]) -> Text:
    verb = Text("服务", "serve") if limited(summary) else Text("覆盖", "cover")
    if rules.share is not None:
        least = (
            Text("造价最低", "at the least cost")
            if summary["cost"] is not None
            else Text("数量最少", "with the fewest")
        )
        return Text(
            f"{verb.zh} {rules.share:.1%} 的户数、{least.zh}",
            f"{verb.en} {rules.share:.1%} of the households {least.en}",
        )
    if rules.aim == "walk":
        longest = f"{LONGEST_CUTOFFS * rules.reach.minutes:g}"
        return Text(
            f"新增不超过 {rules.count} 处，全体住户步行总量最少（超过 {longest} 分钟的按 {longest} 分钟计）",
            f"at most {rules.count} more, with the shortest walks in sum (beyond {longest} min counted as {longest})",
        )
    budget = Text("", "")
    if rules.budget is not None:
        budget = Text(f"、造价合计不超过 {rules.budget:,.10g}", f" that cost at most {rules.budget:,.10g}")
    return Text(
        f"新增不超过 {rules.count} 处{budget.zh}，{verb.zh}户数最多",
        f"at most {rules.count} more{budget.en}, to {verb.en} most households",
    )


def _candidates(rules: SitingRules, summary: Mapping[str, Any], *, given: bool) -> Text:
    count = summary["candidates"]
    if given:
        limits = Text("，有服务能力上限", " of limited capacity") if limited(summary) else Text("", "")
        return Text(f"候选点 {count} 个，来自文件{limits.zh}", f"{count} candidates from a file{limits.en}")
    more = summary.get("candidates_left_out", 0)
    left_out = Text("", "")
    if more:
        left_out = Text(
            f"（另有 {more} 个路口超出数量上限未列入，可加大间距（--spacing））",
            f" ({more} more corners left out beyond the limit; raise --spacing to spread them)",
        )
    return Text(
        f"候选点 {count} 个，取自住户附近的路口，间距不小于 {rules.spacing_m:g} 米{left_out.zh}",
        f"{count} candidates, street corners near people at least {rules.spacing_m:g} m apart{left_out.en}",
    )
