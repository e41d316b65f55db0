#!/usr/bin/env python3
"""Draw twelve telling communities of a plan on one A3 sheet, to be judged by eye."""

import argparse
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db.engine import reading
from gis_service.errors import Text
from gis_service.workflows.contact_sheet import draw_city
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
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help_text=Text("输出文件，.png 或 .pdf", "file to write, .png or .pdf"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:  # noqa: ARG001 one step only
    """Draw and say which communities are on the sheet, and why."""
    with reading(settings) as conn:
        choices = draw_city(conn, arguments.city, arguments.to, plan=arguments.plan, settings=settings)
    return Outcome(
        [
            Text(f"已画 {arguments.to}：{len(choices)} 个社区。", f"drawn {arguments.to}: {len(choices)} communities."),
            *(
                Text(f"  {each.candidate.name}：{each.why.zh}", f"  {each.candidate.name}: {each.why.en}")
                for each in choices
            ),
        ],
        {
            "city": arguments.city,
            "file": str(arguments.to),
            "communities": [{"code": each.candidate.code, "why": each.why.en} for each in choices],
        },
    )


if __name__ == "__main__":
    run(
        Text("在一张 A3 图上画出方案的十二个社区，供人工判读。", "Draw twelve communities of a plan on one A3 sheet."),
        add_options,
        work,
    )
