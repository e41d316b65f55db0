#!/usr/bin/env python3
"""Import a dataset folder into PostGIS, all or nothing."""

import argparse
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db import migrate
from gis_service.db.engine import begin
from gis_service.errors import Text
from gis_service.workflows.import_city import Imported, import_city
from gis_service.workflows.progress import Report

NOTES_SHOWN = 12


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option("folder", type=Path, metavar="DIR", help_text=Text("数据集文件夹", "dataset folder"))
    parser.option(
        "--replace",
        action="store_true",
        help_text=Text("连同旧数据上的方案和检查结果一起替换", "replace older data with the plans and runs on it"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:
    """Import and say what was stored, repaired and dropped."""
    migrate.upgrade(settings)  # an import is where a database's life begins
    with begin(settings) as conn:
        imported = import_city(conn, arguments.folder, replace=arguments.replace, report=report)
    return Outcome(_lines(imported), _data(imported))


def _lines(imported: Imported) -> list[Text]:
    city, counts = imported.city, imported.counts
    if imported.unchanged:
        return [Text(f"{city.title}：数据没有变化，未重复导入。", f"{city.title}: unchanged, nothing imported.")]
    mark = Text("（合成数据）", " (synthetic data)") if city.synthetic and "合成" not in city.title else Text("", "")
    lines = [
        Text(
            f"已导入 {city.title}{mark.zh}：行政区划 {counts['region']}，楼栋 {counts['building']}，"
            f"住户 {imported.households}，小区 {counts['estate']}，分隔线 {counts['barrier']}，"
            f"设施 {counts['facility']}，路网边 {counts['network_edge']}。",
            f"imported {city.title}{mark.en}: {counts['region']} regions, {counts['building']} buildings, "
            f"{imported.households} households, {counts['estate']} estates, {counts['barrier']} barriers, "
            f"{counts['facility']} facilities, {counts['network_edge']} network edges.",
        )
    ]
    shown = imported.notes[:NOTES_SHOWN]
    lines += [Text(f"  - {note.file}：{note.zh}", f"  - {note.file}: {note.en}") for note in shown]
    more = len(imported.notes) - NOTES_SHOWN
    if more > 0:
        lines.append(Text(f"  … 另有 {more} 条，见 --json 输出", f"  … {more} more, see --json"))
    return lines


def _data(imported: Imported) -> dict[str, object]:
    counts = imported.counts
    return {
        "city": imported.city.name,
        "title": imported.city.title,
        "synthetic": imported.city.synthetic,
        "data_date": imported.city.data_date.isoformat(),
        "content_hash": imported.city.content_hash,
        "unchanged": imported.unchanged,
        "regions": counts["region"],
        "buildings": counts["building"],
        "households": imported.households,
        "estates": counts["estate"],
        "barriers": counts["barrier"],
        "facilities": counts["facility"],
        "given_grids": counts["given_grid"],
        "network_edges": counts["network_edge"],
        "notes": [
            {"severity": note.severity, "file": note.file, "row": note.row, "zh": note.zh, "en": note.en}
            for note in imported.notes
        ],
    }


if __name__ == "__main__":
    run(
        Text(
            "把一个数据集文件夹导入 PostGIS：要么全部成功，要么什么都不写。",
            "Import a dataset folder into PostGIS, all or nothing.",
        ),
        add_options,
        work,
    )
