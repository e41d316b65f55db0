"""The place from which the ways to three points, one of which counts less, are shortest in all (compiled)."""

from math import sqrt

from numba import njit

from gis_service.geo.coverage import FloatArray


@njit(cache=True)
def fermat_point(a: FloatArray, b: FloatArray, c: FloatArray, weight: float) -> tuple[float, float]:
    """Return the point with the smallest sum of its distances from two others and a share of that from a third.

    Parameters
    ----------
    a, b
        Places (x, y) [m]; they, and the third, may lie on one line or coincide.
    c
        The third.
    weight
        Share of the distance from it that counts, above 0 and below 2; 1: like the others.

    Returns
    -------
    x, y
        The point [m]. Where an angle between the three is as large as that under which it would see the other two, it
        is the corner with that angle, and where two of them coincide, it is their place.

    Notes
    -----
    Fermat's problem with weights. Ways of weights 1, 1 and w balance when those to the first two leave at the angle of
    cosine (w² - 2) / 2, and each of these with the third at that of cosine -w / 2. The point that sees the sides of a
    triangle under angles t has the barycentric coordinates 1 / (cot corner - cot t); for w = 1 it is the first isogonic
    centre (Kimberling, Encyclopedia of Triangle Centers, X(13)). With u and v the ways from a corner to the others,
    that is u × v / (u · v - cot t u × v), and the divisor is not positive where the corner is no smaller than t.
    """
    twice_m2 = abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    root = sqrt(4.0 - weight * weight)
    total = x = y = 0.0
    for corner, one, other, slope in (
        (a, b, c, weight / root),
        (b, c, a, weight / root),
        (c, a, b, (2.0 - weight * weight) / (weight * root)),
    ):
        along_m2 = (one[0] - corner[0]) * (other[0] - corner[0]) + (one[1] - corner[1]) * (other[1] - corner[1])
        divisor_m2 = along_m2 + slope * twice_m2
        if divisor_m2 <= 0.0:
            return float(corner[0]), float(corner[1])
        total += 1.0 / divisor_m2
        x += corner[0] / divisor_m2
        y += corner[1] / divisor_m2
    return x / total, y / total
