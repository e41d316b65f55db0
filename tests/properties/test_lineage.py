"""Inherited codes are unique, earned, and the same whatever the order of anything."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.plan.lineage import Successors, inherit
from tests.unit.plan.test_lineage import CODES, base, code, earlier, successors

SQUARES = 8


@st.composite
def histories(draw):
    spans = st.tuples(st.integers(0, SQUARES - 1), st.integers(1, 4)).map(lambda span: (span[0], sum(span)))
    generations = []
    for _ in range(draw(st.integers(0, 3))):
        numbers = draw(st.lists(st.integers(1, 12), unique=True, max_size=5))
        generations.append(earlier(*(base(number, *draw(spans), f"第{number}网格") for number in numbers)))
    grid = draw(st.lists(st.integers(0, 3), min_size=SQUARES, max_size=SQUARES))
    grid = np.unique(grid, return_inverse=True)[1]
    households = draw(st.lists(st.integers(0, 3), min_size=SQUARES, max_size=SQUARES))
    return generations, successors(grid, households)


@given(histories())
@settings(deadline=None, max_examples=150)
def test_codes_are_unique_and_each_is_earned(history):
    generations, new = history
    heritage = inherit(generations, new, CODES)
    assert len(set(heritage.codes.values())) == len(heritage.codes)
    total = np.bincount(new.grid, new.households)
    for heir in heritage.heirs:
        old = generations[heir.generation].set_index("code").loc[heir.code]
        assert not any((frame["code"] == heir.code).any() for frame in generations[: heir.generation])
        inside = np.array([old.geometry.covers(point) for point in new.point])
        shared = new.households[inside & (new.grid == heir.grid)].sum()
        assert heir.households == shared
        if total[heir.grid]:
            assert 2 * shared > total[heir.grid]
            assert 2 * shared > new.households[inside].sum()
        else:
            land = new.units.geometry[new.grid == heir.grid].union_all()
            assert 2 * land.intersection(old.geometry).area > max(land.area, old.geometry.area)


@given(histories(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_the_order_of_rows_buildings_and_grids_does_not_matter(history, random):
    generations, new = history
    heritage = inherit(generations, new, CODES)
    shuffled = [frame.sample(frac=1, random_state=random.randrange(1000)) for frame in generations]
    rows = np.array(random.sample(range(SQUARES), SQUARES))
    names = np.array(random.sample(range(int(new.grid.max()) + 1), int(new.grid.max()) + 1))
    turned = Successors(new.units, names[new.grid], new.point[rows], new.households[rows], new.unit[rows])
    other = inherit(shuffled, turned, CODES)
    assert other.codes == {int(names[grid]): kept for grid, kept in heritage.codes.items()}
    assert other.names == {int(names[grid]): kept for grid, kept in heritage.names.items()}


@given(histories())
@settings(deadline=None, max_examples=50)
def test_a_plan_that_follows_itself_keeps_everything(history):
    _, new = history
    land = new.units.dissolve(by=new.grid)
    frame = land.assign(code=[code(number + 1) for number in land.index], name=None, kind="base")
    heritage = inherit([frame.reset_index(drop=True)], new, CODES)
    assert heritage.codes == {int(grid): code(grid + 1) for grid in land.index}
    assert pd.Series(heritage.names).empty
