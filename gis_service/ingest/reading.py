"""From a described file to a source: read it by its type, refuse personal data, understand its headers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from gis_service.errors import InputError
from gis_service.ingest.cures import IN_DATASET
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.fields import ALIASES, REQUIRED, fields_of, holds_words, match_field, normalised
from gis_service.ingest.layers import read_geojson, read_gpkg, read_parquet, read_shapefile
from gis_service.ingest.notes import ImportNote, refusal
from gis_service.ingest.personal import refuse_personal_columns
from gis_service.ingest.source import RawTable, Source
from gis_service.ingest.tables import read_csv, read_xlsx
from gis_service.ingest.visible import visible

_READERS: Mapping[str, Callable[[FileSpec], RawTable]] = {
    ".csv": read_csv,
    ".xlsx": read_xlsx,
    ".gpkg": read_gpkg,
    ".geojson": read_geojson,
    ".shp": read_shapefile,
    ".zip": read_shapefile,
    ".parquet": read_parquet,
}


def read_source(spec: FileSpec) -> tuple[Source, tuple[ImportNote, ...]]:
    """Return a file with its headers understood.

    Parameters
    ----------
    spec
        The file; its suffix decides how it is read.

    Returns
    -------
    source : Source
        Fields by header: first what ``columns`` says, then the synonyms of the kind.
    notes : tuple of ImportNote
        What was noticed, among it which of several matching headers was taken, and words that held what cannot be seen.

    Raises
    ------
    InputError
        The file cannot be read, carries personal data of residents, has no rows, or lacks a required column.
    """
    table = _READERS[spec.path.suffix.lower()](spec)
    headers, notes = _headers(spec, table)
    if not len(table.rows):
        raise _nothing(spec)
    source, cleaned = _with_visible_words(Source(spec, table, headers))
    refuse_personal_columns(spec, source.table, set(headers.values()))
    return source, (*table.notes, *notes, *cleaned)


def require_file(path: Path) -> None:
    """Refuse a path that no option of a program can mean.

    Raises
    ------
    InputError
        There is nothing, or a folder.
    """
    if path.is_dir():
        raise refusal(str(path), "这是一个文件夹，请给出其中的文件", "this is a folder; name a file in it")
    if not path.is_file():
        raise refusal(str(path), "没有这个文件，请检查路径", "there is no such file; check the path")


def _nothing(spec: FileSpec) -> InputError:
    zh, en = "没有数据行，请检查文件内容", "there are no rows; check what the file holds"
    if spec.kind == "regions" or spec.cures is not IN_DATASET:
        return refusal(spec.label, zh, en)
    return refusal(
        spec.label,
        f"{zh}；没有这类数据时请删去 dataset.toml 的 [files.{spec.kind}]",
        f"{en}, or delete [files.{spec.kind}] from dataset.toml if there is nothing of the kind",
    )


def _with_visible_words(source: Source) -> tuple[Source, tuple[ImportNote, ...]]:
    """Return a source whose words hold nothing that cannot be seen; codes of regions and numbers stay for checking."""
    columns, notes = source.table.columns.copy(), []
    for field, header in source.headers.items():
        if not holds_words(source.spec.kind, field):
            continue
        given = columns[header].to_numpy(dtype=object)
        seen = np.array([None if value is None else visible(value) or None for value in given.tolist()], dtype=object)
        changed = np.flatnonzero(given != seen)
        if len(changed):
            columns[header] = pd.Series(seen, index=columns.index, dtype=object)  # else pandas makes None nan
            notes.append(
                source.note(
                    "repaired",
                    changed,
                    f"的“{header}”含有换行或看不见的字符（零宽、文字方向、控制字符），已去掉，共 {len(changed)} 处",
                    f"{len(changed)} cells of column {header!r} held line breaks or characters that cannot be seen "
                    "(zero-width, writing direction, control); they were taken out",
                )
            )
    return replace(source, table=replace(source.table, columns=columns)), tuple(notes)


def _headers(spec: FileSpec, table: RawTable) -> tuple[Mapping[str, str], tuple[ImportNote, ...]]:
    names = [str(name) for name in table.columns.columns]
    fields = fields_of(spec.kind)
    headers, cure = _overrides(spec, names, fields), spec.cures.columns
    notes = []
    for field, synonyms in fields.items():
        if field in headers:
            continue
        free = [name for name in names if name not in headers.values()]
        found = match_field(free, synonyms, cut_names=table.cut_names)
        if found:
            headers[field] = found[0]
        if len(found) > 1:
            others = "、".join(found[1:])
            notes.append(
                ImportNote(
                    "notice",
                    spec.label,
                    None,
                    f"“{found[0]}”和“{others}”都可作 {field}，采用了“{found[0]}”；要换请{cure.zh}",
                    f"{found[0]!r} and {others!r} could both be {field}; {found[0]!r} was taken; to change that, "
                    f"{cure.en}",
                )
            )
    missing = [field for field in REQUIRED[spec.kind] if field not in headers]
    if missing:
        synonyms = fields[missing[0]]
        raise refusal(
            spec.label,
            f"缺少必填列 {missing[0]}（可用表头：{'、'.join(synonyms[:5])}…；文件里有：{'、'.join(names)}），"
            f"请补上该列或{cure.zh}",
            f"the required column {missing[0]} is missing (headers: {', '.join(names)}); add it or {cure.en}",
        )
    return MappingProxyType(headers), tuple(notes)


def _overrides(spec: FileSpec, names: list[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for given, header in spec.columns.items():
        field = ALIASES.get(given, given)
        if field not in fields:
            raise refusal(
                "dataset.toml",
                f"[files.{spec.kind}] 的 columns 里不认识字段 {given}，可用：{'、'.join(fields)}",
                f"unknown field {given} in columns of [files.{spec.kind}]; known are {', '.join(fields)}",
            )
        same = [name for name in names if name == header] or [
            name for name in names if normalised(name) == normalised(header)
        ]
        if not same:
            raise refusal(
                spec.label,
                f"没有 columns 为 {given} 指定的“{header}”列（文件里有：{'、'.join(names)}），请改正 dataset.toml",
                f"there is no column {header!r} as columns says for {given} (headers: {', '.join(names)}); "
                "correct dataset.toml",
            )
        headers[field] = same[0]
    return headers
