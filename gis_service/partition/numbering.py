"""Numbers of groups: without gaps, in the order of their old numbers or of their first members."""

import numpy as np

from gis_service.geo.coverage import IndexArray


def numbered(labels: IndexArray) -> IndexArray:
    """Return labels from 0 without gaps, in the same order."""
    dense: IndexArray = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return dense


def by_first_member(labels: IndexArray) -> IndexArray:
    """Return labels from 0 without gaps, in the order in which groups are first met."""
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    rank: IndexArray = np.argsort(np.argsort(first))[group].astype(np.int64)
    return rank


def after_given(labels: IndexArray, given: IndexArray) -> IndexArray:
    """Return labels of which given ones stay, while the others follow the largest of these by their first members.

    Parameters
    ----------
    labels
        Group of every member.
    given
        Label that a member keeps, negative where it is free.
    """
    free = given < 0
    ordered: IndexArray = given.astype(np.int64)
    ordered[free] = int(given.max(initial=-1)) + 1 + by_first_member(labels[free])
    return ordered
