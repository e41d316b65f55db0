"""How compact two grids can be that share some land: proven for every division of it, not for units alone."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

PLACES = 400
"""Places on the outline; more of them cost time and lower the bound a little."""
_TURN = 2.0 * np.pi
_ANGLES = np.linspace(1e-3, _TURN, 20_000)

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class People:
    """Where households live, and how many a grid may have.

    Parameters
    ----------
    xy
        A point (n, 2) inside each building [m]; a building belongs to one grid as a whole.
    households
        Of each building [count].
    least, most
        Households of each of the two grids [count, inclusive].
    """

    xy: Numbers
    households: NDArray[np.int64]
    least: int
    most: int


@dataclass(frozen=True)
class Outline:
    """Places at equal distances on the outline of some land, counterclockwise.

    Parameters
    ----------
    xy
        The places (n, 2) [m].
    step_m
        Way from each to the next along the outline [m].
    swept_m2
        Area that the ray from the origin of coordinates sweeps on the way from the first place to each [m²].
    turned
        Angle by which the way there turns around each building (n, buildings) [rad].
    land_m2
        Area of the land [m²].
    """

    xy: Numbers
    step_m: float
    swept_m2: Numbers
    turned: Numbers
    land_m2: float


def bound_of_two(land: shapely.Polygon, people: People, places: int = PLACES) -> float:
    """Return a number that the mean Polsby-Popper measure of two grids which share some land does not exceed.

    Parameters
    ----------
    land
        The land in a metric CRS. All of it belongs to one of the two, and each of these is in one piece.
    people
        The households they share. No more is asked of a building than that one grid has all of it.
    places
        Places looked at on the outline.

    Returns
    -------
    float
        The bound; nan where the households cannot be shared so, as far as their sum tells.

    Raises
    ------
    ValueError
        If the land has holes.

    Notes
    -----
    Both being in one piece, one of them lies inside the other and has nothing of the outline; or each has one stretch
    of it, and one curve goes between them.

    In the first case the inner grid has the measure 1 at most, and its perimeter is not below twice the distance within
    which ``least`` households live around one of its buildings; its perimeter adds to that of the outer grid.

    In the second case lead the curve on along the outline to the nearest places p and q, at most half a step s away on
    either end. Of length c now, it parts the same areas. With a length l of the outline from p to q, and a whole of L,
    the perimeters are not below l + c - 2s and L - l + c - 2s. The areas differ from those on either side of the chord
    from p to q by no more than the segment of a circle with that chord and the arc c (Dido's problem, which holds for
    areas with sign). A building whose distances from p and q add up to more than c is in the grid on whose side of the
    chord it is: curve and chord both run in the ellipse of these foci. For each p and q, c runs up in steps; within a
    step the perimeters are those of its lower end, the areas those of its upper end. The sum of both measures,
    neither above 1, is concave in the area of one grid, and greatest at an end or where one of them reaches 1.
    """
    if len(land.interiors):
        raise ValueError("the land has holes")
    total = int(people.households.sum())
    if max(people.least, total - people.most) > min(people.most, total - people.least):
        return float("nan")
    low = np.array(land.bounds[:2])
    moved = replace(people, xy=people.xy - low)
    return max(_one_inside(land, people), _side_by_side(_outline(land, low, moved.xy, places), moved))


def _one_inside(land: shapely.Polygon, people: People) -> float:
    apart_m = np.hypot(*np.moveaxis(people.xy[:, None] - people.xy[None], -1, 0))
    order = np.argsort(apart_m, axis=1, kind="stable")
    enough = np.cumsum(people.households[order], axis=1) >= people.least
    inner_m = 2.0 * float(np.where(enough, np.take_along_axis(apart_m, order, axis=1), np.inf).min())
    return 0.5 * (1.0 + (4.0 * np.pi * land.area - inner_m**2) / (land.length + inner_m) ** 2)


def _outline(land: shapely.Polygon, low: Numbers, buildings: Numbers, places: int) -> Outline:
    ring = shapely.get_coordinates(shapely.orient_polygons(land).exterior) - low
    along_m = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(ring, axis=0).T))))
    place_m = np.arange(places) * along_m[-1] / places
    every_m = np.unique(np.concatenate((along_m, place_m)))
    way = np.column_stack([np.interp(every_m, along_m, axis) for axis in ring.T])
    turns = _wrapped(np.diff(_direction(buildings[None], way[:, None]), axis=0))
    turned = np.concatenate((np.zeros((1, len(buildings))), np.cumsum(turns, axis=0)))
    swept_m2 = np.concatenate(([0.0], np.cumsum(_swept_m2(way[:-1], way[1:]))))
    at = np.searchsorted(every_m, place_m)
    return Outline(way[at], along_m[-1] / places, swept_m2[at], turned[at], land.area)


def _side_by_side(outline: Outline, people: People) -> float:
    count, step_m = len(outline.xy), outline.step_m
    first, last = np.triu_indices(count)
    p, q = outline.xy[first], outline.xy[last]
    chord_m = np.hypot(*(q - p).T)
    curve_m = np.maximum(chord_m, _shortest_m(outline, people, first, last))
    stretch_m = (last - first) * step_m
    beside_m2 = outline.swept_m2[last] - outline.swept_m2[first] + _swept_m2(q, p)
    best = 0.0
    while len(curve_m):
        one_m = np.maximum(stretch_m + curve_m - 2.0 * step_m, step_m)
        other_m = np.maximum((count - 2) * step_m - stretch_m + curve_m, step_m)
        segment_m2 = _segment_m2(curve_m + step_m, chord_m)
        best = max(best, _greatest_mean(outline.land_m2, beside_m2, segment_m2, one_m, other_m))
        open_ = 2.0 * np.pi * outline.land_m2 > best * np.minimum(one_m, other_m) ** 2
        chord_m, stretch_m, beside_m2 = chord_m[open_], stretch_m[open_], beside_m2[open_]
        curve_m = curve_m[open_] + step_m
    return best


def _shortest_m(outline: Outline, people: People, first: NDArray[np.int64], last: NDArray[np.int64]) -> Numbers:
    """Return for pairs of places how long a curve between them is at least for which both grids can be in range."""
    p, q = outline.xy[first][:, None], outline.xy[last][:, None]
    buildings = people.xy[None]
    chord = _wrapped(_direction(buildings, p) - _direction(buildings, q))
    left = np.rint((outline.turned[last] - outline.turned[first] + chord) / _TURN) == 1
    foci_m = _distance_m(buildings, p) + _distance_m(buildings, q)
    order = np.argsort(-foci_m, axis=1, kind="stable")
    foci_m, left = np.take_along_axis(foci_m, order, axis=1), np.take_along_axis(left, order, axis=1)
    households = people.households[order]
    most = min(people.most, int(people.households.sum()) - people.least)
    too_many = (np.cumsum(households * left, axis=1) > most) | (np.cumsum(households * ~left, axis=1) > most)
    shortest_m: Numbers = np.where(too_many, foci_m, 0.0).max(axis=1, initial=0.0)
    return shortest_m


def _greatest_mean(land_m2: float, beside_m2: Numbers, segment_m2: Numbers, one_m: Numbers, other_m: Numbers) -> float:
    low_m2 = np.clip(beside_m2 - segment_m2, 0.0, land_m2)
    high_m2 = np.clip(beside_m2 + segment_m2, 0.0, land_m2)
    circle_m2, other_circle_m2 = one_m**2 / (4.0 * np.pi), other_m**2 / (4.0 * np.pi)
    means = [
        np.minimum(area_m2 / circle_m2, 1.0) + np.minimum((land_m2 - area_m2) / other_circle_m2, 1.0)
        for area_m2 in (
            low_m2,
            high_m2,
            np.clip(circle_m2, low_m2, high_m2),
            np.clip(land_m2 - other_circle_m2, low_m2, high_m2),
        )
    ]
    return 0.5 * float(np.max(means))


def _segment_m2(arc_m: Numbers, chord_m: Numbers) -> Numbers:
    """Return the area between a chord and an arc of a circle, and no more than a hair more than that."""
    straightness = np.sin(_ANGLES / 2.0) / (_ANGLES / 2.0)
    share = (_ANGLES - np.sin(_ANGLES)) / (2.0 * _ANGLES**2)
    at = np.searchsorted(-straightness, -chord_m / arc_m, side="left")
    area_m2: Numbers = arc_m**2 * share[np.minimum(at, len(share) - 1)]
    return area_m2


def _swept_m2(start: Numbers, end: Numbers) -> Numbers:
    area_m2: Numbers = (start[..., 0] * end[..., 1] - start[..., 1] * end[..., 0]) / 2.0
    return area_m2


def _direction(start: Numbers, end: Numbers) -> Numbers:
    angle: Numbers = np.arctan2(end[..., 1] - start[..., 1], end[..., 0] - start[..., 0])
    return angle


def _distance_m(start: Numbers, end: Numbers) -> Numbers:
    distance_m: Numbers = np.hypot(end[..., 0] - start[..., 0], end[..., 1] - start[..., 1])
    return distance_m


def _wrapped(angle: Numbers) -> Numbers:
    wrapped: Numbers = (angle + np.pi) % _TURN - np.pi
    return wrapped
