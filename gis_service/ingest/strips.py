"""Strips between communities that belong to none: who stands there is in no grid, so they are reported."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source

STRIP_WIDTH_M = 50.0
"""Land between communities is a strip where it is narrower than this [m]; wider land may be nobody's on purpose."""

_SMALLEST_M2 = 10.0
_MITRE_LIMIT = 5.0
_TOUCH_M = 0.01
_SHOWN = 3


def strip_note(source: Source, name: NDArray[np.object_], communities: NDArray[np.object_]) -> tuple[ImportNote, ...]:
    """Notice strips between communities.

    Parameters
    ----------
    source
        The regions file.
    name
        Names of the communities.
    communities
        Metric polygons that do not overlap.

    Returns
    -------
    tuple of ImportNote
        One or none: how many, their area, and between which communities the largest lie.

    Notes
    -----
    Morphological closing of the communities' union (dilation by half of `STRIP_WIDTH_M`, then erosion by as much, with
    mitred corners so that plain corners stay as they are; Serra, Image Analysis and Mathematical Morphology, 1982). A
    strip is what the closing adds and at least two communities touch.
    """
    union = shapely.union_all(communities)
    closed = shapely.buffer(
        shapely.buffer(union, STRIP_WIDTH_M / 2.0, join_style="mitre", mitre_limit=_MITRE_LIMIT),
        -STRIP_WIDTH_M / 2.0,
        join_style="mitre",
        mitre_limit=_MITRE_LIMIT,
    )
    added = shapely.get_parts(shapely.difference(closed, union))
    added = added[shapely.area(added) > _SMALLEST_M2]
    strip, touched = shapely.STRtree(communities).query(added, predicate="dwithin", distance=_TOUCH_M)
    beside = [sorted(name[touched[strip == at]].tolist()) for at in range(len(added))]
    strips = sorted(
        (-area, "、".join(names[:_SHOWN]), ", ".join(names[:_SHOWN]))
        for area, names in zip(shapely.area(added).tolist(), beside, strict=True)
        if len(names) > 1
    )
    if not strips:
        return ()
    total_m2 = -sum(area for area, *_ in strips)
    shown_zh = "；".join(f"{zh}之间 {-area:.0f} 平方米" for area, zh, _ in strips[:_SHOWN])
    shown_en = "; ".join(f"{-area:.0f} m² between {en}" for area, _, en in strips[:_SHOWN])
    return (
        source.note(
            "notice",
            None,
            f"社区之间有 {len(strips)} 处宽不到 {STRIP_WIDTH_M:.0f} 米的空隙不属于任何社区，共 {total_m2:.0f} 平方米"
            f"（{shown_zh}），其中的楼栋不参加划分，请核对边界",
            f"{len(strips)} strips narrower than {STRIP_WIDTH_M:.0f} m between communities belong to none, "
            f"{total_m2:.0f} m² in all ({shown_en}); buildings there join no grid, check the boundaries",
        ),
    )
