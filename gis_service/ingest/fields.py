"""The fields of every kind of file, and the headers under which people write them."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from re import compile as pattern

from gis_service.ingest.visible import visible

COORDINATES = {
    "lon": ("lon", "lng", "long", "longitude", "经度", "东经", "x", "x坐标", "坐标x", "横坐标", "easting"),
    "lat": ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "坐标y", "纵坐标", "northing"),
    "geometry": ("geometry", "geom", "wkt", "the_geom", "几何"),
}

FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "regions": {
        "code": (
            "code", "统计用区划代码", "行政区划代码", "区划代码", "社区代码", "社区编码", "村居代码", "代码", "编码",
            "region_code", "adcode",
        ),
        "name": ("name", "名称", "区划名称", "单位名称", "社区名称", "村居名称", "社区", "region_name"),
        "level": ("level", "级别", "层级", "行政级别"),
        "valid_from": ("valid_from", "启用日期", "启用时间", "生效日期"),
        "valid_to": ("valid_to", "停用日期", "停用时间", "失效日期", "撤销日期"),
        "parent_code": ("parent_code", "parent", "上级代码", "上级编码", "上级区划代码"),
        "street": (
            "所属乡镇街道", "所属街道乡镇", "所属乡镇", "所属街道", "所属镇街", "乡镇街道", "街道", "乡镇", "镇街",
            "街镇", "street",
        ),
        "county": ("所属县市区", "所属区县", "所属县区", "所属县", "所属区", "区县", "县市区", "县区", "county"),
        "city": ("所属市", "所属设区市", "设区市", "地市", "城市", "city"),
        "households": ("常住户数", "户数", "总户数", "households"),
    },
    "buildings": {
        "id": (
            "id", "楼栋编号", "楼栋编码", "楼栋代码", "楼栋id", "楼栋号", "建筑编号", "建筑编码", "建筑物编号",
            "建筑物编码", "房屋编码", "building_id", "编号", "编码", "代码",
        ),
        "households": ("常住户数", "实有户数", "户数", "总户数", "住户数", "households", "household_count"),
        "residents": (
            "常住人口", "实有人口", "常住人数", "实有人数", "常住人口数", "实有人口数", "人数", "人口", "人口数",
            "总人数",
            "总人口", "居民数", "residents", "population", "persons",
        ),
        "elderly": (
            "老年人数", "老年人口", "老年人", "老人数", "老年人口数", "60岁以上", "60岁以上人数", "60岁以上人口",
            "60岁及以上",
            "60岁及以上人数", "60岁及以上人口", "elderly",
        ),
        "children": (
            "儿童数", "儿童人数", "儿童", "15岁以下", "15岁以下人数", "14岁及以下", "14岁及以下人数", "14岁以下",
            "14岁以下人数",
            "children",
        ),
        "estate_id": (
            "estate_id", "小区编号", "小区编码", "小区代码", "小区id", "所属小区编号", "所属小区编码", "所属小区",
            "小区",
        ),
        "floors": (
            "地上层数", "楼层", "层数", "楼层数", "总层数", "总楼层", "floors", "levels", "building:levels",
            "storeys",
        ),
        "community": ("所属社区代码", "社区代码", "community_code", "所属社区", "社区", "所属村居", "community"),
    },
    "estates": {
        "id": ("id", "小区编号", "小区编码", "小区代码", "小区id", "estate_id", "编号", "编码", "代码"),
        "name": ("name", "小区名称", "小区名", "名称", "小区", "estate_name"),
        "households": ("常住户数", "实有户数", "户数", "总户数", "住户数", "households"),
    },
    "barriers": {
        "kind": ("kind", "类型", "类别", "障碍类型", "type"),
        "name": ("name", "名称", "道路名称", "路名", "河流名称"),
    },
    "streets": {
        "u": ("u", "from", "from_node", "起点编号", "起点"),
        "v": ("v", "to", "to_node", "终点编号", "终点"),
        "length_m": ("length_m", "length", "长度", "路段长度"),
        "foot": ("foot", "walkable", "步行", "可步行", "是否可步行"),
        "kind": ("highway", "kind", "fclass", "道路类型", "道路等级", "类型", "type"),
        "name": ("name", "道路名称", "路名", "名称"),
        "structure": ("structure", "构造物", "桥隧"),
        "crossings": ("crossings", "过街处", "过街数"),
        "signals": ("signals", "信号灯过街处", "信号灯数"),
    },
    "paths": {
        "kind": ("kind", "类型", "类别", "type"),
        "name": ("name", "名称"),
    },
    "facilities": {
        "id": ("id", "设施编号", "站点编号", "驿站编号", "编号", "编码", "代码", "facility_id"),
        "name": ("name", "设施名称", "站点名称", "驿站名称", "名称"),
        "kind": ("kind", "设施类型", "站点类型", "类型", "类别", "type"),
        "level": ("level", "级别", "层级", "站点级别"),
        "address": ("address", "地址", "详细地址", "设施地址"),
        "hours": ("hours", "开放时间", "服务时间", "营业时间", "opening_hours"),
        "functions": ("functions", "功能", "服务功能", "服务内容", "服务项目"),
        "phone": ("phone", "电话", "联系电话", "办公电话", "服务电话", "telephone"),
        "area_m2": ("area_m2", "建筑面积", "使用面积", "面积", "area"),
        "owner": ("owner", "所属单位", "产权单位", "管理单位", "运营单位", "责任单位"),
        "public": ("public", "是否公开", "对外开放", "是否对外开放"),
    },
    "candidates": {
        "id": ("id", "候选点编号", "场地编号", "房屋编号", "编号", "编码", "代码", "site_id"),
        "name": ("name", "候选点名称", "场地名称", "房屋名称", "名称"),
        "cost": ("cost", "造价", "费用", "建设费用", "改造费用", "成本"),
        "capacity": ("capacity", "服务能力", "可服务户数", "容量"),
    },
    "plan": {
        "code": ("code", "网格编码", "网格代码", "网格编号", "编码", "代码", "编号", "grid_code"),
        "name": ("name", "网格名称", "网格名", "名称", "grid_name"),
        "kind": ("kind", "网格类型", "网格类别", "类型", "类别", "type"),
    },
}  # fmt: skip
"""Kind → field → headers, the preferred one first."""

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "regions": ("code", "name"),
    "buildings": ("id", "households"),
    "estates": ("id", "name"),
    "barriers": ("kind",),
    "streets": (),
    "paths": (),
    "facilities": ("id", "name", "kind"),
    "candidates": ("id",),
    "plan": (),
}

ALIASES = {"x": "lon", "y": "lat", "lng": "lon"}
"""Other names of fields in ``columns`` of ``dataset.toml``."""

_WORDS = frozenset(
    (
        "id", "estate_id", "name", "street", "county", "city", "community", "kind", "level", "address", "hours",
        "functions", "phone", "owner", "public", "foot", "structure",
    )
)  # fmt: skip

_BRACKETED = pattern(r"[(\[【<{].*?[)\]】>}]")
_NOISE = pattern(r"[\s_*:：、，,.．\-/]+")
_DBF_NAME_BYTES = 9


def fields_of(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Return field → headers of a kind, coordinates included."""
    return {**FIELDS[kind], **COORDINATES}


