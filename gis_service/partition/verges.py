"""Verges: strips of land between a road or the border of a community and what lies behind a wall."""

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray, group_sums
from gis_service.partition.absorption import group_extents, is_leftover
from gis_service.partition.ground import Ground, connected
from gis_service.partition.linework import Borders, borders_of

CLEAR_SHARE = 0.3
"""A strip of land belongs to one side if so much of its outline is no road or greater barrier [share, inclusive]."""


@dataclass(frozen=True)
class Verges:
    """Strips of land with nobody on them that have a clear side to belong to.

    Parameters
    ----------
    face
        True for their faces.
    strip
        Number of the strip for these faces.
    """

    face: NDArray[np.bool_]
    strip: IndexArray


def verges_of(ground: Ground, occupied: NDArray[np.bool_]) -> Verges:
    """Return the strips of land between a road or the border of the part and what lies behind a wall or outline.

    Parameters
    ----------
    ground
        The ground of a part.
    occupied
        Faces with buildings, of estates or of special grids.

    Returns
    -------
    Verges
        Leftover land along whose outline no road and no greater barrier lies for at least `CLEAR_SHARE`. Medians, for
        instance, are no verges.
    """
    borders = ground.borders
    within = (borders.plain_m > 0) & ~occupied[borders.left] & ~occupied[borders.right]
    strip = connected(borders, within, len(ground.faces))
    area_m2, perimeter_m = group_extents(borders, shapely.area(ground.faces), shapely.length(ground.faces), strip)
    barred = borders_of(ground.faces, ground.lines.roads, ground.lines.hard).between(strip)
    barred_m = barred.walkable_m + barred.hard_m
    shut_m = group_sums(barred.left, barred_m, len(area_m2)) + group_sums(barred.right, barred_m, len(area_m2))
    verge = is_leftover(area_m2, perimeter_m) & (shut_m <= (1.0 - CLEAR_SHARE) * perimeter_m)
    return Verges(verge[strip] & ~occupied, strip)


def to_their_side(borders: Borders, origin: IndexArray, strip: NDArray[np.bool_], arm: NDArray[np.bool_]) -> Borders:
    """Return borders by which strips that were cut across join what lies beside them.

    Parameters
    ----------
    borders
        Borders between pieces of land; walls are no line here.
    origin
        Land each piece was cut from.
    strip
        True for pieces of strips.
    arm
        True for pieces of arms.

    Returns
    -------
    Borders
        Where a strip has a border without a road or greater barrier, its pieces join across that, or each other at
        corners; roads beside them count as greater barriers do. Pieces of other strips do not join each other, lest
        they grow into one again. Arms and what they were cut from join each other as if a road lay between.
    """
    left, right = borders.left, borders.right
    siblings = (origin[left] == origin[right]) & strip[left]
    open_to = np.zeros(len(origin), dtype=bool)
    for one in (left, right):
        open_to[origin[one[(borders.plain_m > 0) & strip[one] & ~siblings]]] = True
    sided = strip & open_to[origin]
    beside = (sided[left] | sided[right]) & ~siblings
    taken_off = (origin[left] == origin[right]) & (arm[left] | arm[right])
    shifted = replace(
        borders,
        plain_m=np.where(siblings | taken_off, 0.0, borders.plain_m),
        walkable_m=np.where(siblings | taken_off, borders.plain_m, np.where(beside, 0.0, borders.walkable_m)),
        hard_m=borders.hard_m + np.where(beside, borders.walkable_m, 0.0),
    )
    return shifted.without(siblings & ~sided[left])
