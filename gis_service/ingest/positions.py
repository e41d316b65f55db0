"""The geometries of a source as the file gives them, and the kinds of geometry that a kind of file may hold."""

import numpy as np
import shapely
from numpy.typing import NDArray

from gis_service.geo.repair import Repair, repair_polygons
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.source import Source
from gis_service.ingest.values import numbers

_NO_AREA_M2 = 0.01
_CHANGED_SHARE, _CHANGED_M2 = 0.001, 10.0
_POINT, _LINE, _RING, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON, _COLLECTION = range(8)


def raw_geometry(source: Source) -> NDArray[np.object_]:
    """Return the geometries in the system of the file.

    Parameters
    ----------
    source
        The file; a layer's own geometry, else points from ``lon`` and ``lat``, else WKT from ``geometry``.

    Returns
    -------
    numpy.ndarray
        None where a row has no coordinates, or where the file has no such columns.

    Raises
    ------
    InputError
        A coordinate is no number, only one of two is given, or WKT cannot be read.
    """
    given = source.table.geometry
    if given is not None and not shapely.is_missing(given).all():
        return given
    if source.has("lon") and source.has("lat"):
        return _points(source)
    if source.has("geometry"):
        return _from_wkt(source)
    if source.has("lon") or source.has("lat"):
        there, missing = ("lon", "lat") if source.has("lon") else ("lat", "lon")
        cure = source.spec.cures.columns
        raise refusal(
            source.spec.label,
            f"只有坐标列“{source.headers[there]}”，缺少 {missing}，请补上或{cure.zh}",
            f"there is the coordinate column {source.headers[there]!r} but no {missing}; add it or {cure.en}",
        )
    return np.full(len(source), None, dtype=object)


