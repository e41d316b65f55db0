"""Whether a straight piece of a street may be nearest to any ground of a square, told from the middle of the square."""

from numba import njit

ROUNDING_M = 0.02
"""Bounds allow for so much rounding [m]."""


@njit(cache=True, nogil=True, inline="always")
def distance(px: float, py: float, dx: float, dy: float, per_m2: float) -> float:
    """Return how far a place is from a piece [m].

    Parameters
    ----------
    px, py
        The place, from the first end of the piece [m].
    dx, dy, per_m2
        Way to its last end [m], and one over the square of its length [1/m²] (0: it has none).
    """
    share = min(max((px * dx + py * dy) * per_m2, 0.0), 1.0)
    px, py = px - share * dx, py - share * dy
    return float((px * px + py * py) ** 0.5)


@njit(cache=True, nogil=True, inline="always")
def corner_distances(
    px: float, py: float, dx: float, dy: float, per_m2: float, half_m: float
) -> tuple[float, float, float, float]:
    """Return how far the corners of a square with sides of `2 half_m` are from a piece [m], rounded up.

    The others are as in `distance`, of the middle of the square; corners are told from west to east, from south to
    north.
    """
    west, east, south, north = px - half_m, px + half_m, py - half_m, py + half_m
    return (
        distance(west, south, dx, dy, per_m2) + ROUNDING_M,
        distance(east, south, dx, dy, per_m2) + ROUNDING_M,
        distance(west, north, dx, dy, per_m2) + ROUNDING_M,
        distance(east, north, dx, dy, per_m2) + ROUNDING_M,
    )


@njit(cache=True, nogil=True, inline="always")
def may_be_nearest(
    corners_m: tuple[float, float, float, float], off_x: float, off_y: float, off_m: float, half_m: float
) -> bool:
    """Return whether a piece may be nearer to any ground of a square than another piece.

    The distance from a piece is convex: it is at least what its gradient in the middle of the square tells, and
    that of the other piece less this is greatest in a corner.

    Parameters
    ----------
    corners_m
        How far the corners of the square are from the other piece, see `corner_distances` [m].
    off_x, off_y, off_m
        Way from the nearest place of the piece to the middle of the square, and its length [m].
    half_m
        Half a side of the square [m].
    """
    south_west, south_east, north_west, north_east = corners_m
    east_m2, north_m2 = half_m * off_x, half_m * off_y
    # Multiplied by the length, by which the way would have to be divided for the gradient.
    in_south_m2 = max(south_west * off_m + east_m2, south_east * off_m - east_m2) + north_m2
    in_north_m2 = max(north_west * off_m + east_m2, north_east * off_m - east_m2) - north_m2
    return bool(max(in_south_m2, in_north_m2) >= off_m * off_m)
