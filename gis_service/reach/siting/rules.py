"""The rules of a siting run: who walks how far, what is aimed at, and how many sites may be opened."""

from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any

from gis_service.errors import InputError, Text
from gis_service.plan.rules import refuse_unknown_rules
from gis_service.reach.rules import ReachRules

AIMS = ("cover", "walk")
LONGEST_CUTOFFS = 3.0
"""Where walking is to be shortened, walks count up to so many cut-offs: 45 minutes at the standard one.

Who lives farther away, or has no way at all, counts as walking so far, so that nobody outweighs everybody else.
"""
MAX_COUNT = 10_000
MAX_SPACING_M = 10_000.0


@dataclass(frozen=True)
class SitingRules:
    """What is asked of a siting run; stored with it.

    Parameters
    ----------
    reach
        Cut-off, pace, kinds and limits of walking. Facilities of these kinds stay open.
    aim
        ``cover``: most households within the cut-off, or a share of them with the least cost; ``walk``: least walking.
    count
        How many sites may be opened, 1 … `MAX_COUNT`; None: as many as `share` takes.
    share
        Share of the households to cover, those covered today included, more than 0 and at most 1; None: see `count`.
    budget
        What the sites may cost together, at least 0, in the unit of the candidates' costs; None: anything.
    spacing_m
        Least straight line between generated candidates [m], more than 0 and at most `MAX_SPACING_M`.
    time_limit_s
        When the search stops with the best it knows [s], more than 0; None: not before it is done.

    Raises
    ------
    InputError
        A number is outside its bounds, or the questions do not go together.
    """

    reach: ReachRules = field(default_factory=ReachRules)
    aim: str = "cover"
    count: int | None = None
    share: float | None = None
    budget: float | None = None
    spacing_m: float = 150.0
    time_limit_s: float | None = 60.0

    def __post_init__(self) -> None:
        """Refuse rules that mean nothing."""
        for holds, zh, en in (
            (self.aim in AIMS, f"选址目标“{self.aim}”应是 {'、'.join(AIMS)} 之一", f"the aim is one of {AIMS}"),
            (
                (self.count is None) != (self.share is None),
                "请在新增数量与目标覆盖率中给出且只给出一个",
                "give either the number of sites or the share to cover",
            ),
            (
                self.count is None or 1 <= self.count <= MAX_COUNT,
                f"新增数量为 {self.count}，应是 1 到 {MAX_COUNT} 的整数",
                f"{self.count} sites; it must be a whole number from 1 to {MAX_COUNT}",
            ),
            (
                self.share is None or 0 < self.share <= 1,
                f"目标覆盖率为 {self.share}，应大于 0 且不超过 1，如 0.95",
                f"the share to cover is {self.share}; it must be more than 0 and at most 1, such as 0.95",
            ),
            (
                self.share is None or self.aim == "cover",
                "目标覆盖率只能与覆盖目标（--aim cover）同用",
                "a share to cover goes with the aim cover only",
            ),
            (
                self.budget is None or (self.aim == "cover" and self.count is not None),
                "预算只能与新增数量和覆盖目标（--count、--aim cover）同用",
                "a budget goes with a number of sites and the aim cover only",
            ),
            (
                self.budget is None or 0 <= self.budget < inf,
                f"预算为 {self.budget}，应是不小于 0 的数",
                f"the budget is {self.budget}; it must be a number of at least 0",
            ),
            (
                0 < self.spacing_m <= MAX_SPACING_M,
                f"候选点间距为 {self.spacing_m:,.10g} 米，必须大于 0 且不超过 {MAX_SPACING_M:g}",
                f"the spacing is {self.spacing_m:,.10g} m; it must be greater than 0 and at most {MAX_SPACING_M:g}",
            ),
            (
                self.time_limit_s is None or 0 < self.time_limit_s < inf,
                f"求解时限为 {self.time_limit_s} 秒，必须大于 0",
                f"the time limit is {self.time_limit_s} s; it must be greater than 0",
            ),
        ):
            if not holds:
                raise InputError(Text(zh, en))

    @property
    def longest_m(self) -> float:
        """Return the longest walk that counts where walking is to be shortened [m]."""
        return LONGEST_CUTOFFS * self.reach.cutoff_m

    def as_dict(self) -> dict[str, Any]:
        """Return the rules as plain values for JSON."""
        return asdict(self) | {"reach": self.reach.as_dict()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "SitingRules":
        """Return the rules that ``as_dict`` wrote.

        Raises
        ------
        InputError
            A name is not one of the rules', or a value is not valid.
        """
        refuse_unknown_rules(values, cls.__dataclass_fields__)
        return cls(**(values | {"reach": ReachRules.from_dict(values["reach"])}))
