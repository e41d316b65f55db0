"""Whatever people and parks there are on either side of two railways: empty land stays on its side of them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.contiguity import unit_graph
from gis_service.partition.vacant import within_reach
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import SIDE_M, barriers, lattice, units_frame

ANY_SIZE = Rules(basis="households", households_min=1)
COLUMNS, ROWS = 6, 3
QUIET = settings(deadline=None, max_examples=60)


def railway(column):
    return ((column * SIDE_M, 10.0), (column * SIDE_M, -ROWS * SIDE_M - 10.0))


@QUIET
@given(
    st.lists(st.sampled_from([0, 0, 0, 90]), min_size=COLUMNS * ROWS, max_size=COLUMNS * ROWS),
    st.sets(st.integers(1, COLUMNS - 1), min_size=1, max_size=2),
)
def test_empty_land_is_reached_from_its_own_side_if_people_live_there_and_no_people_are_cut_off(households, columns):
    cells = lattice(COLUMNS, ROWS)
    units, lines = units_frame(cells, households), barriers(*map(railway, sorted(columns)), kind="railway")
    graph = unit_graph(units, lines)
    reach = within_reach(units, graph, lines, ANY_SIZE)
    left, right = np.repeat(np.arange(len(cells)), np.diff(reach.start)), reach.neighbour.astype(np.int64)
    side = np.array([sum(column <= c for column in columns) for c, _ in cells])
    people = np.array(households) > 0
    peopled = np.bincount(side, people, minlength=3) > 0
    crossing = side[left] != side[right]
    for one, other in ((left, right), (right, left)):
        assert not np.any(crossing & ~people[one] & peopled[side[one]] & peopled[side[other]])
    assert {(a, b) for a, b in zip(left, right, strict=True)} == {(b, a) for a, b in zip(left, right, strict=True)}
    pairs = (left[~crossing], right[~crossing])
    piece = connected_components(coo_array((np.ones(len(pairs[0])), pairs), shape=(len(cells), len(cells))))[1]
    for number in np.flatnonzero(peopled):
        assert len(np.unique(piece[side == number])) == 1


@QUIET
@given(
    st.lists(st.sampled_from([0, 0, 100, 200, 350]), min_size=COLUMNS * ROWS, max_size=COLUMNS * ROWS),
    st.sets(st.integers(1, COLUMNS - 1), min_size=1, max_size=3),
)
def test_people_who_fit_no_grid_on_their_side_reach_others(households, columns):
    cells = lattice(COLUMNS, ROWS)
    units, lines = units_frame(cells, households), barriers(*map(railway, sorted(columns)), kind="railway")
    rules = Rules(basis="households")
    reach = within_reach(units, unit_graph(units, lines), lines, rules)
    left = np.repeat(np.arange(len(cells)), np.diff(reach.start))
    graph = coo_array((np.ones(len(left)), (left, reach.neighbour)), shape=(len(cells), len(cells)))
    part = connected_components(graph, directed=False)[1]
    totals = np.bincount(part, households)
    small = np.flatnonzero((totals > 0) & (totals < rules.households_min))
    assert len(small) == 0 or (totals > 0).sum() == 1
