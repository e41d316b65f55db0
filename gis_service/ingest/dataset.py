"""The dataset folder: ``dataset.toml`` and the files it names."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from pyproj import CRS
from pyproj.exceptions import CRSError

from gis_service.geo.crs import is_metric, survives_storage
from gis_service.geo.datum import Datum
from gis_service.ingest.cures import IN_DATASET, Cures
from gis_service.ingest.notes import refusal
from gis_service.ingest.osm_rules import AS_TAGGED, AccessPolicy, GatePolicy, PrivatePolicy

TOML = "dataset.toml"
KINDS = ("regions", "buildings", "estates", "barriers", "streets", "paths", "elevation", "facilities", "plan")
SUFFIXES = (".gpkg", ".geojson", ".shp", ".zip", ".csv", ".xlsx", ".parquet")
NETWORK_SUFFIX = ".osm.pbf"
SUFFIXES_OF = {"streets": (*SUFFIXES, NETWORK_SUFFIX), "elevation": (".asc",)}
"""Types of files, where they are not `SUFFIXES`."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_DATASET_KEYS = ("name", "title", "data_date", "synthetic", "metric_crs", "licence", "sources")
_FILE_KEYS = ("path", "crs", "datum", "encoding", "columns")
_ACCESS_CHOICES = {"gates": get_args(GatePolicy), "private": get_args(PrivatePolicy)}


@dataclass(frozen=True)
class FileSpec:
    """One file, as ``dataset.toml`` or an option describes it.

    Parameters
    ----------
    kind
        What the file holds, one of `KINDS`.
    path
        Absolute path.
    label
        Path inside the dataset folder, for messages.
    crs
        Declared CRS, such as ``"EPSG:4326"``; None: not declared.
    datum
        Declared datum (``wgs84``, ``cgcs2000``, ``gcj02`` or ``bd09``); None: not declared. Never set with `crs`.
    encoding
        Declared encoding of text; None: detect.
    columns
        Field name → header in the file, where the synonyms must be overruled.
    access
        Whether gates and private ways of an ``.osm.pbf`` are open.
    cures
        Where people mend what is declared of the file.
    """

    kind: str
    path: Path
    label: str
    crs: str | None
    datum: str | None
    encoding: str | None
    columns: Mapping[str, str]
    access: AccessPolicy = AS_TAGGED
    cures: Cures = IN_DATASET


@dataclass(frozen=True)
class Dataset:
    """A dataset folder.

    Parameters
    ----------
    name
        Slug, the city's key.
    title
        Name that people read.
    data_date
        The data describe this day.
    synthetic
        True for invented data.
    metric_crs
        Projected CRS in metres in which everything is measured.
    licence, sources
        Provenance, as given.
    folder
        Absolute path of the folder.
    files
        Kind → file.
    content_hash
        SHA-256 [hex] over ``dataset.toml`` and every file it names.
    """

    name: str
    title: str
    data_date: date
    synthetic: bool
    metric_crs: str
    licence: str
    sources: tuple[str, ...]
    folder: Path
    files: Mapping[str, FileSpec]
    content_hash: str


def read_dataset(folder: Path) -> Dataset:
    """Return what ``dataset.toml`` says about a folder, checked.

    Parameters
    ----------
    folder
        The dataset folder.

    Returns
    -------
    Dataset
        Every file exists, lies inside `folder` and has a known type.

    Raises
    ------
    InputError
        The folder or ``dataset.toml`` is missing or wrong; the text names the key and the cure.
    """
    folder = folder.resolve()
    content = _read_toml(folder)
    unknown = sorted(set(content) - {"dataset", "files"})
    if unknown:
        raise refusal(
            TOML,
            f"不认识的部分 [{unknown[0]}]，只能有 [dataset] 和 [files.…]，请删除或改名",
            f"unknown section [{unknown[0]}]; only [dataset] and [files.…] exist, remove or rename it",
        )
    table = _table(content, "dataset")
    _refuse_unknown_keys(table, _DATASET_KEYS, "[dataset]")
    files = {kind: _file_spec(folder, kind, entry) for kind, entry in _table(content, "files").items()}
    if "regions" not in files:
        raise refusal(
            TOML,
            "缺少 [files.regions]，请写上行政区划文件的 path",
            "[files.regions] is missing; give the path of the file with the administrative regions",
        )
    for kind in ("paths", "elevation"):
        if kind in files and "streets" not in files:
            raise refusal(
                TOML,
                f"有 [files.{kind}] 而没有 [files.streets]，请补上道路文件，或删去 [files.{kind}]",
                f"[files.{kind}] says something about streets, but there is no [files.streets]; add it, or delete "
                f"[files.{kind}]",
            )
    return Dataset(
        name=_name(table),
        title=_text(table, "title"),
        data_date=_data_date(table),
        synthetic=_flag(table),
        metric_crs=_metric_crs(table),
        licence=_text(table, "licence"),
        sources=_sources(table),
        folder=folder,
        files=MappingProxyType(files),
        content_hash=_content_hash(folder, files),
    )


