"""What every program promises of its output, whatever the libraries under it write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NOISY = """
import ctypes, os
from _program import Outcome, run
from gis_service.errors import Text

def work(settings, arguments, report):
    os.write(1, b"a line of a library\\n")
    ctypes.CDLL(None).puts(b"a line the C library keeps until the end")
    print("a line of Python")
    return Outcome([Text("一句话", "a sentence")], {"answer": "答"})

run(Text("试", "try"), lambda parser: None, work)
"""
PARTIAL = """
from _program import Outcome, run
from gis_service.errors import Text

def work(settings, arguments, report):
    return Outcome([Text("其余完成", "the rest is done")], {"done": 2}, (Text("缺了一个", "one is missing"),))

run(Text("试", "try"), lambda parser: None, work)
"""


@pytest.fixture(scope="module")
def started():
    def start(*arguments: str, program: str = NOISY) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, *arguments]
        environment = os.environ | {"PYTHONPATH": f"{SCRIPTS}:{SCRIPTS.parent}", "GIS_SERVICE_LANGUAGE": "zh"}
        return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)

    return start


def test_json_is_one_object_whatever_libraries_write_below(started):
    done = started("--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"answer": "答"}
    for line in ("a line of a library", "a line the C library keeps until the end", "a line of Python"):
        assert line in done.stderr


def test_the_summary_is_all_that_standard_output_says(started):
    assert started().stdout == "一句话\n"


def test_what_is_done_in_part_is_told_in_full_and_leaves_with_one(started):
    summary, plain = started(program=PARTIAL), started("--json", program=PARTIAL)
    assert (summary.returncode, summary.stdout, summary.stderr) == (1, "其余完成\n", "缺了一个\n")
    assert (plain.returncode, json.loads(plain.stdout), plain.stderr) == (1, {"done": 2}, "缺了一个\n")
