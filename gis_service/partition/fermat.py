"""The place from which the ways to three points are shortest in all (compiled)."""

from math import sqrt

from numba import njit

from gis_service.geo.coverage import FloatArray

_SQRT_3 = sqrt(3.0)


@njit(cache=True)
def fermat_point(a: FloatArray, b: FloatArray, c: FloatArray) -> tuple[float, float]:
    """Return the point whose distances from three others have the smallest sum.

    Parameters
    ----------
    a, b, c
        Places (x, y) [m], in any order; they may lie on one line or coincide.

    Returns
    -------
    x, y
        The point [m]. The ways from it leave at 120° from each other; where the three make an angle of 120° or more, it
        is the one with that angle, and where two coincide, it is their place.

    Notes
    -----
    It is the first isogonic centre, of barycentric coordinates side / sin(angle + 60°) at each corner (Kimberling,
    Encyclopedia of Triangle Centers, X(13)). But for a factor common to all corners that is 1 / (u × v + √3 u · v),
    with u and v the ways from the corner to the others; the divisor is not positive where the angle is 120° or more.
    """
    twice_m2 = abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    total = x = y = 0.0
    for corner, one, other in ((a, b, c), (b, c, a), (c, a, b)):
        along_m2 = (one[0] - corner[0]) * (other[0] - corner[0]) + (one[1] - corner[1]) * (other[1] - corner[1])
        divisor_m2 = twice_m2 + _SQRT_3 * along_m2
        if divisor_m2 <= 0.0:
            return float(corner[0]), float(corner[1])
        total += 1.0 / divisor_m2
        x += corner[0] / divisor_m2
        y += corner[1] / divisor_m2
    return x / total, y / total
