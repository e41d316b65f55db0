import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.partition.articulation import articulation


def rows_of(count, pairs):
    """Return undirected pairs as compressed sparse rows."""
    both = np.array([*pairs, *[(b, a) for a, b in pairs]], dtype=np.int64).reshape(-1, 2)
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return np.searchsorted(both[:, 0], np.arange(count + 1)).astype(np.int32), both[:, 1].astype(np.int32)


def pieces(count, pairs, kept):
    inside = [(a, b) for a, b in pairs if kept[a] and kept[b]]
    ends = np.array(inside, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(inside)), (ends[0], ends[1])), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    return len(set(labels[kept].tolist()))


def test_the_middle_of_a_chain_holds_it_together():
    start, neighbour = rows_of(3, [(0, 1), (1, 2)])
    assert articulation(start, neighbour, np.zeros(3, np.int64)).tolist() == [False, True, False]


def test_neighbours_of_other_grids_do_not_hold_anything():
    start, neighbour = rows_of(4, [(0, 1), (1, 2), (2, 3), (3, 0)])
    assert articulation(start, neighbour, np.array([0, 0, 0, 1])).tolist() == [False, True, False, False]
    assert not articulation(start, neighbour, np.zeros(4, np.int64)).any()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_it_finds_exactly_the_units_whose_loss_breaks_a_grid(data):
    count = data.draw(st.integers(1, 9))
    every = [(a, b) for a in range(count) for b in range(a + 1, count)]
    pairs = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    labels = np.array(data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count)), dtype=np.int64)
    start, neighbour = rows_of(count, pairs)
    found = articulation(start, neighbour, labels)
    for unit in range(count):
        mine = labels == labels[unit]
        without = mine.copy()
        without[unit] = False
        assert found[unit] == (pieces(count, pairs, without) > pieces(count, pairs, mine))
