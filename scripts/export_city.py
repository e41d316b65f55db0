#!/usr/bin/env python3
"""Write a city's plans to a file people carry away."""

import argparse
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db.engine import reading
from gis_service.errors import Text
from gis_service.exports.plan_sheets import Changes
from gis_service.workflows.export_city import COMPARING, WRITERS, export_city
from gis_service.workflows.plan_names import TODAY
from gis_service.workflows.progress import Report


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option("city", metavar="CITY", help_text=Text("城市（数据集的 name）", "city (the dataset's name)"))
    parser.option(
        "--plan",
        metavar="PLAN",
        help_text=Text("方案名称；不给则取各社区最新的方案", "plan; by default the newest of each community"),
    )
    parser.option(
        "--compare",
        metavar="PLAN",
        help_text=Text(
            f"与另一方案对照谁换了网格（{TODAY}：数据集中的现有网格）；只用于 {'、'.join(COMPARING)}",
            f"who changes grid against another plan ({TODAY}: the grids of the dataset); {', '.join(COMPARING)} only",
        ),
    )
    parser.option(
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help_text=Text(
            f"输出文件，后缀决定格式：{'、'.join(WRITERS)}", f"file; its suffix says the format: {', '.join(WRITERS)}"
        ),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:  # noqa: ARG001 one step only
    """Export and say what the file holds."""
    with reading(settings) as conn:
        frames = export_city(
            conn, arguments.city, arguments.to, plan=arguments.plan, versus=arguments.compare, settings=settings
        )
    grids, households = len(frames.grids), int(frames.grids["households"].sum())
    buildings, units = len(frames.buildings), len(frames.units)
    missing, changes = frames.without_plan, frames.account.changes
    lacking = Text(
        f"  注意：{len(missing)} 个社区没有这个方案，不在文件中：{'、'.join(missing)}",
        f"  note: {len(missing)} communities have no such plan and are not in the file: {', '.join(missing)}",
    )
    return Outcome(
        [
            Text(
                f"已写入 {arguments.to}：{grids} 个网格，{households} 户，{buildings} 栋楼，{units} 个单元。",
                f"written to {arguments.to}: {grids} grids, {households} households, {buildings} buildings, "
                f"{units} units.",
            ),
            *([lacking] if missing else []),
            *([_compared(changes)] if arguments.compare and changes else []),
        ],
        {
            "city": arguments.city,
            "file": str(arguments.to),
            "grids": grids,
            "households": households,
            "buildings": buildings,
            "units": units,
            "communities_without_plan": list(missing),
            "compared_with": arguments.compare,
            "households_moved": changes.continuation.households_moved if arguments.compare and changes else None,
        },
    )


def _compared(changes: Changes) -> Text:
    told = changes.continuation
    return Text(
        f"  对照 {changes.line()}",
        f"  {changes.before} → {changes.after}: {told.households_moved} of {told.households} households and "
        f"{told.buildings_moved} buildings change grid",
    )


if __name__ == "__main__":
    run(
        Text("把城市的网格方案导出为文件。", "Write a city's plans to a file people carry away."),
        add_options,
        work,
    )
