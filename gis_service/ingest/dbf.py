"""Attribute tables of shapefiles (dBase III) in an encoding that is decided here and never guessed silently."""

import struct
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.ingest.encoding import detect, from_cpg, is_text, undecodable, widened
from gis_service.ingest.notes import ImportNote, refusal

_HEADER_BYTES, _FIELD_BYTES = 32, 32
_NAME_BYTES = 11


@dataclass(frozen=True)
class _Field:
    name: bytes
    kind: str
    start: int
    width: int


def read_dbf(
    data: bytes, *, cpg: bytes | None, declared: str | None, label: str
) -> tuple[pd.DataFrame, tuple[ImportNote, ...]]:
    """Return an attribute table as text.

    Parameters
    ----------
    data
        The ``.dbf`` file.
    cpg
        The ``.cpg`` file; None: there is none.
    declared
        Encoding from ``dataset.toml``, which overrules everything; None: `cpg`, strict UTF-8, GB18030, in that order.
    label
        File for messages.

    Returns
    -------
    table : pandas.DataFrame
        One row per record, deleted ones included, in file order; values are stripped text, None where empty.
    notes : tuple of ImportNote
        What was noticed about the encoding.

    Raises
    ------
    InputError
        The file is no dBase table, or no encoding fits.
    """
    fields, records = _layout(data, label)
    texts = {field: _values(records, field) for field in fields if field.kind in "CM"}
    samples = [_whole(field.name) if len(field.name) >= _NAME_BYTES - 1 else field.name for field in fields]
    for field, values in texts.items():
        samples += [_whole(value) if len(value) == field.width else value for value in np.unique(values).tolist()]
    notes: tuple[ImportNote, ...] = ()
    encoding: str | None = widened(declared) if declared is not None else None
    if encoding is None and cpg is not None:
        encoding, notes = from_cpg(cpg, samples, label)
    if encoding is None:
        encoding = detect(samples, label)
    columns: dict[str, NDArray[np.object_]] = {}
    for field in fields:
        used = encoding if field.kind in "CM" else "ascii"
        values, positions = np.unique(_values(records, field), return_inverse=True)
        decoded = np.array([_text(value, used, field.width, label) for value in values.tolist()], dtype=object)
        name = _text(field.name, encoding, _NAME_BYTES - 1, label)
        if name:
            columns[name] = decoded[positions] if len(values) else np.empty(0, dtype=object)
    return pd.DataFrame(columns, index=range(len(records)), dtype=object), notes


def _layout(data: bytes, label: str) -> tuple[list[_Field], NDArray[np.uint8]]:
    broken = refusal(
        label,
        "属性表 .dbf 已损坏，请重新导出该 shapefile",
        "the attribute table .dbf is damaged; export the shapefile again",
    )
    if len(data) <= _HEADER_BYTES:
        raise broken
    count, header_bytes, record_bytes = struct.unpack("<IHH", data[4:12])
    if header_bytes > len(data):
        raise broken
    fields, start = [], 1
    for at in range(_HEADER_BYTES, header_bytes - 1, _FIELD_BYTES):
        if data[at : at + 1] in (b"\r", b""):
            break
        name = data[at : at + _NAME_BYTES].split(b"\0")[0]
        kind, width = chr(data[at + 11]), data[at + 16]
        fields.append(_Field(name, kind, start, width))
        start += width
    body = data[header_bytes : header_bytes + count * record_bytes]
    if start > record_bytes or len(body) != count * record_bytes or not record_bytes:
        raise broken
    return fields, np.frombuffer(body, dtype=np.uint8).reshape(count, record_bytes)


def _values(records: NDArray[np.uint8], field: _Field) -> NDArray[np.bytes_]:
    """Return the raw values of a field, without padding."""
    block = np.ascontiguousarray(records[:, field.start : field.start + field.width])
    if not block.size:
        return np.full(len(records), b"", dtype="S1")
    return np.char.strip(block.view(f"S{field.width}").ravel(), b" \0")


def _whole(value: bytes) -> bytes:
    """Return a value that fills its field without a last character that the field's width may have cut."""
    for dropped in range(4):
        kept = value[: len(value) - dropped]
        if is_text(kept, "utf-8"):
            return kept
    return value[:-1] if not is_text(value, "gb18030") else value


def _text(value: bytes, encoding: str, width: int, label: str) -> str | None:
    """Return the text of a value, less a last character cut by the width of its field."""
    shortest = max(len(value) - 3, 0) if len(value) >= width else len(value)
    for end in range(len(value), shortest - 1, -1):
        if is_text(value[:end], encoding):
            return value[:end].decode(encoding).strip() or None
    raise undecodable(label, encoding)
