"""One ruler for every answer: range, pieces, shape; it uses none of the engine's own figures."""

from dataclasses import dataclass

import numpy as np
from instances import RULES, Instance
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class Worth:
    """Sums over grids; worths of several communities add up.

    Parameters
    ----------
    grids, in_range, good, in_pieces
        Grids; those of a size in range; those in range and in one piece; those in more than one piece [count].
    compactness
        Sum of the Polsby-Popper measures.
    """

    grids: int = 0
    in_range: int = 0
    good: int = 0
    in_pieces: int = 0
    compactness: float = 0.0

    def __add__(self, other: "Worth") -> "Worth":
        """Return the worth of both together."""
        return Worth(
            self.grids + other.grids,
            self.in_range + other.in_range,
            self.good + other.good,
            self.in_pieces + other.in_pieces,
            self.compactness + other.compactness,
        )


def worth_of(instance: Instance, labels: NDArray[np.int64]) -> Worth:
    """Return the worth of an answer; labels are any whole numbers."""
    label = np.unique(labels, return_inverse=True)[1]
    households = np.bincount(label, instance.households)
    fits = (households >= RULES.households_min) & (households <= RULES.households_max)
    left, right = label[instance.ends].T
    same = left == right
    n = len(label)
    inside = coo_array((np.ones(int(same.sum())), tuple(instance.ends[same].T)), shape=(n, n))
    component = connected_components(inside, directed=False)[1]
    pieces = np.bincount(label[np.unique(component, return_index=True)[1]])
    area_m2 = np.bincount(label, instance.area_m2)
    inner_m = np.bincount(left[same], instance.length_m[same], len(households))
    perimeter_m = np.bincount(label, instance.perimeter_m) - 2.0 * inner_m
    return Worth(
        grids=len(households),
        in_range=int(fits.sum()),
        good=int((fits & (pieces == 1)).sum()),
        in_pieces=int((pieces > 1).sum()),
        compactness=float((4.0 * np.pi * area_m2 / np.maximum(perimeter_m, 1e-9) ** 2).sum()),
    )
