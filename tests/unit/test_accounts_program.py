"""What the program that makes accounts tells whoever makes several at once."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
MAKE_TWO = """
from argparse import Namespace
from accounts import _password

for login in ("planner", "reviewer"):
    print(_password(Namespace(ask_password=False, login=login)))
"""


def test_every_first_password_is_shown_with_the_login_it_is_for() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", MAKE_TWO], cwd=SCRIPTS, capture_output=True, encoding="utf-8", check=True
    )
    for login, password, line in zip(("planner", "reviewer"), ran.stdout.split(), ran.stderr.splitlines(), strict=True):
        assert line.startswith(f"{login} ")
        assert line.endswith(f": {password}")
