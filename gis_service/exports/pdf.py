"""The report of a plan on A4: numbers by community, rules, map, register of grids, parameters."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from gis_service.errors import InputError, Text
from gis_service.exports.about import SYNTHETIC_MARK, About
from gis_service.exports.files import replacing
from gis_service.exports.fonts import Face, face_for, missing_from
from gis_service.exports.palette import STATUS_STYLES
from gis_service.exports.plan_map import plan_map
from gis_service.exports.plan_rules import quality_text, rule_lines
from gis_service.exports.plan_sheets import PlanAccount
from gis_service.exports.style_text import style_text
from gis_service.plan.rules import KIND_LABELS, STATUS_LABELS, UNTESTED, Rules

TEMPLATE = "report.html"

SUBSTITUTE = "〓"
"""Stands for a character that cannot be printed, as in Chinese typesetting."""
_NO_ACCOUNT = PlanAccount()


def write_report(
    path: Path,
    grids: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    rules: Mapping[str, Rules],
    about: About,
    account: PlanAccount = _NO_ACCOUNT,
) -> None:
    """Write the report of a plan.

    Parameters
    ----------
    path
        A ``.pdf`` file; one that exists is replaced.
    grids
        ``code``, ``name``, ``kind``, ``status``, ``households``, ``residents`` (``<NA>``: unknown),
        ``community_code``, ``community_name``, ``geometry`` in a metric CRS [m].
    buildings
        ``geometry``, same CRS; drawn on the map.
    rules
        Community code to the rules of its plan.
    about
        Provenance; synthetic data are marked on every page and across the map, and a map without 审图号 says so.
    account
        What the plans are worth stands under the rules, where it is known.

    Raises
    ------
    InputError
        There are no grids, the suffix is not ``.pdf`` or the folder does not exist.
    SetupError
        No Chinese font is installed; the message names the package to install.

    Notes
    -----
    A character that the best font lacks is printed as `SUBSTITUTE`, and a line among the parameters says so.
    """
    with replacing(path, ".pdf") as temporary:
        html = report_html(grids, buildings, rules=rules, about=about, account=account)
        # Nothing is fetched: the page holds its map, and a name in the data must not become a request.
        HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",), fail_on_errors=True)).write_pdf(temporary)


def report_html(
    grids: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    rules: Mapping[str, Rules],
    about: About,
    account: PlanAccount = _NO_ACCOUNT,
) -> str:
    """Return the page that :func:`write_report` prints, its map included.

    Parameters
    ----------
    grids, buildings, rules, about, account
        As for :func:`write_report`.

    Raises
    ------
    InputError
        There are no grids.
    SetupError
        No Chinese font is installed.
    """
    if grids.empty:
        raise InputError(Text("方案没有网格，无法生成报告", "the plan has no grids, so there is nothing to report"))
    loader = PackageLoader("gis_service.exports")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["style_text"] = style_text
    told = rule_lines(rules.values())
    if account.quality is not None:
        told.append(("方案质量", quality_text(account.quality, account.households_moved)))
    texts = [*_strings(_content(grids, about)), *_strings(told), loader.get_source(environment, TEMPLATE)[0]]
    face = face_for(texts)
    missing = missing_from(face, texts)
    grids, about = _printable(grids, about, missing)
    content = _content(grids, about)
    content["lines"] += _told(missing, face)
    picture = b64encode(plan_map(grids, buildings, about=about, face=face)).decode("ascii")
    return environment.get_template(TEMPLATE).render(**content, rules=told, map=picture, font=face.family)


def _printable(grids: gpd.GeoDataFrame, about: About, missing: str) -> tuple[gpd.GeoDataFrame, About]:
    """Return grids and provenance with `SUBSTITUTE` for every missing character of their texts."""
    table = str.maketrans(dict.fromkeys(missing, SUBSTITUTE))
    columns = ["code", "name", "community_name"]
    said: dict[str, Any] = {}
    for field in fields(about):
        value = getattr(about, field.name)
        if isinstance(value, str):
            said[field.name] = value.translate(table)
        elif isinstance(value, tuple):
            said[field.name] = tuple(part.translate(table) if isinstance(part, str) else part for part in value)
    return grids.assign(**{column: grids[column].str.translate(table) for column in columns}), replace(about, **said)


def _told(missing: str, face: Face) -> list[tuple[str, str]]:
    points = "、".join(f"U+{ord(character):04X}" for character in missing)
    text = f"字体 {face.family} 没有以下字符，文中以“{SUBSTITUTE}”代替：{points}"
    return [("字符替代", text)] if missing else []


def _content(grids: gpd.GeoDataFrame, about: About) -> dict[str, Any]:
    ordered = grids.sort_values("code")
    return {
        "about": about,
        "lines": about.lines(),
        "mark": SYNTHETIC_MARK if about.synthetic else "",
        "statuses": [(status, STATUS_LABELS[status].zh, style) for status, style in STATUS_STYLES.items()],
        "total": _summary("合计", ordered),
        "communities": [
            _summary(str(own["community_name"].iloc[0]), own) for _, own in ordered.groupby("community_code", sort=True)
        ],
        "grids": [
            {
                "code": grid["code"],
                "name": grid["name"],
                "community": grid["community_name"],
                "kind": KIND_LABELS[grid["kind"]].zh,
                "households": grid["households"],
                "residents": _known(grid["residents"]),
                "status": grid["status"],
                "label": STATUS_LABELS[grid["status"]].zh,
            }
            for grid in ordered.to_dict("records")
        ],
    }


def _summary(name: str, grids: pd.DataFrame) -> dict[str, Any]:
    counts = grids["status"].value_counts()
    by_status = {status: int(counts.get(status, 0)) for status in STATUS_STYLES}
    tested = len(grids) - sum(by_status[status] for status in UNTESTED)
    return {
        "name": name,
        "grids": len(grids),
        "by_status": by_status,
        "normal_share": f"{by_status['normal'] / tested:.0%}" if tested else "—",
        "households": int(grids["households"].sum()),
        "residents": _known(grids["residents"].astype("Int64").sum(skipna=False)),
    }


def _known(count: Any) -> str:
    return "未知" if pd.isna(count) else f"{int(count):,}"


def _strings(content: Any) -> list[str]:
    """Return every text of a content, for the choice of a font."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        return [text for value in content.values() for text in _strings(value)]
    if isinstance(content, (list, tuple)):
        return [text for value in content for text in _strings(value)]
    return []
