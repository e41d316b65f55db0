"""What every program shares: language, progress, ``--json``, exit codes and one clear line for every error."""

import argparse
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

from _arguments import ArgumentError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from gis_service.config import Settings, read_settings
from gis_service.errors import DatabaseUnavailableError, GisServiceError, Text
from gis_service.workflows.progress import Report

ARGPARSE_WORDS = {
    r"the following arguments are required: ": "缺少参数 ",
    r"unrecognized arguments: ": "不认识的参数 ",
    r"invalid choice: (\S+) \(choose from (.*)\)": r"没有 \1 这个选项，可选 \2",
    r"expected (at least )?one argument": "后面缺少一个值",
}
"""What argparse itself says, in Chinese."""
STDOUT, STDERR = 1, 2
"""File descriptors."""
OUR_FAULT = 1
USERS_FAULT = 2


@dataclass(frozen=True)
class Outcome:
    """What a program has to say when it is done.

    Parameters
    ----------
    lines
        The human summary.
    data
        The object printed by ``--json``.
    faults
        What is our fault though the rest was done; told on standard error, and the program leaves with 1.
    """

    lines: list[Text]
    data: dict[str, Any]
    faults: tuple[Text, ...] = ()


class Parser(argparse.ArgumentParser):
    """An argument parser whose texts come in both languages."""

    def __init__(self, settings: Settings, description: Text) -> None:
        super().__init__(description=description.in_language(settings.language), exit_on_error=False)
        self.settings = settings

    def option(self, *names: str, help_text: Text, **options: Any) -> None:
        """Add one argument with its help in the language of the settings."""
        self.add_argument(*names, help=help_text.in_language(self.settings.language), **options)

    def read(self) -> argparse.Namespace:
        """Return the arguments of this start; leave with one clear line where they are at fault."""
        try:
            return self.parse_args()
        except argparse.ArgumentError as fault:
            # argparse keeps the sentence of a reader that refused only as the cause's cause
            said = fault.__context__.text if isinstance(fault.__context__, ArgumentError) else None
            wrong = fault.message if said is None else said.in_language(self.settings.language)
            self.error(f"{fault.argument_name}: {wrong}" if fault.argument_name else wrong)

    def error(self, message: str) -> NoReturn:
        """Print one line in the language of the settings and leave with 2."""
        said = message
        for pattern, words in ARGPARSE_WORDS.items():
            said = re.sub(pattern, words, said)
        text = Text(f"参数错误：{said}（用 --help 查看用法）", f"{message} (see --help)")
        print(text.in_language(self.settings.language), file=sys.stderr)
        sys.exit(USERS_FAULT)


@contextmanager
def progress(settings: Settings) -> Iterator[Report]:
    """Show progress on standard error while the block runs: bars on a terminal, a line a finished step elsewhere."""
    if not sys.stderr.isatty():
        yield lambda step, done, total: _line(step.in_language(settings.language), done, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: Text, done: int, total: int) -> None:
            description = step.in_language(settings.language)
            if description not in tasks and done == total:  # done when first told: news, not work to be waited for
                bars.console.print(description)
                return
            if description not in tasks:
                tasks[description] = bars.add_task(description, total=total or None)
            bars.update(tasks[description], completed=done, total=total or None)

        yield report


def _line(step: str, done: int, total: int) -> None:
    if done == total:
        print(f"{step}: {done}/{total}", file=sys.stderr, flush=True)


def _own_output() -> TextIO:
    """Return standard output for the outcome alone; what else is written there goes to standard error from now on.

    Solvers write lines of their own below Python, and the C library may hold them until the process ends: so it is
    never turned back.
    """
    sys.stdout.flush()
    output = os.fdopen(os.dup(STDOUT), "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)
    os.dup2(STDERR, STDOUT)
    return output


def run(
    description: Text,
    add_options: Callable[[Parser], None],
    work: Callable[[Settings, argparse.Namespace, Report], Outcome],
) -> None:
    """Parse, work, print, and leave with 0, 2 (the user's input is at fault) or 1 (ours).

    Parameters
    ----------
    description
        What the program does, for ``--help``.
    add_options
        Adds the program's own arguments.
    work
        Does it; opens and commits its own transaction.
    """
    try:
        settings = read_settings()
    except GisServiceError as error:
        print(error.text, file=sys.stderr)
        sys.exit(USERS_FAULT)
    parser = Parser(settings, description)
    add_options(parser)
    parser.option(
        "--json", action="store_true", help_text=Text("只在标准输出打印一个 JSON 对象", "print one JSON object")
    )
    arguments = parser.read()
    output = _own_output()
    try:
        with progress(settings) as report:
            outcome = work(settings, arguments, report)
    except GisServiceError as error:
        print(error.text.in_language(settings.language), file=sys.stderr)
        sys.exit(OUR_FAULT if isinstance(error, DatabaseUnavailableError) else USERS_FAULT)
    except KeyboardInterrupt:
        print(
            Text("已中断，未写入任何内容。", "interrupted; nothing was written").in_language(settings.language),
            file=sys.stderr,
        )
        sys.exit(130)
    except Exception:  # noqa: BLE001 the last line of defence: everything else is our fault and says so
        traceback.print_exc()
        print(
            Text("程序出错（不是您的数据的问题）。", "this is our fault, not your data's").in_language(
                settings.language
            ),
            file=sys.stderr,
        )
        sys.exit(OUR_FAULT)
    with output:
        if arguments.json:
            print(json.dumps(outcome.data, ensure_ascii=False, sort_keys=True, allow_nan=False), file=output)
        else:
            for line in outcome.lines:
                print(line.in_language(settings.language), file=output)
    for fault in outcome.faults:
        print(fault.in_language(settings.language), file=sys.stderr)
    if outcome.faults:
        sys.exit(OUR_FAULT)
