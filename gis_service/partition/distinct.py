"""Divisions of a community that differ clearly from those already found, for people to choose between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.exact import solve_exactly
from gis_service.partition.groundwork import Groundwork
from gis_service.partition.numbering import after_given, numbered
from gis_service.partition.pool import ATTEMPTS, Runs, assigned, avoidable, pool, reassessed
from gis_service.partition.proposed_plan import ProposedPlan, plan_of
from gis_service.partition.quality import Quality
from gis_service.partition.refinement import PartBound, Refined, problem_of_part
from gis_service.partition.windows import settle
from gis_service.plan.findings import Finding
from gis_service.plan.priorities import SOFT_RULES, Wish
from gis_service.plan.rules import Rules

CLEARLY_DIFFERENT = 0.05
"""Share of the households that two alternatives put into different grids, at least."""
EMPHASES = (4.0, 16.0)
"""So many times more a wish counts where it does not lead to a different division by itself."""

USUAL = Text("按通常分量", "it counts as usual")
"""How an assignment is found that the wish leads to by itself."""


@dataclass(frozen=True)
class Alternative:
    """A plan to choose from.

    Parameters
    ----------
    plan
        The plan.
    labels
        Grid of each bundle.
    """

    plan: ProposedPlan
    labels: IndexArray


def most_distinct(community: CommunityInput, runs: Runs, wish: Wish, earlier: dict[Wish, Alternative]) -> Alternative:
    """Return a plan for a wish that differs clearly from earlier ones, as far as one is found.

    First comes what the wish leads to by itself. Where that is too like an earlier plan, the wish is made to count
    more, then other seeds are tried, then other numbers of grids; what has other grids out of range is left out.

    Parameters
    ----------
    community, runs
        The community with the rules of the wish, and what was found for it so far.
    wish
        What goes first.
    earlier
        The alternatives so far.

    Returns
    -------
    Alternative
        The first that puts `CLEARLY_DIFFERENT` of the households into other grids than each earlier one, shows other
        figures than these and is not worse by the wish itself; where only the figures are the same, that; otherwise
        what the wish leads to by itself. Findings of kind ``set_apart`` tell where it was not the wish alone that led
        there, those of kind ``alike`` which earlier plan it hardly differs from.
    """
    choices = _choices(community, runs, wish, earlier)
    chosen = next(choices)
    while any(chosen.fails) and (other := next(choices, None)) is not None:
        chosen = min(chosen, other, key=lambda one: one.fails)
    findings = {*chosen.plan.findings, *_remarks(community, wish, chosen)}
    return Alternative(replace(chosen.plan, findings=tuple(sorted(findings))), chosen.refined.labels)


@dataclass(frozen=True)
class _Choice:
    """An assignment that may be an alternative.

    Parameters
    ----------
    how
        How it was found; `USUAL`: the wish led there by itself.
    refined, plan
        The assignment and its plan.
    far
        Share of the households that are in other grids than in each earlier alternative.
    same
        Earlier alternatives that show the same figures.
    """

    how: Text
    refined: Refined
    plan: ProposedPlan
    far: dict[Wish, float]
    same: tuple[Wish, ...]

    @property
    def fails(self) -> tuple[bool, bool]:
        """Tell whether it is too like an earlier one, and whether it shows the same figures."""
        return _too_like(self.far), bool(self.same)


def _choices(community: CommunityInput, runs: Runs, wish: Wish, earlier: dict[Wish, Alternative]) -> Iterator[_Choice]:
    """Yield what the wish leads to by itself, then what differs clearly and is not worse by the wish."""
    ground = runs.ground
    for how, refined in _candidates(runs, community.rules):
        far = {other: apart(refined.labels, one.labels, ground.bundles.households) for other, one in earlier.items()}
        if how != USUAL and _too_like(far):
            continue
        plan = plan_of(community, ground, refined.labels, bounds=refined.bounds)
        if how == USUAL or not _is_worse(plan.quality, wish, earlier):
            same = tuple(other for other, one in earlier.items() if _shown(one.plan.quality) == _shown(plan.quality))
            yield _Choice(how, refined, plan, far, same)


def _too_like(far: dict[Wish, float]) -> bool:
    return min(far.values(), default=1.0) < CLEARLY_DIFFERENT


def apart(first: IndexArray, second: IndexArray, households: NDArray[np.int64]) -> float:
    """Return the share of the households that are in another grid, grids named alike as far as that can be."""
    shared: NDArray[np.int64] = np.zeros((int(first.max()) + 1, int(second.max()) + 1), np.int64)
    np.add.at(shared, (first, second), households)
    rows, columns = linear_sum_assignment(shared, maximize=True)
    total = int(households.sum())
    return 1.0 - float(shared[rows, columns].sum()) / total if total else 0.0


def _candidates(runs: Runs, rules: Rules) -> Iterator[tuple[Text, Refined]]:
    """Yield assignments with as many grids out of range in every part, and how each was found; the wish's own first."""
    own = assigned(runs, rules)
    yield USUAL, own
    divided = [bound for bound in own.bounds if bound.grids > 1]
    if not divided:
        return
    for emphasis in EMPHASES:
        how = Text(f"把它的分量提高到 {emphasis:.0f} 倍", f"it counts {emphasis:.0f} times more")
        yield how, _emphasised(runs.ground, rules, own, emphasis)
    if any(map(avoidable, own.bounds)):
        # Whatever was found for any wish has been pooled: a new search might leave fewer out of range than that.
        others: Iterable[tuple[Text, Refined]] = [
            (Text("取自其他取舍的划法", "it comes from another wish"), one) for one in pool(runs, rules)
        ]
    else:
        others = _new_runs(runs, rules, own, divided)
    for how, refined in others:
        bounds = tuple(reassessed(runs.ground, rules, bound, refined.labels[bound.units]) for bound in own.bounds)
        if all(bound.missed == before.missed for bound, before in zip(bounds, own.bounds, strict=True)):
            yield how, Refined(refined.labels, bounds)


