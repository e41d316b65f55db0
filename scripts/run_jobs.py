#!/usr/bin/env python3
"""Do the long work that people ask for in the browser, one job after the other."""

import argparse
import os
import signal
import subprocess
import sys
import time
import traceback

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import whole_number
from _program import Outcome, Parser, run

from gis_service.config import Settings
from gis_service.db import migrate
from gis_service.db.engine import reading
from gis_service.errors import DatabaseUnavailableError, Text
from gis_service.workflows.job_kinds import WORKS
from gis_service.workflows.jobs import do_one
from gis_service.workflows.progress import Report

REST_S = 1.0
"""How long to wait before looking again: for a job, for the parent, for a process that died [s]."""


def add_options(parser: Parser) -> None:
    """Add this program's arguments."""
    parser.option("--until-idle", action="store_true", help_text=Text("做完排队的工作就结束", "end when no job waits"))
    parser.option(
        "--keep",
        type=whole_number(1, 16),
        metavar="N",
        help_text=Text("保持 N 个工作进程，中止的会重新启动", "keep N processes that work, and replace those that die"),
    )
    parser.option(
        "--end-with",
        type=whole_number(1, 2**31 - 1),
        metavar="PID",
        help_text=Text("父进程（编号 PID）结束时也结束", "end when the parent, of this number, has ended"),
    )


def work(settings: Settings, arguments: argparse.Namespace, report: Report) -> Outcome:  # noqa: ARG001 jobs tell their own progress
    """Do jobs until there are none, the parent has ended, or somebody ends us."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as Ctrl-C: the job in hand is put back first
    if arguments.keep is not None:
        return _keep(arguments.keep, arguments.end_with)
    with reading(settings) as conn:
        migrate.require_current(conn)
    leave = None if arguments.until_idle else _begin_anew  # who counts what is done stays to the end
    done = 0
    while _wanted(arguments.end_with):
        try:
            job = do_one(settings, WORKS, traceback.print_exception, on_unwanted=leave)
        except DatabaseUnavailableError:
            if arguments.until_idle:
                raise
            job = None  # it comes back; the job it took along is given back by itself
        if job is not None:
            done += 1
        elif arguments.until_idle:
            break
        else:
            time.sleep(REST_S)
    return Outcome([Text(f"完成 {done} 项工作。", f"{done} jobs done.")], {"jobs": done})


def _begin_anew() -> None:
    """Become the same program once more, under the same number, without what was at work and its connections."""
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 our own interpreter with our own arguments


def _keep(count: int, parent: int | None) -> Outcome:
    """Keep so many processes at work until the parent has ended: a job may take its process along."""
    command = [sys.executable, __file__, "--end-with", str(os.getpid())]
    working: list[subprocess.Popen[bytes]] = []
    try:
        while _wanted(parent):
            working = [one for one in working if one.poll() is None]
            working += [_process(command) for _ in range(count - len(working))]
            time.sleep(REST_S)
    finally:
        for one in working:
            one.terminate()
        for one in working:
            one.wait()
    return Outcome([Text("工作进程已结束。", "the processes have ended.")], {"jobs": 0})


def _process(command: list[str]) -> "subprocess.Popen[bytes]":
    """Start ourselves once more, in a session of its own: Ctrl-C is for the parent, who tells us in order."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 our own program


def _wanted(parent: int | None) -> bool:
    return parent is None or os.getppid() == parent


if __name__ == "__main__":
    run(Text("在后台处理网页提交的长时间工作。", "Do the long work asked for in the browser."), add_options, work)
