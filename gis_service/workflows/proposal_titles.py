"""What proposals that stand side by side are called, so that no title contradicts the figures below it."""

from collections.abc import Mapping, Sequence
from typing import Any

from gis_service.errors import Text
from gis_service.plan.priorities import SOFT_RULES, WISHES, Wish

_FIGURES: dict[Wish, tuple[str, str, int]] = {
    "lines": ("share_on_lines", "{:.0%}", 1),
    "compactness": ("mean_compactness", "{:.2f}", 1),
    "balance": ("imbalance", "{:.0%}", -1),
}
"""By wish: the figure that measures it, how the page writes it, and 1 where more is better, else -1."""
_BEST: dict[Wish, Text] = {
    "lines": Text("边界沿线最多", "Most borders along lines"),
    "compactness": Text("形状最紧凑", "Most compact shapes"),
    "balance": Text("户数最均衡", "Sizes most alike"),
}
_NUMERALS = "一二三"
_SEVERAL = 3


def titles_of(proposals: Sequence[Mapping[str, Any]]) -> list[Text]:
    """Return what some proposals are called, in their order.

    Parameters
    ----------
    proposals
        At most three, each with its ``wish`` (no two alike) and its figures, see
        :func:`gis_service.workflows.propose_draft.figures`.

    Returns
    -------
    list of Text
        No two alike. The wish that was put first, where none of the others has a better figure for it, as figures are
        shown; else what the proposal is the best in; else its place, and whether it lies between the others in
        everything.
    """
    return [_title(proposals, place) for place in range(len(proposals))]


def _title(proposals: Sequence[Mapping[str, Any]], place: int) -> Text:
    own: Wish = proposals[place]["wish"]
    mine = {wish: _worth(proposals[place], wish) for wish in WISHES}
    others = {wish: [_worth(each, wish) for at, each in enumerate(proposals) if at != place] for wish in WISHES}
    if not any(_is_less(mine[own], other) for other in others[own]):
        return Text(f"{SOFT_RULES[own].zh}优先", f"{SOFT_RULES[own].en} first")
    best = [wish for wish in WISHES if others[wish] and all(_is_less(other, mine[wish]) for other in others[wish])]
    if best:
        return _BEST[best[0]]
    worst = any(
        any(_is_less(mine[wish], other) for other in others[wish])
        and not any(_is_less(other, mine[wish]) for other in others[wish])
        for wish in WISHES
    )
    between = len(proposals) >= _SEVERAL and not worst
    numeral, number = _NUMERALS[place], place + 1
    return (
        Text(f"方案{numeral}（各项居中）", f"Plan {number}, between the others")
        if between
        else Text(f"方案{numeral}", f"Plan {number}")
    )


def _worth(proposal: Mapping[str, Any], wish: Wish) -> float | None:
    """Return a figure as it is shown, the more the better; None where there is nothing to measure."""
    name, shown, sign = _FIGURES[wish]
    value = proposal[name]
    return None if value is None else sign * float(shown.format(value).rstrip("%"))


def _is_less(one: float | None, other: float | None) -> bool:
    """Return whether a figure is worse than another; what cannot be measured is not worse than anything."""
    return one is not None and other is not None and one < other
