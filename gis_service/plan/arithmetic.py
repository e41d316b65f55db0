"""What arithmetic says of totals, wherever they lie: whether they can be cut into grids that are all in range."""

from gis_service.plan.rules import Rules, possible_counts


def may_fit(households: int, residents: int | None, rules: Rules) -> bool:
    """Tell whether arithmetic allows to cut totals into grids that are all in range.

    Households alone: some k with ``k * min <= total <= k * max``; residents alone likewise. Where either test is
    enough, one grid may pass by households and another by residents, so reaching both minima is enough too.

    Parameters
    ----------
    households
        Total households [count].
    residents
        Total residents [count]; None: unknown, only households count.
    rules
        The size rule.

    Returns
    -------
    bool
        False: no assignment can be in range, however the units lie. True does not promise one.
    """
    return bool(possible_counts(*leading_test(households, residents, rules)[:3])) or (
        rules.basis == "either"
        and residents is not None
        and households >= rules.households_min
        and residents >= rules.residents_min
    )


def leading_test(households: int, residents: int | None, rules: Rules) -> tuple[int, int, int, float]:
    """Return total, minimum, maximum and target of the test that sets the number of grids.

    Parameters
    ----------
    households, residents, rules
        As for :func:`may_fit`.

    Returns
    -------
    tuple of (int, int, int, float)
        Of residents where the basis is residents, or where either counts and only residents fit some number of grids;
        else of households. The target is that of the rules, or the middle of the range.
    """
    target = rules.target_households or (rules.households_min + rules.households_max) / 2
    by_households = (households, rules.households_min, rules.households_max, target)
    if residents is None or rules.basis == "households":
        return by_households
    middle = (rules.residents_min + rules.residents_max) / 2
    by_residents = (residents, rules.residents_min, rules.residents_max, middle)
    if rules.basis == "residents" or (not possible_counts(*by_households[:3]) and possible_counts(*by_residents[:3])):
        return by_residents
    return by_households
