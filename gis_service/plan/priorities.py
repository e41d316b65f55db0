"""What a plan must keep, what it should keep, and which of the latter goes first."""

from collections.abc import Sequence
from typing import Literal

from gis_service.errors import InputError, Text

HardRule = Literal["one_community", "one_piece", "tiling", "buildings_whole", "estates_whole"]
SoftRule = Literal["size", "barriers", "lines", "compactness", "balance"]
Wish = Literal["lines", "compactness", "balance"]

HARD_RULES: dict[HardRule, Text] = {
    "one_community": Text("网格不跨社区", "a grid lies in one community"),
    "one_piece": Text("网格连成一片", "a grid is one piece wherever its community is"),
    "tiling": Text("网格不重不漏", "grids tile the community"),
    "buildings_whole": Text("不拆分楼栋", "no building is cut"),
    "estates_whole": Text("规模以内的小区不拆分", "an estate that fits into one grid stays whole"),
}
"""Rules every plan keeps; one that does not is refused."""

SOFT_RULES: dict[SoftRule, Text] = {
    "size": Text("规模符合", "size in range"),
    "barriers": Text("不跨河流、铁路、快速路", "no river, railway or expressway inside a grid"),
    "lines": Text("边界沿道路、围墙、水系", "borders along roads, walls and water"),
    "compactness": Text("形状紧凑", "compact shapes"),
    "balance": Text("户数均衡", "grids of like size"),
}
"""Rules a plan keeps as far as it can, in the order that holds unless another is asked for."""

WISHES: tuple[Wish, ...] = ("lines", "compactness", "balance")
"""Those that may change places; size and barriers always go before them."""

_STEP = 2.0
"""A rule counts so many times more for each place it moves up, and less for each it moves down."""


def soft_order(first: Wish) -> tuple[SoftRule, ...]:
    """Return the soft rules with one of the wishes before the others."""
    return ("size", "barriers", first, *(wish for wish in WISHES if wish != first))


def check_order(order: Sequence[str]) -> None:
    """Refuse an order that is none.

    Raises
    ------
    InputError
        A rule is missing, unknown or named twice, or size and barriers do not go first.
    """
    if tuple(order[:2]) != ("size", "barriers") or sorted(order[2:]) != sorted(WISHES):
        listed = "、".join(order)
        raise InputError(
            Text(
                f"软规则顺序“{listed}”无效：须以 size、barriers 开头，其后是 {'、'.join(WISHES)} 各一次",
                f"the order of soft rules {', '.join(order)} is not valid: size and barriers go first, then "
                f"{', '.join(WISHES)}, each once",
            )
        )


def weights(order: Sequence[SoftRule]) -> dict[SoftRule, float]:
    """Return how much each soft rule counts beside compactness, compared with the usual order, where all are 1.

    Parameters
    ----------
    order
        All soft rules, as :func:`check_order` demands.

    Returns
    -------
    dict
        ``_STEP`` to the power of the places it moved up, less those of compactness; size and barriers stay at 1.
    """
    usual = list(SOFT_RULES)
    moved = {rule: usual.index(rule) - order.index(rule) for rule in usual}
    return {rule: _STEP ** (moved[rule] - moved["compactness"]) if rule in WISHES else 1.0 for rule in usual}