def holds_words(kind: str, field: str) -> bool:
    """Return whether a field holds words that people read, rather than numbers, dates, shapes or codes of regions."""
    return field in _WORDS or (kind, field) == ("plan", "code")


def normalised(header: str) -> str:
    """Return a header without case, width, blanks, marks, what cannot be seen, and brackets, such as of a unit."""
    wide = unicodedata.normalize("NFKC", visible(header)).casefold()
    return _NOISE.sub("", _BRACKETED.sub("", wide)) or _NOISE.sub("", wide)


def is_known(header: str, kind: str) -> bool:
    """Return whether a header is one of the kind's."""
    return normalised(header) in _all_headers(kind)


@cache
def _all_headers(kind: str) -> frozenset[str]:
    return frozenset(normalised(synonym) for synonyms in fields_of(kind).values() for synonym in synonyms)


def match_field(headers: Sequence[str], synonyms: Sequence[str], *, cut_names: bool) -> list[str]:
    """Return the headers that stand for a field, the preferred one first.

    Parameters
    ----------
    headers
        Headers of the file.
    synonyms
        Headers of the field, the preferred one first.
    cut_names
        True for shapefiles, whose field names end after ten bytes: ``parent_cod`` then stands for ``parent_code``.

    Returns
    -------
    list of str
        Headers that match, in the order of `synonyms`; empty where none does.
    """
    wanted = [normalised(synonym) for synonym in synonyms]
    found: list[tuple[int, str]] = []
    for header in headers:
        name = normalised(header)
        ranks = [rank for rank, synonym in enumerate(wanted) if synonym == name]
        if not ranks and cut_names and _may_be_cut(header):
            ranks = [rank for rank, synonym in enumerate(wanted) if synonym.startswith(name)]
        if ranks:
            found.append((ranks[0], header))
    return [header for _, header in sorted(found, key=lambda pair: pair[0])]


def _may_be_cut(header: str) -> bool:
    return max(len(header.encode("utf-8")), len(header.encode("gb18030"))) >= _DBF_NAME_BYTES
