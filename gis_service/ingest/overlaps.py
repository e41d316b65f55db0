"""Areas that overlap or cross a border although they should not: kept as they are, and reported."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source
from gis_service.ingest.tiling import OVERLAP_TOLERANCE_M2, largest_overlap

_SHOWN = 3


def overlap_note(
    source: Source,
    called: NDArray[np.object_],
    polygons: NDArray[np.object_],
    areas: tuple[str, str],
    settled: tuple[str, str],
) -> tuple[ImportNote, ...]:
    """Notice areas of one kind that overlap by more than `OVERLAP_TOLERANCE_M2`.

    Parameters
    ----------
    source
        The file.
    called
        What to call each area.
    polygons
        Metric polygons; None overlaps nothing.
    areas
        What such areas are called, in Chinese and English.
    settled
        How the overlap is settled, in Chinese and English.

    Returns
    -------
    tuple of ImportNote
        One or none: how many pairs, and the largest overlaps.
    """
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(polygons[one], polygons[other]))
    real = shared > OVERLAP_TOLERANCE_M2
    if not real.any():
        return ()
    pairs = [
        (area, *sorted((str(called[a]), str(called[b]))))
        for a, b, area in zip(one[real].tolist(), other[real].tolist(), shared[real].tolist(), strict=True)
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1:]))
    zh, en = _joined(
        [f"{first} 与 {second}（{area:.0f} 平方米）" for area, first, second in pairs],
        [f"{first} and {second} ({area:.0f} m²)" for area, first, second in pairs],
    )
    return (
        source.note(
            "notice",
            None,
            f"有 {len(pairs)} 对{areas[0]}互相重叠：{zh}；{settled[0]}，请核对边界",
            f"{len(pairs)} pairs of {areas[1]} overlap: {en}; {settled[1]}, check their boundaries",
        ),
    )


def crossing_note(
    source: Source, called: NDArray[np.object_], polygons: NDArray[np.object_], communities: NDArray[np.object_]
) -> tuple[ImportNote, ...]:
    """Notice estates that reach out of the community they mostly lie in by more than `OVERLAP_TOLERANCE_M2`.

    Parameters
    ----------
    source
        The file.
    called
        What to call each estate.
    polygons
        Their metric polygons; None reaches nowhere.
    communities
        Metric polygons.

    Returns
    -------
    tuple of ImportNote
        One or none: how many, and the largest areas outside.
    """
    drawn = np.flatnonzero(~shapely.is_missing(polygons))
    _, share = largest_overlap(communities, polygons[drawn])
    outside_m2 = (1.0 - share) * shapely.area(polygons[drawn])
    order = np.lexsort((called[drawn].astype("U"), -outside_m2))
    across = [(outside_m2[at], str(called[drawn[at]])) for at in order if outside_m2[at] > OVERLAP_TOLERANCE_M2]
    if not across:
        return ()
    zh, en = _joined(
        [f"{estate}（{area:.0f} 平方米在外）" for area, estate in across],
        [f"{estate} ({area:.0f} m² outside)" for area, estate in across],
    )
    return (
        source.note(
            "notice",
            None,
            f"有 {len(across)} 个小区跨出一个社区的边界：{zh}；楼栋各归所在的社区，"
            "同一小区会分在不同社区的网格，请核对边界",
            f"{len(across)} estates reach out of one community: {en}; each building belongs to the community it stands "
            "in, so that such an estate ends up in grids of several communities; check their boundaries",
        ),
    )


def _joined(zh: list[str], en: list[str]) -> tuple[str, str]:
    """Return the first few of what was found, in Chinese and English."""
    more = len(zh) > _SHOWN
    return "、".join(zh[:_SHOWN]) + "等" * more, ", ".join(en[:_SHOWN]) + ", …" * more
