"""Laws of the size rule."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.plan.arithmetic import may_fit, most_grids, total_residents, totals_of
from gis_service.plan.rules import Rules, judge, possible_counts

RULES = Rules()
COUNTS = st.integers(0, 20_000)
RANGES = st.tuples(st.integers(1, 2000), st.integers(0, 2000)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None)
@given(COUNTS, RANGES)
def test_a_number_of_grids_is_possible_iff_equal_shares_are_in_range(total, bounds):
    low, high = bounds
    counts = possible_counts(total, low, high)
    around = {*range(max(1, total // high - 2), total // low + 3)}
    assert set(counts) == {k for k in around if low * k <= total <= high * k}


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_a_grid_is_normal_by_either_iff_it_is_by_one_of_the_two(households, residents):
    alone = {judge(households, residents, "base", Rules(basis=basis)).status for basis in ("households", "residents")}
    assert (judge(households, residents, "base", RULES).status == "normal") == ("normal" in alone)


@st.composite
def units(draw):
    """Return households and residents (-1: unknown) of a few units, often near the bounds of a grid."""
    near = st.sampled_from([0, 1, 149, 150, 250, 299, 300, 499, 500, 501])
    people = st.sampled_from([-1, 0, 1, 499, 500, 700, 999, 1000, 1499, 1500, 1501, 3000])
    pairs = draw(
        st.lists(st.tuples(near | st.integers(0, 700), people | st.integers(-1, 2200)), min_size=1, max_size=6)
    )
    return tuple(np.array(column, np.int64) for column in zip(*pairs, strict=True))


def divisions(count):
    """Yield every way to put units into groups, as a group for each."""
    if count == 0:
        yield []
        return
    for before in divisions(count - 1):
        for group in range(max(before, default=-1) + 2):
            yield [*before, group]


@settings(deadline=None, max_examples=150)
@given(units(), st.sampled_from(["either", "households", "residents"]))
def test_arithmetic_forbids_no_division_in_range(town, basis):
    households, residents = town
    rules, totals = Rules(basis=basis), totals_of(*town)
    for division in map(np.array, divisions(len(households))):
        groups = [division == group for group in range(int(division.max()) + 1)]
        counts = [(int(households[here].sum()), total_residents(residents[here])) for here in groups]
        if all(judge(*each, "base", rules).status == "normal" for each in counts):
            assert may_fit(totals, rules)
            assert len(groups) <= most_grids(totals, rules)


@settings(deadline=None, max_examples=200)
@given(units(), st.sampled_from(["either", "households", "residents"]))
def test_totals_of_one_grid_in_range_are_one_grid(town, basis):
    rules = Rules(basis=basis)
    if most_grids(totals_of(*town), rules) == 1 and may_fit(totals_of(*town), rules):
        whole = int(town[0].sum()), total_residents(town[1])
        assert judge(*whole, "base", rules).status == "normal"
