"""Communities as a tiling: overlaps parted, and everything else placed in one of them."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.repair import repair_polygons
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.source import Source

OVERLAP_TOLERANCE_M2 = 1.0
"""Overlaps up to this area [m²] are rounding of the source and stay."""

OVERLAP_SHARE = 0.01
"""An overlap above this share of the smaller community is a contradiction that only the user can settle."""


def part_overlaps(
    source: Source, code: NDArray[np.object_], name: NDArray[np.object_], given: NDArray[np.object_]
) -> tuple[NDArray[np.object_], tuple[ImportNote, ...]]:
    """Return community polygons without overlaps.

    Parameters
    ----------
    source
        The file, for messages.
    code, name, given
        Codes in ascending order, names, and valid metric polygons.

    Returns
    -------
    parted : numpy.ndarray
        Each overlap above `OVERLAP_TOLERANCE_M2` belongs to the community with the lower code only.
    notes : tuple of ImportNote
        One for each pair that overlapped.

    Raises
    ------
    InputError
        An overlap is more than `OVERLAP_SHARE` of the smaller of the two; names both.
    """
    tree = shapely.STRtree(given)
    one, other = tree.query(given, predicate="intersects")
    one, other = one[one < other], other[one < other]
    overlap = shapely.area(shapely.intersection(given[one], given[other]))
    real = overlap > OVERLAP_TOLERANCE_M2
    one, other, overlap = one[real], other[real], overlap[real]
    order = np.lexsort((other, one))
    one, other, overlap = one[order], other[order], overlap[order]
    smaller = np.minimum(shapely.area(given[one]), shapely.area(given[other]))
    for low, high, area, base in zip(one, other, overlap, smaller, strict=True):
        if area > OVERLAP_SHARE * base:
            raise refusal(
                source.spec.label,
                f"社区 {code[low]} {name[low]} 与 {code[high]} {name[high]} 重叠 {area:.0f} 平方米"
                f"（占较小者的 {area / base:.1%}），请改正两者的边界",
                f"communities {code[low]} {name[low]} and {code[high]} {name[high]} overlap by {area:.0f} m² "
                f"({area / base:.1%} of the smaller); correct their boundaries",
            )
    parted = np.array(given, dtype=object)
    notes = []
    for low, high, area in zip(one, other, overlap, strict=True):
        parted[high : high + 1], _ = repair_polygons(shapely.difference(parted[high : high + 1], parted[low]))
        notes.append(
            source.note(
                "repaired",
                None,
                f"社区 {code[low]} {name[low]} 与 {code[high]} {name[high]} 重叠 {area:.1f} 平方米，已划归前者",
                f"communities {code[low]} {name[low]} and {code[high]} {name[high]} overlap by {area:.1f} m²; "
                "the overlap was given to the former",
            )
        )
    return parted, tuple(notes)


def containing(areas: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return in which area each point lies.

    Parameters
    ----------
    areas
        Metric polygons; None holds nothing.
    points
        Metric points.

    Returns
    -------
    numpy.ndarray
        Position in `areas`, -1 outside of all; on a border, and where areas overlap, the lowest position.
    """
    found = np.full(len(points), -1, dtype=np.int64)
    point, area = shapely.STRtree(areas).query(points, predicate="intersects")
    order = np.lexsort((area, point))
    at, first = np.unique(point[order], return_index=True)
    found[at] = area[order][first]
    return found


def largest_overlap(
    areas: NDArray[np.object_], given: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return with which area each polygon shares most.

    Parameters
    ----------
    areas
        Metric polygons; None holds nothing.
    given
        Metric polygons.

    Returns
    -------
    position : numpy.ndarray
        Position in `areas`, -1 where nothing is shared; ties to the lowest.
    share : numpy.ndarray
        Shared part of the polygon's own area, in [0, 1].
    """
    polygon, area = shapely.STRtree(areas).query(given, predicate="intersects")
    shared = shapely.area(shapely.intersection(given[polygon], areas[area]))
    polygon, area, shared = polygon[shared > 0], area[shared > 0], shared[shared > 0]
    order = np.lexsort((area, -shared, polygon))
    at, first = np.unique(polygon[order], return_index=True)
    position = np.full(len(given), -1, dtype=np.int64)
    share = np.zeros(len(given))
    position[at] = area[order][first]
    share[at] = shared[order][first] / shapely.area(given[at])
    return position, share
