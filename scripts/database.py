#!/usr/bin/env python3
"""Start, stop, look at and upgrade the private PostGIS."""

import argparse

import _environment  # noqa: F401 starts the checkout's own Python first
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db import cluster, migrate
from gis_service.db.engine import reading
from gis_service.errors import Text
from gis_service.workflows.progress import Report


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option(
        "action",
        choices=["start", "stop", "status", "upgrade"],
        help_text=Text("start 启动 · stop 停止 · status 查看 · upgrade 更新表结构", "what to do"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:  # noqa: ARG001 shows no progress
    """Do one of the four actions."""
    if arguments.action == "upgrade":
        left_to_do = migrate.upgrade(settings)
        done = Text("数据库表结构已是最新。", "the tables are up to date.")
        return Outcome([done, *left_to_do], {"state": "upgraded", "left_to_do": [text.en for text in left_to_do]})
    if settings.database_url is not None:
        with reading(settings):
            pass  # opening it checks that it is a PostGIS this service can use
        return Outcome(
            [Text("使用外部数据库（GIS_SERVICE_DATABASE_URL）。", "using the PostGIS of GIS_SERVICE_DATABASE_URL.")],
            {"state": "external"},
        )
    if arguments.action == "start":
        url = cluster.start(settings)
        return Outcome([Text(f"数据库已启动：{url}", f"running: {url}")], {"state": "running", "url": url})
    if arguments.action == "stop":
        cluster.stop(settings)
        return Outcome([Text("数据库已停止。", "stopped.")], {"state": "stopped"})
    found = cluster.status(settings)
    state = "running" if found.running else "stopped"
    return Outcome(
        [Text(f"数据库：{'运行中' if found.running else '已停止'}（{found.folder}）", f"{state} ({found.folder})")],
        {"state": state, "folder": str(found.folder)},
    )


if __name__ == "__main__":
    run(
        Text(
            "启动、停止、查看、更新本机的私有 PostGIS 数据库。",
            "Start, stop, look at and upgrade the private PostGIS.",
        ),
        add_options,
        work,
    )
