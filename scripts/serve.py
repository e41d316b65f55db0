#!/usr/bin/env python3
"""Serve the maps: gunicorn with threads, one address."""

import ipaddress
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from _arguments import whole_number
from _program import USERS_FAULT, Parser

from gis_service.config import PREFIX, REPOSITORY, read_settings
from gis_service.db import migrate
from gis_service.db.engine import reading
from gis_service.errors import GisServiceError, InputError, SetupError, Text
from gis_service.ingest.grid_phones import read_grid_phones


def main() -> None:
    """Check what must hold before the first request, then become gunicorn."""
    try:
        settings = read_settings()
    except GisServiceError as error:
        print(error.text, file=sys.stderr)
        sys.exit(USERS_FAULT)
    parser = Parser(settings, Text("启动网页服务。", "Serve the maps."))
    parser.option("--host", default="127.0.0.1", help_text=Text("监听地址", "address to listen on"))
    parser.option("--port", type=whole_number(1, 65535), default=8000, help_text=Text("端口", "port"))
    parser.option("--workers", type=whole_number(1, 64), default=2, metavar="N", help_text=Text("进程数", "processes"))
    parser.option(
        "--threads",
        type=whole_number(1, 64),
        default=4,
        metavar="N",
        help_text=Text("每个进程的线程数", "threads each"),
    )
    parser.option(
        "--jobs",
        type=whole_number(0, 16),
        default=1,
        metavar="N",
        help_text=Text("处理长时间工作的进程数", "processes for long work (see run_jobs.py)"),
    )
    parser.option(
        "--staff",
        action="store_true",
        help_text=Text("内部视图：显示网格与户数；只允许本机地址", "staff view: grids and counts; loopback only"),
    )
    arguments = parser.read()
    try:
        if arguments.staff or settings.staff_view:
            _refuse_public_address(arguments.host)
        _refuse_taken_port(arguments.host, arguments.port)
        if settings.grid_phones is not None:
            read_grid_phones(settings.grid_phones)  # a fault in the file is told here, in one line
        with reading(settings) as conn:
            migrate.require_current(conn)  # before the first visitor meets a database without tables
    except GisServiceError as error:
        print(error.text.in_language(settings.language), file=sys.stderr)
        sys.exit(USERS_FAULT)
    environment = dict(os.environ)
    if arguments.staff:
        environment[f"{PREFIX}STAFF_VIEW"] = "1"
    # One key for all workers; without a key of its own an installation signs people out at every start.
    environment.setdefault(f"{PREFIX}SECRET_KEY", secrets.token_hex(32))
    address = f"[{arguments.host}]:{arguments.port}" if ":" in arguments.host else f"{arguments.host}:{arguments.port}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "gis_service.app:create_served_app()",
        "--preload",
        "--config=python:gis_service.web.server_hooks",
        f"--bind={address}",
        f"--workers={arguments.workers}",
        "--worker-class=gthread",
        f"--threads={arguments.threads}",
        "--graceful-timeout=5",
        "--log-level=warning",
        f"--chdir={REPOSITORY}",
    ]
    if arguments.jobs:
        _start_jobs(arguments.jobs, environment)
    ready = Text(f"http://{address}/  （Ctrl-C 停止）", f"http://{address}/  (Ctrl-C stops)")
    print(ready.in_language(settings.language), file=sys.stderr, flush=True)
    os.execve(sys.executable, command, environment)  # noqa: S606 our own interpreter with our own arguments


def _start_jobs(count: int, environment: dict[str, str]) -> None:
    """Start what does the long work; it ends with gunicorn, which is what this process becomes."""
    program = Path(__file__).with_name("run_jobs.py")
    command = [sys.executable, str(program), "--keep", str(count), "--end-with", str(os.getpid())]
    # In a session of its own, so that Ctrl-C ends gunicorn first and the work then stops in order.
    subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 our own program


def _refuse_public_address(host: str) -> None:
    try:
        loopback = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise InputError(
            Text(
                f"内部视图会显示户数，只能监听本机地址，不能用 {host}；请去掉 --staff 或改用 127.0.0.1",
                f"the staff view shows household figures and listens on the loopback only, not on {host}; "
                "leave out --staff or use 127.0.0.1",
            )
        )


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise SetupError(
                Text(f"端口 {port} 不能用（{fault.strerror}），请用 --port 换一个", f"port {port}: {fault.strerror}")
            ) from fault


if __name__ == "__main__":
    main()
