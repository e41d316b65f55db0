"""The size rule of grids: 300-500 households or 1000-1500 residents, and how a grid is judged by it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from gis_service.errors import InputError, Text
from gis_service.plan.code_pattern import check_pattern
from gis_service.plan.priorities import SOFT_RULES, SoftRule, check_order

Basis = Literal["either", "households", "residents"]
Kind = Literal["base", "special"]
Status = Literal["normal", "small", "large", "conflict", "special", "empty"]
Test = Literal["pass", "under", "over", "unknown", "exempt"]

STATUS_LABELS: dict[Status, Text] = {
    "normal": Text("正常", "normal"),
    "small": Text("过小", "too small"),
    "large": Text("过大", "too large"),
    "conflict": Text("两项相悖", "tests contradict"),
    "special": Text("专属", "special"),
    "empty": Text("无住户", "no households"),
}
TEST_LABELS: dict[Test, Text] = {
    "pass": Text("符合", "within"),
    "under": Text("不足", "below"),
    "over": Text("超过", "above"),
    "unknown": Text("未知", "unknown"),
    "exempt": Text("不检验", "not tested"),
}
BASIS_LABELS: dict[Basis, Text] = {
    "either": Text("户数或人数", "households or residents"),
    "households": Text("户数", "households"),
    "residents": Text("人数", "residents"),
}
KIND_LABELS: dict[Kind, Text] = {
    "base": Text("基础网格", "base grid"),
    "special": Text("专属网格", "special grid"),
}
UNTESTED: frozenset[Status] = frozenset({"special", "empty"})
"""Statuses without a size test: neither in range nor a miss, and left out of every share of grids in range."""

_STATUS_OF_TEST: dict[Test, Status] = {"pass": "normal", "under": "small", "over": "large"}


@dataclass(frozen=True)
class Rules:
    """What a grid must be like; stored with every plan.

    Parameters
    ----------
    households_min, households_max
        Range of households per grid [count], both ends inclusive.
    residents_min, residents_max
        Range of residents per grid [count], both ends inclusive.
    basis
        Which test decides: ``either`` (one of the two passing is enough), ``households`` or ``residents``.
        Both are always reported.
    code_pattern
        Pattern of grid codes, see :mod:`gis_service.plan.code_pattern`.
    target_households
        Households wanted per grid [count], inside their range; None: the middle of the range.
    soft_order
        The soft rules, the most important first, see :mod:`gis_service.plan.priorities`.

    Raises
    ------
    InputError
        A range is empty or not positive, the target is not in it, or the basis, the pattern or the order is unknown.
    """

    households_min: int = 300
    households_max: int = 500
    residents_min: int = 1000
    residents_max: int = 1500
    basis: Basis = "either"
    code_pattern: str = "{community}{sequence:03d}"
    target_households: int | None = None
    soft_order: tuple[SoftRule, ...] = tuple(SOFT_RULES)

    def __post_init__(self) -> None:
        """Refuse rules no grid can meet."""
        for zh, en, low, high in (
            ("户数", "households", self.households_min, self.households_max),
            ("人数", "residents", self.residents_min, self.residents_max),
        ):
            if not 0 < low <= high:
                raise InputError(
                    Text(
                        f"网格{zh}范围 {low}–{high} 无效：下限须大于 0 且不大于上限",
                        f"the range of {en} {low}-{high} is not valid: the minimum must be positive and at most "
                        "the maximum",
                    )
                )
        if self.basis not in BASIS_LABELS:
            raise InputError(
                Text(
                    f"划分依据“{self.basis}”无效，可选：either、households、residents",
                    f"basis {self.basis!r} is not known; choose either, households or residents",
                )
            )
        check_pattern(self.code_pattern)
        target = self.target_households
        if target is not None and not self.households_min <= target <= self.households_max:
            raise InputError(
                Text(
                    f"目标户数 {target} 不在网格户数范围 {self.households_min}–{self.households_max} 内",
                    f"the target of {target} households is not in the range of a grid, "
                    f"{self.households_min}-{self.households_max}",
                )
            )
        check_order(self.soft_order)

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values for JSON."""
        return {**asdict(self), "soft_order": list(self.soft_order)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Rules":
        """Return the rules that ``as_dict`` wrote.

        Raises
        ------
        InputError
            A name is not one of the rules', or a value is not valid.
        """
        refuse_unknown_rules(values, cls.__dataclass_fields__)
        order = tuple(values.get("soft_order", SOFT_RULES))
        return cls(**{**values, "soft_order": order})


def refuse_unknown_rules(values: Collection[str], known: Collection[str]) -> None:
    """Refuse stored rules that this version does not know, of whatever kind they are.

    Raises
    ------
    InputError
        Names those that are not known.
    """
    unknown = sorted(set(values) - set(known))
    if unknown:
        names = ", ".join(unknown)
        raise InputError(Text(f"不认识的规则：{names}", f"unknown rules: {names}"))


@dataclass(frozen=True)
class Verdict:
    """How a grid stands against the rules.

    Parameters
    ----------
    status
        The judgement by the rules' basis.
    households_test, residents_test
        Each test by itself; ``unknown`` where the count is, ``exempt`` for special grids and grids where
        nobody lives.
    """

    status: Status
    households_test: Test
    residents_test: Test


def judge(households: int, residents: int | None, kind: Kind, rules: Rules) -> Verdict:
    """Return how a grid stands against the rules.

    Parameters
    ----------
    households
        Households of the grid [count].
    residents
        Residents of the grid [count]; None or ``<NA>`` where unknown: then households alone decide.
    kind
        ``special`` grids are exempt from the size tests.
    rules
        The rules in force; bounds are inclusive.

    Returns
    -------
    Verdict
        With basis ``either``: normal when one test passes; small or large when the tests fail alike; conflict when
        one count is under and the other over. A base grid without households is empty, which is neither in range nor
        a miss, unless it is known to have residents; then it is tested as any other.
    """
    if kind == "special":
        return Verdict("special", "exempt", "exempt")
    if is_empty(households, residents):
        return Verdict("empty", "exempt", "exempt")
    households_test = _test(households, rules.households_min, rules.households_max)
    residents_test = _test(residents, rules.residents_min, rules.residents_max)
    if residents_test == "unknown" or rules.basis == "households":
        status = _STATUS_OF_TEST[households_test]
    elif rules.basis == "residents":
        status = _STATUS_OF_TEST[residents_test]
    elif "pass" in (households_test, residents_test):
        status = "normal"
    elif households_test == residents_test:
        status = _STATUS_OF_TEST[households_test]
    else:
        status = "conflict"
    return Verdict(status, households_test, residents_test)


def is_empty(households: int, residents: int | None) -> bool:
    """Tell whether nobody is known to live there.

    Parameters
    ----------
    households
        Households [count].
    residents
        Residents [count]; None or ``<NA>`` where unknown, which counts as nobody only without households.
    """
    return households == 0 and (pd.isna(residents) or residents == 0)


def describe(households: int, residents: int | None, verdict: Verdict, rules: Rules) -> Text:
    """Return one sentence with both counts, both ranges and both tests.

    Parameters
    ----------
    households, residents, rules
        What :func:`judge` was given.
    verdict
        What it answered.
    """
    known = not pd.isna(residents)
    zh_h, en_h = TEST_LABELS[verdict.households_test].zh, TEST_LABELS[verdict.households_test].en
    zh_r, en_r = TEST_LABELS[verdict.residents_test].zh, TEST_LABELS[verdict.residents_test].en
    return Text(
        f"{households} 户（规则 {rules.households_min}–{rules.households_max}，{zh_h}），"
        f"{f'{residents} 人' if known else '人数未知'}（规则 {rules.residents_min}–{rules.residents_max}，{zh_r}）",
        f"{households} households (rule {rules.households_min}-{rules.households_max}: {en_h}), "
        f"{residents if known else 'unknown'} residents (rule {rules.residents_min}-{rules.residents_max}: {en_r})",
    )


def possible_counts(total: int, low: int, high: int) -> range:
    """Return into how many parts of ``low`` to ``high`` each a total can be cut.

    A total T fits k parts iff ``k * low <= T <= k * high``, so k runs from ``ceil(T / high)`` to ``floor(T / low)``.
    With 300-500 only totals of 1-299 and 501-599 fit no k.

    Parameters
    ----------
    total
        Count to be cut, of households or residents, not negative.
    low, high
        Range of a part, both ends inclusive, ``0 < low <= high``.

    Returns
    -------
    range
        Empty where no number of parts works, as for a total of 0.
    """
    return range(max(1, -(-total // high)), total // low + 1)


def _test(count: int | None, low: int, high: int) -> Test:
    if count is None or pd.isna(count):
        return "unknown"
    if count < low:
        return "under"
    return "over" if count > high else "pass"
