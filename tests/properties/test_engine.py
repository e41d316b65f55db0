"""Whatever the community, the engine keeps its promises."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.partition.parts import parts_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import graph_of, lattice, pieces_per_label, solve_cells


@st.composite
def communities(draw):
    """Return cells of a lattice with holes, households, residents (some unknown) and given grids."""
    everywhere = lattice(draw(st.integers(1, 7)), draw(st.integers(1, 6)))
    kept = draw(st.lists(st.sampled_from(everywhere), min_size=1, unique=True))
    cells = sorted(kept, key=lambda cell: (cell[1], cell[0]))
    n = len(cells)
    households = draw(st.lists(st.integers(0, 700), min_size=n, max_size=n))
    residents = draw(st.lists(st.integers(-1, 2500), min_size=n, max_size=n))
    locked = draw(st.lists(st.sampled_from([-1, -1, -1, -1, 0, 3]), min_size=n, max_size=n))
    return cells, np.array(households), np.maximum(residents, -1), np.array(locked)


@settings(deadline=None, max_examples=60)
@given(communities(), st.sampled_from(["either", "households", "residents"]), st.integers(0, 2**63))
def test_every_unit_has_a_grid_in_one_piece_and_given_grids_keep_theirs(community, basis, seed):
    cells, households, residents, locked = community
    rules = Rules(basis=basis)
    labels = solve_cells(cells, households, rules, residents=residents, locked=locked, seed=seed)
    assert labels.shape == (len(cells),)
    assert labels.min() >= 0
    given_units = locked >= 0
    assert (labels[given_units] == locked[given_units]).all()
    assert not np.isin(labels[~given_units], locked[given_units]).any()
    free = [cell for cell, is_given in zip(cells, given_units, strict=True) if not is_given]
    if free:
        graph = graph_of(cells)
        part = parts_of(graph, households, residents, rules, locked)
        pieces = pieces_per_label(graph, labels)
        for label in np.unique(labels[~given_units]):
            assert pieces[int(label)] == 1
            assert len(np.unique(part[labels == label])) == 1


@settings(deadline=None, max_examples=20)
@given(communities(), st.integers(0, 1000))
def test_the_same_input_and_seed_give_the_same_plan(community, seed):
    cells, households, residents, locked = community
    first, second = (
        solve_cells(cells, households, Rules(), residents=residents, locked=locked, seed=seed) for _ in range(2)
    )
    assert (first == second).all()
