"""Whatever the community: exact beats heuristic, polishing never worsens, repair keeps what is valid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.partition.exact import solve_exactly
from gis_service.partition.misses import assessed, credit
from gis_service.partition.refinement import refine
from gis_service.partition.windows import mend_exactly
from gis_service.plan.arithmetic import most_grids, totals_of
from gis_service.plan.rules import Rules
from tests.unit.partition.lattices import bundles_of, count_misses, graph_of, lattice, pieces_per_label, solve_cells
from tests.unit.partition.problems import best_by_trying, problem_of
from tests.unit.partition.test_repair import repair_cells

BASES = st.sampled_from(["either", "households", "residents"])


@st.composite
def towns(draw, most=40):
    """Return connected cells and their households and residents, some unknown."""
    columns, rows = draw(st.integers(1, 8)), draw(st.integers(1, 5))
    cells = lattice(columns, rows)[:most]
    n = len(cells)
    households = draw(st.lists(st.integers(0, 260), min_size=n, max_size=n))
    residents = draw(st.lists(st.integers(-20, 800), min_size=n, max_size=n))
    empty = draw(st.lists(st.integers(0, n - 1), max_size=4))
    counts = np.array(households), np.maximum(residents, -1)
    for each in counts:
        each[empty] = 0
    return cells, *counts


def worth(problem, labels):
    missed, energy = assessed(problem, labels, credit(problem))
    return missed, round(energy, 6)


@settings(deadline=None, max_examples=25)
@given(towns(), BASES, st.integers(0, 1000))
def test_the_optimum_is_no_worse_than_the_heuristic_and_no_better_than_its_bound(town, basis, seed):
    cells, households, residents = town
    rules = Rules(basis=basis)
    labels = solve_cells(cells, households, rules, residents=residents, seed=seed)
    problem = problem_of(cells, households, rules, residents=residents)
    found = solve_exactly(problem, labels, most_sets=20_000)
    assert worth(problem, found.labels) <= worth(problem, labels)
    assert set(pieces_per_label(graph_of(cells), found.labels).values()) == {1}
    assert found.least_missed <= found.missed
    assert found.least_energy <= found.energy + 1e-6
    if found.proven:
        turned = np.arange(len(cells))[::-1]
        flipped = problem_of([cells[u] for u in turned], households[turned], rules, residents=residents[turned])
        again = solve_exactly(flipped, found.labels[turned], most_sets=20_000)
        assert (again.missed, round(again.energy, 6)) == (found.missed, round(found.energy, 6))


@st.composite
def odd_towns(draw):
    """Return a few cells near the bounds of the size rule: dormitories, unknown residents, towers, empty land."""
    columns, rows = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (4, 1), (2, 2), (3, 2)]))
    cells = lattice(columns, rows)
    n = len(cells)
    households = st.sampled_from([0, 1, 150, 250, 290, 300, 350, 499, 501, 1200])
    residents = st.sampled_from([-1, 0, 500, 700, 999, 1000, 1200, 1501, 4000])
    counts = (draw(st.lists(count, min_size=n, max_size=n)) for count in (households, residents))
    return cells, *map(np.array, counts)


@settings(deadline=None, max_examples=60)
@given(odd_towns(), BASES)
def test_no_division_has_fewer_misses_than_are_proven_to_be_forced(town, basis):
    cells, households, residents = town
    rules, labels = Rules(basis=basis), solve_cells(*town[:2], Rules(basis=basis), residents=residents)
    bundles = bundles_of(cells, households, residents=residents)
    (bound,) = refine(bundles, rules, labels=labels, locked=np.full(len(cells), -1)).bounds
    best = best_by_trying(problem_of(cells, households, rules, residents=residents))
    assert bound.forced <= best[0] <= bound.missed
    assert (bound.witness == "none") == (bound.forced == 0)
    if bound.proven and most_grids(totals_of(households, residents), rules) > 1:
        assert (bound.missed, bound.energy) == pytest.approx(best)


@settings(deadline=None, max_examples=15)
@given(towns(), BASES, st.integers(0, 1000))
def test_polishing_never_worsens_and_keeps_grids_in_one_piece(town, basis, seed):
    cells, households, residents = town
    rules = Rules(basis=basis)
    labels = solve_cells(cells, households, rules, residents=residents, seed=seed)
    problem = problem_of(cells, households, rules, residents=residents)
    polished = mend_exactly(problem, labels)
    assert worth(problem, polished) <= worth(problem, labels)
    assert set(pieces_per_label(graph_of(cells), polished).values()) == {1}


@settings(deadline=None, max_examples=25)
@given(towns(), BASES, st.data())
def test_repair_changes_nothing_valid_and_never_breaks_more(town, basis, data):
    cells, households, residents = town
    rules = Rules(basis=basis)
    old = solve_cells(cells, households, rules, residents=residents, seed=3)
    parks = (households == 0) & (residents == 0) & (np.arange(len(cells)) % 2 == 0)
    old = np.where(parks, len(cells) + np.arange(len(cells)), old)
    whole = set(pieces_per_label(graph_of(cells), old).values()) == {1}
    valid = whole and count_misses(old, households, None if basis == "households" else residents, rules) == 0
    same = repair_cells(cells, households, old, residents=residents, rules=rules)
    if valid:
        assert (same.labels == old).all()
        assert same.moved_households == 0
    names = np.unique(old)
    locked = np.isin(old, data.draw(st.lists(st.sampled_from(names.tolist()), max_size=2)))
    factor = data.draw(st.lists(st.sampled_from([0, 1, 1, 1, 2]), min_size=len(cells), max_size=len(cells)))
    changed = households * np.array(factor)
    found = repair_cells(cells, changed, old, residents=residents, rules=rules, locked=locked)
    assert (found.labels[locked] == old[locked]).all()
    assert not np.isin(found.labels[~locked], old[locked]).any()
    pieces = pieces_per_label(graph_of(cells), found.labels)
    assert all(pieces[label] == 1 for label in np.unique(found.labels[~locked]).tolist())
    assert sum(move.households for move in found.transfers) == changed.sum()
    assert found.moved_households == sum(move.households for move in found.transfers if move.old != move.new)
