"""What arithmetic says of totals, wherever they lie: whether grids can all be in range, and how many there may be."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis_service.plan.rules import Rules, possible_counts


@dataclass(frozen=True)
class Totals:
    """What the units of a piece of land hold together.

    One unit with unknown residents leaves only its own grid without a residents test: the other grids are judged by
    the residents that are known. The sum of these is therefore kept, and not called unknown as that of one grid is.

    Parameters
    ----------
    households
        Households of all units [count].
    residents
        Residents of the units where they are known [count].
    unknown_units
        Units whose residents are unknown [count].
    unknown_households
        Households of these units [count].
    """

    households: int
    residents: int = 0
    unknown_units: int = 0
    unknown_households: int = 0

    def estimated_residents(self) -> int | None:
        """Return the residents if units with unknown ones had as many a household; None where no household tells."""
        counted = self.households - self.unknown_households
        if self.unknown_units == 0:
            return self.residents
        return round(self.residents * self.households / counted) if counted > 0 else None


def totals_of(households: NDArray[np.int64], residents: NDArray[np.int64]) -> Totals:
    """Return the totals of units.

    Parameters
    ----------
    households, residents
        Counts of each unit; residents are negative where unknown.
    """
    unknown = residents < 0
    return Totals(
        households=int(households.sum()),
        residents=int(residents[~unknown].sum()),
        unknown_units=int(unknown.sum()),
        unknown_households=int(households[unknown].sum()),
    )


def may_fit(totals: Totals, rules: Rules) -> bool:
    """Tell whether arithmetic allows to cut totals into grids that are all in range.

    Households alone: some ``k > 0`` with ``k * min <= total <= k * max``; residents alone likewise, where all are
    known. Where some grids may pass by households and others by residents, reaching both minima is enough too: grids
    judged by one test may hold any count of the other.

    Parameters
    ----------
    totals
        The totals.
    rules
        The size rule.

    Returns
    -------
    bool
        False: no assignment can be in range, however the units lie, and so for land where nobody lives. True does not
        promise one.
    """
    by_households, by_residents = _tests(totals, rules)
    if by_households and possible_counts(totals.households, rules.households_min, rules.households_max):
        return True
    all_known = totals.unknown_units == 0
    if by_residents and all_known and possible_counts(totals.residents, rules.residents_min, rules.residents_max):
        return True
    return (
        by_households
        and by_residents
        and totals.households >= rules.households_min
        and totals.residents >= rules.residents_min
    )


def most_grids(totals: Totals, rules: Rules) -> int:
    """Return the largest number of grids in range that totals could fill, at least 1."""
    by_households, by_residents = _tests(totals, rules)
    most = by_households * (totals.households // rules.households_min)
    return max(1, most + by_residents * (totals.residents // rules.residents_min))


def fewest_grids(totals: Totals, rules: Rules) -> int:
    """Return how many grids totals fill if all are as large as the leading test allows, at least 1."""
    by_households = -(-totals.households // rules.households_max)
    residents = totals.estimated_residents()
    if residents is None or rules.basis == "households":
        return max(1, by_households)
    by_residents = -(-residents // rules.residents_max)
    return max(1, by_residents if rules.basis == "residents" else min(by_households, by_residents))


def target_count(totals: Totals, rules: Rules) -> int:
    """Return into how many grids totals are best cut: the mean is nearest the target, and in the range if it can.

    The target is that of the rules or the middle of the range. Residents set the number of grids, estimated where some
    are unknown, on the basis of residents, and where either counts and only residents fit some number of grids.
    """
    wanted = rules.target_households or (rules.households_min + rules.households_max) / 2
    count = _nearest(totals.households, rules.households_min, rules.households_max, wanted)
    residents = totals.estimated_residents()
    if residents is None or rules.basis == "households" or (rules.basis == "either" and count is not None):
        return count or max(1, int(totals.households / wanted))
    middle = (rules.residents_min + rules.residents_max) / 2
    by_residents = _nearest(residents, rules.residents_min, rules.residents_max, middle)
    if rules.basis == "residents":
        return by_residents or max(1, int(residents / middle))
    return by_residents or max(1, int(totals.households / wanted))


def total_residents(residents: NDArray[np.int64]) -> int | None:
    """Return the residents of one grid [count], None where those of a unit are unknown (negative)."""
    return None if (residents < 0).any() else int(residents.sum())


def _nearest(total: int, low: int, high: int, wanted: float) -> int | None:
    """Return the number of grids in range whose mean is nearest to what is wanted; None where none is in range."""
    return min(possible_counts(total, low, high), key=lambda count: abs(total / count - wanted), default=None)


def _tests(totals: Totals, rules: Rules) -> tuple[bool, bool]:
    """Tell which tests may bring a grid into range: on any basis that of households where residents are unknown."""
    return rules.basis != "residents" or totals.unknown_units > 0, rules.basis != "households"
