"""A file as it was read: its fields as text, its geometries, and where each row stands for a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from gis_service.errors import InputError
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.notes import ImportNote, Severity, refusal

_SHOWN = 5


@dataclass(frozen=True)
class RawTable:
    """Rows under their own headers, before any meaning.

    Parameters
    ----------
    columns
        Header → text or None, one row per feature or table row; headers are unique.
    rows
        Number of each row as a person counts: header is row 1 of a plain table, the first feature of a layer is 1.
    geometry
        Shapely geometries in `crs`; None for tables.
    crs
        CRS that the file itself carries; None: none.
    is_table
        True: rows of a table; False: features of a layer.
    cut_names
        True: field names were cut to ten bytes by the shapefile format.
    notes
        What was noticed while reading.
    """

    columns: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: NDArray[np.object_] | None
    crs: CRS | None
    is_table: bool
    cut_names: bool
    notes: tuple[ImportNote, ...]


@dataclass(frozen=True)
class Source:
    """A file whose headers have been understood.

    Parameters
    ----------
    spec
        What ``dataset.toml`` says about the file.
    table
        The file as read.
    headers
        Field → header, for the fields that the file has.
    """

    spec: FileSpec
    table: RawTable
    headers: Mapping[str, str]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.table.rows)

    def subset(self, keep: NDArray[np.bool_]) -> "Source":
        """Return the rows where `keep` is true; they keep the numbers they have in the file."""
        table = replace(
            self.table,
            columns=self.table.columns[keep].reset_index(drop=True),
            rows=self.table.rows[keep],
            geometry=None if self.table.geometry is None else self.table.geometry[keep],
        )
        return replace(self, table=table)

    def has(self, field: str) -> bool:
        """Return whether the file has a field."""
        return field in self.headers

    def texts(self, field: str) -> NDArray[np.object_]:
        """Return a field as text, None where empty or where the file does not have it."""
        if field not in self.headers:
            return np.full(len(self), None, dtype=object)
        return self.table.columns[self.headers[field]].to_numpy(dtype=object)

    def row(self, position: int) -> int:
        """Return the row number of a position as a person counts."""
        return int(self.table.rows[position])

    def places(self, positions: NDArray[np.int64]) -> tuple[str, str]:
        """Return which rows are meant, in Chinese and English, the first few by number."""
        numbers = self.table.rows[positions].tolist()
        shown = [str(number) for number in numbers[:_SHOWN]]
        zh, en = "第 " + "、".join(shown), ", ".join(shown)
        unit_zh, unit_en = ("行", "row") if self.table.is_table else ("个要素", "feature")
        more = len(numbers) - len(shown)
        plural = "s" if len(numbers) > 1 else ""
        if more > 0:
            return f"{zh} {unit_zh}等共 {len(numbers)} {unit_zh}", f"{unit_en}s {en} and {more} more"
        return f"{zh} {unit_zh}", f"{unit_en}{plural} {en}"

    def refuse(self, positions: NDArray[np.int64], field: str | None, zh: str, en: str) -> InputError:
        """Return the error that names file, rows and column; `zh` and `en` say fault and cure.

        Parameters
        ----------
        positions
            Rows at fault, by position.
        field
            Field at fault; None: the geometry or the whole row.
        zh, en
            Rest of the sentence.
        """
        place_zh, place_en = self.places(positions)
        if field is None:
            return refusal(self.spec.label, f"{place_zh}{zh}", f"{place_en}: {en}")
        header = self.headers.get(field, field)
        return refusal(self.spec.label, f"{place_zh}的“{header}”{zh}", f"{place_en}, column {header!r}: {en}")

    def note(self, severity: Severity, positions: NDArray[np.int64] | None, zh: str, en: str) -> ImportNote:
        """Return a note about rows (None: the whole file)."""
        if positions is None or not len(positions):
            return ImportNote(severity, self.spec.label, None, zh, en)
        place_zh, place_en = self.places(positions)
        return ImportNote(severity, self.spec.label, self.row(positions[0]), f"{place_zh}{zh}", f"{place_en}: {en}")
