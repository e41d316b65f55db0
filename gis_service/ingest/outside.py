"""Buildings outside every community: a few are reported, too many mean that the coordinates were misread."""

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gis_service.geo.crs import STORED_CRS, transform_coordinates
from gis_service.geo.datum import Datum, from_wgs84, to_wgs84
from gis_service.ingest.communities import Communities
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source
from gis_service.ingest.tiling import containing

SUSPICIOUS_OUTSIDE = 0.02
"""Above this share of buildings outside every community the note doubts how the coordinates were read."""

REFUSED_OUTSIDE = 0.5
"""Above this share the file is refused."""

_CONVINCING = 0.5
"""Another datum is named where it leaves less than this share of the buildings outside that are outside now."""

_USED_BY = {Datum.WGS84: "GPS、OpenStreetMap", Datum.GCJ02: "高德、腾讯", Datum.BD09: "百度"}


def refuse_mostly_outside(
    source: Source, metric_crs: str, communities: Communities, points: NDArray[np.object_], inside: NDArray[np.int64]
) -> None:
    """Refuse a file most of whose buildings lie outside every community.

    Parameters
    ----------
    source
        The buildings file.
    metric_crs
        CRS of `points` and communities.
    communities
        Where the buildings should lie.
    points
        A point on the surface of each building.
    inside
        Position of its community, -1 outside of all.

    Raises
    ------
    InputError
        More than `REFUSED_OUTSIDE` of the buildings lie outside; names the first rows, and ``datum`` and ``crs``.
    """
    rows = np.flatnonzero(inside < 0)
    if len(rows) <= REFUSED_OUTSIDE * len(inside):
        return
    better_zh, better_en = _better_datum(source, metric_crs, communities, points, inside)
    declared_zh, declared_en = _as_read(source)
    raise source.refuse(
        rows,
        None,
        f"不在任何社区内（全部 {len(inside)} 栋中的 {len(rows)} 栋），坐标系很可能写错了：请核对 dataset.toml 里 "
        f"[files.buildings] 的 datum 或 crs（{declared_zh}）{better_zh}；坐标无误时请核对 [files.regions] 的边界，"
        "或删去社区范围以外的楼栋",
        f"{len(rows)} of {len(inside)} buildings lie in no community, so their coordinates were probably misread: "
        f"check datum or crs of [files.buildings] in dataset.toml ({declared_en}){better_en}; if they are right, "
        "check the boundaries in [files.regions], or delete the buildings beyond the communities",
    )


def outside_notes(
    source: Source,
    metric_crs: str,
    communities: Communities,
    points: NDArray[np.object_],
    inside: NDArray[np.int64],
    households: NDArray[np.int64],
) -> tuple[ImportNote, ...]:
    """Return a note about the buildings outside every community.

    Parameters
    ----------
    source, metric_crs, communities, points, inside
        As `refuse_mostly_outside`.
    households
        Households of each building [count].

    Returns
    -------
    tuple of ImportNote
        One, or none where every building lies in a community. Above `SUSPICIOUS_OUTSIDE` it names ``datum`` and
        ``crs``.
    """
    rows = np.flatnonzero(inside < 0)
    if not len(rows):
        return ()
    concerned = int(households[rows].sum())
    zh, en = "请核对坐标或社区边界", "check their coordinates or the boundaries"
    if len(rows) > SUSPICIOUS_OUTSIDE * len(inside):
        better_zh, better_en = _better_datum(source, metric_crs, communities, points, inside)
        declared_zh, declared_en = _as_read(source)
        share = len(rows) / len(inside)
        zh = (
            f"占全部楼栋的 {share:.1%}，请核对社区边界，以及 [files.buildings] 的 datum 或 crs（{declared_zh}）"
            f"{better_zh}"
        )
        en = (
            f"that is {share:.1%}: check the boundaries, and datum or crs of [files.buildings] "
            f"({declared_en}){better_en}"
        )
    return (
        source.note(
            "notice",
            rows,
            f"（共 {len(rows)} 栋、{concerned} 户）不在任何社区内，已保留但不参加划分；{zh}",
            f"{len(rows)} buildings with {concerned} households lie in no community; they are kept but join no grid; "
            f"{en}",
        ),
    )


def _better_datum(
    source: Source, metric_crs: str, communities: Communities, points: NDArray[np.object_], inside: NDArray[np.int64]
) -> tuple[str, str]:
    """Return a clause that names the datum which would put the buildings back, in both languages; empty if none does.

    The numbers of the file are recovered by undoing the datum that was assumed, and read again under each other one. A
    table in metres has no other reading: obfuscated datums are of longitudes and latitudes.
    """
    declared = source.spec.crs
    if declared is not None and source.table.is_table and CRS.from_user_input(declared).is_projected:
        return "", ""
    assumed = Datum(source.spec.datum) if source.spec.datum in (Datum.GCJ02, Datum.BD09) else Datum.WGS84
    stored = transform_coordinates(points, metric_crs, STORED_CRS)
    numbers = from_wgs84(shapely.get_x(stored), shapely.get_y(stored), assumed)
    for datum, users in _USED_BY.items():
        if datum is assumed:
            continue
        moved = np.asarray(shapely.points(*to_wgs84(*numbers, datum)), dtype=object)
        still = containing(communities.geometry, transform_coordinates(moved, STORED_CRS, metric_crs)) < 0
        if still.sum() < _CONVINCING * (inside < 0).sum():
            instead_zh, instead_en = ("（替换 crs）", " in place of crs") if declared is not None else ("", "")
            left, cure = f"{still.mean():.0%}", f'datum = "{datum.value}"'
            return (
                f"，若按 {datum.value}（{users}）换算只剩 {left} 在社区外，请试写 {cure}{instead_zh}",
                f"; read as {datum.value} only {left} lie outside, so try {cure}{instead_en}",
            )
    return "", ""


def _as_read(source: Source) -> tuple[str, str]:
    """Return how the coordinates were read, in Chinese and English."""
    said = source.spec.datum or source.spec.crs
    if said is not None:
        return f"现为 {said}", f"now {said}"
    own = source.table.crs
    name = own.name if own is not None else ""
    return f"未声明，按文件自带的 {name} 读取", f"not declared, read as the file's own {name}"
