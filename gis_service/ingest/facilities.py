"""Reader of facilities: service points with what they offer."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.ingest.coordinates import locate, refuse_far, window_of
from gis_service.ingest.dataset import Dataset
from gis_service.ingest.frames import metric_frame
from gis_service.ingest.notes import ImportNote
from gis_service.ingest.positions import polygons, refuse_other_than, require_geometry, single_points
from gis_service.ingest.reading import read_source
from gis_service.ingest.source import Source
from gis_service.ingest.values import choices, flags, numbers, required_texts, texts, unique_codes, word_lists

_CENTRES = (
    "党群服务中心", "社区党群服务中心", "社区服务中心", "社区中心", "便民服务中心", "社区综合服务中心", "党群服务站",
    "居委会", "村委会",
)  # fmt: skip
_KIND_WORDS = {
    **dict.fromkeys(("近邻红色驿站", "红色驿站", "党群驿站", "近邻驿站", "驿站", "小区驿站"), "red_station"),
    **dict.fromkeys(_CENTRES, "service_centre"),
    **dict.fromkeys(("老年人日间照料", "日间照料中心", "日间照料", "居家养老服务站", "养老服务中心"), "elder_day_care"),
    **dict.fromkeys(("长者食堂", "老年食堂", "社区食堂", "幸福食堂"), "elder_canteen"),
    **dict.fromkeys(("四点半课堂", "四点半学堂", "四点半学校", "课后托管", "托管班"), "after_school"),
    **dict.fromkeys(("共享空间", "共享", "共享用房"), "shared"),
    "活动室": "activity_room",
    **dict.fromkeys(("自动体外除颤器", "自动体外除颤器(aed)"), "aed"),
    "诊所": "clinic",
    "政府机构": "government_office",
    "健身房": "gym",
    "熟食中心": "hawker_centre",
    "地铁出入口": "mrt_exit",
    "公园": "park",
    "幼儿园": "preschool",
    "体育场馆": "sport",
    "超市": "supermarket",
    "福利机构": "welfare",
}
_SLUG = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ABOVE = "above the street"
_LEVEL_WORDS = {
    **dict.fromkeys(("city", "county", "市", "区", "县", "市级", "区级", "县级"), _ABOVE),
    **dict.fromkeys(("1", "street", "街道", "街道级", "乡镇", "一级"), "1"),
    **dict.fromkeys(("2", "community", "社区", "社区级", "村", "二级"), "2"),
    **dict.fromkeys(("3", "estate", "grid", "小区", "小区级", "网格", "网格级", "三级"), "3"),
    **dict.fromkeys(("4", "home", "居民家", "党员家", "家庭", "四级"), "4"),
}
_HOME = 4


def read_facilities(dataset: Dataset, regions: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, tuple[ImportNote, ...]]:
    """Return the facilities of a dataset.

    Parameters
    ----------
    dataset
        The folder; its ``facilities`` file is read.
    regions
        Frame ``regions`` in metres; the city's extent is theirs.

    Returns
    -------
    facilities : geopandas.GeoDataFrame
        Frame ``facilities`` of the contract; level 4 (a private home) is never public.
    notes : tuple of ImportNote
        What was repaired or noticed.

    Raises
    ------
    InputError
        As `gis_service.ingest.city.read_city`.
    """
    source, notes = read_source(dataset.files["facilities"])
    ids = unique_codes(source, "id")
    name, kind, area_m2 = required_texts(source, "name"), _kinds(source), _areas(source)
    level, above = _levels(source)
    address, hours, phone, owner = (texts(source, field) for field in ("address", "hours", "phone", "owner"))
    functions = word_lists(source, "functions")
    public, hidden = _public(source, level)
    geometries, far, located = locate(
        source, dataset.metric_crs, window_of(regions.geometry.to_numpy(), dataset.metric_crs)
    )
    require_geometry(source, geometries)
    geometries = single_points(geometries)
    geometries, repaired = polygons(source, geometries)
    refuse_other_than(source, geometries, "pa")
    refuse_far(source, far)
    areal = np.flatnonzero(shapely.area(geometries) > 0)
    geometries[areal] = shapely.point_on_surface(geometries[areal])
    moved: tuple[ImportNote, ...] = ()
    if len(areal):
        moved = (
            source.note(
                "repaired",
                areal,
                "是面，已取面内一点作为设施位置",
                "an area; a point inside it was taken as the place",
            ),
        )
    order = np.argsort(ids.astype("U"), kind="stable")
    columns = {
        "id": ids[order],
        "name": name[order],
        "kind": kind[order],
        "level": level[order],
        "address": address[order],
        "hours": hours[order],
        "phone": phone[order],
        "owner": owner[order],
        "functions": functions[order],
        "area_m2": area_m2[order],
        "public": public[order],
    }
    frame = metric_frame(columns, geometries[order], dataset.metric_crs)
    return frame, (*notes, *located, *repaired, *moved, *hidden, *above)


def no_facilities(metric_crs: str) -> gpd.GeoDataFrame:
    """Return the frame ``facilities`` without rows."""
    none = np.empty(0, dtype=object)
    columns = {
        "id": none,
        "name": none,
        "kind": none,
        "level": pd.array([], dtype="Int64"),
        "address": none,
        "hours": none,
        "phone": none,
        "owner": none,
        "functions": none,
        "area_m2": np.empty(0),
        "public": np.empty(0, dtype=bool),
    }
    return metric_frame(columns, none, metric_crs)


def _levels(source: Source) -> tuple[pd.arrays.IntegerArray, tuple[ImportNote, ...]]:
    """Return the levels 1 to 4, NA where empty or above the street."""
    words = choices(source, "level", _LEVEL_WORDS)
    higher = np.flatnonzero(words == _ABOVE)
    words[higher] = None
    level = pd.array([None if word is None else int(word) for word in words.tolist()], dtype="Int64")
    if not len(higher):
        return level, ()
    note = source.note(
        "notice",
        higher,
        "的级别高于街道，四级体系里没有，级别留空",
        "of a level above the street, which the four levels do not know; the level was left empty",
    )
    return level, (note,)


def _kinds(source: Source) -> NDArray[np.object_]:
    """Return the kinds: our words for Chinese ones, and any other word of lower-case letters as it is."""
    given = required_texts(source, "kind")
    slugs = {value: value for value in given.tolist() if _SLUG.fullmatch(value)}
    return choices(source, "kind", {**_KIND_WORDS, **slugs})


def _areas(source: Source) -> NDArray[np.float64]:
    areas = numbers(source, "area_m2")
    wrong = np.flatnonzero(areas <= 0)
    if len(wrong):
        raise source.refuse(
            wrong, "area_m2", "应大于 0，请改正或留空", "must be more than 0; correct it or leave it empty"
        )
    return areas


def _public(source: Source, level: pd.arrays.IntegerArray) -> tuple[NDArray[np.bool_], tuple[ImportNote, ...]]:
    """Return who may be seen by the public: as given, else all but private homes; homes never."""
    home = level.to_numpy(dtype=np.int64, na_value=0) == _HOME
    given = flags(source, "public")
    public = ~home & np.array([value is not False for value in given])
    hidden = np.flatnonzero(home & np.array([value is True for value in given]))
    if not len(hidden):
        return public, ()
    note = source.note(
        "repaired",
        hidden,
        "是第 4 级（居民家），不得公开，已改为不公开",
        "of level 4 (a private home), which is never public; set to not public",
    )
    return public, (note,)
