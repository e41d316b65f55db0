"""What the officials' bulletin and workbook are written from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from gis_service.exports.about import About

Unit = Literal["text", "count", "share", "area", "day"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    key
        Column of the frame.
    label
        Heading.
    unit
        How it is written; text cells stay text, shares are numbers shown in per cent.
    width
        Characters.
    """

    key: str
    label: str
    unit: Unit = "text"
    width: int = 12


@dataclass(frozen=True)
class AuditTable:
    """A sheet of the workbook: its name, columns and rows in order."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class AuditPapers:
    """Everything the officials' files say, in Chinese.

    Parameters
    ----------
    title
        Heading: the region, and what the paper is.
    headline
        One sentence that says what matters.
    key_figures
        Three figures: value, label and a line beneath each.
    worst
        The five worst regions.
    changed
        What changed since an earlier snapshot: sentences; empty: there is none.
    indicators, grids, cases, gaps
        The tables.
    lines
        Method and parameters: heading, then term and sentence of each line.
    provenance, caveats
        Where the figures come from, and what to know before quoting them.
    areas, grid_areas, gap_areas
        What the maps show, in a metric CRS: regions with ``name`` and ``share``; grids with ``code``, ``status``,
        ``community_code``, ``community_name``; gaps with ``rank``.
    about
        Date, marks and map approval for maps and footers.
    snapshot, taken
        Number of the snapshot, and when it was taken.
    """

    title: str
    headline: str
    key_figures: tuple[tuple[str, str, str], ...]
    worst: AuditTable
    changed: tuple[str, ...]
    indicators: AuditTable
    grids: AuditTable
    cases: AuditTable
    gaps: AuditTable
    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    provenance: tuple[tuple[str, str], ...]
    caveats: tuple[str, ...]
    areas: gpd.GeoDataFrame
    grid_areas: gpd.GeoDataFrame
    gap_areas: gpd.GeoDataFrame
    about: About
    snapshot: int
    taken: date


def cell_text(value: Any, unit: Unit) -> str:
    """Return a value as the bulletin prints it; a dash where it is unknown."""
    if value is None or pd.isna(value):
        return "—"
    if unit == "share":
        return f"{100 * value:.1f}%"
    if unit == "area":
        return f"{value:,.1f}"
    return f"{value:,}" if unit == "count" else str(value)
