"""What is odd about buildings but can be meant: kept as it is, and reported."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.ingest.communities import Communities
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.source import Source
from gis_service.ingest.tiling import OVERLAP_TOLERANCE_M2
from gis_service.ingest.values import texts

_SHOWN = 5
_STORED_LIMIT = 2**31 - 1
"""Largest count that a grid, and so a whole city, may add up to in the store [count]."""


def refuse_boundless_sums(source: Source, field: str, values: pd.arrays.IntegerArray) -> None:
    """Refuse counts that add up to more than can be stored.

    Raises
    ------
    InputError
        Names the column and the limit.
    """
    total = int(values.to_numpy(dtype=np.int64, na_value=0).sum())
    if total > _STORED_LIMIT:
        header = source.headers.get(field, field)
        raise refusal(
            source.spec.label,
            f"“{header}”列合计 {total}，超过上限 {_STORED_LIMIT}，请核对单位和数值",
            f"column {header!r} adds up to {total}, more than the limit {_STORED_LIMIT}; check its unit and values",
        )


def straddling(
    source: Source,
    ids: NDArray[np.object_],
    geometries: NDArray[np.object_],
    communities: Communities,
    inside: NDArray[np.int64],
) -> tuple[ImportNote, ...]:
    """Notice footprints that reach out of their community by more than `OVERLAP_TOLERANCE_M2`.

    Parameters
    ----------
    source
        The buildings file.
    ids, geometries
        Of the buildings; points reach nowhere.
    communities
        Their polygons are prepared.
    inside
        Position of each building's community, -1 outside of all.

    Returns
    -------
    tuple of ImportNote
        One or none: how many, the first ids, and the largest area outside.
    """
    placed = np.flatnonzero(inside >= 0)
    shapely.prepare(communities.geometry)
    across = placed[~shapely.covers(communities.geometry[inside[placed]], geometries[placed])]
    outside_m2 = shapely.area(shapely.difference(geometries[across], communities.geometry[inside[across]]))
    across, outside_m2 = across[outside_m2 > OVERLAP_TOLERANCE_M2], outside_m2[outside_m2 > OVERLAP_TOLERANCE_M2]
    if not len(across):
        return ()
    widest = int(np.argmax(outside_m2))
    named_zh, named_en = _ids(ids[across])
    where = communities.name[inside[across[widest]]]
    return (
        source.note(
            "notice",
            across,
            f"（共 {len(across)} 栋：{named_zh}）跨出所属社区的边界，整栋归入楼内一点所在的社区；伸出最多的是 "
            f"{ids[across[widest]]}，在{where}之外有 {outside_m2[widest]:.0f} 平方米，请核对边界",
            f"{len(across)} buildings ({named_en}) reach out of their community; each belongs as a whole to the one "
            f"that holds a point inside it; most of all {ids[across[widest]]}, with {outside_m2[widest]:.0f} m² "
            f"outside {where}; check the boundaries",
        ),
    )


def twins(source: Source, ids: NDArray[np.object_], geometries: NDArray[np.object_]) -> tuple[ImportNote, ...]:
    """Notice buildings that have exactly the same footprint or point as another one."""
    shapes = pd.Series(shapely.to_wkb(shapely.normalize(geometries)))
    rows = np.flatnonzero(shapes.duplicated(keep=False))
    if not len(rows):
        return ()
    named_zh, named_en = _ids(ids[rows])
    return (
        source.note(
            "notice",
            rows,
            f"（共 {len(rows)} 栋：{named_zh}）与另一栋楼的图形完全相同，户数都已计入，请核对是否重复登记",
            f"{len(rows)} buildings ({named_en}) have exactly the place of another one; the households of all of them "
            "count, check whether one was entered twice",
        ),
    )


def fewer_residents(
    source: Source, households: pd.arrays.IntegerArray, residents: pd.arrays.IntegerArray
) -> tuple[ImportNote, ...]:
    """Notice buildings whose file gives fewer residents than households."""
    known = ~(np.asarray(residents.isna()) | np.asarray(households.isna()))
    people, homes = (values.to_numpy(dtype=np.int64, na_value=0) for values in (residents, households))
    rows = np.flatnonzero(known & (people < homes))
    if not len(rows):
        return ()
    return (
        source.note(
            "notice",
            rows,
            f"（共 {len(rows)} 栋）的人数少于户数，已按原值导入，请核对两列是否填反，或是否为户籍口径",
            f"{len(rows)} buildings have fewer residents than households; kept as given, check whether the two were "
            "exchanged or count registered people only",
        ),
    )


def disagreement(source: Source, communities: Communities, inside: NDArray[np.int64]) -> tuple[ImportNote, ...]:
    """Notice buildings whose file names another community than the one they stand in."""
    given = texts(source, "community").tolist()
    known = set(communities.code.tolist()) | set(communities.name.tolist())
    rows = np.flatnonzero(
        [
            value in known and at >= 0 and value not in (communities.code[at], communities.name[at])
            for value, at in zip(given, inside.tolist(), strict=True)
        ]
    )
    if not len(rows):
        return ()
    return (
        source.note(
            "notice",
            rows,
            f"写的社区与坐标所在的社区不同（共 {len(rows)} 栋），以坐标为准，请核对",
            f"{len(rows)} buildings name another community than the one they stand in; the place was believed, check "
            "them",
        ),
    )


def _ids(ids: NDArray[np.object_]) -> tuple[str, str]:
    shown = [str(value) for value in ids[:_SHOWN]]
    more_zh, more_en = ("等", ", …") if len(ids) > _SHOWN else ("", "")
    return "、".join(shown) + more_zh, ", ".join(shown) + more_en
