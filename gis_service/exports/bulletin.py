"""The bulletin on A4: three figures, the five worst, what changed, maps, findings, sources and caveats."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import geopandas as gpd
from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from gis_service.exports.about import SYNTHETIC_MARK
from gis_service.exports.audit_map import coverage_map
from gis_service.exports.audit_sheets import AuditPapers, AuditTable, Column, cell_text
from gis_service.exports.files import replacing
from gis_service.exports.fonts import face_for, missing_from
from gis_service.exports.plan_map import NO_APPROVAL, plan_map
from gis_service.exports.style_text import style_text

TEMPLATE = "bulletin.html"
MOST_GAPS, MOST_CASES = 10, 20
"""So many rows are printed; the workbook has all."""
SUBSTITUTE = "〓"
"""Stands for a character that cannot be printed, as in Chinese typesetting."""
_ON_ONE_LINE = 16


def write_bulletin(path: Path, papers: AuditPapers) -> None:
    """Write the bulletin; equal papers give equal bytes.

    Parameters
    ----------
    path
        A ``.pdf`` file; one that exists is replaced.
    papers
        What it says; synthetic data are marked on every page and across the maps, and maps without 审图号 say so.

    Raises
    ------
    InputError
        The suffix is not ``.pdf`` or the folder does not exist.
    SetupError
        No Chinese font is installed; the message names the package to install.
    """
    with replacing(path, ".pdf") as temporary:
        # Nothing is fetched: the page holds its maps, and a name in the data must not become a request.
        fetcher = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
        HTML(string=bulletin_html(papers), url_fetcher=fetcher).write_pdf(temporary)


def bulletin_html(papers: AuditPapers) -> str:
    """Return the page that `write_bulletin` prints, its maps included."""
    loader = PackageLoader("gis_service.exports")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["style_text"] = style_text
    content: dict[str, Any] = {
        "title": papers.title,
        "headline": papers.headline,
        "figures": papers.key_figures,
        "worst": _printed(papers.worst),
        "changed": papers.changed,
        "indicators": _printed(papers.indicators),
        "gaps": _printed(papers.gaps, MOST_GAPS),
        "cases": _printed(papers.cases, MOST_CASES),
        "lines": papers.lines,
        "provenance": papers.provenance,
        "caveats": papers.caveats,
        "snapshot": papers.snapshot,
        "taken": papers.taken.isoformat(),
        "data_date": papers.about.data_date.isoformat(),
        "made_at": papers.about.made_at.isoformat(timespec="seconds"),
        "operator": papers.about.operator,
        "mark": SYNTHETIC_MARK if papers.about.synthetic else "",
        "walked": papers.about.minutes is not None,
        "approval": papers.about.map_approval or NO_APPROVAL,
    }
    names = [*papers.areas["name"], *papers.grid_areas["community_name"]]
    texts = [*_strings(content), *names, loader.get_source(environment, TEMPLATE)[0]]
    face = face_for(texts)
    missing = str.maketrans(dict.fromkeys(missing_from(face, texts), SUBSTITUTE))
    maps = {}
    if papers.areas["share"].notna().any():
        areas = papers.areas.assign(name=papers.areas["name"].str.translate(missing))
        maps["coverage"] = _picture(coverage_map(areas, papers.gap_areas, about=papers.about, face=face))
    if len(papers.grid_areas):
        grids = papers.grid_areas.assign(community_name=papers.grid_areas["community_name"].str.translate(missing))
        nothing = gpd.GeoDataFrame(geometry=[], crs=grids.crs)
        maps["grids"] = _picture(plan_map(grids, nothing, about=papers.about, face=face))
    printed = _translated(content, missing)
    return environment.get_template(TEMPLATE).render(**printed, maps=maps, font=face.family)


def _picture(png: bytes) -> str:
    return b64encode(png).decode("ascii")


def _printed(table: AuditTable, most: int | None = None) -> dict[str, Any]:
    """Return a table as texts, with how many rows are left out."""
    rows = list(table.rows)[:most]
    width = sum(column.width for column in table.columns)
    return {
        "name": table.name,
        "heads": [(column.label, _kind(column)) for column in table.columns],
        "widths": [round(100 * column.width / width, 1) for column in table.columns],
        "rows": [[(cell_text(row[each.key], each.unit), _kind(each)) for each in table.columns] for row in rows],
        "more": len(table.rows) - len(rows),
    }


def _kind(column: Column) -> str:
    """Return the class of a cell: ``n`` numbers, ``s`` short words that stay on one line."""
    if column.unit not in {"text", "day"}:
        return "n"
    return "s" if column.width <= _ON_ONE_LINE else ""


def _strings(content: Any) -> list[str]:
    """Return every text of a content, for the choice of a font."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [text for value in content.values() for text in _strings(value)]
    if isinstance(content, (list, tuple)):
        return [text for value in content for text in _strings(value)]
    return []


def _translated(content: Any, table: dict[int, str]) -> Any:
    """Return a content with characters that cannot be printed replaced."""
    if isinstance(content, str):
        return content.translate(table)
    if isinstance(content, dict):
        return {key: _translated(value, table) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_translated(value, table) for value in content]
    return content