def centres(geometries: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the middle of each geometry's extent, n × 2, nan where there is none."""
    bounds = shapely.bounds(geometries)
    middle: NDArray[np.float64] = (bounds[:, :2] + bounds[:, 2:]) / 2.0
    return middle


def require_geometry(source: Source, geometries: NDArray[np.object_]) -> None:
    """Refuse rows without a geometry.

    Raises
    ------
    InputError
        Names the rows.
    """
    empty = np.flatnonzero(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    if len(empty):
        raise source.refuse(
            empty,
            None,
            "没有坐标或图形为空，请补上，或删去这些行",
            "without coordinates or with an empty geometry; add it or delete these rows",
        )


def polygons(
    source: Source, geometries: NDArray[np.object_], *, decisive: bool = False
) -> tuple[NDArray[np.object_], tuple[ImportNote, ...]]:
    """Return valid polygons; None stays None.

    Parameters
    ----------
    source
        The file, for messages.
    geometries
        Metric geometries of the rows.
    decisive
        True for boundaries that decide who belongs where: a repair may not change what they enclose. The area that
        the rings enclose by sign differs from the repaired one wherever a ring crosses itself and encloses one part
        the other way round, or encloses a part twice.

    Returns
    -------
    repaired : numpy.ndarray
        Polygon or MultiPolygon, valid, not empty; points and lines pass through.
    notes : tuple of ImportNote
        One for each row that was repaired.

    Raises
    ------
    InputError
        Nothing of a polygon is left, or less than 0.01 m²; or `decisive`, and a repair changes the area by more than
        `_CHANGED_SHARE` and more than `_CHANGED_M2`.
    """
    repaired, changes = repair_polygons(geometries)
    emptied = np.isin(np.arange(len(source)), [change.row for change in changes if change.done == "emptied"])
    areal = np.isin(shapely.get_type_id(repaired), (_POLYGON, _MULTIPOLYGON))
    lost = np.flatnonzero(emptied | (areal & (shapely.area(repaired) < _NO_AREA_M2)))
    if len(lost):
        raise source.refuse(
            lost,
            None,
            "的面没有面积（各点在一条线上），请重新绘制",
            "the polygon has no area (its points are on a line); draw it again",
        )
    if decisive:
        _refuse_changed(source, changes)
    notes = tuple(
        source.note(
            "repaired",
            np.array([change.row]),
            f"的面自相交或不合规（{change.fault}），已修复，面积 {change.area_before_m2:.1f} → "
            f"{change.area_after_m2:.1f} 平方米",
            f"invalid polygon ({change.fault}) repaired; area {change.area_before_m2:.1f} → "
            f"{change.area_after_m2:.1f} m²",
        )
        for change in changes
    )
    return repaired, notes


def _refuse_changed(source: Source, changes: tuple[Repair, ...]) -> None:
    for change in changes:
        before, after = change.area_before_m2, change.area_after_m2
        if abs(after - before) > max(_CHANGED_SHARE * after, _CHANGED_M2):
            raise source.refuse(
                np.array([change.row]),
                None,
                f"的边界线自相交（{change.fault}），所围面积说不清：{before:.1f} 还是 {after:.1f} 平方米；"
                "请核对顶点顺序，用 QGIS“修复几何图形”后检查并重新绘制，再导入",
                f"the boundary crosses itself ({change.fault}), so that it is open whether it encloses {before:.1f} or "
                f"{after:.1f} m²; check the order of its vertices, draw it again (QGIS: fix geometries, then look) and "
                "import again",
            )


def refuse_other_than(source: Source, geometries: NDArray[np.object_], kinds: str) -> None:
    """Refuse geometries of the wrong kind.

    Parameters
    ----------
    source
        The file, for messages.
    geometries
        Geometries; None passes.
    kinds
        Letters of what may be there: ``p`` points, ``l`` lines, ``a`` areas.

    Raises
    ------
    InputError
        Names the rows.
    """
    allowed = {"p": (_POINT,), "l": (_LINE, _MULTILINE), "a": (_POLYGON, _MULTIPOLYGON)}
    names = {"p": ("点", "points"), "l": ("线", "lines"), "a": ("面", "polygons")}
    known = [-1, *(kind for letter in kinds for kind in allowed[letter])]
    wrong = np.flatnonzero(~np.isin(shapely.get_type_id(geometries), known))
    if len(wrong):
        found = shapely.get_type_id(geometries[wrong[0]])
        raise source.refuse(
            wrong,
            None,
            f"的图形应为{'或'.join(names[letter][0] for letter in kinds)}"
            f"（现为 {shapely.GeometryType(found).name}），请换成正确的图层",
            f"the geometry must be {' or '.join(names[letter][1] for letter in kinds)} "
            f"(found {shapely.GeometryType(found).name}); give the right layer",
        )


def single_points(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the geometries with multipoints of one point as that point."""
    out = np.array(geometries, dtype=object)
    lonely = (shapely.get_type_id(out) == _MULTIPOINT) & (shapely.get_num_geometries(out) == 1)
    out[lonely] = shapely.get_geometry(out[lonely], 0)
    return out


def as_multipolygons(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return polygons as multipolygons; None stays None."""
    out = np.array(geometries, dtype=object)
    single = np.flatnonzero(shapely.get_type_id(out) == _POLYGON)
    out[single] = shapely.multipolygons(out[single][:, None])
    return out


def _points(source: Source) -> NDArray[np.object_]:
    lon, lat = numbers(source, "lon"), numbers(source, "lat")
    for values, others, field in ((lon, lat, "lon"), (lat, lon, "lat")):
        half = np.flatnonzero(np.isnan(values) & ~np.isnan(others))
        if len(half):
            raise source.refuse(
                half, field, "为空而另一个坐标不为空，请补上", "is empty but the other is not; fill it in"
            )
    points = np.full(len(source), None, dtype=object)
    known = ~np.isnan(lon)
    points[known] = shapely.points(lon[known], lat[known])
    return points


def _from_wkt(source: Source) -> NDArray[np.object_]:
    given = source.texts("geometry")
    geometries: NDArray[np.object_] = shapely.from_wkt(given, on_invalid="ignore")
    wrong = np.flatnonzero(shapely.is_missing(geometries) & np.array([text is not None for text in given.tolist()]))
    if len(wrong):
        raise source.refuse(wrong, "geometry", "不是 WKT 图形，请改正", "is no WKT geometry; correct it")
    return geometries
