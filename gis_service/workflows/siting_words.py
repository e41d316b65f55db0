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
        else Text(f"求解时限 {limit_s:g} 秒", f"time limit {limit_s:g} s")
    )
    return Text(f"{asked.zh}；{wanted.zh}；{limit.zh}", f"{asked.en}; {wanted.en}; {limit.en}")


def answer_text(rules: SitingRules, summary: Mapping[str, Any]) -> Text:
    """Return the objective, its proven bound and the gap between them."""
    what, side = _objective(rules, summary)
    objective, bound, gap = summary["objective"], summary["bound"], summary["gap"]
    proved = Text("已证明最优", "proved optimal")
    if not summary["proved_optimal"]:
        why_zh = "到求解时限为止的最好方案" if summary["stopped_by_limit"] else "目前最好的方案"
        proved = Text(f"未证明最优，是{why_zh}", "not proved optimal, the best found")
        if summary["stopped_by_limit"]:
            proved = Text(proved.zh, f"{proved.en} within the time limit")
    bound_zh, bound_en = ("未知", "unknown") if bound is None else (f"{bound:,.0f}", f"{bound:,.0f}")
    gap_zh, gap_en = ("未知", "unknown") if gap is None else (f"{gap:.2%}", f"{gap:.2%}")
    return Text(
        f"{what.zh} {objective:,.0f}，理论{side.zh} {bound_zh}，差距 {gap_zh}，{proved.zh}",
        f"{what.en} {objective:,.0f}, proven {side.en} bound {bound_en}, gap {gap_en}, {proved.en}",
    )


def objective_name(rules: SitingRules, *, costs: bool) -> Text:
    """Return what the objective counts.

    Parameters
    ----------
    rules
        Of the run.
    costs
        Whether the candidates have costs.
    """
    if rules.share is not None:
        return Text("总造价", "total cost") if costs else Text("新增数量", "number of sites")
    if rules.aim == "walk":
        return Text("步行总量（户·米）", "walking (household-metres)")
    return Text("覆盖户数", "households covered")


def _objective(rules: SitingRules, summary: Mapping[str, Any]) -> tuple[Text, Text]:
    upper = rules.share is None and rules.aim == "cover"
    side = Text("上限", "upper") if upper else Text("下限", "lower")
    return objective_name(rules, costs=summary["cost"] is not None), side


def _asked(rules: SitingRules, summary: Mapping[str, Any]) -> Text:
    if rules.share is not None:
        least = (
            Text("造价最低", "at the least cost")
            if summary["cost"] is not None
            else Text("数量最少", "with the fewest")
        )
        return Text(
            f"覆盖 {rules.share:.1%} 的户数、{least.zh}", f"cover {rules.share:.1%} of the households {least.en}"
        )
    if rules.aim == "walk":
        longest = f"{LONGEST_CUTOFFS * rules.reach.minutes:g}"
        return Text(
            f"新增不超过 {rules.count} 处，全体住户步行总量最少（超过 {longest} 分钟的按 {longest} 分钟计）",
            f"at most {rules.count} more, with the shortest walks in sum (beyond {longest} min counted as {longest})",
        )
    budget = Text("", "")
    if rules.budget is not None:
        budget = Text(f"、造价合计不超过 {rules.budget:g}", f" that cost at most {rules.budget:g}")
    return Text(
        f"新增不超过 {rules.count} 处{budget.zh}，覆盖户数最多",
        f"at most {rules.count} more{budget.en}, covering most households",
    )


def _candidates(rules: SitingRules, summary: Mapping[str, Any], *, given: bool) -> Text:
    count = summary["candidates"]
    if given:
        return Text(f"候选点 {count} 个，来自文件", f"{count} candidates from a file")
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
