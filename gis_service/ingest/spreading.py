"""Totals spread over buildings in proportion to floor area, in whole numbers that add up exactly."""

import numpy as np
from numpy.typing import NDArray

_WHOLE_WEIGHT = 2**30
"""Weights become whole numbers up to this, so that shares are exact; a total may then reach eight thousand million."""


def spread(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole shares of a total in proportion to weights.

    Parameters
    ----------
    total
        What is shared out [count, >= 0].
    weights
        Weight of each receiver [>= 0, finite], at least one receiver; all zero counts as all equal.

    Returns
    -------
    numpy.ndarray
        Shares [count] in the order of `weights`; they add up to `total`, and each lies less than 1 from its exact
        proportion.

    Raises
    ------
    ValueError
        There is no receiver, or `total` or a weight is negative.

    Notes
    -----
    Largest remainder method (Hamilton), in whole numbers throughout: whole parts first, what is left one by one to the
    largest remainders, ties to the receiver that comes first.

    Examples
    --------
    >>> spread(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    if total < 0 or not len(weights) or (weights < 0).any():
        raise ValueError("a total of 0 or more needs at least one receiver, and weights of 0 or more")
    relative = np.ones(len(weights)) if not weights.any() else weights / weights.max()
    parts = np.rint(relative * _WHOLE_WEIGHT).astype(np.int64)
    whole, remainder = np.divmod(total * parts, parts.sum())
    order = np.argsort(-remainder, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def floor_areas(
    footprint_m2: NDArray[np.float64], floors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return floor areas, what is unknown taken as the median of what is known among these buildings.

    Parameters
    ----------
    footprint_m2
        Footprint areas [m²]; 0 for points, whose footprint is unknown.
    floors
        Floors; nan or 0: unknown.

    Returns
    -------
    areas : numpy.ndarray
        Footprint × floors [m²].
    assumed : numpy.ndarray
        True where footprint or floors were unknown.
    """
    unknown_footprint, unknown_floors = footprint_m2 <= 0, ~(floors > 0)
    footprint = np.where(unknown_footprint, _median(footprint_m2[~unknown_footprint]), footprint_m2)
    height = np.where(unknown_floors, _median(floors[~unknown_floors]), floors)
    return footprint * height, unknown_footprint | unknown_floors


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else 1.0
