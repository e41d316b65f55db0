"""Units that hold their grid together: without one of them the rest would fall in pieces."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def articulation(
    start: NDArray[np.int32], neighbour: NDArray[np.int32], labels: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return which units are articulation points of the part of the graph that has their label.

    Parameters
    ----------
    start, neighbour
        Neighbours of the units as compressed sparse rows, see `UnitGraph`.
    labels
        Grid of every unit.

    Returns
    -------
    array of bool
        True where removing the unit leaves its grid in more pieces than before. A unit alone in its grid is none.

    Notes
    -----
    Lowest reachable depth in a depth-first search: J. Hopcroft and R. Tarjan, "Algorithm 447: efficient algorithms for
    graph manipulation", Communications of the ACM 16 (1973). Linear in units and edges; the recursion is unrolled.
    """
    n = len(labels)
    depth = np.full(n, -1, np.int64)
    lowest = np.zeros(n, np.int64)
    parent = np.full(n, -1, np.int64)
    following = start[:n].astype(np.int64)
    cuts = np.zeros(n, np.bool_)
    for root in range(n):
        if depth[root] >= 0:
            continue
        depth[root] = 0
        branches = 0
        unit = root
        while unit >= 0:
            if following[unit] < start[unit + 1]:
                other = neighbour[following[unit]]
                following[unit] += 1
                if labels[other] != labels[unit] or other == parent[unit]:
                    continue
                if depth[other] >= 0:
                    lowest[unit] = min(lowest[unit], depth[other])
                    continue
                parent[other] = unit
                depth[other] = depth[unit] + 1
                lowest[other] = depth[other]
                branches += unit == root
                unit = other
                continue
            above = parent[unit]
            if above >= 0:
                lowest[above] = min(lowest[above], lowest[unit])
                if above != root and lowest[unit] >= depth[above]:
                    cuts[above] = True
            unit = above
        cuts[root] = branches > 1
    return cuts
