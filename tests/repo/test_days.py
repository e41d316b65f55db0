"""That no day is asked for where a module is read, and that tests see one day only."""

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.days import seconds_to_wait

REPOSITORY = Path(__file__).resolve().parents[2]
CLOCKS = {"office_today", "day_ahead", "local_now", "today", "now", "utcnow"}
OF_THE_DATABASE = "func.now"  # a piece of SQL, whose clock is asked when it is run


def asked_when_read(source: str) -> list[int]:
    """Return the lines on which a module asks a clock as it is read, and not in a function that is called later."""
    waiting: list[ast.AST] = [ast.parse(source)]
    lines = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in CLOCKS:
            lines += [] if ast.unparse(node.func).endswith(OF_THE_DATABASE) else [node.lineno]
        if isinstance(node, ast.Lambda):
            waiting += [node.args]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, node.args]
        else:
            waiting += ast.iter_child_nodes(node)
    return sorted(lines)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("TODAY = office_today()", [1]),
        ("class A:\n    day = date.today()", [2]),
        ("def f(day=datetime.now(UTC)): ...", [1]),
        ("@parametrize([office_today()])\ndef f(): ...", [1]),
        ("def f():\n    return office_today()", []),
        ("later = lambda: office_today()", []),
    ],
)
def test_a_clock_asked_when_a_module_is_read_is_seen(source: str, lines: list[int]) -> None:
    assert asked_when_read(source) == lines


def test_no_module_keeps_the_day_on_which_it_was_read() -> None:
    """A server runs for weeks and the tests past midnight: what was today is not any more."""
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for folder in ("gis_service", "scripts", "tests")
        for path in sorted((REPOSITORY / folder).rglob("*.py"))
        for line in asked_when_read(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (datetime(2026, 11, 23, 15, 58, 30, tzinfo=UTC), 0.0),
        (datetime(2026, 11, 23, 15, 59, tzinfo=UTC), 60.0),
        (datetime(2026, 11, 23, 15, 59, 59, 999_999, tzinfo=UTC), 1e-6),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), 0.0),
        (datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC), 0.0),
    ],
)
def test_no_test_begins_right_before_midnight_in_the_office(moment: datetime, seconds: float) -> None:
    assert seconds_to_wait(moment) == seconds