def _read_toml(folder: Path) -> dict[str, Any]:
    path = folder / TOML
    if not folder.is_dir():
        raise refusal(str(folder), "没有这个文件夹，请检查路径", "there is no such folder; check the path")
    if not path.is_file():
        raise refusal(
            str(folder),
            f"文件夹里没有 {TOML}，请按数据格式说明写一个",
            f"the folder holds no {TOML}; write one as the dataset format says",
        )
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise refusal(TOML, "不是 UTF-8 编码，请另存为 UTF-8", "it is not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+), column (\d+)", str(error))
        where = "文件末尾" if place is None else f"第 {place[1]} 行第 {place[2]} 列"
        raise refusal(
            TOML,
            f"TOML 语法有误（{where}），请改正该处",
            f"TOML syntax error ({error}); correct that place",
        ) from error


def _table(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = content.get(key)
    if not isinstance(table, dict):
        raise refusal(TOML, f"缺少 [{key}] 部分，请补上", f"the section [{key}] is missing; add it")
    return table


def _refuse_unknown_keys(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise refusal(
            TOML,
            f"{where} 里不认识 {unknown[0]}，可以写：{'、'.join(known)}",
            f"unknown key {unknown[0]} in {where}; known are {', '.join(known)}",
        )


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value.strip():
        raise refusal(
            TOML,
            f'[dataset] 的 {key} 缺失或不是文字，请写成 {key} = "…"',
            f'{key} of [dataset] is missing or no text; write {key} = "…"',
        )
    return value.strip()


def _name(table: Mapping[str, Any]) -> str:
    name = _text(table, "name")
    if not _SLUG.fullmatch(name):
        raise refusal(
            TOML,
            f"[dataset] 的 name“{name}”只能用小写字母、数字、_ 和 -，最长 63 个字符",
            f"name {name!r} of [dataset] may hold lower-case letters, digits, _ and - only, 63 at most",
        )
    return name


def _data_date(table: Mapping[str, Any]) -> date:
    value = table.get("data_date")
    if type(value) is not date:
        raise refusal(
            TOML,
            "[dataset] 的 data_date 缺失或不是日期，请写成 data_date = 2023-06-30（不加引号）",
            "data_date of [dataset] is missing or no date; write data_date = 2023-06-30, without quotes",
        )
    return value


def _flag(table: Mapping[str, Any]) -> bool:
    value = table.get("synthetic", False)
    if not isinstance(value, bool):
        raise refusal(
            TOML,
            "[dataset] 的 synthetic 只能是 true 或 false（不加引号）",
            "synthetic of [dataset] must be true or false, without quotes",
        )
    return value


def _metric_crs(table: Mapping[str, Any]) -> str:
    value = _text(table, "metric_crs")
    if not is_metric(value):
        raise refusal(
            TOML,
            f"[dataset] 的 metric_crs“{value}”不是以米为单位的投影坐标系，宁德用 EPSG:4549，网络墨卡托会拉长距离不能用",
            f"metric_crs {value!r} of [dataset] is no projected CRS in true metres; Ningde's is EPSG:4549 "
            "(Web Mercator stretches lengths)",
        )
    if not survives_storage(value):
        raise refusal(
            TOML,
            f"[dataset] 的 metric_crs“{value}”与经纬度（WGS 84）往返换算后坐标会移动，社区之间会出现缝隙，"
            "请改用 CGCS2000 或 WGS 84 的投影坐标系的 EPSG 编号，如 EPSG:4549；数据文件本身的 crs 不用改",
            f"metric_crs {value!r} of [dataset] moves coordinates on the way to longitude and latitude (WGS 84) and "
            "back, which would open seams; give the EPSG code of a projection on CGCS2000 or WGS 84 such as EPSG:4549 "
            "(the crs of the files may stay)",
        )
    return value


def _sources(table: Mapping[str, Any]) -> tuple[str, ...]:
    value = table.get("sources", [])
    if not isinstance(value, list) or not all(isinstance(source, str) for source in value):
        raise refusal(
            TOML,
            '[dataset] 的 sources 应是文字列表，如 sources = ["…"]',
            'sources of [dataset] must be a list of texts, such as sources = ["…"]',
        )
    return tuple(value)


def _file_spec(folder: Path, kind: str, entry: Any) -> FileSpec:
    where = f"[files.{kind}]"
    if kind not in KINDS:
        raise refusal(
            TOML, f"不认识 {where}，可以写：{'、'.join(KINDS)}", f"unknown {where}; known are {', '.join(KINDS)}"
        )
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise refusal(TOML, f'{where} 缺少 path，请写成 path = "…"', f'{where} has no path; write path = "…"')
    is_osm = entry["path"].lower().endswith(NETWORK_SUFFIX)
    _refuse_unknown_keys(entry, (*_FILE_KEYS, *_ACCESS_CHOICES) if is_osm else _FILE_KEYS, where)
    for key in ("crs", "datum", "encoding"):
        if key in entry and not isinstance(entry[key], str):
            raise refusal(TOML, f'{where} 的 {key} 应是文字，如 {key} = "…"', f"{key} of {where} must be a text")
    columns = entry.get("columns", {})
    if not isinstance(columns, dict) or not all(isinstance(header, str) for header in columns.values()):
        raise refusal(
            TOML,
            f'{where} 的 columns 应写成 {{ 字段 = "表头" }}',
            f'columns of {where} must be {{ field = "header" }}',
        )
    return FileSpec(
        kind=kind,
        path=_inside(folder, entry["path"], where, kind),
        label=entry["path"],
        crs=_declared_crs(entry, where),
        datum=_declared_datum(entry, where),
        encoding=_declared_encoding(entry, where),
        columns=MappingProxyType(dict(columns)),
        access=_access(entry, where),
    )


def _access(entry: Mapping[str, Any], where: str) -> AccessPolicy:
    chosen = {key: entry[key] for key in _ACCESS_CHOICES if key in entry}
    for key, value in chosen.items():
        known = _ACCESS_CHOICES[key]
        if value not in known:
            raise refusal(
                TOML,
                f"{where} 的 {key}“{value}”不认识，可用：{'、'.join(known)}",
                f"unknown {key} {value!r} in {where}; use one of {', '.join(known)}",
            )
    return AccessPolicy(**chosen)


def _inside(folder: Path, name: str, where: str, kind: str) -> Path:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise refusal(
            TOML,
            f"{where} 的 path“{name}”指到数据文件夹之外，请把文件放进数据文件夹",
            f"path {name!r} of {where} leads out of the dataset folder; put the file inside it",
        )
    if not path.is_file():
        raise refusal(
            TOML,
            f"{where} 的文件“{name}”不存在，请检查 path 或放入该文件",
            f"the file {name!r} of {where} does not exist; check path or add the file",
        )
    known = SUFFIXES_OF.get(kind, SUFFIXES)
    if not path.name.lower().endswith(known):
        raise refusal(
            TOML,
            f"{where} 的文件“{name}”类型不支持，可用：{' '.join(known)}",
            f"the type of {name!r} of {where} is not supported; use one of {' '.join(known)}",
        )
    return path


def _declared_crs(entry: Mapping[str, Any], where: str) -> str | None:
    crs: str | None = entry.get("crs")
    if crs is None:
        return None
    if "datum" in entry:
        raise refusal(
            TOML,
            f"{where} 同时写了 crs 和 datum，请只保留一个",
            f"{where} gives both crs and datum; keep one of them",
        )
    try:
        CRS.from_user_input(crs)
    except CRSError as error:
        raise refusal(
            TOML,
            f"{where} 的 crs“{crs}”不认识，请写 EPSG 编号，如 EPSG:4326 或 EPSG:4549",
            f"unknown crs {crs!r} in {where}; give an EPSG code such as EPSG:4326 or EPSG:4549",
        ) from error
    return crs


def _declared_datum(entry: Mapping[str, Any], where: str) -> str | None:
    datum: str | None = entry.get("datum")
    known = [choice.value for choice in Datum]
    if datum is not None and datum not in known:
        raise refusal(
            TOML,
            f"{where} 的 datum“{datum}”不认识，可用：{'、'.join(known)}",
            f"unknown datum {datum!r} in {where}; use one of {', '.join(known)}",
        )
    return datum


def _declared_encoding(entry: Mapping[str, Any], where: str) -> str | None:
    encoding: str | None = entry.get("encoding")
    if encoding is None:
        return None
    try:
        "".encode(encoding)
    except LookupError as error:
        raise refusal(
            TOML,
            f"{where} 的 encoding“{encoding}”不认识，可用 utf-8 或 gb18030",
            f"unknown encoding {encoding!r} in {where}; use utf-8 or gb18030",
        ) from error
    return encoding


def _content_hash(folder: Path, files: Mapping[str, FileSpec]) -> str:
    paths = {TOML: folder / TOML}
    for spec in files.values():
        for path in _members(spec.path):
            paths[path.relative_to(folder).as_posix()] = path
    total = hashlib.sha256()
    for name in sorted(paths):
        with paths[name].open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{name}\n{digest}\n".encode())
    return total.hexdigest()


def _members(path: Path) -> list[Path]:
    """Return the file or, for a shapefile, all of its parts."""
    if path.suffix.lower() != ".shp":
        return [path]
    parts = (".shp", ".dbf", ".shx", ".prj", ".cpg")
    return [member for member in path.parent.iterdir() if member.stem == path.stem and member.suffix.lower() in parts]
