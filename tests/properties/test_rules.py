"""Laws of the size rule."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.plan.arithmetic import may_fit
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
    assert {k for k in counts if k > 0} == {k for k in around if low * k <= total <= high * k}


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_a_grid_is_normal_by_either_iff_it_is_by_one_of_the_two(households, residents):
    alone = {judge(households, residents, "base", Rules(basis=basis)).status for basis in ("households", "residents")}
    assert (judge(households, residents, "base", RULES).status == "normal") == ("normal" in alone)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(300, 500), st.integers(0, 5000)), min_size=1, max_size=20))
def test_totals_of_grids_in_range_may_fit(grids):
    households, residents = (sum(column) for column in zip(*grids, strict=True))
    assert may_fit(households, residents, RULES)
    assert may_fit(households, None, RULES)
