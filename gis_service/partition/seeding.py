"""A first assignment: one piece is cut in two along random spanning trees until every grid is its own (compiled)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis_service.partition.energy import Problem
from gis_service.partition.trees import cut, grow, make_tree, release


@njit(cache=True)
def bisect(problem: Problem, count: int, seed: int) -> NDArray[np.int64]:
    """Return ``count`` or fewer connected grids of about equal size.

    Parameters
    ----------
    problem
        A connected piece of a community.
    count
        Grids wanted, at least 1.
    seed
        Seed of the random numbers.

    Returns
    -------
    array of int64
        Grid of each unit, numbered from 0 without gaps.
    """
    n = len(problem.weight)
    state = np.array([np.uint64(seed)])
    tree = make_tree(problem)
    labels = np.zeros(n, np.int64)
    count = min(count, n)
    meant = np.ones(count, np.int64)
    root = np.zeros(count, np.int64)
    meant[0] = count
    totals = np.empty((2, 5))
    made = 1
    label = 0
    while label < made:
        grow(tree, problem, labels, root[label], label, label, label, state)
        wanted = cut(tree, problem, 0, meant[label], 1, totals, 0.0, state) if meant[label] > 1 else 0
        if wanted > 0:
            for i in range(tree.size[0] - 1, -1, -1):
                if tree.piece[i] == 1:
                    labels[tree.unit[i]] = made
                    root[made] = tree.unit[i]
                else:
                    root[label] = tree.unit[i]
            meant[made] = wanted
            meant[label] -= wanted
            made += 1
        else:
            label += 1
        release(tree)
    return labels
