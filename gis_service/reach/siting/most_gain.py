"""The choice of a given number of candidates that gains most: heuristics, Lagrangian bound, fixing, then HiGHS."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gis_service.reach.siting.choice import ROUNDING, Choice
from gis_service.reach.siting.exact import choice_programme
from gis_service.reach.siting.gains import Gains, Pairs, sorted_gains
from gis_service.reach.siting.highs import solve
from gis_service.reach.siting.interchange import choose_greedily, interchange, total_gain
from gis_service.reach.siting.lagrangian import (
    BOUND,
    LOWER,
    RELAXED,
    Descent,
    descend,
    first_multipliers,
    new_descent,
    worths,
)
from gis_service.reach.siting.watch import Watch

ROUNDS = 8
"""How often the rest is bounded anew at most."""
BLOCK, BLOCKS = 50, 12
"""Subgradient steps between two looks at clock and proposals, and how often that at most."""
SWAPS_AT_ONCE = 8
"""Swaps between two looks at the clock."""
MOST_LEFT = 0.9
"""Searching again does not pay where fixing leaves more than this share of the candidates."""


@dataclass(frozen=True)
class _Rest:
    """What is left to decide once some candidates are certainly open and others certainly not.

    Parameters
    ----------
    gains
        What the rows gain beyond the open ones from the undecided candidates, numbered as in `candidate`.
    candidate
        The undecided candidates.
    fixed
        The candidates that are certainly open.
    fixed_value
        Their gain.
    count
        How many more may be opened.
    multiplier
        Price of each row.
    """

    gains: Gains
    candidate: NDArray[np.int64]
    fixed: NDArray[np.int64]
    fixed_value: float
    count: int
    multiplier: NDArray[np.float64]


def most_gain(gains: Gains, count: int, *, step: float, watch: Watch) -> Choice:
    """Return the choice of at most `count` candidates whose rows gain most.

    Greedy choice and interchange give a first choice; a Lagrangian descent bounds all choices and proposes better ones;
    candidates that bound and best choice rule in or out are fixed (Beasley 1993) and the rest is searched again; what
    is then undecided goes to HiGHS.

    Parameters
    ----------
    gains
        Gains of the rows.
    count
        How many candidates may be opened, >= 0.
    step
        All sums of gains are multiples of this; 0: of nothing.
    watch
        Time limit, and whom to tell.
    """
    candidates = len(gains.column_start) - 1
    count = min(count, candidates)
    is_open = np.zeros(candidates, bool)
    is_open[choose_greedily(gains, np.ones(candidates), count, np.inf, np.inf)] = True
    # No choice gains more than every row from its best candidate; who gains that has nothing left to prove.
    best_of_each = float(gains.gain[gains.start[:-1]].sum())
    best = _polish(gains, Choice(is_open, total_gain(gains, is_open), np.inf), is_open, watch).bounded(
        best_of_each, step
    )
    watch.tell(best.value, best.bound)
    if best.value == best.bound:
        return best
    rest = _Rest(
        gains=gains,
        candidate=np.arange(candidates),
        fixed=np.zeros(0, np.int64),
        fixed_value=0.0,
        count=count,
        multiplier=first_multipliers(gains, best.is_open),
    )
    for _ in range(ROUNDS):
        best, descent = _bound(gains, rest, best, step, watch)
        if watch.is_enough(best.value, best.bound) or watch.over:
            return replace(best, stopped=not watch.is_enough(best.value, best.bound))
        searched = len(rest.candidate)
        rest = _fix(rest, descent, best, step)
        if len(rest.candidate) > MOST_LEFT * searched:
            break
    return _finish(gains, rest, best, step, watch)


def _polish(gains: Gains, best: Choice, is_open: NDArray[np.bool_], watch: Watch) -> Choice:
    """Return the better of the best choice and what interchange makes of another one."""
    is_open = is_open.copy()
    least = ROUNDING * max(1.0, best.value)
    while interchange(gains, is_open, SWAPS_AT_ONCE, least) == SWAPS_AT_ONCE and not watch.over:
        pass
    return best.improved(is_open, total_gain(gains, is_open))


def _bound(gains: Gains, rest: _Rest, best: Choice, step: float, watch: Watch) -> tuple[Choice, Descent]:
    """Lower the bound over the undecided candidates, and try what the relaxed solutions propose."""
    descent = new_descent(rest.multiplier, len(rest.candidate), best.value - rest.fixed_value)
    for _ in range(BLOCKS):
        descent.numbers[RELAXED] = 0.0
        converged = descend(rest.gains, rest.count, descent, BLOCK)
        if descent.numbers[RELAXED] > 0.0:
            is_open = np.zeros(len(best.is_open), bool)
            is_open[rest.fixed] = True
            is_open[rest.candidate[descent.best_open]] = True
            best = _polish(gains, best, is_open, watch)
        descent.numbers[LOWER] = best.value - rest.fixed_value
        best = best.bounded(descent.numbers[BOUND] + rest.fixed_value, step)
        watch.tell(best.value, best.bound)
        if converged or watch.is_enough(best.value, best.bound) or watch.over:
            break
    return best, descent


def _fix(rest: _Rest, descent: Descent, best: Choice, step: float) -> _Rest:
    """Fix the candidates without, or with, which no choice can be better than the best known."""
    worth = worths(rest.gains, descent.best_multiplier)
    order = np.argsort(-worth, kind="stable")
    bound = descent.numbers[BOUND] + rest.fixed_value
    # A choice is better only if it gains a whole step more.
    better = best.value + step * (1.0 - 1e-6) + ROUNDING * best.value
    last = worth[order[rest.count - 1]] if rest.count else 0.0
    following = worth[order[rest.count]] if rest.count < len(order) else 0.0
    inside = np.zeros(len(worth), bool)
    inside[order[: rest.count]] = True
    must = inside & (bound - worth + following <= better)
    never = ~inside & (bound - last + worth <= better)
    return _without(rest, must, never, descent.best_multiplier)


def _without(rest: _Rest, must: NDArray[np.bool_], never: NDArray[np.bool_], multiplier: NDArray[np.float64]) -> _Rest:
    """Return what is left when some candidates are open and others are not."""
    gains = rest.gains
    row = np.repeat(np.arange(len(gains.start) - 1), np.diff(gains.start))
    have = np.zeros(len(gains.start) - 1)
    given = must[gains.candidate]
    np.maximum.at(have, row[given], gains.gain[given])
    number = np.cumsum(~(must | never)) - 1
    left = ~(must | never)[gains.candidate] & (gains.gain > have[row])
    pairs = Pairs(row[left], number[gains.candidate[left]], (gains.gain - have[row])[left])
    rows = np.unique(pairs.row)
    open_value = float(have.sum())
    return _Rest(
        gains=sorted_gains(pairs, int((~(must | never)).sum())),
        candidate=rest.candidate[~(must | never)],
        fixed=np.r_[rest.fixed, rest.candidate[must]],
        fixed_value=rest.fixed_value + open_value,
        count=rest.count - int(must.sum()),
        multiplier=np.maximum(0.0, multiplier - have)[rows],
    )


def _finish(gains: Gains, rest: _Rest, best: Choice, step: float, watch: Watch) -> Choice:
    """Decide what is undecided with HiGHS."""
    gap = watch.relative_gap(best.value, best.bound, best.bound - rest.fixed_value)
    answer = solve(choice_programme(rest.gains, rest.count), watch, gap)
    if answer.x is not None:
        is_open = np.zeros(len(best.is_open), bool)
        is_open[rest.fixed] = True
        is_open[rest.candidate[answer.x[: len(rest.candidate)] > 0.5]] = True  # noqa: PLR2004 rounds to whole
        best = best.improved(is_open, total_gain(gains, is_open))
    best = best.bounded(rest.fixed_value - answer.bound, step)
    watch.tell(best.value, best.bound)
    return replace(best, stopped=answer.stopped)