def _new_runs(runs: Runs, rules: Rules, own: Refined, divided: Sequence[PartBound]) -> Iterator[tuple[Text, Refined]]:
    """Yield what other seeds find, unless the optimum is known, and what is found with a grid fewer or more."""
    if not all(bound.proven for bound in divided):
        for attempt in range(1, ATTEMPTS):
            yield Text("换了随机数种子", "another seed was taken"), runs.refined(rules, attempt)
    how = Text("换了网格数目", "the search began with another number of grids")
    for target in _other_targets(runs.ground, rules, sum(bound.grids for bound in own.bounds)):
        yield how, runs.refined(replace(rules, target_households=target), 0)


def _emphasised(ground: Groundwork, rules: Rules, own: Refined, emphasis: float) -> Refined:
    """Return the assignment where the wish counts more, with as many grids out of range in every part."""
    labels, bounds = own.labels.copy(), []
    for bound in own.bounds:
        new = numbered(own.labels[bound.units])
        if bound.grids > 1:
            problem = problem_of_part(ground.bundles, bound.units, rules, emphasis=emphasis)
            new = solve_exactly(problem, new).labels if bound.proven else settle(problem, new)
        labels[bound.units] = int(labels.max()) + 1 + new
        bounds.append(reassessed(ground, rules, bound, new))
    return Refined(after_given(labels, ground.special), tuple(bounds))


def _other_targets(ground: Groundwork, rules: Rules, grids: int) -> Iterator[int]:
    """Yield the households a grid has on average where there is one grid fewer, and one more."""
    free = int(ground.bundles.households[ground.special < 0].sum())
    for count in (grids - 1, grids + 1):
        target = round(free / count)
        if rules.households_min <= target <= rules.households_max:
            yield target


def _is_worse(quality: Quality, wish: Wish, earlier: dict[Wish, Alternative]) -> bool:
    """Tell whether a plan is worse by its own wish than an earlier one, and so none to offer for that wish."""
    return any(_worth(quality, wish) < _worth(one.plan.quality, wish) for one in earlier.values())


def _worth(quality: Quality, wish: Wish) -> float:
    """Return what a plan is worth by a wish, the more the better; nan where there is nothing to measure."""
    worth = {"lines": quality.share_on_lines, "compactness": quality.mean_compactness, "balance": -quality.imbalance}
    return worth[wish]


def _shown(quality: Quality) -> tuple[int | str, ...]:
    """Return the figures of a plan as people see them, to compare."""
    shares = (quality.share_on_lines, quality.mean_compactness, quality.imbalance)
    return (quality.grids, quality.in_range, *("" if isnan(share) else f"{share:.2f}" for share in shares))


def _remarks(community: CommunityInput, wish: Wish, chosen: _Choice) -> Iterator[Finding]:
    """Yield which earlier alternative this one hardly differs from, or that it was not the wish alone that led here."""
    zh, en = f"先顾“{SOFT_RULES[wish].zh}”", f"“{SOFT_RULES[wish].en}” first"
    if _too_like(chosen.far):
        near = min(chosen.far, key=lambda other: chosen.far[other])
        share, other = chosen.far[near], SOFT_RULES[near]
        how_far = Text(f"只差 {share:.1%} 的住户", f"differ in {share:.1%} of the households only")
        if share == 0.0:
            how_far = Text("相同", "are the same")
        yield _note(
            "alike",
            community,
            f"{zh}与先顾“{other.zh}”的划法{how_far.zh}，没有找到明显不同的划法",
            f"the divisions with {en} and with “{other.en}” first {how_far.en}; no clearly different one was found",
        )
    elif chosen.same:
        other = SOFT_RULES[chosen.same[0]]
        yield _note(
            "alike",
            community,
            f"{zh}与先顾“{other.zh}”的划法不同，但各项指标相同",
            f"the divisions with {en} and with “{other.en}” first differ, but their figures are the same",
        )
    if chosen.how != USUAL:
        yield _note(
            "set_apart",
            community,
            f"只是{zh}得不到明显不同的划法，本方案{chosen.how.zh}，以便比较",
            f"putting {en} leads to no clearly different division by itself; here {chosen.how.en}",
        )


def _note(kind: str, community: CommunityInput, zh: str, en: str) -> Finding:
    return Finding(kind, "note", community.code, f"社区“{community.name}”：{zh}", f"community {community.name}: {en}")
