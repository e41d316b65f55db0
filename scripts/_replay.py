"""The option of programs whose runs can be computed once more."""

import argparse
from collections.abc import Callable

from _arguments import whole_number
from _program import Outcome, Parser

from gis_service import __version__
from gis_service.config import Settings
from gis_service.db.engine import Connection, begin
from gis_service.errors import InputError, Text
from gis_service.workflows.replays import Replayed

HIGHEST_RUN = 2**31 - 1
_ALONGSIDE = frozenset({"city", "json", "replay", "defaults_of"})


def add_replay_option(parser: Parser) -> None:
    """Add ``--replay``."""
    parser.option(
        "--replay",
        type=whole_number(1, HIGHEST_RUN),
        metavar="RUN",
        help_text=Text(
            "按存储的参数复算这一结果并逐字节比较；不写入任何内容",
            "compute this stored run once more and compare the bytes; nothing is written",
        ),
    )
    parser.set_defaults(defaults_of=parser)


def replay(
    settings: Settings, arguments: argparse.Namespace, compute: Callable[[Connection, str, int], Replayed]
) -> Outcome:
    """Compute the run that was asked for once more, and say whether it came out equal.

    Raises
    ------
    InputError
        Other options were given, which would do nothing: the rules are those of the run.
    """
    refuse_others(arguments)
    with begin(settings) as conn:
        done = compute(conn, arguments.city, arguments.replay)
    version, parts = done.software_version, len(done.hashes)
    data = {"city": arguments.city, "run": done.run_id, "stored_by_version": version, "hashes": dict(done.hashes)}
    data |= {"equal": not done.differing, "differing": list(done.differing)}
    if done.differing:
        zh, en = "、".join(done.differing), ", ".join(done.differing)
        fault = Text(
            f"结果 {done.run_id} 复算不一致（{zh}）：存储时的软件版本是 {version}，现在是 {__version__}",
            f"run {done.run_id} comes out different ({en}): stored by version {version}, this is {__version__}",
        )
        return Outcome([], data, faults=(fault,))
    line = Text(
        f"结果 {done.run_id} 复算一致：{parts} 个部分逐字节相同（存储时的软件版本 {version}）",
        f"run {done.run_id} comes out equal: {parts} parts, byte by byte (stored by version {version})",
    )
    return Outcome([line], data)


def refuse_others(arguments: argparse.Namespace) -> None:
    """Refuse options that would do nothing beside ``--replay``.

    Raises
    ------
    InputError
        There are such options.
    """
    parser = arguments.defaults_of
    given = [name for name, value in vars(arguments).items() if value != parser.get_default(name)]
    more = sorted(f"--{name.replace('_', '-')}" for name in given if name not in _ALONGSIDE)
    if more:
        raise InputError(
            Text(
                f"--replay 按存储的参数复算，不能与 {'、'.join(more)} 合用",
                f"--replay uses the rules of the run and does not go with {', '.join(more)}",
            )
        )
